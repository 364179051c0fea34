"""All services at once, for the whole way from a new study to its report: kommune 1804, made up."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from pyproj.enums import TransformDirection

from navplan.study import new_study
from tests.services import entur, kartverket, klass, osm, ssb, ssb_map
from tests.services.kartverket import TO_DEGREES, X, Y
from tests.services.server import Answer

TODAY = dt.date(2026, 11, 22)
CITY = (-40_000, 6_720_000)
"""The corner of 4601 [m]."""


def services() -> dict[str, Answer]:
    return {
        **kartverket.services(),
        "ssb": ssb.answer,
        "ssb-map": ssb_map.answer,
        "klass": klass.answer,
        "entur": entur.answer,
        "geofabrik": osm.geofabrik,
        "overpass": osm.overpass,
    }


def new_town(folder: Path, *changes: tuple[str, str], kommune: str = "1804") -> Path:
    """A new study of the made-up kommune, with changes made to its study file."""
    made = new_study("town", folder=folder, kommuner=[kommune], today=TODAY)
    text = (made / "study.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{old!r} is not in the study file"
        text = text.replace(old, new)
    (made / "study.toml").write_text(text, encoding="utf-8")
    return made


def new_city(folder: Path, patch: pytest.MonkeyPatch, *changes: tuple[str, str]) -> Path:
    """A new study of two bydeler, Arna and Bergenhus, with eight made-up squares in each.

    The streets and offices are those of 1804, moved there.
    """
    x, y = CITY
    cells = {
        f"{(x + 1000 * n + 2_000_000) * 10_000_000 + y + 1000 * row:014d}": 50 + n
        for n in range(5, 13)
        for row in (6, 12)
    }
    patch.setattr(ssb_map, "CELLS", cells)
    places = {node: _moved(*at) for node, at in osm.NODES.items()}
    patch.setattr(osm, "NODES", places)
    return new_town(folder, *changes, kommune="4601")


def _moved(lon: float, lat: float) -> tuple[float, float]:
    """As far from the corner of 4601 as it was from that of 1804."""
    east, north = TO_DEGREES.transform(lon, lat, direction=TransformDirection.INVERSE)
    return TO_DEGREES.transform(east - X + CITY[0], north - Y + CITY[1])
