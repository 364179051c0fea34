"""The inner loops of the search for every near-best choice: compiled, depth first.

A subtree of the search owns a small prefix tree of its own, made from its parent's by `contract`:
a term whose prefix holds an opened site can never be paid again and goes; a closed site goes out
of every prefix, and terms whose prefixes are now the same set become one. So the work for a
subtree falls with its depth. The Lagrangian multipliers travel with the terms.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Int8s = npt.NDArray[np.int8]
Words = npt.NDArray[np.uint64]

FREE: Final = 0
OPEN: Final = 1
SHUT: Final = -1

_GONE: Final = -2
_ROOT: Final = -1

_FIRST_STEP: Final = 0.15  # multipliers come from the node above: longer steps only swing
_PATIENCE: Final = 4
_MEMORY: Final = 0.9


class Terms(NamedTuple):
    """Terms of prefix trees, one tree after another; parents stand before their children.

    Parameters
    ----------
    parent : array of int32
        Position of the parent within its tree; −1 at the top.
    site : array of int32
        Site that the term adds to its parent's prefix.
    cost : array of float
        What is paid where no site of the prefix is chosen; at least 0.
    more : array of float
        What is paid besides, and only in choices that are beyond the limit anyway: kept apart,
        because steps in proportion to it would be far too long.
    dual : array of float
        Lagrangian multiplier, between 0 and the cost.
    key : array of uint64
        Sum of the random words of the prefix's sites: same set, same key.
    """

    parent: Int32s
    site: Int32s
    cost: Floats
    more: Floats
    dual: Floats
    key: Words


class Scratch(NamedTuple):
    """Room to work in, as long as the longest tree.

    Parameters
    ----------
    flow, best, slack : array of float
        One number a term.
    moved : array of int64
        Where `contract` put a term.
    table, seen : array of int64
        Hash table of `contract` (a power of two long), and in which call a slot was filled;
        the last of `seen` counts the calls.
    stamp : array of int64
        By site; the last counts the stampings.
    """

    flow: Floats
    best: Floats
    slack: Floats
    moved: Ints
    table: Ints
    seen: Ints
    stamp: Ints


def make_room(terms: int, trees: int, sites: int) -> tuple[Terms, Scratch]:
    """Make room for trees and to work in; memory that is not written to is never taken.

    Parameters
    ----------
    terms : int
        Terms of the longest tree.
    trees : int
        How many trees are kept at a time.
    sites : int
        Number of sites.

    Returns
    -------
    terms : Terms
        Room for the trees.
    work : Scratch
        Room to work in.
    """
    size, slots = terms * trees, 1 << max(4, (2 * terms).bit_length())
    return (
        Terms(
            np.empty(size, np.int32),
            np.empty(size, np.int32),
            np.empty(size),
            np.empty(size),
            np.empty(size),
            np.empty(size, np.uint64),
        ),
        Scratch(
            np.empty(terms),
            np.empty(terms),
            np.empty(terms),
            np.empty(terms, np.int64),
            np.empty(slots, np.int64),
            np.zeros(slots + 1, np.int64),
            np.zeros(sites + 1, np.int64),
        ),
    )


@numba.njit(cache=True, nogil=True)
def _same_set(terms: Terms, to: int, one: int, parent: int, site: int, stamp: Ints) -> bool:
    """Tell whether a term's prefix is the same set as a parent's prefix and one site more."""
    if terms.site[to + one] == site and terms.parent[to + one] == parent:
        return True
    stamp[-1] += 1
    mark = stamp[-1]
    size = 0
    while one >= 0:
        stamp[terms.site[to + one]] = mark
        one = terms.parent[to + one]
        size += 1
    if stamp[site] != mark:
        return False
    size -= 1
    while parent >= 0:
        if stamp[terms.site[to + parent]] != mark:
            return False
        parent = terms.parent[to + parent]
        size -= 1
    return size == 0


@numba.njit(cache=True, nogil=True)
def contract(  # noqa: C901, PLR0912, PLR0915
    terms: Terms,
    begin: int,
    end: int,
    to: int,
    state: Int8s,
    words: Words,
    room: float,
    work: Scratch,
) -> tuple[int, float]:
    """Write the tree that is left once sites are opened and shut.

    A choice without any site of a term whose slack is above `room` is beyond the limit, so what
    the term's descendants cost may be asked at the term itself: no other choice pays it, and this
    one stays beyond the limit. A hit in the hash table is the same prefix only after `_same_set`
    says so.

    Parameters
    ----------
    terms : Terms
        The tree is at ``begin:end``; what is left is written from `to` on (`to` may be `begin`).
    begin, end, to : int
        Positions in the terms.
    state : array of int8
        By site: `FREE`, `OPEN` or `SHUT`.
    words : array of uint64
        A random word for each site.
    room : float
        Limit less bound.
    work : Scratch
        With the slack of every term; that of descendants asked elsewhere becomes inf.

    Returns
    -------
    end : int
        Where the new tree ends.
    paid : float
        What is now paid in any case.
    """
    mask = len(work.table) - 1
    work.seen[-1] += 1
    call = work.seen[-1]
    paid = 0.0
    count = 0
    for old in range(end - begin):
        e = begin + old
        above = terms.parent[e]
        parent = _ROOT
        sunk = False
        if above >= 0:
            parent = work.moved[above]
            sunk = work.slack[above] > room
        site = terms.site[e]
        if parent == _GONE or (state[site] == OPEN and not sunk):
            work.moved[old] = _GONE
            continue
        if sunk or state[site] == SHUT:
            work.moved[old] = parent
            if sunk:
                work.slack[old] = np.inf
            if parent == _ROOT:
                paid += terms.cost[e] + terms.more[e]
            elif sunk:
                terms.more[to + parent] += terms.cost[e] + terms.more[e]
            else:
                terms.cost[to + parent] += terms.cost[e]
                terms.more[to + parent] += terms.more[e]
                terms.dual[to + parent] += terms.dual[e]
            continue
        cost, more, dual = terms.cost[e], terms.more[e], terms.dual[e]
        key = words[site]
        if parent != _ROOT:
            key += terms.key[to + parent]
        slot = np.int64((key ^ (key >> np.uint64(31))) & np.uint64(mask))
        place = -1
        while work.seen[slot] == call:
            other = work.table[slot]
            if terms.key[to + other] == key and _same_set(
                terms, to, other, parent, site, work.stamp
            ):
                place = other
                break
            slot = (slot + 1) & mask
        if place >= 0:
            terms.cost[to + place] += cost
            terms.more[to + place] += more
            terms.dual[to + place] += dual
        else:
            place = count
            count += 1
            work.seen[slot] = call
            work.table[slot] = place
            terms.parent[to + place] = parent
            terms.site[to + place] = site
            terms.cost[to + place] = cost
            terms.more[to + place] = more
            terms.dual[to + place] = dual
            terms.key[to + place] = key
        work.moved[old] = place
    return to + count, paid


@numba.njit(cache=True, nogil=True)
def _first(order: Ints, count: int, wanted: int, score: Floats) -> None:
    """Bring the sites of highest score to the front."""
    for k in range(min(wanted, count)):
        top = k
        for other in range(k + 1, count):
            if score[order[other]] > score[order[top]]:
                top = other
        order[k], order[top] = order[top], order[k]


@numba.njit(cache=True, nogil=True)
def raise_bound(  # noqa: C901, PLR0912
    terms: Terms,
    begin: int,
    end: int,
    paid: float,
    order: Ints,
    count: int,
    wanted: int,
    prices: Floats,
    limit: float,
    steps: int,
    mean: Floats,
    score: Floats,
    work: Scratch,
) -> float:
    """Lower bound of all choices of so many free sites, by subgradient steps.

    With multipliers 0 ≤ μ_e ≤ c_e the bound is ``paid + Σ μ_e − Σ (q best scores)``, where the
    score of a site is the sum of the multipliers of the terms that hold it, less its price.

    Parameters
    ----------
    terms : Terms
        The tree is at ``begin:end``; its multipliers are raised in place.
    begin, end : int
        Positions in the terms.
    paid : float
        What is paid in any case.
    order : array of int64
        The first `count` are the free sites; the best `wanted` + 1 come to the front.
    count, wanted : int
        How many sites are free, and how many of them are chosen; `count` ≥ `wanted`.
    prices : array of float
        By site: paid if it is chosen.
    limit : float
        Above this the bound need not be known.
    steps : int
        Most steps; at least 1.
    mean : array of float
        By site: how often it was among the best lately; carried on.
    score : array of float
        By site: its score at the best multipliers (out).
    work : Scratch
        Room.

    Returns
    -------
    float
        The bound.
    """
    flow, best_dual = work.flow, work.best
    best_score = np.empty(len(score))
    best = -np.inf
    length = _FIRST_STEP
    stalled = 0
    for step in range(steps):
        for k in range(count):
            score[order[k]] = -prices[order[k]]
        bound = paid
        for e in range(end - begin):
            flow[e] = terms.dual[begin + e]
            bound += flow[e]
        for e in range(end - begin - 1, -1, -1):
            score[terms.site[begin + e]] += flow[e]
            if terms.parent[begin + e] >= 0:
                flow[terms.parent[begin + e]] += flow[e]
        _first(order, count, wanted + 1, score)
        for k in range(wanted):
            bound -= score[order[k]]
        stalled += 1
        if bound > best:
            if bound > best + 2e-5 * abs(limit):
                stalled = 0
            best = bound
            for e in range(end - begin):
                best_dual[e] = terms.dual[begin + e]
            for k in range(count):
                best_score[order[k]] = score[order[k]]
        if best > limit or step == steps - 1:
            break
        if stalled >= _PATIENCE:
            length *= 0.5
            stalled = 0
            for e in range(end - begin):
                terms.dual[begin + e] = best_dual[e]
        for k in range(count):
            mean[order[k]] = _MEMORY * mean[order[k]] + (1.0 - _MEMORY) * (k < wanted)
        norm = 0.0
        for e in range(end - begin):
            cover = mean[terms.site[begin + e]]
            if terms.parent[begin + e] >= 0:
                cover += flow[terms.parent[begin + e]]
            flow[e] = cover
            dual, cost = terms.dual[begin + e], terms.cost[begin + e]
            if (dual > 0.0 or cover < 1.0) and (dual < cost or cover > 1.0):
                norm += (1.0 - cover) ** 2 * cost
        # a target just above the limit: beyond it the node is done with
        ahead = limit + 2e-4 * abs(limit) - bound
        if norm <= 0.0 or ahead <= 0.0:
            break
        for e in range(end - begin):
            cost = terms.cost[begin + e]
            dual = terms.dual[begin + e] + length * ahead / norm * (1.0 - flow[e]) * cost
            terms.dual[begin + e] = min(max(dual, 0.0), cost)
    for e in range(end - begin):
        terms.dual[begin + e] = best_dual[e]
    for k in range(count):
        score[order[k]] = best_score[order[k]]
    _first(order, count, wanted + 1, score)
    return best
