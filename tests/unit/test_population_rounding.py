"""Whole numbers that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.population import controlled_rounding, largest_remainder


@given(
    st.lists(st.integers(0, 3000), min_size=1, max_size=12),
    st.lists(st.integers(0, 3000), min_size=1, max_size=8),
)
def test_controlled_rounding_keeps_both_margins_and_moves_no_cell_by_one(
    rows: list[int], columns: list[int]
) -> None:
    short = sum(rows) - sum(columns)
    rows, columns = ([*rows, -short], columns) if short < 0 else (rows, [*columns, short])
    table = np.array(controlled_rounding(rows, columns))
    assert table.sum(axis=1).tolist() == rows
    assert table.sum(axis=0).tolist() == columns
    exact = np.outer(rows, columns) / max(1, sum(rows))
    assert (table >= 0).all()
    assert (np.abs(table - exact) < 1 - 1e-9).all() or np.allclose(table, exact)


def test_controlled_rounding_refuses_margins_that_differ() -> None:
    with pytest.raises(ValueError, match="3 and 4"):
        controlled_rounding([1, 2], [4])


@given(
    st.lists(st.floats(0, 1000), min_size=1, max_size=20).filter(lambda w: sum(w) > 1e-3),
    st.integers(0, 10**6),
)
def test_largest_remainder_keeps_the_total(weights: list[float], total: int) -> None:
    parts = largest_remainder(weights, total)
    assert sum(parts) == total
    exact = total * np.array(weights) / sum(weights)
    assert (np.abs(np.array(parts) - exact) <= 1 + 1e-6).all()
