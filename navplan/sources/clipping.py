"""An OpenStreetMap file cut to an area: streets, ferries, their rules, and public offices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import shapely

from navplan.errors import Fault, raise_faults
from navplan.sources import osm_nodes
from navplan.sources.osm_files import file_faults, unreadable
from navplan.sources.writing import unwritable, writing

Form = Literal["pbf", "osm"]
"""How an OpenStreetMap file is written: binary or XML."""

MARGIN_M: Final = 10_000.0
"""How far streets reach beyond the kommuner [m]: the fastest way may lead through a neighbour."""
OFFICE_KEYS: Final = ("office", "amenity", "government")
"""Keys that may tell of a public office; of ``amenity`` only ``social_facility``."""

_Relation = tuple[list[tuple[str, int, str]], Mapping[str, str]]
"""Members (kind, id, role) and tags."""
_RELATION_KEYS: Final = (
    *("route", "restriction", "restriction:conditional", "restriction:motorcar"),
    *("restriction:motor_vehicle", "restriction:vehicle"),
)
_SMOOTH_M: Final = 100.0
_NO_ROOM: Final = "Could not resize file"
"""What osmium says where the file of places cannot grow."""


def clip_area(borders: gpd.GeoDataFrame, *, margin_m: float = MARGIN_M) -> shapely.Geometry:
    """Put a margin around areas, in degrees as OpenStreetMap has them.

    Parameters
    ----------
    borders : GeoDataFrame
        Polygons in a projected system [m].
    margin_m : float
        How far to go beyond them [m].

    Returns
    -------
    Polygon or MultiPolygon
        WGS84 [°]; its outline is smoothed by up to 100 m, since it bounds nothing.
    """
    around = borders.geometry.simplify(_SMOOTH_M).buffer(margin_m).union_all()
    area = gpd.GeoSeries([around.simplify(_SMOOTH_M)], crs=borders.crs).to_crs("EPSG:4326")
    clip: shapely.Geometry = area.iloc[0]
    return clip


def clip_osm(source: Path, target: Path, *, area: shapely.Geometry, form: Form = "pbf") -> None:
    """Write the streets of an area, with all that routing reads, into a file of their own.

    Parameters
    ----------
    source : Path
        An extract with nodes before ways and relations last, as every publisher writes them.
    target : Path
        ``.osm.pbf`` to write; it is there whole or not at all.
    area : Polygon or MultiPolygon
        In degrees, for example from `clip_area`.
    form : {"pbf", "osm"}
        How `source` is written; its name decides nothing.

    Raises
    ------
    InputError
        If osmium is not installed, the file is damaged, no street lies in the area, or there is no
        room for the target. Faults name the target: an answer in the cache is called by its digest.

    Notes
    -----
    Kept are streets and ferries with a node in the area, whole; the ferry lines they belong to;
    turn restrictions all of whose ways are kept; and nodes and ways in the area that may be public
    offices (`OFFICE_KEYS`), with all their tags. Who drew them and when is left out. The same
    extract and area give the same bytes.

    The file is streamed: the places of all its nodes lie in a temporary file beside the target (16
    bytes a node, 3 GB for Norway), and memory holds no more than what is kept.
    """
    where = f"extract for {target.name}"
    raise_faults(replace(fault, where=where) for fault in file_faults(source, work="cut"))
    import osmium  # noqa: PLC0415  an extra, and there by now

    shapely.prepare(area)
    kept = _Kept(area)
    given = osmium.io.File(str(source), form)
    # one name, so that a run which was killed leaves no more than the next one overwrites
    places = target.with_name(f".{target.name}.places")
    try:
        for thing in _things(given, places):
            kept.add(thing)
        if kept.untold:
            for way in _ways(given, places, kept.untold):
                kept.add_street(way)
    except (RuntimeError, UnicodeDecodeError) as error:
        if _NO_ROOM in str(error):
            raise_faults([unwritable(target, error)])
        raise_faults([unreadable(where, error, "Run fetch with --update.")])
    finally:
        places.unlink(missing_ok=True)
    if not kept.streets:
        problem = "holds no street in the area of the study."
        raise_faults([Fault(where, "", problem, "Take the extract that covers the kommuner.")])
    part = target.with_name(f".{target.name}.part")
    try:
        with writing(target):
            kept.write(part)
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _things(given: Any, places: Path) -> Any:
    """What may be kept, in the file's order; ways know the places of their nodes."""
    import osmium  # noqa: PLC0415

    kinds = osmium.osm
    keys: Any = osmium.filter.KeyFilter
    nodes = keys(*dict.fromkeys((*osm_nodes.KEYS, *OFFICE_KEYS))).enable_for(kinds.NODE)
    ways = keys("highway", "route", *OFFICE_KEYS).enable_for(kinds.WAY)
    relations = keys(*_RELATION_KEYS).enable_for(kinds.RELATION)
    return _placed(given, places).with_filter(nodes).with_filter(ways).with_filter(relations)


def _placed(given: Any, places: Path) -> Any:
    """A reader that keeps the places of nodes in a file, so that memory does not grow with them."""
    import osmium  # noqa: PLC0415

    places.unlink(missing_ok=True)
    return osmium.FileProcessor(given).with_locations(f"sparse_file_array,{places}")


def _ways(given: Any, places: Path, ids: set[int]) -> Any:
    """Some ways, whatever their tags."""
    import osmium  # noqa: PLC0415

    reader = _placed(given, places)
    ways = osmium.filter.EntityFilter(osmium.osm.WAY)
    return reader.with_filter(ways).with_filter(osmium.filter.IdFilter(ids))


@dataclass
class _Kept:
    """What is kept of a file; ids and places are as osmium has them."""

    area: shapely.Geometry
    streets: int = 0
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    tags: dict[int, Mapping[str, str]] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], Mapping[str, str]]] = field(default_factory=dict)
    relations: dict[int, _Relation] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    line_ways: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.box = shapely.bounds(self.area)

    @property
    def untold(self) -> set[int]:
        """Ways of ferry lines that have no tags of their own, so that no filter has found them."""
        return self.line_ways - self.seen

    def add(self, thing: Any) -> None:
        """Keep a node, way or relation if it may belong here."""
        if thing.is_node():
            self._add_node(thing)
        elif thing.is_relation():
            self._add_relation(thing)
        elif "highway" in thing.tags or thing.tags.get("route") == "ferry":
            self.add_street(thing)
        elif _is_office(thing.tags):
            self._add_way(thing)

    def _add_node(self, node: Any) -> None:
        west, south, east, north = self.box
        if not (node.location.valid() and west <= node.lon <= east and south <= node.lat <= north):
            return
        # nodes of streets may lie outside, where they bar nothing that is measured
        self.tags[node.id] = dict(node.tags)
        if _is_office(node.tags) and shapely.contains_xy(self.area, node.lon, node.lat):
            self.places[node.id] = (node.location.x, node.location.y)

    def add_street(self, way: Any) -> None:
        """Keep a street or ferry with a node in the area."""
        self.seen.add(way.id)
        self.streets += self._add_way(way)

    def _add_way(self, way: Any) -> bool:
        nodes = [(node.ref, node.x, node.y) for node in way.nodes if node.location.valid()]
        touches = self._touches(nodes)
        if touches:
            # refs without a place stay: the reader cuts a way there
            self.ways[way.id] = ([node.ref for node in way.nodes], dict(way.tags))
            self.places.update((ref, (x, y)) for ref, x, y in nodes)
        return touches

    def _touches(self, nodes: list[tuple[int, int, int]]) -> bool:
        if not nodes:
            return False
        places = np.array(nodes, dtype=np.int64)[:, 1:] * 1e-7
        west, south, east, north = self.box
        lon, lat = places.T
        near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        return bool(near.any() and shapely.contains_xy(self.area, lon[near], lat[near]).any())

    def _add_relation(self, relation: Any) -> None:
        tags = dict(relation.tags)
        members = [(member.type, member.ref, member.role) for member in relation.members]
        if tags.get("route") == "ferry":
            self.line_ways.update(ref for kind, ref, _ in members if kind == "w")
        elif not tags.get("type", "").startswith("restriction"):
            return
        self.relations[relation.id] = (members, tags)

    def _belongs(self, relation: _Relation) -> bool:
        """Whether a ferry line sails here, or a turn restriction has all of its ways here."""
        members, tags = relation
        there = [ref in self.ways for kind, ref, _ in members if kind == "w"]
        return any(there) if tags.get("route") == "ferry" else bool(there) and all(there)

    def write(self, path: Path) -> None:
        """Write all in the order of their ids: the same things give the same bytes."""
        import osmium  # noqa: PLC0415
        from osmium.osm import mutable  # noqa: PLC0415

        header = osmium.io.Header()
        header.set("generator", "navplan")
        file = osmium.io.File(str(path), "pbf,add_metadata=false")
        with osmium.SimpleWriter(file, header=header, overwrite=True) as writer:
            for ref, (x, y) in sorted(self.places.items()):
                place = (x * 1e-7, y * 1e-7)
                tags = self.tags.get(ref, {})
                writer.add_node(mutable.Node(id=ref, location=place, tags=tags))
            for ref, (nodes, tags) in sorted(self.ways.items()):
                writer.add_way(mutable.Way(id=ref, nodes=nodes, tags=tags))
            for ref, (members, tags) in sorted(self.relations.items()):
                if self._belongs((members, tags)):
                    writer.add_relation(mutable.Relation(id=ref, members=members, tags=tags))


def _is_office(tags: Any) -> bool:
    return "office" in tags or "government" in tags or tags.get("amenity") == "social_facility"
