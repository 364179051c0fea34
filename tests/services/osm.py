"""A made-up OpenStreetMap around the made-up kommune 1804, by Geofabrik and by Overpass."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.osm_files import Relation, Way, write_osm
from tests.services.kartverket import TO_DEGREES, X, Y
from tests.services.server import Reply, Request

SIDE = 10
"""Streets cross every kilometre between 5 and 14 km from the corner of 1804."""


def _node(column: int, row: int) -> int:
    return 1000 + SIDE * row + column


def _place(x: float, y: float) -> tuple[float, float]:
    lon, lat = TO_DEGREES.transform(x, y)
    return round(lon, 7), round(lat, 7)


NODES: dict[int, tuple[float, float]] = {
    **{
        _node(column, row): _place(X + 5_000 + 1000 * column, Y + 5_000 + 1000 * row)
        for row in range(SIDE)
        for column in range(SIDE)
    },
    # a road out of the kommune, and one that nobody here needs
    2001: _place(X + 19_000, Y + 9_000),
    2002: _place(X + 60_000, Y + 9_000),
    2003: _place(X + 90_000, Y + 9_000),
    2004: _place(X + 91_000, Y + 9_000),
    # a ferry over the sound in the west, whose line alone says that it is one
    3001: _place(X + 3_000, Y + 8_000),
    # NAV: a node at a door, and a building of the same office; a café that is none
    4001: _place(X + 9_030, Y + 9_010),
    **{4010 + n: _place(X + 9_000 + 40 * (n % 2), Y + 9_000 + 20 * (n // 2)) for n in range(4)},
    4002: _place(X + 9_500, Y + 9_010),
    4003: _place(X + 12_000, Y + 12_010),
    4004: _place(X + 90_000, Y + 9_010),
}
NODE_TAGS: dict[int, Mapping[str, str]] = {
    _node(2, 2): {"highway": "traffic_signals"},
    _node(7, 3): {"barrier": "bollard"},
    4001: {"name": "NAV Eksempelvik", "office": "government", "addr:street": "Prøvegata"},
    4002: {"name": "Navet kafé", "amenity": "cafe"},
    4003: {"name": "Prøvebygd sosialtenester", "operator": "Nav", "amenity": "social_facility"},
    4004: {"name": "NAV Langt borte", "office": "government"},
}
WAYS: dict[int, Way] = {
    **{
        100 + row: ([_node(c, row) for c in range(SIDE)],
                    {"highway": "primary" if row == 4 else "residential", "name": f"Gate {row}"})
        for row in range(SIDE)
    },
    **{
        200 + column: ([_node(column, r) for r in range(SIDE)],
                       {"highway": "tertiary", "maxspeed": "50"})
        for column in range(SIDE)
    },
    # cut at the crossing where turning left is forbidden
    102: ([_node(c, 2) for c in range(3)], {"highway": "residential", "name": "Gate 2"}),
    112: ([_node(c, 2) for c in range(2, SIDE)], {"highway": "residential", "name": "Gate 2"}),
    202: ([_node(2, r) for r in range(2, SIDE)], {"highway": "tertiary", "maxspeed": "50"}),
    212: ([_node(2, r) for r in range(3)], {"highway": "tertiary", "maxspeed": "50"}),
    300: ([_node(SIDE - 1, 4), 2001, 2002], {"highway": "primary", "maxspeed": "80"}),
    301: ([2003, 2004], {"highway": "residential"}),
    302: ([_node(0, 3), 3001], {}),
    400: ([4010, 4011, 4013, 4012, 4010],
          {"name": "NAV Eksempelvik", "building": "yes", "government": "social_security"}),
    401: ([4010, 4012], {"building": "yes"}),
}  # fmt: skip
RELATIONS: Sequence[Relation] = (
    ([("way", "", 302)], {"type": "route", "route": "ferry", "duration": "00:10"}),
    (
        [("way", "from", 102), ("node", "via", _node(2, 2)), ("way", "to", 202)],
        {"type": "restriction", "restriction": "no_left_turn"},
    ),
    (
        [("way", "from", 301), ("node", "via", 2003), ("way", "to", 300)],
        {"type": "restriction", "restriction": "no_u_turn"},
    ),
)


def whole_map(folder: Path) -> Path:
    """The map as XML."""
    return write_osm(folder, NODES, WAYS, node_tags=NODE_TAGS, relations=RELATIONS)


def _packed() -> bytes:
    import osmium  # noqa: PLC0415  an extra

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "map.osm.pbf"
        with osmium.SimpleWriter(target) as writer:
            for thing in osmium.FileProcessor(whole_map(Path(folder))):
                writer.add(thing)
        return target.read_bytes()


def geofabrik(request: Request) -> Reply:
    if request.path != "/europe/norway-latest.osm.pbf":
        return Reply(b"not found", 404, "text/plain")
    return Reply(_packed(), kind="application/octet-stream")


def overpass(request: Request) -> Reply:
    """What the question asks for, in its box: streets, the ferry line, rules, offices."""
    said = re.search(r"way\[highway\]\(([^)]*)\)", request.body.decode())
    assert request.path == "/interpreter"
    assert said is not None, request.body
    south, west, north, east = map(float, said[1].split(","))

    def inside(node: int) -> bool:
        lon, lat = NODES[node]
        return west <= lon <= east and south <= lat <= north

    ways = {
        ref: way
        for ref, way in WAYS.items()
        if {"highway", "government"} & set(way[1]) and any(map(inside, way[0]))
    }
    ways[302] = WAYS[302]  # a member of the line
    nodes = {node for refs, _ in ways.values() for node in refs}
    nodes |= {node for node, tags in NODE_TAGS.items() if "office" in tags and inside(node)}
    nodes |= {node for node, tags in NODE_TAGS.items() if "amenity" in tags and inside(node)}
    with tempfile.TemporaryDirectory() as folder:
        path = write_osm(
            Path(folder),
            {node: NODES[node] for node in sorted(nodes)},
            dict(sorted(ways.items())),
            node_tags={node: tags for node, tags in NODE_TAGS.items() if node in nodes},
            relations=RELATIONS,
        )
        return Reply(path.read_bytes(), kind="application/osm3s+xml")
