"""An OpenStreetMap file → arrays of ways, nodes and turn restrictions, as they stand in the map."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from navplan.errors import Fault, raise_faults
from navplan.sources import osm_nodes, osm_tags
from navplan.sources.osm_files import file_faults, unreadable
from navplan.sources.osm_tags import Way

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]

SAILS: Final = ("duration", "interval", "opening_hours", "service_times")
"""Keys of a ferry or a ferry line that tell its minutes and hours."""

_UNIT: Final = 1e-7
"""OpenStreetMap's coordinates are whole numbers of this [°]."""
_RESTRICTIONS: Final = tuple(
    f"restriction{kind}" for kind in ("", ":conditional", ":motorcar", ":motor_vehicle", ":vehicle")
)
_CONDITIONAL: Final = frozenset(osm_tags.CONDITIONAL)
_WAY: Final = (*osm_tags.READ, *osm_tags.CONDITIONAL)


class Relation(NamedTuple):
    """A relation as it stands in the file; members are (role, type, id), type n, w or r."""

    id: int
    tags: Mapping[str, str]
    members: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Extract:
    """The streets and ferries of a file; a way cut by missing nodes stands in several runs.

    Parameters
    ----------
    ways : ndarray of int
        OSM id of each run, ascending.
    kinds : ndarray of int
        What each run is: a position in `kind`.
    kind : tuple of Way
        All different ways of being a way.
    names : mapping of int to str
        Way → its name, where it has one.
    first : ndarray of int
        Where each run starts in `vertices`; one more than there are runs.
    vertices : ndarray of int
        Positions in `nodes`, run by run.
    nodes : ndarray of int
        OSM ids, ascending.
    lon, lat : ndarray of float
        Where the nodes are [°].
    node_tags : mapping of int to mapping
        OSM id → tags, of nodes with a barrier, a kerb or signals.
    sailings : mapping of int to mapping
        Way → its tags `SAILS`, of ferries.
    lines : tuple of Relation
        Ferry lines, whose tags hold for their ways.
    restrictions : tuple of Relation
        Those that speak of turns.
    notices : tuple of str
        What was left out or repaired.
    """

    ways: Ints
    kinds: Ints
    kind: tuple[Way, ...]
    names: Mapping[int, str]
    first: Ints
    vertices: Ints
    nodes: Ints
    lon: Floats
    lat: Floats
    node_tags: Mapping[int, Mapping[str, str]]
    sailings: Mapping[int, Mapping[str, str]]
    lines: tuple[Relation, ...]
    restrictions: tuple[Relation, ...]
    notices: tuple[str, ...]


def read_extract(path: Path, bbox: Box | None = None) -> Extract:
    """Read what routing needs of an OpenStreetMap file.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``, ``.osm`` or another file that osmium reads, nodes before ways.
    bbox : tuple of float, optional
        West, south, east, north [°]; ways with a node inside are kept whole.

    Returns
    -------
    Extract
        Ways open to nobody are left out.

    Raises
    ------
    InputError
        If the file or the box cannot be used, or no street is left.
    """
    raise_faults(file_faults(path) + _box_faults(bbox))
    import osmium  # noqa: PLC0415  only this reader needs it, and it is there by now

    scan = _Scan()
    try:
        for thing in _things(path):
            scan.add(thing)
        if afloat := scan.line_tags.keys() - (scan.seen - scan.sailings.keys()):
            for way in _things(path, only=frozenset(afloat)):
                scan.add_way(way, scan.line_tags[way.id])
    except (RuntimeError, UnicodeDecodeError, osmium.InvalidLocationError) as error:
        raise_faults([unreadable(path.name, error, "Give a whole .osm.pbf or .osm file.")])
    if not scan.length:
        problem = "holds no street and no ferry."
        raise_faults([Fault(path.name, "", problem, "Give an extract with its highways.")])
    return _arranged(scan, path, bbox)


def _box_faults(bbox: Box | None) -> list[Fault]:
    if bbox is None:
        return []
    order = "Give west, south, east, north in degrees."
    west, south, east, north = bbox
    if not (abs(west) <= 180 and abs(east) <= 180 and abs(south) <= 90 and abs(north) <= 90):  # noqa: PLR2004
        return [Fault("bbox", "", f"{bbox} is not in degrees.", order)]
    faults = []
    if west >= east:
        faults.append(Fault("bbox", "west, east", f"west {west:g} is not west of {east:g}.", order))
    if south >= north:
        given = f"south {south:g} is not south of {north:g}."
        faults.append(Fault("bbox", "south, north", given, order))
    return faults


def _things(path: Path, only: frozenset[int] = frozenset()) -> Iterator[Any]:
    """Tagged nodes, ways with their places and relations; or only some ways."""
    import osmium  # noqa: PLC0415

    reader = osmium.FileProcessor(str(path)).with_locations()
    if only:
        ways = osmium.filter.EntityFilter(osmium.osm.WAY)
        return iter(reader.with_filter(ways).with_filter(osmium.filter.IdFilter(only)))
    if osmium.io.File(str(path)).has_multiple_object_versions or (
        reader.header.has_multiple_object_versions
    ):
        problem = "is a history file, with several versions of one thing."
        raise_faults([Fault(path.name, "", problem, "Take the state of one day out of it.")])
    wanted = (*osm_nodes.KEYS, "route", *_RESTRICTIONS)
    return iter(reader.with_filter(osmium.filter.KeyFilter(*dict.fromkeys(wanted))))


@dataclass
class _Scan:
    """What one pass over the file gathers; plain lists, since this is the slow part."""

    known: dict[tuple[str | None, ...], tuple[Way | None, tuple[str, ...]]] = field(
        default_factory=dict
    )
    ways: list[int] = field(default_factory=list)
    kinds: list[Way] = field(default_factory=list)
    length: list[int] = field(default_factory=list)
    places: array[int] = field(default_factory=lambda: array("q"))
    names: dict[int, str] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    node_tags: dict[int, Mapping[str, str]] = field(default_factory=dict)
    sailings: dict[int, Mapping[str, str]] = field(default_factory=dict)
    restrictions: list[Relation] = field(default_factory=list)
    lines: list[Relation] = field(default_factory=list)
    line_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, thing: Any) -> None:
        """Take up a node, way or relation that has one of the keys."""
        if thing.is_way():
            self.add_way(thing)
        elif thing.is_node():
            values = tuple(map(thing.tags.get, osm_nodes.READ))
            self.node_tags[thing.id] = _told(osm_nodes.READ, values)
        elif thing.is_relation():
            tags = dict(thing.tags)
            members = tuple((member.role, member.type, member.ref) for member in thing.members)
            if tags.get("type", "").startswith("restriction"):
                self.restrictions.append(Relation(thing.id, tags, members))
            elif tags.get("route") == "ferry":
                self.lines.append(Relation(thing.id, tags, members))
                said = {key: tags[key] for key in osm_tags.READ if key in tags}
                for _, kind, ref in members:
                    if kind == "w":
                        self.line_tags.setdefault(ref, {}).update(said)

    def add_way(self, way: Any, line: Mapping[str, str] | None = None) -> None:
        """Take up a street or a ferry; what the line of a ferry says, it says of each way."""
        get = way.tags.get
        tags = tuple(map(get, _WAY))  # much faster than all of its tags as a dict
        if line is not None:  # a line's way that is a pier's footway or the like stays what it is
            told = {**line, **_told(_WAY, tags)}
            seen = _seen(told) if "highway" not in told else (None, ())
        elif tags in self.known:
            seen = self.known[tags]
        else:
            seen = self.known[tags] = _seen(_told(_WAY, tags))
        kind, odd = seen
        if kind is None or not kind.is_open:
            return
        if line is not None and way.id in self.sailings:
            self.kinds[self.ways.index(way.id)] = kind
            return
        if way.id in self.seen:
            self.counts["Ways that stand twice in the file and count once"] += 1
            return
        self.seen.add(way.id)
        before = len(self.places)
        for node in way.nodes:
            self.places.extend((node.ref, node.x, node.y))
        self.length.append((len(self.places) - before) // 3)
        self.ways.append(way.id)
        self.kinds.append(kind)
        if (name := get("name")) is not None:
            self.names[way.id] = name
        if kind.road_class == "ferry":
            self.sailings[way.id] = _told(SAILS, tuple(map(get, SAILS)))
        self.counts.update(odd)


def _seen(tags: Mapping[str, str]) -> tuple[Way | None, tuple[str, ...]]:
    """What a way is, and what is odd about it."""
    odd = []
    if tags.keys() & _CONDITIONAL:
        odd.append(
            "Ways with rules for some hours or vehicles (…:conditional), which are not followed"
        )
    if tags.get("oneway") == "reversible":
        odd.append("Ways that change their direction by the hour, closed to cars and bicycles")
    return osm_tags.read_way(tags), tuple(odd)


def _told(keys: tuple[str, ...], values: tuple[str | None, ...]) -> dict[str, str]:
    return {key: value for key, value in zip(keys, values, strict=True) if value is not None}


def _arranged(scan: _Scan, path: Path, bbox: Box | None) -> Extract:
    """Order the ways by id, cut them where a node is missing, keep those of the box."""
    places = np.frombuffer(scan.places, dtype=np.int64).reshape(-1, 3)
    way = np.repeat(np.array(scan.ways), scan.length)
    order = np.argsort(way, kind="stable")
    way, (refs, east, north) = way[order], places[order].T
    there = (np.abs(east) <= 180 / _UNIT) & (np.abs(north) <= 90 / _UNIT)
    cut = len(np.unique(way[~there]))
    if cut:
        scan.counts["Ways cut where their nodes are missing or have no place"] += cut
    # A new run begins with every way, and after every node that is missing.
    run = np.cumsum(~there) + np.cumsum(np.diff(way, prepend=way[:1]) != 0)
    way, refs, run, lon_at, lat_at = (
        values[there] for values in (way, refs, run, east * _UNIT, north * _UNIT)
    )
    again = (np.diff(refs, prepend=-1) == 0) & (np.diff(run, prepend=-1) == 0)
    _, number, length = np.unique(run[~again], return_inverse=True, return_counts=True)
    kept = np.flatnonzero(~again)[length[number] > 1]
    if not len(kept):
        problem = "its ways name nodes, but hardly any of these has a place in the file."
        remedy = "Nodes must stand before ways and have positive ids: run osmium sort or renumber."
        raise_faults([Fault(path.name, "", problem, remedy)])
    if bbox is not None:
        kept = kept[_in_box(run[kept], lon_at[kept], lat_at[kept], bbox, path)]
    first = np.flatnonzero(np.diff(run[kept], prepend=-1))
    nodes, vertices = np.unique(refs[kept], return_inverse=True)
    lon, lat = np.empty(len(nodes)), np.empty(len(nodes))
    lon[vertices], lat[vertices] = lon_at[kept], lat_at[kept]
    codes: dict[Way, int] = {}
    code = {w: codes.setdefault(k, len(codes)) for w, k in zip(scan.ways, scan.kinds, strict=True)}
    ways = way[kept][first]
    return Extract(
        ways=ways,
        kinds=np.array([code[w] for w in ways.tolist()]),
        kind=tuple(codes),
        names=scan.names,
        first=np.append(first, len(kept)),
        vertices=vertices,
        nodes=nodes,
        lon=lon,
        lat=lat,
        node_tags=scan.node_tags,
        sailings=scan.sailings,
        lines=tuple(scan.lines),
        restrictions=tuple(scan.restrictions),
        notices=tuple(f"{text}: {number}." for text, number in sorted(scan.counts.items())),
    )


def _in_box(run: Ints, lon: Floats, lat: Floats, bbox: Box, path: Path) -> npt.NDArray[np.bool_]:
    """Whether each vertex belongs to a run that has one inside the box."""
    west, south, east, north = bbox
    hit = run[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)]
    if not len(hit):
        around = f"{lon.min():.4f}, {lat.min():.4f}, {lon.max():.4f}, {lat.max():.4f}"
        problem = f"holds no street in the box {bbox}; its streets lie in {around}."
        remedy = "Give west, south, east, north in degrees."
        raise_faults([Fault(path.name, "bbox", problem, remedy)])
    return np.isin(run, hit)
