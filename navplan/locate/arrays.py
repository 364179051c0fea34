"""A location problem in arrays, as the solvers take it."""

from __future__ import annotations

import numpy as np

from navplan.locate.costs import Cost, identity
from navplan.locate.median import SumQuestion
from navplan.locate.problem import LocationProblem, Staff, WholeAreas
from navplan.locate.rules import SiteRules, SiteSet
from navplan.locate.whole_areas import AreaQuestion


def sum_question(problem: LocationProblem, cost: Cost = identity) -> SumQuestion:
    """Put a question whose value is a sum over the people into arrays.

    Zones without a time to any allowed site are left out: no choice can serve them.

    Parameters
    ----------
    problem : LocationProblem
        What is asked.
    cost : callable
        Cost of minutes, never falling.

    Returns
    -------
    SumQuestion
        Over the zones some site has a time for; everybody must have one.
    """
    data = problem.data
    return SumQuestion(
        minutes=data.minutes[problem.served],
        weights=data.people[problem.served],
        least=problem.count,
        most=problem.count,
        cost=cost,
        limit=np.inf if problem.limit_min is None else problem.limit_min,
        fixed=problem.marked(problem.keep),
    )


def site_rules(problem: LocationProblem) -> SiteRules:
    """Put the rules about the sites into positions.

    Parameters
    ----------
    problem : LocationProblem
        What is asked.

    Returns
    -------
    SiteRules
        Sites that may not be open count as closed: their closing is paid for in any case.
    """
    number = {site: position for position, site in enumerate(problem.allowed)}
    sets = tuple(
        SiteSet(tuple(number[s] for s in rule.sites if s in number), rule.least, rule.most)
        for rule in problem.together
    )
    if problem.budget is None:
        return SiteRules(sets)
    budget = problem.budget
    shut = sum(cost for site, cost in budget.closing.items() if site not in number)
    return SiteRules(
        sets,
        budget=budget.amount - shut,
        opening=np.array([budget.opening.get(site, 0.0) for site in problem.allowed]),
        closing=np.array([budget.closing.get(site, 0.0) for site in problem.allowed]),
    )


def area_question(problem: LocationProblem, whole: WholeAreas) -> AreaQuestion:
    """Put a question about whole areas into arrays.

    An area may not belong to a site that one of its zones has no time to, unless no site has one
    for that zone.

    Parameters
    ----------
    problem : LocationProblem
        What is asked.
    whole : WholeAreas
        Its rules about areas.

    Returns
    -------
    AreaQuestion
        Costs are Σ people × minutes [person-min].
    """
    data, served = problem.data, problem.served
    number = {area: position for position, area in enumerate(data.areas)}
    cost = np.zeros((len(data.areas), len(data.sites)))
    people = data.people[served, np.newaxis]
    np.add.at(cost, data.area[served], people * data.minutes[served])
    lies_in = problem.offices.table["area"]
    regions = None
    if whole.regions:
        names = sorted(set(whole.regions.values()))
        regions = np.array([names.index(whole.regions[area]) for area in data.areas])
    staff = problem.staff or Staff({})
    return AreaQuestion(
        cost=cost,
        neighbours=tuple((number[one], number[other]) for one, other in whole.neighbours),
        site_area=np.array([number[lies_in[site]] for site in data.sites]),
        count=problem.count,
        contiguous=whole.contiguous,
        inside=whole.inside,
        regions=regions,
        share=tuple((number[one], number[other]) for one, other in whole.share),
        apart=tuple((number[one], number[other]) for one, other in whole.apart),
        fixed=problem.marked(problem.keep),
        sizes=np.bincount(data.area, data.people, minlength=len(data.areas)).astype(float),
        capacities=np.array([staff.most.get(site, np.inf) for site in data.sites]),
        minimum=np.full(len(data.sites), staff.least),
        areas=data.areas,
        sites=data.sites,
    )
