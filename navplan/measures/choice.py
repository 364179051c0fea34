"""Which office people choose where they may: the nearest, or the likelier the nearer (Huff)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.measures.decays import Decay
from navplan.measures.measured import Floats, Measured, Numbers
from navplan.measures.minutes import mean_minutes
from navplan.measures.offices import Table, attraction, office_arrays


@dataclass(frozen=True, eq=False)
class Choice:
    """Who goes where, and how long it takes them.

    Parameters
    ----------
    probability : array, shape (zones, offices)
        Share of each zone's visits that each office gets [0–1]; rows sum to 1, or are 0 where no
        office can be chosen.
    minutes : array, shape (zones,)
        Minutes of an average visit [min]; NaN where no office can be chosen.
    visits : array, shape (offices,)
        Visits each office gets; in persons where everybody visits once.
    people : array, shape (zones,)
        Residents [persons].
    """

    probability: Floats
    minutes: Floats
    visits: Floats
    people: Floats

    @property
    def mean(self) -> Measured:
        """Mean minutes of a visit [min], with the share of people who can choose no office."""
        return mean_minutes(self.minutes, self.people)


def _choice(probability: Floats, minutes: Floats, people: Floats, visits: float) -> Choice:
    chosen = probability.sum(axis=1) > 0
    spent = np.where(probability > 0, minutes, 0.0)
    mean = np.where(chosen, np.vecdot(probability, spent), np.nan)
    return Choice(probability, mean, visits * (people @ probability), people)


def _check_visits(what: str, visits: float) -> None:
    if not 0 <= visits < np.inf:
        raise_faults([Fault(what, "visits_per_person", f"{visits:g}; expected zero or more.")])


def nearest_choice(minutes: Table, people: Numbers, *, visits_per_person: float = 1.0) -> Choice:
    """Everybody goes to the office with the shortest time.

    Of offices with the same time the first id in text order gets all; a plain array has no ids, so
    its first column does. Use `huff_choice` where people choose among offices they can reach.

    Parameters
    ----------
    minutes : DataFrame or array, shape (zones, offices)
        Minutes [min]; NaN = no time.
    people : Series or array, shape (zones,)
        Residents [persons].
    visits_per_person : float
        Visits a resident makes in a year [1/year].

    Returns
    -------
    Choice
        Probabilities of 0 and 1.

    Raises
    ------
    InputError
        If the tables do not fit each other.
    """
    _check_visits("nearest_choice", visits_per_person)
    z, w, each = office_arrays("nearest_choice", minutes, people, None, "offices")
    order = np.arange(len(each))
    if isinstance(minutes, pd.DataFrame):
        order = np.argsort(minutes.columns.astype(str).to_numpy(dtype=object), kind="stable")
    timed = ~np.isnan(z)
    nearest = order[np.where(timed, z, np.inf)[:, order].argmin(axis=1)]
    probability = np.zeros(z.shape)
    rows = np.flatnonzero(timed.any(axis=1))
    probability[rows, nearest[rows]] = 1.0
    return _choice(probability, z, w, visits_per_person)


def huff_choice(
    minutes: Table,
    people: Numbers,
    *,
    decay: Decay,
    attractiveness: Numbers | None = None,
    visits_per_person: float = 1.0,
) -> Choice:
    """Each office is chosen in proportion to its attractiveness and to how near it is.

    ``P(zone, office) = a · f(z) / Σ a · f(z)`` over all offices. Its visits tell how an office
    fills where people are free to choose; its minutes are never below those of `nearest_choice`.

    Parameters
    ----------
    minutes : DataFrame or array, shape (zones, offices)
        Minutes [min]; NaN = no time.
    people : Series or array, shape (zones,)
        Residents [persons].
    decay : Decay
        1 at 0 minutes and never rising, for example ``ExponentialDecay(10)``.
    attractiveness : Series or array, shape (offices,), optional
        How much each office draws, for example its staff; left out, all alike.
    visits_per_person : float
        Visits a resident makes in a year [1/year].

    Returns
    -------
    Choice
        Zones where every office's draw has decayed to 0 choose none.

    Raises
    ------
    InputError
        If the tables do not fit each other.

    References
    ----------
    Huff, D. L. (1963), A probabilistic analysis of shopping center trade areas,
    doi:10.2307/3144521.
    """
    _check_visits("huff_choice", visits_per_person)
    z, w, draw = office_arrays("huff_choice", minutes, people, attractiveness, "attractiveness")
    weight = attraction("huff_choice", decay, z) * draw
    # Dividing by the greatest first keeps tiny weights from vanishing in the sum.
    greatest = weight.max(axis=1, keepdims=True)
    weight = np.divide(weight, greatest, out=np.zeros(z.shape), where=greatest > 0)
    total = weight.sum(axis=1, keepdims=True)
    probability = np.divide(weight, total, out=np.zeros(z.shape), where=total > 0)
    return _choice(probability, z, w, visits_per_person)
