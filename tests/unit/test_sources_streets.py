"""Timetables by codespace; streets by Geofabrik and by Overpass, the same; offices on the map."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from navplan.errors import FetchError, InputError
from navplan.network import read_gtfs
from navplan.sources import read_osm
from navplan.sources.clipping import clip_area, clip_osm
from navplan.sources.entur import codespaces_of, timetables
from navplan.sources.geofabrik import geofabrik
from navplan.sources.osm_offices import offices_in
from navplan.sources.overpass import overpass, query
from tests.osm_files import ROAD, Way, bans, pairs, row_of_nodes, write_osm
from tests.services import entur, osm
from tests.services.fixtures import WebOf
from tests.services.kartverket import KOMMUNER, X, Y
from tests.services.server import Reply, Request, Server

pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

HERE = gpd.GeoDataFrame(geometry=[KOMMUNER["1804"][2]], crs="EPSG:25833")
MAPS = {"geofabrik": osm.geofabrik, "overpass": osm.overpass}


@pytest.fixture
def area() -> shapely.Geometry:
    return clip_area(HERE, margin_m=2_000)


# --- Entur ---


FYLKER = ["03", "11", "15", "18", "31", "32", "33", "34", "39", "40", "42", "46", "50", "55", "56"]


def test_codespaces_come_from_the_fylke_or_are_all_of_norway() -> None:
    assert codespaces_of(["1804", "1840"])[0] == ("nor",)
    assert codespaces_of(["4601", "0301", "3203"])[0] == ("rut", "sky")
    assert codespaces_of(["5501", "5601"])[0] == ("fin", "tro")
    for fylke in FYLKER:  # all there are since 2024
        assert codespaces_of([f"{fylke}01"])[0] != ("norway",)
    found, (notice,) = codespaces_of(["1804", "3801", "3001"])
    assert found == ("norway",)
    assert "fylke 30, 38 is not known here" in notice
    assert "600 MB" in notice


def test_timetables_are_downloaded_once_each_and_can_be_read(web_of: WebOf) -> None:
    with Server({"entur": entur.answer}) as server:
        (feed, other) = timetables(web_of(server), ["nor", "sky", "nor"])
    assert feed.path.read_bytes() == entur.feed("nor")
    assert feed.source.sha256 == hashlib.sha256(entur.feed("nor")).hexdigest()
    assert feed.source.licence == "NLOD"
    assert other.source.address.endswith("/rb_sky-aggregated-gtfs.zip")
    assert len(read_gtfs(feed.path, dt.date(2026, 11, 24), crs="EPSG:25833").stops) == 2


def test_what_is_no_zip_is_refused(web_of: WebOf) -> None:
    def login(request: Request) -> Reply:
        return Reply(b"<html>Logg inn</html>", kind="text/html")

    with Server({"entur": login}) as server, pytest.raises(FetchError, match="is no zip file"):
        timetables(web_of(server), ["nor"])


@pytest.mark.parametrize(
    ("codespaces", "says"),
    [
        ([], "none is named"),
        (["Nor"], "is no codespace"),
        (["../nor"], "is no codespace"),
        (["nor", "norway"], "holds all the others"),
    ],
)
def test_codespaces_that_cannot_be_are_refused(
    web_of: WebOf, codespaces: list[str], says: str
) -> None:
    with Server({"entur": entur.answer}) as server:
        with pytest.raises(InputError, match=says):
            timetables(web_of(server), codespaces)
        assert server.asked == []


def test_a_codespace_that_entur_does_not_have_is_told(web_of: WebOf) -> None:
    with Server({"entur": entur.answer}) as server, pytest.raises(FetchError, match="xyz") as error:
        timetables(web_of(server), ["xyz"])
    assert error.value.status == 404


# --- streets ---


def test_geofabrik_and_overpass_give_the_same_streets(
    web_of: WebOf, tmp_path: Path, area: shapely.Geometry
) -> None:
    one, other = tmp_path / "one.osm.pbf", tmp_path / "other.osm.pbf"
    with Server(MAPS) as server:
        first = geofabrik(web_of(server), area, one)
        second = overpass(web_of(server), area, other)
    a, b = (read_osm(path, crs="EPSG:25833") for path in (one, other))
    assert a.digest == b.digest
    assert a.edges.drop(columns="geometry").equals(b.edges.drop(columns="geometry"))
    assert one.read_bytes() == other.read_bytes()
    assert first.licence == second.licence == "ODbL 1.0"
    assert first.attribution == second.attribution == "© OpenStreetMap contributors"
    assert first.sha256 != second.sha256


def test_what_touches_the_area_is_kept_whole_and_the_rest_left_out(
    web_of: WebOf, tmp_path: Path, area: shapely.Geometry
) -> None:
    path = tmp_path / "streets.osm.pbf"
    with Server(MAPS) as server:
        geofabrik(web_of(server), area, path)
    streets = read_osm(path, crs="EPSG:25833")
    ends = {name for pair in pairs(streets, "car") for name in pair}
    assert "2002" in ends  # 20 km beyond the margin, on a road that starts inside
    assert "2003" not in ends
    ferries = streets.edges[streets.edges["road_class"] == "ferry"]
    assert len(ferries) == 2  # both ways, known from its line alone
    assert set(ferries["crossing_min"]) == {10}
    assert streets.edges["signals"].sum() > 0
    assert any("1036" in name or "1037" in name for name in streets.nodes.index)  # the bollard
    assert {ban[1] for ban in bans(streets)} == {"1022"}
    assert not any("broken" in notice for notice in streets.notices)


def test_without_clipping_the_streets_inside_are_the_same(
    web_of: WebOf, tmp_path: Path, area: shapely.Geometry
) -> None:
    path = tmp_path / "streets.osm.pbf"
    with Server(MAPS) as server:
        geofabrik(web_of(server), area, path)
    whole = read_osm(osm.whole_map(tmp_path), crs="EPSG:25833")
    clipped = read_osm(path, crs="EPSG:25833")
    for mode in ("walk", "bicycle", "car"):
        assert pairs(whole, mode) - pairs(clipped, mode) == ({("2003", "2004"), ("2004", "2003")})
        assert pairs(clipped, mode) <= pairs(whole, mode)


def test_the_same_clip_gives_the_same_bytes_and_says_nothing_of_who_drew_it(
    tmp_path: Path, area: shapely.Geometry
) -> None:
    text = osm.whole_map(tmp_path).read_text(encoding="utf-8")
    signed = tmp_path / "signed.osm"
    signed.write_text(
        re.sub(r"version='1'", "version='3' user='Kari' uid='7' timestamp='2026-01-01T00:00:00Z'",
               text),
        encoding="utf-8",
    )  # fmt: skip
    found = []
    for number, name in enumerate(("map.osm", "map.osm", "signed.osm")):
        target = tmp_path / f"{number}.osm.pbf"
        clip_osm(tmp_path / name, target, area=area, form="osm")
        found.append(target.read_bytes())
    assert found[0] == found[1] == found[2]
    assert b"Kari" not in found[2]


def test_nothing_is_left_behind_and_an_old_file_stays_when_clipping_fails(
    tmp_path: Path, area: shapely.Geometry
) -> None:
    target = tmp_path / "out" / "streets.osm.pbf"
    target.parent.mkdir()
    target.write_bytes(b"old")
    osm.whole_map(tmp_path)
    whole = (tmp_path / "map.osm").read_bytes()
    (tmp_path / "half.osm").write_bytes(whole[: len(whole) // 2])
    far = box(5, 60, 5.1, 60.1)
    for name, where, says in (
        ("half.osm", area, "cannot be read as OpenStreetMap data"),
        ("map.osm", far, "holds no street in the area"),
        ("none.osm", area, "no such file"),
    ):
        with pytest.raises(InputError, match=says):
            clip_osm(tmp_path / name, target, area=where, form="osm")
        assert target.read_bytes() == b"old"
        assert list(target.parent.iterdir()) == [target]
    with pytest.raises(InputError, match="cannot be read as OpenStreetMap data"):
        clip_osm(tmp_path / "map.osm", target, area=area, form="pbf")


def test_a_way_with_missing_nodes_is_cut_there(tmp_path: Path) -> None:
    nodes = row_of_nodes(6)
    del nodes[3]
    ways: dict[int, Way] = {7: ([1, 2, 3, 4, 5], ROAD), 8: ([99, 98], ROAD)}
    source = write_osm(tmp_path, nodes, ways)
    target = tmp_path / "clip.osm.pbf"
    clip_osm(source, target, area=box(15.0, 59.9, 15.0015, 60.1), form="osm")
    streets = read_osm(target, crs="EPSG:25833")
    assert pairs(streets, "walk") == {("1", "2"), ("2", "1"), ("4", "5"), ("5", "4")}


def test_an_area_of_two_parts_keeps_the_streets_of_both(tmp_path: Path) -> None:
    ways: dict[int, Way] = {n: ([n, n + 1], ROAD) for n in range(1, 9)}
    source = write_osm(tmp_path, row_of_nodes(9), ways)
    target = tmp_path / "clip.osm.pbf"
    area = shapely.union(box(15.0005, 59, 15.0015, 61), box(15.0085, 59, 15.0095, 61))
    clip_osm(source, target, area=area, form="osm")
    kept = {int(way) for way in read_osm(target, crs="EPSG:25833").edges["way"]}
    assert kept == {1, 8}


def test_osmium_is_asked_for_by_name(
    tmp_path: Path, area: shapely.Geometry, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = osm.whole_map(tmp_path)
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(InputError, match=r"pip install 'navplan\[osm\]'"):
        clip_osm(source, tmp_path / "x.osm.pbf", area=area, form="osm")
    with pytest.raises(InputError, match=r"pip install 'navplan\[osm\]'"):
        offices_in(source)


def test_the_margin_is_in_metres() -> None:
    around = gpd.GeoSeries([clip_area(HERE, margin_m=1_000)], crs=4326).to_crs(25833).iloc[0]
    assert np.array(around.bounds) == pytest.approx(
        [X - 1_000, Y - 1_000, X + 21_000, Y + 21_000], abs=60
    )


# --- Overpass ---


def test_the_question_is_asked_once_in_degrees(
    web_of: WebOf, tmp_path: Path, area: shapely.Geometry
) -> None:
    with Server(MAPS) as server:
        overpass(web_of(server), area, tmp_path / "a.osm.pbf")
        overpass(web_of(server, offline=True), area, tmp_path / "b.osm.pbf")
        (asked,) = server.asked
    assert asked.method == "POST"
    assert asked.body.decode() == query(area)
    south, west, north, east = map(float, re.findall(r"\d+\.\d{6}", query(area))[:4])
    assert (west, south, east, north) == pytest.approx(tuple(shapely.bounds(area)), abs=1e-5)


def overpass_says(content: bytes) -> Callable[[Request], Reply]:
    return lambda request: Reply(content, kind="application/osm3s+xml")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'<osm><remark> runtime error: Query timed out in "query" </remark></osm>',
         "gave up half way: “runtime error: Query timed out"),
        (b"<html>busy</html>", "gave no whole OpenStreetMap file"),
        (b"<osm version='0.6'><node id='1'", "gave no whole OpenStreetMap file"),
    ],
)  # fmt: skip
def test_a_server_that_gave_up_is_found_out(
    web_of: WebOf, tmp_path: Path, area: shapely.Geometry, content: bytes, says: str
) -> None:
    target = tmp_path / "a.osm.pbf"
    with (
        Server({"overpass": overpass_says(content)}) as server,
        pytest.raises(FetchError, match=says),
    ):
        overpass(web_of(server), area, target)
    assert not target.exists()


def test_an_answer_that_failed_is_asked_for_again(
    web_of: WebOf, tmp_path: Path, area: shapely.Geometry
) -> None:
    busy = Reply(b"<osm><remark> busy </remark></osm>", kind="application/osm3s+xml")
    target = tmp_path / "a.osm.pbf"
    with Server(MAPS) as server:
        server.trouble("overpass", busy, busy)
        with pytest.raises(FetchError, match="gave up half way"):
            overpass(web_of(server), area, target)
        overpass(web_of(server), area, target)  # the failed answer is still in the cache
        assert len(server.asked) == 3
    assert target.is_file()


def test_an_area_too_large_for_overpass_is_refused_before_asking(
    web_of: WebOf, tmp_path: Path
) -> None:
    with Server(MAPS) as server:
        with pytest.raises(InputError, match="geofabrik"):
            overpass(web_of(server), box(5, 60, 12, 64), tmp_path / "a.osm.pbf")
        assert server.asked == []


# --- offices on the map ---


def test_offices_on_the_map_are_found_once_each(
    web_of: WebOf, tmp_path: Path, area: shapely.Geometry
) -> None:
    path = tmp_path / "streets.osm.pbf"
    with Server(MAPS) as server:
        geofabrik(web_of(server), area, path)
    found = offices_in(path)
    assert found[["name", "tagging", "street"]].to_dict("index") == {
        "node/4001": {
            "name": "NAV Eksempelvik", "tagging": "office=government", "street": "Prøvegata",
        },
        "node/4003": {
            "name": "Prøvebygd sosialtenester", "tagging": "amenity=social_facility", "street": "",
        },
    }  # fmt: skip
    assert (found.geometry.x.iloc[0] - X, found.geometry.y.iloc[0] - Y) == pytest.approx(
        (9_030, 9_010), abs=0.1
    )
    assert set(found["quality"]) == {"approximate"}
    assert set(offices_in(osm.whole_map(tmp_path)).index) == {
        "node/4001", "node/4003", "node/4004",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"name": "NAV Her", "office": "government"}, True),
        ({"name": "Nav", "government": "social_welfare"}, True),
        ({"name": "NAV-kontoret", "amenity": "social_facility"}, True),
        ({"name": "Rådhuset", "brand": "NAV", "office": "government"}, True),
        ({"name": "NAV Her", "office": "company"}, False),
        ({"name": "NAV Her", "amenity": "cafe"}, False),
        ({"name": "Navigasjon", "office": "government"}, False),
        ({"name": "Navet", "office": "government"}, False),
        ({"name": "Skatteetaten", "office": "government"}, False),
    ],
)
def test_which_tags_tell_of_nav(tmp_path: Path, tags: dict[str, str], expected: bool) -> None:
    path = write_osm(tmp_path, {1: (15.0, 60.0)}, {}, node_tags={1: tags})
    assert len(offices_in(path)) == expected


def test_a_building_stands_at_its_middle(tmp_path: Path) -> None:
    corners = {1: (15.0, 60.0), 2: (15.002, 60.0), 3: (15.002, 60.002), 4: (15.0, 60.002)}
    tags = {"name": "NAV Her", "office": "government"}
    path = write_osm(tmp_path, corners, {9: ([1, 2, 3, 4, 1], tags), 10: ([77, 78], tags)})
    found = offices_in(path, crs="EPSG:25833").to_crs(4326)
    assert list(found.index) == ["way/9"]
    assert (found.geometry.x.iloc[0], found.geometry.y.iloc[0]) == pytest.approx(
        (15.001, 60.001), abs=1e-7
    )
    with pytest.raises(InputError, match="no such file"):
        offices_in(tmp_path / "none.osm")
    (tmp_path / "bad.osm").write_text("<osm><node")
    with pytest.raises(InputError, match="cannot be read"):
        offices_in(tmp_path / "bad.osm")
