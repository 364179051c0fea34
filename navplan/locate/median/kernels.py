"""Compiled loops over a prefix tree: growing, contracting, laying out, sweeping.

Everything clever about speed is here. A node of the tree is a set of sites: its parent's set and
one more. Two tables find it again: one by the pair (parent, site), which is exact; one by a sum of
random numbers of its sites, whose every hit is compared site by site before it is believed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Int32s = npt.NDArray[np.int32]
_Bytes = npt.NDArray[np.int8]
_Hashes = npt.NDArray[np.uint64]

FREE: Final = 0
INSIDE: Final = 1
OUTSIDE: Final = -1

_EMPTY: Final = -1
_SPARED: Final = -2
_PROGRESS: Final = 2e-5  # a bound that rises by less of the value does not count as progress
_PATIENCE: Final = 15  # steps without progress before they are halved
_FLAT: Final = 1e-300
_FRESH: Final = 0.1  # weight of the latest choice in the average
_BEYOND: Final = 2e-4  # steps aim a little above the best value known
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
    same = x == y  # both at the same node, or both above the roots
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
) -> tuple[_Int32s, _Int32s, _Floats, float, int]:
    """Grow the tree of clients' lists; costs of equal sets add up.

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
def tree_value(up: _Int32s, own: _Int32s, cost: _Floats, chosen: _Bytes, hit: _Bytes) -> float:
    """Cost of the sets none of whose sites is chosen; `hit` is scratch, one a node."""
    total = 0.0
    for e in range(len(up)):
        found = chosen[own[e]] != 0 or (up[e] >= 0 and hit[up[e]] != 0)
        hit[e] = found
        if not found:
            total += cost[e]
    return total


@njit(nogil=True, cache=True)
def served(up: _Int32s, own: _Int32s, usage: _Floats, total: _Floats) -> None:
    """Sum the usage of each set's sites."""
    for e in range(len(up)):
        total[e] = usage[own[e]]
        if up[e] >= 0:
            total[e] += total[up[e]]


@njit(nogil=True, cache=True)
def weighed(
    up: _Int32s,
    own: _Int32s,
    cost: _Floats,
    demanded: float,
    usage: _Floats,
    total: _Floats,
    at_stake: _Floats,
) -> int:
    """Find the set to branch on: the dearest one that is half served.

    Costs of sets along a branch count together where their sites' usage hardly differs. Sets that
    cost `demanded` are served by every choice that matters. Gives the node, -1 where there is none.
    """
    best = -1
    most = 0.0
    for e in range(len(up)):
        above = up[e]
        total[e] = usage[own[e]]
        at_stake[e] = cost[e] if cost[e] < demanded else 0.0
        if above >= 0:
            total[e] += total[above]
            if usage[own[e]] < 0.02:
                at_stake[e] += at_stake[above]
        score = at_stake[e] * min(total[e], 1.0 - total[e])
        if score >= most and score > 0.0 and cost[e] < demanded:
            most = score
            best = e
    return best


@njit(nogil=True, cache=True)
def best_sites(
    scores: _Floats, site_costs: _Floats, least: int, most: int, chosen: _Floats
) -> float:
    """Choose the sites with the largest scores less costs; give their sum, mark them in `chosen`.

    At least `least`, at most `most`; between them as long as the net score is above 0.
    """
    chosen[:] = 0.0
    total = 0.0
    order = np.argsort(site_costs - scores)
    for k in range(most):
        j = order[k]
        net = scores[j] - site_costs[j]
        if k >= least and net <= 0:
            break
        total += net
        chosen[j] = 1.0
    return total


@njit(nogil=True, cache=True)
def _stepped(
    up: _Int32s,
    own: _Int32s,
    cost: _Floats,
    served_by: _Floats,
    stride: float,
    multipliers: _Floats,
    below: _Floats,
    scores: _Floats,
) -> float:
    """Step multipliers towards sets less than served; sum them, and score each site.

    `below` is all 0 before and after: sums of branches, on their way to the parent.
    """
    scores[:] = 0.0
    total = 0.0
    for e in range(len(up) - 1, -1, -1):
        v = multipliers[e] + stride * (1.0 - served_by[e]) * cost[e]
        v = min(max(v, 0.0), cost[e])
        multipliers[e] = v
        total += v
        v += below[e]
        below[e] = 0.0
        scores[own[e]] += v
        if up[e] >= 0:
            below[up[e]] += v
    return total


@njit(nogil=True, cache=True)
def _steepness(
    up: _Int32s,
    own: _Int32s,
    cost: _Floats,
    usage: _Floats,
    multipliers: _Floats,
    served_by: _Floats,
) -> float:
    """Sum how far sets are from served, squared and times cost, where multipliers can follow."""
    length = 0.0
    for e in range(len(up)):
        total = usage[own[e]]
        if up[e] >= 0:
            total += served_by[up[e]]
        served_by[e] = total
        g = 1.0 - total
        held = multipliers[e] <= 0.0 if g < 0 else multipliers[e] >= cost[e]
        if not held:
            length += g * g * cost[e]
    return length


@njit(nogil=True, cache=True)
def ascend(
    up: _Int32s,
    own: _Int32s,
    cost: _Floats,
    constant: float,
    site_costs: _Floats,
    least: int,
    most: int,
    upper: float,
    enough: float,
    multipliers: _Floats,
    usage: _Floats,
    pace: _Floats,
    steps: int,
) -> tuple[float, _Floats, int]:
    """Raise the Lagrangian bound by steps along the averaged subgradient.

    `multipliers` end at the best point met, `usage` (the average of the chosen sites) goes on from
    call to call; so does `pace`: step, smallest step, steps without progress, value of the last
    progress. Stops at `enough`. Gives the best bound, each site's score there, the steps taken.
    """
    served_by = np.zeros(len(up))
    below = np.zeros(len(up))
    scores = np.zeros(len(site_costs))
    chosen = np.zeros(len(site_costs))
    best = -np.inf
    best_multipliers = multipliers.copy()
    best_scores = scores.copy()
    stride = 0.0
    done = 0
    while done < steps and (done == 0 or pace[0] >= pace[1]):
        done += 1
        total = _stepped(up, own, cost, served_by, stride, multipliers, below, scores)
        bound = constant + total - best_sites(scores, site_costs, least, most, chosen)
        if bound > pace[3] + _PROGRESS * abs(upper):
            pace[3] = bound
            pace[2] = 0
        else:
            pace[2] += 1
        if bound > best:
            best = bound
            best_multipliers[:] = multipliers
            best_scores[:] = scores
        if best >= enough:
            break
        if pace[2] >= _PATIENCE:
            pace[0] *= 0.5
            pace[2] = 0
            multipliers[:] = best_multipliers
        usage *= 1 - _FRESH
        usage += _FRESH * chosen
        length = _steepness(up, own, cost, usage, multipliers, served_by)
        if not length > _FLAT:
            pace[0] = 0.0  # nothing to gain anywhere: no bound is better
            break
        stride = pace[0] * (upper + _BEYOND * abs(upper) - bound) / length
    multipliers[:] = best_multipliers
    return best, best_scores, done


@njit(nogil=True, cache=True)
def swap_gains(
    up: _Int32s,
    own: _Int32s,
    cost: _Floats,
    size: _Int32s,
    chosen: _Int32s,
    single: _Int32s,
    below: _Floats,
    visited: _Int32s,
    adds: _Floats,
    losses: _Floats,
    spared: _Floats,
) -> float:
    """Value of a choice, and what it changes to add a site, drop one, or swap.

    `chosen` is each site's place in the choice or -1. `adds[j]` is saved by adding j, `losses[r]`
    is lost by dropping the one at place r, of which `spared[j, r]` is not lost if j comes in.
    A set pays where none of its sites is chosen, and is at stake where just one is; branches
    that two are in are passed over. `single`, `below` and `visited` are scratch, one a node.
    """
    adds[:] = 0.0
    losses[:] = 0.0
    spared[:] = 0.0
    total = 0.0
    seen = 0
    e = 0
    while e < len(up):
        above = single[up[e]] if up[e] >= 0 else -1
        here = chosen[own[e]]
        if above >= 0 and here >= 0:
            e += size[e]
            continue
        single[e] = max(above, here)
        below[e] = cost[e]
        visited[seen] = e
        seen += 1
        e += 1
    for k in range(seen - 1, -1, -1):
        e = visited[k]
        parent = up[e]
        place = single[e]
        v = below[e]
        if place < 0:
            total += cost[e]
            adds[own[e]] += v
            if parent >= 0:
                below[parent] += v
        elif parent >= 0 and single[parent] == place:
            spared[own[e], place] += v
            below[parent] += v
        else:  # the one chosen site comes in here: above it all other sites spare the branch
            losses[place] += v
            while parent >= 0:
                spared[own[parent], place] += v
                parent = up[parent]
    return total
