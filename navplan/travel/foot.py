"""Walks between points near each other: tables that hold only the pairs within a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from navplan.network.graph import Graph
from navplan.network.links import Links, LinkTable
from navplan.travel.lanes import UNREACHED
from navplan.travel.threads import in_threads, slices, threads

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SURPLUS_S: Final = 1e-6
"""What floating sums add to a whole second is no second more [s]."""
_SLICES_PER_THREAD: Final = 8


@dataclass(frozen=True)
class Walks:
    """Whole seconds from each of some points to those of others that are near.

    Parameters
    ----------
    pointers : ndarray of int64
        Origin i has the walks ``pointers[i]`` to before ``pointers[i + 1]``.
    target : ndarray of int32
        Position of the target; increasing within an origin.
    seconds : ndarray of int32
        [s].
    targets : int
        Number of points that may be walked to.
    """

    pointers: Longs
    target: Ints
    seconds: Ints
    targets: int

    def __len__(self) -> int:
        return len(self.pointers) - 1

    @property
    def origin(self) -> Ints:
        """Position of the origin, walk by walk."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.pointers))

    def part(self, origins: slice) -> Walks:
        """The walks of some neighbouring origins.

        Parameters
        ----------
        origins : slice
            With start and stop.

        Returns
        -------
        Walks
            Numbered from the first of them.
        """
        pointers = self.pointers[origins.start : origins.stop + 1]
        kept = slice(pointers[0], pointers[-1])
        return Walks(pointers - pointers[0], self.target[kept], self.seconds[kept], self.targets)

    def transposed(self) -> Walks:
        """The same walks by their targets."""
        return walks_of(self.target, self.origin, self.seconds, shape=(self.targets, len(self)))


def walks_of(
    origin: npt.NDArray[np.integer], target: npt.NDArray[np.integer],
    seconds: npt.NDArray[np.integer], *, shape: tuple[int, int],
) -> Walks:  # fmt: skip
    """Put single walks in order.

    Parameters
    ----------
    origin, target : ndarray of int
        Positions of the ends; no pair twice.
    seconds : ndarray of int
        [s].
    shape : tuple of int
        Number of origins and of targets.

    Returns
    -------
    Walks
        By origin, then target.
    """
    order = np.lexsort((target, origin))
    pointers = np.zeros(shape[0] + 1, dtype=np.int64)
    np.cumsum(np.bincount(origin, minlength=shape[0]), out=pointers[1:])
    return Walks(
        pointers, target[order].astype(np.int32), seconds[order].astype(np.int32), shape[1]
    )


def walks_within(graph: Graph, origins: LinkTable, targets: LinkTable, *, limit_s: float) -> Walks:
    """Find the fastest ways that take no longer than a limit.

    Dijkstra's search [1]_ from each origin, or backwards from each target where those are fewer,
    that stops at the limit. Points linked to an edge enter and leave it at either end; two points
    on one edge also reach each other along it.

    For all pairs, however far, and for cars, whose turns may be banned, use
    `navplan.travel.street_search`: it prepares the network once and then searches many times
    faster.

    Parameters
    ----------
    graph : Graph
        From `navplan.network.graph.graph_of`, on foot: its states are the street nodes.
    origins, targets : DataFrame or Links
        From `navplan.network.attach` with the same seconds.
    limit_s : float
        The longest way [s].

    Returns
    -------
    Walks
        Origins × targets, in whole seconds, rounded up.

    References
    ----------
    .. [1] Dijkstra (1959), doi:10.1007/BF01386390.
    """
    shape = (len(origins), len(targets))
    return walks_of(*_ways(graph, origins, targets, limit_s), shape=shape)


def walk_seconds(
    graph: Graph, origins: LinkTable, targets: LinkTable, *, limit_s: float = np.inf
) -> Ints:
    """Tell the seconds of `walks_within` for every pair.

    Parameters
    ----------
    graph : Graph
        From `navplan.network.graph.graph_of`, on foot: its states are the street nodes.
    origins, targets : DataFrame or Links
        From `navplan.network.attach` with the same seconds.
    limit_s : float
        The longest way [s].

    Returns
    -------
    ndarray of int32
        Origins × targets, in whole seconds, rounded up; `navplan.travel.lanes.UNREACHED` where
        there is no way, or none within the limit [s].
    """
    found = np.full((len(origins), len(targets)), UNREACHED, dtype=np.int32)
    origin, target, seconds = _ways(graph, origins, targets, limit_s)
    found[origin, target] = np.minimum(seconds, UNREACHED)
    return found


def _ways(
    graph: Graph, origins: LinkTable, targets: LinkTable, limit_s: float
) -> tuple[Longs, Longs, Longs]:
    """Pairs within the limit, in no order: origin, target, whole seconds."""
    origins, targets = Links.of(origins), Links.of(targets)
    backwards = len(targets) < len(origins)
    starts, ends = (targets, origins) if backwards else (origins, targets)
    arguments = (
        *_arcs(graph, backwards=backwards),
        *_leaving(starts, backwards=backwards),
        *_entering(ends, graph.count, backwards=backwards),
        limit_s + SURPLUS_S,
    )
    found = in_threads(
        lambda part: _search(part.start, part.stop, *arguments),
        slices(len(starts), _SLICES_PER_THREAD * threads()),
    )
    counts, reached, ways = (
        np.concatenate([part[column] for part in found] or [np.empty(0, dtype=np.int64)])
        for column in range(3)
    )
    start = np.repeat(np.arange(len(starts)), counts)
    origin, target = (reached, start) if backwards else (start, reached)
    return origin, target, whole_seconds(ways)


def whole_seconds(ways: Floats) -> Longs:
    """Round seconds up.

    Parameters
    ----------
    ways : ndarray of float
        Finite [s].

    Returns
    -------
    ndarray of int64
        [s].
    """
    return np.ceil(ways - SURPLUS_S).astype(np.int64)


def _arcs(graph: Graph, *, backwards: bool) -> tuple[Longs, Ints, Floats]:
    tail, head = (graph.head, graph.tail) if backwards else (graph.tail, graph.head)
    order = np.argsort(tail, kind="stable")
    pointers = np.zeros(graph.count + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=graph.count), out=pointers[1:])
    return pointers, head[order].astype(np.int32), graph.seconds[order]


def _leaving(starts: Links, *, backwards: bool) -> tuple[Longs, Floats, Longs, Floats]:
    """Nodes (two a point, -1 for none) and costs; the edge; what a way along the edge costs."""
    leave = "in" if backwards else "out"
    nodes = np.column_stack([starts["node_a"], starts["node_b"]]).astype(np.int64)
    costs = np.column_stack([starts[f"{leave}_a"], starts[f"{leave}_b"]]).astype(np.float64)
    edge = starts["edge"].astype(np.int64)
    # to a point farther along its edge one goes forward, unless the search runs backwards
    ahead, behind = ("backward", "forward") if backwards else ("forward", "backward")
    names = ("connector_s", "fraction", ahead, behind)
    along = np.column_stack([starts[name] for name in names]).astype(np.float64)
    return nodes, costs, edge, along


def _entering(
    ends: Links, count: int, *, backwards: bool
) -> tuple[Longs, Ints, Floats, Longs, Ints, Floats, int]:
    """Points by the node they are entered from; points by edge, sorted; how many points."""
    enter = "out" if backwards else "in"
    nodes = np.column_stack([ends["node_a"], ends["node_b"]]).astype(np.int64).ravel()
    costs = np.column_stack([ends[f"{enter}_a"], ends[f"{enter}_b"]]).astype(np.float64).ravel()
    here = np.flatnonzero(nodes >= 0)
    here = here[np.argsort(nodes[here], kind="stable")]
    pointers = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(nodes[here], minlength=count), out=pointers[1:])
    edge = ends["edge"].astype(np.int64)
    on_edge = np.flatnonzero(edge >= 0)
    on_edge = on_edge[np.argsort(edge[on_edge], kind="stable")]
    along = np.column_stack([ends["connector_s"], ends["fraction"]]).astype(np.float64)
    return (
        *(pointers, (here // 2).astype(np.int32), costs[here]),
        *(edge[on_edge], on_edge.astype(np.int32), np.ascontiguousarray(along[on_edge])),
        len(ends),
    )


@njit(nogil=True, cache=True)
def _search(
    first: int, last: int,
    pointers: Longs, heads: Ints, seconds: Floats,
    nodes: Longs, costs: Floats, edges: Longs, along: Floats,
    node_pointers: Longs, node_points: Ints, node_costs: Floats,
    edge_keys: Longs, edge_points: Ints, edge_along: Floats, points: int,
    limit: float,
) -> tuple[Longs, Ints, Floats]:  # fmt: skip
    """Ways within the limit from the starts ``first`` to before ``last``: counts, points, ways."""
    label = np.full(len(pointers) - 1, np.inf)
    touched = np.empty(len(label), np.int32)
    # a node stands in the heap once for each arc that lowered it, and once for each seed
    heap, keys = np.empty(len(heads) + 2, np.int32), np.empty(len(heads) + 2, np.float64)
    way, near = np.full(points, np.inf), np.empty(points, np.int32)
    counts = np.zeros(last - first, np.int64)
    found, ways = np.empty(1024, np.int32), np.empty(1024, np.float64)
    total = 0
    for start in range(first, last):
        seen = _spread(
            nodes[start], costs[start], pointers, heads, seconds, limit, label, touched, heap, keys
        )
        reached = 0
        for node in touched[:seen]:
            for entry in range(node_pointers[node], node_pointers[node + 1]):
                cost = label[node] + node_costs[entry]
                reached = _reach(way, near, reached, node_points[entry], cost, limit)
            label[node] = np.inf
        entry = np.searchsorted(edge_keys, edges[start]) if edges[start] >= 0 else len(edge_keys)
        while entry < len(edge_keys) and edge_keys[entry] == edges[start]:
            cost = _along(along[start], edge_along[entry])
            reached = _reach(way, near, reached, edge_points[entry], cost, limit)
            entry += 1
        if total + reached > len(found):
            room = 2 * (total + reached)
            found, ways = _grown(found, room), _grown(ways, room)
        for point in near[:reached]:
            found[total] = point
            ways[total] = way[point]
            way[point] = np.inf
            total += 1
        counts[start - first] = reached
    return counts, found[:total].copy(), ways[:total].copy()


@njit(nogil=True, cache=True)
def _spread(
    nodes: Longs, costs: Floats, pointers: Longs, heads: Ints, seconds: Floats, limit: float,
    label: Floats, touched: Ints, heap: Ints, keys: Floats,
) -> int:  # fmt: skip
    """Label the nodes within the limit of one start, and list them; how many there are."""
    size, seen = 0, 0
    for side in range(2):
        node, cost = nodes[side], costs[side]
        if node >= 0 and cost <= limit and cost < label[node]:
            if label[node] == np.inf:
                touched[seen] = node
                seen += 1
            label[node] = cost
            size = _push(heap, keys, size, node, cost)
    while size > 0:
        node, key = heap[0], keys[0]
        size = _pop(heap, keys, size)
        if key > label[node]:
            continue
        for arc in range(pointers[node], pointers[node + 1]):
            head, cost = heads[arc], key + seconds[arc]
            if cost <= limit and cost < label[head]:
                if label[head] == np.inf:
                    touched[seen] = head
                    seen += 1
                label[head] = cost
                size = _push(heap, keys, size, head, cost)
    return seen


@njit(nogil=True, cache=True)
def _along(start: Floats, end: Floats) -> float:
    """Seconds along the edge that both points are linked to."""
    ahead = end[1] - start[1]
    cost = start[0] + end[0]
    if ahead > 0:
        cost += ahead * start[2]
    elif ahead < 0:
        cost -= ahead * start[3]
    return float(cost)


@njit(nogil=True, cache=True)
def _reach(way: Floats, near: Ints, reached: int, point: int, cost: float, limit: float) -> int:
    """Lower the way to a point; how many points are reached."""
    if cost > limit or cost >= way[point]:
        return reached
    new = way[point] == np.inf
    way[point] = cost
    if new:
        near[reached] = point
        return reached + 1
    return reached


@njit(nogil=True, cache=True)
def _grown(values: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    larger = np.empty(room, values.dtype)
    larger[: len(values)] = values
    return larger


@njit(nogil=True, cache=True)
def _push(heap: Ints, keys: Floats, size: int, node: int, key: float) -> int:
    """Put a node into the four-ary heap; its new size."""
    place = size
    while place > 0 and keys[(place - 1) >> 2] > key:
        heap[place] = heap[(place - 1) >> 2]
        keys[place] = keys[(place - 1) >> 2]
        place = (place - 1) >> 2
    heap[place] = node
    keys[place] = key
    return size + 1


@njit(nogil=True, cache=True)
def _pop(heap: Ints, keys: Floats, size: int) -> int:
    """Take the least node away; the new size of the heap."""
    size -= 1
    node, key = heap[size], keys[size]
    place = 0
    while 4 * place + 1 < size:
        least = 4 * place + 1
        for child in range(least + 1, min(least + 4, size)):
            if keys[child] < keys[least]:
                least = child
        if keys[least] >= key:
            break
        heap[place], keys[place] = heap[least], keys[least]
        place = least
    heap[place], keys[place] = node, key
    return size
