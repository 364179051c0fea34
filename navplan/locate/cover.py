"""Covering: how few sites are enough, and which sites leave the fewest beyond a limit."""

from __future__ import annotations

from navplan.errors import InfeasibleError
from navplan.locate.array_types import Ints
from navplan.locate.checks import counted
from navplan.locate.cover_model import Aim, CoverModel
from navplan.locate.cover_question import CoverQuestion, Reach
from navplan.locate.found import Found
from navplan.locate.watch import Status, Watch

__all__ = ["CoverQuestion", "Reach", "solve_fewest_sites", "solve_least_beyond"]


def solve_fewest_sites(question: CoverQuestion, watch: Watch) -> Found:
    """Find the fewest sites that reach every share asked for: location set covering.

    Parameters
    ----------
    question : CoverQuestion
        What must be reached; `Reach.credit` does not count.
    watch : Watch
        Its limit, who is told, and the seed.

    Returns
    -------
    Found
        Value and bound are numbers of sites.

    Raises
    ------
    InfeasibleError
        If so many sites cannot reach it.

    See Also
    --------
    solve_least_beyond : The other way round: so many sites, whom do they leave beyond?

    Notes
    -----
    C. Toregas, R. Swain, C. ReVelle and L. Bergman, "The location of emergency service
    facilities", Operations Research 19 (1971), doi:10.1287/opre.19.6.1363. Where everybody is to
    be reached, it is solved over a few clients; those left beyond are added until none is.
    """
    return _solve(question, watch, "fewest")


def solve_least_beyond(question: CoverQuestion, watch: Watch) -> Found:
    """Find the sites that leave the least weight beyond the limits: maximal covering.

    Parameters
    ----------
    question : CoverQuestion
        The limits; several add up by their credit. Shares asked for bind as well.
    watch : Watch
        Its limit, who is told, and the seed.

    Returns
    -------
    Found
        Value and bound are Σ credit · weight beyond.

    Raises
    ------
    InfeasibleError
        If so many sites cannot reach the shares asked for.

    See Also
    --------
    solve_fewest_sites : The other way round: so much to be reached, by how few sites?

    Notes
    -----
    R. Church and C. ReVelle, "The maximal covering location problem", Papers of the Regional
    Science Association 32 (1974), doi:10.1007/BF01942293; backup cover: K. Hogan and C. ReVelle,
    "Concepts and applications of backup coverage", Management Science 32 (1986),
    doi:10.1287/mnsc.32.11.1434. Clients that the same sites reach are one row.
    """
    return _solve(question, watch, "beyond")


def _solve(question: CoverQuestion, watch: Watch, aim: Aim) -> Found:
    model = CoverModel(question, aim)
    rows = model.first_rows()
    bound, nodes = 0.0, 0
    sites: Ints = question.sites.fixed
    stopped: Status = "proved"
    try:
        while True:
            answer = model.solve(rows, watch)
            nodes += max(1, answer.nodes)
            if answer.status == "infeasible":
                raise InfeasibleError(_why_not(question))
            stopped = answer.status
            bound = max(bound, answer.bound)
            if answer.columns is not None:
                sites = model.sites_of(answer.columns)
            beyond = model.unreached(sites)
            if stopped != "proved" or not len(beyond):
                break
            rows.extend(beyond)
    except KeyboardInterrupt:
        stopped = "interrupted"
    if stopped != "proved":
        sites = model.completed(sites)
    value = model.value(sites) if question.satisfied(sites) else float("inf")
    return Found(sites, value, min(bound, value), stopped, watch.seconds, watch.seed, nodes)


def _why_not(question: CoverQuestion) -> str:
    allowed = question.sites.allowed
    for reach in question.reaches:
        never = question.beyond(reach, allowed)
        share = 1 - never / float(question.weights.sum()) if never else 1.0
        if reach.share > share:
            return (
                f"All {counted(len(allowed), 'allowed site')} together reach {share:.2%} within "
                f"{reach.minutes:g} minutes, and {reach.share:.2%} are asked for: allow "
                "more sites, or ask for less."
            )
    return (
        f"No choice of {counted(question.most, 'site')} reaches what is asked for: choose more, "
        "or ask for less."
    )
