"""OpenStreetMap: what tags mean, how ways become edges; on a map of a few nodes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from navplan.errors import InputError
from navplan.nouns import Streets
from navplan.sources import from_osmnx, read_osm
from navplan.sources.osm_tags import crossing_minutes, read_way, speed_km_h

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
    assert all(math.isnan(speed_km_h(t)) for t in ("", "signals", "none", "0", "50;60"))
    assert [crossing_minutes(t) for t in ("00:25", "01:10:30", "25", "PT1H5M")] == [
        25, 70.5, 25, 65,
    ]  # fmt: skip
    assert all(math.isnan(crossing_minutes(t)) for t in ("", "PT", "soon", "00:00", "-5"))


def osm(
    folder: Path,
    nodes: dict[int, tuple[float, float]],
    ways: list[tuple[list[int], dict[str, str]]],
) -> Path:
    lines = ["<osm version='0.6'>"]
    lines += [
        f"<node id='{i}' version='1' lon='{x:.7f}' lat='{y:.7f}'/>" for i, (x, y) in nodes.items()
    ]
    for number, (refs, tags) in enumerate(ways, start=1):
        lines.append(f"<way id='{number}' version='1'>")
        lines += [f"<nd ref='{ref}'/>" for ref in refs]
        lines += [f"<tag k='{k}' v='{v}'/>" for k, v in tags.items()]
        lines.append("</way>")
    path = folder / "map.osm"
    path.write_text("\n".join([*lines, "</osm>"]))
    return path


def row_of_nodes(count: int) -> dict[int, tuple[float, float]]:
    """Nodes 1, 2 … about 55.8 m apart on the 60th parallel."""
    return {i: (15.0 + 0.001 * i, 60.0) for i in range(1, count + 1)}


def pairs(streets: Streets, mode: str) -> set[tuple[str, str]]:
    names = streets.nodes.index
    rows = streets.edges[streets.edges[mode]]
    return {(names[a], names[b]) for a, b in zip(rows["tail"], rows["head"], strict=True)}


def test_ways_are_joined_where_nothing_changes_and_split_where_it_does(tmp_path: Path) -> None:
    ways = [
        ([1, 2, 3], {"highway": "residential"}),
        ([5, 4, 3], {"highway": "residential"}),  # drawn the other way round: still one street
        ([5, 6], {"highway": "residential", "maxspeed": "30"}),
        ([6, 7], {"highway": "footway"}),
        ([8, 6], {"highway": "residential", "maxspeed": "30"}),
    ]
    streets = read_osm(osm(tmp_path, row_of_nodes(8), ways), crs="EPSG:25833")
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
    streets = read_osm(osm(tmp_path, row_of_nodes(4), ways), crs="EPSG:25833")
    assert pairs(streets, "car") == {("1", "3"), ("4", "3")}
    assert pairs(streets, "walk") == {("1", "3"), ("3", "1"), ("4", "3"), ("3", "4")}


def test_reversed_way_joins_a_forward_one(tmp_path: Path) -> None:
    ways = [
        ([1, 2], {"highway": "residential", "oneway": "yes"}),
        ([3, 2], {"highway": "residential", "oneway": "-1"}),
    ]
    streets = read_osm(osm(tmp_path, row_of_nodes(3), ways), crs="EPSG:25833")
    assert pairs(streets, "car") == {("1", "3")}


def test_ring_and_missing_nodes(tmp_path: Path) -> None:
    nodes = {1: (15.0, 60.0), 2: (15.001, 60.0), 3: (15.001, 60.001), 4: (15.0, 60.001)}
    ring = [
        ([1, 2, 3, 4, 1], {"highway": "residential"}),
        ([1, 99, 98], {"highway": "residential"}),
    ]
    streets = read_osm(osm(tmp_path, nodes, ring), crs="EPSG:25833")
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
    streets = read_osm(osm(tmp_path, nodes, ways), crs="EPSG:25833")
    ferries = streets.edges[streets.edges["structure"] == "ferry"]
    assert list(ferries["crossing_min"].round(6)) == [42, 42]
    assert list(ferries["headway_min"]) == [30, 30]
    assert {("2", "11"), ("11", "2"), ("1", "2"), ("2", "3")} <= pairs(streets, "car")


def test_box_and_bad_files(tmp_path: Path) -> None:
    path = osm(
        tmp_path, row_of_nodes(3), [([1, 2], {"highway": "path"}), ([2, 3], {"highway": "path"})]
    )
    assert len(read_osm(path, crs="EPSG:25833", bbox=(14.9, 59.9, 15.0015, 60.1)).edges) == 2
    with pytest.raises(InputError, match="no street in the box"):
        read_osm(path, crs="EPSG:25833", bbox=(10, 59, 11, 60))
    with pytest.raises(InputError, match="no such file"):
        read_osm(tmp_path / "none.osm", crs="EPSG:25833")
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"no map at all")
    with pytest.raises(InputError, match="cannot be read as OpenStreetMap"):
        read_osm(broken, crs="EPSG:25833")


def graph(**edge: Any) -> nx.MultiDiGraph[int]:
    made: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="EPSG:4326")
    for node, (x, y) in row_of_nodes(3).items():
        made.add_node(node, x=x, y=y)
    made.add_edge(1, 2, **edge)
    return made


def test_osmnx_graph(tmp_path: Path) -> None:
    one_way = from_osmnx(graph(highway="residential", length=60.0, oneway=True), crs="EPSG:25833")
    assert pairs(one_way, "car") == {("1", "2")}
    assert pairs(one_way, "walk") == {("1", "2"), ("2", "1")}
    assert set(one_way.edges["length_m"]) == {60.0}
    mixed = from_osmnx(graph(highway=["residential", "steps"], length=60.0), crs="EPSG:25833")
    assert pairs(mixed, "bicycle") == set()
    assert len(pairs(mixed, "walk")) == 2
    with pytest.raises(InputError, match="no coordinate system"):
        from_osmnx(nx.MultiDiGraph(), crs="EPSG:25833")
