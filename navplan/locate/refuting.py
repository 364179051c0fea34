"""Why a question has no answer: certificates before a solver runs, the demands to blame after."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from navplan.errors import InfeasibleError
from navplan.locate.arrays import site_rules, sum_question
from navplan.locate.certificates import (
    beyond_every_site,
    named,
    over_budget,
    places_apart,
    too_few_allowed,
    too_many_fixed,
)
from navplan.locate.checks import Sites
from navplan.locate.irreducible import irreducible
from navplan.locate.problem import LocationProblem, Together
from navplan.locate.rules_search import solve_sum_with_rules
from navplan.locate.steps import unheard
from navplan.locate.watch import Watch

_LIMIT, _BUDGET, _COUNT = "the limit in minutes", "the budget", "the number of offices"
_EVERYBODY = "that everybody has a time"


def refute(problem: LocationProblem) -> None:
    """Refute what can be seen to have no answer without any search.

    Parameters
    ----------
    problem : LocationProblem
        What is asked.

    Raises
    ------
    InfeasibleError
        With every reason found, in words; none need be found for a question without an answer.
    """
    allowed = len(problem.allowed)
    count = 1 if problem.minimise == "offices" else problem.count
    most = allowed if problem.minimise == "offices" else problem.count
    reasons = [too_many_fixed(problem.keep, most), too_few_allowed(allowed, count)]
    if not any(reasons):
        reasons += _out_of_reach(problem) if problem.areas is None else []
        if problem.budget is not None:
            reasons.append(over_budget(site_rules(problem), _sites(problem), allowed, count))
    found = [reason for reason in reasons if reason]
    if found:
        raise InfeasibleError(" ".join(found))


def _sites(problem: LocationProblem) -> Sites:
    kept = problem.marked(problem.keep)
    return Sites(fixed=np.flatnonzero(kept), free=np.flatnonzero(~kept))


def _out_of_reach(problem: LocationProblem) -> list[str | None]:
    data, served, sites = problem.data, problem.served, _sites(problem)
    names = [str(zone) for zone in problem.inhabited]
    if not served.any():
        return ["Nobody has a time to any site that may be open."]
    if problem.without_time == "refuse" and not served.all():
        return [beyond_every_site(data.minutes, np.inf, sites, names)]
    if problem.limit_min is None or problem.minimise == "people_beyond":
        return []
    reached = data.minutes[served]
    mine = [name for name, marked in zip(names, served.tolist(), strict=True) if marked]
    beyond = beyond_every_site(reached, problem.limit_min, sites, mine)
    if beyond is not None or problem.minimise == "offices":
        return [beyond]
    return [places_apart(reached, problem.limit_min, sites, problem.count, mine)]


def to_blame(problem: LocationProblem, watch: Watch) -> str:
    """Name demands that cannot all be met, each of which is needed for that.

    Parameters
    ----------
    problem : LocationProblem
        A question without an answer, whose zones use the nearest office.
    watch : Watch
        What is left of its time is used.

    Returns
    -------
    str
        A sentence; empty where no demand of the planner's is to blame or the time was up.
    """
    demands = _demands(problem)

    def feasible(kept: tuple[str, ...]) -> bool:
        eased = _eased(problem, [demand for demand in demands if demand not in kept])
        most = problem.count if _COUNT in kept else len(problem.allowed)
        everybody = _EVERYBODY in kept or _LIMIT in kept
        asked = replace(
            sum_question(eased, np.zeros_like),
            least=min(problem.count, most),
            most=most,
            without=np.inf if everybody else 0.0,
        )
        try:
            solve_sum_with_rules(asked, site_rules(eased), unheard(watch))
        except InfeasibleError:
            return False
        return True

    try:
        blamed = irreducible(demands, feasible)
    except ValueError:  # all demands can be met one way: it was the time that was short
        return ""
    if not blamed or watch.over:
        return ""
    return f"What cannot be had together: {named(blamed)}. Give one of them up."


def _demands(problem: LocationProblem) -> list[str]:
    """What the planner asked for and could give up, the least negotiable last."""
    longest = ("worst_minutes", "worst_then_mean", "tail_minutes")
    demands = [_kept(site) for site in problem.keep]
    demands += [_set(rule) for rule in problem.together]
    demands += [_BUDGET] if problem.budget is not None else []
    demands += [_LIMIT] if problem.limit_min is not None else []
    if problem.without_time == "refuse" or problem.minimise in longest:
        demands.append(_EVERYBODY)
    return [*demands, _COUNT]


def _eased(problem: LocationProblem, left: list[str]) -> LocationProblem:
    return replace(
        problem,
        keep=tuple(site for site in problem.keep if _kept(site) not in left),
        together=tuple(rule for rule in problem.together if _set(rule) not in left),
        budget=None if _BUDGET in left else problem.budget,
        limit_min=None if _LIMIT in left else problem.limit_min,
        minimise="mean_minutes",
    )


def _kept(site: str) -> str:
    return f"that {site} stays open"


def _set(rule: Together) -> str:
    most = len(rule.sites) if rule.most is None else rule.most
    return f"that {rule.least} to {most} of {named(rule.sites)} are open"
