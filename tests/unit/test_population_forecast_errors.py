"""How wrong a projection was, and an outlook that is as wrong again."""

from __future__ import annotations

import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.population import (
    forecast_errors,
    forecast_interval,
    low_and_high,
    past_errors,
    size_class,
    summarise_errors,
)


def figures(**areas: list[float]) -> pd.DataFrame:
    rows = [
        (area, 2016 + number, people)
        for area, counts in areas.items()
        for number, people in enumerate(counts)
    ]
    return pd.DataFrame(rows, columns=["area", "year", "people"])


def table(p10: float = -0.2, p90: float = 0.25) -> pd.DataFrame:
    sizes = ["0-1999", "2000-4999"]
    return pd.DataFrame({"size": sizes, "horizon": 10, "p10": p10, "median": 0.0, "p90": p90})


def people(**places: list[int]) -> pd.DataFrame:
    rows = [
        (place, year, kind, age, count)
        for place, counts in places.items()
        for (year, kind), pair in {(2026, "actual"): counts[:2], (2036, "MMMM"): counts[2:]}.items()
        for age, count in zip(("0-66", "67+"), pair, strict=True)
    ]
    return pd.DataFrame(rows, columns=["place", "year", "alternative", "age", "people"])


def test_size_classes() -> None:
    assert [size_class(n) for n in (0, 1999, 2000, 49_999, 50_000, 700_000)] == [
        "0-1999", "0-1999", "2000-4999", "20000-49999", "50000+", "50000+",
    ]  # fmt: skip
    with pytest.raises(InputError, match="nan residents in the base year"):
        size_class(float("nan"))


def test_errors_by_hand() -> None:
    made = forecast_errors(
        figures(a=[100, 110, 120], b=[3000, 2700]),
        figures(a=[100, 100, 150], b=[3000, 3000]),
        base_year=2016,
    )
    assert made[["area", "horizon", "size"]].to_numpy().tolist() == [
        ["a", 1, "0-1999"],
        ["a", 2, "0-1999"],
        ["b", 1, "2000-4999"],
    ]
    assert made["error"].tolist() == pytest.approx([0.1, -0.2, -0.1])


def test_summary_by_hand() -> None:
    errors = pd.DataFrame(
        {"size": "0-1999", "horizon": 5, "error": [-0.1, 0.0, 0.1, 0.2, 0.3], "area": list("abcde")}
    )
    made = summarise_errors(errors)
    assert made["size"].tolist() == ["0-1999", "all"]
    row = made.iloc[0]
    assert row["areas"] == 5
    assert row[["p10", "median", "p90", "mape"]].tolist() == pytest.approx([-0.06, 0.1, 0.26, 0.14])


def test_a_year_without_actual_figures_is_named() -> None:
    with pytest.raises(InputError, match="a, 2017: no residents to compare with"):
        forecast_errors(figures(a=[100, 110]), figures(a=[100]), base_year=2016)
    with pytest.raises(InputError, match="a, 2015: no figure in the base year"):
        forecast_errors(figures(a=[100]), figures(a=[100]), base_year=2015)


def test_interval_by_hand() -> None:
    # 25 % too many projected: 1000 stood for 800; 20 % too few: for 1250
    low, high = forecast_interval(1000, horizon=10, size=1500, errors=table())
    assert (low, high) == pytest.approx((800, 1250))
    with pytest.raises(InputError, match="no past errors for 0-1999 residents after 14 years"):
        forecast_interval(1000, horizon=14, size=1500, errors=table())


def test_the_errors_that_come_with_navplan() -> None:
    past = past_errors()
    assert set(past["horizon"]) == set(range(1, 11))
    assert (past[["p10", "median"]].to_numpy() <= past[["median", "p90"]].to_numpy()).all()
    assert past["source"].str.contains("back_test").all()
    low, high = forecast_interval(60_000, horizon=10, size=52_000)
    assert 50_000 < low < 60_000 < high < 70_000


def test_low_and_high_outlooks_keep_each_kommunes_shares() -> None:
    given = people(a=[500, 500, 600, 200], b=[400, 100, 150, 50])
    kommuner = pd.Series({"a": "1804", "b": "1804"})
    given["source"], given["quality"] = "SSB", "official"
    made = low_and_high(
        given, kommuner=kommuner, alternative="MMMM", year=2036, base=(2026, "actual"),
        errors=table(),
    )  # fmt: skip
    assert made.groupby("alternative")["people"].sum().to_dict() == {
        "MMMM-high": 1250,
        "MMMM-low": 800,
    }
    low = made[made["alternative"] == "MMMM-low"]
    assert low["people"].tolist() == [480, 160, 120, 40]
    assert set(made["quality"]) == {"assumption"}
    assert set(made["source"]) == {"SSB; as wrong as SSB's projection of 2016 (back-test)"}


def test_outlooks_that_are_not_there() -> None:
    given = people(a=[500, 500, 600, 200])
    none = pd.Series({"b": "1804"})
    with pytest.raises(InputError) as caught:
        low_and_high(given, kommuner=none, alternative="HHMH", year=2036, base=(2025, "actual"))
    assert "2025 actual: there are no rows of this outlook." in str(caught.value)
    assert "2036 HHMH: there are no rows of this outlook." in str(caught.value)
    later = given[given["year"] == 2036]
    both = pd.concat([given, later.assign(place="b")], ignore_index=True)
    homes = pd.Series({"a": "1804", "b": "1806"})
    with pytest.raises(InputError, match="kommune 1806, 2026 actual: there are no rows of it"):
        low_and_high(both, kommuner=homes, alternative="MMMM", year=2036, base=(2026, "actual"))
    with pytest.raises(InputError, match="place a: its kommune is not known"):
        low_and_high(given, kommuner=none, alternative="MMMM", year=2036, base=(2026, "actual"))
