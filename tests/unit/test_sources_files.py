"""Tables and layers that planners really send."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point, Polygon

from navplan.sources import read_layer, read_table
from navplan.tables import NODES, PEOPLE, PLACES

HEADER = "id,x,y,source,date,quality"
ROW = "j1,100,200,hand,2026,approximate"


def write(folder: Path, text: str | bytes, name: str = "nodes.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_sound_table_has_the_schemas_types(tmp_path: Path) -> None:
    table, faults = read_table(write(tmp_path, f"{HEADER}\n{ROW}\n\n"), NODES)
    assert faults == []
    assert table.to_dict("records") == [
        {"id": "j1", "x": 100.0, "y": 200.0, "source": "hand", "date": "2026",
         "quality": "approximate"}
    ]  # fmt: skip
    assert table["x"].dtype == float


def test_byte_order_mark_and_crlf_are_harmless(tmp_path: Path) -> None:
    text = "\ufeff" + f"{HEADER}\r\n {ROW} \r\n"
    table, faults = read_table(write(tmp_path, text), NODES)
    assert faults == []
    assert list(table["id"]) == ["j1"]
    assert list(table["quality"]) == ["approximate"]


def test_leading_zeros_of_codes_stay(tmp_path: Path) -> None:
    text = "id,name,area,kommune,x,y,source,date,quality\np,Å,Oslo,0301,1,2,s,2018,official\n"
    table, faults = read_table(write(tmp_path, text), PLACES)
    assert faults == []
    assert table["kommune"].iloc[0] == "0301"


@pytest.mark.parametrize(
    ("content", "key", "words"),
    [
        (f"{HEADER}\n{ROW}".replace(",", ";"), "row 1", "semicolons"),
        (f"{HEADER}\n{ROW}".replace(",", "\t"), "row 1", "tabs"),
        (f"{HEADER}\nÅrstad,1,2,hand,2026,approximate".encode("latin-1"), "row 2", "'Årstad"),
        (f"{HEADER}\n{ROW}".encode("utf-16"), "", "UTF-16"),
        (b"PK\x03\x04rest", "", "workbook"),
        (f"{HEADER}\nj\0,1,2,hand,2026,approximate", "row 2", "NUL"),
        ("", "", "is empty"),
        (f"{HEADER}\n{ROW},more\n{ROW}", "row 2", "has 7 values; the header has 6"),
        (f"{HEADER}\n{ROW}\n\n{ROW}", "row 3", "is empty; the header has 6"),
        (f"{HEADER},x\n{ROW},1", "row 1, x", "more than once"),
        (f"{HEADER},\n{ROW},", "row 1, column 7", "has no name"),
        (f'{HEADER}\n"j1,1,2', "", "cannot be split"),
        (f'{HEADER}\nj1,"1 234,5",2,hand,2026,approximate', "row 2, x", "decimal comma"),
        (f"{HEADER}\nj1,inf,2,hand,2026,approximate", "row 2, x", "no number"),
        (f"{HEADER}\nj1,,2,hand,2026,approximate", "row 2, x", "is empty"),
        (f"{HEADER}\nj1,1_000,2,hand,2026,approximate", "row 2, x", "no number"),
        (f"{HEADER}\nj1,ten,2,hand,2026,approximate", "row 2, x", "no number"),
    ],
)
def test_each_fault_says_where_and_what(
    tmp_path: Path, content: str | bytes, key: str, words: str
) -> None:
    _, faults = read_table(write(tmp_path, content), NODES)
    assert [(fault.where, fault.key) for fault in faults] == [("nodes.csv", key)]
    assert words in faults[0].problem
    assert faults[0].remedy


def test_all_faults_of_a_table_come_together(tmp_path: Path) -> None:
    text = "place,year,alternative,age,people,source,date,quality\n"
    text += "p,2018,actual,0-17,-3,s,2018,official\n"
    text += "p,2018,actual,18-24,,s,2018,official\n"
    text += 'p,2018,actual,25-44,"1,5",s,2018,guess\n'
    _, faults = read_table(write(tmp_path, text, "people.csv"), PEOPLE)
    assert {fault.key: fault.problem.split(" ")[0] for fault in faults} == {
        "row 2, people": "-3",
        "row 3, people": "is",
        "row 4, people": "'1,5'",
        "row 4, quality": "'guess'",
    }


def test_absent_file_and_folder(tmp_path: Path) -> None:
    assert "no such file" in read_table(tmp_path / "no.csv", NODES)[1][0].problem
    assert "is a folder" in read_table(tmp_path, NODES)[1][0].problem


def points(*at: tuple[float, float], crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": [str(i) for i in range(len(at))]}, geometry=[Point(p) for p in at], crs=crs
    )


def save(frame: gpd.GeoDataFrame, folder: Path, name: str = "a.gpkg") -> Path:
    frame.to_file(folder / name)
    return folder / name


def test_layer_is_reprojected(tmp_path: Path) -> None:
    layer, faults = read_layer(save(points((5.33, 60.39)), tmp_path), crs="EPSG:25833")
    assert faults == []
    assert layer.crs.to_epsg() == 25833
    # Bergen lies at about -32 km east, 6 733 km north in zone 33.
    assert abs(layer.geometry.x.iloc[0] + 32_000) < 2_000
    assert abs(layer.geometry.y.iloc[0] - 6_734_000) < 3_000


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (points((60.39, 5.33)), "swapped"),
        (points((-32_000, 6_733_000)), "metres, but the file says degrees"),
        (points((5.33, 60.39), crs="EPSG:25833"), "degrees, but the file says metres"),
        (points((24.9, -10.0)), "outside the area"),
    ],
)
def test_positions_that_cannot_be(tmp_path: Path, frame: gpd.GeoDataFrame, words: str) -> None:
    _, faults = read_layer(save(frame, tmp_path), crs="EPSG:25833")
    assert [fault.key for fault in faults] == ["feature 1"]
    assert words in faults[0].problem


def test_wrong_zone_is_noticed_with_a_narrow_box(tmp_path: Path) -> None:
    zone_32 = points((297_000, 6_700_000), crs="EPSG:25833")  # Bergen's numbers in zone 32
    _, faults = read_layer(save(zone_32, tmp_path), crs="EPSG:25833", within=(4.5, 59.5, 7.0, 61.0))
    assert "outside the area" in faults[0].problem


def test_layer_faults_come_together(tmp_path: Path) -> None:
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    frame = gpd.GeoDataFrame({"a": [1, 2, 3]}, geometry=[bow, Point(5, 60), None], crs="EPSG:4326")
    path = save(frame, tmp_path)
    _, faults = read_layer(path, crs="EPSG:25833", columns=["name"], geometry=["Polygon"])
    assert [fault.key for fault in faults] == ["name", "feature 1", "feature 2", "feature 3"]


def test_layer_without_crs_and_layers_by_name(tmp_path: Path) -> None:
    frame = points((5.33, 60.39), crs="EPSG:4326")
    path = tmp_path / "two.gpkg"
    frame.to_file(path, layer="a")
    frame.to_file(path, layer="b")
    assert "2 layers: a, b" in read_layer(path, crs="EPSG:25833")[1][0].problem
    assert "no layer 'c'" in read_layer(path, crs="EPSG:25833", layer="c")[1][0].problem
    assert read_layer(path, crs="EPSG:25833", layer="b")[1] == []
    (tmp_path / "broken.geojson").write_text("{")
    assert (
        "cannot be read" in read_layer(tmp_path / "broken.geojson", crs="EPSG:25833")[1][0].problem
    )
    assert "no such file" in read_layer(tmp_path / "none.gpkg", crs="EPSG:25833")[1][0].problem


def test_layer_without_a_coordinate_system(tmp_path: Path) -> None:
    path = save(points((5.33, 60.39)), tmp_path, "a.shp")
    path.with_suffix(".prj").unlink()
    assert [fault.key for fault in read_layer(path, crs="EPSG:25833")[1]] == ["crs"]
