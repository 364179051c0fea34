"""Tables fitted to margins and rounded within them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.population import fit_table, round_table

tables = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 40), min_size=columns, max_size=columns), min_size=1, max_size=5
    )
)


def test_fitting_by_hand() -> None:
    # independent margins on a flat seed
    made = fit_table([[1, 1], [1, 1]], [30, 10], [20, 20])
    assert made == pytest.approx(np.array([[15, 15], [5, 5]]))


@given(tables, st.data())
def test_fitting_keeps_margins_zeros_and_odds(table: list[list[int]], data: st.DataObject) -> None:
    seed = np.array(table, dtype=float) + 1
    factor = st.floats(0.2, 5)
    rows = np.array(data.draw(st.lists(factor, min_size=len(seed), max_size=len(seed))))
    width = seed.shape[1]
    columns = np.array(data.draw(st.lists(factor, min_size=width, max_size=width)))
    wanted = seed * rows[:, None] * columns
    made = fit_table(seed, wanted.sum(axis=1), wanted.sum(axis=0))
    assert made == pytest.approx(wanted, rel=1e-4)


@given(tables, st.integers(2, 9))
def test_rounding_moves_no_cell_and_no_margin_by_one(table: list[list[int]], parts: int) -> None:
    full = np.array(table) / parts
    made = round_table(full)
    assert (made >= 0).all()
    for got, exact in ((made, full), *((made.sum(axis=n), full.sum(axis=n)) for n in (0, 1))):
        assert (np.abs(got - exact) < 1 - 1e-9).all()  # so what is whole stays


@given(st.lists(st.integers(0, 8), min_size=6, max_size=6))
def test_rounding_is_the_closest_of_all(cells: list[int]) -> None:
    full = np.array(cells).reshape(2, 3) / 4
    made = round_table(full)
    ups = np.array(list(itertools.product((0, 1), repeat=6))).reshape(-1, 2, 3)
    tried = np.floor(full) + ups
    kept = (np.abs(tried - full) < 1 - 1e-9).all(axis=(1, 2))
    for axis in (0, 1):
        off = np.abs(tried.sum(axis=axis + 1) - full.sum(axis=axis))
        kept &= (off < 1 - 1e-9).all(axis=1)
    best = np.abs(tried - full).sum(axis=(1, 2))[kept].min()
    assert np.abs(made - full).sum() == pytest.approx(best)


def test_rounding_by_hand() -> None:
    # both columns are whole, so one cell of each is raised; the first row has 0.8
    made = round_table([[0.4, 0.4], [0.6, 0.0], [0.0, 0.6]])
    assert made.sum(axis=0).tolist() == [1, 1]
    assert round_table([[0.1 + 0.2, 0.7]]).sum() == 1
    with pytest.raises(ValueError, match="negative or no numbers"):
        round_table([[float("nan")]])


def test_margins_that_cannot_be_kept() -> None:
    with pytest.raises(InputError, match="rows sum to 3, the columns to 4"):
        fit_table([[1.0]], [3], [4])
    with pytest.raises(InputError, match="no table with these zeros has these margins"):
        fit_table([[1, 0], [0, 1]], [3, 1], [1, 3], where="shares")
    with pytest.raises(InputError, match="shares: seed: nan is among the seed"):
        fit_table([[float("nan")]], [1], [1], where="shares")
    with pytest.raises(InputError, match="rows: -1 is among the rows"):
        fit_table([[1.0]], [-1], [1])
    assert fit_table([[0.0]], [0], [0]).tolist() == [[0]]
