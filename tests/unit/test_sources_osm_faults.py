"""OpenStreetMap files that are empty, cut, wrong or odd: a named error or a notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from navplan.errors import InputError
from navplan.sources import read_osm
from tests.osm_files import CRS, ROAD, pairs, row_of_nodes, write_osm

osmium = pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

HEAD = "<osm version='0.6'>"
TWO = "<node id='1' version='1' lon='15' lat='60'/><node id='2' version='1' lon='15.01' lat='60'/>"
STREET = (
    "<way id='1' version='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='residential'/></way>"
)


def save(folder: Path, content: str | bytes, name: str = "map.osm") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def pbf(folder: Path) -> bytes:
    source = write_osm(folder, row_of_nodes(500), [([i, i + 1], ROAD) for i in range(1, 500)])
    target = folder / "whole.osm.pbf"
    with osmium.SimpleWriter(str(target)) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
    return target.read_bytes()


@pytest.mark.parametrize("content", [b"", b"no map at all", b"PK\x03\x04", b"\0" * 100])
def test_what_is_no_pbf_is_named(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match=r"x.osm.pbf: cannot be read as OpenStreetMap data"):
        read_osm(save(tmp_path, content, "x.osm.pbf"), crs=CRS)


def test_cut_pbf_is_named(tmp_path: Path) -> None:
    whole = pbf(tmp_path)
    for share in (0.3, 0.6, 0.95):
        with pytest.raises(InputError, match="cannot be read as OpenStreetMap data"):
            read_osm(save(tmp_path, whole[: int(len(whole) * share)], "cut.osm.pbf"), crs=CRS)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "cannot be read"),
        ("<osm version='0.6'>", "cannot be read"),
        ("<html/>", "cannot be read"),
        (f"{HEAD}</osm>", "holds no street and no ferry"),
        (f"{HEAD}{TWO}</osm>", "holds no street and no ferry"),
        (f"{HEAD}{STREET}</osm>", "hardly any of these has a place"),
        (f"{HEAD}{STREET}{TWO}</osm>", "hardly any of these has a place"),
        (HEAD + TWO.replace("'15'", "'NaN'") + STREET + "</osm>", "cannot be read"),
        (HEAD + TWO.replace("'15'", "'200'") + STREET + "</osm>", "hardly any of these"),
        (HEAD + TWO.replace(" lon='15'", "") + STREET + "</osm>", "hardly any of these"),
        (
            HEAD + (TWO + STREET).replace("'1'/", "'-1'/").replace("id='1' version='1' lon",
            "id='-1' version='1' lon") + "</osm>", "hardly any of these",
        ),
    ],
)  # fmt: skip
def test_files_without_a_street_to_use(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_osm(save(tmp_path, content), crs=CRS)


def test_a_file_of_streets_closed_to_all(tmp_path: Path) -> None:
    path = write_osm(tmp_path, row_of_nodes(2), [([1, 2], {**ROAD, "access": "no"})])
    with pytest.raises(InputError, match="holds no street and no ferry"):
        read_osm(path, crs=CRS)


def test_folder_and_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.osm.pbf"):
        with pytest.raises(InputError, match="there is no such file"):
            read_osm(path, crs=CRS)


def test_history_file(tmp_path: Path) -> None:
    content = f"{HEAD}{TWO}{STREET}</osm>".replace("version='1'", "version='1' visible='true'")
    with pytest.raises(InputError, match="is a history file"):
        read_osm(save(tmp_path, content, "map.osh"), crs=CRS)


def test_ways_are_cut_where_nodes_are_missing(tmp_path: Path) -> None:
    nodes = {node: place for node, place in row_of_nodes(7).items() if node != 3}
    path = write_osm(tmp_path, nodes, [([1, 2, 3, 4, 5], ROAD), ([6, 3, 7], ROAD), ([5, 6], ROAD)])
    streets = read_osm(path, crs=CRS)
    assert pairs(streets, "car") == {("1", "2"), ("2", "1"), ("4", "6"), ("6", "4")}
    assert streets.notices == ("Ways cut where their nodes are missing or have no place: 2.",)


def test_nodes_in_a_row_twice_count_once(tmp_path: Path) -> None:
    path = write_osm(tmp_path, row_of_nodes(3), [([1, 1, 2, 2, 3, 3], ROAD), ([2, 2], ROAD)])
    streets = read_osm(path, crs=CRS)
    assert pairs(streets, "car") == {("1", "3"), ("3", "1")}


def test_ways_twice_in_a_file_count_once(tmp_path: Path) -> None:
    streets = read_osm(save(tmp_path, f"{HEAD}{TWO}{STREET}{STREET}</osm>"), crs=CRS)
    assert len(streets.edges) == 2
    assert streets.notices == ("Ways that stand twice in the file and count once: 1.",)


def test_two_nodes_at_one_place(tmp_path: Path) -> None:
    nodes = {1: (15.0, 60.0), 2: (15.0, 60.0), 3: (15.001, 60.0)}
    streets = read_osm(write_osm(tmp_path, nodes, [([1, 2], ROAD), ([2, 3], ROAD)]), crs=CRS)
    assert streets.edges["length_m"].sum() == pytest.approx(2 * 55.8, abs=0.2)


@pytest.mark.parametrize(
    ("bbox", "words"),
    [
        ((16.0, 59.0, 14.0, 61.0), "west 16 is not west of 14"),
        ((14.0, 61.0, 16.0, 59.0), "south 61 is not south of 59"),
        ((14.0, 59.0, 14.0, 61.0), "west 14 is not west of 14"),
        ((500_000.0, 6_600_000.0, 510_000.0, 6_610_000.0), "is not in degrees"),
        ((float("nan"), 59.0, 16.0, 61.0), "is not in degrees"),
        ((59.0, 14.0, 61.0, 16.0), r"its streets lie in 15.0010, 60.0000, 15.0030, 60.0000"),
    ],
)
def test_boxes(tmp_path: Path, bbox: tuple[float, float, float, float], words: str) -> None:
    path = write_osm(tmp_path, row_of_nodes(3), [([1, 2, 3], ROAD)])
    with pytest.raises(InputError, match=words):
        read_osm(path, crs=CRS, bbox=bbox)


def test_both_corners_wrong_come_together(tmp_path: Path) -> None:
    path = write_osm(tmp_path, row_of_nodes(3), [([1, 2, 3], ROAD)])
    with pytest.raises(InputError) as caught:
        read_osm(path, crs=CRS, bbox=(16.0, 61.0, 14.0, 59.0))
    assert [fault.key for fault in caught.value.faults] == ["west, east", "south, north"]


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ("EPSG:4326", "is in degrees; metres are needed"),
        ("EPSG:999999", "is no coordinate system"),
        ("", "is no coordinate system"),
        ("EPSG:3857", "does not fit the place: way 1 gets a wrong length"),
        ("EPSG:2230", "does not fit the place"),  # California's, in feet
    ],
)
def test_systems_of_coordinates(tmp_path: Path, crs: str, words: str) -> None:
    path = write_osm(tmp_path, row_of_nodes(3), [([1, 2, 3], ROAD)])
    with pytest.raises(InputError, match=words):
        read_osm(path, crs=crs)


def test_streets_across_the_180th_meridian(tmp_path: Path) -> None:
    nodes = {1: (179.9995, -16.8), 2: (-179.9995, -16.8)}
    path = write_osm(tmp_path, nodes, [([1, 2], ROAD)])
    assert read_osm(path, crs="EPSG:3460").edges["length_m"].max() < 110
    for crs in ("EPSG:3857", "EPSG:3832"):
        try:
            edges = read_osm(path, crs=crs).edges
        except InputError as error:
            assert "does not fit the place" in str(error)  # noqa: PT017  either is right
        else:
            assert edges["length_m"].max() < 120
