"""Before and after: the mean change, who loses and who gains."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from navplan.measures.measured import Measured, Numbers, numbers, share_where

# A difference of two sums of minutes may miss a limit by rounding alone.
_TOLERANCE = 1e-9


def mean_change_minutes(before: Numbers, after: Numbers, people: Numbers) -> Measured:
    """Mean of after − before over the people with a time in both.

    Parameters
    ----------
    before, after : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].

    Returns
    -------
    Measured
        In minutes; positive means longer. The share is of those who lack a time before, after or
        both, among them everybody who lost or got a time: read it together with
        `losers_more_than`.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    old, new, w = numbers("mean_change_minutes", before, after, people)
    without = np.isnan(old) | np.isnan(new)
    keep = ~without & (w > 0)
    value = float("nan")
    if keep.any():
        value = float(w[keep] @ (new[keep] - old[keep]) / w[keep].sum())
    return Measured(value, "min", share_where(without, w), float(w.sum()))


def _worse(
    old: npt.NDArray[np.float64], new: npt.NDArray[np.float64], limit: float
) -> npt.NDArray[np.bool_]:
    lost = ~np.isnan(old) & np.isnan(new)
    longer = np.zeros(len(old), dtype=bool)
    both = ~np.isnan(old) & ~np.isnan(new)
    longer[both] = new[both] - old[both] > limit + _TOLERANCE
    return lost | longer


def _count(old: Numbers, new: Numbers, people: Numbers, marked: npt.NDArray[np.bool_]) -> Measured:
    z, y, w = numbers("change", old, new, people)
    unknown = np.isnan(z) & np.isnan(y)
    return Measured(float(w[marked].sum()), "persons", share_where(unknown, w), float(w.sum()))


def losing_zones(before: Numbers, after: Numbers, *, limit: float) -> npt.NDArray[np.bool_]:
    """Zones whose way gets more than a limit longer, or that lose their time altogether.

    Parameters
    ----------
    before, after : Series or array
        Minutes by zone [min]; NaN = no time.
    limit : float
        The limit, itself not included [min].

    Returns
    -------
    array of bool
        One a zone.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    old, new, _ = numbers("losing_zones", before, after, np.zeros(len(before)))
    return _worse(old, new, limit)


def losers_more_than(before: Numbers, after: Numbers, people: Numbers, *, limit: float) -> Measured:
    """People whose way gets more than a limit longer.

    Zones that had a time and have none afterwards count as losers whatever the limit.

    Parameters
    ----------
    before, after : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    limit : float
        The limit, itself not included [min].

    Returns
    -------
    Measured
        In persons; the share is of those without a time both before and after, of whom nothing
        can be said.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    old, new, w = numbers("losers_more_than", before, after, people)
    return _count(old, new, w, _worse(old, new, limit))


def gainers_more_than(
    before: Numbers, after: Numbers, people: Numbers, *, limit: float
) -> Measured:
    """People whose way gets more than a limit shorter.

    Zones that had no time and have one afterwards count as gainers whatever the limit.

    Parameters
    ----------
    before, after : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    limit : float
        The limit, itself not included [min].

    Returns
    -------
    Measured
        In persons; the share is of those without a time both before and after.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    old, new, w = numbers("gainers_more_than", before, after, people)
    return _count(old, new, w, _worse(new, old, limit))
