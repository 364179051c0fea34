"""From a question to its answer: which solver, by which rule, and the value that is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from navplan.errors import InfeasibleError
from navplan.locate.answers import solution_of
from navplan.locate.arrays import area_question, site_rules, sum_question
from navplan.locate.capacity import CapacityQuestion, solve_capacity
from navplan.locate.centre import CentreQuestion, solve_centre
from navplan.locate.costs import Cost, KolmPollakCost, identity
from navplan.locate.cover import CoverQuestion, Reach, solve_fewest_sites, solve_least_beyond
from navplan.locate.found import Found, NotFoundError
from navplan.locate.lexicographic import solve_worst_then_sum
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.problem import Aim, LocationProblem, Staff, WholeAreas
from navplan.locate.refuting import refute, to_blame
from navplan.locate.rules_search import solve_sum_with_rules
from navplan.locate.solution import Solution
from navplan.locate.steps import sure_bound
from navplan.locate.tail import solve_tail
from navplan.locate.watch import Watch
from navplan.locate.whole_areas_search import solve_areas
from navplan.locate.without import Solver, solve_fewest_first


def _least_sum(problem: LocationProblem, watch: Watch, cost: Cost) -> tuple[Found, float]:
    """Least sum of costs, and the people it is about."""
    question = sum_question(problem, cost)
    served = float(question.weights.sum())
    solver = _sum_solver(problem)
    if problem.without_time == "refuse" or problem.limit_min is not None:
        return solver(question, watch), served
    answer = solve_fewest_first(question, watch, solver=solver)
    if answer.without >= served:
        raise InfeasibleError("Whichever sites are chosen, nobody has a time. Allow other sites.")
    return answer.found, served - answer.without


def _sum_solver(problem: LocationProblem) -> Solver:
    """The kernel of the p-median family, or a search under the rules about the sites."""
    if not problem.together and problem.budget is None:
        return solve_sum
    rules = site_rules(problem)

    def under_rules(question: SumQuestion, watch: Watch) -> Found:
        return solve_sum_with_rules(question, rules, watch)

    return under_rules


def _staffed(problem: LocationProblem, staff: Staff, watch: Watch) -> Solution:
    """Least mean where each zone has one office, within what the offices can serve."""
    data, served = problem.data, problem.served
    people = data.people[served]
    with np.errstate(invalid="ignore"):
        cost = people[:, np.newaxis] * data.minutes[served]
    question = CapacityQuestion(
        cost=cost,
        sizes=people,
        capacities=np.array([staff.most.get(site, np.inf) for site in problem.allowed]),
        minimum=np.full(len(problem.allowed), staff.least),
        least=problem.count,
        most=problem.count,
        fixed=problem.marked(problem.keep),
        units=tuple(problem.inhabited[served]),
        sites=problem.allowed,
    )
    found = solve_capacity(question, watch)
    return solution_of(problem, found, bound=sure_bound(found) / float(people.sum()))


def _by_areas(problem: LocationProblem, whole: WholeAreas, watch: Watch) -> Solution:
    """Least mean where whole areas have one office each."""
    found = solve_areas(area_question(problem, whole), watch)
    people = float(problem.data.people[problem.served].sum())
    return solution_of(problem, found, bound=sure_bound(found) / people)


def _mean(problem: LocationProblem, watch: Watch) -> Solution:
    found, people = _least_sum(problem, watch, identity)
    return solution_of(problem, found, bound=sure_bound(found) / people)


def _equivalent(problem: LocationProblem, watch: Watch) -> Solution:
    cost = KolmPollakCost(problem.data.kappa, problem.data.longest)
    found, people = _least_sum(problem, watch, cost)
    return solution_of(problem, found, bound=cost.ede_minutes(sure_bound(found), people))


def _beyond(problem: LocationProblem, watch: Watch) -> Solution:
    found = solve_least_beyond(_cover(problem, problem.count, problem.count, share=0.0), watch)
    stranded = float(problem.data.people[~problem.served].sum())
    return solution_of(problem, found, bound=sure_bound(found) + stranded)


def _fewest(problem: LocationProblem, watch: Watch) -> Solution:
    everyone = _cover(problem, 1, len(problem.allowed), share=1.0)
    found = solve_fewest_sites(everyone, watch)
    return solution_of(problem, found, bound=sure_bound(found))


def _cover(problem: LocationProblem, least: int, most: int, *, share: float) -> CoverQuestion:
    limit = problem.limit_min if problem.limit_min is not None else np.inf
    return CoverQuestion(
        problem.data.minutes[problem.served],
        problem.data.people[problem.served],
        reaches=(Reach(limit, share=share),),
        least=max(least, len(problem.keep)),
        most=most,
        fixed=problem.marked(problem.keep),
    )


def _tail(problem: LocationProblem, watch: Watch) -> Solution:
    found = solve_tail(sum_question(problem), problem.tail, watch)
    return solution_of(problem, found, bound=sure_bound(found))


def _worst(problem: LocationProblem, watch: Watch) -> Solution:
    found = _centre(problem, watch)
    limit = np.inf if problem.limit_min is None else problem.limit_min
    if found.bound > limit:
        raise InfeasibleError(
            f"The least possible longest way is {found.bound:g} min, and nobody may have more than "
            f"{limit:g}."
        )
    if found.value > limit:
        raise NotFoundError.of(f"choice with a longest way of at most {limit:g} min")
    return solution_of(problem, found, bound=found.bound)


def _worst_then_mean(problem: LocationProblem, watch: Watch) -> Solution:
    answer = solve_worst_then_sum(sum_question(problem), watch)
    people = float(problem.data.people[problem.served].sum())
    return solution_of(problem, answer.best, bound=sure_bound(answer.best) / people)


def _centre(problem: LocationProblem, watch: Watch) -> Found:
    question = CentreQuestion(
        problem.data.minutes[problem.served], problem.count, fixed=problem.marked(problem.keep)
    )
    return solve_centre(question, watch)


_SOLVERS: Final[Mapping[Aim, Callable[[LocationProblem, Watch], Solution]]] = {
    "mean_minutes": _mean,
    "worst_minutes": _worst,
    "worst_then_mean": _worst_then_mean,
    "ede_minutes": _equivalent,
    "tail_minutes": _tail,
    "people_beyond": _beyond,
    "offices": _fewest,
}


def solve(problem: LocationProblem, watch: Watch | None = None) -> Solution:
    """Answer a location question exactly, or as well as the time allows.

    Use it where complete enumeration (`rank_site_choices`, `rank_area_structures`) would be too
    much: a ranking says more, since every structure has its rank.

    Parameters
    ----------
    problem : LocationProblem
        What is asked.
    watch : Watch, optional
        Time limit, who is told of the gap, and the seed; without it the search goes on until the
        answer is proved.

    Returns
    -------
    Solution
        Value, bound and why the search stopped; its scenario compares and reports like any other.

    Raises
    ------
    InfeasibleError
        If no choice keeps to the rules; says what rules it out.
    NotFoundError
        If none that does was found before the watch ended the search.
    InputError
        If the times do not fit the question.
    """
    watch = watch or Watch()
    refute(problem)
    if problem.areas is not None:
        return _by_areas(problem, problem.areas, watch)
    if problem.staff is not None:
        return _staffed(problem, problem.staff, watch)
    try:
        return _SOLVERS[problem.minimise](problem, watch)
    except NotFoundError:
        raise
    except InfeasibleError as error:
        blamed = to_blame(problem, watch)
        if not blamed:
            raise
        raise InfeasibleError(f"{error} {blamed}") from error
