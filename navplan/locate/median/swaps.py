"""Good choices: greedy, then swaps of one site at a time, then shaken and swapped again."""

from __future__ import annotations

from heapq import heapify, heapreplace
from typing import Final

import numpy as np

from navplan.locate.median import kernels
from navplan.locate.median.question import SumQuestion
from navplan.locate.median.tree import Floats, Ints, PrefixTree
from navplan.locate.watch import Watch

_BETTER: Final = 1e-12  # a swap that gains less, as a share of the value, is rounding


def greedy_sites(question: SumQuestion) -> Ints:
    """Add the site that helps most, one at a time: first to serve clients, then to save cost.

    Gains only fall as sites are added, so only the foremost is computed anew (lazy greedy [1]_).

    Parameters
    ----------
    question : SumQuestion
        Of few enough clients for a look at every one of their minutes.

    Returns
    -------
    array of int
        `least` sites at least, the fixed ones among them; more while they pay, up to `most`.

    References
    ----------
    .. [1] Minoux, M. (1978). Accelerated greedy algorithms for maximizing submodular set
       functions. Optimization Techniques, LNCIS 7. https://doi.org/10.1007/BFb0006528
    """
    minutes = question.minutes.astype(np.float64)
    minutes[minutes > question.limit] = np.inf
    timed = np.isfinite(minutes)
    costs = np.where(timed, question.costs_of(minutes), np.inf).T * 1.0
    weights = question.weights
    if np.isfinite(question.without):
        now = np.full(question.clients, question.without)
        served = np.ones(question.clients, dtype=bool)
    else:
        now = np.where(timed, costs.T, -np.inf).max(axis=1)
        now[~timed.any(axis=1)] = 0.0
        served = np.zeros(question.clients, dtype=bool)

    def gain(site: int) -> tuple[int, float, int]:
        saved = float(weights @ np.maximum(now - costs[site], 0.0))
        new = int(np.count_nonzero(timed[:, site] & ~served))
        return -new, float(question.site_costs[site]) - saved, site

    chosen = np.flatnonzero(question.fixed).tolist()
    for site in chosen:
        now = np.minimum(now, costs[site])
        served = served | timed[:, site]
    queue = [gain(j) for j in np.flatnonzero(~question.fixed & ~question.barred).tolist()]
    heapify(queue)
    while queue and len(chosen) < question.most:
        fresh = gain(queue[0][2])
        if fresh > queue[0]:
            heapreplace(queue, fresh)
            continue
        new, loss, site = fresh
        if len(chosen) >= question.least and new == 0 and loss >= 0:
            break
        chosen.append(site)
        now = np.minimum(now, costs[site])
        served = served | timed[:, site]
        heapreplace(queue, (1, 0.0, -1))
        queue.remove((1, 0.0, -1))
        heapify(queue)
    return np.sort(np.array(chosen, dtype=np.intp))


def fill_up(tree: PrefixTree, wanted: Ints, usage: Floats) -> Ints:
    """Make a choice of the right count: the wanted sites, then the most used.

    Parameters
    ----------
    tree : PrefixTree
        The question.
    wanted : array of int
        Positions among the tree's free sites.
    usage : array, shape (free sites,)
        How much each is used.

    Returns
    -------
    array of int
        Between `least` and `most` positions among the free sites.
    """
    wanted = np.asarray(wanted, dtype=np.intp)[: tree.most]
    missing = tree.least - len(wanted)
    if missing <= 0:
        return wanted
    order = np.argsort(-usage, kind="stable")
    others = order[~np.isin(order, wanted)]
    return np.concatenate([wanted, others[:missing]])


def swap_search(tree: PrefixTree, start: Ints) -> tuple[Ints, float]:
    """Swap, add or drop one site as long as that saves anything, the best move each time.

    All moves are priced in one pass over the tree [1]_.

    Parameters
    ----------
    tree : PrefixTree
        The question.
    start : array of int
        A choice, as positions among the free sites.

    Returns
    -------
    chosen : array of int
        A choice that no such move betters, in the tree.
    value : float
        Its value in the tree.

    References
    ----------
    .. [1] Resende, M. G. C. and Werneck, R. F. (2007). A fast swap-based local search procedure
       for location problems. Annals of Operations Research, 150.
       https://doi.org/10.1007/s10479-006-0154-0
    """
    free = len(tree.sites)
    chosen = list(np.asarray(start, dtype=np.intp))
    most = min(tree.most, free)
    place = np.empty(free, dtype=np.int32)
    single, visited = np.empty(len(tree), dtype=np.int32), np.empty(len(tree), dtype=np.int32)
    below = np.empty(len(tree))
    adds, losses, spared = np.empty(free), np.empty(most + 1), np.empty((free, most + 1))
    opening = tree.site_costs
    value, best = np.inf, list(chosen)
    while True:
        place[:] = -1
        place[chosen] = np.arange(len(chosen), dtype=np.int32)
        paid = kernels.swap_gains(
            tree.parent, tree.site, tree.cost, tree.size, place,
            single, below, visited, adds, losses, spared,
        )  # fmt: skip
        now = tree.constant + paid + float(opening[chosen].sum())
        if not now < value - _BETTER * abs(value if value < np.inf else 0.0):
            return np.array(best, dtype=np.intp), value
        value, best = now, list(chosen)
        count = len(chosen)
        saved = (adds - opening)[:, None] + spared[:, :count]
        saved += (opening[chosen] - losses[:count])[None, :]
        saved[chosen] = -np.inf
        moves = [(float(saved.max(initial=-np.inf)), "swap")]
        if count < most:
            added = adds - opening
            added[chosen] = -np.inf
            moves.append((float(added.max()), "add"))
        if count > max(tree.least, 0):
            moves.append((float((opening[chosen] - losses[:count]).max()), "drop"))
        gain, move = max(moves)
        if gain <= _BETTER * abs(value):
            return np.array(best, dtype=np.intp), value
        if move == "swap":
            site, out = np.unravel_index(int(saved.argmax()), saved.shape)
            chosen[out] = np.intp(site)
        elif move == "add":
            chosen.append(np.intp(added.argmax()))
        else:
            chosen.pop(int((opening[chosen] - losses[:count]).argmax()))


def shaken_search(
    tree: PrefixTree,
    start: Ints,
    usage: Floats,
    tries: int,
    random: np.random.Generator,
    watch: Watch,
) -> tuple[Ints, float]:
    """Shake the best choice and swap again, several times; every third time from the usage.

    Parameters
    ----------
    tree : PrefixTree
        The question.
    start : array of int
        A choice, as positions among the free sites.
    usage : array, shape (free sites,)
        How much each site is used in the linear relaxation.
    tries : int
        How many times.
    random : Generator
        Where chance comes from.
    watch : Watch
        When to stop early.

    Returns
    -------
    chosen : array of int
        The best choice met.
    value : float
        Its value in the tree.
    """
    best, value = swap_search(tree, start)
    free = len(tree.sites)
    likely = np.maximum(usage, 1e-6)
    for k in range(tries):
        count = len(best)
        room = min(count, free - count)
        if room < 1 or watch.over:
            break
        if k % 3 == 2:  # noqa: PLR2004
            share = likely ** random.uniform(0.5, 1.5)
            shaken = random.choice(free, count, replace=False, p=share / share.sum())
        else:
            moved = min(room, int(random.integers(2, max(3, min(count, 2 + count // 5) + 1))))
            others = np.setdiff1d(np.arange(free), best)
            shaken = best.copy()
            out = random.choice(count, moved, replace=False)
            shaken[out] = random.choice(others, moved, replace=False)
        found, worth = swap_search(tree, shaken)
        if worth < value - _BETTER * abs(value):
            best, value = found, worth
    return best, value
