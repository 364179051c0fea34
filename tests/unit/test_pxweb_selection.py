"""What a query stands for: codes and expressions, checked, counted and split."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.sources.jsonstat import Variable
from navplan.sources.pxweb.selection import cells, expand, parts

VARIABLES = (
    Variable("Region", "region", {"1804": "Bodø", "1806": "Narvik", "4601": "Bergen", "x,y": "Z"}),
    Variable("Tid", "år", {str(y): str(y) for y in range(2020, 2027)}, role="time"),
    Variable("Kjonn", "kjønn", {"1": "Menn", "2": "Kvinner"}, elimination=True),
)


@pytest.mark.parametrize(
    ("expression", "codes"),
    [
        ("18*", ["1804", "1806"]),
        ("180?", ["1804", "1806"]),
        ("*", ["1804", "1806", "4601", "x,y"]),
        ("[x,y]", ["x,y"]),
        ("x,y", ["x,y"]),
        ("top(1)", ["1804"]),
        ("bottom(1)", ["x,y"]),
        ("range(1804,4601)", ["1804", "1806", "4601"]),
        ("from(4601)", ["4601", "x,y"]),
        ("TO(1806)", ["1804", "1806"]),
    ],
)
def test_expressions(expression: str, codes: list[str]) -> None:
    chosen = expand({"Region": [expression], "Tid": ["2026"]}, VARIABLES, lists={}, where="t")
    assert chosen == {"Region": codes, "Tid": ["2026"]}


@pytest.mark.parametrize(
    ("expression", "years"),
    [
        ("top(2)", ["2025", "2026"]),
        ("top(1,1)", ["2025"]),
        ("top(99)", [str(y) for y in range(2020, 2027)]),
        ("bottom(2)", ["2020", "2021"]),
        ("bottom(2, 1)", ["2021", "2022"]),
    ],
)
def test_the_top_of_time_is_the_newest(expression: str, years: list[str]) -> None:
    chosen = expand({"Region": ["1804"], "Tid": [expression]}, VARIABLES, lists={}, where="t")
    assert chosen["Tid"] == years


@pytest.mark.parametrize(
    "expression",
    ["9*", "top(x)", "top()", "top(1,2,3)", "range(1804)", "from(9)", "range(4601,1804)"],
)
def test_expressions_that_stand_for_nothing_are_refused(expression: str) -> None:
    with pytest.raises(InputError, match="is no code of the table"):
        expand({"Region": [expression], "Tid": ["2026"]}, VARIABLES, lists={}, where="t")


def cell_set(chosen: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    return list(itertools.product(*chosen.values()))


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.integers(1, 200),
)
def test_parts_cover_everything_once_within_the_limit(sizes: list[int], limit: int) -> None:
    chosen = {f"v{n}": [str(code) for code in range(size)] for n, size in enumerate(sizes)}
    found = list(parts(chosen, limit))
    assert all(cells(part) <= limit for part in found)
    together = [cell for part in found for cell in cell_set(part)]
    assert sorted(together) == sorted(cell_set(chosen))
    if len(found) > 1:
        assert cells(chosen) > limit


def test_a_split_takes_the_variable_that_needs_the_fewest_queries() -> None:
    chosen = {"Region": list("abcde"), "Alder": [str(n) for n in range(100)]}
    # by region one query holds two (3 queries); by age 49 of 100 (3 queries); 250: two by age
    assert len(list(parts(chosen, 250))) == 2
    assert len(list(parts(chosen, 245))) == 3
    assert [len(part["Region"]) for part in parts(chosen, 100)] == [1] * 5
