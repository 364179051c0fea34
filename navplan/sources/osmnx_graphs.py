"""Graphs of osmnx ↔ streets."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from navplan.errors import Fault, raise_faults
from navplan.nouns import Streets
from navplan.sources import osm_tags
from navplan.sources.osm_tags import Way
from navplan.sources.osm_values import crossing_minutes

if TYPE_CHECKING:
    import networkx as nx

    Graph = nx.MultiDiGraph[Any]

_MODES: Final = ("walk", "wheelchair", "bicycle", "car")
_HIGHWAY: Final = {"expressway": "trunk", "local": "unclassified"}
"""Road class → highway, where they differ."""
_OWN: Final = (
    *("climb_m", "opened", "crossing_min", "headway_min", "signals", "car_s"),
    *("sails_from", "sails_until", "way", "decided_by"),
)
"""Columns that no tag can tell; on an edge they keep their names."""
_WHERE: Final = "osmnx graph"
_TAGS: Final = tuple(key for key in osm_tags.READ if key not in {"oneway", "junction"})
"""Tags that count, ``highway`` first; what they say of directions is in the graph's edges."""
_MOST_KINDS: Final = 4096
"""An edge whose tags are lists may be this many combinations of their values."""
_WHOLE: Final = "navplan_directions"
"""Graph attribute: every direction of every street stands by itself."""
_BANS: Final = "navplan_bans"


def from_osmnx(graph: Graph, *, crs: str) -> Streets:
    """Make streets of a graph that osmnx has downloaded or read.

    Use `read_osm` where the file is at hand: osmnx keeps fewer tags, no barriers, no turn
    restrictions and no ferries.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Nodes with ``x``, ``y``; edges with ``highway``, ``length`` and, where known,
        ``geometry``, ``maxspeed``, ``tunnel``, ``bridge``, ``access`` and any other tag of
        `osm_tags.READ`. Its ``graph["crs"]`` says what x and y are.
    crs : str
        Projected system of the result, for example ``"EPSG:25833"`` [m].

    Returns
    -------
    Streets
        Cars and bicycles follow the graph's directions; on foot each edge goes both ways.

    Raises
    ------
    InputError
        If the graph is no MultiDiGraph, has no edges or no coordinate system that is known; for
        each node without a position, each edge whose ``length`` is no number and each whose lists
        of values are too long to weigh.

    Notes
    -----
    Where simplification has joined ways (``highway``, ``access`` or another tag is a list), a mode
    is allowed only if every combination of their values allows it, since the graph does not tell
    which belong together; the first kind gives the class, the lowest of several ``maxspeed``
    counts, and one tunnel makes a tunnel of all. One-way bicycle rules are not in osmnx's usual
    tags, so contraflow cycling is lost. A graph that `to_osmnx` has made comes back as it was, turn
    restrictions and all, but with its edges ordered by the node they leave.
    """
    raise_faults(_graph_faults(graph, crs))
    names = list(graph.nodes)
    x, y = (np.array([_number(graph.nodes[n].get(a)) for n in names]) for a in "xy")
    faults = [
        Fault(_WHERE, f"node {names[at]}", "has no position.", "Give it x and y.")
        for at in np.flatnonzero(~np.isfinite(x + y))
    ]
    raise_faults(faults + _edge_faults(graph))
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
    whole = bool(graph.graph.get(_WHOLE))
    rows: list[dict[str, Any]] = []
    row_of: dict[tuple[Hashable, Hashable, Any], int] = {}
    for (tail, head, key, data), line in zip(graph.edges(keys=True, data=True), lines, strict=True):
        kinds = _kinds(data)
        if not kinds:
            continue
        row = _row(kinds, data, line) | {"tail": number[tail], "head": number[head]}
        row_of[tail, head, key] = len(rows)
        rows.append(row)
        if row["walk"] and not whole and not graph.has_edge(head, tail):
            back = {"tail": row["head"], "head": row["tail"], "bicycle": False, "car": False}
            back |= {"geometry": line.reverse(), "speed_km_h": kinds[0].speed_km_h[1]}
            rows.append(row | back)
    edges = pd.DataFrame(rows, columns=[*_COLUMNS])
    edges["opened"] = pd.to_datetime(edges["opened"])
    bans = [tuple(row_of.get(edge, -1) for edge in ban) for ban in graph.graph.get(_BANS, ())]
    kept = tuple(ban for ban in bans if -1 not in ban)
    lost = f"Turn restrictions left out, since the graph lost their edges: {len(bans) - len(kept)}."
    return Streets(nodes, edges, kept, (lost,) if len(kept) < len(bans) else ())


def _graph_faults(graph: Graph, crs: str) -> list[Fault]:
    remedy = "Give a graph made by osmnx."
    if not (graph.is_directed() and graph.is_multigraph()):
        return [
            Fault(_WHERE, "kind", f"is a {type(graph).__name__}; expected MultiDiGraph.", remedy)
        ]
    if "crs" not in graph.graph or graph.number_of_edges() == 0:
        problem = "has no edges." if "crs" in graph.graph else "has no coordinate system."
        return [Fault(_WHERE, "", problem, remedy)]
    faults = []
    for key, given in (("graph crs", graph.graph["crs"]), ("crs", crs)):
        try:
            CRS.from_user_input(given)
        except CRSError:
            problem = f"{given!r} is no coordinate system."
            faults.append(Fault(_WHERE, key, problem, "Name one, e.g. EPSG:25833."))
    return faults


def _edge_faults(graph: Graph) -> list[Fault]:
    faults = []
    for tail, head, data in graph.edges(data=True):
        edge = f"edge {tail} – {head}"
        if "length" in data and not 0 <= _number(data["length"]) < math.inf:
            problem = f"{data['length']!r} is no length."
            faults.append(Fault(_WHERE, f"{edge}, length", problem, "Give metres, or none."))
        if math.prod(map(len, _tags(data).values())) > _MOST_KINDS:
            problem = f"its lists of values make more than {_MOST_KINDS} kinds of street."
            faults.append(Fault(_WHERE, edge, problem, "Simplify the graph less."))
    return faults


def _number(value: Any) -> float:
    """The number that something says, or NaN."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


_COLUMNS: Final = (*Streets.COLUMNS, "wheelchair", *Streets.DEFAULTS, "decided_by")
_EMPTY: Final = {**Streets.DEFAULTS, "climb_m": np.nan, "opened": pd.NaT, "decided_by": ""}


def _row(kinds: list[Way], data: Mapping[str, Any], line: shapely.LineString) -> dict[str, Any]:
    first = kinds[0]
    ferry = first.road_class == "ferry"
    tunnel = any(kind.structure == "tunnel" for kind in kinds)
    minutes = {
        f"{name}_min": crossing_minutes(str(data.get(tag, ""))) if ferry else math.nan
        for name, tag in (("crossing", "duration"), ("headway", "interval"))
    }
    return {
        **_EMPTY,
        **minutes,
        "length_m": float(data.get("length", line.length)),
        "road_class": first.road_class,
        "structure": data.get("structure", "tunnel" if tunnel else first.structure),
        **{mode: all(getattr(kind, mode)[0] for kind in kinds) for mode in _MODES},
        "speed_km_h": first.speed_km_h[0],
        "steps": any(kind.steps for kind in kinds),
        "surface": first.surface,
        "decided_by": first.decided_by,
        "way": _ids(data.get("osmid", "")),
        "geometry": line,
        **{name: data[name] for name in _OWN if name in data},
    }


def _ids(osmid: Any) -> str:
    many = isinstance(osmid, Iterable) and not isinstance(osmid, str)
    return ";".join(str(part) for part in sorted(osmid)) if many else str(osmid)


def _kinds(data: Mapping[str, Any]) -> list[Way]:
    """What each of an edge's original ways may be; directions are the graph's."""
    told = _tags(data)
    ways = [
        osm_tags.read_way({**dict(zip(told, values, strict=True)), "oneway": "no"})
        # the highway turns slowest: the first of its values is that of the first kind
        for values in itertools.product(*told.values())
    ]
    return [way for way in ways if way is not None]


def _tags(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Values of each tag that says something; of several speeds the lowest is to count."""
    told = {key: values for key in _TAGS if key in data and (values := _values(data[key]))}
    return told | {key: [";".join(values)] for key, values in told.items() if "maxspeed" in key}


def _values(given: Any) -> list[str]:
    """What a tag says, as texts; nothing where it is missing or a truth value."""
    parts: Iterable[Any] = given if isinstance(given, (list, set, tuple)) else [given]
    texts = [
        str(part)
        for part in parts
        if not isinstance(part, bool)
        and isinstance(part, (str, int, float, np.number))
        and _said(part)
    ]
    return list(dict.fromkeys(sorted(texts) if isinstance(given, set) else texts))


def to_osmnx(streets: Streets, *, crs: str = "EPSG:4326") -> Graph:
    """Give streets to osmnx and networkx: for its routing, its plots, its statistics.

    Parameters
    ----------
    streets : Streets
        Any network.
    crs : str
        What x, y and geometries of the graph shall be; osmnx's own is WGS84 [°].

    Returns
    -------
    networkx.MultiDiGraph
        One edge for each direction of each street, with ``osmid``, ``highway``, ``length`` [m],
        ``oneway``, ``geometry`` and the tags that say the rest: ``maxspeed`` [km/h], ``tunnel``,
        ``bridge``, ``foot``, ``wheelchair``, ``bicycle``, ``motorcar``, ``surface``,
        ``route=ferry``. What no tag can say stands under the column's name. Nodes have ``x``,
        ``y`` and are named as in `streets`, by a number where the name is one.

    Raises
    ------
    InputError
        If networkx, which comes with osmnx, is not installed.

    Notes
    -----
    A mode's own tag is on every edge, so that filters of osmnx and `from_osmnx` read what
    `streets` says and no defaults.
    """
    try:
        import networkx as nx  # noqa: PLC0415  only those who use osmnx have it
    except ImportError:
        problem = "graphs are made with networkx, which is not installed."
        raise_faults([Fault(_WHERE, "", problem, "Run: pip install 'navplan[osm]'.")])
    ids = [_node_id(name) for name in map(str, streets.nodes.index)]
    points = streets.nodes.geometry.to_crs(crs)
    graph: Graph = nx.MultiDiGraph(crs=crs, simplified=True, **{_WHOLE: True})
    graph.add_nodes_from(
        (name, {"x": x, "y": y}) for name, x, y in zip(ids, points.x, points.y, strict=True)
    )
    edges = streets.edges
    lines = gpd.GeoSeries(edges["geometry"].to_numpy(), crs=streets.nodes.crs).to_crs(crs)
    pairs = set(edges.loc[edges["car"], ["tail", "head"]].itertuples(index=False, name=None))
    keys = [
        graph.add_edge(ids[row["tail"]], ids[row["head"]], **_attributes(row, line, pairs))
        for row, line in zip(edges.to_dict("records"), lines, strict=True)
    ]
    ends = edges[["tail", "head"]].to_numpy()
    graph.graph[_BANS] = tuple(
        tuple((ids[ends[row, 0]], ids[ends[row, 1]], keys[row]) for row in ban)
        for ban in streets.bans
    )
    return graph


def _node_id(name: str) -> int | str:
    """A number where it reads the same again: "0301" stays a text."""
    return int(name) if name.isdecimal() and str(int(name)) == name else name


def _attributes(
    row: Mapping[Hashable, Any], line: shapely.LineString | None, pairs: set[tuple[int, int]]
) -> dict[str, Any]:
    kind, structure = row["road_class"], row["structure"]
    ids = str(row["way"]).partition(" ")[0].split(";")
    numbers = [int(part) for part in ids if part.isdecimal()]
    found: dict[str, Any] = {
        "osmid": numbers[0] if len(numbers) == 1 else numbers,
        "highway": "steps" if row["steps"] else _HIGHWAY.get(kind, kind),
        "length": float(row["length_m"]),
        "oneway": bool(row["car"]) and (row["head"], row["tail"]) not in pairs,
        "foot": _word(row["walk"]),
        "wheelchair": "limited" if row["wheelchair"] and row["surface"] != "paved"
        else _word(row["wheelchair"]),
        "bicycle": _word(row["bicycle"]),
        "motorcar": _word(row["car"]),
        **{name: row[name] for name in _OWN if name in row and _said(row[name])},
    }  # fmt: skip
    found |= {} if line is None else {"geometry": line}
    found |= {"maxspeed": repr(float(row["speed_km_h"]))} if row["speed_km_h"] > 0 else {}
    found |= {"surface": _SURFACE[row["surface"]]} if row["surface"] else {}
    found |= {"tunnel": "yes"} if structure == "tunnel" else {}
    found |= {"bridge": "yes"} if structure == "bridge" else {}
    found |= {"structure": structure} if structure == "connector" else {}
    found |= {"ramp:wheelchair": "yes"} if row["steps"] and row["wheelchair"] else {}
    found |= {"motorroad": "yes"} if kind == "expressway" else {}
    found |= {"route": "ferry"} if kind == "ferry" else {}
    return found


_SURFACE: Final = {"paved": "paved", "rough": "sett", "unpaved": "unpaved"}


def _word(value: Any) -> str:
    return "yes" if value else "no"


def _said(value: Any) -> bool:
    return not (pd.isna(value) or value == "")
