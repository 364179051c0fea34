"""Keeping small counts of people out of published tables.

A count from 1 to 9 is not published. Nor is one that could be worked out from the others: a part
whose rest of the whole is 1 to 9, or the only missing part of a published sum. What is *not*
prevented: somebody who knows the minutes of every zone can compare overlapping counts (people
within 15 and within 30 minutes) of zones whose own count is published; those counts are public
already. Use zones of at least ten people where that matters.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from navplan.measures.measured import Floats, Numbers
from navplan.units import LEAST_PEOPLE

_COMPANY = 2  # a single hidden part follows from the sum


def _small(counts: Floats, least: float) -> npt.NDArray[np.bool_]:
    # Half a person is rounding of a projection, not a way round the rule.
    return (counts > 0) & (counts < least)


def mask_small(
    counts: Numbers, *, least: float = LEAST_PEOPLE, whole: Numbers | None = None
) -> Floats:
    """Replace small counts by NaN, and counts whose rest of the whole is small.

    Parameters
    ----------
    counts : Series or array
        Counts of people [persons]; NaN stays.
    least : float
        Smallest count that may be shown besides zero [persons].
    whole : Series or array, optional
        What each count is a part of [persons].

    Returns
    -------
    array
        The counts, NaN where hidden.
    """
    values = np.array(counts, dtype=float)
    hidden = _small(values, least)
    if whole is not None:
        total = np.asarray(whole, dtype=float)
        hidden |= _small(total, least) | _small(total - values, least)
    values[hidden] = np.nan
    return values


def mask_parts(
    parts: Numbers, *, hidden: npt.NDArray[np.bool_] | None = None, least: float = LEAST_PEOPLE
) -> Floats:
    """Replace small parts of a published sum by NaN so that no part can be worked out.

    After the small parts the smallest others are hidden too, until at least two are hidden and
    those hold at least `least` people together. Where even all parts hold fewer, the sum is small
    itself and must be hidden by `mask_small`.

    Parameters
    ----------
    parts : Series or array
        Counts of people that add up to a published sum [persons].
    hidden : array of bool, optional
        Parts that are hidden for other reasons.
    least : float
        Smallest count that may be shown besides zero [persons].

    Returns
    -------
    array
        The parts, NaN where hidden.
    """
    values = np.array(parts, dtype=float)
    marks = np.isnan(values) if hidden is None else np.isnan(values) | hidden
    values[_hide_line(values, marks, least)] = np.nan
    return values


def mask_table(table: Floats, *, least: float = LEAST_PEOPLE) -> Floats:
    """Mask a table whose row and column sums are published.

    Parameters
    ----------
    table : array
        Two-dimensional counts of people [persons].
    least : float
        Smallest count that may be shown besides zero [persons].

    Returns
    -------
    array
        The counts, NaN where hidden: no row and no column of two cells or more has a single
        hidden one.
    """
    full = np.array(table, dtype=float)
    hidden = np.isnan(full)
    before = -1
    while hidden.sum() != before:
        before = hidden.sum()
        for row, values in enumerate(full):
            hidden[row] = _hide_line(values, hidden[row], least)
        for column, values in enumerate(full.T):
            hidden[:, column] = _hide_line(values, hidden[:, column], least)
    return np.where(hidden, np.nan, full)


def _hide_line(
    values: Floats, hidden: npt.NDArray[np.bool_], least: float
) -> npt.NDArray[np.bool_]:
    known = np.nan_to_num(values)
    now = hidden | _small(values, least)
    while now.any() and not now.all() and (now.sum() < _COMPANY or known[now].sum() < least):
        rest = np.flatnonzero(~now & (known > 0))
        if not len(rest):
            rest = np.flatnonzero(~now)
        now[rest[known[rest].argmin()]] = True
    return now
