"""Back-tests on SSB's figures: codes arrive to the person, and the page says what they say."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from navplan.population import past_errors

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import back_test

pytestmark = pytest.mark.real

DIVIDED = {"1508", "1580", "1806", "1875", "5055", "5056", "5059"}


@pytest.fixture(scope="module")
def kommuner(shared: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    return back_test.read_kommuner(shared)


@pytest.fixture(scope="module")
def errors(shared: Path) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    return back_test.back_test_kommuner(shared)


@pytest.fixture(scope="module")
def scores(shared: Path) -> pd.DataFrame:
    table = shared / "bergen" / "population_age_sex_2005_2026.csv"
    return back_test.back_test_bydeler(table)


def test_every_code_of_2016_arrives_at_a_code_of_2024(
    kommuner: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    projected, actual = kommuner
    changes, _ = back_test.read_codes()
    weights = back_test.weights_to_2024(projected, changes)
    today = set(actual.loc[actual["year"] == 2024, "kommune"])
    assert set(weights.table["new"]) == today
    assert weights.table["old"].nunique() == 428
    assert set(weights.splits["new"]) == DIVIDED
    carried = weights.carry(projected)
    years = projected.groupby("year")["people"].sum()
    assert carried.groupby("year")["people"].sum().to_dict() == years.to_dict()


def test_figures_of_2016_are_those_that_came(kommuner: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    projected, actual = kommuner
    changes, moves = back_test.read_codes()
    carried = back_test.weights_to_2024(projected, changes).carry(projected)
    both = carried[carried["year"] == 2016].merge(actual[actual["year"] == 2016], on="kommune")
    other = both[both["people_x"] != both["people_y"]]
    assert set(other["kommune"]) <= DIVIDED  # the source halves them before
    assert (other["people_x"] / other["people_y"] - 1).abs().max() < 0.004
    then, came = back_test.common_areas(projected, actual, changes, moves)
    areas = then[then["year"] == 2016].merge(came[came["year"] == 2016], on="area")
    assert len(areas) == then["area"].nunique()
    assert (areas["people_x"] / areas["people_y"] - 1).abs().max() < 0.002


def test_the_committed_errors_are_those_of_the_data(
    errors: tuple[dict[str, pd.DataFrame], pd.DataFrame],
) -> None:
    tables, rows = errors
    assert (rows.groupby("horizon").size() == rows["area"].nunique()).all()
    columns = ["size", "horizon", "areas", "p10", "median", "p90", "mape"]
    pd.testing.assert_frame_equal(
        past_errors()[columns], tables["SSB"][columns].round(4), check_dtype=False
    )
    # what the page says: better than knowing nothing after ten years, most in large kommuner
    mape = {
        name: table.set_index(["size", "horizon"])["mape"].to_dict()
        for name, table in tables.items()
    }
    for peer in ("no change", "growth goes on"):
        assert mape["SSB"]["all", 10] < mape[peer]["all", 10]
        assert mape["SSB"]["50000+", 10] < mape[peer]["50000+", 10] / 2


def test_which_share_method_was_best_in_bergen(scores: pd.DataFrame) -> None:
    plain = scores[scores["base"] >= 2010]
    groups = ["mape", "all ages", *back_test.AGES]
    means = plain.groupby(["horizon", "method"])[groups].mean()
    mixed = "constant share under 60, cohort share over"
    for horizon in back_test.HORIZONS:
        own = means.loc[horizon]
        assert (own.loc[mixed] <= own.min() + 0.0005).all()  # to the decimal shown
        assert (
            own.loc["constant share", "mape"] < own.loc["cohort share, ratios of 5 years", "mape"]
        )
        assert own.loc["constant share", "80+"] > 2 * own.loc[mixed, "80+"]


def test_the_page_is_the_one_the_script_writes(
    errors: tuple[dict[str, pd.DataFrame], pd.DataFrame], scores: pd.DataFrame, root: Path
) -> None:
    written = (root / "docs" / "back-tests.md").read_text("utf-8")
    assert back_test.page(*errors, scores) == written
