"""Compiled loops over a prefix tree: values, bounds and moves, each in a pass or two.

Nodes lie depth first, parents before children: a pass forward hands sums down from the parent, a
pass backward hands them up.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

_Floats = npt.NDArray[np.float64]
_Int32s = npt.NDArray[np.int32]
_Bytes = npt.NDArray[np.int8]

FREE: Final = 0
INSIDE: Final = 1
OUTSIDE: Final = -1

_PROGRESS: Final = 2e-5  # a bound that rises by less of the value does not count as progress
_PATIENCE: Final = 15  # steps without progress before they are halved
_FLAT: Final = 1e-300
_FRESH: Final = 0.1  # weight of the latest choice in the average
_BEYOND: Final = 2e-4  # steps aim a little above the best value known
_HARDLY: Final = 0.02  # a site used less does not make a set better served


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
            if usage[own[e]] < _HARDLY:
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
