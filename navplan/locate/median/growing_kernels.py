"""Compiled loops that grow and contract a prefix tree, and price sites outside it.

A node of the tree is a set of sites: its parent's set and one more. Two tables find it again: one
by the pair (parent, site), which is exact; one by a sum of random numbers of its sites, whose
every hit is compared site by site before it is believed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from navplan.locate.median.kernels import FREE, INSIDE

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Int32s = npt.NDArray[np.int32]
_Bytes = npt.NDArray[np.int8]
_Hashes = npt.NDArray[np.uint64]

ENDED: Final = -2
"""In a path: the list has ended at a site that is chosen already."""

_FINITE: Final = float(np.finfo(np.float64).max)
_EMPTY: Final = -1
_SPARED: Final = -2
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Fibonacci hashing


@njit(nogil=True, cache=True)
def _slot(key: int, mask: int) -> np.int64:
    mixed = np.uint64(key) * _SPREAD
    return np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(mask))


@njit(nogil=True, cache=True)
def _same_set(node: int, parent: int, site: int, up: _Int32s, own: _Int32s, marks: _Int32s) -> bool:
    """Whether a node's set is that of `parent` and `site`: compared until both chains meet."""
    x, y = up[node], parent
    extra = 1
    marks[own[node]] += 1
    while x != y and x >= 0 and y >= 0:
        marks[own[x]] += 1
        x = up[x]
        y = up[y]
        extra += 1
    same: bool = x == y  # both at the same node, or both above the roots
    if same:
        matched = 0
        if marks[site] > 0:
            matched += 1
            y = parent
            for _ in range(extra - 1):
                if marks[own[y]] == 0:
                    break
                matched += 1
                y = up[y]
        same = matched == extra
    x = node
    for _ in range(extra):
        marks[own[x]] = 0
        x = up[x]
    return same


@njit(nogil=True, cache=True)
def _joined(
    parent: int,
    site: int,
    count: int,
    up: _Int32s,
    own: _Int32s,
    sums: _Hashes,
    numbers: _Hashes,
    sets: _Int32s,
    marks: _Int32s,
) -> int:
    """Find the node of the set of `parent` and `site`; make it, as number `count`, if it is new."""
    total = numbers[site]
    if parent >= 0:
        total += sums[parent]
    where = np.int64((total ^ (total >> np.uint64(29))) & np.uint64(len(sets) - 1))
    node = sets[where]
    while node != _EMPTY:
        if sums[node] == total and _same_set(node, parent, site, up, own, marks):
            return node
        where = (where + 1) & (len(sets) - 1)
        node = sets[where]
    sets[where] = count
    up[count] = parent
    own[count] = site
    sums[count] = total
    return count


@njit(nogil=True, cache=True)
def _larger_pairs(pairs: npt.NDArray[np.int64], least: int) -> npt.NDArray[np.int64]:
    size = len(pairs)
    while size < least:
        size *= 2
    larger = np.full((size, 2), _EMPTY, dtype=np.int64)
    for old in range(len(pairs)):
        if pairs[old, 0] == _EMPTY:
            continue
        place = _slot(pairs[old, 0], size - 1)
        while larger[place, 0] != _EMPTY:
            place = (place + 1) & (size - 1)
        larger[place] = pairs[old]
    return larger


@njit(nogil=True, cache=True)
def _larger_sets(sets: _Int32s, sums: _Hashes, count: int, least: int) -> _Int32s:
    size = len(sets)
    while size < least:
        size *= 2
    larger = np.full(size, _EMPTY, dtype=np.int32)
    for node in range(count):
        total = sums[node]
        where = np.int64((total ^ (total >> np.uint64(29))) & np.uint64(size - 1))
        while larger[where] != _EMPTY:
            where = (where + 1) & (size - 1)
        larger[where] = node
    return larger


@njit(nogil=True, cache=True)
def _longer_ints(array: _Int32s, size: int) -> _Int32s:
    longer = np.empty(size, dtype=np.int32)
    longer[: len(array)] = array
    return longer


@njit(nogil=True, cache=True)
def grow(
    start: _Ints,
    site: _Int32s,
    cost: _Floats,
    weights: _Floats,
    last: _Floats,
    clients: _Ints,
    place: _Int32s,
    numbers: _Hashes,
    path: _Int32s,
) -> tuple[_Int32s, _Int32s, _Floats, float, int]:
    """Grow the tree of clients' lists; costs of equal sets add up.

    `path`, unless empty, takes the node of every entry; it is left alone where a list has ended.

    `place` is each site's position in the tree, -1 where it is chosen already and ends the list.

    `clients` says in which order: neighbours after another find their nodes in the cache.

    `last` is what a client adds, weighted, when none of its list is chosen, above the cost of the
    last of its list. Fifth of the answer: 1 + the client whose costs fall, or 0.
    """
    up = np.empty(1024, dtype=np.int32)
    own = np.empty(1024, dtype=np.int32)
    sums = np.empty(1024, dtype=np.uint64)
    adds = np.zeros(1024)
    pairs = np.full((4096, 2), _EMPTY, dtype=np.int64)
    sets = np.full(4096, _EMPTY, dtype=np.int32)
    marks = np.zeros(len(numbers), dtype=np.int32)
    count = 0
    used = 0
    constant = 0.0
    for i in clients:
        length = start[i + 1] - start[i]
        if length == 0:
            constant += last[i]
            continue
        if count + length > len(up):
            size = 2 * (count + length)
            up = _longer_ints(up, size)
            own = _longer_ints(own, size)
            more = np.empty(size, dtype=np.uint64)
            more[:count] = sums[:count]
            sums = more
            costs = np.zeros(size)
            costs[:count] = adds[:count]
            adds = costs
        if 2 * (count + length) > len(sets):
            sets = _larger_sets(sets, sums, count, 4 * (count + length))
        if 2 * (used + length) > len(pairs):
            pairs = _larger_pairs(pairs, 4 * (used + length))
        node = -1
        before = 0.0
        served_at_last = False
        weight = weights[i]
        for k in range(start[i], start[i + 1]):
            now = np.float64(cost[k])
            if node < 0:
                constant += weight * now
            elif now < before:
                return up, own, adds, constant, i + 1
            else:
                adds[node] += weight * (now - before)
            before = now
            j = place[site[k]]
            if j < 0:
                served_at_last = True
                break
            key = (node + 1) * np.int64(len(numbers)) + j
            slot = _slot(key, len(pairs) - 1)
            while pairs[slot, 0] != key and pairs[slot, 0] != _EMPTY:
                slot = (slot + 1) & (len(pairs) - 1)
            if pairs[slot, 0] == key:
                node = pairs[slot, 1]
            else:
                node = _joined(node, j, count, up, own, sums, numbers, sets, marks)
                pairs[slot, 0] = key
                pairs[slot, 1] = node
                used += 1
                count += node == count
            if len(path) > 0:
                path[k] = node
        if not served_at_last:
            adds[node] += last[i]
    return up[:count].copy(), own[:count].copy(), adds[:count].copy(), constant, 0


@njit(nogil=True, cache=True)
def contract(
    up: _Int32s,
    own: _Int32s,
    cost: _Floats,
    multipliers: _Floats,
    state: _Bytes,
    place: _Int32s,
    numbers: _Hashes,
) -> tuple[_Int32s, _Int32s, _Floats, _Floats, float]:
    """Leave out sites: those outside fall out of the sets, sets with one inside cost nothing.

    `place` is the new position of each site that stays free. Multipliers add up like costs.
    """
    size = 1024
    while size < 2 * len(up):
        size *= 2
    sets = np.full(size, _EMPTY, dtype=np.int32)
    new_up = np.empty(len(up), dtype=np.int32)
    new_own = np.empty(len(up), dtype=np.int32)
    sums = np.empty(len(up), dtype=np.uint64)
    new_cost = np.zeros(len(up))
    new_multipliers = np.zeros(len(up))
    marks = np.zeros(len(numbers), dtype=np.int32)
    become = np.empty(len(up), dtype=np.int32)  # a node, the empty set, or spared
    count = 0
    constant = 0.0
    for e in range(len(up)):
        node = become[up[e]] if up[e] >= 0 else _EMPTY
        if node == _SPARED or state[own[e]] == INSIDE:
            become[e] = _SPARED
            continue
        if state[own[e]] == FREE:
            node = _joined(node, place[own[e]], count, new_up, new_own, sums, numbers, sets, marks)
            count += node == count
        become[e] = node
        if node < 0:
            constant += cost[e]
        else:
            new_cost[node] += cost[e]
            new_multipliers[node] += multipliers[e]
    return (
        new_up[:count].copy(),
        new_own[:count].copy(),
        new_cost[:count].copy(),
        new_multipliers[:count].copy(),
        constant,
    )


@njit(nogil=True, cache=True)
def depth_first(up: _Int32s, cost: _Floats) -> tuple[_Int32s, _Int32s, _Int32s]:
    """Order the nodes so that each branch lies together; branches that cost nothing are left out.

    Sweeps then read memory in order: most nodes follow their parent. Gives the order, and in that
    order each node's parent and how many nodes its branch has.
    """
    count = len(up)
    size = np.zeros(count, dtype=np.int64)  # of the branch, 0 where it costs nothing
    for e in range(count - 1, -1, -1):
        if size[e] > 0 or cost[e] > 0:
            size[e] += 1
            if up[e] >= 0:
                size[up[e]] += size[e]
    order = np.empty(count, dtype=np.int32)
    position = np.empty(count, dtype=np.int32)
    following = np.empty(count, dtype=np.int64)  # where the node's next child goes
    at_root = 0
    total = 0
    for e in range(count):
        if size[e] == 0:
            continue
        if up[e] < 0:
            here = at_root
            at_root += size[e]
        else:
            here = following[up[e]]
            following[up[e]] += size[e]
        order[here] = e
        position[e] = here
        following[e] = here + 1
        total += 1
    order = order[:total].copy()
    new_up = np.empty(total, dtype=np.int32)
    new_size = np.empty(total, dtype=np.int32)
    for here in range(total):
        e = order[here]
        new_up[here] = position[up[e]] if up[e] >= 0 else -1
        new_size[here] = size[e]
    return order, new_up, new_size


@njit(nogil=True, cache=True)
def price(
    rows: _Floats,
    limit: float,
    first_client: int,
    start: _Ints,
    path: _Int32s,
    costs: _Floats,
    weights: _Floats,
    last: _Floats,
    share: _Floats,
    columns: npt.NDArray[np.intp],
    scores: _Floats,
) -> None:
    """Add to the scores of some columns what multipliers of clients lie above their cost.

    A step of a client's cost, from one site of its list to the next, is paid to the share of the
    multiplier of its set; a site in between is in the sets that pay the upper part of the step.
    """
    for row in range(rows.shape[0]):
        i = first_client + row
        a = start[i]
        weight = weights[i]
        steps = 0
        while a + steps < start[i + 1] and path[a + steps] != ENDED:
            steps += 1
        ends_inside = a + steps < start[i + 1]
        begins = weight * costs[a] if a < start[i + 1] else last[i]
        above = np.zeros(steps + 1)  # multipliers from each step on
        worth = 0
        for k in range(steps - 1, -1, -1):
            if k + 1 < steps or ends_inside:
                length = weight * (np.float64(costs[a + k + 1]) - costs[a + k])
            else:
                length = last[i]
            node = path[a + k]
            above[k] = above[k + 1] + (share[node] * length if node >= 0 else 0.0)
            if above[k] > 0.0 and worth == 0:
                worth = k + 1  # steps after it pay nothing
        reach = min(limit, _FINITE)  # nothing is paid to sites that cost more
        if a + worth < start[i + 1]:
            reach = min(reach, np.float64(costs[a + worth]))
        for j in columns:
            c = np.float64(rows[row, j])
            if c > reach:
                continue
            cost = weight * c
            if cost < begins:
                scores[j] += above[0] + begins - cost
                continue
            if worth == 0:
                continue
            low, high = 0, worth - 1  # the last step that begins no later
            while low < high:
                middle = (low + high + 1) // 2
                if costs[a + middle] <= c:
                    low = middle
                else:
                    high = middle - 1
            node = path[a + low]
            paid = share[node] if node >= 0 else 0.0
            if low + 1 < steps or ends_inside:
                left = weight * (np.float64(costs[a + low + 1]) - c)
            else:
                left = last[i] - weight * (c - np.float64(costs[a + low]))
            scores[j] += above[low + 1] + paid * max(left, 0.0)
