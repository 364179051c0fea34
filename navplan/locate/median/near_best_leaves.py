"""The leaves of the search for every near-best choice: the last sites, tried all at once.

What sites i, j, k save together follows from what each, each two and all three have in common:
s_i + s_j + s_k − s_ij − s_ik − s_jk + s_ijk, where s_ij is what the terms cost whose prefixes hold
both i and j. Two sites of a prefix lie on one path of the tree, so one walk up from each term
finds all of it.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

from navplan.locate.median.near_best_kernels import Floats, Int32s, Ints, Scratch, Terms

PAIR: Final = 2  # so few sites left to choose are tried all at once, however many are free
_TRIPLE: Final = 3  # and so many where few are free
_FEW: Final = 40


@numba.njit(cache=True, nogil=True)
def is_leaf(count: int, wanted: int) -> bool:
    """Tell whether the sites left to choose are tried all at once.

    Parameters
    ----------
    count, wanted : int
        How many sites are free, and how many of them are chosen.

    Returns
    -------
    bool
        Whether `fill_last` takes them.
    """
    return wanted <= PAIR or (wanted == _TRIPLE and count <= _FEW)


@numba.njit(cache=True, nogil=True)
def fill_last(  # noqa: C901, PLR0912
    terms: Terms,
    begin: int,
    end: int,
    paid: float,
    free: Ints,
    count: int,
    wanted: int,
    prices: Floats,
    limit: float,
    row: Int32s,
    rows: Int32s,
    found: int,
    most: int,
    work: Scratch,
) -> int:
    """Write every choice of the last sites within the limit.

    Parameters
    ----------
    terms : Terms
        The tree is at ``begin:end``.
    begin, end : int
        Positions in the terms.
    paid : float
        What is paid in any case.
    free : array of int64
        The first `count` are free.
    count, wanted : int
        How many are free, and how many of them are chosen; see `is_leaf`.
    prices : array of float
        By site.
    limit : float
        Largest value.
    row : array of int32
        The sites chosen already; its last `wanted` places are written to.
    rows : array of int32
        One choice a row (out); room for `most` + 1.
    found, most : int
        Rows written so far; stop beyond so many.
    work : Scratch
        Room.

    Returns
    -------
    int
        Rows written now.
    """
    flow = work.flow
    place = np.zeros(len(prices), np.int64)
    net = np.zeros(count)  # price of a site less what it saves alone
    for k in range(count):
        place[free[k]] = k
        net[k] = prices[free[k]]
    none = paid
    for e in range(end - begin):
        flow[e] = terms.cost[begin + e] + terms.more[begin + e]
        none += flow[e]
    for e in range(end - begin - 1, -1, -1):
        net[place[terms.site[begin + e]]] -= flow[e]
        if terms.parent[begin + e] >= 0:
            flow[terms.parent[begin + e]] += flow[e]
    last = len(row) - wanted
    if wanted == 0:
        return _written(row, rows, found) if none <= limit else found
    if wanted == 1:
        for k in range(count):
            if none + net[k] <= limit and found <= most:
                row[last] = free[k]
                found = _written(row, rows, found)
        return found
    both = _common_of_two(terms, begin, end, place, count, flow)
    if wanted == PAIR:
        for k in range(count):
            for j in range(k):
                if none + net[k] + net[j] + both[k, j] <= limit and found <= most:
                    row[last], row[last + 1] = free[j], free[k]
                    found = _written(row, rows, found)
        return found
    triples = _likely_triples(none, net, both, limit)
    if len(triples) == 0:
        return found
    all_three = _common_of_three(terms, begin, end, place, count, flow)
    for i, j, k in triples:
        value = none + net[i] + net[j] + net[k] + both[k, j] + both[k, i] + both[j, i]
        if value - all_three[_numbered(i, j, k)] <= limit and found <= most:
            row[last], row[last + 1], row[last + 2] = free[i], free[j], free[k]
            found = _written(row, rows, found)
    return found


@numba.njit(cache=True, nogil=True)
def _written(row: Int32s, rows: Int32s, found: int) -> int:
    for k in range(len(row)):
        rows[found, k] = row[k]
    return found + 1


@numba.njit(cache=True, nogil=True)
def _common_of_two(
    terms: Terms, begin: int, end: int, place: Ints, count: int, flow: Floats
) -> Floats:
    """Sum up the terms that hold both of two places; only below the diagonal."""
    both = np.zeros((count, count))
    for e in range(end - begin):
        one = place[terms.site[begin + e]]
        above = terms.parent[begin + e]
        while above >= 0:
            two = place[terms.site[begin + above]]
            both[max(one, two), min(one, two)] += flow[e]
            above = terms.parent[begin + above]
    return both


@numba.njit(cache=True, nogil=True)
def _likely_triples(none: float, net: Floats, both: Floats, limit: float) -> Ints:
    """List three places each, rising, unless they are beyond the limit whatever they share.

    Three sites have no more in common than any two of them.
    """
    count = len(net)
    triples = np.empty((count * (count - 1) * (count - 2) // 6, 3), np.int64)
    size = 0
    for k in range(count):
        least = np.inf  # the best that a third place before j can do
        for j in range(k):
            two = none + net[k] + net[j] + both[k, j]
            if two + least <= limit:
                for i in range(j):
                    one, other = both[k, i], both[j, i]
                    if two + net[i] + one + other - min(one, other, both[k, j]) <= limit:
                        triples[size] = i, j, k
                        size += 1
            least = min(least, net[j])
    return triples[:size]


@numba.njit(cache=True, nogil=True)
def _common_of_three(
    terms: Terms, begin: int, end: int, place: Ints, count: int, flow: Floats
) -> Floats:
    """Sum up the terms that hold all of three places; by their number."""
    common = np.zeros(count * (count - 1) * (count - 2) // 6)
    path = np.empty(count, np.int64)
    for e in range(end - begin):
        one = place[terms.site[begin + e]]
        above = terms.parent[begin + e]
        size = 0
        while above >= 0:
            two = place[terms.site[begin + above]]
            for k in range(size):
                low, high = min(two, path[k]), max(two, path[k])
                first, last = min(one, low), max(one, high)
                common[_numbered(first, one + low + high - first - last, last)] += flow[e]
            path[size] = two
            size += 1
            above = terms.parent[begin + above]
    return common


@numba.njit(cache=True, nogil=True)
def _numbered(i: int, j: int, k: int) -> int:
    """Number three places i < j < k: 0, 1, … without a gap."""
    return k * (k - 1) * (k - 2) // 6 + j * (j - 1) // 2 + i
