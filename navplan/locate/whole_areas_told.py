"""What is told of whole areas beside their best division, where they are too many to rank.

The same as `ranked` reads off a complete ranking, searched by the exact program instead: the
near-best divisions, the front of mean against longest way, the least largest regret, stability,
and the best with an office at one of some sites, from which prices follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pandas as pd

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.answers import solution_of
from navplan.locate.array_types import Floats, Ints
from navplan.locate.arrays import area_question
from navplan.locate.found import Found
from navplan.locate.front import knees
from navplan.locate.near_best import NearBest
from navplan.locate.problem import LocationProblem
from navplan.locate.ranked import (
    ROBUST,
    STABILITY_COLUMNS,
    LeastRegret,
    Standing,
    stability_row,
)
from navplan.locate.solution import Solution
from navplan.locate.steps import sure_bound, time_after
from navplan.locate.tables import ids_of
from navplan.locate.watch import Watch
from navplan.locate.whole_areas import AreaQuestion, allocation_of
from navplan.locate.whole_areas_front import area_front
from navplan.locate.whole_areas_listing import MOST_DIVISIONS, list_divisions
from navplan.locate.whole_areas_outlooks import AreaOutlook, in_common, solve_area_regret
from navplan.locate.whole_areas_program import AreaProgram
from navplan.locate.whole_areas_search import AreaSearch, LeastCost, solve_areas
from navplan.scenario import Scenario

Mix: TypeAlias = Sequence[tuple[float, LocationProblem]]
"""Problems over the same divisions and how much each counts, for example a mix of ways to travel.

The weights sum to 1; the value of a division is the weighted sum of its means.
"""


def near_best_areas(
    problem: LocationProblem, within: float, watch: Watch, *, most: int = MOST_DIVISIONS
) -> NearBest:
    """List every division whose mean is within a share of the least.

    Parameters
    ----------
    problem : LocationProblem
        What is asked, with ``areas``.
    within : float
        How much worse than the best, as a share of it [0–1].
    watch : Watch
        For all steps together. An interrupt keeps what was found.
    most : int
        Stop when there are this many.

    Returns
    -------
    NearBest
        Complete only where it says so.

    Raises
    ------
    InputError
        If `within` is negative or no number.
    InfeasibleError
        If no division keeps to the rules.
    NotFoundError
        If none was found in the time allowed.
    """
    if not 0 <= within < np.inf:
        given = f"{within}; expected a share, 0 or more."
        raise_faults([Fault("near-best structures", "within", given)])
    question, people = _asked(problem)
    best = solve_areas(question, watch)
    limit = best.value * (1 + within)
    left = time_after(best, watch)
    listed = list_divisions(question, limit, left, most=most, known=(_division(best),))
    # Where the best is not proved, a better one would have had a lower limit.
    status = best.status if listed.status == "proved" else listed.status
    return NearBest.of_divisions(question, replace(listed, status=status), limit, per=people)


def front_of_areas(problem: LocationProblem, watch: Watch) -> pd.DataFrame:
    """Search the front of the mean against the longest way.

    Parameters
    ----------
    problem : LocationProblem
        What is asked, with ``areas``.
    watch : Watch
        For all steps together. An interrupt keeps what was found, if anything.

    Returns
    -------
    DataFrame
        As `ranked.ranked_front`, without named scenarios; where ``status`` is not ``proved``,
        points are missing.
    """
    question, people = _asked(problem)
    means = {"mean_minutes": question.cost / people}
    front = area_front(question, means, watch, longest=_longest(problem))
    table = front.table.assign(
        kind="front",
        place=np.arange(1, len(front.values) + 1),
        knee=knees(front.values),
        scenario="",
    )
    columns = ["kind", "place", "mean_minutes", "worst_minutes", "knee", "scenario"]
    return table[[*columns, "offices", "allocation", "status"]]


def regret_of_areas(problems: Mapping[str, LocationProblem], watch: Watch) -> LeastRegret:
    """Search the division with the least largest regret over outlooks.

    Parameters
    ----------
    problems : mapping of str to LocationProblem
        Outlook → what is asked, with ``areas``; they differ in people and times only.
    watch : Watch
        For all steps together.

    Returns
    -------
    LeastRegret
        As `ranked.ranked_regret`, without named scenarios.

    Raises
    ------
    InfeasibleError
        If no division keeps to the rules in every outlook.
    NotFoundError
        If none was found in the time allowed.
    """
    asked = {name: _asked(problem) for name, problem in problems.items()}
    found = solve_area_regret([AreaOutlook(name, *given) for name, given in asked.items()], watch)
    question, division = next(iter(asked.values()))[0], _division(found.found)
    offices = tuple(question.sites[site] for site in found.found.sites)
    table = pd.DataFrame(
        {
            "structure": ROBUST,
            "outlook": found.outlooks,
            "value": found.values,
            "best": [best.value for best in found.best],
            "regret": found.regrets,
            "offices": ";".join(sorted(offices)),
            "allocation": allocation_of(question, division),
            "status": found.found.status,
        }
    )
    belongs = {a: question.sites[j] for a, j in zip(question.areas, division, strict=True)}
    return LeastRegret(table, Scenario(ROBUST, {}, offices, belongs))


def stability_of_areas(
    base: LocationProblem, settings: Mapping[tuple[str, str], Mix], watch: Watch
) -> pd.DataFrame:
    """Tell how the best division changes over settings, and what it costs to stay with the base's.

    Parameters
    ----------
    base : LocationProblem
        Its best division is the one that is kept.
    settings : mapping of (str, str) to sequence of (float, LocationProblem)
        Parameter and setting → problems over the same divisions, and how much each counts.
    watch : Watch
        For all steps together.

    Returns
    -------
    DataFrame
        As `ranked.ranked_stability`. A setting has no row where the base's best does not keep to
        the rules.

    Raises
    ------
    InfeasibleError
        If no division keeps to the rules of the base.
    NotFoundError
        If none was found in the time allowed.
    """
    kept = solve_areas(_asked(base)[0], watch)
    left, rows = time_after(kept, watch), []
    for setting, mix in settings.items():
        question, loads = _mixed(mix)
        rules, aim = AreaProgram(question, loads), LeastCost(question.cost)
        if not rules.takes(_division(kept)):
            continue
        search = AreaSearch(rules, aim, left, step=f"stability: {' '.join(setting)}")
        search.offer(kept.assigned)
        found = search.found()
        left = time_after(found, left)
        own, best = (
            Standing(
                aim.value(division),
                ids_of(question.sites, np.unique(division)),
                allocation_of(question, division),
            )
            for division in (_division(kept), _division(found))
        )
        status = found.status if kept.status == "proved" else kept.status
        rows.append(stability_row(setting, own, best, status))
    return pd.DataFrame(rows, columns=STABILITY_COLUMNS)


def solve_with_one_of(problem: LocationProblem, sites: Sequence[str], watch: Watch) -> Solution:
    """Find the best division that has an office at one of some sites at least.

    Its value less that of the best of all is the price of the demand.

    Parameters
    ----------
    problem : LocationProblem
        What is asked, with ``areas``.
    sites : sequence of str
        Ids; those that may not be open count for nothing.
    watch : Watch
        Its limit, who is told, and the seed.

    Returns
    -------
    Solution
        As `solve` gives it.

    Raises
    ------
    InfeasibleError
        If none of the sites may be open, or no division keeps to the rules.
    NotFoundError
        If none was found in the time allowed.
    """
    there = tuple(np.flatnonzero(problem.marked(tuple(sites))).tolist())
    if not there:
        raise InfeasibleError("none of the sites may be open.")
    question, people = _asked(problem)
    found = solve_areas(replace(question, any_of=(*question.any_of, there)), watch)
    return solution_of(problem, found, bound=sure_bound(found) / people)


def _asked(problem: LocationProblem) -> tuple[AreaQuestion, float]:
    """Put a problem into arrays, with the people its mean is over."""
    if problem.areas is None:
        raise_faults([Fault("location problem", "areas", "is not given.", "Say how they share.")])
    assert problem.areas is not None
    people = float(problem.data.people[problem.served].sum())
    if not people:
        raise InfeasibleError("Whichever sites are chosen, nobody has a time. Allow other sites.")
    return area_question(problem, problem.areas), people


def _longest(problem: LocationProblem) -> Floats:
    """Longest way of anybody in an area to a site, areas × sites [min]."""
    data, served = problem.data, problem.served
    longest = np.zeros((len(data.areas), len(data.sites)))
    np.maximum.at(longest, data.area[served], data.minutes[served])
    return longest


def _mixed(mix: Mix) -> tuple[AreaQuestion, list[AreaQuestion]]:
    """Add the means of a mix up into the cost of one question; give the loads of each too."""
    asked = [_asked(problem) for _, problem in mix]
    questions = in_common("stability", [question for question, _ in asked])
    allowed = np.isfinite(questions[0].cost)
    cost = np.full(allowed.shape, np.inf)
    cost[allowed] = sum(
        weight * question.cost[allowed] / people
        for (weight, _), question, (_, people) in zip(mix, questions, asked, strict=True)
    )
    return replace(questions[0], cost=cost), questions


def _division(found: Found) -> Ints:
    assert found.assigned is not None, "a division has a site for each area"
    return found.assigned
