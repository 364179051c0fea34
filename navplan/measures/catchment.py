"""Floating catchments: how much of the offices' supply each resident has within reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from navplan.measures.decays import Decay, StepDecay
from navplan.measures.measured import Floats, Numbers
from navplan.measures.offices import Table, attraction, office_arrays


@dataclass(frozen=True, eq=False)
class Catchment:
    """Supply that reaches the residents, after the demand of all others.

    Parameters
    ----------
    access : array, shape (zones,)
        Supply for each resident, in the unit of the supply a person; 0 out of every catchment.
    supply_per_person : array, shape (offices,)
        Supply of each office for each person in its catchment; 0 where nobody is.
    people : array, shape (zones,)
        Residents [persons].
    share_without_office : float
        Share of the people in no catchment [0–1]; NaN where there are no people.
    """

    access: Floats
    supply_per_person: Floats
    people: Floats
    share_without_office: float


def enhanced_two_step_catchment(
    minutes: Table, people: Numbers, supply: Numbers, *, decay: Decay
) -> Catchment:
    """Enhanced two-step floating catchment (E2SFCA): the nearer in the catchment counts for more.

    First each office's supply is divided by the people of its catchment, each weighted with the
    decay: ``R = S / Σ w f(z)``; then each zone sums up what it reaches: ``A = Σ R f(z)``. What the
    residents have together is the supply of all offices with anybody in their catchment. Use it for
    who competes for the staff of an office; it says nothing about how long the ways are.

    Parameters
    ----------
    minutes : DataFrame or array, shape (zones, offices)
        Minutes [min]; NaN = no time.
    people : Series or array, shape (zones,)
        Residents [persons].
    supply : Series or array, shape (offices,)
        What each office has to give, for example its staff.
    decay : Decay
        1 at 0 minutes and never rising; of the paper ``BandDecay((10, 20, 30), (1, 0.68, 0.22))``.

    Returns
    -------
    Catchment
        Access by zone, load by office.

    Raises
    ------
    InputError
        If the tables do not fit each other.

    References
    ----------
    Luo, W., Qi, Y. (2009), doi:10.1016/j.healthplace.2009.06.002.
    """
    z, w, s = office_arrays("enhanced_two_step_catchment", minutes, people, supply, "supply")
    shares = attraction("enhanced_two_step_catchment", decay, z)
    demand = w @ shares
    ratio = np.divide(s, demand, out=np.zeros(len(s)), where=demand > 0)
    reached = (shares > 0).any(axis=1)
    everybody = float(w.sum())
    without = float(w[~reached].sum()) / everybody if everybody > 0 else float("nan")
    return Catchment(shares @ ratio, ratio, w, without)


def two_step_catchment(
    minutes: Table, people: Numbers, supply: Numbers, *, limit: float
) -> Catchment:
    """Two-step floating catchment (2SFCA): all within a limit count alike.

    As `enhanced_two_step_catchment` with a step for a decay; take that one where 29 minutes should
    not count like 1.

    Parameters
    ----------
    minutes : DataFrame or array, shape (zones, offices)
        Minutes [min]; NaN = no time.
    people : Series or array, shape (zones,)
        Residents [persons].
    supply : Series or array, shape (offices,)
        What each office has to give, for example its staff.
    limit : float
        Reach of an office, itself included [min].

    Returns
    -------
    Catchment
        Access by zone, load by office.

    Raises
    ------
    InputError
        If the tables do not fit each other.

    References
    ----------
    Luo, W., Wang, F. (2003), doi:10.1068/b29120.
    """
    return enhanced_two_step_catchment(minutes, people, supply, decay=StepDecay(limit))
