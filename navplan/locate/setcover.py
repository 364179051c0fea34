"""The fewest columns that cover every row of a yes-no table: reductions, bounds, then HiGHS.

C. Toregas, R. Swain, C. ReVelle and L. Bergman, "The location of emergency service facilities",
Operations Research 19 (1971), doi:10.1287/opre.19.6.1363.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from navplan.locate.array_types import Bools, Ints
from navplan.locate.highs import Outcome, Program, solve_program
from navplan.locate.signatures import distinct_words, pack_rows
from navplan.locate.watch import Watch

_TRIES: Final = 8


@dataclass(frozen=True, eq=False)
class Cover:
    """Columns that cover every row.

    Parameters
    ----------
    chosen : array of int or None
        Positions of the columns, rising; None where none was found.
    least : int
        No cover has fewer columns.
    status : {"proved", "infeasible", "time limit", "interrupted"}
        ``infeasible``: no cover has at most the columns allowed.
    """

    chosen: Ints | None
    least: int
    status: Outcome


def find_cover(
    covers: Bools, most: int, watch: Watch, *, fewest: bool = True, step: str = "cover"
) -> Cover:
    """Find the fewest columns that cover every row, or any cover of at most so many.

    Rows that contain another row and columns that are contained in another are left out, a row
    with one column fixes it, rows without a common column bound the number from below; HiGHS
    solves what is left.

    Parameters
    ----------
    covers : array of bool (rows × columns)
        Whether a column covers a row.
    most : int
        Covers of more columns are of no use.
    watch : Watch
        Its limit and who is told.
    fewest : bool
        Whether the fewest are wanted; otherwise the first cover of at most `most` is given.
    step : str
        What `Gap.step` says.

    Returns
    -------
    Cover
        Proved fewest, or where `fewest` is False, any of at most `most`.
    """
    columns = np.arange(covers.shape[1])
    if not covers.any(axis=1).all():
        return Cover(None, covers.shape[1] + 1, "infeasible")
    rest, columns, fixed = _reduce(covers, columns)
    apart = _rows_apart(rest)
    least = len(fixed) + len(apart)
    if least > most:
        return Cover(None, least, "infeasible")
    chosen = _greedy(rest, watch.seed)
    enough = least if fewest else most
    if len(fixed) + len(chosen) > enough:
        answer = solve_program(
            _program(rest),
            watch,
            step=step,
            start=np.isin(np.arange(len(columns)), chosen).astype(np.float64),
            at_most=most - len(fixed),
            enough=enough - len(fixed),
        )
        least = max(least, len(fixed) + _whole(answer.bound, most + 1))
        if answer.status == "infeasible":
            return Cover(None, most + 1, "infeasible")
        if answer.columns is not None:
            chosen = np.flatnonzero(answer.columns > 1 / 2)
        if answer.status != "proved":
            found = len(fixed) + len(chosen) <= most
            every = np.sort(np.concatenate([fixed, columns[chosen]])) if found else None
            return Cover(every, least, answer.status)
        least = len(fixed) + len(chosen) if fewest else least
    return Cover(np.sort(np.concatenate([fixed, columns[chosen]])), least, "proved")


def _whole(bound: float, most: int) -> int:
    """Round a bound on a whole number up, beyond what floats may have added."""
    return most if bound >= most else max(0, int(np.ceil(bound - 1e-6)))


def _reduce(covers: Bools, columns: Ints) -> tuple[Bools, Ints, Ints]:
    """Leave out rows and columns that cannot matter; give the rest and the columns fixed."""
    fixed: list[int] = []
    while True:
        before = covers.shape
        covers = covers[_smallest(covers)]
        kept = _largest(covers)
        covers, columns = covers[:, kept], columns[kept]
        single = covers.sum(axis=1) == 1
        if single.any():
            needed = np.flatnonzero(covers[single].any(axis=0))
            fixed.extend(columns[needed].tolist())
            covers = covers[~covers[:, needed].any(axis=1)]
        if covers.shape == before:
            return covers, columns, np.array(sorted(fixed), dtype=np.intp)


def _smallest(table: Bools) -> Ints:
    """Rows that contain no other row; of equal rows the first."""
    first = distinct_words(pack_rows(table))[0]
    rows = table[first]
    as_floats = rows.astype(np.float32)
    sizes = as_floats.sum(axis=1)
    contains = as_floats @ as_floats.T >= sizes - 1 / 2  # [j, i]: row j contains row i
    np.fill_diagonal(contains, val=False)
    smallest: Ints = first[~contains.any(axis=1)]
    return smallest


def _largest(table: Bools) -> Ints:
    """Columns that no other column contains; of equal columns the first."""
    across = np.ascontiguousarray(table.T)
    first = distinct_words(pack_rows(across))[0]
    columns = across[first].astype(np.float32)
    inside = columns @ columns.T >= columns.sum(axis=1)[:, None] - 1 / 2  # [j, i]: i contains j
    np.fill_diagonal(inside, val=False)
    largest: Ints = first[~inside.any(axis=1)]
    return largest


def _rows_apart(covers: Bools) -> list[int]:
    """Rows of which no two share a column, found greedily from those with the fewest."""
    apart: list[int] = []
    free = np.ones(covers.shape[1], dtype=np.bool_)
    for row in np.argsort(covers.sum(axis=1), kind="stable"):
        if free[covers[row]].all():
            apart.append(int(row))
            free &= ~covers[row]
    return apart


def _greedy(covers: Bools, seed: int) -> Ints:
    """Give a cover found greedily, the best of a few tries, without columns it could spare."""
    random = np.random.default_rng(seed)
    rows = covers.astype(np.float32)
    rarity = 1 / np.maximum(rows.sum(axis=1), 1)
    best: list[int] = list(range(covers.shape[1]))
    for attempt in range(_TRIES):
        weights = np.ones(len(rows)) if attempt == 0 else rarity
        left = np.ones(len(rows), dtype=np.bool_)
        chosen: list[int] = []
        while left.any():
            gain = np.where(left, weights, 0.0) @ rows
            if attempt > 1:
                gain *= random.uniform(0.8, 1.0, len(gain))
            column = int(np.argmax(gain))
            chosen.append(column)
            left &= ~covers[:, column]
        chosen = _spare(covers, chosen)
        if len(chosen) < len(best):
            best = chosen
    return np.array(sorted(best), dtype=np.intp)


def _spare(covers: Bools, chosen: list[int]) -> list[int]:
    times = covers[:, chosen].sum(axis=1)
    kept = []
    for column in chosen:
        if (times[covers[:, column]] > 1).all():
            times -= covers[:, column]
        else:
            kept.append(column)
    return kept


def _program(covers: Bools) -> Program:
    rows, columns = covers.shape
    return Program(
        cost=np.ones(columns),
        lower=np.zeros(columns),
        upper=np.ones(columns),
        integer=np.ones(columns, dtype=np.bool_),
        rows=sparse.csr_array(covers.astype(np.float64)),
        row_lower=np.ones(rows),
        row_upper=np.full(rows, np.inf),
    )
