"""Barriers, kerbs and signals on OpenStreetMap's nodes, and what they do to streets."""

from __future__ import annotations

from pathlib import Path

import pytest

from navplan.nouns import Streets
from navplan.sources import read_osm
from navplan.sources.osm_nodes import signals, stopped
from tests.osm_files import CRS, ROAD, connected, pairs, row_of_nodes, write_osm

pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

WHEELS = {"car", "bicycle", "wheelchair"}


@pytest.mark.parametrize(
    ("tags", "who"),
    [
        ({"barrier": "bollard"}, {"car"}),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, set()),
        ({"barrier": "bollard", "access": "yes"}, {"car"}),
        ({"barrier": "gate"}, set()),
        ({"barrier": "gate", "access": "private"}, {*WHEELS, "walk"}),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, {"car", "bicycle"}),
        ({"barrier": "gate", "motor_vehicle": "no"}, {"car"}),
        ({"barrier": "gate", "locked": "yes"}, {*WHEELS, "walk"}),
        ({"barrier": "gate", "wheelchair": "no"}, {"wheelchair"}),
        ({"barrier": "lift_gate", "access": "permissive"}, set()),
        ({"barrier": "cycle_barrier"}, {"car"}),
        ({"barrier": "cycle_barrier", "bicycle": "dismount"}, {"car"}),
        ({"barrier": "cycle_barrier", "wheelchair": "no"}, {"car", "wheelchair"}),
        ({"barrier": "bus_trap"}, {"car"}),
        ({"barrier": "kissing_gate"}, WHEELS),
        ({"barrier": "stile", "wheelchair": "yes"}, {"car", "bicycle"}),
        ({"barrier": "turnstile"}, WHEELS),
        ({"barrier": "wall"}, {*WHEELS, "walk"}),
        ({"barrier": "toll_booth"}, set()),
        ({"barrier": "cattle_grid"}, set()),
        ({"barrier": "kerb", "kerb": "raised"}, {"wheelchair"}),
        ({"kerb": "raised"}, {"wheelchair"}),
        ({"kerb": "lowered"}, set()),
        ({"barrier": "no", "access": "no"}, set()),
    ],
)
def test_whom_a_node_stops(tags: dict[str, str], who: set[str]) -> None:
    assert stopped(tags) == who


@pytest.mark.parametrize(
    ("tags", "sides"),
    [
        ({"highway": "traffic_signals"}, (True, True)),
        ({"highway": "traffic_signals", "traffic_signals:direction": "forward"}, (True, False)),
        ({"highway": "traffic_signals", "direction": "backward"}, (False, True)),
        ({"highway": "crossing", "crossing": "traffic_signals"}, (True, True)),
        ({"highway": "crossing", "crossing:signals": "yes"}, (True, True)),
        ({"highway": "crossing", "crossing": "marked"}, (False, False)),
    ],
)
def test_signals(tags: dict[str, str], sides: tuple[bool, bool]) -> None:
    assert signals(tags) == sides


def test_bollard_stops_cars_and_nobody_else(tmp_path: Path) -> None:
    path = write_osm(
        tmp_path, row_of_nodes(4), [([1, 2, 3, 4], ROAD)], node_tags={2: {"barrier": "bollard"}}
    )
    streets = read_osm(path, crs=CRS)
    assert {("1", "4"), ("4", "1")} <= connected(streets, "walk") & connected(streets, "bicycle")
    assert ("1", "4") not in connected(streets, "car")
    # Whoever lives on either side still has a street for cars, up to a metre from the bollard.
    edges = streets.edges
    assert edges.loc[edges["walk"], "length_m"].sum() == pytest.approx(2 * 167.4, abs=0.2)
    assert edges.loc[~edges["car"], "length_m"].sum() == pytest.approx(4.0, abs=0.02)
    assert {("1", "2-1"), ("2-3", "4")} <= pairs(streets, "car")


def test_barriers_next_to_each_other_leave_something_between(tmp_path: Path) -> None:
    nodes = {1: (15.0, 60.0), 2: (15.001, 60.0), 3: (15.00101, 60.0), 4: (15.002, 60.0)}
    gate = {"barrier": "bollard"}
    path = write_osm(tmp_path, nodes, [([1, 2, 3, 4], ROAD)], node_tags={2: gate, 3: gate})
    streets = read_osm(path, crs=CRS)
    assert ("1", "4") in connected(streets, "walk")
    assert (streets.edges["length_m"] > 0.05).all()
    assert connected(streets, "car") == {
        pair for a, b in (("1", "2-1"), ("2-3", "3-2"), ("3-4", "4")) for pair in ((a, b), (b, a))
    }


def test_barrier_between_two_ways(tmp_path: Path) -> None:
    path = write_osm(
        tmp_path,
        row_of_nodes(3),
        [([1, 2], ROAD), ([2, 3], {"highway": "footway"})],
        node_tags={2: {"barrier": "kissing_gate"}},
    )
    streets = read_osm(path, crs=CRS)
    assert ("1", "3") in connected(streets, "walk")
    for mode in ("bicycle", "wheelchair"):
        assert ("1", "3") not in connected(streets, mode)
        assert ("1", "2-1") in connected(streets, mode)


def test_raised_kerb_stops_wheelchairs_on_foot_ways_only(tmp_path: Path) -> None:
    path = write_osm(
        tmp_path, row_of_nodes(3), [([1, 2, 3], ROAD)], node_tags={2: {"kerb": "raised"}}
    )
    streets = read_osm(path, crs=CRS)
    assert ("1", "3") not in connected(streets, "wheelchair")
    for mode in ("walk", "bicycle", "car"):
        assert ("1", "3") in connected(streets, mode)


@pytest.mark.parametrize("tags", [{"barrier": "gate"}, {"barrier": "bollard", "motorcar": "yes"}])
def test_barriers_that_stop_nobody_leave_the_street_whole(
    tmp_path: Path, tags: dict[str, str]
) -> None:
    path = write_osm(tmp_path, row_of_nodes(3), [([1, 2, 3], ROAD)], node_tags={2: tags})
    assert len(read_osm(path, crs=CRS).edges) == 2


def test_barrier_at_a_junction_is_left_out_and_told(tmp_path: Path) -> None:
    nodes = {**row_of_nodes(3), 4: (15.002, 60.001)}
    path = write_osm(
        tmp_path,
        nodes,
        [([1, 2, 3], ROAD), ([2, 4], ROAD)],
        node_tags={2: {"barrier": "bollard"}},
    )
    streets = read_osm(path, crs=CRS)
    assert ("1", "3") in connected(streets, "car")
    assert any("Barriers" in notice and notice.endswith(": 1.") for notice in streets.notices)


def lit(streets: Streets) -> dict[tuple[str, str], float]:
    names = streets.nodes.index
    rows = streets.edges[["tail", "head", "signals"]].itertuples(index=False)
    return {(names[tail], names[head]): number for tail, head, number in rows}


def test_signals_count_for_the_edges_that_pass_them_or_end_there(tmp_path: Path) -> None:
    nodes = {**row_of_nodes(5), 6: (15.004, 60.001)}
    lights = {"highway": "traffic_signals"}
    path = write_osm(
        tmp_path,
        nodes,
        # 4 is a junction; 2 and 3 lie on the way to it, and the second way is drawn against it.
        [([1, 2], ROAD), ([4, 3, 2], ROAD), ([4, 5], ROAD), ([4, 6], ROAD)],
        node_tags={2: lights, 3: {**lights, "direction": "backward"}, 4: lights},
    )
    found = lit(read_osm(path, crs=CRS))
    assert found["1", "4"] == 3  # 2, then 3 (against its way, which is drawn the other way), then 4
    assert found["4", "1"] == 1  # 2 alone
    assert (found["4", "5"], found["5", "4"]) == (0, 1)


def test_signals_at_the_ends_of_a_split_street(tmp_path: Path) -> None:
    nodes = {**row_of_nodes(3), 4: (15.002, 60.001)}
    path = write_osm(
        tmp_path,
        nodes,
        [([1, 2, 3], ROAD), ([2, 4], ROAD)],
        node_tags={2: {"highway": "crossing", "crossing": "traffic_signals"}},
    )
    found = lit(read_osm(path, crs=CRS))
    assert {pair for pair, number in found.items() if number} == {
        ("1", "2"),
        ("3", "2"),
        ("4", "2"),
    }
