"""Turn restrictions and barriers of real extracts, against the map read in the plainest way."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyproj import Transformer

from navplan.nouns import Streets
from navplan.sources import read_osm
from navplan.sources.osm_tags import read_way

pytestmark = pytest.mark.real

osmium = pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

# Extract, system, restrictions in it, followed, moot, not for cars, by the hour, broken.
EXTRACTS = [
    ("oslo-east-filtered.osm.pbf", "EPSG:25833", 76, (66, 2, 0, 2, 6)),
    ("andorra.osm.pbf", "EPSG:25831", 66, (64, 0, 0, 0, 2)),
    ("cathedral-no-left.pbf", "EPSG:32618", 158, (121, 0, 1, 20, 16)),
    ("reisterstown-via-restriction.pbf", "EPSG:32618", 36, (34, 0, 0, 0, 2)),
]
Point = tuple[float, float]


@functools.cache
def streets_of(path: Path, crs: str) -> Streets:
    return read_osm(path, crs=crs)


def told(streets: Streets) -> tuple[int, ...]:
    words = ("followed", "about", "not for cars", "for some hours", "broken")
    counts = Counter[str]()
    for notice in streets.notices:
        for word in words:
            if notice.startswith(f"Turn restrictions {word}"):
                counts[word] = int(notice.rpartition(" ")[2][:-1])
    return tuple(counts[word] for word in words)


def plain(path: Path, crs: str) -> Iterator[tuple[str, list[tuple[Point, ...]]]]:
    """Each restriction at a node whose ways end there: its word and the steps it speaks of.

    A step is where one comes from (the last point before the node), the node, and the next point.
    """
    change = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    ways: dict[int, tuple[list[int], Any]] = {}
    places: dict[int, Point] = {}
    for thing in osmium.FileProcessor(str(path)).with_locations():
        if isinstance(thing, osmium.osm.Way):
            refs = [node.ref for node in thing.nodes if node.location.valid()]
            ways[thing.id] = (refs, read_way(dict(thing.tags)))
            places |= {
                node.ref: (node.location.lon, node.location.lat)
                for node in thing.nodes
                if node.location.valid()
            }
        elif isinstance(thing, osmium.osm.Relation) and thing.tags.get("type") == "restriction":
            tags = dict(thing.tags)
            word = tags.get("restriction", "")
            roles = [(member.role, member.type, member.ref) for member in thing.members]
            via = [ref for role, kind, ref in roles if (role, kind) == ("via", "n")]
            if len(via) != 1 or {"except", "hour_on", "day_on"} & tags.keys() or not word:
                continue
            steps = [
                tuple(change.transform(*places[node]) for node in (a, via[0], b))
                for source in (ref for role, _, ref in roles if role == "from")
                for target in (ref for role, _, ref in roles if role == "to")
                for a in beside(ways.get(source), via[0], coming=True)
                for b in beside(ways.get(target), via[0], coming=False)
            ]
            if word.startswith(("no_", "only_")) and steps:
                yield word, steps


def beside(way: tuple[list[int], Any] | None, node: int, *, coming: bool) -> list[int]:
    """The neighbour of a node on a way that ends there, if cars may drive it that way."""
    if way is None or way[1] is None or len(way[0]) < 2 or way[0][0] == way[0][-1]:
        return []
    refs, kind = way
    if refs[-1] == node and kind.car[0 if coming else 1]:
        return [refs[-2]]
    if refs[0] == node and kind.car[1 if coming else 0]:
        return [refs[1]]
    return []


def rounded(*points: Point) -> tuple[tuple[int, int], ...]:
    return tuple((round(x * 10), round(y * 10)) for x, y in points)


@pytest.mark.parametrize(("name", "crs", "number", "counts"), EXTRACTS)
def test_restrictions_are_followed_or_counted(
    shared: Path, name: str, crs: str, number: int, counts: tuple[int, ...]
) -> None:
    streets = streets_of(shared / "osm" / name, crs)
    assert told(streets) == counts
    assert sum(counts) == number
    assert streets.edges["car"].to_numpy()[[row for ban in streets.bans for row in ban]].all()


@pytest.mark.parametrize(("name", "crs"), [row[:2] for row in EXTRACTS])
def test_bans_are_those_of_the_map(shared: Path, name: str, crs: str) -> None:
    path = shared / "osm" / name
    streets = streets_of(path, crs)
    lines = streets.edges["geometry"].to_numpy()
    steps = {
        rounded(lines[ban[0]].coords[-2], lines[ban[0]].coords[-1], lines[ban[1]].coords[1])
        for ban in streets.bans
        if len(ban) == 2
    }
    leaving: dict[tuple[int, int], list[Point]] = defaultdict(list)
    for line in lines[streets.edges["car"].to_numpy()]:
        leaving[rounded(line.coords[0])[0]].append(line.coords[1])
    restrictions = list(plain(path, crs))
    assert len(restrictions) > 25
    for word, meant in restrictions:
        if word.startswith("no_"):
            assert {rounded(*step) for step in meant} <= steps, word
        else:
            assert not {rounded(*step) for step in meant} & steps, word
            for source, node, _ in meant:
                exits = {rounded(source, node, beyond) for beyond in leaving[rounded(node)[0]]}
                assert exits - {rounded(*step) for step in meant} <= steps, word


def test_every_ban_has_a_restriction_at_its_node(shared: Path) -> None:
    path = shared / "osm" / EXTRACTS[1][0]  # Andorra: none by way of streets
    streets = streets_of(path, EXTRACTS[1][1])
    nodes = {
        str(member.ref)
        for thing in osmium.FileProcessor(str(path), osmium.osm.RELATION)
        if thing.tags.get("type") == "restriction"
        for member in thing.members
        if (member.role, member.type) == ("via", "n")
    }
    heads = streets.edges["head"].to_numpy()[[ban[0] for ban in streets.bans]]
    assert len(heads) > 0
    assert set(streets.nodes.index[heads]) <= nodes


def test_by_way_of_other_streets_in_baltimore(shared: Path) -> None:
    streets = streets_of(shared / "osm" / EXTRACTS[3][0], EXTRACTS[3][1])
    long = [ban for ban in streets.bans if len(ban) > 2]
    assert len(long) == 1
    assert len(long[0]) == 4  # a U-turn over two via ways


def test_fiji_has_no_street_around_the_world(shared: Path) -> None:
    streets = streets_of(shared / "osm" / "fiji-ferry.pbf", "EPSG:3460")
    bounds = streets.nodes.total_bounds
    assert streets.edges["length_m"].max() < 20_000
    assert bounds[2] - bounds[0] < 400_000
