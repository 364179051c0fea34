"""OpenStreetMap → streets: an extract read with osmium, or a graph that osmnx has made."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from navplan.errors import Fault, raise_faults
from navplan.nouns import Streets
from navplan.sources import ferries, osm_tags
from navplan.sources.osm_tags import Way

if TYPE_CHECKING:
    import networkx as nx

    Graph = nx.MultiDiGraph[Any]


class _Piece(NamedTuple):
    """A way between two nodes of the network; `nodes` are all its nodes in order."""

    nodes: tuple[int, ...]
    way: Way
    crossing_min: float = math.nan
    headway_min: float = math.nan


def read_osm(
    path: Path, *, crs: str, bbox: tuple[float, float, float, float] | None = None
) -> Streets:
    """Read the streets and ferries of an OpenStreetMap extract for foot, bicycle and car.

    Use it where walking or cycling counts; `read_n1000` is smaller where only car times between
    places do.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``, ``.osm`` or another file that osmium reads.
    crs : str
        Projected system of the result, for example ``"EPSG:25833"`` [m].
    bbox : tuple of float, optional
        West, south, east, north [°]; ways with a node inside are kept whole.

    Returns
    -------
    Streets
        Nodes are junctions and ends, named by their OSM ids.

    Raises
    ------
    InputError
        If the file cannot be read or holds no street, or osmium is not installed.

    Notes
    -----
    Ways are split where they share a node, and joined again over nodes of degree two where nothing
    changes, with their geometry. Which mode may go where follows `osm_tags.read_way`.

    Ferries take their ``duration`` or an assumed speed, and their ``interval`` or an assumed
    headway; a line drawn in pieces counts once. Not read: turn restrictions, gates and bollards,
    conditional and timed rules, ferries tagged only on relations, heights.
    """
    ways, at = _ways(path, bbox)
    pieces = _pieces(ways, at)
    sea = [piece for piece in pieces if piece.way.road_class == "ferry"]
    quays = {node for piece in sea for node in (piece.nodes[0], piece.nodes[-1])}
    roads = _contracted([p for p in pieces if p.way.road_class != "ferry"], keep=quays)
    if not roads and not sea:
        problem = "holds no street" + (" in the box." if bbox else ".")
        raise_faults([Fault(path.name, "", problem, "Check the extract and the box (degrees).")])
    points = _projected(at, {node for piece in (*roads, *sea) for node in piece.nodes}, crs)
    return _streets(roads, sea, points, crs)


def _ways(
    path: Path, bbox: tuple[float, float, float, float] | None
) -> tuple[list[tuple[Mapping[str, str], tuple[int, ...]]], dict[int, tuple[float, float]]]:
    """Tags and nodes of every street and ferry; nodes outside the extract split a way."""
    if not path.is_file():
        raise_faults([Fault(path.name, "", "there is no such file.", "Fetch the extract first.")])
    try:
        import osmium  # noqa: PLC0415  only this reader needs it
    except ImportError:
        problem = "OpenStreetMap files are read with osmium, which is not installed."
        raise_faults([Fault(path.name, "", problem, "Run: pip install 'navplan[osm]'.")])
    ways: list[tuple[Mapping[str, str], tuple[int, ...]]] = []
    at: dict[int, tuple[float, float]] = {}
    keys = osmium.filter.KeyFilter("highway", "route")
    reader = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY)
    reader = reader.with_locations().with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    try:
        for way in reader.with_filter(keys):
            tags = dict(way.tags)
            if not isinstance(way, osmium.osm.Way) or osm_tags.read_way(tags) is None:
                continue
            places = [
                (n.ref, (n.location.lon, n.location.lat)) if n.location.valid() else None
                for n in way.nodes
            ]
            if bbox is not None and not any(_inside(p[1], bbox) for p in places if p is not None):
                continue
            for there, run in itertools.groupby(places, key=lambda place: place is not None):
                known = [place for place in run if place is not None]
                if there and len(known) > 1:
                    at.update(known)
                    ways.append((tags, tuple(node for node, _ in known)))
    except RuntimeError as error:
        problem = f"cannot be read as OpenStreetMap data ({error})."
        raise_faults([Fault(path.name, "", problem, "Give a .osm.pbf or .osm file.")])
    return ways, at


def _inside(point: tuple[float, float], bbox: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bbox
    return west <= point[0] <= east and south <= point[1] <= north


def _pieces(
    ways: list[tuple[Mapping[str, str], tuple[int, ...]]],
    at: Mapping[int, tuple[float, float]],
) -> list[_Piece]:
    """Split ways at every node that is an end or stands in more than one place."""
    uses: Counter[int] = Counter()
    for _, nodes in ways:
        uses.update(nodes)
        uses.update((nodes[0], nodes[-1]))  # an end always splits
    pieces = []
    for tags, nodes in ways:
        way = osm_tags.read_way(tags)
        if way is None or not way.is_open:
            continue
        cuts = [i for i, node in enumerate(nodes) if uses[node] > 1]
        parts = [nodes[start : end + 1] for start, end in itertools.pairwise(cuts)]
        if way.road_class != "ferry":
            pieces += [_Piece(part, way) for part in parts]
            continue
        minutes = osm_tags.crossing_minutes(tags.get("duration", ""))
        headway = osm_tags.crossing_minutes(tags.get("interval", ""))
        whole = _degrees(nodes, at) or 1.0
        pieces += [
            _Piece(part, way, minutes * _degrees(part, at) / whole, headway) for part in parts
        ]
    return pieces


def _degrees(nodes: tuple[int, ...], at: Mapping[int, tuple[float, float]]) -> float:
    """Length in degrees of latitude, good enough to share a way's duration among its parts."""
    lon, lat = np.array([at[node] for node in nodes], dtype=float).T
    east = np.diff(lon) * np.cos(np.radians(lat[:-1]))
    return float(np.hypot(east, np.diff(lat)).sum())


def _contracted(pieces: list[_Piece], *, keep: set[int]) -> list[_Piece]:
    """Join pieces over nodes where just two of one kind meet, but for the nodes to keep."""
    at_node: dict[int, list[int]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        at_node[piece.nodes[0]].append(number)
        at_node[piece.nodes[-1]].append(number)

    def oriented(number: int, start: int) -> _Piece:
        piece = pieces[number]
        if piece.nodes[0] == start:
            return piece
        return piece._replace(nodes=piece.nodes[::-1], way=piece.way.turned())

    def follows(number: int, node: int) -> int | None:
        """The piece that carries on beyond a node, or None where something changes."""
        here = at_node[node]
        if len(here) != 2 or here[0] == here[1] or node in keep:  # noqa: PLR2004
            return None  # a junction, an end, a loop or a quay
        other = here[0] if here[1] == number else here[1]
        towards = oriented(number, _far(pieces[number], node))
        return other if _same(oriented(other, node).way, towards.way) else None

    joined = []
    done = [False] * len(pieces)
    for first in range(len(pieces)):
        if done[first]:
            continue
        done[first] = True
        chain = pieces[first]
        for _ in range(2):  # onwards from the head, then from the tail
            number, node = first, chain.nodes[-1]
            while (after := follows(number, node)) is not None and not done[after]:
                part = oriented(after, node)
                done[after] = True
                chain = chain._replace(nodes=(*chain.nodes, *part.nodes[1:]))
                number, node = after, chain.nodes[-1]
            chain = chain._replace(nodes=chain.nodes[::-1], way=chain.way.turned())
        joined.append(chain)
    return joined


def _far(piece: _Piece, node: int) -> int:
    return piece.nodes[0] if piece.nodes[-1] == node else piece.nodes[-1]


def _same(a: Way, b: Way) -> bool:
    return a[:-1] == b[:-1] and all(
        x == y or (math.isnan(x) and math.isnan(y))
        for x, y in zip(a.speed_km_h, b.speed_km_h, strict=True)
    )


def _projected(
    at: Mapping[int, tuple[float, float]], nodes: set[int], crs: str
) -> dict[int, tuple[float, float]]:
    ids = sorted(nodes)
    lon_lat = np.array([at[node] for node in ids], dtype=float).reshape(-1, 2)
    change = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = change.transform(lon_lat[:, 0], lon_lat[:, 1])
    return {node: (float(a), float(b)) for node, a, b in zip(ids, x, y, strict=True)}


def _crossings(
    sea: list[_Piece], roads: set[int], points: Mapping[int, tuple[float, float]]
) -> list[tuple[_Piece, shapely.LineString]]:
    """One crossing between every two quays, each kind of ferry apart; none is one-way."""
    kinds: dict[tuple[bool, bool, bool], list[_Piece]] = defaultdict(list)
    for piece in sea:
        kinds[any(piece.way.walk), any(piece.way.bicycle), any(piece.way.car)].append(piece)
    found = []
    for (walk, bicycle, car), kind in sorted(kinds.items()):
        way = kind[0].way._replace(walk=(walk,) * 2, bicycle=(bicycle,) * 2, car=(car,) * 2)
        speed = ferries.CAR_FERRY_KM_H if car else ferries.PASSENGER_FERRY_KM_H
        assumed = ferries.CAR_FERRY_HEADWAY_MIN if car else ferries.PASSENGER_FERRY_HEADWAY_MIN
        legs, headways = _legs(kind, points, speed)
        quays = {node for node, ways in legs.items() if node in roads or len(ways) == 1}
        for quay in sorted(quays):
            for other, leg in sorted(ferries.crossings(legs, quay, quays).items()):
                if quay < other:
                    known = [headways[node] for node in (quay, other) if node in headways]
                    headway = min(known, default=assumed)
                    found.append((_Piece((quay, other), way, leg.minutes, headway), leg.line))
    return found


def _legs(
    pieces: list[_Piece], points: Mapping[int, tuple[float, float]], speed_km_h: float
) -> tuple[dict[int, dict[int, ferries.Leg]], dict[int, float]]:
    """Each piece in both directions, and the shortest headway at its ends where it is known."""
    legs: dict[int, dict[int, ferries.Leg]] = defaultdict(dict)
    headways: dict[int, float] = {}
    for piece in pieces:
        line = shapely.LineString([points[node] for node in piece.nodes])
        minutes = piece.crossing_min
        if math.isnan(minutes):
            minutes = line.length / 1000 / speed_km_h * 60
        tail, head = piece.nodes[0], piece.nodes[-1]
        for a, b, drawn in ((tail, head, line), (head, tail, line.reverse())):
            if b not in legs[a] or legs[a][b].minutes > minutes:
                legs[a][b] = ferries.Leg(minutes, drawn)
            if not math.isnan(piece.headway_min):
                headways[a] = min(headways.get(a, math.inf), piece.headway_min)
    return legs, headways


def _streets(
    roads: list[_Piece], sea: list[_Piece], points: Mapping[int, tuple[float, float]], crs: str
) -> Streets:
    road_nodes = {node for piece in roads for node in piece.nodes}
    drawn = [(piece, shapely.LineString([points[n] for n in piece.nodes])) for piece in roads]
    drawn += _crossings(sea, road_nodes, points)
    ends = sorted({node for piece, _ in drawn for node in (piece.nodes[0], piece.nodes[-1])})
    number = {node: position for position, node in enumerate(ends)}
    rows = []
    for piece, line in drawn:
        way = piece.way
        for side, shape in ((0, line), (1, line.reverse())):
            if way.walk[side] or way.bicycle[side] or way.car[side]:
                tail, head = piece.nodes[-side], piece.nodes[side - 1]
                rows.append(
                    (number[tail], number[head], line.length, way.road_class, way.structure,
                     way.walk[side], way.bicycle[side], way.car[side], piece.crossing_min,
                     piece.headway_min, way.speed_km_h[side], shape)
                )  # fmt: skip
    at = np.array([points[node] for node in ends], dtype=float).reshape(-1, 2)
    nodes = gpd.GeoDataFrame(
        index=pd.Index([str(node) for node in ends], dtype=str),
        geometry=gpd.points_from_xy(at[:, 0], at[:, 1]),
        crs=crs,
    )
    return Streets(nodes, _edges(rows))


_ROW = (
    *("tail", "head", "length_m", "road_class", "structure", "walk", "bicycle", "car"),
    *("crossing_min", "headway_min", "speed_km_h", "geometry"),
)


def _edges(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    edges = pd.DataFrame(rows, columns=list(_ROW))
    edges["climb_m"] = np.nan
    edges["opened"] = pd.Series(pd.NaT, index=edges.index, dtype="datetime64[ns]")
    return edges[list(Streets.COLUMNS)]


def from_osmnx(graph: Graph, *, crs: str) -> Streets:
    """Make streets of a graph that osmnx has downloaded or read.

    Use `read_osm` where the file is at hand: osmnx keeps fewer tags.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Nodes with ``x``, ``y``; edges with ``highway``, ``length`` and, where known,
        ``geometry``, ``maxspeed``, ``tunnel``, ``bridge``, ``access``. Its ``graph["crs"]`` says
        what x and y are.
    crs : str
        Projected system of the result, for example ``"EPSG:25833"`` [m].

    Returns
    -------
    Streets
        Cars and bicycles follow the graph's directions; on foot each edge goes both ways.

    Raises
    ------
    InputError
        If the graph has no coordinate system or no edges.

    Notes
    -----
    Where simplification has joined ways of several kinds (``highway`` is a list), a mode is
    allowed only if all of them allow it, and the first kind gives the class. One-way bicycle rules
    are not in osmnx's usual tags, so contraflow cycling is lost.
    """
    if "crs" not in graph.graph or graph.number_of_edges() == 0:
        problem = "has no edges." if "crs" in graph.graph else "has no coordinate system."
        raise_faults([Fault("osmnx graph", "", problem, "Give a graph made by osmnx.")])
    names = list(graph.nodes)
    x, y = (np.array([graph.nodes[n][axis] for n in names], dtype=float) for axis in "xy")
    points = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=graph.graph["crs"]).to_crs(crs)
    nodes = gpd.GeoDataFrame(
        index=pd.Index([str(n) for n in names], dtype=str), geometry=points.to_numpy(), crs=crs
    )
    number = {name: position for position, name in enumerate(names)}
    lines = gpd.GeoSeries(
        [
            data.get("geometry")
            or shapely.LineString([(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in (a, b)])
            for a, b, data in graph.edges(data=True)
        ],
        crs=graph.graph["crs"],
    ).to_crs(crs)
    rows: list[tuple[Any, ...]] = []
    for (tail, head, data), line in zip(graph.edges(data=True), lines, strict=True):
        kinds = _kinds(data)
        if not kinds:
            continue
        first = kinds[0]
        walk, bicycle, car = (
            all(getattr(k, m)[0] for k in kinds) for m in ("walk", "bicycle", "car")
        )
        length = float(data.get("length", line.length))
        common = (length, first.road_class, first.structure)
        row = (*common, walk, bicycle, car, np.nan, np.nan, first.speed_km_h[0], line)
        rows.append((number[tail], number[head], *row))
        if walk and not graph.has_edge(head, tail):
            row = (*common, True, False, False, np.nan, np.nan, first.speed_km_h[1], line.reverse())
            rows.append((number[head], number[tail], *row))
    return Streets(nodes, _edges(rows))


def _kinds(data: Mapping[str, Any]) -> list[Way]:
    """What each of an edge's original ways allows; directions are the graph's."""
    plain = {
        key: str(value)
        for key, value in data.items()
        if isinstance(value, str) and key not in {"oneway", "junction"}
    }
    highway = data.get("highway", "")
    values = list(highway) if isinstance(highway, (list, set, tuple)) else [highway]
    ways = [osm_tags.read_way({**plain, "highway": str(v), "oneway": "no"}) for v in values]
    return [way for way in ways if way is not None]
