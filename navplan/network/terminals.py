"""Where linked points enter a `Graph` and leave it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from navplan.network.graph import Graph
from navplan.network.links import Links, LinkTable
from navplan.network.spans import grouped, matches, spread

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_Part = tuple[Ints, Ints, Floats]
"""Positions of points, something they meet, and the seconds to it."""


@dataclass(frozen=True, repr=False)
class Terminals:
    """States of a graph that points are tied to.

    Parameters
    ----------
    pointers : ndarray of int
        Point p is tied to elements ``pointers[p]`` to ``pointers[p + 1] - 1``; one value more
        than points. A point that is not linked has none.
    states : ndarray of int
        States of the graph; a point may name one twice.
    seconds : ndarray of float
        Between the point and the state, its connector included [s].
    """

    pointers: Ints
    states: Ints
    seconds: Floats

    def __len__(self) -> int:
        return len(self.pointers) - 1

    def __repr__(self) -> str:
        return f"Terminals({len(self)} points, {len(self.states)} ties)"


def origins_of(links: LinkTable, graph: Graph) -> Terminals:
    """States that a traveller from each point comes to first.

    From a place on an edge one drives on along it, or turns back where it has another direction,
    and a ban that begins with that edge holds. From a node, and from either end of a street, one
    leaves by any edge, without a turn.

    Parameters
    ----------
    links : DataFrame or Links
        From `attach`, with the seconds of the graph.
    graph : Graph
        From `graph_of`.

    Returns
    -------
    Terminals
        Seconds from the point to the state.
    """
    links = Links.of(links)
    point, edge, seconds = _leaves_along(links)
    ties = [(point, graph.arrived[edge], seconds)]
    point, node, seconds = _leaves_node(links)
    if graph.by_node:
        ties.append((point, node, seconds))
    else:
        owner, edge = _each(graph.edges_from, node)
        ties.append((point[owner], graph.arrived[edge], seconds[owner] + graph.along[edge]))
    return _terminals(len(links), ties)


def targets_of(links: LinkTable, graph: Graph) -> Terminals:
    """States that a traveller to each point is in last.

    A place on an edge is reached from the states that may turn into it, at the cost of that
    turn; a node, and either end of a street, from every state that stands there.

    Parameters
    ----------
    links : DataFrame or Links
        From `attach`, with the seconds of the graph.
    graph : Graph
        From `graph_of`.

    Returns
    -------
    Terminals
        Seconds from the state to the point.
    """
    links = Links.of(links)
    point, edge, seconds = _comes_along(links)
    owner, arc = _each(graph.arcs_along, edge)
    # the way along the edge is in the link's own seconds; what is left of the arc is its turn
    turn = np.maximum(graph.seconds[arc] - graph.along[edge[owner]], 0.0)
    ties = [(point[owner], graph.tail[arc].astype(np.int64), seconds[owner] + turn)]
    point, node, seconds = _comes_to_node(links)
    owner, state = _each(graph.states_at, node)
    ties.append((point[owner], state, seconds[owner]))
    return _terminals(len(links), ties)


def along_edges(origins: LinkTable, targets: LinkTable) -> tuple[Ints, Ints, Floats]:
    """Ways that pass no junction: between points on one street, or from a node along its edges.

    The graph does not hold them, or, where turns cost, only by a way round the block. The
    seconds of a pair are the lesser of these and of what a search between `origins_of` and
    `targets_of` finds.

    Parameters
    ----------
    origins, targets : DataFrame or Links
        From `attach` with the same streets and seconds.

    Returns
    -------
    origin, target : ndarray of int
        Rows of either table, each pair once.
    seconds : ndarray of float
        Both connectors included [s].
    """
    origins, targets = Links.of(origins), Links.of(targets)
    parts = [_on_one_street(origins, targets)]
    point, node, seconds = _leaves_node(origins)
    ends = [_comes_from_node(targets), _comes_to_node(targets)]
    target, at, rest = (np.concatenate(column) for column in zip(*ends, strict=True))
    left, right = matches(node, at)
    parts.append((point[left], target[right], seconds[left] + rest[right]))
    origin, target, seconds = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((seconds, target, origin))
    origin, target, seconds = origin[order], target[order], seconds[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (origin[1:] != origin[:-1]) | (target[1:] != target[:-1])
    return origin[first], target[first], seconds[first]


def _on_one_street(starts: Links, ends: Links) -> _Part:
    on_start, on_end = np.flatnonzero(starts["edge"] >= 0), np.flatnonzero(ends["edge"] >= 0)
    left, right = matches(
        starts["edge"][on_start].astype(np.int64), ends["edge"][on_end].astype(np.int64)
    )
    left, right = on_start[left], on_end[right]
    ahead = ends["fraction"][right] - starts["fraction"][left]
    whole = np.where(ahead > 0, starts["forward"][left], starts["backward"][left])
    # at one and the same place, a closed direction (inf) costs nothing
    between = np.abs(ahead) * np.where(ahead == 0, 0.0, whole)
    seconds = starts["connector_s"][left] + between + ends["connector_s"][right]
    finite = np.isfinite(seconds)
    return left[finite], right[finite], seconds[finite]


def _leaves_along(at: Links) -> _Part:
    """Points, edges they drive off along, seconds to the end of the edge."""
    ahead = (at["edge"] >= 0, at["edge"], at["out_b"])
    return _part(ahead, (at["reverse"] >= 0, at["reverse"], at["out_a"]))


def _leaves_node(at: Links) -> _Part:
    """Points, nodes they stand at, seconds to the node."""
    return _part(*_stands(at, at["out_a"]))


def _comes_along(at: Links) -> _Part:
    """Points, edges they are reached along, seconds from the beginning of the edge."""
    ahead = (at["edge"] >= 0, at["edge"], at["in_a"])
    return _part(ahead, (at["reverse"] >= 0, at["reverse"], at["in_b"]))


def _comes_from_node(at: Links) -> _Part:
    """Points, nodes their edges begin at, seconds from the node."""
    ahead = (at["edge"] >= 0, at["node_a"], at["in_a"])
    return _part(ahead, (at["reverse"] >= 0, at["node_b"], at["in_b"]))


def _comes_to_node(at: Links) -> _Part:
    """Points, nodes they stand at, seconds from the node."""
    return _part(*_stands(at, at["in_a"]))


def _stands(at: Links, alone_s: Floats) -> tuple[tuple[Ints, Ints, Floats], ...]:
    """Points linked to a node, or to the very end of a street: the corner is no part of it."""
    on = at["edge"] >= 0
    return (
        ((at["node_a"] >= 0) & ~on, at["node_a"], alone_s),
        (on & (at["fraction"] == 0), at["node_a"], at["connector_s"]),
        (on & (at["fraction"] == 1), at["node_b"], at["connector_s"]),
    )


def _part(*parts: tuple[Ints | Floats, Ints | Floats, Floats]) -> _Part:
    """What of (condition, thing, seconds) holds, with the positions of the points."""
    rows, things, costs = [], [], []
    for kept, thing, seconds in parts:
        here = np.flatnonzero(kept & np.isfinite(seconds))
        rows.append(here)
        things.append(thing[here].astype(np.int64))
        costs.append(seconds[here])
    return np.concatenate(rows), np.concatenate(things), np.concatenate(costs)


def _each(groups: tuple[Ints, Ints], keys: Ints) -> tuple[Ints, Ints]:
    """All members of the groups with these keys, and which key each belongs to."""
    order, pointers = groups
    owner, position = spread(pointers[keys], pointers[keys + 1])
    return owner, order[position]


def _terminals(points: int, ties: list[_Part]) -> Terminals:
    point, state, seconds = (np.concatenate(column) for column in zip(*ties, strict=True))
    order, pointers = grouped(point, points)
    return Terminals(pointers, state[order], seconds[order])
