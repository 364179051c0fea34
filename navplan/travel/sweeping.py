"""Travel times between many points at once: a downward sweep with a lane for each site.

PHAST [1]_: from each site a short climb in the hierarchy labels the few nodes above it; then one
pass over the nodes from the top down gives every node its label from the nodes above. A row of
labels holds 64 sites, so that each arc is looked at once for 64 of them; and only nodes that
matter to a point asked for are passed at all.

References
----------
.. [1] Delling, Goldberg, Nowatzyk and Werneck (2013), doi:10.1016/j.jpdc.2012.02.007.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from navplan.travel.hierarchy import Customised, UpArcs
from navplan.travel.lanes import CACHED, LANES, UNREACHED, fold, fold_plain
from navplan.travel.threads import in_threads
from navplan.travel.threads import threads as processors

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_MOST_BYTES: Final = 2 * 1024**3
"""Labels of all threads together; where they would take more, fewer threads work."""


@dataclass(frozen=True)
class Terminals:
    """Points tied to nodes of a network: each to none, one or several, at a cost in time.

    Parameters
    ----------
    pointers : ndarray of int64
        Where the ties of each point begin in the others; one element more than points.
    nodes : ndarray of int32
        The node of each tie.
    milliseconds : ndarray of int32
        Time between point and node [ms]; from `navplan.travel.lanes.UNREACHED` on there is no tie.

    Raises
    ------
    ValueError
        If the three do not fit together or a time is negative.
    """

    pointers: Longs
    nodes: Ints
    milliseconds: Ints

    def __post_init__(self) -> None:
        for name in ("pointers", "nodes", "milliseconds"):
            values = getattr(self, name)
            if values.ndim != 1 or not np.issubdtype(values.dtype, np.integer):
                raise ValueError(f"{name}: expected one row of whole numbers, got {values.dtype}.")
        rising = len(self.pointers) > 0 and (np.diff(self.pointers) >= 0).all()
        if not rising or self.pointers[0] != 0 or self.pointers[-1] != len(self.nodes):
            raise ValueError("pointers: expected to rise from 0 to the number of ties.")
        if len(self.nodes) != len(self.milliseconds):
            raise ValueError(f"{len(self.nodes)} nodes, but {len(self.milliseconds)} times.")
        if len(self.nodes) and self.milliseconds.min() < 0:
            raise ValueError("milliseconds: a time is never negative.")

    def __len__(self) -> int:
        return len(self.pointers) - 1


@dataclass(frozen=True)
class _Part:
    """The nodes that ways to some points can fall through, as rows from the top down.

    ``row_of`` gives the row of a rank, −1 where it has none, and ``ranks`` the rank of a row; the
    arcs of a row lead to rows before it.
    """

    row_of: Ints
    ranks: Ints
    pointers: Longs
    rows: Ints
    milliseconds: Ints

    @property
    def size(self) -> int:
        return len(self.ranks)


def sweep(
    graph: Customised, origins: Terminals, targets: Terminals, *, threads: int | None = None
) -> Ints:
    """Time of the fastest way from each origin to each target.

    Made for many origins (cells) and few targets (sites) or the other way round: the work grows
    with the fewer of the two, in steps of 64. Each thread holds 256 bytes for each node above the
    more numerous points, 256 MB in a network of a million nodes.

    Parameters
    ----------
    graph : Customised
        From `navplan.travel.hierarchy.customised`.
    origins, targets : Terminals
        Points and the nodes where their ways enter and leave the network.
    threads : int, optional
        Threads at most, 1 or more; by default and never more than the processors it may use.

    Returns
    -------
    ndarray of int32
        Origins × targets [ms]; `navplan.travel.lanes.UNREACHED` where there is no way, or none
        shorter than that (149 hours).

    Raises
    ------
    ValueError
        If a point is tied to a node outside the network, or no thread is allowed.
    """
    threads = processors() if threads is None else threads
    if threads < 1:
        raise ValueError(f"threads: {threads}; at least one has to work.")
    origins, targets = _ranked(graph, origins, "origins"), _ranked(graph, targets, "targets")
    if len(targets) <= len(origins):
        # against the ways: climb from the targets, fall to the origins
        return _swept(graph.parents, graph.inward, graph.outward, targets, origins, threads)
    times = _swept(graph.parents, graph.outward, graph.inward, origins, targets, threads)
    return np.ascontiguousarray(times.T)


def _ranked(graph: Customised, points: Terminals, name: str) -> Terminals:
    outside = (points.nodes < 0) | (points.nodes >= graph.count)
    if outside.any():
        node = points.nodes[np.argmax(outside)]
        raise ValueError(f"{name}: node {node} is outside the network of {graph.count} nodes.")
    milliseconds = np.minimum(points.milliseconds, UNREACHED).astype(np.int32)
    return Terminals(points.pointers.astype(np.int64), graph.rank[points.nodes], milliseconds)


def _swept(
    parents: Ints,
    climbing: UpArcs,
    falling: UpArcs,
    few: Terminals,
    many: Terminals,
    threads: int,
) -> Ints:
    times = np.empty((len(many), len(few)), np.int32)
    part = _part_above(falling, many)
    labels_bytes = part.size * LANES * np.dtype(np.int32).itemsize
    rows = part.row_of[many.nodes]
    lane_order = _neighbours_together(few)
    blocks = iter(range(0, len(few), LANES))

    def work(_worker: int) -> None:
        place = np.full(len(parents), -1, np.int32)
        climbed = np.empty(0, np.int32)
        labels = np.empty(part.size * LANES, np.int32)
        for first in blocks:  # shared: each thread takes the next block not yet taken
            points = np.sort(lane_order[first : first + LANES])  # columns are written in order
            above = _place_above(parents, few.pointers, few.nodes, points, place)
            if len(climbed) < len(above) * LANES:
                climbed = np.empty(len(above) * LANES, np.int32)
            _start(few.pointers, few.nodes, few.milliseconds, points, place, len(above), climbed)
            _climb(climbing.pointers, climbing.heads, climbing.milliseconds, above, place, climbed)
            _fall(part.ranks, part.pointers, part.rows, part.milliseconds, place, climbed, labels)
            place[above] = -1
            _collect(many.pointers, rows, many.milliseconds, labels, points, times)

    workers = max(1, min(threads, -(-len(few) // LANES), _MOST_BYTES // (1 + labels_bytes)))
    in_threads(work, range(workers))
    return times


def _neighbours_together(points: Terminals) -> Longs:
    """Order of the points by their first rank: those of one block climb the same nodes."""
    first = np.full(len(points), -1, np.int32)
    tied = points.pointers[1:] > points.pointers[:-1]
    first[tied] = points.nodes[points.pointers[:-1][tied]]
    return np.argsort(first, kind="stable")


def _part_above(falling: UpArcs, many: Terminals) -> _Part:
    row_of = _numbered(falling.pointers, falling.heads, many.nodes)
    ranks = np.flatnonzero(row_of >= 0)[::-1].astype(np.int32)
    pointers, rows, milliseconds = _copied(
        falling.pointers, falling.heads, falling.milliseconds, row_of, ranks
    )
    return _Part(row_of, ranks, pointers, rows, milliseconds)


@njit(nogil=True, cache=True)
def _numbered(pointers: Longs, heads: Ints, nodes: Ints) -> Ints:
    """Rows of the nodes and of all above them, from the top down; −1 for all others."""
    count = len(pointers) - 1
    row_of = np.full(count, -1, np.int32)
    for node in nodes:
        row_of[node] = 0
    for rank in range(count):
        if row_of[rank] == 0:
            for i in range(pointers[rank], pointers[rank + 1]):
                row_of[heads[i]] = 0
    size = 0
    for rank in range(count - 1, -1, -1):
        if row_of[rank] == 0:
            row_of[rank] = size
            size += 1
    return row_of


@njit(nogil=True, cache=True)
def _copied(
    pointers: Longs, heads: Ints, milliseconds: Ints, row_of: Ints, ranks: Ints
) -> tuple[Longs, Ints, Ints]:
    """Arcs of the ranks that have a row, row after row."""
    row_pointers = np.zeros(len(ranks) + 1, np.int64)
    for row, rank in enumerate(ranks):
        row_pointers[row + 1] = row_pointers[row] + pointers[rank + 1] - pointers[rank]
    rows = np.empty(row_pointers[-1], np.int32)
    times = np.empty(row_pointers[-1], np.int32)
    for row, rank in enumerate(ranks):
        at = row_pointers[row]
        for i in range(pointers[rank], pointers[rank + 1]):
            rows[at] = row_of[heads[i]]
            times[at] = milliseconds[i]
            at += 1
    return row_pointers, rows, times


@njit(nogil=True, cache=True)
def _place_above(parents: Ints, pointers: Longs, nodes: Ints, points: Longs, place: Ints) -> Ints:
    """Ranks on the ways of some points to the root, each after those above it; notes the places.

    A way ends where it meets an earlier one, so a rank stands before all that lead to it.
    """
    above = np.empty(len(place), np.int32)
    size = 0
    for point in points:
        for tie in range(pointers[point], pointers[point + 1]):
            begin, rank = size, nodes[tie]
            while rank >= 0 and place[rank] < 0:
                above[size] = rank
                place[rank] = 0  # the place itself is known at the end of the way
                size += 1
                rank = parents[rank]
            above[begin:size] = above[begin:size][::-1].copy()
            for i in range(begin, size):
                place[above[i]] = i
    return above[:size].copy()


@njit(nogil=True, cache=True)
def _start(
    pointers: Longs,
    nodes: Ints,
    milliseconds: Ints,
    points: Longs,
    place: Ints,
    size: int,
    climbed: Ints,
) -> None:
    """Label the nodes of the points, one lane for each."""
    climbed[: size * LANES] = UNREACHED
    for lane, point in enumerate(points):
        for tie in range(pointers[point], pointers[point + 1]):
            at = place[nodes[tie]] * LANES + lane
            climbed[at] = min(climbed[at], milliseconds[tie])


@njit(nogil=True, cache=CACHED)
def _climb(
    pointers: Longs, heads: Ints, milliseconds: Ints, above: Ints, place: Ints, climbed: Ints
) -> None:
    """Lower the labels of all that lies above the points, from the bottom up."""
    higher = np.empty(1, np.int32)
    for row in range(len(above) - 1, -1, -1):
        rank = above[row]
        for i in range(pointers[rank], pointers[rank + 1]):
            higher[0] = place[heads[i]]
            fold_plain(climbed, higher[0], climbed, row, milliseconds[i], climbed, higher, 0, 1, 0)


@njit(nogil=True, cache=CACHED)
def _fall(
    ranks: Ints,
    pointers: Longs,
    rows: Ints,
    milliseconds: Ints,
    place: Ints,
    climbed: Ints,
    labels: Ints,
) -> None:
    """Give each row the least of its own climbed labels and those of the rows above it."""
    for row, rank in enumerate(ranks):
        fold(
            labels, row, climbed, place[rank], 0, labels,
            rows, milliseconds, pointers[row], pointers[row + 1],
        )  # fmt: skip


@njit(nogil=True, cache=CACHED)
def _collect(
    pointers: Longs, rows: Ints, milliseconds: Ints, labels: Ints, columns: Longs, times: Ints
) -> None:
    """Write the least of each point's ties into the columns that the lanes stand for."""
    least = np.empty(LANES, np.int32)
    for point in range(len(pointers) - 1):
        fold(
            least, 0, labels, -1, 0, labels,
            rows, milliseconds, pointers[point], pointers[point + 1],
        )  # fmt: skip
        for lane, column in enumerate(columns):
            times[point, column] = least[lane]
