"""Answers made to harm or to confuse: each ends in a sentence, soon, and in no file or memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from navplan.errors import FetchError, NavplanError
from navplan.nouns.spreadsheets import on_one_line
from navplan.sources import kommuneinfo, pxweb
from navplan.sources.addresses import geocode
from navplan.sources.geonorge import order
from navplan.sources.klass import kommune_names
from navplan.sources.kommuneinfo import borders
from navplan.sources.place_names import places_named
from navplan.sources.ssb import newest_projection
from navplan.sources.ssb_map import grid_1km
from navplan.sources.web import Web
from tests.services import ssb, ssb_map
from tests.services.fixtures import StillClock, WebOf
from tests.services.kartverket import TO_DEGREES, X, Y
from tests.services.server import Answer, Reply, Request, Server, json_reply
from tests.services.statbank import Statbank

LON, LAT = TO_DEGREES.transform(X + 9_000, Y + 9_000)
OFFICES = pd.DataFrame({"street": ["Prøvegata"], "number": ["3"], "postcode": ["8099"]}, ["A"])
KOMMUNE = {"kommunenummer": "1804", "kommunenavnNorsk": "Eksempelvik"}
ODD: tuple[Any, ...] = (None, True, -1, 3.5, 1e308, 10**90, "", "\x00", [], [None], {})


def outlined(points: Any) -> bytes:
    shape = {"type": "Polygon", "coordinates": [np.round(points, 1).tolist()]}
    return json.dumps({"omrade": shape}).encode()


def border(content: bytes, name: str = "Eksempelvik") -> Answer:
    def answer(request: Request) -> Reply:
        if request.path.endswith("omrade"):
            return Reply(content)
        return json_reply(KOMMUNE | {"kommunenavnNorsk": name})

    return answer


def star(count: int) -> Any:
    """Every side crosses nearly every other."""
    turn = 2 * np.pi * (np.arange(count + 1) % count) * (count // 2 - 1) / count
    return np.c_[X + 9_000 * np.cos(turn), Y + 9_000 * np.sin(turn)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (outlined(star(1_000)), "touches or crosses itself at more than a thousand places"),
        (outlined(star(20_000)), "touches or crosses itself at more than a thousand places"),
        (b'{"omrade": [' + b"[]," * 7_000_000 + b"1]}", "larger than 20 MB"),
        (b'{"omrade": {"type": "Polygon", "coordinates": ' + b"[" * 900 + b"]" * 900 + b"}}",
         "a polygon under omrade"),
        (b'{"omrade": {"type": "Polygon", "coordinates": [[[1e400, 1], [2, 2], [3, 1]]]}}',
         "no JSON document"),
    ],
    ids=["star", "large star", "lists", "nested", "infinite"],
)  # fmt: skip
def test_borders_made_to_keep_a_computer_busy(web_of: WebOf, content: bytes, says: str) -> None:
    with (
        Server({"kommuneinfo": border(content)}) as server,
        pytest.raises(FetchError, match=says),
    ):
        borders(web_of(server), ["1804"])


def test_a_border_with_more_points_than_any_has(
    web_of: WebOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kommuneinfo, "_MOST_POINTS", 50)
    with (
        Server({"kommuneinfo": border(outlined(star(100)))}) as server,
        pytest.raises(FetchError, match="has more than 50 points"),
    ):
        borders(web_of(server), ["1804"])


def test_a_border_with_a_few_crossings_is_repaired(web_of: WebOf) -> None:
    knot = np.array([[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]) * 1_000 + (X, Y)
    with Server({"kommuneinfo": border(outlined(knot))}) as server:
        frame, _ = borders(web_of(server), ["1804"])
    assert frame.geometry.iloc[0].is_valid
    assert frame.area.iloc[0] == pytest.approx(50e6)


def test_names_of_services_come_on_one_line(web_of: WebOf) -> None:
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * 1_000 + (X, Y)
    answer = border(outlined(square), "../Eksem\r\npel\x00vik\u202e <b>")
    with Server({"kommuneinfo": answer}) as server:
        frame, _ = borders(web_of(server), ["1804"])
    assert frame["name"].tolist() == ["../Eksem pel vik <b>"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [("Árstad", "Árstad"), ("a\tb\x1b[31m", "a b [31m"), ("\u202e\n", ""), ("a\xa0b", "a b")],
)
def test_what_nobody_sees_is_a_space(text: str, seen: str) -> None:
    assert on_one_line(text) == seen


def odd_ones(document: Any) -> Iterator[Any]:
    """The document with each of its parts gone, or something else."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield {other: one for other, one in document.items() if other != key}
            yield from ({**document, key: odd} for odd in ODD)
            yield from ({**document, key: one} for one in odd_ones(value))
    elif isinstance(document, list) and document:
        yield from ([odd, *document[1:]] for odd in ODD)
        yield from ([one, *document[1:]] for one in odd_ones(document[0]))


POINT = {"nord": LAT, "øst": LON, "koordsys": 4258}
DOOR = {"epsg": "EPSG:4258", "lat": LAT, "lon": LON}
ADDRESS = {"adressetekst": "Prøvegata 3", "postnummer": "8099", "poststed": "EKSEMPELVIK",
           "kommunenummer": "1804", "representasjonspunkt": DOOR}  # fmt: skip
PLACE = {"skrivemåte": "Prøvenes", "navneobjekttype": "Tettsted",
         "kommuner": [{"kommunenummer": "1804"}], "representasjonspunkt": POINT}  # fmt: skip
CELLS = [(ssb_map.cell_id(6, 7), 12)]
FILE = {"downloadUrl": "https://nedlasting.geonorge.no/api/file", "status": "ReadyForDownload"}
AREA = {"code": "1804", "type": "kommune", "name": "Eksempelvik"}
TABLES = {
    "tables": [
        {"id": "14746", "label": "Framskrevet folkemengde (K)", "updated": "2026",
         "firstPeriod": "2026", "variableNames": ["region", "kjønn", "alder"]}
    ],
    "page": {"totalPages": 1},
}  # fmt: skip
LIMITS = {"maxDataCells": 800_000, "maxCallsPerTimeWindow": 30, "timeWindow": 60}
Ask = Callable[[Web], object]
DOCUMENTS: dict[str, tuple[str, Any, Ask]] = {
    "addresses": ("addresses", {"metadata": {"totaltAntallTreff": 1}, "adresser": [ADDRESS]},
                  lambda web: geocode(web, OFFICES)),
    "places": ("place-names", {"navn": [PLACE]}, lambda web: places_named(web, "Prøvenes")),
    "grid": ("ssb-map", ssb_map.page(CELLS, 1), grid_1km),
    "order": ("geonorge", {"referenceNumber": "a-1", "files": [FILE]},
              lambda web: order(web, "made-up", AREA)),
    "codes": ("klass", {"codes": [{"code": "1804", "name": "Bodø"}]},
              lambda web: kommune_names(web, ["1804"], "2026-01-01")),
    "tables": ("ssb", TABLES, newest_projection),
    "limits": ("ssb", LIMITS, pxweb.config),
    "code list": ("ssb", {"values": [{"code": "a", "label": "b"}]},
                  lambda web: pxweb.codelist(web, "agg_made-up")),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_whatever_a_part_of_an_answer_is_it_is_taken_or_told(name: str, web_of: WebOf) -> None:
    service, fair, ask = DOCUMENTS[name]
    served = [fair]

    def answer(request: Request) -> Reply:
        if request.path == "/collections":
            return json_reply({"collections": ssb_map.COLLECTIONS})
        return Reply(b"a file") if request.path == "/file" else json_reply(served[0])

    with Server({service: answer}) as server:
        clock = StillClock()
        web = web_of(server, clock=clock)
        ask(web)
        for odd in odd_ones(fair):
            served[0] = odd
            clock.passed += 2 * 86_400  # what the cache has is too old by now
            with suppress(NavplanError):
                ask(web)


def test_no_answer_moves_a_file_out_of_the_cache(web_of: WebOf, tmp_path: Path) -> None:
    statbank = Statbank(ssb.tables())

    def answer(request: Request) -> Reply:
        reply = statbank(request)
        headers = {"Content-Disposition": 'attachment; filename="../../evil"', "ETag": '"../evil"'}
        return Reply(reply.content, reply.status, "../../evil", headers)

    before = set(tmp_path.rglob("*"))
    with Server({"ssb": answer}) as server:
        newest_projection(web_of(server))
    made = [path for path in set(tmp_path.rglob("*")) - before if path.is_file()]
    assert made
    assert all(path.is_relative_to(tmp_path / "cache") for path in made)
    assert not any("evil" in path.name for path in made)
