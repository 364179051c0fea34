"""A solver's positions turned back into sites, a scenario and the value that is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from navplan.locate.array_types import Ints
from navplan.locate.found import Found, NotFoundError
from navplan.locate.problem import Aim, LocationProblem
from navplan.locate.solution import Solution
from navplan.locate.watch import Status
from navplan.measures import (
    Measured,
    ede_minutes,
    mean_minutes,
    tail_mean_minutes,
    worst_minutes,
)
from navplan.measures.measured import Floats
from navplan.nouns import NEAREST
from navplan.scenario import Scenario

REASONS: Final[Mapping[Status, str]] = {
    "proved": "proved: the bound has reached the value",
    "time limit": "not proved: the time was up",
    "interrupted": "not proved: the search was interrupted",
    "count limit": "not proved: there were too many structures to list",
}

Measure = Callable[[LocationProblem, Floats], Measured]


def _beyond(problem: LocationProblem, minutes: Floats) -> Measured:
    limit = problem.limit_min if problem.limit_min is not None else np.inf
    people = problem.data.people
    beyond = float(people[~(minutes <= limit)].sum())
    return Measured(beyond, "persons", 0.0, float(people.sum()))


_MEASURES: Final[Mapping[Aim, Measure]] = {
    "mean_minutes": lambda problem, minutes: mean_minutes(minutes, problem.data.people),
    "worst_minutes": lambda problem, minutes: worst_minutes(minutes, problem.data.people),
    "worst_then_mean": lambda problem, minutes: mean_minutes(minutes, problem.data.people),
    "ede_minutes": lambda problem, minutes: ede_minutes(
        minutes, problem.data.people, kappa=problem.data.kappa
    ),
    "tail_minutes": lambda problem, minutes: tail_mean_minutes(
        minutes, problem.data.people, share=problem.tail
    ),
    "people_beyond": _beyond,
}


def _ids(problem: LocationProblem, sites: Ints) -> list[str]:
    return [problem.allowed[site] for site in sites.tolist()]


def solution_of(problem: LocationProblem, found: Found, *, bound: float) -> Solution:
    """Make a solution of a solver's answer.

    Parameters
    ----------
    problem : LocationProblem
        What was asked.
    found : Found
        The solver's answer; unless it says who goes where, everybody goes to the nearest in time.
    bound : float
        What nothing is better than, in the unit of the measure.

    Returns
    -------
    Solution
        Its value measured anew, by the function of `navplan.measures` that the report prints.

    Raises
    ------
    NotFoundError
        If the solver found no choice that keeps to what is asked.
    """
    if not np.isfinite(found.value):
        raise NotFoundError.of("choice of sites that keeps to all demands")
    people = problem.data.people
    own, assigned = problem.data.minutes[:, found.sites].min(axis=1), None
    allocation = dict.fromkeys(problem.zones.areas, NEAREST)
    if found.assigned is not None:
        used = found.assigned
        if problem.areas is not None:
            allocation |= dict(zip(problem.data.areas, _ids(problem, used), strict=True))
            used = used[problem.data.area[problem.served]]
        own = np.full(len(people), np.inf)
        own[problem.served] = problem.data.minutes[problem.served, used]
        zones = problem.inhabited[problem.served]
        assigned = pd.Series(_ids(problem, used), index=zones, name="site")
    timed = np.isfinite(own)
    if problem.minimise == "offices":
        result = Measured(float(len(found.sites)), "offices", 0.0, float(people.sum()))
    else:
        result = _MEASURES[problem.minimise](problem, np.where(timed, own, np.nan))
    chosen = tuple(_ids(problem, found.sites))
    name = f"{problem.minimise.replace('_', '-')}-{len(chosen)}"
    return Solution(
        objective=problem.minimise,
        value=result.value,
        bound=min(bound, result.value),
        status=found.status,
        reason=REASONS[found.status],
        scenario=Scenario(name, {}, chosen, allocation),
        share_without_time=float(people[~timed].sum() / people.sum()),
        seconds=found.seconds,
        seed=found.seed,
        unit=result.unit,
        assigned=assigned,
    )
