"""What is hidden in the published tables, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from navplan.compare import COLUMNS
from navplan.results import publish

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
