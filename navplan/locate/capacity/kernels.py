"""Compiled Lagrangian of the capacitated search: its value at given prices, and its ascent."""

from __future__ import annotations

import numpy as np
from numba import njit

from navplan.locate.capacity.knapsack import cheapest_load, relaxed_without, sort_items

# Knapsacks need be exact to this share of the gap, all together.
_EXACT = 0.3


@njit(nogil=True, cache=True)
def site_value(j, u, starts, units, costs, sizes, low, high, slack, take):
    """Least reduced cost of a permitted load of site j; marks the pairs in `take`."""
    begin, end = starts[j], starts[j + 1]
    candidates = np.empty(end - begin, np.intp)
    count = 0
    for k in range(begin, end):
        take[k] = False
        if costs[k] < u[units[k]]:
            candidates[count] = k
            count += 1
    reduced, weight = np.empty(count), np.empty(count)
    for c in range(count):
        k = candidates[c]
        reduced[c] = costs[k] - u[units[k]]
        weight[c] = sizes[units[k]]
    chosen = np.empty(count, np.bool_)
    value = cheapest_load(reduced, weight, 0.0, high[j], slack, chosen)
    load = 0.0
    for c in range(count):
        if chosen[c]:
            load += weight[c]
    if load >= low[j]:
        for c in range(count):
            take[candidates[c]] = chosen[c]
        return value
    # Without a minimum the site would hold too little: units that cost something join in.
    reduced, weight = np.empty(end - begin), np.empty(end - begin)
    for k in range(begin, end):
        reduced[k - begin] = costs[k] - u[units[k]]
        weight[k - begin] = sizes[units[k]]
    chosen = np.empty(end - begin, np.bool_)
    value = max(value, cheapest_load(reduced, weight, low[j], high[j], slack, chosen))
    take[begin:end] = chosen
    return value


@njit(nogil=True, cache=True)
def choose(g, state, least, most, chosen):
    """Choose the sites of least sum; returns the sum, inf where there are too few."""
    count = len(g)
    total, held = 0.0, 0
    free = np.empty(count)
    at = np.empty(count, np.intp)
    size = 0
    for j in range(count):
        chosen[j] = state[j] == 1
        if state[j] == 1:
            total += g[j]
            held += 1
        elif state[j] == 0 and g[j] < np.inf:
            free[size] = g[j]
            at[size] = j
            size += 1
    if held > most or held + size < least:
        return np.inf
    for k in np.argsort(free[:size]):
        if held >= most or (held >= least and free[k] >= 0.0):
            break
        chosen[at[k]] = True
        total += free[k]
        held += 1
    return total


@njit(nogil=True, cache=True)
def _relaxed_value(j, u, starts, units, costs, sizes, high):
    """Bound of the reduced cost of any load of site j."""
    count = 0
    load, value = 0.0, 0.0
    for k in range(starts[j], starts[j + 1]):
        if costs[k] < u[units[k]]:
            count += 1
            load += sizes[units[k]]
            value += costs[k] - u[units[k]]
    if load <= high[j]:
        return value
    reduced, weight = np.empty(count), np.empty(count)
    count = 0
    for k in range(starts[j], starts[j + 1]):
        if costs[k] < u[units[k]]:
            reduced[count] = costs[k] - u[units[k]]
            weight[count] = sizes[units[k]]
            count += 1
    order, _ = sort_items(reduced, weight)
    return relaxed_without(-1, 0.0, high[j], reduced[order], weight[order])


@njit(nogil=True, cache=True)
def lagrangian(
    u, starts, units, costs, sizes, low, high, site_costs, state, least, most, slack, g, take,
    chosen
):  # fmt: skip
    """Value of the relaxation without the rows 'each unit once' at prices u: a lower bound.

    Knapsacks are solved for the sites chosen only; the value of the others is a bound, which is
    enough to know that they are not chosen.
    """
    sites = len(g)
    known = np.zeros(sites, np.bool_)
    for j in range(sites):
        g[j] = np.inf
        if state[j] >= 0:
            g[j] = site_costs[j] + _relaxed_value(j, u, starts, units, costs, sizes, high)
    while True:
        total = choose(g, state, least, most, chosen)
        news = False
        for j in range(sites):
            if chosen[j] and not known[j]:
                known[j] = news = True
                value = site_value(j, u, starts, units, costs, sizes, low, high, slack, take)
                g[j] = max(g[j], site_costs[j] + value)
        if not news:
            return u.sum() + total


@njit(nogil=True, cache=True)
def ascend(
    u, starts, units, costs, sizes, low, high, site_costs, state, least, most, goal, steps, scale
):
    """Volume ascent of the Lagrangian from u.

    Returns the best prices, their bound, the weighted choice of pairs, the sites and pairs of
    the best step, and the step scale to go on with.
    """
    count, sites = len(u), len(low)
    g, chosen = np.empty(sites), np.zeros(sites, np.bool_)
    take = np.zeros(len(units), np.bool_)
    share = np.zeros(len(units))
    best_u, here = u.copy(), u.copy()
    best_take, best_chosen = take.copy(), chosen.copy()
    best = -np.inf
    missing, average = np.empty(count), np.ones(count)
    idle = 0
    for step in range(steps):
        exact = _EXACT * max(0.0, goal - best) / sites if step > 0 else 0.0
        bound = lagrangian(
            here, starts, units, costs, sizes, low, high, site_costs, state, least, most,
            exact, g, take, chosen,
        )  # fmt: skip
        if bound == np.inf:
            return here, bound, share, best_chosen, best_take, scale
        missing[:] = 1.0
        for j in range(sites):
            if chosen[j]:
                for k in range(starts[j], starts[j + 1]):
                    if take[k]:
                        missing[units[k]] -= 1.0
        weight = 1.0 if step == 0 else 0.1
        for j in range(sites):
            for k in range(starts[j], starts[j + 1]):
                taken = 1.0 if chosen[j] and take[k] else 0.0
                share[k] += weight * (taken - share[k])
        average += weight * (missing - average)
        if bound > best:
            uphill = (missing * average).sum() >= 0.0
            if bound > best + 1e-4 * abs(best) and uphill and scale < 2.0:
                scale *= 1.1
            idle = 0
            best = bound
            best_u[:] = here
            best_take[:] = take
            best_chosen[:] = chosen
        else:
            idle += 1
            if idle >= 15:
                scale *= 0.7
                idle = 0
        if best >= goal:
            break
        norm = (average * average).sum()
        if norm < 1e-12:
            average[:] = missing
            norm = (missing * missing).sum()
            if norm < 1e-12:
                break
        length = scale * (goal - best) / norm
        here = best_u + length * average
    return best_u, best, share, best_chosen, best_take, scale
