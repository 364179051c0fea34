"""Growing the prefix tree of a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from navplan.errors import Fault, raise_faults
from navplan.locate.median import growing_kernels
from navplan.locate.median.orders import Orders, list_costs, order_sites
from navplan.locate.median.question import Floats, Ints, SumQuestion
from navplan.locate.median.tree import PrefixTree, set_numbers


def tree_within(
    question: SumQuestion,
    radius: Floats,
    upper: float,
    *,
    free: Ints | None = None,
    inside: Ints | None = None,
    orders: Orders | None = None,
) -> PrefixTree:
    """Grow the tree of a question.

    Parameters
    ----------
    question : SumQuestion
        The question.
    radius : array, shape (clients,)
        How far each client's list goes [min]; inf for all its sites. Shorter lists make a smaller
        tree, whose values are lower bounds.
    upper : float
        Value of a choice. A client that must have a time and has none costs in the tree what
        makes any choice at least as bad as that: no more is needed, and nothing is made up. inf
        is allowed where every client may be without.
    free, inside : array of int, optional
        Positions of the sites still to be decided, and of those already chosen; unless given,
        those neither fixed nor barred, and the fixed.
    orders : Orders, optional
        The lists, where another question over the same minutes has them: lists over all sites of
        `free` and `inside` and no others.

    Returns
    -------
    PrefixTree
        Over the free sites.

    Raises
    ------
    InputError
        If costs fall with rising minutes.
    """
    return grown(question, radius, upper, free=free, inside=inside, orders=orders).tree


@dataclass(frozen=True, eq=False)
class Grown:
    """A tree, and the lists it is grown from.

    Parameters
    ----------
    tree : PrefixTree
        The tree.
    orders : Orders
        Each client's sites by rising minutes.
    costs : array
        Cost of each entry of the lists.
    last : array, shape (clients,)
        What a client adds, weighted, when none of its list is chosen, above the list's last cost;
        of a client without a list, what it costs.
    path : array of int32
        The tree's node of each entry, -1 where its branch costs nothing, -2 where the list has
        ended at a site inside; empty unless asked for.
    """

    tree: PrefixTree
    orders: Orders
    costs: Floats
    last: Floats
    path: npt.NDArray[np.int32]


def grown(
    question: SumQuestion,
    radius: Floats,
    upper: float,
    *,
    free: Ints | None = None,
    inside: Ints | None = None,
    orders: Orders | None = None,
    paths: bool = False,
) -> Grown:
    """Grow the tree of a question, and keep what it is grown from.

    Parameters
    ----------
    question, radius, upper, free, inside, orders
        As in `tree_within`.
    paths : bool
        Whether to keep the node of every entry.

    Returns
    -------
    Grown
        The tree and its lists.
    """
    if inside is None:
        inside = np.flatnonzero(question.fixed)
    if free is None:
        free = np.flatnonzero(~question.barred & ~question.fixed)
    listed = np.zeros(question.sites, dtype=np.bool_)
    listed[free] = listed[inside] = True
    if orders is None:
        orders = order_sites(question, radius, listed)
    costs = cast("Floats", list_costs(question, orders))  # the loops take float32, too
    last = _last_costs(question, orders, costs, upper, _least_site_costs(question, free, inside))
    place = np.full(question.sites, -1, dtype=np.int32)
    place[free] = np.arange(len(free), dtype=np.int32)
    path = np.full(len(costs) if paths else 0, growing_kernels.ENDED, dtype=np.int32)
    parent, site, cost, constant, falling = growing_kernels.grow(
        orders.start,
        orders.site,
        costs,
        question.weights,
        last,
        _neighbours(orders, question.sites),
        place,
        set_numbers(len(free)),
        path,
    )
    if falling:
        given = f"falls with rising minutes, for example in those of client {falling - 1}."
        raise_faults([Fault("sum question", "cost", given, "Longer must never cost less.")])
    order, parent, size = growing_kernels.depth_first(parent, cost)
    if paths:
        position = np.full(len(site) + 1, -1, dtype=np.int32)
        position[order] = np.arange(len(order), dtype=np.int32)
        path[path >= 0] = position[path[path >= 0]]
    tree = PrefixTree(
        parent,
        site[order],
        cost[order],
        size,
        constant + float(question.site_costs[inside].sum()),
        free,
        question.site_costs[free],
        inside,
        max(question.least - len(inside), 0),
        question.most - len(inside),
    )
    return Grown(tree, orders, costs, last, path)


def _last_costs(
    question: SumQuestion, orders: Orders, costs: Floats, upper: float, opening: float
) -> Floats:
    """What each client adds, weighted, when none of its list is chosen, above its last cost."""
    weights = question.weights
    empty = orders.start[1:] == orders.start[:-1]
    filled = ~empty
    begins, ends = np.zeros(len(weights)), np.zeros(len(weights))
    begins[filled] = costs[orders.start[:-1][filled]]
    ends[filled] = costs[orders.start[1:][filled] - 1]
    last = np.zeros(len(weights))
    longer = np.isfinite(orders.beyond)
    following = question.costs_of(orders.beyond[longer])
    last[longer] = weights[longer] * (following - ends[longer])
    begins[longer & empty] = following[empty[longer]]
    if np.isfinite(question.without):
        last[~longer] = weights[~longer] * (question.without - ends[~longer])
    else:
        spare = upper - opening - float(weights @ begins)
        paid = (weights * (ends - begins))[~longer]
        last[~longer] = np.maximum(spare - paid, 0.0)
    return last


def _least_site_costs(question: SumQuestion, free: Ints, inside: Ints) -> float:
    """Sum of the cheapest sites that can be chosen at all."""
    missing = max(question.least - len(inside), 0)
    cheapest = np.sort(question.site_costs[free])[:missing]
    return float(question.site_costs[inside].sum() + cheapest.sum())


def _neighbours(orders: Orders, sites: int) -> npt.NDArray[np.int64]:
    """Order clients by their two nearest sites: neighbours find the same nodes in the cache."""
    begin, end = orders.start[:-1], orders.start[1:]
    key = np.zeros(len(begin), dtype=np.int64)
    for nearest in range(2):
        longer = begin + nearest < end
        key *= sites + 1
        key[longer] += orders.site[begin[longer] + nearest] + 1
    return np.argsort(key, kind="stable")
