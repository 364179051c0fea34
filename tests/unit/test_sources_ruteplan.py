"""NVDB Ruteplan's columns: minutes by direction, ferries, and what a planner got wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, MultiLineString, Point

from navplan.errors import InputError
from navplan.network.speeds import edge_seconds
from navplan.nouns import Profile, Streets
from navplan.sources import read_ruteplan
from navplan.sources.ferries import CAR_FERRY_HEADWAY_MIN, CAR_FERRY_KM_H

X, Y = -32_000.0, 6_733_000.0
Line = list[tuple[float, float]]


def link(line: Line, **columns: Any) -> dict[str, Any]:
    told = {"ONEWAY": "B", "FT_MINUTES": 1.0, "TF_MINUTES": 1.0, "ROADCLASS": 2, "SPECIALVEG": ""}
    shape = LineString([(X + x, Y + y) for x, y in line])
    return {**told, "SHAPE_LENGTH": shape.length, **columns, "geometry": shape}


def save(folder: Path, *links: dict[str, Any], name: str = "ruteplan.gpkg") -> Path:
    path = folder / name
    gpd.GeoDataFrame(list(links), crs="EPSG:25833").to_file(path)
    return path


def found(streets: Streets, tail: tuple[float, float], head: tuple[float, float]) -> dict[str, Any]:
    at = streets.nodes.geometry
    ends = [
        int(np.flatnonzero(at.distance(Point(X + x, Y + y)).to_numpy() < 1)[0])
        for x, y in (tail, head)
    ]
    rows = streets.edges[(streets.edges["tail"] == ends[0]) & (streets.edges["head"] == ends[1])]
    assert len(rows) == 1
    return dict(rows.iloc[0])


@pytest.mark.parametrize("name", ["ruteplan.gpkg", "ruteplan.shp", "ruteplan.geojson"])
def test_minutes_by_direction(tmp_path: Path, name: str) -> None:
    road = link([(0, 0), (600, 0)], FT_MINUTES=0.5, TF_MINUTES=0.75)
    if name.endswith("shp"):
        road["SHAPE_LENG"] = road.pop("SHAPE_LENGTH")  # ten letters are all a shapefile keeps
    streets = read_ruteplan(save(tmp_path, road, name=name))
    assert found(streets, (0, 0), (600, 0))["car_s"] == pytest.approx(30)
    assert found(streets, (600, 0), (0, 0))["car_s"] == pytest.approx(45)
    assert (streets.edges[["walk", "bicycle", "car"]]).all(axis=None)
    assert set(streets.edges["length_m"].round(3)) == {600.0}


def test_one_way_roads_bind_cars_alone(tmp_path: Path) -> None:
    path = save(
        tmp_path,
        link([(0, 0), (600, 0)], ONEWAY="FT", TF_MINUTES=None),
        link([(600, 0), (900, 0)], ONEWAY="TF", FT_MINUTES=-1.0),
    )
    streets = read_ruteplan(path)
    assert found(streets, (0, 0), (600, 0))["car"]
    assert not found(streets, (600, 0), (0, 0))["car"]
    assert found(streets, (600, 0), (0, 0))["walk"]
    assert not found(streets, (600, 0), (900, 0))["car"]
    assert found(streets, (900, 0), (600, 0))["car_s"] == 60


def test_fast_roads_are_closed_on_foot_and_it_is_told(tmp_path: Path) -> None:
    path = save(
        tmp_path,
        link([(0, 0), (1500, 0)], FT_MINUTES=1.0, TF_MINUTES=1.2),  # 90 km/h one way
        link([(1500, 0), (2750, 0)]),  # 75 km/h
        link([(2750, 0), (3250, 0)]),  # 30 km/h
        link([(3250, 0), (3300, 0)], FT_MINUTES=0.0, TF_MINUTES=0.0),
    )
    streets = read_ruteplan(path)
    classes = {}
    for tail, head in ((0, 1500), (1500, 2750), (2750, 3250), (3250, 3300)):
        edge = found(streets, (tail, 0), (head, 0))
        classes[tail] = (edge["road_class"], edge["walk"], edge["bicycle"])
    assert classes == {
        0: ("motorway", False, False), 1500: ("trunk", True, True),
        2750: ("local", True, True), 3250: ("local", True, True),
    }  # fmt: skip
    assert "open to both, tunnels too" in streets.notices[0]


@pytest.mark.parametrize("mark", [{"ROADCLASS": 4}, {"SPECIALVEG": "Rv. 13 [FERGE]"}])
def test_ferry_takes_its_minutes_and_waits_once(tmp_path: Path, mark: dict[str, Any]) -> None:
    path = save(
        tmp_path,
        link([(-900, 0), (0, 0)]),
        link([(0, 0), (2000, 0)], FT_MINUTES=8.0, TF_MINUTES=9.0, **mark),
        link([(5000, 0), (2000, 0)], FT_MINUTES=11.0, TF_MINUTES=12.0, **mark),
        link([(5000, 0), (5900, 0)]),
    )
    streets = read_ruteplan(path)
    there = found(streets, (0, 0), (5000, 0))
    back = found(streets, (5000, 0), (0, 0))
    assert (there["crossing_min"], back["crossing_min"]) == (20, 20)  # 8 + 12 and 11 + 9
    assert (there["structure"], there["headway_min"]) == ("ferry", CAR_FERRY_HEADWAY_MIN)
    car = Profile("car", "car", dt.date(2026, 3, 3))
    seconds = edge_seconds(streets, car)
    row = streets.edges.index[(streets.edges["structure"] == "ferry")][0]
    assert seconds[row] == (20 + CAR_FERRY_HEADWAY_MIN / 2) * 60


def test_one_way_ferry_links_sail_both_ways(tmp_path: Path) -> None:
    path = save(
        tmp_path,
        link([(-900, 0), (0, 0)]),
        link([(0, 0), (2000, 0)], ROADCLASS=4, ONEWAY="FT", FT_MINUTES=8.0, TF_MINUTES=None),
        link([(2000, 0), (2900, 0)]),
    )
    assert found(read_ruteplan(path), (2000, 0), (0, 0))["crossing_min"] == 8


def test_parts_of_a_link_share_its_minutes(tmp_path: Path) -> None:
    road = link([(0, 0), (400, 0)], FT_MINUTES=4.0, TF_MINUTES=4.0)
    road["geometry"] = MultiLineString([[(X, Y), (X + 300, Y)], [(X + 300, Y), (X + 400, Y)]])
    streets = read_ruteplan(save(tmp_path, road))
    assert found(streets, (0, 0), (300, 0))["car_s"] == pytest.approx(180)
    assert found(streets, (300, 0), (400, 0))["car_s"] == pytest.approx(60)


def test_a_closed_direction_and_zero_minutes_say_nothing(tmp_path: Path) -> None:
    path = save(
        tmp_path,
        link([(0, 0), (1500, 0)], ONEWAY="FT", FT_MINUTES=1.8, TF_MINUTES=1.0),  # 50 km/h
        link([(1500, 0), (3000, 0)], FT_MINUTES=1.0, TF_MINUTES=0.0),
        link([(3000, 0), (4000, 0)], ROADCLASS=4, FT_MINUTES=6.0, TF_MINUTES=0.0),
        link([(4000, 0), (5000, 0)], ROADCLASS=4, ONEWAY="FT", FT_MINUTES=7.0, TF_MINUTES=1.0),
        link([(5000, 0), (5500, 0)]),
        link([(4000, 0), (4000, 500)]),
        link([(5500, 0), (7500, 0)], ROADCLASS=4, FT_MINUTES=0.0, TF_MINUTES=0.0),
        link([(7500, 0), (8000, 0)], FT_MINUTES=0.0, TF_MINUTES=0.0),
    )
    streets = read_ruteplan(path)
    assert found(streets, (0, 0), (1500, 0))["road_class"] == "secondary"
    assert found(streets, (0, 0), (1500, 0))["walk"]
    assert found(streets, (3000, 0), (1500, 0))["car_s"] == 60
    assert found(streets, (4000, 0), (3000, 0))["crossing_min"] == 6
    assert found(streets, (5000, 0), (4000, 0))["crossing_min"] == 7
    assert found(streets, (5500, 0), (7500, 0))["crossing_min"] == 2 / CAR_FERRY_KM_H * 60
    assert np.isnan(found(streets, (7500, 0), (8000, 0))["car_s"])


def test_a_layer_of_ferries_alone(tmp_path: Path) -> None:
    streets = read_ruteplan(save(tmp_path, link([(0, 0), (2000, 0)], ROADCLASS=4)))
    assert found(streets, (2000, 0), (0, 0))["crossing_min"] == 1


def test_links_with_negative_minutes_both_ways_are_left_out_and_told(tmp_path: Path) -> None:
    ring = link([(600, 0), (700, 0), (700, 90), (600, 0)], FT_MINUTES=-1.0, TF_MINUTES=-1.0)
    streets = read_ruteplan(save(tmp_path, link([(0, 0), (600, 0)]), ring, ring))
    assert len(streets.edges) == 2
    assert "negative minutes in both directions: 2." in streets.notices[-1]
    with pytest.raises(InputError, match="no link has minutes"):
        read_ruteplan(save(tmp_path, ring, name="rings.gpkg"))


def test_each_faulty_row_is_named(tmp_path: Path) -> None:
    line: Line = [(0, 0), (600, 0)]
    path = save(
        tmp_path,
        link(line, ONEWAY="BOTH"),
        link(line, FT_MINUTES=-0.5),
        link(line, TF_MINUTES=float("nan")),
        link(line, ONEWAY="FT", TF_MINUTES=float("nan")),
        link(line, ONEWAY=None),
        link(line, FT_MINUTES=float("inf")),
    )
    with pytest.raises(InputError) as caught:
        read_ruteplan(path)
    assert {fault.key for fault in caught.value.faults} == {
        "feature 1, ONEWAY", "feature 2, FT_MINUTES", "feature 3, TF_MINUTES", "feature 5, ONEWAY",
        "feature 6, FT_MINUTES",
    }  # fmt: skip


def test_missing_columns_and_wrong_shapes(tmp_path: Path) -> None:
    road = link([(0, 0), (600, 0)])
    del road["ONEWAY"], road["TF_MINUTES"]
    with pytest.raises(InputError) as caught:
        read_ruteplan(save(tmp_path, road))
    assert {fault.key for fault in caught.value.faults} == {"ONEWAY", "TF_MINUTES"}
    point = {**link([(0, 0), (600, 0)]), "geometry": Point(X, Y)}
    with pytest.raises(InputError, match="is a Point; expected LineString"):
        read_ruteplan(save(tmp_path, point, name="points.gpkg"))
    with pytest.raises(InputError, match="no such file"):
        read_ruteplan(tmp_path / "none.gpkg")
