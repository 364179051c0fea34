"""Asking through the web layer: what is sent, kept, used again, pinned, and left alone offline."""

from __future__ import annotations

import hashlib
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from navplan.errors import FetchError, InputError
from navplan.sources.ledger import pins_of
from navplan.sources.web import Service, cache_folder, mirrored
from tests.services.fixtures import START, StillClock, WebOf
from tests.services.server import Reply, Request, Server, json_reply

SSB = Service(
    id="ssb",
    publisher="SSB",
    address="https://data.ssb.no/api/pxwebapi/v2",
    licence="CC BY 4.0",
    attribution="SSB",
)


def echo(request: Request) -> Reply:
    """Says back what it was asked."""
    return json_reply(
        {"path": request.path, "params": request.params, "body": request.body.decode()}
    )


class Counter:
    """Gives another number each day it is told to."""

    def __init__(self) -> None:
        self.number = 1

    def __call__(self, request: Request) -> Reply:
        return json_reply({"people": self.number})


def test_a_question_arrives_as_asked_and_its_source_is_told(web_of: WebOf) -> None:
    with Server({"ssb": echo}) as server:
        got = web_of(server).get(
            SSB, "tables/07459/data", params={"valueCodes[Tid]": "2026", "a": ["1", "b c,æ"]}
        )
        assert got.json() == {
            "path": "/tables/07459/data",
            "params": {"a": ["1", "b c,æ"], "valueCodes[Tid]": ["2026"]},
            "body": "",
        }
        (request,) = server.asked
    assert request.method == "GET"
    assert request.headers["user-agent"].startswith("navplan/")
    assert got.source.publisher == "SSB"
    assert got.source.licence == "CC BY 4.0"
    assert got.source.retrieved == "2026-11-22"
    assert got.source.sha256 == hashlib.sha256(got.bytes()).hexdigest()
    # the publisher's address, though a mirror answered
    assert got.source.address == (
        f"{SSB.address}/tables/07459/data?a=1&a=b%20c%2C%C3%A6&valueCodes%5BTid%5D=2026"
    )


def test_a_body_makes_it_a_post(web_of: WebOf) -> None:
    with Server({"ssb": echo}) as server:
        web = web_of(server)
        assert web.get(SSB, "data", body={"b": 1, "a": "ø"}).json()["body"] == '{"a": "ø", "b": 1}'
        assert web.get(SSB, "data", body=b"[out:json];").json()["body"] == "[out:json];"
        kinds = [request.headers["content-type"] for request in server.asked]
        assert [request.method for request in server.asked] == ["POST", "POST"]
    assert kinds == ["application/json; charset=utf-8", "text/plain; charset=utf-8"]


def test_the_same_question_is_asked_once(web_of: WebOf) -> None:
    with Server({"ssb": echo}) as server:
        first = web_of(server).get(SSB, "t", params={"a": "1", "b": "2"})
        again = web_of(server).get(SSB, "t", params={"b": "2", "a": "1"})
        assert again == first
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"path": "u"},
        {"params": {"a": "2"}},
        {"params": {"a": ["1", "1"]}},
        {"body": {}},
        {"accept": "text/csv"},
        {"service": replace(SSB, id="klass")},
    ],
)
def test_another_question_is_another_answer(web_of: WebOf, other: dict[str, object]) -> None:
    question: dict[str, object] = {"service": SSB, "path": "t", "params": {"a": "1"}}
    with Server({"ssb": echo, "klass": echo}) as server:
        web = web_of(server)
        one = web.get(**question)
        two = web.get(**(question | other))
        assert one.source.id != two.source.id
        assert len(server.asked) == 2
        assert web.used == (one.source, two.source)


def test_after_a_day_the_service_is_asked_whether_it_still_has_the_same(web_of: WebOf) -> None:
    counter = Counter()
    with Server({"ssb": counter}) as server:
        first = web_of(server).get(SSB, "t")
        later = StillClock(START + timedelta(days=2))
        same = web_of(server, clock=later).get(SSB, "t")
        assert server.asked[1].headers["if-none-match"]
        assert same == first  # the day is the one on which the content came
        assert web_of(server, clock=later).get(SSB, "t") == first
        assert len(server.asked) == 2  # confirmed, so fresh again
        counter.number = 2
        changed = web_of(server, clock=StillClock(START + timedelta(days=4))).get(SSB, "t")
    assert changed.json() == {"people": 2}
    assert changed.source.retrieved == "2026-11-26"
    assert changed.source.id == first.source.id


def test_an_answer_that_holds_shortly_is_asked_for_each_time(web_of: WebOf) -> None:
    with Server({"ssb": echo}) as server:
        web = web_of(server)
        web.get(SSB, "order", always=True)
        web.get(SSB, "order", always=True)
        assert len(server.asked) == 2


def test_offline_gives_what_the_cache_has_whatever_its_age(web_of: WebOf) -> None:
    with Server({"ssb": echo}) as server:
        first = web_of(server).get(SSB, "t")
        late = StillClock(START + timedelta(days=900))
        web = web_of(server, offline=True, clock=late)
        assert web.get(SSB, "t") == first
        assert web.get(SSB, "t", always=True) == first
        with pytest.raises(FetchError, match="not in the cache, and nothing is asked") as told:
            web.get(SSB, "u", name="population of 1804")
        assert len(server.asked) == 1
    assert str(told.value) == (
        "Asked SSB for population of 1804 (https://data.ssb.no/api/pxwebapi/v2/u): it is not in "
        "the cache, and nothing is asked with --offline. Run fetch without --offline once, where "
        "there is a network."
    )


def test_a_pinned_study_gets_the_same_next_year_without_asking(web_of: WebOf) -> None:
    counter = Counter()
    with Server({"ssb": counter}) as server:
        first = web_of(server).get(SSB, "t")
        pins = pins_of([first.source])
        counter.number = 2
        next_year = StillClock(START + timedelta(days=365))
        web_of(server, clock=next_year).get(SSB, "t")  # another study took the new one
        asked = len(server.asked)
        pinned = web_of(server, clock=next_year, pins=pins).get(SSB, "t")
        assert pinned == first
        assert pinned.json() == {"people": 1}
        assert len(server.asked) == asked


def test_a_pin_that_no_longer_fits_is_told_and_update_takes_the_new(web_of: WebOf) -> None:
    counter = Counter()
    with Server({"ssb": counter}) as server:
        first = web_of(server).get(SSB, "t", name="people")
        pins = pins_of([first.source])
        counter.number = 2
        elsewhere = {"cache": first.path.parents[2] / "other", "pins": pins}
        with pytest.raises(FetchError, match="has changed this since 2026-11-22") as told:
            web_of(server, **elsewhere).get(SSB, "t", name="people")
        new = web_of(server, **elsewhere, update=True).get(SSB, "t", name="people")
    assert new.json() == {"people": 2}
    assert str(told.value) == (
        f"Asked SSB for people ({SSB.address}/t): SSB has changed this since 2026-11-22: pinned "
        f"sha256 {first.source.sha256}, now {new.source.sha256}. Run fetch with --update to take "
        "the new; the study's files stay as they are until then."
    )


def test_update_asks_again_but_not_twice_in_one_run(web_of: WebOf) -> None:
    with Server({"ssb": echo}) as server:
        web_of(server).get(SSB, "t")
        web = web_of(server, update=True, clock=StillClock(START + timedelta(hours=1)))
        web.get(SSB, "t")
        web.get(SSB, "t")
        assert len(server.asked) == 2


def test_one_mirror_stands_for_every_service(web_of: WebOf) -> None:
    with Server({"ssb": echo}) as server:
        web = web_of(server, mirrors=mirrored(server.address + "/"))
        assert web.get(SSB, "t").json()["path"] == "/t"
        with pytest.raises(FetchError, match="has no such thing"):
            web.get(replace(SSB, id="klass"), "t")


@pytest.mark.parametrize(
    "address", ["mirror.example.no", "ftp://example.no", "https://", "http://a b:x", "https://x?y"]
)
def test_what_is_no_address_of_a_mirror_is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"is no address of a mirror\. Write it like https://"):
        mirrored(address)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "../x"},
        {"address": "http://data.ssb.no"},
        {"address": "https://data.ssb.no/"},
        {"calls": 0},
        {"window_s": 0.0},
    ],
)
def test_a_service_is_checked_when_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is no "):
        replace(SSB, **wrong)


def test_text_follows_the_charset_the_service_names(web_of: WebOf) -> None:
    texts = {
        "/latin": Reply("Bodø".encode("latin-1"), kind="text/csv; charset=ISO-8859-1"),
        "/utf": Reply("Bodø".encode("utf-8-sig"), kind="text/csv"),
        "/wrong": Reply("Bodø".encode("latin-1"), kind="text/csv"),
        "/unknown": Reply(b"Bod", kind="text/csv; charset=none-such"),
        "/undefined": Reply(b"Bod", kind="text/csv; charset=undefined"),
    }
    with Server({"ssb": lambda request: texts[request.path]}) as server:
        web = web_of(server)
        assert web.get(SSB, "latin", accept="text/csv").text() == "Bodø"
        assert web.get(SSB, "utf", accept="text/csv").text() == "Bodø"
        for path in ("wrong", "unknown", "undefined"):
            with pytest.raises(FetchError, match=rf"{path} is no text \("):
                web.get(SSB, path, accept="text/csv").text()


def test_halves_of_a_character_that_make_a_whole_are_one(web_of: WebOf) -> None:
    with Server({"ssb": lambda _: Reply(b'["\\ud83d\\ude00"]')}) as server:
        assert web_of(server).get(SSB, "t").json() == ["\U0001f600"]


@pytest.mark.parametrize(("timeout_s", "said"), [(None, True), (5.0, False)])
def test_a_service_has_its_own_patience_unless_one_is_told(
    timeout_s: float | None, said: bool, web_of: WebOf
) -> None:
    hasty = replace(SSB, silence_s=0.1)

    def thinks(request: Request) -> Reply:
        time.sleep(0.5)
        return json_reply([])

    with Server({"ssb": thinks}) as server:
        web = web_of(server, timeout_s=timeout_s)
        with pytest.raises(FetchError, match="no answer came in time") if said else nullcontext():
            web.get(hasty, "t")


def test_a_table_taken_for_a_document_is_told(web_of: WebOf) -> None:
    with Server({"ssb": lambda _: Reply(b"region;people\n1804;7", kind="text/csv")}) as server:
        got = web_of(server).get(SSB, "t", accept="text/csv")
    with pytest.raises(FetchError, match="/t is no JSON; it begins “region;people 1804;7”"):
        got.json()


def test_the_cache_lies_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("NAVPLAN_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("NAVPLAN_CACHE")
    assert cache_folder().name == "web"
