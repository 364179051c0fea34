"""Measures of one distribution of minutes: mean, percentiles, worst, equal equivalent.

Zones without a time are left out of every value here, and the share of the people in them is
given beside it.
"""

from __future__ import annotations

import numpy as np

from navplan.errors import Fault, raise_faults
from navplan.measures.groups import Distribution
from navplan.measures.measured import Measured, Numbers


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
    return Distribution.of("mean_minutes", minutes, people).mean().first


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
    return Distribution.of("percentile_minutes", minutes, people).percentile(percent).first


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
    return Distribution.of("worst_minutes", minutes, people).worst().first


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
    return float(Distribution.of("kolm_pollak_kappa", minutes, people).kappa(epsilon)[0])


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
    if not 0 <= kappa < np.inf:
        raise_faults([Fault("ede_minutes", "kappa", f"{kappa:g}; expected ≥ 0.")])
    return Distribution.of("ede_minutes", minutes, people).ede(np.array([kappa])).first
