"""One fastest way over the streets, piece by piece: what a matrix of minutes does not keep."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from shapely import LineString, Point
from shapely.ops import substring

from navplan.network.graph import Graph
from navplan.network.linking import DETOUR, Linker, lines_of
from navplan.network.terminals import along_edges, origins_of, targets_of
from navplan.nouns import Streets
from navplan.travel.one_search import fastest, tree_from
from navplan.units import Reason

Longs = npt.NDArray[np.int64]
CONNECTOR: Final = -1
"""Stands for "no edge": the unmapped ground between a point and its street."""


@dataclass(frozen=True)
class Piece:
    """A stretch of one edge, or of unmapped ground.

    Parameters
    ----------
    edge : int
        Row of the edge; `CONNECTOR` off the streets.
    seconds : float
        The turn into it included [s].
    metres : float
        [m].
    line : LineString
        In the direction of travel.
    """

    edge: int
    seconds: float
    metres: float
    line: LineString


@dataclass(frozen=True)
class StreetWays:
    """Fastest ways over one graph, pair by pair.

    Each way is as long as the matrix says; for many pairs without their course use
    `navplan.travel.travel_times`.

    Parameters
    ----------
    streets : Streets
        The network.
    graph : Graph
        From `navplan.network.graph.graph_of`: bans and turn costs hold where it has them.
    """

    streets: Streets
    graph: Graph

    def between(self, origin: gpd.GeoDataFrame, target: gpd.GeoDataFrame) -> tuple[Piece, ...]:
        """Find the fastest way between two linked points.

        Parameters
        ----------
        origin, target : GeoDataFrame
            One row each, from `linked` with the seconds of the graph.

        Returns
        -------
        tuple of Piece
            In the order of travel, without pieces of no length and no time; the last stands
            alone, with no seconds, where both points are one. Empty where there is no way.
        """
        here, there = _Link(self.streets, origin), _Link(self.streets, target)
        way = self._by_states(here, there)
        _, _, seconds = along_edges(here.row, there.row)
        if len(seconds) and (way is None or seconds[0] < sum(piece.seconds for piece in way)):
            way = _along(here, there, float(seconds[0]))
        if way is None:
            return ()
        return tuple(p for p in way if p.seconds > 0 or p.metres > 0) or (way[-1],)

    def _by_states(self, here: _Link, there: _Link) -> list[Piece] | None:
        """Way through the graph."""
        graph = self.graph
        starts, goals = origins_of(here.row, graph), targets_of(there.row, graph)
        if not len(starts.states) or not len(goals.states):
            return None
        tree = tree_from(graph, starts)
        ends = tree.seconds[goals.states] + goals.seconds
        last = int(ends.argmin())
        if not np.isfinite(ends[last]):
            return None
        states = tree.way_to(int(goals.states[last]))
        first_s = float(tree.seconds[states[0]])
        return [
            *here.leaving(graph, states[0], first_s),
            *(self._along_arc(arc) for arc in self._arcs_between(states)),
            *there.coming(int(graph.node[states[-1]]), float(goals.seconds[last])),
        ]

    def _arcs_between(self, states: list[int]) -> list[int]:
        """Fastest arcs from each state to the next."""
        arcs, keys = self._keys
        way = np.array(states, dtype=np.int64)
        found = arcs[np.searchsorted(keys, way[:-1] * self.graph.count + way[1:])]
        return [int(arc) for arc in found]

    @cached_property
    def _keys(self) -> tuple[Longs, Longs]:
        """Arcs, of parallel ones the fastest, and their ends as one number, sorted."""
        tail, head = self.graph.tail.astype(np.int64), self.graph.head.astype(np.int64)
        arcs = fastest(tail, head, self.graph.seconds)
        return arcs, tail[arcs] * self.graph.count + head[arcs]

    def _along_arc(self, arc: int) -> Piece:
        seconds = float(self.graph.seconds[arc])
        return _piece(self.streets, int(self.graph.edge[arc]), 0.0, 1.0, seconds)


def linked(points: gpd.GeoDataFrame, linker: Linker) -> gpd.GeoDataFrame:
    """Link points and keep their places.

    Parameters
    ----------
    points : GeoDataFrame
        Points by id.
    linker : Linker
        From `navplan.network.linking.linker_of`.

    Returns
    -------
    GeoDataFrame
        The columns of `navplan.network.attach`, and geometry.
    """
    at = points.geometry.to_numpy()
    return gpd.GeoDataFrame(linker.attach(points), geometry=at, crs=points.crs)


def unlinked(here: gpd.GeoDataFrame, there: gpd.GeoDataFrame) -> Reason:
    """Tell which end of a way is not linked to the streets.

    Parameters
    ----------
    here, there : GeoDataFrame
        One row each, from `linked`.

    Returns
    -------
    Reason
        ``ok`` where both are.
    """
    if not here["linked"].iloc[0]:
        return Reason.ZONE_NOT_LINKED
    return Reason.OK if there["linked"].iloc[0] else Reason.SITE_NOT_LINKED


def _line_of(streets: Streets, edge: int) -> LineString:
    line: LineString = lines_of(streets, np.array([edge]))[0]
    return line


def _piece(streets: Streets, edge: int, begin: float, end: float, seconds: float) -> Piece:
    line = substring(_line_of(streets, edge), begin, end, normalized=True)
    if isinstance(line, Point):
        line = LineString([line, line])
    metres = (end - begin) * float(streets.edges["length_m"].to_numpy()[edge])
    return Piece(edge, seconds, metres, line)


def _along(here: _Link, there: _Link, seconds: float) -> list[Piece]:
    """Way without a junction, as `along_edges` finds it."""
    if here.node >= 0 and here.node == there.node:
        return [here.connector(), there.connector(towards=True)]
    if here.edge < 0 or here.edge != there.edge:
        return [here.connector(), *there.coming(here.node, seconds - here.connector_s)]
    rest = seconds - here.connector_s - there.connector_s
    begin, end, edge = here.fraction, there.fraction, here.edge
    if end < begin:
        begin, end, edge = 1.0 - begin, 1.0 - end, here.reverse
    middle = [_piece(here.streets, edge, begin, end, rest)] if end > begin else []
    return [here.connector(), *middle, there.connector(towards=True)]


class _Link:
    """A point and how it meets its street."""

    def __init__(self, streets: Streets, row: gpd.GeoDataFrame) -> None:
        link = row.iloc[0]
        self.streets, self.row = streets, row
        self.point: Point = row.geometry.iloc[0]
        self.edge, self.reverse = int(link["edge"]), int(link["reverse"])
        self.fraction = float(link["fraction"])
        self.node = self._stands_at(int(link["node_a"]), int(link["node_b"]))
        self.connector_s = float(link["connector_s"])
        self.connector_m = float(link["snap_m"]) * DETOUR

    def _stands_at(self, node_a: int, node_b: int) -> int:
        """Find the node the point is linked to, be it by the end of a street; -1 = none."""
        if self.edge < 0 or self.fraction == 0:
            return node_a
        return node_b if self.fraction == 1 else -1

    @property
    def _directions(self) -> list[tuple[int, float]]:
        """Each usable direction of the street, with how far along it the point is."""
        both = [(self.edge, self.fraction), (self.reverse, 1.0 - self.fraction)]
        return [(edge, fraction) for edge, fraction in both if edge >= 0]

    def leaving(self, graph: Graph, state: int, seconds: float) -> list[Piece]:
        """From the point to the first state of a way."""
        rest = seconds - self.connector_s
        if graph.by_node and state == self.node and rest == 0:
            return [self.connector()]
        ways = [
            _piece(self.streets, edge, fraction, 1.0, rest)
            for edge, fraction in self._directions
            if graph.arrived[edge] == state
        ]
        if not ways and not graph.by_node:
            (edges,) = np.nonzero(graph.arrived == state)
            ways = [_piece(self.streets, int(edges[0]), 0.0, 1.0, rest)]
        return [self.connector(), *_shortest(ways)]

    def coming(self, node: int, seconds: float) -> list[Piece]:
        """From the node where the last state of a way stands to the point."""
        tails = self.streets.edges["tail"].to_numpy()
        rest = seconds - self.connector_s
        if node == self.node and rest == 0:
            return [self.connector(towards=True)]
        ways = [
            _piece(self.streets, edge, 0.0, fraction, rest)
            for edge, fraction in self._directions
            if tails[edge] == node
        ]
        return [*_shortest(ways), self.connector(towards=True)]

    def connector(self, *, towards: bool = False) -> Piece:
        """The ground between the point and its street."""
        at = self.point
        if self.edge >= 0:
            at = _line_of(self.streets, self.edge).interpolate(self.fraction, normalized=True)
        ends = [at, self.point] if towards else [self.point, at]
        return Piece(CONNECTOR, self.connector_s, self.connector_m, LineString(ends))


def _shortest(ways: list[Piece]) -> list[Piece]:
    """Of ways that start and end alike, which only a loop street has, the shortest."""
    return [min(ways, key=lambda piece: piece.metres)] if ways else []
