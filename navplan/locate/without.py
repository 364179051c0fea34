"""Zones without a time: as few people as possible are left so, and then the sum is least.

Nobody without a time is averaged away, and no large number stands for "no time". First the fewest
people that any choice leaves without a time are found; then that number is proved to be kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from navplan.locate.found import Found
from navplan.locate.median import SumQuestion
from navplan.locate.steps import nearest_minutes
from navplan.locate.watch import Watch

Solver: TypeAlias = Callable[[SumQuestion, Watch], Found]

_SAME = 1e-12  # of all people: what rounding leaves of nobody
_STEEPER = 16.0


@dataclass(frozen=True)
class FewestFirst:
    """Answer of `solve_fewest_first`.

    Parameters
    ----------
    found : Found
        Sites; value and bound are sums over the people with a time.
    without : float
        People the choice leaves without a time, among those some site has a time for [persons].
    """

    found: Found
    without: float


def _nothing(minutes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.zeros_like(minutes)


def people_without(question: SumQuestion, sites: npt.NDArray[np.intp]) -> float:
    """Count the people whom a choice leaves without a time.

    Parameters
    ----------
    question : SumQuestion
        Minutes, weights and limit.
    sites : array of int
        Positions of the chosen sites.

    Returns
    -------
    float
        In persons.
    """
    return float(question.weights[np.isinf(nearest_minutes(question, sites))].sum())


def solve_fewest_first(question: SumQuestion, watch: Watch, *, solver: Solver) -> FewestFirst:
    """Leave as few people as possible without a time; among such choices take the least sum.

    Where a choice that serves everybody exists, only such choices count. Otherwise "no time" is
    given a cost, and the answer is taken once it leaves exactly the fewest people without: among
    choices that do, the cost is the same for all, whatever it is. If it leaves more, the cost
    was too low and is raised.

    Parameters
    ----------
    question : SumQuestion
        Its ``without`` is not used; every client should have a time to some site that may be
        chosen.
    watch : Watch
        For all steps together.
    solver : callable
        `median.solve_sum`, or the same under more rules.

    Returns
    -------
    FewestFirst
        Status ``proved`` only where both steps are proved.

    Raises
    ------
    InfeasibleError
        If no choice keeps to the rules.
    """
    if _timed(question)[:, ~question.barred].all():
        return FewestFirst(solver(replace(question, without=np.inf), watch), 0.0)
    free = np.zeros_like(question.site_costs)
    counting = replace(question, cost=_nothing, without=1.0, site_costs=free)
    fewest = solver(counting, watch)
    if fewest.status != "proved":
        told = replace(question, without=_dearest(question))
        value = told.value(fewest.sites) - told.without * fewest.value
        return FewestFirst(replace(fewest, value=value, bound=0.0), fewest.value)
    least = people_without(question, fewest.sites)
    slack = _SAME * float(question.weights.sum())
    if least <= slack:
        everybody = replace(question, without=np.inf)
        found = solver(everybody, watch)
        if np.isinf(found.value):  # the time was up before the second step came as far as the first
            found = replace(found, sites=fewest.sites, value=everybody.value(fewest.sites))
        return FewestFirst(found, 0.0)
    dear = _dearest(question)
    while True:
        found = solver(replace(question, without=dear), watch)
        left = people_without(question, found.sites)
        if left <= least + slack or found.status != "proved":
            break
        dear *= _STEEPER
    value = max(found.value - dear * left, 0.0)
    bound = min(max(found.bound - dear * least, 0.0), value)
    return FewestFirst(replace(found, value=value, bound=bound), left)


def _timed(question: SumQuestion) -> npt.NDArray[np.bool_]:
    minutes: npt.NDArray[np.float64] = np.asarray(question.minutes)
    return np.isfinite(minutes) & (minutes <= question.limit)


def _dearest(question: SumQuestion) -> float:
    """Cost that is a little more than the longest time's, so that no time is never the cheaper."""
    there = question.minutes[_timed(question)]
    longest = np.array([float(there.max()) if there.size else 0.0])
    return _STEEPER * max(float(question.cost(longest)[0]), 1.0)
