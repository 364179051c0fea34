"""Cells: residents by age to the person, and none so few that they could be known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.measures.disclosure import mask_small
from navplan.population import merge_small_cells, people_of_cells


def cells(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["cell", "area", "x", "y", "people"])


def into(table: pd.DataFrame) -> dict[str, str]:
    made = merge_small_cells(table)
    return dict(zip(made["cell"], made["into"], strict=True))


def test_residents_of_cells_by_hand() -> None:
    areas = pd.DataFrame(
        {
            "area": ["north", "north", "south"],
            "year": 2026,
            "age": ["0-66", "67+", "0-66"],
            "people": [60, 30, 7],
        }
    )
    grid = cells(("a", "north", 0, 0, 20), ("b", "north", 1, 0, 10), ("c", "south", 2, 0, 1))
    made = people_of_cells(areas, grid)
    assert list(made.columns) == ["cell", "year", "age", "people"]
    assert made[["cell", "age", "people"]].to_numpy().tolist() == [
        ["a", "0-66", 40],
        ["a", "67+", 20],
        ["b", "0-66", 20],
        ["b", "67+", 10],
        ["c", "0-66", 7],
    ]


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(any),
    st.lists(st.integers(0, 300), min_size=1, max_size=5),
)
def test_cells_keep_every_age_and_their_share(grid: list[int], ages: list[int]) -> None:
    areas = pd.DataFrame({"area": "north", "age": range(len(ages)), "people": ages})
    held = cells(*((f"c{n}", "north", n, 0, people) for n, people in enumerate(grid)))
    made = people_of_cells(areas, held)
    assert made.groupby("age")["people"].sum().tolist() == ages
    exact = np.array(grid) * sum(ages) / sum(grid)
    assert (np.abs(made.groupby("cell")["people"].sum() - exact) < 1 + 1e-9).all()


def test_residents_without_a_cell_and_rows_that_stand_twice() -> None:
    areas = pd.DataFrame({"area": ["4601", "460101"], "age": "0+", "people": [5, 6]})
    with pytest.raises(InputError, match="area 4601: no inhabited cell for 5 residents"):
        people_of_cells(areas, cells(("a", "460101", 0, 0, 3)))
    twice = cells(("a", "4601", 0, 0, 3), ("a", "460101", 0, 0, -3))
    with pytest.raises(InputError) as caught:
        people_of_cells(pd.concat([areas, areas], ignore_index=True), twice)
    message = str(caught.value)
    assert "cells: row 3, people: -3 is no number of people" in message
    assert "cells: row 3, cell: 'a' stands twice." in message
    assert "residents: row 4: the same area and age stand twice." in message


def test_areas_without_people_need_no_cells() -> None:
    nobody = pd.DataFrame({"area": ["4601"], "age": "0+", "people": [0]})
    made = people_of_cells(nobody, cells(("a", "1804", 0, 0, 3)))
    assert made.empty
    assert list(made.columns) == ["cell", "age", "people"]
    assert merge_small_cells(cells()).empty


def test_a_cell_without_position_is_no_neighbour() -> None:
    lost = cells(("a", "north", 0, 0, 4), ("b", "north", float("nan"), 0, 20))
    with pytest.raises(InputError, match="row 3, x and y: has no position"):
        merge_small_cells(lost)


def test_a_small_cell_joins_the_nearest_of_its_own_area() -> None:
    table = cells(
        ("a", "north", 0, 0, 4),
        ("b", "north", 500, 0, 40),
        ("c", "south", 250, 0, 90),  # nearer, but another area
        ("d", "north", 900, 0, 0),  # nobody to join
    )
    assert into(table) == {"a": "b", "b": "b", "c": "c", "d": "d"}


def test_the_larger_keeps_its_place_and_merging_goes_on() -> None:
    table = cells(
        ("a", "north", 0, 0, 2),
        ("b", "north", 250, 0, 3),
        ("c", "north", 1000, 0, 6),
        ("d", "north", 5000, 0, 10),
    )
    # 2 joins 3; the five at b join the six at c: eleven, at c
    assert into(table) == {"a": "c", "b": "c", "c": "c", "d": "d"}
    assert into(table.iloc[::-1]) == into(table)


def test_of_equals_the_smaller_id() -> None:
    table = cells(("b", "north", 0, 0, 5), ("a", "north", 250, 0, 5), ("c", "north", -250, 0, 5))
    # a is first; b is its nearest; a stays and holds ten; c joins it
    assert into(table) == {"a": "a", "b": "a", "c": "a"}


def test_every_figure_that_is_to_be_shown() -> None:
    table = cells(("a", "north", 0, 0, 30), ("b", "north", 250, 0, 50)).assign(old=[0, 12])
    assert merge_small_cells(table, figures=("people", "old"))["into"].tolist() == ["a", "b"]
    table["old"] = [1, 12]
    assert merge_small_cells(table, figures=("people", "old"))["into"].tolist() == ["b", "b"]


def test_an_area_with_fewer_than_ten_is_named() -> None:
    table = cells(("a", "north", 0, 0, 4), ("b", "north", 1, 0, 5), ("c", "south", 0, 0, 50))
    with pytest.raises(InputError) as caught:
        merge_small_cells(table)
    assert (
        "area north: has fewer than 10 people altogether (people), which is not shown. Join it"
    ) in str(caught.value)
    with pytest.raises(InputError, match=r"row 2, people: 4\.5 is no number of people"):
        merge_small_cells(table.assign(people=[4.5, 5.0, 50.0]))


counted = st.lists(
    st.tuples(st.sampled_from("NS"), st.integers(0, 9), st.integers(0, 9), st.integers(0, 25)),
    min_size=1,
    max_size=25,
)


def held(rows: list[tuple[str, int, int, int]]) -> pd.DataFrame | None:
    table = cells(*((f"c{n:02}", a, x, y, people) for n, (a, x, y, people) in enumerate(rows)))
    sums = table.groupby("area")["people"].sum()
    return None if ((sums > 0) & (sums < 10)).any() else table


@given(counted)
def test_nobody_is_lost_and_nothing_small_is_left(rows: list[tuple[str, int, int, int]]) -> None:
    table = held(rows)
    if table is None:
        return
    made = table.merge(merge_small_cells(table), on="cell")
    joined = made.groupby("into")["people"].sum()
    assert ((joined == 0) | (joined >= 10)).all()
    assert joined.sum() == table["people"].sum()
    area = table.set_index("cell")["area"]
    assert (made["area"] == made["into"].map(area)).all()
    assert all(into in own for into, own in made.groupby("into")["cell"].agg(set).items())


@given(counted, st.data())
def test_what_changes_between_two_scenarios_needs_no_mask(
    rows: list[tuple[str, int, int, int]], data: st.DataObject
) -> None:
    table = held(rows)
    if table is None:
        return
    merged = table.merge(merge_small_cells(table), on="cell").groupby("into")["people"].sum()
    office = st.lists(st.sampled_from("AB"), min_size=len(merged), max_size=len(merged))
    before, after = np.array(data.draw(office)), np.array(data.draw(office))
    moved = [
        merged[(before == one) & (after == other)].sum() for one, other in (("A", "B"), ("B", "A"))
    ]
    visits = [merged[offices == one].sum() for offices in (before, after) for one in "AB"]
    assert not np.isnan(mask_small(np.array([*moved, *visits], dtype=float))).any()
    assert not np.isnan(mask_small(merged.to_numpy(dtype=float), whole=merged.sum())).any()


def test_unmerged_cells_would_be_masked() -> None:
    # three people move from one office to the other: the difference of its two counts shows them
    table = pd.Series({"a": 3, "b": 40, "c": 50})
    offices = pd.DataFrame({"before": list("AAB"), "after": list("BAB")}, index=list("abc"))
    counts = {when: table[offices[when] == "A"].sum() for when in offices}
    assert counts == {"before": 43, "after": 40}
    assert np.isnan(mask_small(np.array([counts["after"]]), whole=np.array([43])))[0]
