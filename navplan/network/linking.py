"""Linking points to the street network: where a zone, a site or a stop meets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from navplan.errors import Fault, raise_faults
from navplan.network.links import Links
from navplan.network.nearest import Segments, lengths_before, segments_of
from navplan.network.reverses import reverse_rows
from navplan.network.speeds import connector_seconds
from navplan.nouns import Profile, Streets

DETOUR: Final = 1.2
"""A connector is this much longer than the straight line (assumption)."""
SAME_PLACE_M: Final = 100.0
"""A point and the node that bears its id lie no farther apart than this [m]."""
PART_SHARE: Final = 0.01
PART_NODES: Final = 100
"""A part of the network, from each of whose nodes one gets to every other, counts as usable with
1 % of the usable nodes, or with 100 nodes."""
NO_LANDING: Final = ("tunnel", "bridge", "ferry")
NO_LANDING_CLASSES: Final = ("motorway", "expressway", "ferry")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Linker:
    """What linking to one network in one mode needs, made once for any number of points.

    Made by `linker_of`; a point more costs about a millisecond.

    Parameters
    ----------
    streets : Streets
        The network.
    seconds : ndarray of float
        Seconds by edge, NaN where closed [s].
    profile : Profile
        Mode, connector speed and ``snap_limit_m``.
    ends : ndarray of int
        Edges × (tail, head).
    touched : ndarray of bool
        By node: whether a usable edge begins or ends there.
    reverse : ndarray of int
        By edge: the row of its other direction, as `reverse_rows`.
    landings : tuple of Landings
        Edges to link to, those that come first first.
    """

    streets: Streets
    seconds: Floats
    profile: Profile
    ends: Ints
    touched: npt.NDArray[np.bool_]
    reverse: Ints
    landings: tuple[Landings, ...]

    def attach(self, points: gpd.GeoSeries | gpd.GeoDataFrame) -> pd.DataFrame:
        """Link points as the function `attach` does.

        Parameters
        ----------
        points : GeoSeries or GeoDataFrame
            Indexed by id, in the CRS of the streets.

        Returns
        -------
        DataFrame
            As of the function `attach`.
        """
        return self.link(points).table()

    def link(self, points: gpd.GeoSeries | gpd.GeoDataFrame) -> Links:
        """Link points as the function `attach` does, without making a table.

        Parameters
        ----------
        points : GeoSeries or GeoDataFrame
            Indexed by id, in the CRS of the streets.

        Returns
        -------
        Links
            The columns of the function `attach`.

        Raises
        ------
        InputError
            As of the function `attach`.
        """
        geometry = points.geometry
        xy = _positions(geometry, self.streets)
        links = _unlinked(len(xy))
        _link_nodes(links, self._at_nodes(geometry.index, xy))
        for landings in self.landings:
            todo = np.flatnonzero(~links["linked"])
            if len(todo):
                self._link_edges(links, todo, xy, landings)
        return Links(links, geometry.index)

    def _at_nodes(self, ids: pd.Index, xy: Floats) -> Ints:
        """Position of the node that bears each point's id and has a usable edge, else -1."""
        nodes = np.array(self.streets.nodes.index.get_indexer(ids), dtype=np.int64)
        found = np.flatnonzero(nodes >= 0)
        at = shapely.get_coordinates(self.streets.nodes.geometry.to_numpy()[nodes[found]])
        raise_faults(
            Fault(
                "points",
                str(ids[row]),
                f"lies {metres:,.0f} m from the street node of the same id.",
                "Move one of them, or give one another id.",
            )
            for row, metres in zip(found.tolist(), np.hypot(*(at - xy[found]).T), strict=True)
            if metres > SAME_PLACE_M
        )
        nodes[found[~self.touched[nodes[found]]]] = -1
        return nodes

    def _link_edges(
        self, links: dict[str, Any], todo: Ints, xy: Floats, landings: Landings
    ) -> None:
        edge, fraction, snap = landings.nearest(xy[todo], self.profile.snap_limit_m)
        near = edge >= 0
        todo, edge, fraction, snap = todo[near], edge[near], fraction[near], snap[near]
        reverse = self.reverse[edge]
        # both directions of a street stand for one another: always name the one that comes first
        turn = (reverse >= 0) & (reverse < edge)
        edge, reverse = np.where(turn, reverse, edge), np.where(turn, edge, reverse)
        fraction = np.where(turn, 1.0 - fraction, fraction)
        forward = self.seconds[edge]
        backward = np.where(reverse >= 0, self.seconds[reverse], np.inf)
        connector = connector_seconds(snap * DETOUR, self.profile)
        ends = self.ends[edge]
        values = {
            "linked": True,
            "snap_m": snap,
            "edge": edge,
            "reverse": reverse,
            "fraction": fraction,
            "node_a": ends[:, 0],
            "node_b": ends[:, 1],
            "out_a": connector + _part(fraction, backward),
            "out_b": connector + _part(1.0 - fraction, forward),
            "in_a": connector + _part(fraction, forward),
            "in_b": connector + _part(1.0 - fraction, backward),
            "forward": forward,
            "backward": backward,
            "connector_s": connector,
        }
        for column, value in values.items():
            links[column][todo] = value


@dataclass(frozen=True, repr=False)
class Landings:
    """Edges that points may be linked to, taken apart into straight pieces.

    Parameters
    ----------
    segments : Segments
        The pieces, edge after edge.
    edge : ndarray of int
        By piece: the row of its edge.
    before, length, whole : ndarray of float
        By piece: metres of the edge before it, its own, and those of the whole edge [m].
    """

    segments: Segments
    edge: Ints
    before: Floats
    length: Floats
    whole: Floats

    def nearest(self, xy: Floats, limit_m: float) -> tuple[Ints, Floats, Floats]:
        """The nearest place on an edge: its row (-1 = none), the fraction along it, metres away.

        Parameters
        ----------
        xy : ndarray of float
            Points × (x, y) [m].
        limit_m : float
            Farther edges do not count [m].

        Returns
        -------
        edge : ndarray of int
            Of edges equally near the one that comes first.
        fraction : ndarray of float
            [0–1].
        metres : ndarray of float
            [m].
        """
        piece, share, metres = self.segments.nearest(xy, limit_m)
        at = self.before[piece] + share * self.length[piece]
        whole = self.whole[piece]
        fraction = np.divide(at, whole, out=np.zeros_like(at), where=whole > 0)
        return np.where(piece >= 0, self.edge[piece], -1), fraction, metres


def linker_of(streets: Streets, seconds: Floats, profile: Profile) -> Linker:
    """Prepare linking to a network; see `attach` for the rules.

    Use this where points come one at a time, as when an office is moved, and `attach` elsewhere.

    Parameters
    ----------
    streets : Streets
        The network.
    seconds : ndarray of float
        Seconds by edge, NaN where closed [s]; see `edge_seconds`.
    profile : Profile
        Mode, connector speed and ``snap_limit_m``.

    Returns
    -------
    Linker
        Holds for these seconds only.
    """
    usable = np.flatnonzero(~np.isnan(seconds))
    ends = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64)
    touched = np.zeros(len(streets.nodes), dtype=bool)
    touched[ends[usable].ravel()] = True
    # an island stays with what its ferries join it to, also when none of them sails for the mode:
    # its people have no way then, rather than one over the sea
    ferry = (streets.edges["structure"] == "ferry") | (streets.edges["road_class"] == "ferry")
    large = _in_large_part(ends, np.flatnonzero(~np.isnan(seconds) | ferry.to_numpy()), touched)
    landing = usable[_can_land(streets, usable)]
    inside = large[ends[landing]].all(axis=1)
    first, then = landing[inside], landing[~inside]
    landings = tuple(_landings(streets, rows) for rows in (first, then) if len(rows))
    reverse = reverse_rows(streets, seconds)
    return Linker(streets, seconds, profile, ends, touched, reverse, landings)


def attach(
    points: gpd.GeoSeries | gpd.GeoDataFrame, streets: Streets, seconds: Floats, profile: Profile
) -> pd.DataFrame:
    """Link points to the nearest place where they can join the network.

    A point whose id is the id of a node is linked to that node, 0 m away: its connector is an edge
    of the network. Any other point goes to the nearest point on an edge that is open to the mode
    and no tunnel, bridge, ferry, motorway or expressway; of edges equally near, to the one that
    comes first. Edges of a usable part of the network (at least 1 % of all usable nodes, or 100;
    ferries that do not sail for the mode join parts all the same) come first; only where none lies
    within the snap limit, a smaller part is taken. The way there is 1.2 × the straight line, at
    walking or cycling speed, or 25 km/h by car.

    Parameters
    ----------
    points : GeoSeries or GeoDataFrame
        Indexed by id, in the CRS of the streets.
    streets : Streets
        The network.
    seconds : ndarray of float
        Seconds by edge, NaN where closed [s]; see `edge_seconds`.
    profile : Profile
        Mode, connector speed and ``snap_limit_m``.

    Returns
    -------
    DataFrame
        Indexed as `points`. ``linked`` (bool); ``snap_m``, distance to the street [m], NaN where
        not linked; ``edge``, row of the edge linked to (-1: a node or not linked), ``reverse``,
        row of the same street's other direction (-1: none), and ``fraction`` along the edge;
        ``node_a`` and ``node_b``, its ends (-1: none); ``out_a``, ``out_b``, seconds from the
        point to either end, and ``in_a``, ``in_b``, seconds from either end to the point, both
        with the connector (inf where no way leads there) [s]; ``forward`` and ``backward``,
        seconds of the whole edge each way [s]; ``connector_s``.

    Raises
    ------
    InputError
        If the CRS differs, a point has no position, or bears the id of a node that lies
        elsewhere.
    """
    return linker_of(streets, seconds, profile).attach(points)


def _positions(geometry: gpd.GeoSeries, streets: Streets) -> Floats:
    """Coordinates of the points [m]."""
    if geometry.crs is None or geometry.crs != streets.nodes.crs:
        given = f"their CRS is {geometry.crs}, the streets' is {streets.nodes.crs}."
        raise_faults([Fault("points", "crs", given, "Reproject them to the streets' CRS.")])
    points = geometry.to_numpy()
    xy = np.full((len(points), 2), np.nan)
    placed = (shapely.get_type_id(points) == shapely.GeometryType.POINT) & ~shapely.is_empty(points)
    xy[placed] = shapely.get_coordinates(points[placed])
    raise_faults(
        Fault("points", str(geometry.index[row]), "has no position.", "Give it a point [m].")
        for row in np.flatnonzero(~np.isfinite(xy).all(axis=1))
    )
    return xy


def _unlinked(count: int) -> dict[str, Any]:
    """One array a column, for points that are linked nowhere."""
    nowhere = {
        "linked": False,
        "snap_m": np.nan,
        "edge": -1,
        "reverse": -1,
        "fraction": np.nan,
        "node_a": -1,
        "node_b": -1,
        **dict.fromkeys(("out_a", "out_b", "in_a", "in_b", "forward", "backward"), np.inf),
        "connector_s": np.nan,
    }
    return {name: np.full(count, value) for name, value in nowhere.items()}


def _link_nodes(links: dict[str, Any], nodes: Ints) -> None:
    here = nodes >= 0
    links["linked"][here] = True
    links["node_a"][here] = nodes[here]
    for column in ("snap_m", "out_a", "in_a", "connector_s"):
        links[column][here] = 0.0


def _in_large_part(
    ends: Ints, joining: Ints, touched: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    tails, heads = ends[joining].T
    size = (len(touched), len(touched))
    graph = sparse.coo_matrix((np.ones(len(joining)), (tails, heads)), shape=size)
    # Strong: from a one-way scrap at the edge of an extract one may come in and never out again.
    _, part = connected_components(graph, connection="strong")
    nodes = np.bincount(part[touched], minlength=int(part.max(initial=0)) + 1)
    # two at least: a node alone is one from which no way leads back
    least = max(2.0, min(PART_NODES, PART_SHARE * int(touched.sum())))
    return np.asarray((nodes >= least)[part] & touched)


def _can_land(streets: Streets, usable: Ints) -> npt.NDArray[np.bool_]:
    edges = streets.edges.iloc[usable]
    barred = edges["structure"].isin(NO_LANDING) | edges["road_class"].isin(NO_LANDING_CLASSES)
    return ~barred.to_numpy()


def lines_of(streets: Streets, edges: Ints) -> npt.NDArray[np.object_]:
    """Courses of edges, straight where none is given.

    Parameters
    ----------
    streets : Streets
        The network.
    edges : ndarray of int
        Rows of edges.

    Returns
    -------
    ndarray of LineString
        From tail to head.
    """
    lines = streets.edges["geometry"].to_numpy(dtype=object)[edges]
    straight = np.flatnonzero(shapely.is_missing(lines) | shapely.is_empty(lines))
    xy = shapely.get_coordinates(streets.nodes.geometry.to_numpy())
    ends = streets.edges[["tail", "head"]].to_numpy()[edges[straight]]
    lines[straight] = shapely.linestrings(xy[ends])
    return lines


def _landings(streets: Streets, rows: Ints) -> Landings:
    lines = lines_of(streets, rows)
    corners, line = shapely.get_coordinates(lines, return_index=True)
    start = np.flatnonzero(line[1:] == line[:-1])
    pieces = np.column_stack([corners[start], corners[start + 1]])
    line = line[start]
    length = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    before = lengths_before(line, length)
    last = np.searchsorted(line, np.arange(len(rows)), side="right") - 1
    # summed as a place at the very end is, so that its fraction is 1 and no less
    whole = (before[last] + length[last])[line]
    return Landings(segments_of(pieces), rows[line], before, length, whole)


def _part(fraction: Floats, whole: Floats) -> Floats:
    """Take a fraction of an edge's seconds; none of a closed edge costs nothing."""
    return np.where(fraction > 0, fraction * np.where(fraction > 0, whole, 0.0), 0.0)
