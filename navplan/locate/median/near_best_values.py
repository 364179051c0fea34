"""Values of many choices at once, summed anew from the times."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from navplan.locate.median.question import SumQuestion
from navplan.travel.threads import in_threads, slices

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

_SLICES: Final = 16  # always as many, so that sums do not depend on the processors
_BLOCK: Final = 1024  # clients whose costs to all sites in use stay near the processor


def values_of(question: SumQuestion, rows: Ints) -> Floats:
    """Value of every choice, as `SumQuestion.value` gives it one by one.

    Choices that begin alike share the nearest of those sites.

    Parameters
    ----------
    question : SumQuestion
        What is asked.
    rows : array of int, shape (choices, most sites)
        Positions of the chosen sites, row after row in text order; −1 where a row has fewer.

    Returns
    -------
    array, shape (choices,)
        Values; inf where a client that must have a time has none.
    """
    if not len(rows):
        return np.empty(0)
    used = np.unique(rows[rows >= 0])
    place = np.full(question.sites + 1, -1, dtype=np.intp)
    place[used] = np.arange(len(used))
    places = place[rows]

    parts = in_threads(
        lambda part: _summed(question, places, used, part), slices(question.clients, _SLICES)
    )
    site_costs = np.append(question.site_costs, 0.0)[rows].sum(axis=1)
    total: Floats = np.sum(parts, axis=0) + site_costs
    return total


def _summed(question: SumQuestion, places: Ints, used: Ints, part: slice) -> Floats:
    """What the clients of a part pay in each choice."""
    sums = np.zeros(len(places))
    for start in range(part.start, part.stop, _BLOCK):
        block = slice(start, min(start + _BLOCK, part.stop))
        _add_values(_paid(question, block, used), places, sums)
    return sums


def _paid(question: SumQuestion, block: slice, used: Ints) -> Floats:
    """Weight × cost of each client at each site in use, and last without any."""
    minutes = np.full((len(used) + 1, block.stop - block.start), np.inf)
    minutes[:-1] = question.minutes[block][:, used].T
    minutes[minutes > question.limit] = np.inf
    costs = question.costs_of(minutes)
    missing = np.isinf(costs)  # binds even a client that weighs nothing
    costs[missing] = 0.0
    paid = question.weights[block] * costs
    paid[missing] = np.inf
    return paid


# Sums may be taken in any order, so that several clients go at once; inf stays inf.
@numba.njit(cache=True, nogil=True, fastmath={"reassoc"})
def _add_values(paid: Floats, places: Ints, sums: Floats) -> None:
    """Add to each choice what the clients of a block pay."""
    choices, width = places.shape
    clients = paid.shape[1]
    nearest = np.empty((width, clients))  # of the first 0, 1, … sites of a row
    for i in range(clients):
        nearest[0, i] = paid[-1, i]
    for choice in range(choices):
        same = 0
        if choice > 0:
            while same < width - 1 and places[choice, same] == places[choice - 1, same]:
                same += 1
        for level in range(same, width - 1):
            site = places[choice, level]  # -1 is the last row: without any
            for i in range(clients):
                nearest[level + 1, i] = min(nearest[level, i], paid[site, i])
        site = places[choice, width - 1]
        total = 0.0
        for i in range(clients):
            total += min(nearest[width - 1, i], paid[site, i])
        sums[choice] += total
