"""What the solver tells where a question has too many structures to rank them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from navplan.errors import InfeasibleError
from navplan.locate import (
    Gap,
    LocationProblem,
    NotFoundError,
    Solution,
    Together,
    Watch,
    solve,
)
from navplan.locate.arrays import sum_question
from navplan.locate.blend import blend
from navplan.locate.front import knees, mean_aim
from navplan.locate.front_search import worst_front
from navplan.locate.median import SumQuestion, near_best, solve_sum
from navplan.locate.near_best import NearBest
from navplan.locate.outlooks import Outlook, solve_regret
from navplan.locate.ranked import (
    INFEASIBLE,
    MORE_WITHOUT,
    NOT_FOUND,
    PRICE_COLUMNS,
    ROBUST,
    STABILITY_COLUMNS,
    LeastRegret,
    Standing,
    stability_row,
)
from navplan.locate.stability import stability
from navplan.locate.steps import time_after
from navplan.locate.tables import ids_of
from navplan.locate.whole_areas_told import (
    Mix,
    front_of_areas,
    near_best_areas,
    regret_of_areas,
    solve_with_one_of,
    stability_of_areas,
)
from navplan.nouns import NEAREST
from navplan.scenario import Scenario


def allocation_of(scenario: Scenario) -> str:
    """Write whole areas with their offices, as tables have it.

    Parameters
    ----------
    scenario : Scenario
        A structure.

    Returns
    -------
    str
        ``area=id`` joined by ;, and nothing where everyone uses the nearest.
    """
    if set(scenario.allocation.values()) == {NEAREST}:
        return ""
    return ";".join(f"{area}={office}" for area, office in sorted(scenario.allocation.items()))


def solved_prices(
    problem: LocationProblem,
    demands: Mapping[str, Sequence[str]],
    *,
    limit_s: float,
    tell: Callable[[Gap], None],
) -> pd.DataFrame:
    """Tell what each demand for an office costs, by solving with it and without it.

    Parameters
    ----------
    problem : LocationProblem
        What is asked.
    demands : mapping of str to sequence of str
        Name → sites of which at least one must be open.
    limit_s : float
        Longest each search may take [s].
    tell : callable
        Told of the gap.

    Returns
    -------
    DataFrame
        As `navplan.locate.ranked.ranked_prices`; where a search is not proved, the price lies
        between ``least_price`` and ``most_price``.
    """
    best = solve(problem, Watch(limit_s=limit_s, tell=tell))
    rows = []
    for demand, sites in demands.items():
        row = {"demand": demand, "sites": ";".join(sites), "best": best.value}
        row |= {"offices": "", "allocation": ""}
        there = tuple(site for site in sites if site in problem.allowed)
        try:
            found = _solved_with(problem, there, Watch(limit_s=limit_s, tell=tell))
            rows.append(row | _priced(found, best))
        except NotFoundError:
            rows.append(row | {"status": NOT_FOUND})
        except InfeasibleError:
            rows.append(row | {"status": INFEASIBLE})
    return pd.DataFrame(rows, columns=PRICE_COLUMNS)


def _solved_with(problem: LocationProblem, sites: tuple[str, ...], watch: Watch) -> Solution:
    """Solve with at least one of the sites open."""
    if not sites:
        raise InfeasibleError("none of the sites may be open.")
    if problem.areas is not None:
        return solve_with_one_of(problem, sites, watch)
    if len(sites) == 1:
        return solve(replace(problem, keep=(*problem.keep, *sites)), watch)
    together = (*problem.together, Together(sites, least=1))
    return solve(replace(problem, together=together), watch)


def _priced(found: Solution, best: Solution) -> dict[str, str | float]:
    row: dict[str, str | float] = {
        "value": found.value,
        "offices": ";".join(sorted(found.scenario.offices)),
        "allocation": allocation_of(found.scenario),
    }
    if found.share_without_time > best.share_without_time:
        return row | {"status": MORE_WITHOUT}
    # What satisfies the demand is among all: no price is below 0.
    row["price_minutes"] = max(found.value - best.value, 0.0)
    row["least_price"] = max(found.bound - best.value, 0.0)
    row["most_price"] = max(found.value - best.bound, 0.0)
    if found.proved and best.proved:
        row["least_price"] = row["most_price"] = row["price_minutes"]
    return row | {"status": found.status if best.proved else best.status}


def solved_near_best(
    problem: LocationProblem, within: float, *, limit_s: float, tell: Callable[[Gap], None]
) -> NearBest:
    """Search every structure within a share of the least mean.

    Parameters
    ----------
    problem : LocationProblem
        What is asked.
    within : float
        How much worse than the best, as a share of it [0–1].
    limit_s : float
        Longest each of the two searches may take [s]; of whole areas both together.
    tell : callable
        Told of the gap.

    Returns
    -------
    NearBest
        Complete only where it says so.

    Raises
    ------
    NotFoundError
        If the time was too short to find anything for others to be near.
    """
    if problem.areas is not None:
        return near_best_areas(problem, within, Watch(limit_s=limit_s, tell=tell))
    question = sum_question(problem)
    best = solve_sum(question, Watch(limit_s=limit_s, tell=tell))
    if np.isinf(best.value):
        raise NotFoundError.of("choice of sites that keeps to all demands")
    listed = near_best(question, best.value * (1 + within), Watch(limit_s=limit_s, tell=tell))
    people = float(question.weights.sum())
    return NearBest.of_sums(listed, problem.allowed, question, per=people)


def solved_front(
    problem: LocationProblem, *, limit_s: float, tell: Callable[[Gap], None]
) -> pd.DataFrame:
    """Search the front of the mean against the longest way.

    Parameters
    ----------
    problem : LocationProblem
        What is asked.
    limit_s : float
        Longest the search may take [s].
    tell : callable
        Told of the gap.

    Returns
    -------
    DataFrame
        As `navplan.locate.ranked.ranked_front`, without named scenarios, and with
        ``status``: where it is not ``proved``, points are missing.
    """
    if problem.areas is not None:
        return front_of_areas(problem, Watch(limit_s=limit_s, tell=tell))
    aim = mean_aim("mean_minutes", sum_question(problem))
    front = worst_front([aim], Watch(limit_s=limit_s, tell=tell), sites=problem.allowed)
    table = front.table[["mean_minutes", "worst_minutes", "offices"]]
    places = np.arange(1, len(table) + 1)
    return table.assign(
        kind="front", place=places, knee=knees(front.values), scenario="", allocation="",
        status=front.status,
    )  # fmt: skip


def solved_regret(
    problems: Mapping[str, LocationProblem], *, limit_s: float, tell: Callable[[Gap], None]
) -> LeastRegret:
    """Search the structure with the least largest regret.

    Parameters
    ----------
    problems : mapping of str to LocationProblem
        Outlook → what is asked.
    limit_s : float
        Longest the search may take [s].
    tell : callable
        Told of the gap.

    Returns
    -------
    LeastRegret
        As `navplan.locate.ranked.ranked_regret`, without named scenarios.
    """
    first = next(iter(problems.values()))
    if first.areas is not None:
        return regret_of_areas(problems, Watch(limit_s=limit_s, tell=tell))
    asked = [Outlook(name, sum_question(problem)) for name, problem in problems.items()]
    found = solve_regret(asked, Watch(limit_s=limit_s, tell=tell), sites=first.allowed)
    offices = tuple(first.allowed[site] for site in found.found.sites)
    table = pd.DataFrame(
        {
            "structure": ROBUST,
            "outlook": found.outlooks,
            "value": found.values,
            "best": [best.value for best in found.best],
            "regret": found.regrets,
            "offices": ";".join(offices),
            "allocation": "",
            "status": found.found.status,
        }
    )
    allocation = dict.fromkeys(first.zones.areas, NEAREST)
    return LeastRegret(table, Scenario(ROBUST, {}, offices, allocation))


def solved_stability(
    base: LocationProblem, settings: Mapping[tuple[str, str], Mix], watch: Watch
) -> pd.DataFrame:
    """Tell how the best structure changes over settings, and what it costs to stay with the base's.

    Parameters
    ----------
    base : LocationProblem
        Its best structure is the one that is kept.
    settings : mapping of (str, str) to sequence of (float, LocationProblem)
        Parameter and setting → problems over the same structures, and how much each counts.
    watch : Watch
        For all searches together.

    Returns
    -------
    DataFrame
        As `navplan.locate.ranked.ranked_stability`. A setting has no row where the base's best
        does not serve everybody who can be served.

    Raises
    ------
    InfeasibleError
        If no structure satisfies the base.
    """
    if base.areas is not None:
        return stability_of_areas(base, settings, watch)
    kept = solve_sum(sum_question(base), watch)
    questions = {setting: _mixed(mix) for setting, mix in settings.items()}
    asked = {
        f"{number}": question
        for number, question in enumerate(questions.values())
        if question.value(kept.sites) < np.inf
    }
    if not asked:
        return pd.DataFrame(columns=STABILITY_COLUMNS)
    found = stability(asked, time_after(kept, watch), base=kept.sites, sites=base.allowed).table
    own = ids_of(base.allowed, kept.sites)
    rows = [
        stability_row(
            list(questions)[int(row["parameter"])],
            Standing(row["base_value"], own),
            Standing(row["value"], row["offices"]),
            row["status"] if kept.status == "proved" else kept.status,
        )
        for row in found.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=STABILITY_COLUMNS)


def _mixed(mix: Mix) -> SumQuestion:
    """Add the means of a mix up: each counts as if as many people had a time as in the first."""
    questions = [sum_question(problem) for _, problem in mix]
    people = [float(question.weights.sum()) for question in questions]
    shares = [weight * people[0] / own for (weight, _), own in zip(mix, people, strict=True)]
    return blend(questions, shares)
