"""Measures of one distribution of minutes: mean, percentiles, worst, equal equivalent.

Zones without a time are left out of every value here, and the share of the people in them is
given beside it.
"""

from __future__ import annotations

import numpy as np

from navplan.errors import Fault, raise_faults
from navplan.measures.measured import Floats, Measured, Numbers, numbers, share_where

# Below this κ·(longest time) the exponential loses more to rounding than it differs from the mean.
_FLAT = 1e-7


def _timed(what: str, minutes: Numbers, people: Numbers) -> tuple[Floats, Floats, float, float]:
    """Give times and people of inhabited zones with a time, the share without, all people."""
    z, w = numbers(what, minutes, people)
    without = np.isnan(z)
    keep = ~without & (w > 0)
    return z[keep], w[keep], share_where(without, w), float(w.sum())


def mean_minutes(minutes: Numbers, people: Numbers) -> Measured:
    """Mean minutes of a resident, ``Σ w z / Σ w``.

    Use it for the total burden of travel. It hides a few with very long ways: show `percentile`,
    `worst_minutes` or `ede_minutes` beside it.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].

    Returns
    -------
    Measured
        In minutes.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    z, w, share, total = _timed("mean_minutes", minutes, people)
    value = float(w @ z / w.sum()) if len(z) else float("nan")
    return Measured(value, "min", share, total)


def percentile_minutes(minutes: Numbers, people: Numbers, *, percent: float) -> Measured:
    """Smallest time that at least so many percent of the people do not exceed.

    This is the lower weighted percentile (inverse of the distribution function): always a time
    that somebody has, with no interpolation.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    percent : float
        Which percentile, above 0 and at most 100 [%].

    Returns
    -------
    Measured
        In minutes; among the people with a time.

    Raises
    ------
    InputError
        If the columns do not fit each other or the percentile is out of range.
    """
    if not 0 < percent <= 100:  # noqa: PLR2004
        given = f"{percent:g}; expected above 0 and at most 100."
        raise_faults([Fault("percentile_minutes", "percent", given)])
    z, w, share, total = _timed("percentile_minutes", minutes, people)
    if not len(z):
        return Measured(float("nan"), "min", share, total)
    order = np.argsort(z, kind="stable")
    reached = np.cumsum(w[order])
    # The tolerance keeps a sum of fractional people from stepping one zone too far.
    wanted = percent / 100 * reached[-1] * (1 - 1e-12)
    position = min(int(np.searchsorted(reached, wanted)), len(z) - 1)
    return Measured(float(z[order][position]), "min", share, total)


def median_minutes(minutes: Numbers, people: Numbers) -> Measured:
    """Smallest time that at least half of the people do not exceed.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].

    Returns
    -------
    Measured
        In minutes; see `percentile_minutes`.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    return percentile_minutes(minutes, people, percent=50)


def worst_minutes(minutes: Numbers, people: Numbers) -> Measured:
    """Longest time of any zone with people.

    One place decides it: use it for what nobody should exceed, not to weigh many against few.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].

    Returns
    -------
    Measured
        In minutes.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    z, _, share, total = _timed("worst_minutes", minutes, people)
    return Measured(float(z.max()) if len(z) else float("nan"), "min", share, total)


def kolm_pollak_kappa(minutes: Numbers, people: Numbers, *, epsilon: float = 1.0) -> float:
    """Aversion to inequality per minute, ``κ = ε · Σ w z / Σ w z²``.

    Take it from the base scenario and use the same κ for every scenario that is compared, as
    values with different κ do not compare.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone in the base [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    epsilon : float
        Aversion to inequality, 0 (none) upwards.

    Returns
    -------
    float
        κ [1/min]; 0 where all times are 0 or nobody has one.

    Raises
    ------
    InputError
        If the columns do not fit each other, or ε is negative.

    References
    ----------
    Logan, T. M., Anderson, M. J., Williams, T. G., Conrow, L. (2021),
    doi:10.1016/j.compenvurbsys.2020.101590.
    """
    if not epsilon >= 0:
        raise_faults([Fault("kolm_pollak_kappa", "epsilon", f"{epsilon:g}; expected ≥ 0.")])
    z, w, _, _ = _timed("kolm_pollak_kappa", minutes, people)
    squares = float(w @ z**2)
    return epsilon * float(w @ z) / squares if squares > 0 else 0.0


def ede_minutes(minutes: Numbers, people: Numbers, *, kappa: float) -> Measured:
    """Kolm–Pollak equally-distributed equivalent of minutes, which are a bad.

    ``(1/κ) · ln(Σ w exp(κ z) / Σ w)``: the time that would be as burdensome if everybody had it.
    It is never below the mean, tends to it for κ → 0 and to the worst for κ → ∞. Use it where
    long ways should weigh more than short ones; use `mean_minutes` for the plain total.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    kappa : float
        Aversion to inequality from `kolm_pollak_kappa` of the base [1/min].

    Returns
    -------
    Measured
        In minutes.

    Raises
    ------
    InputError
        If the columns do not fit each other, or κ is negative.

    References
    ----------
    Logan, T. M., Anderson, M. J., Williams, T. G., Conrow, L. (2021),
    doi:10.1016/j.compenvurbsys.2020.101590.
    """
    if not kappa >= 0:
        raise_faults([Fault("ede_minutes", "kappa", f"{kappa:g}; expected ≥ 0.")])
    z, w, share, total = _timed("ede_minutes", minutes, people)
    if not len(z):
        return Measured(float("nan"), "min", share, total)
    longest = float(z.max())
    if is_flat(kappa, longest):
        return Measured(float(w @ z / w.sum()), "min", share, total)
    mass = float(w @ np.exp(kappa * (z - longest)) / w.sum())
    return Measured(longest + float(np.log(mass)) / kappa, "min", share, total)


def is_flat(kappa: float, longest: float) -> bool:
    """Tell whether κ is so small that the equal equivalent is the mean.

    Parameters
    ----------
    kappa : float
        Aversion to inequality [1/min].
    longest : float
        Longest time [min].

    Returns
    -------
    bool
        True where the two differ by less than a ten-millionth of the longest time.
    """
    return kappa * longest < _FLAT
