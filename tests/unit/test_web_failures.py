"""Bad weather: each failure has its sentence, passing ones are tried again, none is kept."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import zlib
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from navplan.errors import FetchError
from navplan.sources.web import Service
from navplan.sources.web.refusals import of_trouble
from tests.services.fixtures import START, StillClock, WebOf
from tests.services.server import Reply, Request, Server, json_reply

SSB = Service(
    id="ssb",
    publisher="SSB",
    address="https://data.ssb.no/api",
    licence="CC BY 4.0",
    attribution="SSB",
)
LATER = "Run fetch again later: it goes on where it ended."
ASKED = "Asked SSB for people of 1804 (https://data.ssb.no/api/t)"


def good(request: Request) -> Reply:
    return json_reply({"people": 7})


def told(web_of: WebOf, server: Server, **options: object) -> FetchError:
    with pytest.raises(FetchError) as error:
        web_of(server, **options).get(SSB, "t", name="people of 1804")
    return error.value


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (400, "it does not understand the question (status 400)"),
        (403, "it refuses access (status 403)"),
        (404, "it has no such thing (status 404)"),
        (418, "status 418"),
        (501, "it is out of order (status 501)"),
    ],
)
def test_a_refusal_is_told_at_once_with_the_services_own_words(
    web_of: WebOf, status: int, sentence: str
) -> None:
    document = {"type": "x", "title": "Bad Request", "status": status, "detail": "No region 9999."}
    with Server({"ssb": lambda _: json_reply(document, status)}) as server:
        error = told(web_of, server)
        assert len(server.asked) == 1
    begin = f"{ASKED}: {sentence} and says “Bad Request: No region 9999”. "
    assert str(error).startswith(begin)
    assert len(str(error)) > len(begin)  # what to do
    assert error.status == status


@pytest.mark.parametrize(
    "body",
    [
        b"<html><script>alert(1)</script></html>",
        b"",
        b"[1, 2]",
        b'{"title": 5, "detail": null}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"title": ' + b'"' + b"\\u0007" * 3 + b'"}',
    ],
)
def test_a_page_for_browsers_is_not_repeated(web_of: WebOf, body: bytes) -> None:
    with Server({"ssb": lambda _: Reply(body, 404, "text/html")}) as server:
        message = str(told(web_of, server))
    assert "alert" not in message
    assert "\x07" not in message


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (500, "it is out of order (status 500) and says “status 500”."),
        (503, "it is out of order (status 503) and says “status 503”."),
        (429, "it has been asked too often (status 429) and says “status 429”."),
        ("half", "the answer broke off half way."),
        ("drop", "the answer broke off half way."),
        ("empty", "the answer came back empty."),
        ("slow", "no answer came in time."),
        (
            "garbage",
            "the answer is no JSON document (“text/html”); it begins “<html>Logg inn</html>”.",
        ),
    ],
)
def test_what_may_pass_is_tried_five_times_with_growing_waits(
    web_of: WebOf, tmp_path: Path, trouble: int | str, sentence: str
) -> None:
    clock = StillClock()
    said: list[str] = []
    with Server({"ssb": good}) as server:
        server.trouble("ssb", *[trouble] * 4)
        options = {"clock": clock, "tell": said.append, "timeout_s": 0.3}
        if trouble != "slow":
            options["timeout_s"] = 5.0
        assert web_of(server, **options).get(SSB, "t").json() == {"people": 7}
        assert len(server.asked) == 5
        server.trouble("ssb", *[trouble] * 5)
        empty = tmp_path / "empty"
        error = told(web_of, server, cache=empty, timeout_s=options["timeout_s"])
        assert len(server.asked) == 10
    for doubled, wait in zip((1, 2, 4, 8), clock.slept, strict=True):
        assert doubled * 0.5 <= wait <= doubled * 1.5
    assert len([one for one in said if "Trying again in" in one]) == 4
    assert str(error).startswith(f"{ASKED}: {sentence} ")
    assert error.remedy
    assert error.status == (trouble if isinstance(trouble, int) else None)


def test_nothing_that_failed_is_kept(web_of: WebOf) -> None:
    with Server({"ssb": good}) as server:
        server.trouble("ssb", *["garbage"] * 5)
        told(web_of, server)
        assert "not in the cache" in str(told(web_of, server, offline=True))


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("-5", None),
        ("soon", None),
        ("Sun, 22 Nov 2026 12:00:30 +99999999999999999999", None),
    ],
)
def test_the_pause_a_service_asks_for_is_kept(
    web_of: WebOf, asked: str, waited: float | None
) -> None:
    clock = StillClock(START)
    with Server({"ssb": good}) as server:
        server.trouble("ssb", Reply(b"{}", 429, headers={"Retry-After": asked}))
        web_of(server, clock=clock).get(SSB, "t")
    (wait,) = clock.slept
    assert wait == waited if waited is not None else 0.5 <= wait <= 1.5


def test_a_pause_of_hours_is_left_to_the_planner(web_of: WebOf) -> None:
    with Server({"ssb": good}) as server:
        server.trouble("ssb", Reply(b"{}", 429, headers={"Retry-After": "86400"}))
        error = told(web_of, server)
        assert len(server.asked) == 1
    assert error.status == 429


def test_without_a_pause_named_a_paced_service_is_left_alone_for_its_window(
    web_of: WebOf,
) -> None:
    clock = StillClock()
    with Server({"ssb": good}) as server:
        server.trouble("ssb", 429)
        web_of(server, clock=clock).get(replace(SSB, calls=30, window_s=60.0), "t")
    assert clock.slept == [60.0]


def test_an_answer_larger_than_allowed_is_given_up(web_of: WebOf) -> None:
    with Server({"ssb": lambda _: Reply(b"[" + b"1," * 600_000 + b"1]")}) as server:
        web = web_of(server)
        with pytest.raises(FetchError, match="the answer is larger than 1 MB"):
            web.get(SSB, "t", most_bytes=1_000_000)
        assert len(server.asked) == 1


def test_a_packed_answer_is_unpacked(web_of: WebOf) -> None:
    content = json.dumps(list(range(100_000))).encode()
    reply = Reply(gzip.compress(content), headers={"Content-Encoding": "gzip"})
    with Server({"ssb": lambda _: reply}) as server:
        assert web_of(server).get(SSB, "t").bytes() == content


def test_a_small_answer_that_unpacks_to_a_large_one_is_given_up(web_of: WebOf) -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(b" " * 10**6) for _ in range(200)) + packer.flush()
    reply = Reply(bomb, headers={"Content-Encoding": "gzip"})
    assert len(bomb) < 1_000_000
    with Server({"ssb": lambda _: reply}) as server:
        with pytest.raises(FetchError, match="the answer is larger than 1 MB"):
            web_of(server).get(SSB, "t", most_bytes=1_000_000)
        refused = replace(reply, status=400)
        server.trouble("ssb", refused)
        with pytest.raises(FetchError, match="status 400"):
            web_of(server).get(SSB, "u")


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"[1]" * 99, mtime=0)[:-9], b"no gzip", b""],
    ids=["cut short", "no gzip", "empty"],
)
def test_a_packed_answer_that_is_damaged_is_asked_for_again(web_of: WebOf, content: bytes) -> None:
    with Server({"ssb": good}) as server:
        server.trouble("ssb", Reply(content, headers={"Content-Encoding": "gzip"}))
        assert web_of(server).get(SSB, "t").json() == {"people": 7}


def test_a_packing_that_was_not_asked_for_is_refused(web_of: WebOf) -> None:
    with Server({"ssb": lambda _: Reply(b"x", headers={"Content-Encoding": "br"})}) as server:
        assert "packed as 'br', not asked for" in str(told(web_of, server))


def test_an_answer_without_end_is_given_up(web_of: WebOf) -> None:
    class Running(StillClock):
        def monotonic(self) -> float:
            self.passed += 700.0
            return self.passed

    with Server({"ssb": good}) as server:
        assert "comes too slowly" in str(told(web_of, server, clock=Running()))


@pytest.mark.parametrize(
    "content",
    [
        *(b"NaN", b"[Infinity]", b"[1,", b"[" * 200_000, b"\xff"),
        *(b"[1e400]", b"[-1e400]", b"9" * 101, b"9" * 5_000),
        b'["A\\ud800"]',
    ],
)
def test_what_is_no_document_is_told(web_of: WebOf, content: bytes) -> None:
    with Server({"ssb": lambda _: Reply(content)}) as server:
        assert "the answer is no JSON document" in str(told(web_of, server))


def test_no_server_is_no_connection(web_of: WebOf) -> None:
    with Server({"ssb": good}) as server:
        mirrors = server.mirrors
    with Server({}) as other:
        error = told(web_of, other, mirrors=mirrors)
    assert "no connection could be made" in str(error)
    assert "--mirror" in error.remedy


def test_a_name_that_nobody_knows(web_of: WebOf) -> None:
    with Server({}) as server:
        error = told(web_of, server, mirrors={"ssb": "http://nobody.invalid"})
    assert "the name nobody.invalid cannot be looked up" in str(error)


def test_a_server_without_tls_is_no_secure_connection(web_of: WebOf) -> None:
    with Server({"ssb": good}) as server:
        address = server.address.replace("http://", "https://")
        error = told(web_of, server, mirrors={"ssb": address})
    assert "no secure connection could be made" in str(error)


def test_a_certificate_nobody_trusts_is_told_at_once() -> None:
    cause = ssl.SSLCertVerificationError(1, "self-signed certificate")
    cause.verify_message = "self-signed certificate"
    error = httpx.ConnectError("x", request=httpx.Request("GET", SSB.address))
    error.__cause__ = cause
    found, passing = of_trouble("Asked SSB", error)
    assert not passing
    assert str(found) == (
        "Asked SSB: its certificate is not trusted (self-signed certificate); nothing was fetched. "
        "If your network puts its own certificate in between, set SSL_CERT_FILE to that "
        "certificate's file (your IT department has it)."
    )


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SSL_CERT_FILE", "/nowhere.pem", "the certificates that the environment names"),
        ("HTTPS_PROXY", "ftp://me:secret@proxy", "the proxy that the environment names"),
        ("HTTPS_PROXY", "http://me:secret@proxy:port", "the proxy that the environment names"),
    ],
)
def test_settings_of_the_machine_that_cannot_be_used(
    web_of: WebOf, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with Server({"ssb": good}) as server:
        error = told(web_of, server)
    assert says in str(error)
    assert name in error.remedy
    assert "secret" not in str(error)


def test_a_full_disk_is_told(web_of: WebOf, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with Server({"ssb": good}) as server:
        error = told(web_of, server, cache=tmp_path / "file")
    assert "the answer cannot be kept in" in str(error)
    assert "NAVPLAN_CACHE" in error.remedy


def sends_to(location: str, status: int = 302) -> Reply:
    return Reply(b"", status, headers={"Location": location})


def test_a_redirect_within_the_service_is_followed(web_of: WebOf) -> None:
    with Server({"ssb": good}) as server:
        server.trouble("ssb", sends_to("/ssb/new"), sends_to("newer", 307))
        assert web_of(server).get(SSB, "t", body={"a": 1}).json() == {"people": 7}
        assert [(one.path, one.method) for one in server.asked] == [
            ("/t", "POST"), ("/new", "POST"), ("/newer", "POST")
        ]  # fmt: skip
        server.trouble("ssb", sends_to("/ssb/done", 303))
        web_of(server).get(SSB, "t", body={"a": 2})
        assert (server.asked[-1].method, server.asked[-1].body) == ("GET", b"")


def test_a_redirect_without_end_is_given_up(web_of: WebOf) -> None:
    with Server({"ssb": lambda _: sends_to("/ssb/t")}) as server:
        assert "from address to address without end" in str(told(web_of, server))
        assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("http://example.com/login", "an address without https"),
        ("file:///etc/passwd", "an address without https"),
        ("ftp://example.com", "an address without https"),
        ("https://127.0.0.1/x", "into your own network"),
        ("https://127.0.0.1:1/x", "into your own network"),
        ("https://2130706433/x", "into your own network"),
        ("https://[::1]/x", "into your own network"),
        ("https://[::ffff:10.0.0.1]/x", "into your own network"),
        ("https://192.168.1.1/", "into your own network"),
        ("https://169.254.169.254/latest", "into your own network"),
        ("https://localhost/", "into your own network"),
        (r"https://example.com\@127.0.0.1/x", "into your own network"),
        ("https://a@127.0.0.1/x", "into your own network"),
    ],
)
def test_a_redirect_out_of_https_or_into_the_own_network_is_refused(
    web_of: WebOf, location: str, sentence: str
) -> None:
    with Server({"ssb": good}) as server:
        server.trouble("ssb", sends_to(location))
        mirrors = {"ssb": server.mirrors["ssb"].replace("127.0.0.1", "localhost")}
        if location == "https://localhost/":
            mirrors = server.mirrors
        assert sentence in str(told(web_of, server, mirrors=mirrors))
        assert len(server.asked) == 1


def test_every_cause_is_looked_at_once() -> None:
    error = httpx.ConnectError("x", request=httpx.Request("GET", SSB.address))
    error.__cause__ = socket.gaierror(-2, "Name or service not known")
    error.__cause__.__context__ = error
    found, passing = of_trouble("Asked SSB", error)
    assert passing
    assert "the name data.ssb.no cannot be looked up" in str(found)
