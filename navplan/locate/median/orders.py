"""Each client's sites by rising minutes: shared by questions that differ in weights or cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from navplan.locate.costs import identity
from navplan.locate.median.question import Bools, Floats, Minutes, SumQuestion
from navplan.locate.median.rows import parts, sites_within

_CELLS_AT_ONCE: Final = 500_000
_EXACT: Final = 1e10  # whole numbers below it are summed with errors far below one


@dataclass(frozen=True, eq=False)
class Orders:
    """Lists of sites by rising minutes, one a client, end to end.

    Parameters
    ----------
    start : array of int64, shape (clients + 1,)
        Where each client's list starts in the next two.
    site : array of int32
        Positions of sites, of equals the smaller position first.
    minutes : array
        Their minutes [min].
    beyond : array, shape (clients,)
        Minutes of the nearest site that is not in the list [min]; inf where there is none.
    """

    start: npt.NDArray[np.int64]
    site: npt.NDArray[np.int32]
    minutes: Minutes
    beyond: Floats


def order_sites(question: SumQuestion, radius: Floats, listed: Bools) -> Orders:
    """List the sites of every client that may matter.

    Parameters
    ----------
    question : SumQuestion
        Minutes, weights and limit.
    radius : array, shape (clients,)
        How far each list goes [min]; sites at equal minutes are in it.
    listed : array of bool, shape (sites,)
        Sites that are listed at all.

    Returns
    -------
    Orders
        Empty lists for clients that weigh nothing, unless they must have a time.
    """
    if np.isfinite(question.without):
        radius = np.where(question.weights > 0, radius, -1.0)
    return Orders(*sites_within(question.minutes, radius, listed, question.limit))


def level_radius(question: SumQuestion, radius: Floats) -> Floats:
    """Widen lists over minutes that cost no more, so that none ends on a level stretch.

    Parameters
    ----------
    question : SumQuestion
        Minutes and cost.
    radius : array, shape (clients,)
        How far each list goes [min].

    Returns
    -------
    array
        The longest minutes whose cost is not above that of the radius [min].
    """
    if question.cost is identity:
        return radius
    wide = radius.copy()
    rows = max(1, _CELLS_AT_ONCE // question.sites)
    for begin in range(0, question.clients, rows):
        part = slice(begin, begin + rows)
        minutes = question.minutes[part].astype(np.float64)
        minutes[minutes > question.limit] = np.inf
        costs = question.costs_of(minutes)
        at_radius = question.costs_of(
            np.where(radius[part] <= question.limit, radius[part], np.inf)
        )
        level = np.where((costs <= at_radius[:, None]) & np.isfinite(minutes), minutes, 0.0)
        wide[part] = np.maximum(radius[part], level.max(axis=1))
    return wide


def drawn_in(radius: Floats, nearest: Floats, share: float) -> Floats:
    """Draw lists in towards each client's nearest site.

    Parameters
    ----------
    radius : array, shape (clients,)
        How far each list goes [min]; inf stays.
    nearest : array, shape (clients,)
        Minutes to the nearest site of a choice [min]; finite where the radius is.
    share : float
        How much of the way from the nearest to the radius is kept [0–1].

    Returns
    -------
    array
        How far each list goes then [min].
    """
    shorter = np.full(len(radius), np.inf)
    ends = np.isfinite(radius)
    shorter[ends] = nearest[ends] + share * (radius[ends] - nearest[ends])
    return shorter


def whole_values(question: SumQuestion) -> bool:
    """Find out whether every choice has a whole number for its value, as in many test problems.

    Then a choice that is better is better by one at least, which rules out much sooner.

    Parameters
    ----------
    question : SumQuestion
        The question.

    Returns
    -------
    bool
        Whether weights, costs of sites and costs of minutes are whole, and sums of them exact.
    """
    rest = 0.0 if np.isinf(question.without) else question.without
    numbers = np.concatenate([question.weights, question.site_costs, [rest]])
    if (numbers != np.floor(numbers)).any():
        return False
    largest = abs(rest)
    rows = max(1, _CELLS_AT_ONCE // question.sites)
    for begin in range(0, question.clients, rows):
        minutes = question.minutes[begin : begin + rows]
        counted = minutes[np.isfinite(minutes) & (minutes <= question.limit)]
        costs = question.costs_of(counted.astype(np.float64))
        if (costs != np.floor(costs)).any():
            return False
        largest = max(largest, float(np.abs(costs).max(initial=0.0)))
    most = largest * float(question.weights.sum()) + float(question.site_costs.sum())
    return most < _EXACT


def list_costs(question: SumQuestion, orders: Orders) -> npt.NDArray[np.float32] | Floats:
    """Cost of every entry of the lists.

    Parameters
    ----------
    question : SumQuestion
        Its cost.
    orders : Orders
        Its lists.

    Returns
    -------
    array
        As long as the lists; the minutes themselves where they are the cost.
    """
    if question.cost is identity:
        return orders.minutes
    costs = np.empty(len(orders.minutes))
    for part in parts(len(costs), len(costs)):
        costs[part] = question.costs_of(orders.minutes[part].astype(np.float64))
    return costs
