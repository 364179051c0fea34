"""The scripts that build a study's places, people and links."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

from navplan.errors import InputError

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from _build import read_build, read_texts
from _local_ways import gabriel, local_links
from _roads import (
    Link,
    Way,
    apply_facts,
    contract,
    cut,
    on_map,
    prune,
    read_roads,
)

ROAD = Way("secondary", "Fv1", "open", True, True, True, "", "map", "2025", "official")


def roads(*lines: list[tuple[float, float]], ways: list[Way] | None = None) -> gpd.GeoDataFrame:
    made = [LineString(line) for line in lines]
    kinds = ways or [ROAD] * len(made)
    return gpd.GeoDataFrame({"way": kinds, "stretch": 1.0}, geometry=made, crs="EPSG:25833")


def points(**at: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(at, orient="index", columns=["x", "y"], dtype=float)


def test_a_point_joins_the_nearest_road_by_a_connector() -> None:
    links, alone = cut(roads([(0, 0), (1000, 0)]), points(a=(400, 100)), barriers=[], far_m=5000)
    assert alone == []
    made = {(link.tail, link.head): link for link in links}
    assert made["a", (400, 0)].km == pytest.approx(0.12)  # 100 m × 1.2
    assert made["a", (400, 0)].way.structure == "connector"
    assert made[(0, 0), (400, 0)].km == pytest.approx(0.4)
    assert made[(400, 0), (1000, 0)].km == pytest.approx(0.6)


@pytest.mark.parametrize(
    "change", [{"structure": "tunnel"}, {"structure": "bridge"}, {"road_class": "motorway"}]
)
def test_nobody_joins_a_tunnel_a_bridge_or_a_motorway(change: dict[str, str]) -> None:
    closed = Way(**{**vars(ROAD), **change})
    near, far = [(0.0, 0.0), (1000.0, 0.0)], [(0.0, -500.0), (1000.0, -500.0)]
    links, _ = cut(
        roads(near, far, ways=[closed, ROAD]), points(a=(400, 100)), barriers=[], far_m=5000
    )
    assert [link.head for link in links if link.tail == "a"] == [(400, -500)]


def test_a_connector_goes_round_the_end_of_a_barrier() -> None:
    water = LineString([(-2000, 50), (600, 50)])
    links, _ = cut(roads([(0, 0), (1000, 0)]), points(a=(400, 100)), barriers=[water], far_m=5000)
    (joint,) = [link.head for link in links if link.tail == "a"]
    assert joint[0] > 600  # the straight line to (400, 0) crosses the water
    nobody, alone = cut(
        roads([(0, 0), (500, 0)]), points(a=(400, 100)), barriers=[water], far_m=5000
    )
    assert alone == ["a"]
    assert not [link for link in nobody if link.tail == "a"]


def test_a_street_drawn_by_hand_ends_at_the_road_and_keeps_its_length() -> None:
    drawn = pd.DataFrame({"from": ["1010;0"], "to": ["1000;500"]})
    both = on_map(roads([(0, 0), (1000, 0)]).drop(columns="stretch"), drawn, [ROAD], [0.75])
    links, _ = cut(both, points(), barriers=[], far_m=5000)
    assert {(link.tail, link.head): round(link.km, 3) for link in links} == {
        ((0, 0), (1000, 0)): 1.0,
        ((1000, 0), (1000, 500)): 0.75,
    }


def link(tail: object, head: object, km: float = 1.0, way: Way = ROAD) -> Link:
    return Link(tail, head, km, way)  # type: ignore[arg-type]


def test_dead_ends_without_a_point_are_dropped() -> None:
    stub = [link((0, 0), (1, 0)), link((1, 0), (2, 0))]
    assert prune([link("a", (0, 0)), link((0, 0), "b"), *stub]) == [
        link("a", (0, 0)),
        link((0, 0), "b"),
    ]


def test_stretches_are_joined_only_where_they_are_alike() -> None:
    tunnel = Way(**{**vars(ROAD), "structure": "tunnel"})
    chain = [
        link("a", (0, 0), 0.204),
        link((0, 0), (1, 0), 0.204),
        link((1, 0), (2, 0), 0.5, tunnel),
        link((2, 0), "b", 0.3),
    ]
    made = sorted((str(c.tail), str(c.head), c.km, c.way.structure) for c in contract(chain))
    assert {(km, structure) for _, _, km, structure in made} == {
        (0.41, "open"),
        (0.5, "tunnel"),
        (0.3, "open"),
    }


def test_gabriel_leaves_out_pairs_with_a_third_point_between() -> None:
    line = np.array([[0.0, 0.0], [1.0, 0.1], [2.0, 0.0], [1.0, 5.0]])
    assert gabriel(line) == [(0, 1), (1, 2), (1, 3)]


def test_local_ways_stay_in_built_up_land_and_cross_no_water() -> None:
    nodes = {"a": (0.0, 0.0), "b": (1000.0, 0.0), "c": (0.0, 1000.0)}
    cells = np.array([(x, 0.0) for x in range(0, 1001, 250)])
    given = {"cells": cells, "existing": [], "longest_m": 1500, "built_up_m": 300}
    found = local_links(nodes, barriers=[], **given)
    assert [(way.tail, way.head, way.km) for way in found] == [("a", "b", 1.3)]
    assert (found[0].way.walk, found[0].way.bicycle, found[0].way.car) == (True, True, False)
    water = LineString([(500, -100), (500, 100)])
    assert local_links(nodes, barriers=[water], **given) == []


def test_roads_of_the_map_and_what_is_closed_on_them(tmp_path: Path) -> None:
    columns = ["typeVeg", "vegkategori", "vegnummer", "motorvegtype", "medium", "vegfase"]
    rows = [
        ("enkelBilveg", "E", 39.0, "motorveg", "T", "V"),
        ("enkelBilveg", "E", 39.0, None, "U", "V"),
        ("enkelBilveg", "F", 5.0, None, "T", "V"),
        ("enkelBilveg", "F", 6.0, None, "T", "P"),
        ("bilferje", "F", 7.0, None, None, None),
        ("sti", None, None, None, None, None),
    ]
    lines = [LineString([(0, 1000 * i), (1000, 1000 * i)]) for i in range(len(rows))]
    frame = gpd.GeoDataFrame(rows, columns=columns, geometry=lines, crs="EPSG:25833")
    path = tmp_path / "roads.gpkg"
    frame.to_file(path)
    found = read_roads(path, (-10, -10, 1010, 9000), source="map", date="2025")
    told = [(w.road_class, w.road_number, w.structure, w.walk, w.car) for w in found["way"]]
    assert told == [
        ("motorway", "E39", "open", False, True),
        ("trunk", "E39", "tunnel", False, True),
        ("secondary", "Fv5", "open", True, True),
        ("path", "", "open", True, False),
    ]
    fact = dict.fromkeys(("name", "structure", "opened", "walk", "bicycle", "car"), "")
    fact |= {"road_number": "E39", "x": "500", "y": "1000", "source": "hand", "date": "2025"}
    fact |= {"opened": "2022-10-29", "walk": "yes", "quality": "approximate"}
    mended = apply_facts(found, pd.DataFrame([fact]))["way"]
    assert (mended[1].opened, mended[1].walk, mended[1].bicycle) == ("2022-10-29", True, False)
    assert mended[0].opened == ""
    with pytest.raises(InputError, match="no E16 within 150 m"):
        apply_facts(found, pd.DataFrame([fact | {"road_number": "E16"}]))


def test_faults_of_the_build_file_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "hand").mkdir()
    (tmp_path / "hand" / "build.toml").write_text("[cells]\nfile = 1\n[nonsense]\n", "utf-8")
    with pytest.raises(InputError) as told:
        read_build(tmp_path)
    keys = {fault.key for fault in told.value.faults}
    assert {"cells.file", "nonsense", "polygons", "roads"} <= keys


def test_hand_made_rows_must_say_where_they_come_from(tmp_path: Path) -> None:
    path = tmp_path / "heights.csv"
    path.write_text("place,height_m,source,date,quality\np-a,10,,2026,\n", "utf-8")
    with pytest.raises(InputError) as told:
        read_texts(path, ("place", "height_m"))
    assert {fault.key for fault in told.value.faults} == {"row 2, source", "row 2, quality"}
