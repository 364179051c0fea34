"""Bounds over all sites from a tree over some: sites that are not in it are priced.

Where sites are many, hardly two clients have the same nearest fifty, and the tree over all of them
is as large as the lists. A tree over the few sites that matter is small, and its multipliers,
spread evenly over each step of a client's cost, give every other site a score: what it would save.
That is a Lagrangian bound over all sites, as if the tree had them; column generation with a bound
at every round [1]_.

References
----------
.. [1] García, S., Labbé, M. and Marín, A. (2011). Solving large p-median problems with a radius
   formulation. INFORMS Journal on Computing, 23(4). https://doi.org/10.1287/ijoc.1100.0418
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from navplan.locate.costs import identity
from navplan.locate.median import growing_kernels, kernels
from navplan.locate.median.bounds import Bound
from navplan.locate.median.growing import Grown
from navplan.locate.median.question import Ints, SumQuestion
from navplan.locate.median.rows import SLICES
from navplan.locate.median.tree import PrefixTree
from navplan.travel.threads import in_threads, slices


def rules_of(question: SumQuestion, free: Ints, inside: Ints) -> PrefixTree:
    """Make a tree without nodes: sites, their costs and how many are chosen.

    Parameters
    ----------
    question : SumQuestion
        The question.
    free, inside : array of int
        Positions of the sites still to be decided, and of those already chosen.

    Returns
    -------
    PrefixTree
        For `navplan.locate.median.decided`.
    """
    nothing = np.zeros(0, dtype=np.int32)
    return PrefixTree(
        nothing,
        nothing,
        np.zeros(0),
        nothing,
        0.0,
        free,
        question.site_costs[free],
        inside,
        max(question.least - len(inside), 0),
        question.most - len(inside),
    )


def priced_bound(question: SumQuestion, grown: Grown, bound: Bound, free: Ints) -> Bound:
    """Score sites that are not in the tree, and bound the question over all of them.

    Parameters
    ----------
    question : SumQuestion
        The question.
    grown : Grown
        A tree over some of the free sites, with paths.
    bound : Bound
        A bound of it.
    free : array of int
        Positions of all free sites, those of the tree among them.

    Returns
    -------
    Bound
        Over all free sites: value, scores and usage; without multipliers.
    """
    tree = grown.tree
    share = np.divide(
        bound.multipliers, tree.cost, out=np.zeros(len(tree)), where=tree.cost > 0
    ).clip(0.0, 1.0)
    columns = np.setdiff1d(free, tree.sites)
    parts = slices(question.clients, max(SLICES, question.minutes.size // 4_000_000))
    scores = np.zeros((len(parts), question.sites))

    def _price(row: int) -> None:
        part = parts[row]
        rows: npt.NDArray[Any] = question.minutes[part]
        limit = question.limit
        if question.cost is not identity:
            minutes = rows.astype(np.float64)
            minutes[minutes > limit] = np.inf
            timed = np.isfinite(minutes)
            rows, limit = np.where(timed, question.costs_of(minutes), np.inf), np.inf
        growing_kernels.price(
            rows, limit, part.start, grown.orders.start, grown.path, grown.costs,
            question.weights, grown.last, share, columns, scores[row],
        )  # fmt: skip

    in_threads(_price, range(len(parts)))
    total = scores.sum(axis=0)
    total[tree.sites] = bound.scores
    usage = np.zeros(question.sites)
    usage[tree.sites] = bound.usage
    rules = rules_of(question, free, tree.inside)
    paid = kernels.best_sites(
        total[free], rules.site_costs, rules.least, min(rules.most, len(free)), np.zeros(len(free))
    )
    value = tree.constant + float(bound.multipliers.sum()) - paid
    return Bound(value, total[free], np.zeros(0), usage[free], bound.steps, bound.pace)
