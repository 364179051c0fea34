"""Compiled fixing: what every assignment of one unit would cost at least, given prices."""

from __future__ import annotations

import numpy as np
from numba import njit

from navplan.locate.capacity.kernels import lagrangian
from navplan.locate.capacity.knapsack import relaxed_without, sort_items


@njit(nogil=True, cache=True)
def _without_and_with(
    j, value, exact, u, starts, units, costs, sizes, low, high, take, without, forced
):
    """Bounds of site j with a unit kept away (where it is taken) and with it assigned."""
    begin, end = starts[j], starts[j + 1]
    reduced, weight = np.empty(end - begin), np.empty(end - begin)
    for k in range(begin, end):
        reduced[k - begin] = costs[k] - u[units[k]]
        weight[k - begin] = sizes[units[k]]
    order, _ = sort_items(reduced, weight)
    v, w = reduced[order], weight[order]
    for rank in range(end - begin):
        k = begin + order[rank]
        without[k] = value
        forced[k] = value
        if exact and take[k]:
            without[k] = max(value, relaxed_without(rank, low[j], high[j], v, w))
        else:
            rest = relaxed_without(rank, low[j] - w[rank], high[j] - w[rank], v, w)
            forced[k] = max(value, v[rank] + rest)


@njit(nogil=True, cache=True)
def _best_rest(ordered, rank, fewest, most):
    """Least sum of fewest to most of the ordered numbers, one of them (or none) left out."""
    if most < 0:
        return np.inf
    total, held = 0.0, 0
    for k in range(len(ordered)):
        if k == rank:
            continue
        if held >= most or (held >= fewest and ordered[k] >= 0.0):
            break
        total += ordered[k]
        held += 1
    return total if held >= fewest else np.inf


@njit(nogil=True, cache=True)
def site_bounds(prices, g, state, least, most, opened, closed):
    """Bounds with each site opened, and closed."""
    sites = len(g)
    held, fixed = 0, 0.0
    at, size = np.empty(sites, np.intp), 0
    for j in range(sites):
        opened[j] = closed[j] = np.inf
        if state[j] == 1:
            held += 1
            fixed += g[j]
        elif state[j] == 0 and g[j] < np.inf:
            at[size] = j
            size += 1
    ordered = g[at[:size]]
    order = np.argsort(ordered)
    ordered = ordered[order]
    whole = prices + fixed + _best_rest(ordered, -1, least - held, most - held)
    for j in range(sites):
        if state[j] == 1:
            opened[j] = whole
        elif g[j] == np.inf:
            closed[j] = whole
    for rank in range(size):
        j = at[order[rank]]
        opened[j] = (
            prices + fixed + g[j] + _best_rest(ordered, rank, least - held - 1, most - held - 1)
        )
        closed[j] = prices + fixed + _best_rest(ordered, rank, least - held, most - held)


@njit(nogil=True, cache=True)
def pair_bounds(
    u, starts, units, costs, sizes, low, high, site_costs, state, least, most, opened, closed, bound
):
    """Bounds with each pair assigned (`bound`) and each site opened and closed.

    The row 'this unit once' is kept for the unit at hand: where it is assigned to one site, it
    is kept away from all others, which raises the bound wherever prices let it be taken twice.
    """
    sites, pairs = len(low), len(units)
    g = np.full(sites, np.inf)
    take = np.zeros(pairs, np.bool_)
    without, forced = np.full(pairs, np.inf), np.full(pairs, np.inf)
    chosen = np.zeros(sites, np.bool_)
    lagrangian(
        u, starts, units, costs, sizes, low, high, site_costs, state, least, most, 0.0, g, take,
        chosen,
    )  # fmt: skip
    for j in range(sites):
        if g[j] < np.inf:
            if not chosen[j]:
                take[starts[j] : starts[j + 1]] = False
            _without_and_with(
                j, g[j] - site_costs[j], chosen[j], u, starts, units, costs, sizes, low, high,
                take, without, forced,
            )  # fmt: skip
    prices = u.sum()
    site_bounds(prices, g, state, least, most, opened, closed)
    # Pairs by unit.
    begins = np.zeros(len(u) + 1, np.intp)
    owner = np.empty(pairs, np.intp)
    for j in range(sites):
        for k in range(starts[j], starts[j + 1]):
            owner[k] = j
            begins[units[k] + 1] += 1
    begins = np.cumsum(begins)
    filled, by_unit = begins.copy(), np.empty(pairs, np.intp)
    for k in range(pairs):
        by_unit[filled[units[k]]] = k
        filled[units[k]] += 1
    changed, rank_of = np.empty(sites), np.empty(sites, np.intp)
    at = np.empty(sites, np.intp)
    for i in range(len(u)):
        mine = by_unit[begins[i] : begins[i + 1]]
        changed[:] = g
        for k in mine:
            j = owner[k]
            if g[j] < np.inf:
                changed[j] = site_costs[j] + without[k]
        held, fixed, size, closed_off = 0, 0.0, 0, 0
        for j in range(sites):
            rank_of[j] = -1
            if state[j] == 1:
                held += 1
                if changed[j] < np.inf:
                    fixed += changed[j]
                else:
                    closed_off += 1
            elif state[j] == 0 and changed[j] < np.inf:
                at[size] = j
                size += 1
        ordered = changed[at[:size]]
        order = np.argsort(ordered)
        ordered = ordered[order]
        for rank in range(size):
            rank_of[at[order[rank]]] = rank
        settled = _best_rest(ordered, -1, least - held, most - held)
        for k in mine:
            j = owner[k]
            here = site_costs[j] + forced[k]
            # A site that must be open may be able to do so with this unit only.
            needed = closed_off - (state[j] == 1 and changed[j] == np.inf)
            if here == np.inf or g[j] == np.inf or needed > 0:
                bound[k] = np.inf
            elif state[j] == 1:
                others = fixed - changed[j] if changed[j] < np.inf else fixed
                bound[k] = prices + others + here + settled
            else:
                rest = _best_rest(ordered, rank_of[j], least - held - 1, most - held - 1)
                bound[k] = prices + fixed + here + rest
