"""The search for every near-best choice: one subtree, compiled, depth first."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

from navplan.locate.median.near_best_kernels import (
    FREE,
    OPEN,
    SHUT,
    Floats,
    Int8s,
    Int32s,
    Ints,
    Scratch,
    Terms,
    Words,
    contract,
    raise_bound,
)
from navplan.locate.median.near_best_leaves import fill_last, is_leaf

DONE: Final = 0
STOPPED: Final = 1
FULL: Final = 2

NOTHING: Final = -1
DECIDED: Final = -2


@numba.njit(cache=True, nogil=True)
def judge(
    terms: Terms,
    begin: int,
    end: int,
    order: Ints,
    count: int,
    wanted: int,
    score: Floats,
    room: float,
    state: Int8s,
    work: Scratch,
) -> int:
    """Open and shut sites by their reduced costs, and tell how much each term has in reserve.

    A site outside the best whose entry, or one of the best whose exit, lifts the bound beyond
    the limit is decided. A choice without any site of a prefix pays the costs along it in full
    and forgoes the best sites in it: the slack of the term.

    Parameters
    ----------
    terms : Terms
        The tree is at ``begin:end``.
    begin, end : int
        Positions in the terms.
    order : array of int64
        Free sites, the best `wanted` + 1 first.
    count, wanted : int
        How many are free, and how many are chosen; `count` > `wanted`.
    score : array of float
        By site.
    room : float
        Limit less bound.
    state : array of int8
        By site (out).
    work : Scratch
        Slack of every term (out).

    Returns
    -------
    int
        How many sites were decided.
    """
    last, next_ = score[order[wanted - 1]], score[order[wanted]]
    decided = 0
    for k in range(count):
        site = order[k]
        state[site] = FREE
        if k < wanted:
            if score[site] - next_ > room:
                state[site] = OPEN
                decided += 1
        elif last - score[site] > room:
            state[site] = SHUT
            decided += 1
    lost = np.zeros(len(score))
    for k in range(wanted):
        lost[order[k]] = score[order[k]] - next_
    for e in range(end - begin):
        slack = terms.cost[begin + e] + terms.more[begin + e] - terms.dual[begin + e]
        slack += lost[terms.site[begin + e]]
        if terms.parent[begin + e] >= 0:
            slack += work.slack[terms.parent[begin + e]]
        work.slack[e] = slack
    return decided


@numba.njit(cache=True, nogil=True)
def branch(  # noqa: C901
    terms: Terms,
    begin: int,
    end: int,
    to: int,
    paid: float,
    free: Ints,
    count: int,
    wanted: int,
    prices: Floats,
    limit: float,
    steps: int,
    mean: Floats,
    words: Words,
    state: Int8s,
    work: Scratch,
) -> tuple[int, int, float, int, float]:
    """Bound a node, decide what its bound decides, and part it by its best site.

    Parameters
    ----------
    terms : Terms
        The tree is at ``begin:end``; the half without the site is left there, the half with it
        is written from `to` on.
    begin, end, to : int
        Positions in the terms.
    paid : float
        What is paid in any case.
    free : array of int64
        The first `count` are free; put into another order.
    count, wanted : int
        How many are free, and how many of them are chosen.
    prices : array of float
        By site.
    limit : float
        Choices above it are of no interest.
    steps : int
        Subgradient steps.
    mean : array of float
        By site; see `raise_bound`.
    words : array of uint64
        By site.
    state : array of int8
        By site: what was decided in the half without the site (out).
    work : Scratch
        Room.

    Returns
    -------
    site : int
        The site that parts the node; `NOTHING` if nothing in it is within the limit, `DECIDED` if
        no more was done than deciding.
    end : int
        Where the half without the site ends.
    paid : float
        What it pays in any case.
    end_with : int
        Where the half with the site ends.
    paid_with : float
        What it pays in any case.
    """
    left = wanted
    spare = count - wanted
    site = DECIDED
    room = 0.0
    if count < wanted:
        return NOTHING, end, paid, to, paid
    if spare == 0:
        for k in range(count):
            state[free[k]] = OPEN
            paid += prices[free[k]]
    else:
        score = np.empty(len(prices))
        bound = raise_bound(
            terms, begin, end, paid, free, count, wanted, prices, limit, steps, mean, score, work
        )
        if bound > limit:
            return NOTHING, end, paid, to, paid
        room = limit - bound
        judge(terms, begin, end, free, count, wanted, score, room, state, work)
        for k in range(count):
            if state[free[k]] == OPEN:
                left -= 1
                paid += prices[free[k]]
            elif state[free[k]] == SHUT:
                spare -= 1
        if spare > 0 and not is_leaf(left + spare, left):
            for k in range(wanted):
                if state[free[k]] == FREE:
                    site = free[k]
                    break
    end_with, paid_with = to, paid
    if site >= 0:
        state[site] = OPEN
        end_with, more = contract(terms, begin, end, to, state, words, room, work)
        paid_with += prices[site] + more
        state[site] = SHUT
    end, more = contract(terms, begin, end, begin, state, words, room, work)
    return site, end, paid + more, end_with, paid_with


@numba.njit(cache=True, nogil=True)
def descend(  # noqa: C901
    terms: Terms,
    length: int,
    paid: float,
    row: Int32s,
    chosen: int,
    prices: Floats,
    limit: float,
    steps: int,
    mean: Floats,
    words: Words,
    rows: Int32s,
    most: int,
    work: Scratch,
    stop: Int8s,
) -> tuple[int, int, int]:
    """Find every choice within the limit in one node of the search.

    Parameters
    ----------
    terms : Terms
        The first `length` are the node's tree; room for a tree as long for every site that is
        still to be chosen.
    length : int
        Length of the tree.
    paid : float
        What is paid in any case.
    row : array of int32
        The first `chosen` are the sites chosen already; p long.
    chosen : int
        How many those are.
    prices : array of float
        By site; all sites are free.
    limit : float
        Largest value.
    steps : int
        Subgradient steps at a node.
    mean : array of float
        By site; see `raise_bound`.
    words : array of uint64
        By site.
    rows : array of int32
        One choice a row, by the order in which they are found (out); room for `most` and for as
        many more as there are pairs of sites.
    most : int
        Stop beyond so many.
    work : Scratch
        Room.
    stop : array of int8
        Another thread sets its only element to 1 to stop the search.

    Returns
    -------
    found : int
        Rows found.
    nodes : int
        Nodes looked at.
    outcome : int
        `DONE`, `STOPPED` or `FULL`.
    """
    p = len(row)
    sites = len(prices)
    depth = p - chosen + 1
    begins, ends = np.zeros(depth, np.int64), np.zeros(depth, np.int64)
    paids, counts = np.zeros(depth), np.zeros(depth, np.int64)
    frees, means = np.zeros((depth, sites), np.int64), np.zeros((depth, sites))
    chosens = np.zeros(depth, np.int64)
    state = np.zeros(sites, np.int8)
    found = nodes = level = 0
    ends[0], paids[0], counts[0], chosens[0] = length, paid, sites, chosen
    for k in range(sites):
        frees[0, k] = k
        means[0, k] = mean[k]
    while level >= 0:
        if stop[0] != 0:
            return found, nodes, STOPPED
        nodes += 1
        begin, end, count = begins[level], ends[level], counts[level]
        wanted = p - chosens[level]
        if is_leaf(count, wanted):
            found = fill_last(
                terms, begin, end, paids[level], frees[level], count, wanted, prices, limit,
                row, rows, found, most, work,
            )  # fmt: skip
            if found > most:
                return found, nodes, FULL
            level -= 1
            continue
        site, ends[level], paids[level], end_with, paid_with = branch(
            terms, begin, end, end, paids[level], frees[level], count, wanted, prices, limit,
            steps, means[level], words, state, work,
        )  # fmt: skip
        if site == NOTHING:
            level -= 1
            continue
        left = 0
        for k in range(count):
            other = frees[level, k]
            if state[other] == OPEN:
                row[chosens[level]] = other
                chosens[level] += 1
            elif state[other] == FREE:
                frees[level, left] = other
                left += 1
        counts[level] = left
        if site >= 0:
            row[chosens[level]] = site
            begins[level + 1], ends[level + 1] = end, end_with
            paids[level + 1], counts[level + 1] = paid_with, left
            chosens[level + 1] = chosens[level] + 1
            for k in range(sites):
                frees[level + 1, k] = frees[level, k]
                means[level + 1, k] = means[level, k]
            level += 1
    return found, nodes, DONE
