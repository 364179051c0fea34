"""How unequal the minutes are: Gini, Jain, and the mean of those worst off.

Gini and Jain are reported, never minimised: both look at ratios alone, so they improve when near
zones are made as far off as the far ones (levelling down). To make ways fairer minimise
`ede_minutes` or `tail_mean_minutes`, which no worsening of anybody improves.
"""

from __future__ import annotations

from navplan.errors import Fault, raise_faults
from navplan.measures.groups import Distribution
from navplan.measures.measured import Measured, Numbers


def gini(minutes: Numbers, people: Numbers) -> Measured:
    """Gini coefficient of the minutes, ``Σ Σ w w' |z − z'| / (2 Σ w Σ w z)``.

    0 where everybody has the same time, towards 1 where few have all of the way. Report it, never
    minimise it: it improves by levelling down, when those near are moved as far off as the rest.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].

    Returns
    -------
    Measured
        A pure number between 0 and 1; 0 where all times are 0.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    return Distribution.of("gini", minutes, people).gini().first


def jain(minutes: Numbers, people: Numbers) -> Measured:
    """Jain's index of fairness of the minutes, ``(Σ w z)² / (Σ w Σ w z²)``.

    1 where everybody has the same time, 1/n where one of n has all of the way. Report it, never
    maximise it: like Gini it improves by levelling down.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].

    Returns
    -------
    Measured
        A pure number above 0 and at most 1; 1 where all times are 0.

    Raises
    ------
    InputError
        If the columns do not fit each other.

    References
    ----------
    Jain, R., Chiu, D.-M., Hawe, W. (1984), A quantitative measure of fairness and discrimination
    for resource allocation in shared computer systems, DEC Research Report TR-301.
    """
    return Distribution.of("jain", minutes, people).jain().first


def tail_mean_minutes(minutes: Numbers, people: Numbers, *, share: float = 0.1) -> Measured:
    """Mean minutes of the people with the longest ways, by default of the worst-off tenth.

    The share is met exactly: of the zone on the boundary as many people count as are missing. This
    is the conditional value at risk of the minutes, the least over η of
    ``η + Σ w (z − η)⁺ / (share Σ w)``. Use it for those worst off together; `worst_minutes` is
    decided by a single zone, and `percentile_minutes` does not see how far beyond it people are.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    share : float
        Share of the people with a time, above 0 and at most 1 (everybody: the mean).

    Returns
    -------
    Measured
        In minutes.

    Raises
    ------
    InputError
        If the columns do not fit each other or the share is out of range.

    References
    ----------
    Rockafellar, R. T., Uryasev, S. (2000), doi:10.21314/JOR.2000.038.
    """
    if not 0 < share <= 1:
        given = f"{share:g}; expected above 0 and at most 1."
        raise_faults([Fault("tail_mean_minutes", "share", given)])
    return Distribution.of("tail_mean_minutes", minutes, people).tail_mean(share).first
