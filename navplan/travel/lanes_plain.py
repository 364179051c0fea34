"""Rows of 64 lanes as plain loops: what `navplan.travel.lanes` means, readable and slow."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

LANES: Final = 64
"""Lanes in a row; row r of a flat table holds the elements from r × LANES on."""
UNREACHED: Final = 2**29
"""Stands for "no way": no label is larger, and two of them add up without overflow."""

Ints = npt.NDArray[np.int32]


@njit(nogil=True)
def fold(
    out: Ints,
    out_row: int,
    base: Ints,
    base_row: int,
    add: int,
    table: Ints,
    rows: Ints,
    weights: Ints,
    begin: int,
    end: int,
) -> None:
    """Write the lane by lane least of a row and of other rows, each plus its weight.

    ``out[out_row] = min(UNREACHED, base[base_row] + add, table[rows[i]] + weights[i])`` over
    begin ≤ i < end; reads all it needs before it writes.

    Parameters
    ----------
    out, out_row : ndarray of int32, int
        Table and row to write; the three tables may be one.
    base, base_row : ndarray of int32, int
        Table and row to start from; the row is negative where there is none.
    add : int
        Added to the row started from.
    table, rows, weights : ndarray of int32
        Table, its rows to look at, and what is added to each of them.
    begin, end : int
        The part of ``rows`` and ``weights`` that counts; may be empty.
    """
    for lane in range(LANES):
        least = UNREACHED
        if base_row >= 0:
            least = min(least, base[base_row * LANES + lane] + add)
        for i in range(begin, end):
            least = min(least, table[rows[i] * LANES + lane] + weights[i])
        out[out_row * LANES + lane] = least


@njit(nogil=True)
def fold_plain(
    out: Ints,
    out_row: int,
    base: Ints,
    base_row: int,
    add: int,
    table: Ints,
    rows: Ints,
    begin: int,
    end: int,
    shift: int,
) -> None:
    """Write the lane by lane least of rows without weights, then shifted.

    ``out[out_row] = min(UNREACHED, base[base_row] + add, table[rows[i]]) + shift`` over
    begin ≤ i < end; lanes without a way hold ``UNREACHED + shift`` afterwards.

    Parameters
    ----------
    out, out_row : ndarray of int32, int
        Table and row to write; the three tables may be one.
    base, base_row : ndarray of int32, int
        Table and row to start from; the row is negative where there is none.
    add : int
        Added to the row started from.
    table, rows : ndarray of int32
        Table and its rows to look at.
    begin, end : int
        The part of ``rows`` that counts; may be empty.
    shift : int
        Added to every lane at the end.
    """
    for lane in range(LANES):
        least = UNREACHED
        if base_row >= 0:
            least = min(least, base[base_row * LANES + lane] + add)
        for i in range(begin, end):
            least = min(least, table[rows[i] * LANES + lane])
        out[out_row * LANES + lane] = least + shift


@njit(nogil=True)
def exchange(table: Ints, one: int, other: int) -> None:
    """Put the smaller of two rows, lane by lane, into the first and the larger into the second.

    Parameters
    ----------
    table : ndarray of int32
        Flat table of rows, contiguous.
    one, other : int
        Rows that get the smaller and the larger.
    """
    for lane in range(LANES):
        a, b = table[one * LANES + lane], table[other * LANES + lane]
        table[one * LANES + lane] = min(a, b)
        table[other * LANES + lane] = max(a, b)
