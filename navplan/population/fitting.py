"""Tables with known margins: fitted in proportion, then rounded without losing anybody."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

from navplan.errors import Fault, InputError, raise_faults

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
MOST_ROUNDS: Final = 1000
CLOSE: Final = 1e-9
"""Margins are met when they are off by no more than this share of the total."""
SLIGHT: Final = 1e-6
"""What is nearer to a whole number than this is whole [persons]."""


def fit_table(
    seed: npt.ArrayLike,
    rows: npt.ArrayLike,
    columns: npt.ArrayLike,
    *,
    where: str = "table",
) -> Floats:
    """Scale a table to margins, keeping its pattern (iterative proportional fitting).

    Rows and columns are scaled in turn until both margins are met. Zeros stay zero, and so do
    the odds ratios of the seed. Use it where the pattern is known from one year and the margins
    from another; where every row is to keep its own share, scale the columns alone.

    Parameters
    ----------
    seed : array_like
        Rows × columns, finite and not negative.
    rows, columns : array_like
        Wanted sums, not negative, with the same total.
    where : str
        What the table is, for the faults.

    Returns
    -------
    array
        Rows × columns; its column sums are exact, its row sums within 1e-9 of the total.

    Raises
    ------
    InputError
        If a figure is negative or no number, the margins differ in total, or the zeros of the
        seed leave no table with these margins.

    References
    ----------
    .. [1] W. E. Deming, F. F. Stephan (1940), On a least squares adjustment of a sampled
       frequency table when the expected marginal totals are known, Annals of Mathematical
       Statistics 11(4), 427–444, doi:10.1214/aoms/1177731829.
    """
    table = np.array(seed, dtype=float)
    wanted, across = np.asarray(rows, dtype=float), np.asarray(columns, dtype=float)
    for name, values in (("seed", table), ("rows", wanted), ("columns", across)):
        bad = values[~(np.isfinite(values) & (values >= 0))]
        if len(bad):
            problem = f"{bad[0]:g} is among the {name}; expected zero or more."
            raise_faults([Fault(where, name, problem)])
    total = across.sum()
    if abs(wanted.sum() - total) > CLOSE * max(total, 1.0):
        problem = f"the rows sum to {wanted.sum():g}, the columns to {total:g}."
        raise_faults([Fault(where, "margins", problem, "Give margins with one total.")])
    if total == 0:
        return np.zeros_like(table)
    for _ in range(MOST_ROUNDS):
        table *= _factors(wanted, table.sum(axis=1))[:, None]
        table *= _factors(across, table.sum(axis=0))[None, :]
        off = np.abs(table.sum(axis=1) - wanted).max() + np.abs(table.sum(axis=0) - across).max()
        if off <= CLOSE * total:
            return table
    problem = f"no table with these zeros has these margins; {off:g} people are left over."
    remedy = "Pool the groups that are empty in some areas."
    raise InputError([Fault(where, "margins", problem, remedy)])


def _factors(wanted: Floats, given: Floats) -> Floats:
    # an empty line stays empty; whether that may be is seen when the margins are compared
    return np.divide(wanted, given, out=np.zeros_like(wanted), where=given > 0)


def round_table(table: npt.ArrayLike) -> Counts:
    """Round a table to whole numbers together with its margins, as close to it as possible.

    Every cell, every row's sum and every column's sum becomes the whole number just below or
    above it; what is whole stays. Of all such tables this has the least sum of changes. Use
    `controlled_rounding` where only the margins are known.

    Parameters
    ----------
    table : array_like
        Rows × columns, finite and not negative.

    Returns
    -------
    array of int
        Rows × columns.

    Raises
    ------
    ValueError
        If a figure is negative or no number.

    Notes
    -----
    Which cells are raised is a transport problem: each row and column needs as many raised cells
    as its fractions sum to. A table with its fractions is a solution and the corners are whole,
    so there always is one and the solver need not branch (controlled rounding [1]_).

    References
    ----------
    .. [1] L. H. Cox, L. R. Ernst (1982), Controlled rounding, INFOR 20(4), 423–432.
    """
    values = np.asarray(table, dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError("the table has figures that are negative or no numbers.")
    floor = np.floor(values + SLIGHT).astype(np.int64)
    part: Floats = values - floor.astype(float)
    at_row, at_column = np.nonzero(part > SLIGHT)
    if not len(at_row):
        return floor
    number, ones = np.arange(len(at_row)), np.ones(len(at_row))
    raised = vstack(
        [
            coo_array((ones, (at_row, number)), shape=(values.shape[0], len(number))),
            coo_array((ones, (at_column, number)), shape=(values.shape[1], len(number))),
        ]
    )
    lines = np.concatenate([part.sum(axis=1), part.sum(axis=0)])
    near = SLIGHT * (1 + max(values.shape))
    found = milp(
        1 - 2 * part[at_row, at_column],
        integrality=np.ones(len(at_row), dtype=int),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(raised.tocsr(), np.floor(lines + near), np.ceil(lines - near)),
    )
    if found.x is None:
        raise AssertionError(found.message)
    floor[at_row, at_column] += np.rint(found.x).astype(np.int64)
    return floor
