"""Every client under faults of its service: a sentence, or the same as in fair weather."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from navplan.errors import FetchError, NavplanError
from navplan.sources.addresses import geocode
from navplan.sources.clipping import clip_area
from navplan.sources.entur import timetables
from navplan.sources.geofabrik import geofabrik
from navplan.sources.geonorge import grunnkretser
from navplan.sources.kommuneinfo import borders, kommune_at
from navplan.sources.overpass import overpass
from navplan.sources.place_names import places_named
from navplan.sources.ssb_map import grid_1km
from navplan.sources.web import Web
from tests.services import entur, kartverket, osm, ssb_map
from tests.services.fixtures import WebOf
from tests.services.kartverket import KOMMUNER, X, Y
from tests.services.server import Server

pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

AREA = clip_area(gpd.GeoDataFrame(geometry=[KOMMUNER["1804"][2]], crs="EPSG:25833"), margin_m=2_000)
OFFICES = pd.DataFrame({"street": ["Prøvegata"], "number": ["3"], "postcode": ["8099"]}, ["A"])
Ask = Callable[[Web, Path], Any]
CLIENTS: dict[str, tuple[str, Ask]] = {
    "borders": ("kommuneinfo", lambda web, path: borders(web, ["1804"])[0].to_wkt()),
    "kommune_at": ("kommuneinfo", lambda web, path: kommune_at(web, X + 9, Y + 9)[:2]),
    "geocode": ("addresses", lambda web, path: geocode(web, OFFICES)[0].to_wkt()),
    "places_named": ("place-names", lambda web, path: places_named(web, "Prøvenes")[0].to_wkt()),
    "grunnkretser": ("geonorge", lambda web, path: grunnkretser(web, {"4601": "Ø"})[0].to_wkt()),
    "grid_1km": ("ssb-map", lambda web, path: grid_1km(web)[0].to_wkt()),
    "timetables": ("entur", lambda web, path: timetables(web, ["nor"])[0].path.read_bytes()),
    "geofabrik": ("geofabrik", lambda web, path: (geofabrik(web, AREA, path), path.read_bytes())),
    "overpass": ("overpass", lambda web, path: (overpass(web, AREA, path), path.read_bytes())),
}
SERVICES = {
    **kartverket.services(),
    "ssb-map": ssb_map.answer,
    "entur": entur.answer,
    "geofabrik": osm.geofabrik,
    "overpass": osm.overpass,
}
LASTING = (403, 404, 500, "half", "garbage", "empty")


def equal(one: Any, other: Any) -> bool:
    return bool(one.equals(other)) if isinstance(one, pd.DataFrame) else one == other


@pytest.mark.parametrize("name", CLIENTS)
def test_faults_that_pass_change_nothing(name: str, web_of: WebOf, tmp_path: Path) -> None:
    service, ask = CLIENTS[name]
    target = tmp_path / "streets.osm.pbf"
    with Server(SERVICES) as server:
        fair = ask(web_of(server, cache=tmp_path / "fair"), target)
        for trouble in (429, 500, "half", "empty", "drop"):
            server.trouble(service, trouble)
            web = web_of(server, cache=tmp_path / str(trouble))
            assert equal(ask(web, target), fair), trouble


@pytest.mark.parametrize("name", CLIENTS)
def test_faults_that_stay_are_a_sentence_and_leave_no_file(
    name: str, web_of: WebOf, tmp_path: Path
) -> None:
    service, ask = CLIENTS[name]
    folder = tmp_path / "study"
    folder.mkdir()
    with Server(SERVICES) as server:
        for trouble in LASTING:
            server.trouble(service, *[trouble] * 40)
            web = web_of(server, cache=tmp_path / str(trouble))
            with pytest.raises(NavplanError) as caught:
                ask(web, folder / "streets.osm.pbf")
            text = str(caught.value)
            assert len(text) > 40, (trouble, text)
            assert "Traceback" not in text
            assert list(folder.iterdir()) == []
            server._troubles.clear()


@pytest.mark.parametrize("name", CLIENTS)
def test_offline_everything_fetched_is_there_and_nothing_else(
    name: str, web_of: WebOf, tmp_path: Path
) -> None:
    _, ask = CLIENTS[name]
    target = tmp_path / "streets.osm.pbf"
    with Server(SERVICES) as server:
        with pytest.raises(FetchError, match="offline"):
            ask(web_of(server, offline=True), target)
        fair = ask(web_of(server), target)
        before = len(server.asked)
        assert equal(ask(web_of(server, offline=True), target), fair)
        assert len(server.asked) == before
