"""What is hidden in the published tables, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.compare import COLUMNS
from navplan.results import publish
from navplan.units import LEAST_PEOPLE

NAN = float("nan")


def rows(
    values: dict[str, float],
    *,
    by: str = "all",
    group: str = "all",
    people: float,
    share: float = 0,
) -> list[tuple[object, ...]]:
    """Rows of a comparison of one scenario."""
    units = {"person_hours_year": "h", "mean_minutes": "min"}
    return [
        ("s", "now", "car", by, group, measure, value, units.get(measure, "persons"), share, people)
        for measure, value in values.items()
    ]


def table(*parts: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame([row for part in parts for row in part], columns=list(COLUMNS))


def areas() -> pd.DataFrame:
    """Five people in A, so that B, the smallest other, is hidden with it."""
    counts = {"A": 5.0, "B": 50.0, "C": 200.0}
    parts = [rows({"within_15": n}, by="area", group=g, people=n) for g, n in counts.items()]
    return table(rows({"within_15": 255.0}, people=255), *parts)


def test_a_small_step_from_one_limit_to_the_next_is_hidden():
    found = table(rows({"within_15": 100, "within_30": 105, "within_45": 120}, people=1000))
    shown = publish.publishable_comparison(found)
    np.testing.assert_array_equal(shown["value"], [100, NAN, 120])


def test_hours_beside_a_small_share_are_hidden_and_the_share_is_raised_to_ten():
    found = table(rows({"person_hours_year": 500, "mean_minutes": 15}, people=1000, share=0.003))
    shown = publish.publishable_comparison(found)
    np.testing.assert_array_equal(shown["value"], [NAN, 15])
    np.testing.assert_allclose(shown["share_without_time"], 0.01)


def test_a_share_that_leaves_a_few_with_a_time_is_lowered_to_all_but_ten():
    people = np.array([1000.0, 1000.0, 4.0, 0.0, 1000.0])
    share = np.array([0.995, 0.5, 0.5, NAN, 0.0])
    shown = publish.published_share(share, people)
    np.testing.assert_allclose(shown, [0.99, 0.5, 1.0, NAN, 0.0])


def test_an_area_that_would_follow_from_the_rest_is_hidden_with_its_counts():
    shown = publish.publishable_comparison(areas()).set_index("group")
    np.testing.assert_array_equal(shown.loc[["A", "B", "C"], "people"], [NAN, NAN, 200])
    np.testing.assert_array_equal(shown.loc[["A", "B", "C"], "value"], [NAN, NAN, 200])
    assert publish.hidden_groups(areas(), "area") == {"now": {"A", "B"}}


def test_the_zones_of_a_hidden_area_are_hidden_since_they_would_add_up_to_it():
    zones = pd.DataFrame(
        {
            "zone": list("abcdefg"),
            "area": ["B", "B", "C", "C", "C", "D", "D"],
            "people_now": [20, 30, 4, 60, 136, 70, 80],
        }
    )
    shown = publish.publishable_zones(zones, {"now": {"B"}})
    np.testing.assert_array_equal(shown["people_now"], [NAN, NAN, NAN, NAN, 136, 70, 80])


def test_cells_of_hidden_areas_and_ages_are_hidden_since_they_would_add_up():
    cells = pd.DataFrame(
        [("now", a, age, 50) for a in ("A", "B", "C") for age in ("0-17", "18-66", "67+")],
        columns=["outlook", "area", "age", "people"],
    )
    shown = publish.publishable_outlooks(cells, {"now": {"A"}}, {"now": {"67+"}})
    wide = shown.set_index(["area", "age"])["people"].unstack()
    np.testing.assert_array_equal(wide, [[NAN] * 3, [50, 50, NAN], [50, 50, NAN]])
    small = cells.assign(people=[5, *[50] * 8])
    square = publish.publishable_outlooks(small, {}, {})["people"]
    np.testing.assert_array_equal(square, [NAN, NAN, 50, NAN, NAN, 50, 50, 50, 50])


def test_the_share_of_a_ranking_never_says_nobody_where_there_is_somebody():
    ranking = pd.DataFrame({"outlook": ["now"] * 3, "share_without_time": [0.0, 0.002, 0.5]})
    shown = publish.publishable_ranking(ranking, {"now": 1000.0})
    np.testing.assert_allclose(shown["share_without_time"], [0, 0.01, 0.5])


def differences(shares: pd.Series | np.ndarray, people: float) -> np.ndarray:
    """People that the difference of any two shares stands for."""
    values = np.asarray(shares, dtype=float)
    return np.abs(values[:, None] - values[None, :]).ravel() * people


def test_an_unlinked_place_of_six_does_not_follow_from_two_shares():
    # 376 lack a time in one structure and 6 more in another; and all but those.
    counts = np.array([0, 6, 370, 376, 382, 6225, 6231, 6595, 6601])
    ranking = pd.DataFrame({"outlook": "now", "share_without_time": counts / 6601})
    shown = publish.publishable_ranking(ranking, {"now": 6601.0})["share_without_time"]
    np.testing.assert_allclose(shown, [0, 0.01, 0.06, 0.06, 0.06, 0.94, 0.94, 0.99, 1])
    apart = differences(shown, 6601)
    assert not ((apart > 1e-6) & (apart < LEAST_PEOPLE)).any()
    assert not (np.abs(shown.iloc[3] + shown.iloc[6] - 1) * 6601 > 1e-6)


def test_an_unlinked_place_does_not_follow_from_the_shares_of_its_group():
    counts = np.array([0, 6, 94, 100, 106, 365, 366, 370, 376])
    parts = [
        rows({"mean_minutes": 15}, by="area", group="A", people=376, share=n / 376) for n in counts
    ]
    shown = publish.publishable_comparison(table(*parts))["share_without_time"]
    steps = np.array([0, 1, 9, 10, 10, 36, 36, 36, 37])
    np.testing.assert_allclose(shown, steps / 37)
    apart = differences(shown, 376)
    assert not ((apart > 1e-6) & (apart < LEAST_PEOPLE)).any()


@given(st.data(), st.integers(20, 300_000), st.integers(1, LEAST_PEOPLE - 1))
def test_the_difference_of_two_published_shares_is_whole_steps(data, people, few):
    count = data.draw(st.integers(0, people - few))
    shares = np.array([count, count + few]) / people
    shown = publish.published_share(shares, np.full(2, float(people)))
    step = 1 / min(people // LEAST_PEOPLE, 100)
    assert step >= max(0.01, LEAST_PEOPLE / people) * (1 - 1e-12)
    steps = (shown[1] - shown[0]) / step
    assert steps == pytest.approx(round(steps), abs=1e-6)
    assert steps >= -1e-6
    assert not 0.5 < (shown[1] - shown[0]) * people < LEAST_PEOPLE - 1e-6
    np.testing.assert_array_equal(shown == 0, shares == 0)
    np.testing.assert_array_equal(shown == 1, shares == 1)
    np.testing.assert_allclose(shown, shares, atol=1.5 * step)


def test_a_group_of_fewer_than_twenty_says_only_nobody_some_or_everybody():
    shown = publish.published_share(np.arange(16) / 15, np.full(16, 15.0))
    np.testing.assert_allclose(shown, [0, *[10 / 15] * 14, 1])
    assert publish.published_share(np.array([0.3]), np.array([10.0])) == 1
