"""A study that reads its streets from an OpenStreetMap extract."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyproj import Transformer

import navplan as nav
from navplan.cli import main
from tests.osm_files import CRS, ROAD, write_osm
from tests.tiny_study import STUDY, TABLES, swap

osmium = pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

NODES = {i: (15.0 + 0.01 * i, 60.0) for i in range(1, 7)}  # 557 m apart on the 60th parallel
HOMES = {"p-a": 1, "p-b": 3, "p-c": 6}
SITES = {"a": 2, "b": 4, "c": 5, "halfway": 6}
_TO_METRES = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)


def moved(table: str, places: dict[str, int]) -> str:
    """The tiny study's table, its positions at nodes of the street."""
    header, *rows = TABLES[table].splitlines()
    x, y = header.split(",").index("x"), header.split(",").index("y")
    made = []
    for row in rows:
        values = row.split(",")
        east, north = _TO_METRES.transform(*NODES[places[values[0]]])
        values[x], values[y] = f"{east:.1f}", f"{north:.1f}"
        made.append(",".join(values))
    return "\n".join([header, *made]) + "\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Three villages along one street of OpenStreetMap."""
    folder = tmp_path / "town"
    folder.mkdir()
    write_osm(folder, NODES, [((1, 2, 3, 4, 5, 6), ROAD), ((4, 6), {"highway": "footway"})])
    tables = {k: v for k, v in TABLES.items() if k not in {"nodes.csv", "links.csv"}}
    tables["places.csv"] = moved("places.csv", HOMES)
    tables["offices.csv"] = moved("offices.csv", SITES)
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    streets = swap('nodes = "nodes.csv"\nlinks = "links.csv"', 'osm = "map.osm"')
    (folder / "study.toml").write_text(streets(STUDY), encoding="utf-8")
    return folder


def test_minutes_are_those_of_the_street(town: Path) -> None:
    study = nav.open_study(town, cache=False)
    walk = study.travel_times("walk").minutes
    metres = study.ways.streets.edges["length_m"]
    assert metres.max() < 1800
    # three steps of 0.01° on the 60th parallel at 1.25 m/s
    assert walk.loc["p-a", "b"] == pytest.approx(3 * 557.0 / 1.25 / 60, rel=0.01)
    assert not study.notices
    assert set(study.inputs.digests) >= {"map.osm", "places.csv"}


def test_check_run_locate_and_report(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(town.parent / "cache"))
    out = town.parent / "out"

    def call(*words: str | Path) -> str:
        ended = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
        assert ended.exit_code == 0, ended.stderr
        return ended.stdout

    assert "No faults." in call("check", town)
    call("run", town, "--out", out)
    assert json.loads(call("locate", town, "--offices", "2", "--json"))["gap"] == 0
    call("report", town, "--out", out, "--language", "en")
    page = (out / "report-en.html").read_text(encoding="utf-8")
    assert "OpenStreetMap contributors" in page


def test_a_place_far_from_every_street_is_told(town: Path) -> None:
    x, y = _TO_METRES.transform(*NODES[1])
    table = (town / "places.csv").read_text(encoding="utf-8")
    (town / "places.csv").write_text(
        table.replace(f"{x:.1f},{y:.1f}", f"{x:.1f},{y + 1500:.1f}"), encoding="utf-8"
    )
    notices = " ".join(nav.open_study(town, cache=False).notices)
    assert "Avik (p-a) is joined to the nearest street, 150" in notices


def test_nothing_within_reach_has_no_time(town: Path) -> None:
    x, y = _TO_METRES.transform(*NODES[1])
    table = (town / "places.csv").read_text(encoding="utf-8")
    (town / "places.csv").write_text(
        table.replace(f"{x:.1f},{y:.1f}", f"{x:.1f},{y + 9000:.1f}"), encoding="utf-8"
    )
    notices = " ".join(nav.open_study(town, cache=False).notices)
    assert "Avik (p-a) has no street near enough: no travel time in any mode." in notices


def test_an_id_like_that_of_a_node_is_no_node(town: Path) -> None:
    for name in ("places.csv", "people.csv"):
        text = (town / name).read_text(encoding="utf-8")
        (town / name).write_text(text.replace("p-c,", "1,"), encoding="utf-8")
    walk = nav.open_study(town, cache=False).travel_times("walk").minutes
    assert walk.loc["1", "halfway"] < 1  # it lies at node 6, not at node 1


BAD = {
    "both": (
        'osm = "map.osm"\nlinks = "links.csv"',
        ["streets.links: stands beside osm: there would be two networks. Keep one of them."],
    ),
    "none": ("", ["streets.nodes: is missing. Add it, or osm = …", "streets.links: is missing."]),
    "one table": ('nodes = "nodes.csv"', ["streets.links: is missing."]),
    "heights alone": (
        'nodes = "n.csv"\nlinks = "l.csv"\nheights = "dem.tif"',
        ["streets.heights: is for an OpenStreetMap extract"],
    ),
    "no file": ('osm = "gone.osm.pbf"', ["gone.osm.pbf: there is no such file in town/."]),
    "outside": ('osm = "../map.osm"', ["lies outside the study's folder"]),
    "no heights": ('osm = "map.osm"\nheights = "dem.tif"', ["dem.tif: there is no such file."]),
}


@pytest.mark.parametrize(("streets", "told"), BAD.values(), ids=list(BAD))
def test_what_cannot_be_read_is_told(town: Path, streets: str, told: list[str]) -> None:
    text = (town / "study.toml").read_text(encoding="utf-8")
    (town / "study.toml").write_text(swap('osm = "map.osm"', streets)(text), encoding="utf-8")
    with pytest.raises(nav.InputError) as caught:
        nav.open_study(town)
    for part in told:
        assert part in str(caught.value)


def test_a_broken_extract_is_told(town: Path) -> None:
    (town / "map.osm").write_text("<osm version='0.6'><node", encoding="utf-8")
    with pytest.raises(nav.InputError, match=r"map\.osm"):
        nav.open_study(town)


def test_existing_offices_stand_for_today(town: Path) -> None:
    text = (town / "study.toml").read_text(encoding="utf-8")
    change = swap('offices = ["a", "b", "c"]', 'offices = "existing"')
    (town / "study.toml").write_text(change(text), encoding="utf-8")
    study = nav.open_study(town, cache=False)
    assert dict(study.scenario("three").allocation) == {"Avik": "a", "Bnes": "b", "Cdal": "c"}
    offices = (town / "offices.csv").read_text(encoding="utf-8")
    (town / "offices.csv").write_text(
        swap("Halvvegs,possible", "Halvvegs,office")(offices), encoding="utf-8"
    )
    study = nav.open_study(town, cache=False)
    assert study.scenario("three").offices == ("a", "b", "c", "halfway")
    assert study.scenario("three").allocation["Cdal"] == "nearest"
    assert study.profile("walk").date == dt.date(2026, 1, 13)
