"""A road map → the few roads a study needs: cut where points join, pruned, contracted."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Point

from navplan.errors import Fault, raise_faults

BY_CATEGORY: Final = {"E": "trunk", "R": "trunk", "F": "secondary", "K": "local", "P": "local"}
BY_TYPE: Final = {"motorveg": "motorway", "motortrafikkveg": "expressway"}
STRUCTURE: Final = {"U": "tunnel", "L": "bridge"}
SAME_M: Final = 30.0
"""Joints on one road nearer than this become one."""
MATCH_M: Final = 150.0
"""A road fact must lie this near to a road of its number."""
LOOK_M: Final = 50.0
"""Behind a barrier, roads are looked at this often."""
DETOUR_M: Final = 1500.0
"""… and this far off."""
CONNECTOR: Final = 1.2
"""Way over straight line on connectors."""

Node = str | tuple[int, int]
"""The id of a place, office or stop, or a junction by its coordinates [10 m]."""


@dataclass(frozen=True)
class Way:
    """What all the kilometres of a link have in common."""

    road_class: str
    road_number: str
    structure: str
    walk: bool
    bicycle: bool
    car: bool
    opened: str
    source: str
    date: str
    quality: str


@dataclass(frozen=True)
class Link:
    """One stretch between two nodes."""

    tail: Node
    head: Node
    km: float
    way: Way
    climb_m: float = float("nan")
    crossing_min: float = float("nan")
    headway_min: float = float("nan")


def key(x: float, y: float) -> tuple[int, int]:
    """Name of the junction at a position: its coordinates on the 10 m grid.

    Parameters
    ----------
    x, y : float
        Position [m].

    Returns
    -------
    tuple of int
        Rounded to 10 m.
    """
    return 10 * round(x / 10), 10 * round(y / 10)


def read_roads(
    path: Path, box: tuple[float, float, float, float], *, source: str, date: str
) -> gpd.GeoDataFrame:
    """Read the existing roads and paths of N1000 that touch a box.

    Foot and bicycle are closed on motorways, expressways and in road tunnels: the map does not
    tell which few tunnels are open to them, so those are named by hand (`apply_facts`).

    Parameters
    ----------
    path : Path
        The map.
    box : tuple of float
        West, south, east, north [m].
    source, date : str
        Written to the links.

    Returns
    -------
    GeoDataFrame
        Columns ``way`` (`Way`) and ``geometry``, one line a row.
    """
    roads = gpd.read_file(path, bbox=box)
    kinds = roads["typeVeg"].isin(["enkelBilveg", "sti"])
    roads = roads[kinds & (roads["vegfase"] != "P")].explode(ignore_index=True)
    ways = []
    for row in roads.itertuples():
        path_only = row.typeVeg == "sti"
        road_class = BY_TYPE.get(str(row.motorvegtype)) or BY_CATEGORY.get(str(row.vegkategori))
        if path_only:
            road_class = "path"
        if road_class is None:
            problem = f"vegkategori {row.vegkategori!r} is not known."
            raise_faults([Fault(path.name, f"row {row.Index}", problem)])
        structure = STRUCTURE.get(str(row.medium), "open")
        slow = path_only or not (road_class in BY_TYPE.values() or structure == "tunnel")
        number = ""
        if pd.notna(row.vegnummer) and not path_only:
            letter = {"E": "E", "R": "Rv", "F": "Fv"}.get(str(row.vegkategori), "")
            number = f"{letter}{int(row.vegnummer)}" if letter else ""
        ways.append(
            Way(str(road_class), number, structure, slow, slow and not path_only, not path_only, "",
                source, date, "official")
        )  # fmt: skip
    return gpd.GeoDataFrame({"way": ways}, geometry=roads.geometry.to_numpy(), crs=roads.crs)


def apply_facts(roads: gpd.GeoDataFrame, facts: pd.DataFrame) -> gpd.GeoDataFrame:
    """Correct single roads by what is known of them by hand.

    Parameters
    ----------
    roads : GeoDataFrame
        As `read_roads` gives them.
    facts : DataFrame
        Texts: ``road_number`` and a point ``x``, ``y`` [m] on the road tell which line is meant;
        ``structure``, ``opened``, ``walk``, ``bicycle``, ``car`` replace what the map says where
        they are not empty.

    Returns
    -------
    GeoDataFrame
        The roads, corrected.

    Raises
    ------
    InputError
        If no road of the number lies at a point.
    """
    ways = list(roads["way"])
    faults = []
    for number, fact in facts.iterrows():
        point = Point(float(fact["x"]), float(fact["y"]))
        same = [i for i, way in enumerate(ways) if way.road_number == fact["road_number"]]
        away = roads.geometry.iloc[same].distance(point).to_numpy()
        if not len(away) or away.min() > MATCH_M:
            problem = f"no {fact['road_number']} within {MATCH_M:g} m of the point."
            faults.append(Fault("road_facts.csv", f"row {int(str(number)) + 2}", problem))
            continue
        at = same[int(away.argmin())]
        given = {
            name: fact[name] if name in {"structure", "opened"} else fact[name] == "yes"
            for name in ("structure", "opened", "walk", "bicycle", "car")
            if fact[name] != ""
        }
        source = f"{ways[at].source}; {fact['source']}"
        ways[at] = replace(ways[at], **given, source=source, quality=fact["quality"])
    raise_faults(faults)
    return roads.assign(way=ways)


def on_map(
    roads: gpd.GeoDataFrame, drawn: pd.DataFrame, ways: list[Way], km: list[float]
) -> gpd.GeoDataFrame:
    """Add ways drawn by hand from position to position to the roads of the map.

    An end within `SAME_M` of the end of a road of the map is that end.

    Parameters
    ----------
    roads : GeoDataFrame
        As `read_roads` gives them.
    drawn : DataFrame
        Texts ``from`` and ``to``: positions ``x;y`` [m].
    ways : list of Way
        What the ways are.
    km : list of float
        How long they are, which need not be the length of the straight line [km].

    Returns
    -------
    GeoDataFrame
        All roads, with ``stretch``: length over drawn length.
    """
    ends = sorted({key(*line.coords[i][:2]) for line in roads.geometry for i in (0, -1)})
    known = np.array(ends, dtype=float)
    lines, stretch = [], []
    for length, start, stop in zip(km, drawn["from"], drawn["to"], strict=True):
        spots = []
        for text in (start, stop):
            spot = tuple(map(float, text.split(";")))
            away = np.hypot(*(known - spot).T)
            spots.append(ends[int(away.argmin())] if away.min() <= SAME_M else spot)
        lines.append(LineString(spots))
        stretch.append(length * 1000 / lines[-1].length)
    added = gpd.GeoDataFrame({"way": ways, "stretch": stretch}, geometry=lines, crs=roads.crs)
    return pd.concat([roads.assign(stretch=1.0), added], ignore_index=True)


def cut(
    roads: gpd.GeoDataFrame,
    points: pd.DataFrame,
    *,
    barriers: Collection[LineString],
    far_m: float,
) -> tuple[list[Link], list[str]]:
    """Join each point to the nearest suitable road and cut the roads there.

    Suitable is an open road for cars that is no motorway or expressway, no tunnel and no bridge,
    where it can be reached in a straight line without crossing a barrier.

    Parameters
    ----------
    roads : GeoDataFrame
        As `on_map` gives them.
    points : DataFrame
        Index id; ``x``, ``y`` [m].
    barriers : collection of LineString
        Waters that nobody crosses.
    far_m : float
        Beyond this a point is not joined [m].

    Returns
    -------
    links : list of Link
        Roads, cut, and one connector a point.
    alone : list of str
        Points that no road is near to.
    """
    lines, ways = list(roads.geometry), list(roads["way"])
    fit = [
        i
        for i, way in enumerate(ways)
        if way.car and way.structure == "open" and way.road_class not in BY_TYPE.values()
    ]
    wall = shapely.union_all(list(barriers)) if barriers else LineString()
    shapely.prepare(wall)
    cuts: dict[int, dict[float, tuple[int, int]]] = defaultdict(dict)
    links, alone = [], []
    for row in points.itertuples():
        here = Point(row.x, row.y)
        for _, i, at in _candidates(here, lines, fit, far_m):
            straight = LineString([here, lines[i].interpolate(at)])
            if straight.length > 0 and wall.intersects(straight):
                continue
            node = _joint(lines[i], at, cuts[i])
            km = CONNECTOR * float(np.hypot(row.x - node[0], row.y - node[1])) / 1000
            way = Way(
                "local", "", "connector", walk=True, bicycle=True, car=True, opened="",
                source=f"navplan: straight line to the nearest road × {CONNECTOR:g}",
                date=ways[i].date, quality="approximate",
            )  # fmt: skip
            links.append(Link(str(row.Index), node, round(max(0.01, km), 2), way))
            break
        else:
            alone.append(str(row.Index))
    for i, (line, way) in enumerate(zip(lines, ways, strict=True)):
        ends = [(0.0, key(*line.coords[0][:2])), (line.length, key(*line.coords[-1][:2]))]
        stations = sorted([*ends, *cuts[i].items()])
        factor = float(roads["stretch"].iloc[i]) / 1000
        for (start, tail), (stop, head) in itertools.pairwise(stations):
            links.append(Link(tail, head, (stop - start) * factor, way))
    return links, alone


def _candidates(
    here: Point, lines: list[LineString], fit: list[int], far_m: float
) -> list[tuple[float, int, float]]:
    """Points on roads by distance: the nearest of each line, then one every `LOOK_M`."""
    found = []
    for i in fit:
        away = lines[i].distance(here)
        if away > far_m:
            continue
        found.append((away, i, lines[i].project(here)))
        for at in np.arange(0, lines[i].length, LOOK_M):
            away = lines[i].interpolate(at).distance(here)
            if away <= min(far_m, DETOUR_M):
                found.append((away, i, float(at)))
    return sorted(found)


def _joint(line: LineString, at: float, cuts: dict[float, tuple[int, int]]) -> tuple[int, int]:
    """Node of a joint on a line: an end or an earlier joint if one is near, else a new one."""
    for known, node in cuts.items():
        if abs(known - at) <= SAME_M:
            return node
    if at <= SAME_M:
        return key(*line.coords[0][:2])
    if at >= line.length - SAME_M:
        return key(*line.coords[-1][:2])
    there = line.interpolate(at)
    cuts[at] = key(there.x, there.y)
    return cuts[at]


def _by_node(links: Iterable[Link]) -> dict[Node, list[Link]]:
    at: dict[Node, list[Link]] = defaultdict(list)
    for link in links:
        at[link.tail].append(link)
        at[link.head].append(link)
    return at


def prune(links: list[Link]) -> list[Link]:
    """Drop dead ends that lead to no place, office or stop, and loops.

    Parameters
    ----------
    links : list of Link
        Ends that are texts are ids and are kept.

    Returns
    -------
    list of Link
        What is left, in the same order.
    """
    kept = [link for link in links if link.tail != link.head]
    while True:
        degree = _by_node(kept)
        left = [
            link
            for link in kept
            if all(isinstance(n, str) or len(degree[n]) > 1 for n in (link.tail, link.head))
        ]
        if len(left) == len(kept):
            return kept
        kept = left


def contract(links: list[Link]) -> list[Link]:
    """Make one link of stretches that follow each other and are alike.

    Parameters
    ----------
    links : list of Link
        Stretches; those with climb or times of a ferry stay as they are.

    Returns
    -------
    list of Link
        Fewer links of the same total length, `km` rounded to 0.01.
    """
    links = list(links)
    while True:
        at = _by_node(links)
        gone: set[int] = set()
        made = []
        for node in sorted((n for n in at if not isinstance(n, str)), key=str):
            pair = at[node]
            if len(pair) != 2 or pair[0].way != pair[1].way or pair[0] is pair[1]:
                continue
            if any(id(link) in gone or link.way.structure == "connector" for link in pair):
                continue
            ends = [link.head if link.tail == node else link.tail for link in pair]
            if ends[0] == ends[1]:
                continue
            gone.update(id(link) for link in pair)
            made.append(Link(ends[0], ends[1], pair[0].km + pair[1].km, pair[0].way))
        if not made:
            break
        links = [link for link in links if id(link) not in gone] + made
    return [replace(link, km=max(0.01, round(link.km, 2))) for link in links]
