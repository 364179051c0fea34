"""OpenStreetMap: what tags mean, how ways become edges; on a map of a few nodes."""

from __future__ import annotations

import itertools
import math
import random
import tempfile
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from navplan.errors import InputError
from navplan.sources import from_osmnx, read_osm
from navplan.sources.osm_tags import read_way
from navplan.sources.osm_values import crossing_minutes, speed_km_h
from tests.osm_files import CRS, Way, pairs, row_of_nodes, write_osm

pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

YES, NO = (True, True), (False, False)
ALONG, AGAINST = (True, False), (False, True)


@pytest.mark.parametrize(
    ("tags", "walk", "bicycle", "car"),
    [
        ({"highway": "residential"}, YES, YES, YES),
        ({"highway": "motorway"}, NO, NO, ALONG),
        ({"highway": "motorway", "oneway": "no"}, NO, NO, YES),
        ({"highway": "trunk", "motorroad": "yes"}, NO, NO, YES),
        ({"highway": "trunk", "tunnel": "yes", "foot": "no", "bicycle": "no"}, NO, NO, YES),
        ({"highway": "trunk", "tunnel": "yes"}, NO, NO, YES),
        ({"highway": "trunk", "tunnel": "yes", "bicycle": "yes"}, NO, YES, YES),
        ({"highway": "secondary", "tunnel": "yes"}, YES, YES, YES),
        ({"highway": "footway"}, YES, YES, NO),
        ({"highway": "steps"}, YES, NO, NO),
        ({"highway": "cycleway"}, YES, YES, NO),
        ({"highway": "cycleway", "foot": "no"}, NO, YES, NO),
        ({"highway": "track"}, YES, YES, NO),
        ({"highway": "track", "motor_vehicle": "yes"}, YES, YES, YES),
        ({"highway": "footway", "access": "yes"}, YES, YES, NO),
        ({"highway": "service", "access": "private"}, NO, NO, NO),
        ({"highway": "service", "access": "no", "bus": "yes", "foot": "yes"}, YES, NO, NO),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes"}, YES, YES, NO),
        ({"highway": "residential", "motor_vehicle": "destination"}, YES, YES, YES),
        ({"highway": "residential", "oneway": "yes"}, YES, ALONG, ALONG),
        ({"highway": "residential", "oneway": "-1"}, YES, AGAINST, AGAINST),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, YES, YES, ALONG),
        ({"highway": "residential", "oneway": "yes", "cycleway:left": "opposite_lane"}, YES, YES,
         ALONG),
        ({"highway": "tertiary", "junction": "roundabout"}, YES, ALONG, ALONG),
        ({"route": "ferry"}, YES, YES, NO),
        ({"route": "ferry", "motor_vehicle": "yes"}, YES, YES, YES),
    ],
)  # fmt: skip
def test_who_may_go_where(
    tags: dict[str, str], walk: tuple[bool, bool], bicycle: tuple[bool, bool],
    car: tuple[bool, bool],
) -> None:  # fmt: skip
    way = read_way(tags)
    assert way is not None
    assert (way.walk, way.bicycle, way.car) == (walk, bicycle, car)


@pytest.mark.parametrize(
    "tags", [{"highway": "construction"}, {"railway": "rail"}, {"route": "bus"}]
)
def test_no_street(tags: dict[str, str]) -> None:
    assert read_way(tags) is None


def test_class_structure_and_speed() -> None:
    way = read_way({"highway": "trunk", "motorroad": "yes", "tunnel": "yes", "maxspeed": "80",
                    "maxspeed:backward": "60"})  # fmt: skip
    assert way is not None
    assert (way.road_class, way.structure, way.speed_km_h) == ("expressway", "tunnel", (80, 60))
    culvert = read_way({"highway": "secondary", "tunnel": "culvert", "bridge": "yes"})
    assert culvert is not None
    assert (culvert.road_class, culvert.structure) == ("secondary", "bridge")


def test_speeds_and_durations() -> None:
    assert speed_km_h("50") == 50
    assert speed_km_h("30 mph") == pytest.approx(48.28032)
    assert speed_km_h("NO:rural") == 80
    assert all(math.isnan(speed_km_h(t)) for t in ("", "signals", "none", "0", "fast;-5"))
    assert [crossing_minutes(t) for t in ("00:25", "01:10:30", "25", "PT1H5M")] == [
        25, 70.5, 25, 65,
    ]  # fmt: skip
    assert all(math.isnan(crossing_minutes(t)) for t in ("", "PT", "soon", "00:00", "-5"))


def test_ways_are_joined_where_nothing_changes_and_split_where_it_does(tmp_path: Path) -> None:
    ways = [
        ([1, 2, 3], {"highway": "residential"}),
        ([5, 4, 3], {"highway": "residential"}),  # drawn the other way round: still one street
        ([5, 6], {"highway": "residential", "maxspeed": "30"}),
        ([6, 7], {"highway": "footway"}),
        ([8, 6], {"highway": "residential", "maxspeed": "30"}),
    ]
    streets = read_osm(write_osm(tmp_path, row_of_nodes(8), ways), crs=CRS)
    assert sorted(streets.nodes.index) == ["1", "5", "6", "7", "8"]
    assert pairs(streets, "car") == {("1", "5"), ("5", "1"), ("5", "6"), ("6", "5"), ("6", "8"),
                                     ("8", "6")}  # fmt: skip
    assert pairs(streets, "walk") - pairs(streets, "car") == {("6", "7"), ("7", "6")}
    joined = streets.edges[streets.edges["length_m"] > 200].iloc[0]
    # 0.004° of longitude on the 60th parallel are 223.2 m (WGS 84); UTM 33 shrinks by 0.9996.
    assert joined["length_m"] == pytest.approx(223.2 * 0.9996, abs=0.2)
    assert len(joined["geometry"].coords) == 5


def test_one_way_streets_join_only_in_one_sense(tmp_path: Path) -> None:
    along = {"highway": "residential", "oneway": "yes"}
    ways = [([1, 2], along), ([2, 3], along), ([4, 3], along)]
    streets = read_osm(write_osm(tmp_path, row_of_nodes(4), ways), crs=CRS)
    assert pairs(streets, "car") == {("1", "3"), ("4", "3")}
    assert pairs(streets, "walk") == {("1", "3"), ("3", "1"), ("4", "3"), ("3", "4")}


def test_reversed_way_joins_a_forward_one(tmp_path: Path) -> None:
    ways = [
        ([1, 2], {"highway": "residential", "oneway": "yes"}),
        ([3, 2], {"highway": "residential", "oneway": "-1"}),
    ]
    streets = read_osm(write_osm(tmp_path, row_of_nodes(3), ways), crs=CRS)
    assert pairs(streets, "car") == {("1", "3")}


def test_ring_and_missing_nodes(tmp_path: Path) -> None:
    nodes = {1: (15.0, 60.0), 2: (15.001, 60.0), 3: (15.001, 60.001), 4: (15.0, 60.001)}
    ring = [
        ([1, 2, 3, 4, 1], {"highway": "residential"}),
        ([1, 99, 98], {"highway": "residential"}),
    ]
    streets = read_osm(write_osm(tmp_path, nodes, ring), crs=CRS)
    assert list(streets.nodes.index) == ["1"]
    assert (streets.edges["length_m"] > 300).all()


def test_ferry_takes_its_duration_and_waits_once(tmp_path: Path) -> None:
    nodes = {**row_of_nodes(3), 10: (15.1, 60.0), 11: (15.2, 60.0), 12: (15.201, 60.0)}
    ferry = {"route": "ferry", "motor_vehicle": "yes"}
    ways = [
        ([1, 2, 3], {"highway": "residential"}),
        ([2, 10], {**ferry, "duration": "00:20", "interval": "00:30"}),  # from the street's middle
        ([11, 10], {**ferry, "duration": "00:22"}),
        ([11, 12], {"highway": "residential"}),
    ]
    streets = read_osm(write_osm(tmp_path, nodes, ways), crs=CRS)
    ferries = streets.edges[streets.edges["structure"] == "ferry"]
    assert list(ferries["crossing_min"].round(6)) == [42, 42]
    assert list(ferries["headway_min"]) == [30, 30]
    assert {("2", "11"), ("11", "2"), ("1", "2"), ("2", "3")} <= pairs(streets, "car")


def test_box_and_bad_files(tmp_path: Path) -> None:
    path = write_osm(
        tmp_path, row_of_nodes(3), [([1, 2], {"highway": "path"}), ([2, 3], {"highway": "path"})]
    )
    assert len(read_osm(path, crs=CRS, bbox=(14.9, 59.9, 15.0015, 60.1)).edges) == 2
    with pytest.raises(InputError, match="no street in the box"):
        read_osm(path, crs=CRS, bbox=(10, 59, 11, 60))
    with pytest.raises(InputError, match="no such file"):
        read_osm(tmp_path / "none.osm", crs=CRS)
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"no map at all")
    with pytest.raises(InputError, match="cannot be read as OpenStreetMap"):
        read_osm(broken, crs=CRS)


def graph(**edge: Any) -> nx.MultiDiGraph[int]:
    made: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="EPSG:4326")
    for node, (x, y) in row_of_nodes(3).items():
        made.add_node(node, x=x, y=y)
    made.add_edge(1, 2, **edge)
    return made


def test_osmnx_graph(tmp_path: Path) -> None:
    one_way = from_osmnx(graph(highway="residential", length=60.0, oneway=True), crs=CRS)
    assert pairs(one_way, "car") == {("1", "2")}
    assert pairs(one_way, "walk") == {("1", "2"), ("2", "1")}
    assert set(one_way.edges["length_m"]) == {60.0}
    mixed = from_osmnx(graph(highway=["residential", "steps"], length=60.0), crs=CRS)
    assert pairs(mixed, "bicycle") == set()
    assert len(pairs(mixed, "walk")) == 2
    with pytest.raises(InputError, match="no coordinate system"):
        from_osmnx(nx.MultiDiGraph(), crs=CRS)


KINDS = (
    {"highway": "residential"},
    {"highway": "residential", "oneway": "yes"},
    {"highway": "residential", "oneway": "-1", "oneway:bicycle": "no"},
    {"highway": "primary", "maxspeed": "60"},
    {"highway": "footway"},
    {"highway": "cycleway", "foot": "no"},
)
MODES = ("walk", "bicycle", "car")


def plain_graph(
    nodes: dict[int, tuple[float, float]], ways: list[Way], stops: set[int], mode: str
) -> nx.DiGraph[Any]:
    """Every stretch between two nodes by itself; a car reaches a bollard, but not past it."""
    change = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    at = {node: change.transform(*place) for node, place in nodes.items()}
    graph: nx.DiGraph[Any] = nx.DiGraph()
    for number, (refs, tags) in enumerate(ways):
        way = read_way(tags)
        assert way is not None
        for step, (a, b) in enumerate(itertools.pairwise(refs)):
            ends = [
                (node, number, step) if mode == "car" and node in stops else node for node in (a, b)
            ]
            for side, (tail, head) in enumerate((ends, ends[::-1])):
                if getattr(way, mode)[side]:
                    graph.add_edge(tail, head, metres=math.dist(at[a], at[b]))
    return graph


def arms(ways: list[Way], node: int) -> int:
    return sum(node in pair for refs, _ in ways for pair in itertools.pairwise(refs))


@given(st.integers(0, 10**6))
@settings(max_examples=30)
def test_joined_streets_are_as_long_as_the_plain_map(seed: int) -> None:
    rng = random.Random(seed)
    nodes = {i: (15 + 0.001 * (i % 4), 60 + 0.001 * (i // 4)) for i in range(1, 13)}
    ways: list[Way] = []
    for _ in range(rng.randint(1, 8)):
        refs = rng.sample(sorted(nodes), rng.randint(2, 5))
        if rng.random() < 0.2:
            refs.append(refs[0])
        ways.append((refs, rng.choice(KINDS)))
    stops = {node for node in rng.sample(sorted(nodes), 3) if arms(ways, node) == 2}
    with tempfile.TemporaryDirectory() as folder:
        tags = {node: {"barrier": "bollard"} for node in stops}
        path = write_osm(Path(folder), nodes, ways, node_tags=tags)
        streets = read_osm(path, crs=CRS)
    names = streets.nodes.index
    for mode in MODES:
        plain = plain_graph(nodes, ways, stops, mode)
        joined: nx.DiGraph[Any] = nx.DiGraph()
        for row in streets.edges[streets.edges[mode]].itertuples():
            tail, head = names[row.tail], names[row.head]
            known = joined.get_edge_data(tail, head, {"metres": math.inf})["metres"]
            joined.add_edge(tail, head, metres=min(known, row.length_m))
        common = [name for name in names if "-" not in name and int(name) not in stops]
        for start in common:
            if int(start) not in plain:
                assert start not in joined
                continue
            expected = nx.single_source_dijkstra_path_length(plain, int(start), weight="metres")
            found = (
                nx.single_source_dijkstra_path_length(joined, start, weight="metres")
                if start in joined
                else {start: 0.0}
            )
            for end in common:
                assert found.get(end) == (
                    pytest.approx(expected[int(end)], abs=1e-6) if int(end) in expected else None
                )
