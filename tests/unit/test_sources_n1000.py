"""N1000's links: classes, closures, ferries; on a handful of made-up roads."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString

from navplan.errors import InputError, NavplanWarning
from navplan.nouns import Streets
from navplan.sources import read_n1000
from navplan.sources.ferries import (
    CAR_FERRY_HEADWAY_MIN,
    CAR_FERRY_KM_H,
    PASSENGER_FERRY_HEADWAY_MIN,
)

X, Y = -32_000.0, 6_733_000.0

Row = tuple[str, str | None, str | None, str | None, str | None, list[tuple[float, float]]]


def road(points: list[tuple[float, float]], kind: str = "F", motor: str | None = None,
         medium: str = "T", phase: str = "V") -> Row:  # fmt: skip
    return ("enkelBilveg", kind, motor, medium, phase, points)


def boat(points: list[tuple[float, float]], kind: str = "bilferje") -> Row:
    return (kind, None, None, None, None, points)


def save(folder: Path, *rows: Row, crs: str = "EPSG:25833") -> Path:
    names = ("typeVeg", "vegkategori", "motorvegtype", "medium", "vegfase")
    lines = [LineString([(X + x, Y + y) for x, y in row[5]]) for row in rows]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    path = folder / "roads.gpkg"
    gpd.GeoDataFrame(columns, geometry=lines, crs=crs).to_file(path, layer="roads")
    return path


def edge(
    streets: Streets, tail: tuple[float, float], head: tuple[float, float]
) -> dict[str, object]:
    """The one edge from a point to another."""
    names = [f"n{round(X + x)}-{round(Y + y)}" for x, y in (tail, head)]
    at = streets.nodes.index.get_indexer(names)
    assert (at >= 0).all(), f"no node at {tail} or {head}"
    found = streets.edges[(streets.edges["tail"] == at[0]) & (streets.edges["head"] == at[1])]
    assert len(found) == 1
    return dict(found.iloc[0])


@pytest.mark.parametrize(
    ("row", "road_class", "structure", "on_foot"),
    [
        (road([(0, 0), (900, 0)], "E", "motorveg"), "motorway", "open", False),
        (road([(0, 0), (900, 0)], "R", "motortrafikkveg", "L"), "expressway", "bridge", False),
        (road([(0, 0), (900, 0)], "E", "IkkeMotorveg"), "trunk", "open", True),
        (road([(0, 0), (900, 0)], "R"), "trunk", "open", True),
        (road([(0, 0), (900, 0)], "F"), "secondary", "open", True),
        (road([(0, 0), (900, 0)], "F", medium="U"), "secondary", "tunnel", False),
        (road([(0, 0), (900, 0)], "K"), "local", "open", True),
        (road([(0, 0), (900, 0)], "P", medium="L"), "local", "bridge", True),
    ],
)
def test_class_structure_and_closures(
    tmp_path: Path, row: Row, road_class: str, structure: str, on_foot: bool
) -> None:
    streets = read_n1000(save(tmp_path, row))
    for ends in (((0, 0), (900, 0)), ((900, 0), (0, 0))):
        found = edge(streets, *ends)
        assert (found["road_class"], found["structure"]) == (road_class, structure)
        assert (found["walk"], found["bicycle"], found["car"]) == (on_foot, on_foot, True)
        assert found["length_m"] == pytest.approx(900)


def test_paths_are_closed_to_cars_and_plans_and_tracks_left_out(tmp_path: Path) -> None:
    path = ("sti", None, None, None, None, [(0.0, 0.0), (500.0, 0.0)])
    track = ("barmarksløype", None, None, None, None, [(0.0, 0.0), (0.0, 500.0)])
    plan = road([(500, 0), (500, 900)], phase="P")
    streets = read_n1000(save(tmp_path, path, track, plan, road([(500, 0), (900, 0)])))
    assert len(streets.edges) == 4
    found = edge(streets, (0, 0), (500, 0))
    assert (found["road_class"], found["walk"], found["car"]) == ("path", True, False)


def test_geometry_runs_from_tail_to_head(tmp_path: Path) -> None:
    streets = read_n1000(save(tmp_path, road([(0, 0), (300, 400), (900, 0)])))
    at = streets.nodes.geometry.to_numpy()
    for row in streets.edges.itertuples():
        assert row.geometry.coords[0] == (at[row.tail].x, at[row.tail].y)
        assert row.geometry.coords[-1] == (at[row.head].x, at[row.head].y)


def test_ferry_in_two_links_waits_once(tmp_path: Path) -> None:
    rows = [
        road([(-900, 0), (0, 0)]),
        boat([(0, 0), (5000, 0)]),
        boat([(9000, 0), (5000, 0)]),  # drawn the other way round
        road([(9000, 0), (9900, 0)]),
    ]
    streets = read_n1000(save(tmp_path, *rows))
    ferries = streets.edges[streets.edges["structure"] == "ferry"]
    assert len(ferries) == 2
    found = edge(streets, (0, 0), (9000, 0))
    assert found["length_m"] == pytest.approx(9000)
    assert found["crossing_min"] == pytest.approx(9 / CAR_FERRY_KM_H * 60)
    assert found["headway_min"] == CAR_FERRY_HEADWAY_MIN
    assert found["car"]


def test_a_call_on_the_way_means_another_ship(tmp_path: Path) -> None:
    rows = [
        road([(-900, 0), (0, 0)]),
        boat([(0, 0), (5000, 0)]),
        road([(5000, 0), (5000, 900)]),  # an island with a quay
        boat([(5000, 0), (9000, 0)]),
        road([(9000, 0), (9900, 0)]),
    ]
    streets = read_n1000(save(tmp_path, *rows))
    assert (streets.edges["structure"] == "ferry").sum() == 4
    with pytest.raises(AssertionError):
        edge(streets, (0, 0), (9000, 0))


def test_three_branches_at_sea_tie_every_two_quays(tmp_path: Path) -> None:
    rows = [
        road([(-900, 0), (0, 0)]),
        road([(8000, 0), (8900, 0)]),
        road([(4000, 3000), (4000, 3900)]),
        *(boat([(4000, 0), end]) for end in [(0.0, 0.0), (8000.0, 0.0), (4000.0, 3000.0)]),
    ]
    streets = read_n1000(save(tmp_path, *rows))
    ferries = streets.edges[streets.edges["structure"] == "ferry"]
    assert sorted(ferries["length_m"].round()) == [7000, 7000, 7000, 7000, 8000, 8000]


def test_quay_near_a_road_is_joined_and_a_far_one_told(tmp_path: Path) -> None:
    near = [road([(-900, 0), (0, 0)]), boat([(0, 0), (5000, 0)]), road([(5231, 0), (6000, 0)])]
    found = edge(read_n1000(save(tmp_path, *near)), (5000, 0), (5231, 0))
    assert (found["structure"], found["road_class"]) == ("connector", "local")
    assert found["length_m"] == pytest.approx(231 * 1.2)
    far = [road([(-900, 0), (0, 0)]), boat([(0, 0), (5000, 0)]), road([(5501, 0), (6000, 0)])]
    with pytest.warns(NavplanWarning, match="1 quays lie more than 500 m from every road"):
        read_n1000(save(tmp_path, *far))


def test_passenger_boat_is_closed_to_cars(tmp_path: Path) -> None:
    rows = [road([(-900, 0), (0, 0)]), boat([(0, 0), (5000, 0)], "passasjerferje"),
            road([(5000, 0), (6000, 0)])]  # fmt: skip
    found = edge(read_n1000(save(tmp_path, *rows)), (0, 0), (5000, 0))
    assert (found["car"], found["walk"]) == (False, True)


def test_passenger_boat_goes_on_over_links_of_a_car_ferry(tmp_path: Path) -> None:
    rows = [
        road([(-900, 0), (0, 0)]),
        road([(8000, 0), (8900, 0)]),
        road([(4000, 3000), (4000, 3900)]),
        boat([(0, 0), (4000, 0)]),
        boat([(4000, 0), (8000, 0)]),
        boat([(4000, 0), (4000, 3000)], "passasjerferje"),
    ]
    streets = read_n1000(save(tmp_path, *rows))
    to_island = edge(streets, (0, 0), (4000, 3000))
    assert (to_island["walk"], to_island["car"]) == (True, False)
    assert to_island["headway_min"] == PASSENGER_FERRY_HEADWAY_MIN
    assert edge(streets, (0, 0), (8000, 0))["car"]


def test_box_keeps_what_touches_it(tmp_path: Path) -> None:
    path = save(tmp_path, road([(0, 0), (900, 0)]), road([(900, 0), (2000, 0)]))
    assert len(read_n1000(path, box=(X - 10, Y - 10, X + 100, Y + 10)).edges) == 2
    with pytest.raises(InputError, match="no road link lies in the box"):
        read_n1000(path, box=(5.0, 60.0, 6.0, 61.0))


def test_faults_of_the_file_come_together(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    line = LineString([(5.3, 60.3), (5.4, 60.3)])
    gpd.GeoDataFrame({"typeVeg": ["enkelBilveg"]}, geometry=[line], crs="EPSG:4326").to_file(path)
    with pytest.raises(InputError) as caught:
        read_n1000(path)
    assert {fault.key for fault in caught.value.faults} == {
        "vegkategori", "motorvegtype", "medium", "vegfase", "crs",
    }  # fmt: skip
    with pytest.raises(InputError, match="no such file"):
        read_n1000(tmp_path / "no.gpkg")
    with pytest.raises(InputError, match="'X' is not known"):
        read_n1000(save(tmp_path, road([(0, 0), (9, 0)], "X")))
