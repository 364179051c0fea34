"""Residents: outlooks, checks, age groups to the person."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.population import check_people, group_ages, population_from_table


def people() -> pd.DataFrame:
    rows = [
        (place, year, "actual", age, count * (2 if year == 2026 else 1))
        for year in (2018, 2026)
        for place, age, count in [("a", "0-17", 1), ("a", "18+", 2), ("b", "0-17", 4),
                                  ("b", "18+", 8)]
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["place", "year", "alternative", "age", "people"])


def test_one_outlook_with_its_ages_and_total() -> None:
    made = population_from_table(
        people(), name="now", year=2026, alternative="actual", places=["b", "a"]
    )
    assert made.ages == ("0-17", "18+")
    assert made.people.to_dict() == {"b": 24, "a": 6}
    assert made.name == "now"


def test_unknown_outlook_says_what_there_is() -> None:
    with pytest.raises(InputError, match="2018 actual, 2026 actual"):
        population_from_table(people(), name="x", year=2040, alternative="main", places=["a", "b"])


def test_faults_of_the_rows_come_together_and_only_those_of_the_outlook() -> None:
    table = people()
    table.loc[0, "people"] = -1
    table.loc[2, "place"] = "c"
    table.loc[7, "people"] = None  # of 2026: not asked for
    with pytest.raises(InputError) as caught:
        population_from_table(table, name="x", year=2018, alternative="actual", places=["a", "b"])
    assert [(fault.key, fault.problem[:12]) for fault in caught.value.faults] == [
        ("row 4, place", "'c' is no pl"),
        ("row 2, people", "-1.0 is no n"),
        ("2018 actual", "1 of 2 age g"),
    ]
    assert any(fault.key == "row 9, people" for fault in check_people(table, places=["a", "b"]))


def test_rows_that_stand_twice_and_places_without_rows() -> None:
    table = pd.concat([people(), people().iloc[[0]]], ignore_index=True)
    found = check_people(table, places=["a", "b", "d"])
    assert [fault.key for fault in found] == ["row 10", "2018 actual", "2026 actual"]
    assert check_people(people(), places=["a", "b"]) == []


def test_age_groups() -> None:
    table = pd.DataFrame(
        {"area": ["A"] * 5, "age": [0, 17, 18, 66, 105], "people": [1, 2, 4, 8, 16]}
    )
    made = group_ages(table, starts=(0, 18, 67))
    assert made.to_dict("records") == [
        {"area": "A", "age": "0-17", "people": 3},
        {"area": "A", "age": "18-66", "people": 12},
        {"area": "A", "age": "67+", "people": 16},
    ]


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("AB"), st.integers(0, 110), st.integers(0, 10_000)), min_size=1
    ),
    starts=st.sets(st.integers(1, 100), max_size=6),
)
def test_nobody_is_lost_by_grouping(rows: list[tuple[str, int, int]], starts: set[int]) -> None:
    table = pd.DataFrame(rows, columns=["area", "age", "people"])
    made = group_ages(table, starts=(0, *sorted(starts)))
    before = table.groupby("area")["people"].sum()
    assert made.groupby("area")["people"].sum().to_dict() == before.to_dict()


def test_bad_ages_and_starts_come_together() -> None:
    table = pd.DataFrame({"age": [-1, 2], "people": [3, None]})
    with pytest.raises(InputError) as caught:
        group_ages(table, starts=(5, 3))
    assert len(caught.value.faults) == 3
