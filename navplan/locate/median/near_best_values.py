"""Values of many choices at once, summed anew from the times."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from navplan.locate.median.question import SumQuestion
from navplan.locate.median.rows import nearest_two
from navplan.travel.threads import in_threads, slices

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

_SLICES: Final = 16  # always as many, so that sums do not depend on the processors
_BLOCK: Final = 192  # clients near each other, few enough that most sites are too far for all


def values_of(question: SumQuestion, rows: Ints) -> Floats:
    """Value of every choice, as `SumQuestion.value` gives it one by one.

    Choices that begin alike share the nearest of those sites, so the sites of the most choices
    come first; and a site that is too far for a block of clients is passed over at once, so
    clients with the same nearest sites stand together.

    Parameters
    ----------
    question : SumQuestion
        What is asked.
    rows : array of int, shape (choices, most sites)
        Positions of the chosen sites; −1 where a row has fewer.

    Returns
    -------
    array, shape (choices,)
        Values; inf where a client that must have a time has none.
    """
    if not len(rows):
        return np.empty(0)
    used, times = np.unique(rows[rows >= 0], return_counts=True)
    used = used[np.argsort(-times, kind="stable")]
    place = np.full(question.sites + 1, len(used), dtype=np.intp)  # -1: without any
    place[used] = np.arange(len(used))
    places = np.sort(place[rows], axis=1)
    order = np.lexsort(places.T[::-1])
    places = places[order]
    same = np.zeros(len(rows), dtype=np.intp)
    same[1:] = np.argmax(places[1:] != places[:-1], axis=1)

    neighbours = _neighbours(question, used)
    parts = [neighbours[part] for part in slices(question.clients, -(-question.clients // _BLOCK))]
    sums = in_threads(
        lambda part: _summed(question, places, same, used, parts[part]), slices(len(parts), _SLICES)
    )
    values: Floats = np.append(question.site_costs, 0.0)[rows].sum(axis=1)
    values[order] += np.sum(sums, axis=0)
    return values


def _neighbours(question: SumQuestion, used: Ints) -> Ints:
    """Order clients by their nearest site in use and the second nearest."""
    first, second, _ = nearest_two(question.minutes, used, question.limit)
    return np.lexsort((second, first))


def _summed(
    question: SumQuestion, places: Ints, same: Ints, used: Ints, blocks: list[Ints]
) -> Floats:
    """What the clients of some blocks pay in each choice."""
    sums = np.zeros(len(places))
    for block in blocks:
        costs = _costs(question, block, used)
        missing = np.isinf(costs)  # binds even a client that weighs nothing
        paid = question.weights[block] * np.where(missing, 0.0, costs)
        paid[missing] = np.inf
        _add_values(paid, costs.min(axis=1), costs.max(axis=1), places, same, sums)
    return sums


def _costs(question: SumQuestion, block: Ints, used: Ints) -> Floats:
    """Cost of each client at each site in use, and last without any."""
    minutes = np.full((len(used) + 1, len(block)), np.inf)
    minutes[:-1] = question.minutes[np.ix_(block, used)].T
    minutes[minutes > question.limit] = np.inf
    return question.costs_of(minutes)


# Sums may be taken in any order, so that several clients go at once; inf stays inf.
@numba.njit(cache=True, nogil=True, fastmath={"reassoc"})
def _add_values(
    paid: Floats, least: Floats, most: Floats, places: Ints, same: Ints, sums: Floats
) -> None:
    """Add to each choice what the clients of a block pay.

    A site whose least cost to them is not below the most of a site before it changes nothing.
    """
    choices, width = places.shape
    clients = paid.shape[1]
    nearest = np.empty((width + 1, clients))  # of the first 0, 1, … sites of a row
    at = np.zeros(width + 1, np.intp)  # where that is
    enough, total = np.full(width + 1, most[-1]), np.zeros(width + 1)
    for i in range(clients):
        nearest[0, i] = paid[-1, i]
        total[0] += paid[-1, i]
    for choice in range(choices):
        for level in range(same[choice], width):
            site, before = places[choice, level], at[level]
            if least[site] >= enough[level]:
                at[level + 1], enough[level + 1] = before, enough[level]
                total[level + 1] = total[level]
                continue
            at[level + 1], enough[level + 1] = level + 1, min(enough[level], most[site])
            pays = 0.0
            for i in range(clients):
                nearest[level + 1, i] = min(nearest[before, i], paid[site, i])
                pays += nearest[level + 1, i]
            total[level + 1] = pays
        sums[choice] += total[width]
