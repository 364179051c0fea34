"""Linking points to the street network: where a zone, a site or a stop meets it."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from shapely import STRtree

from navplan.errors import Fault, raise_faults
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


def attach(
    points: gpd.GeoSeries | gpd.GeoDataFrame, streets: Streets, seconds: Floats, profile: Profile
) -> pd.DataFrame:
    """Link points to the nearest place where they can join the network.

    A point whose id is the id of a node is linked to that node, 0 m away: its connector is an
    edge of the network. Any other point goes to the nearest point on an edge that is open to the
    mode and no tunnel, bridge, ferry, motorway or expressway. Edges of a usable part of the
    network (at least 1 % of all usable nodes, or 100) come first; only where none lies within
    the snap limit, a smaller part is taken. The way there is 1.2 × the straight line, at walking
    or cycling speed, or 25 km/h by car.

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
        not linked; ``edge``, row of the edge linked to (-1: a node or not linked) and
        ``fraction`` along it; ``node_a`` and ``node_b``, its ends (-1: none); ``out_a``,
        ``out_b``, seconds from the point to either end, and ``in_a``, ``in_b``, seconds from
        either end to the point, both with the connector (inf where no way leads there) [s];
        ``forward`` and ``backward``, seconds of the whole edge each way [s]; ``connector_s``.

    Raises
    ------
    InputError
        If the CRS differs, or a point bears the id of a node that lies elsewhere.
    """
    geometry = points.geometry
    if geometry.crs is None or geometry.crs != streets.nodes.crs:
        given = f"their CRS is {geometry.crs}, the streets' is {streets.nodes.crs}."
        raise_faults([Fault("points", "crs", given, "Reproject them to the streets' CRS.")])
    links = _unlinked(geometry.index)
    usable = np.flatnonzero(~np.isnan(seconds))
    at_node = _at_nodes(geometry, streets, usable)
    _link_nodes(links, at_node)
    ends = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64)
    large = _in_large_part(ends, usable, len(streets.nodes))
    landing = usable[_can_land(streets, usable)]
    inside = large[ends[landing]].all(axis=1)
    for edges in (landing[inside], landing[~inside]):
        todo = np.flatnonzero(~links["linked"].to_numpy())
        if len(todo) and len(edges):
            _link_edges(links, todo, geometry, streets, seconds, edges, profile)
    return links


def _unlinked(index: pd.Index) -> pd.DataFrame:
    far = dict.fromkeys(("out_a", "out_b", "in_a", "in_b", "forward", "backward"), np.inf)
    columns = {
        "linked": False,
        "snap_m": np.nan,
        "edge": -1,
        "fraction": np.nan,
        "node_a": -1,
        "node_b": -1,
        **far,
        "connector_s": np.nan,
    }
    return pd.DataFrame(columns, index=index)


def _at_nodes(geometry: gpd.GeoSeries, streets: Streets, usable: Ints) -> Ints:
    """Position of the node that bears each point's id and has a usable edge, else -1."""
    nodes = streets.nodes.index.get_indexer(geometry.index)
    found = np.flatnonzero(nodes >= 0)
    apart = shapely.distance(
        geometry.to_numpy()[found], streets.nodes.geometry.to_numpy()[nodes[found]]
    )
    raise_faults(
        Fault(
            "points",
            str(geometry.index[row]),
            f"lies {metres:,.0f} m from the street node of the same id.",
            "Move one of them, or give one another id.",
        )
        for row, metres in zip(found, apart, strict=True)
        if metres > SAME_PLACE_M
    )
    touched = np.zeros(len(streets.nodes), dtype=bool)
    touched[streets.edges[["tail", "head"]].to_numpy()[usable].ravel()] = True
    return np.where((nodes >= 0) & touched[nodes], nodes, -1)


def _link_nodes(links: pd.DataFrame, nodes: Ints) -> None:
    here = nodes >= 0
    links.loc[here, "linked"] = True
    links.loc[here, "node_a"] = nodes[here]
    for column in ("snap_m", "out_a", "in_a", "connector_s"):
        links.loc[here, column] = 0.0


def _in_large_part(ends: Ints, usable: Ints, count: int) -> npt.NDArray[np.bool_]:
    tails, heads = ends[usable].T
    graph = sparse.coo_matrix((np.ones(len(usable)), (tails, heads)), shape=(count, count))
    # Strong: from a one-way scrap at the edge of an extract one may come in and never out again.
    _, part = connected_components(graph, connection="strong")
    touched = np.zeros(count, dtype=bool)
    touched[ends[usable].ravel()] = True
    size = np.bincount(part[touched], minlength=int(part.max(initial=0)) + 1)
    # two at least: a node alone is one from which no way leads back
    least = max(2.0, min(PART_NODES, PART_SHARE * int(touched.sum())))
    return np.asarray((size >= least)[part] & touched)


def _can_land(streets: Streets, usable: Ints) -> npt.NDArray[np.bool_]:
    edges = streets.edges.iloc[usable]
    barred = edges["structure"].isin(NO_LANDING) | edges["road_class"].isin(NO_LANDING_CLASSES)
    return ~barred.to_numpy()


def _lines(streets: Streets, rows: Ints) -> npt.NDArray[np.object_]:
    lines = streets.edges["geometry"].to_numpy(dtype=object)[rows]
    straight = np.flatnonzero([line is None for line in lines])
    xy = shapely.get_coordinates(streets.nodes.geometry.to_numpy())
    ends = streets.edges[["tail", "head"]].to_numpy()[rows[straight]]
    lines = lines.copy()
    lines[straight] = shapely.linestrings(xy[ends])
    return lines


def _link_edges(
    links: pd.DataFrame,
    todo: Ints,
    geometry: gpd.GeoSeries,
    streets: Streets,
    seconds: Floats,
    rows: Ints,
    profile: Profile,
) -> None:
    lines = _lines(streets, rows)
    points = geometry.to_numpy()[todo]
    which, nearest = STRtree(lines).query_nearest(
        points, max_distance=profile.snap_limit_m, all_matches=False
    )
    edge, point, line = rows[nearest], points[which], lines[nearest]
    snap = shapely.distance(point, line)
    fraction = np.nan_to_num(shapely.line_locate_point(line, point, normalized=True))
    reverse = _reverse_rows(streets, seconds, edge)
    # both directions of a street stand for one another: always name the one that comes first
    turn = (reverse >= 0) & (reverse < edge)
    edge, reverse = np.where(turn, reverse, edge), np.where(turn, edge, reverse)
    fraction = np.where(turn, 1.0 - fraction, fraction)
    forward = seconds[edge]
    backward = np.where(reverse >= 0, seconds[reverse], np.inf)
    connector = connector_seconds(snap * DETOUR, profile)
    ends = streets.edges[["tail", "head"]].to_numpy()[edge]
    index = links.index[todo[which]]
    values = {
        "linked": True,
        "snap_m": snap,
        "edge": edge,
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
        links.loc[index, column] = value


def _part(fraction: Floats, whole: Floats) -> Floats:
    """Take a fraction of an edge's seconds; none of a closed edge costs nothing."""
    return np.where(fraction > 0, fraction * np.where(fraction > 0, whole, 0.0), 0.0)


def _reverse_rows(streets: Streets, seconds: Floats, edge: Ints) -> Ints:
    """Row of the edge that runs the other way on the same street; -1 where one-way."""
    ends = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64)
    length = streets.edges["length_m"].to_numpy(dtype=float)
    count = len(streets.nodes)
    wanted = ends[edge, 1] * count + ends[edge, 0]
    keys = ends[:, 0] * count + ends[:, 1]
    by_ends: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.isin(keys, wanted) & ~np.isnan(seconds)).tolist():
        by_ends.setdefault(int(keys[row]), []).append(row)
    found = np.full(len(edge), -1, dtype=np.int64)
    for position, (row, key) in enumerate(zip(edge.tolist(), wanted.tolist(), strict=True)):
        # parallel streets between the same ends differ in length; 1 m is their rounding
        same = [r for r in by_ends.get(key, []) if abs(length[r] - length[row]) <= 1.0]
        if same:
            found[position] = min(same, key=lambda r: (seconds[r], r))
    return found
