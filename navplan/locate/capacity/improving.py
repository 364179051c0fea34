"""Compiled local search for whole assignments: shifts, exchanges and moved sites."""

from __future__ import annotations

import numpy as np
from numba import njit

_ROUNDS = 12
_TINY = 1e-9


@njit(nogil=True, cache=True)
def _over(load, low, high):
    """How far a load lies outside its limits."""
    if load > high:
        return load - high
    return low - load if load < low else 0.0


@njit(nogil=True, cache=True)
def excess(loads, chosen, low, high):
    """How far the loads of the chosen sites lie outside their limits, summed up."""
    total = 0.0
    for j in range(len(loads)):
        if chosen[j]:
            total += _over(loads[j], low[j], high[j])
    return total


@njit(nogil=True, cache=True)
def first_assignment(cost, sizes, high, chosen, starts, units, take, assigned, loads):
    """Keep the cheapest of the pairs taken; place what is left by room, largest unit first.

    Returns whether every unit has a chosen site that it may use.
    """
    count = len(sizes)
    assigned[:] = -1
    loads[:] = 0.0
    for j in range(len(chosen)):
        if chosen[j]:
            for k in range(starts[j], starts[j + 1]):
                i = units[k]
                if take[k] and (assigned[i] < 0 or cost[i, j] < cost[i, assigned[i]]):
                    assigned[i] = j
    for i in range(count):
        if assigned[i] >= 0:
            loads[assigned[i]] += sizes[i]
    for i in np.argsort(-sizes):
        if assigned[i] >= 0:
            continue
        best, least, room = -1, np.inf, -np.inf
        roomy = False
        for j in range(len(chosen)):
            if not chosen[j] or cost[i, j] == np.inf:
                continue
            left = high[j] - loads[j] - sizes[i]
            better = cost[i, j] < least if left >= 0.0 else not roomy and left > room
            if left >= 0.0 and (not roomy or better):
                best, least, roomy = j, cost[i, j], True
            elif better:
                best, room = j, left
        if best < 0:
            return False
        assigned[i] = best
        loads[best] += sizes[i]
    return True


@njit(nogil=True, cache=True)
def _shift(i, cost, sizes, low, high, sites, assigned, loads, price):
    """Move one unit to where it is best; returns whether that gained anything."""
    a, s = assigned[i], sizes[i]
    leaving = _over(loads[a] - s, low[a], high[a]) - _over(loads[a], low[a], high[a])
    best, target = -_TINY, -1
    for b in sites:
        if b == a or cost[i, b] == np.inf:
            continue
        entering = _over(loads[b] + s, low[b], high[b]) - _over(loads[b], low[b], high[b])
        change = cost[i, b] - cost[i, a] + price * (leaving + entering)
        if change < best:
            best, target = change, b
    if target < 0:
        return False
    loads[a] -= s
    loads[target] += s
    assigned[i] = target
    return True


@njit(nogil=True, cache=True)
def _by_site(assigned, count):
    """Units in the order of their sites, and where each site begins."""
    begins = np.zeros(count + 1, np.intp)
    for j in assigned:
        begins[j + 1] += 1
    begins = np.cumsum(begins)
    filled, members = begins.copy(), np.empty(len(assigned), np.intp)
    for i in range(len(assigned)):
        members[filled[assigned[i]]] = i
        filled[assigned[i]] += 1
    return members, begins


@njit(nogil=True, cache=True)
def _most_gain(cost, members, begins, sites):
    """Least change of cost when some unit moves from its site (row) to another (column)."""
    count = len(begins) - 1
    least = np.full((count, count), np.inf)
    for a in sites:
        for k in range(begins[a], begins[a + 1]):
            i = members[k]
            for b in sites:
                least[a, b] = min(least[a, b], cost[i, b] - cost[i, a])
    return least


@njit(nogil=True, cache=True)
def _exchange_all(cost, sizes, low, high, sites, assigned, loads, price):
    """Exchange each unit with the one it gains most by; returns whether any gained."""
    members, begins = _by_site(assigned, len(low))
    least = _most_gain(cost, members, begins, sites)
    gained = False
    for i in range(len(sizes)):
        a, s = assigned[i], sizes[i]
        here = _over(loads[a], low[a], high[a])
        best, partner = -_TINY, -1
        for b in sites:
            there = _over(loads[b], low[b], high[b])
            step = cost[i, b] - cost[i, a]
            # No unit of that site can make up for this one, and no limit is broken there.
            if b == a or step + least[b, a] - price * (here + there) >= best:
                continue
            for m in range(begins[b], begins[b + 1]):
                k = members[m]
                if assigned[k] != b:
                    continue
                gap = sizes[k] - s
                change = step + cost[k, a] - cost[k, b]
                if change - price * (here + there) >= best:
                    continue
                change += price * (
                    _over(loads[a] + gap, low[a], high[a])
                    - here
                    + _over(loads[b] - gap, low[b], high[b])
                    - there
                )
                if change < best:
                    best, partner = change, k
        if partner >= 0:
            gained = True
            b = assigned[partner]
            gap = sizes[partner] - s
            loads[a] += gap
            loads[b] -= gap
            assigned[i], assigned[partner] = b, a
    return gained


@njit(nogil=True, cache=True)
def _move_sites(cost, low, high, site_costs, state, chosen, assigned, loads):
    """Move the whole load of a site to an unused one where that is cheaper and fits."""
    moved = False
    for j in range(len(chosen)):
        if not chosen[j] or state[j] == 1:
            continue
        best, target = -_TINY, -1
        for k in range(len(chosen)):
            if chosen[k] or state[k] < 0 or _over(loads[j], low[k], high[k]) > 0.0:
                continue
            change = site_costs[k] - site_costs[j]
            for i in range(len(assigned)):
                if assigned[i] == j:
                    change += cost[i, k] - cost[i, j]
                    if change == np.inf:
                        break
            if change < best:
                best, target = change, k
        if target >= 0:
            moved = True
            chosen[j], chosen[target] = False, True
            loads[target], loads[j] = loads[j], 0.0
            for i in range(len(assigned)):
                if assigned[i] == j:
                    assigned[i] = target
    return moved


@njit(nogil=True, cache=True)
def total_cost(cost, site_costs, chosen, assigned):
    """Value of an assignment."""
    total = 0.0
    for j in range(len(chosen)):
        if chosen[j]:
            total += site_costs[j]
    for i in range(len(assigned)):
        total += cost[i, assigned[i]]
    return total


@njit(nogil=True, cache=True)
def improve(cost, sizes, low, high, site_costs, state, chosen, assigned, loads, price):
    """Improve an assignment in place until no step gains.

    The price of a broken limit rises until none is broken. Returns the value, inf if one is.
    """
    for _ in range(_ROUNDS):
        sites = np.flatnonzero(chosen)
        gained = True
        while gained:
            gained = False
            for i in range(len(sizes)):
                gained |= _shift(i, cost, sizes, low, high, sites, assigned, loads, price)
            gained |= _exchange_all(cost, sizes, low, high, sites, assigned, loads, price)
        if excess(loads, chosen, low, high) > 0.0:
            price *= 3.0
            continue
        if not _move_sites(cost, low, high, site_costs, state, chosen, assigned, loads):
            break
    # Loads have been changed step by step; they are summed up anew before they are judged.
    loads[:] = 0.0
    for i in range(len(sizes)):
        loads[assigned[i]] += sizes[i]
    if excess(loads, chosen, low, high) > 0.0:
        return np.inf
    return total_cost(cost, site_costs, chosen, assigned)


@njit(nogil=True, cache=True)
def shake(
    cost, sizes, low, high, site_costs, state, chosen, assigned, price, rounds, strength, seed
):
    """Iterated local search in place; returns the value of the best assignment."""
    np.random.seed(seed)  # noqa: NPY002 (numba's own generator)
    count = len(sizes)
    loads = np.zeros(len(chosen))
    for i in range(count):
        loads[assigned[i]] += sizes[i]
    best = improve(cost, sizes, low, high, site_costs, state, chosen, assigned, loads, price)
    kept, kept_chosen = assigned.copy(), chosen.copy()
    for _ in range(rounds):
        assigned[:] = kept
        chosen[:] = kept_chosen
        sites = np.flatnonzero(chosen)
        for _ in range(strength):
            i = np.random.randint(count)  # noqa: NPY002
            j = sites[np.random.randint(len(sites))]  # noqa: NPY002
            if cost[i, j] < np.inf:
                assigned[i] = j
        loads[:] = 0.0
        for i in range(count):
            loads[assigned[i]] += sizes[i]
        value = improve(cost, sizes, low, high, site_costs, state, chosen, assigned, loads, price)
        if value < best:
            best = value
            kept[:] = assigned
            kept_chosen[:] = chosen
    assigned[:] = kept
    chosen[:] = kept_chosen
    return best
