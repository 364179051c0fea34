"""Graphs of osmnx: there and back again, and used by osmnx itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from navplan.errors import InputError
from navplan.network.speeds import edge_seconds
from navplan.nouns import Profile, Streets
from navplan.sources import from_osmnx, read_osm, to_osmnx
from tests import town
from tests.osm_files import CRS, ROAD, bans, pairs, row_of_nodes, write_osm

pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

CAR = Profile("car", "car", dt.date(2026, 3, 3))


def varied(folder: Path) -> Streets:
    """One of everything: one-way, steps, tunnel, ferry, bollard, signals, speeds, a restriction."""
    nodes = {**row_of_nodes(9), 10: (15.002, 60.001), 11: (15.05, 60.0), 12: (15.06, 60.0)}
    ways = {
        1: ([1, 2], {**ROAD, "maxspeed": "30 mph", "name": "Storgata"}),
        2: ([2, 3], {**ROAD, "oneway": "yes", "oneway:bicycle": "no", "surface": "sett"}),
        3: ([2, 10], {"highway": "trunk", "motorroad": "yes"}),
        4: ([3, 4], {"highway": "steps", "wheelchair": "yes"}),
        5: ([3, 5], {"highway": "trunk", "tunnel": "yes", "bicycle": "yes"}),
        6: ([5, 6], {"highway": "primary", "bridge": "yes", "maxspeed:forward": "70"}),
        7: ([6, 11], {"route": "ferry", "motorcar": "yes", "duration": "00:20", "interval": "30",
                      "opening_hours": "06:00-22:00"}),
        8: ([11, 12], {"highway": "track", "motorcar": "yes", "surface": "gravel"}),
        9: ([6, 7, 8], {"highway": "service"}),
        10: ([8, 9], {"highway": "cycleway", "foot": "no", "wheelchair": "no"}),
    }  # fmt: skip
    turn = ([("way", "from", 1), ("node", "via", 2), ("way", "to", 3)],
            {"type": "restriction", "restriction": "no_left_turn"})  # fmt: skip
    path = write_osm(
        folder,
        nodes,
        ways,
        node_tags={5: {"highway": "traffic_signals"}, 7: {"barrier": "bollard"}},
        relations=[turn],
    )
    return read_osm(path, crs=CRS)


def test_there_and_back_again(tmp_path: Path) -> None:
    streets = varied(tmp_path)
    again = from_osmnx(to_osmnx(streets), crs=CRS)
    assert list(again.nodes.index) == list(streets.nodes.index)
    assert again.nodes.geometry.geom_equals_exact(streets.nodes.geometry, 1e-6).all()
    order = ["tail", "head", "length_m"]
    before = streets.edges.sort_values(order, ignore_index=True)
    after = again.edges.sort_values(order, ignore_index=True)
    columns = [name for name in before.columns if name not in ("geometry", "opened", "way")]
    pd.testing.assert_frame_equal(after[columns], before[columns], check_dtype=False)
    assert list(after["way"].str.split(" ").str[0]) == list(before["way"].str.split(" ").str[0])
    assert bans(again) == bans(streets) == {("1", "2", "10")}
    ends = [LineString(line).length for line in after["geometry"]]
    np.testing.assert_allclose(ends, before["geometry"].map(lambda line: line.length), atol=1e-6)


def test_times_by_car_are_equal_after_the_journey(tmp_path: Path) -> None:
    streets = varied(tmp_path)
    again = from_osmnx(to_osmnx(streets, crs=CRS), crs=CRS)
    keys = ["tail", "head", "length_m"]
    first, second = (
        s.edges[keys].assign(seconds=edge_seconds(s, CAR)).sort_values(keys, ignore_index=True)
        for s in (streets, again)
    )
    pd.testing.assert_frame_equal(first, second, check_dtype=False)
    assert first["seconds"].notna().any()


def test_what_osmnx_expects_is_there(tmp_path: Path) -> None:
    osmnx = pytest.importorskip("osmnx", reason="osmnx is not installed (extra osm)")
    graph = to_osmnx(varied(tmp_path))
    assert graph.graph["crs"] == "EPSG:4326"
    assert graph.nodes[1]["x"] == pytest.approx(15.001, abs=1e-9)
    street = graph.edges[1, 2, 0]
    assert (street["osmid"], street["highway"], street["oneway"]) == (1, "unclassified", False)
    assert float(street["maxspeed"]) == pytest.approx(48.28032)
    assert graph.edges[2, 3, 0]["oneway"] is True
    assert graph.edges[6, 11, 0]["route"] == "ferry"
    timed = osmnx.routing.add_edge_travel_times(osmnx.routing.add_edge_speeds(graph, fallback=30))
    assert timed.edges[1, 2, 0]["travel_time"] == pytest.approx(street["length"] / 13.41, rel=0.01)
    assert osmnx.routing.shortest_path(timed, 1, 4, weight="travel_time") == [1, 2, 3, 4]
    nodes, edges = osmnx.convert.graph_to_gdfs(graph)
    assert (len(nodes), len(edges)) == (graph.number_of_nodes(), graph.number_of_edges())
    assert osmnx.distance.nearest_nodes(osmnx.project_graph(graph, to_crs=CRS), 5e5, 6.65e6) > 0


def test_any_streets_can_be_given(tmp_path: Path) -> None:
    streets = town.streets()
    graph = to_osmnx(streets)
    assert graph.number_of_edges() == len(streets.edges)
    again = from_osmnx(graph, crs=str(streets.nodes.crs))
    for mode in ("walk", "bicycle", "car"):
        assert pairs(again, mode) == pairs(streets, mode)


def test_restrictions_whose_edges_are_gone_are_told(tmp_path: Path) -> None:
    graph = to_osmnx(varied(tmp_path))
    graph.remove_edge(2, 10)
    again = from_osmnx(graph, crs=CRS)
    assert again.bans == ()
    assert again.notices == ("Turn restrictions left out, since the graph lost their edges: 1.",)


def simple(**edge: Any) -> nx.MultiDiGraph[int]:
    made: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="EPSG:4326")
    for node, (x, y) in row_of_nodes(3).items():
        made.add_node(node, x=x, y=y)
    made.add_edge(1, 2, **edge)
    return made


def test_tags_of_a_downloaded_graph() -> None:
    edge = simple(
        highway="footway", length=60.0, surface="gravel", wheelchair="no", osmid=[7, 3], name="Sti"
    )
    found = from_osmnx(edge, crs=CRS).edges.iloc[0]
    assert (found["surface"], found["wheelchair"], found["way"]) == ("unpaved", False, "3;7")
    stairs = from_osmnx(simple(highway="steps", length=9.0), crs=CRS).edges
    assert stairs["steps"].all()
    assert not stairs["wheelchair"].any()


def test_zeros_and_names_of_nodes_come_back() -> None:
    streets = town.streets()
    names = ["0301", *(str(number) for number in range(1, len(streets.nodes)))]
    zeros = {"climb_m": 0.0, "car_s": 0.0, "crossing_min": 0.0, "headway_min": 0.0}
    zeros |= {"sails_from": 0.0, "sails_until": 3600.0}
    given = Streets(
        streets.nodes.set_axis(pd.Index(names, dtype=str)), streets.edges.assign(**zeros)
    )
    again = from_osmnx(to_osmnx(given), crs=str(streets.nodes.crs))
    assert list(again.nodes.index) == names
    for column, value in zeros.items():
        assert (again.edges[column] == value).all(), column


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"access": ["private", "yes"]}, {"walk": False, "car": False}),
        ({"access": ["yes", "permissive"]}, {"walk": True, "car": True}),
        ({"access": ["private", "yes"], "foot": ["yes", "designated"]},
         {"walk": True, "bicycle": False}),
        ({"bicycle": ["dismount", "yes"]}, {"walk": True, "bicycle": False}),
        ({"tunnel": ["avalanche_protector", "yes"]}, {"structure": "tunnel"}),
        ({"tunnel": ["culvert", "yes"]}, {"structure": "tunnel"}),
        ({"highway": ["trunk", "residential"], "tunnel": ["no", "yes"]},
         {"road_class": "trunk", "structure": "tunnel", "walk": False, "car": True}),
        ({"maxspeed": ["50", "30"]}, {"speed_km_h": 30.0}),
        ({"maxspeed": 80}, {"speed_km_h": 80.0}),
        ({"maxspeed": np.float64(60)}, {"speed_km_h": 60.0}),
        ({"access": float("nan"), "foot": [None, "no"]}, {"walk": False, "car": True}),
        ({"maxspeed": [np.int64(60), 50], "surface": []}, {"speed_km_h": 50.0}),
        ({"bridge": True}, {"structure": "open"}),
    ],
)  # fmt: skip
def test_values_that_simplification_has_joined(
    tags: dict[str, Any], expected: dict[str, Any]
) -> None:
    streets = from_osmnx(simple(**{"highway": "residential", "length": 60.0, **tags}), crs=CRS)
    found = streets.edges.iloc[0]
    assert {key: found[key] for key in expected} == expected


def test_what_is_wrong_with_a_graph_is_told() -> None:
    def keys(graph: Any, crs: str = CRS) -> list[str]:
        with pytest.raises(InputError) as caught:
            from_osmnx(graph, crs=crs)
        return [fault.key for fault in caught.value.faults]

    good = {"highway": "residential", "length": 60.0}
    assert keys(simple(**good), crs="EPSG:nothing") == ["crs"]
    strange = simple(**good)
    strange.graph["crs"] = "moon"
    assert keys(strange) == ["graph crs"]
    for length in ("abc", float("nan"), -1.0, [3.0], None):
        assert keys(simple(highway="residential", length=length)) == ["edge 1 – 2, length"]
    worded = simple(**good)
    worded.nodes[2]["x"] = "a"
    assert keys(worded) == ["node 2"]
    assert keys(nx.DiGraph(simple(**good))) == ["kind"]
    many = {
        key: [f"kind {number}" for number in range(9)]
        for key in ("access", "foot", "bicycle", "vehicle")
    }
    assert keys(simple(**good, **many)) == ["edge 1 – 2"]


def test_nodes_without_a_position_are_named() -> None:
    graph = simple(highway="footway", length=60.0)
    graph.nodes[3]["x"] = float("nan")
    graph.add_node(4)
    with pytest.raises(InputError) as caught:
        from_osmnx(graph, crs=CRS)
    assert [fault.key for fault in caught.value.faults] == ["node 3", "node 4"]
