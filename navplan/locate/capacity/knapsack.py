"""Compiled knapsacks with a least and a most load, for fractional sizes and values alike."""

from __future__ import annotations

import numpy as np
from numba import njit

_MOST_NODES = 1_000


@njit(nogil=True, cache=True)
def sort_items(reduced, sizes):
    """Sort items by value per size; returns their order and how many have a negative value."""
    count = len(reduced)
    ratio = np.empty(count)
    worth = 0
    for k in range(count):
        if reduced[k] < 0.0:
            worth += 1
        if sizes[k] > 0.0:
            ratio[k] = reduced[k] / sizes[k]
        else:
            ratio[k] = -np.inf if reduced[k] < 0.0 else np.inf
    return np.argsort(ratio), worth


@njit(nogil=True, cache=True)
def _part(rest, size):
    """Share of an item that fits into a rest; all of it where rounding makes the rest larger."""
    return rest / size if 0.0 <= rest < size else (0.0 if rest < 0.0 else 1.0)


@njit(nogil=True, cache=True)
def relaxed_without(left_out, low, high, v, w):
    """Cheapest fractional filling without one item (none if -1); items by value per size."""
    if high < 0.0:
        return np.inf
    load, value = 0.0, 0.0
    for k in range(len(v)):
        if k == left_out:
            continue
        if v[k] >= 0.0 and load >= low:
            break
        limit = high if v[k] < 0.0 else low
        if load + w[k] > limit:
            return value + _part(limit - load, w[k]) * v[k]
        load += w[k]
        value += v[k]
    return value if load >= low else np.inf


@njit(nogil=True, cache=True)
def _critical_ratio(low, high, v, w):
    """Value per size of the item that the cheapest fractional filling divides; 0 if none."""
    load = 0.0
    for k in range(len(v)):
        if v[k] >= 0.0 and load >= low:
            return 0.0
        load += w[k]
        if load > (high if v[k] < 0.0 else low):
            return v[k] / w[k]
    return 0.0


@njit(nogil=True, cache=True)
def _relaxed(at, load, value, low, high, worth, v, w, V, W):
    """Cheapest fractional filling by items from `at` on, by the prefix sums V and W."""
    stop = max(worth, at)
    if load + W[stop] - W[at] > high:
        first, end = at, stop
        while first < end:
            middle = (first + end + 1) // 2
            if load + W[middle] - W[at] <= high:
                first = middle
            else:
                end = middle - 1
        rest = high - load - (W[first] - W[at])
        return value + V[first] - V[at] + _part(rest, w[first]) * v[first]
    if load + W[stop] - W[at] >= low:
        return value + V[stop] - V[at]
    if load + W[len(v)] - W[at] < low:
        return np.inf
    first, end = stop, len(v)
    while first < end:
        middle = (first + end) // 2
        if load + W[middle] - W[at] >= low:
            end = middle
        else:
            first = middle + 1
    over = load + W[first] - W[at] - low
    value += V[first] - V[at]
    return value - _part(over, w[first - 1]) * v[first - 1] if over > 0.0 else value


@njit(nogil=True, cache=True)
def _greedy(low, high, v, w, chosen):
    """Take what fits, best value per size first; returns the value, inf if too little fits."""
    load, value = 0.0, 0.0
    for k in range(len(v)):
        chosen[k] = load + w[k] <= high and (v[k] < 0.0 or load < low)
        if chosen[k]:
            load += w[k]
            value += v[k]
    return value if load >= low else np.inf


@njit(nogil=True, cache=True)
def _core(low, high, v, w, best, slack, kept):
    """Depth-first search of a core; marks a better choice in `kept`.

    Returns the value of the best choice and a bound that no choice is below.
    """
    if high < 0.0:
        return best, best - slack
    count = len(v)
    V, W = np.zeros(count + 1), np.zeros(count + 1)
    worth = 0
    for k in range(count):
        V[k + 1] = V[k] + v[k]
        W[k + 1] = W[k] + w[k]
        if v[k] < 0.0:
            worth += 1
    chosen = np.zeros(count, np.bool_)
    loads, values = np.zeros(count + 1), np.zeros(count + 1)
    at, nodes = 0, 0
    while True:
        while True:
            load, value = loads[at], values[at]
            if load >= low and value < best:
                best = value
                for k in range(count):
                    kept[k] = k < at and chosen[k]
            if at == count:
                break
            nodes += 1
            if _relaxed(at, load, value, low, high, worth, v, w, V, W) >= best - slack:
                break
            chosen[at] = load + w[at] <= high and (v[at] < 0.0 or load < low)
            if chosen[at]:
                load += w[at]
                value += v[at]
            at += 1
            loads[at], values[at] = load, value
        if nodes > _MOST_NODES:
            # What is still open: the other way at each item taken on the path.
            bound = best - slack
            for k in range(at):
                if chosen[k]:
                    other = _relaxed(k + 1, loads[k], values[k], low, high, worth, v, w, V, W)
                    bound = min(bound, other)
            return best, bound
        at -= 1
        while at >= 0 and not chosen[at]:
            at -= 1
        if at < 0:
            return best, best - slack
        chosen[at] = False
        loads[at + 1], values[at + 1] = loads[at], values[at]
        at += 1


@njit(nogil=True, cache=True)
def cheapest_load(reduced, sizes, low, high, slack, take):
    """Choose items of least sum with low ≤ load ≤ high; mark them in `take`.

    Returns a bound that no choice is below, and that is at most `slack` below the choice marked,
    unless the search would take too long. inf where there is no choice.
    """
    count = len(reduced)
    take[:] = False
    if count == 0:
        return 0.0 if low <= 0.0 else np.inf
    order, _ = sort_items(reduced, sizes)
    v, w = reduced[order], sizes[order]
    root = relaxed_without(-1, low, high, v, w)
    if root == np.inf:
        return np.inf
    chosen = np.zeros(count, np.bool_)
    best = _greedy(low, high, v, w, chosen)
    if best - slack > root:
        # Items whose other choice cannot be better are settled; the core is what is left.
        core = np.empty(count, np.intp)
        inner = 0
        held, value = 0.0, 0.0
        settled = np.zeros(count, np.bool_)
        rate = _critical_ratio(low, high, v, w)
        for k in range(count):
            # The relaxation's dual price of load bounds what the other choice costs.
            regret = v[k] - rate * w[k]
            out, inside = root + max(0.0, -regret), root + max(0.0, regret)
            if out >= best - slack and inside < best - slack:
                settled[k] = True
                held += w[k]
                value += v[k]
            elif inside < best - slack:
                core[inner] = k
                inner += 1
        core = core[:inner]
        kept = np.zeros(inner, np.bool_)
        found, bound = _core(low - held, high - held, v[core], w[core], best - value, slack, kept)
        if found + value < best:
            chosen[:] = settled
            chosen[core] = kept
        best, root = found + value, max(root, bound + value)
        root = min(root, best)
    else:
        root = max(root, best - slack)
    for k in range(count):
        take[order[k]] = chosen[k]
    return root
