"""A street network put in order once, so that searches with any travel times are quick.

A customisable contraction hierarchy [1]_: the nodes get ranks by nested dissection [2]_, so that
the nodes whose removal cuts the network in two come last. Eliminating nodes by rank, and joining
the neighbours of each, gives the *chordal* network: with any times, some fastest way first climbs
and then falls in rank on its arcs. `hierarchy_of` depends on the streets alone; `customised` puts
in the travel times of a mode and drops every arc that no fastest way needs.

References
----------
.. [1] Dibbelt, Strasser and Wagner (2016), doi:10.1145/2886843.
.. [2] Karypis and Kumar (1998), doi:10.1137/S1064827595287997.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pymetis
from numba import njit

from navplan.travel.lanes import UNREACHED

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Whole = npt.NDArray[np.integer]

_NONE: Final = -1


@dataclass(frozen=True)
class Hierarchy:
    """The order of a network and its chordal arcs; independent of travel times.

    Parameters
    ----------
    rank : ndarray of int32
        Place of each node in the order of elimination; all other arrays speak of ranks.
    parents : ndarray of int32
        Elimination tree: the lowest neighbour above each rank, −1 at a root.
    pointers : ndarray of int64
        Where the neighbours above each rank begin in ``heads``; one element more than nodes.
    heads : ndarray of int32
        Neighbours above, ascending.
    slots : ndarray of int64
        For each arc given its place in ``heads``, −1 for a loop from a node to itself.
    climbs : ndarray of bool
        Whether the arc given leads to the higher rank.
    """

    rank: Ints
    parents: Ints
    pointers: Longs
    heads: Ints
    slots: Longs
    climbs: npt.NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.rank)


@dataclass(frozen=True)
class UpArcs:
    """Arcs between each rank and higher ones, in one direction of travel.

    Parameters
    ----------
    pointers : ndarray of int64
        Where the arcs of each rank begin; one element more than nodes.
    heads : ndarray of int32
        The higher rank.
    milliseconds : ndarray of int32
        Time of the fastest way between the two [ms].
    """

    pointers: Longs
    heads: Ints
    milliseconds: Ints


@dataclass(frozen=True)
class Customised:
    """A hierarchy with travel times, for `navplan.travel.sweeping.sweep`.

    Parameters
    ----------
    rank : ndarray of int32
        Place of each node in the order of elimination.
    parents : ndarray of int32
        Elimination tree over ranks, −1 at a root.
    outward : UpArcs
        Ways from a rank to a higher one.
    inward : UpArcs
        Ways to a rank from a higher one.
    """

    rank: Ints
    parents: Ints
    outward: UpArcs
    inward: UpArcs

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.rank)


def hierarchy_of(tail: Whole, head: Whole, count: int) -> Hierarchy:
    """Order a network of one-way arcs for searches with any travel times.

    To be done once for a network; the order is the slow part. For a few searches on a network
    that is used once, plain Dijkstra searches are quicker.

    Parameters
    ----------
    tail, head : ndarray of int
        Nodes at the beginning and the end of each arc, 0 … count − 1. Parallel arcs, loops and
        nodes without arcs are allowed.
    count : int
        Number of nodes.

    Returns
    -------
    Hierarchy
        For `customised`; the same for the same arcs on every run.

    Raises
    ------
    ValueError
        If the two differ in length, are not whole numbers, or name a node outside the network.
    """
    if count < 0:
        raise ValueError(f"count: a network of {count} nodes cannot be.")
    tail, head = _nodes(tail, "tail", count), _nodes(head, "head", count)
    if len(tail) != len(head):
        raise ValueError(f"{len(tail)} tails, but {len(head)} heads; each arc has one of both.")
    one, other = _neighbours(tail, head, count)
    rank = _dissected(one, other, count)
    low, high = np.minimum(rank[one], rank[other]), np.maximum(rank[one], rank[other])
    pointers, heads = _chordal(*_by_tail(low, high, count))
    climbs = rank[tail] < rank[head]
    return Hierarchy(
        rank=rank,
        parents=_lowest(pointers, heads),
        pointers=pointers,
        heads=heads,
        slots=_slots(pointers, heads, rank[tail], rank[head]),
        climbs=climbs,
    )


def customised(hierarchy: Hierarchy, milliseconds: Whole) -> Customised:
    """Put travel times into a hierarchy and keep only the arcs that fastest ways need.

    Parameters
    ----------
    hierarchy : Hierarchy
        From `hierarchy_of`.
    milliseconds : ndarray of int
        Time of each arc, in the order in which the arcs were given [ms]. Of parallel arcs the
        fastest counts. An arc of `navplan.travel.lanes.UNREACHED` (149 hours) or more is closed.

    Returns
    -------
    Customised
        For `navplan.travel.sweeping.sweep`.

    Raises
    ------
    ValueError
        If there is not one time for each arc, or one is negative or no whole number.

    Notes
    -----
    Perfect customisation: each chordal arc gets the time of the fastest way between its ends;
    arcs that a way over other arcs undercuts are then left out.
    """
    times = _whole(milliseconds, "milliseconds")
    if len(times) != len(hierarchy.slots):
        raise ValueError(f"{len(times)} times for {len(hierarchy.slots)} arcs; each has one.")
    if len(times) and times.min() < 0:
        arc = int(np.argmax(times < 0))
        raise ValueError(f"Arc {arc} takes {times[arc]} ms; a time is never negative.")
    closing = np.minimum(times, UNREACHED).astype(np.int32)
    pointers, heads = hierarchy.pointers, hierarchy.heads
    outward, inward = _given(len(heads), hierarchy.slots, hierarchy.climbs, closing)
    _shorten_from_below(pointers, heads, outward, inward)
    keep_outward, keep_inward = _shorten_from_above(pointers, heads, outward, inward)
    return Customised(
        rank=hierarchy.rank,
        parents=hierarchy.parents,
        outward=_kept(pointers, heads, outward, keep_outward),
        inward=_kept(pointers, heads, inward, keep_inward),
    )


def _whole(values: Whole, name: str) -> Whole:
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and not np.issubdtype(array.dtype, np.integer)):
        raise ValueError(f"{name}: expected one row of whole numbers, got {array.dtype}.")
    return array


def _nodes(values: Whole, name: str, count: int) -> Ints:
    array = _whole(values, name)
    outside = (array < 0) | (array >= count)
    if outside.any():
        node = array[np.argmax(outside)]
        raise ValueError(f"{name}: node {node} is outside the network of {count} nodes.")
    return array.astype(np.int32)


def _neighbours(tail: Ints, head: Ints, count: int) -> tuple[Ints, Ints]:
    """Each pair of different nodes that an arc joins, once, sorted."""
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    pairs = np.unique(low.astype(np.int64) * count + high)
    low, high = (part.astype(np.int32) for part in np.divmod(pairs, max(count, 1)))
    joined = low != high
    return low[joined], high[joined]


def _by_tail(tail: Ints, head: Ints, count: int) -> tuple[Longs, Ints]:
    """Heads grouped by tail, and where each group begins."""
    pointers = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(tail, minlength=count), out=pointers[1:])
    return pointers, head[np.argsort(tail, kind="stable")]


def _dissected(one: Ints, other: Ints, count: int) -> Ints:
    if not len(one):  # METIS ends the process when there is nothing to order
        return np.arange(count, dtype=np.int32)
    pointers, heads = _by_tail(np.concatenate([one, other]), np.concatenate([other, one]), count)
    _, ranks = pymetis.nested_dissection(pymetis.CSRAdjacency(pointers, heads))
    return np.asarray(ranks, dtype=np.int32)


def _lowest(pointers: Longs, heads: Ints) -> Ints:
    parents = np.full(len(pointers) - 1, _NONE, np.int32)
    joined = pointers[1:] > pointers[:-1]
    parents[joined] = heads[pointers[:-1][joined]]
    return parents


@njit(nogil=True, cache=True)
def _chordal(pointers: Longs, heads: Ints) -> tuple[Longs, Ints]:
    """Join the higher neighbours of each node; their neighbours, ascending.

    A node passes its higher neighbours on to the lowest of them only: that one passes on the rest.
    """
    count = len(pointers) - 1
    first_child = np.full(count, -1, np.int32)
    next_child = np.full(count, -1, np.int32)
    seen_by = np.full(count, -1, np.int32)
    found = np.empty(count, np.int32)
    up_pointers = np.zeros(count + 1, np.int64)
    up = np.empty(4 * len(heads) + count, np.int32)
    for node in range(count):
        size = 0
        for i in range(pointers[node], pointers[node + 1]):
            if seen_by[heads[i]] != node:
                seen_by[heads[i]] = node
                found[size] = heads[i]
                size += 1
        child = first_child[node]
        while child >= 0:
            for i in range(up_pointers[child] + 1, up_pointers[child + 1]):  # the first is node
                if seen_by[up[i]] != node:
                    seen_by[up[i]] = node
                    found[size] = up[i]
                    size += 1
            child = next_child[child]
        begin = up_pointers[node]
        if begin + size > len(up):
            more = np.empty(max(2 * len(up), begin + size), np.int32)
            more[:begin] = up[:begin]
            up = more
        up[begin : begin + size] = np.sort(found[:size])
        up_pointers[node + 1] = begin + size
        if size > 0:
            parent = up[begin]
            next_child[node] = first_child[parent]
            first_child[parent] = node
    return up_pointers, up[: up_pointers[count]].copy()


@njit(nogil=True, cache=True)
def _slots(pointers: Longs, heads: Ints, tail: Ints, head: Ints) -> Longs:
    """Place of each arc among the chordal ones, by bisection."""
    slots = np.empty(len(tail), np.int64)
    for arc in range(len(tail)):
        low, high = min(tail[arc], head[arc]), max(tail[arc], head[arc])
        if low == high:
            slots[arc] = -1
            continue
        begin, end = pointers[low], pointers[low + 1]
        slots[arc] = begin + np.searchsorted(heads[begin:end], high)
    return slots


@njit(nogil=True, cache=True)
def _given(
    size: int, slots: Longs, climbs: npt.NDArray[np.bool_], milliseconds: Ints
) -> tuple[Ints, Ints]:
    """Times of the chordal arcs that are streets; the others are closed."""
    outward, inward = np.full(size, UNREACHED, np.int32), np.full(size, UNREACHED, np.int32)
    for arc in range(len(slots)):
        slot = slots[arc]
        if slot < 0:
            continue
        times = outward if climbs[arc] else inward
        times[slot] = min(times[slot], milliseconds[arc])
    return outward, inward


# In both passes a triangle has the ranks low < middle < top; its arcs are i (low–middle),
# j (low–top) and k (middle–top). The neighbours above low, less middle, are all above middle too,
# so k only ever moves on.


@njit(nogil=True, cache=True)
def _shorten_from_below(pointers: Longs, heads: Ints, outward: Ints, inward: Ints) -> None:
    """Lower each arc middle–top to the way by way of each lower node."""
    for low in range(len(pointers) - 1):
        end = pointers[low + 1]
        for i in range(pointers[low], end):
            k = pointers[heads[i]]
            for j in range(i + 1, end):
                while heads[k] < heads[j]:
                    k += 1
                outward[k] = min(outward[k], inward[i] + outward[j])
                inward[k] = min(inward[k], inward[j] + outward[i])


@njit(nogil=True, cache=True)
def _shorten_from_above(
    pointers: Longs, heads: Ints, outward: Ints, inward: Ints
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Lower the two arcs of each lowest node to the way over the other; say which stood."""
    keep_outward, keep_inward = outward < UNREACHED, inward < UNREACHED
    for low in range(len(pointers) - 2, -1, -1):
        end = pointers[low + 1]
        for i in range(pointers[low], end):
            k = pointers[heads[i]]
            for j in range(i + 1, end):
                while heads[k] < heads[j]:
                    k += 1
                # strictly: two arcs of equal ways must not each be left out for the other
                if outward[j] + inward[k] < outward[i]:
                    outward[i] = outward[j] + inward[k]
                    keep_outward[i] = False
                if outward[k] + inward[j] < inward[i]:
                    inward[i] = outward[k] + inward[j]
                    keep_inward[i] = False
                if outward[i] + outward[k] < outward[j]:
                    outward[j] = outward[i] + outward[k]
                    keep_outward[j] = False
                if inward[k] + inward[i] < inward[j]:
                    inward[j] = inward[k] + inward[i]
                    keep_inward[j] = False
    return keep_outward, keep_inward


def _kept(pointers: Longs, heads: Ints, times: Ints, keep: npt.NDArray[np.bool_]) -> UpArcs:
    before = np.concatenate([[0], np.cumsum(keep)])
    return UpArcs(before[pointers], heads[keep], times[keep])
