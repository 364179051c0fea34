"""Large files: what has come stays, the rest is asked for, and no half file is ever handed out."""

from __future__ import annotations

import gzip
import random
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from navplan.errors import FetchError
from navplan.sources.ledger import pins_of
from navplan.sources.web import Fetched, Service, Web
from navplan.sources.web.locking import held
from tests.services.fixtures import START, StillClock, WebOf
from tests.services.server import Reply, Request, Server

OSM = Service(
    id="geofabrik",
    publisher="Geofabrik",
    address="https://download.geofabrik.de",
    licence="ODbL",
    attribution="© OpenStreetMap contributors",
)
MOST = 10_000_000
FILE = random.Random(7).randbytes(400_000)


class Files:
    """Gives one file, which may be exchanged, with headers of its own."""

    def __init__(self, content: bytes = FILE, **headers: str) -> None:
        self.content = content
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def __call__(self, request: Request) -> Reply:
        return Reply(self.content, kind="application/octet-stream", headers=self.headers)


def get(web: Web, most_bytes: int = MOST) -> Fetched:
    return web.download(OSM, "europe/norway.osm.pbf", most_bytes=most_bytes, name="streets")


def ranges(server: Server) -> list[str | None]:
    return [request.headers.get("range") for request in server.asked]


def test_a_file_comes_whole_and_once(web_of: WebOf) -> None:
    with Server({"geofabrik": Files()}) as server:
        first = get(web_of(server))
        assert first.bytes() == FILE
        assert first.source.address == "https://download.geofabrik.de/europe/norway.osm.pbf"
        assert first.kind == "application/octet-stream"
        assert get(web_of(server)) == first
        assert len(server.asked) == 1
        late = StillClock(START + timedelta(days=9))
        assert get(web_of(server, clock=late)) == first  # the service says it is the same
        assert server.asked[1].headers["if-none-match"]
        assert get(web_of(server, offline=True, clock=late)) == first


def test_what_has_come_stays_and_the_rest_is_asked_for(web_of: WebOf) -> None:
    with Server({"geofabrik": Files()}) as server:
        server.trouble("geofabrik", "half", "half")
        assert get(web_of(server)).bytes() == FILE
        assert ranges(server) == [None, "bytes=200000-", "bytes=300000-"]
        assert server.asked[1].headers["if-range"]


def test_the_next_run_goes_on_where_the_last_ended(web_of: WebOf) -> None:
    with Server({"geofabrik": Files()}) as server:
        server.trouble("geofabrik", "half", *[503] * 4)
        with pytest.raises(FetchError, match="out of order"):
            get(web_of(server))
        assert get(web_of(server)).bytes() == FILE
        assert ranges(server)[-1] == "bytes=200000-"


def test_a_file_that_changed_meanwhile_begins_anew(web_of: WebOf) -> None:
    files = Files()
    other = FILE[::-1]
    with Server({"geofabrik": files}) as server:
        server.trouble("geofabrik", "half", *[503] * 4)
        with pytest.raises(FetchError):
            get(web_of(server))
        files.content = other
        assert get(web_of(server)).bytes() == other


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": "bytes 200000-399999/400000", "ETag": '"another"'},
        {"Content-Range": "bytes 200000-399999/400000", "ETag": ""},
        {"Content-Range": "bytes 100000-399999/400000"},
        {"Content-Range": "bytes 200000-399999/900000"},
        {"Content-Range": "bytes 200000-399999/*"},
        {},
    ],
)
def test_a_rest_that_is_not_of_the_same_file_is_not_taken(
    web_of: WebOf, headers: dict[str, str]
) -> None:
    etag = '"mine"'
    with Server({"geofabrik": Files(ETag=etag)}) as server:
        wrong = Reply(b"?" * 200_000, 206, headers={"ETag": etag} | headers)
        server.trouble("geofabrik", "half", wrong)
        assert get(web_of(server)).bytes() == FILE
        assert ranges(server) == [None, "bytes=200000-", None]


def test_a_range_that_is_not_there_begins_anew(web_of: WebOf) -> None:
    with Server({"geofabrik": Files()}) as server:
        server.trouble("geofabrik", "half", Reply(b"", 416))
        assert get(web_of(server)).bytes() == FILE
        assert ranges(server) == [None, "bytes=200000-", None]


def test_the_day_of_change_stands_in_for_a_missing_etag(web_of: WebOf) -> None:
    day = "Sat, 21 Nov 2026 08:00:00 GMT"
    with Server({"geofabrik": Files(ETag="", Last_Modified=day)}) as server:
        rest = {"Content-Range": "bytes 200000-399999/400000", "Last-Modified": day}
        server.trouble("geofabrik", "half", Reply(FILE[200_000:], 206, headers=rest))
        assert get(web_of(server)).bytes() == FILE
        assert server.asked[1].headers["if-range"] == day


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_firm_mark_a_half_file_is_thrown_away(web_of: WebOf, etag: str) -> None:
    with Server({"geofabrik": Files(ETag=etag)}) as server:
        server.trouble("geofabrik", "half")
        assert get(web_of(server)).bytes() == FILE
        assert ranges(server) == [None, None]


def test_a_half_file_is_never_handed_out(web_of: WebOf) -> None:
    with Server({"geofabrik": Files(ETag="")}) as server:
        server.trouble("geofabrik", *["half"] * 5)
        with pytest.raises(FetchError, match=r"streets .*: the answer broke off half way"):
            get(web_of(server))
        with pytest.raises(FetchError, match="not in the cache"):
            get(web_of(server, offline=True))


def test_tries_are_counted_anew_while_the_file_grows(web_of: WebOf) -> None:
    content = bytes(16 * 1_048_576 * 2)
    with Server({"geofabrik": Files(content)}) as server:
        server.trouble("geofabrik", *["half", 503] * 4)
        assert get(web_of(server), 10**8).bytes() == content
        assert len(server.asked) == 9


def test_a_file_larger_than_allowed_is_not_begun(web_of: WebOf) -> None:
    with Server({"geofabrik": Files()}) as server:
        with pytest.raises(FetchError, match=r"larger than 0\.1 MB"):
            get(web_of(server), 100_000)
        packed = Reply(gzip.compress(bytes(10**6)), headers={"Content-Encoding": "gzip"})
        server.trouble("geofabrik", packed)
        with pytest.raises(FetchError, match=r"larger than 0\.1 MB"):
            get(web_of(server), 100_000)
        assert len(server.asked) == 2


def test_a_file_that_comes_packed_all_the_same_is_unpacked(web_of: WebOf) -> None:
    packed = Reply(gzip.compress(FILE), headers={"Content-Encoding": "gzip"})
    with Server({"geofabrik": lambda _: packed}) as server:
        server.trouble("geofabrik", "half")
        assert get(web_of(server)).bytes() == FILE


def test_an_empty_file_is_no_file(web_of: WebOf) -> None:
    with Server({"geofabrik": Files(b"")}) as server:
        for _ in range(2):
            with pytest.raises(FetchError, match="the answer came back empty"):
                get(web_of(server))


@pytest.mark.parametrize("damage", ["", "{}", '{"mark": 5}', "[1]", "\x00"])
def test_a_damaged_note_begins_anew(web_of: WebOf, tmp_path: Path, damage: str) -> None:
    with Server({"geofabrik": Files()}) as server:
        server.trouble("geofabrik", "half", *[503] * 4)
        with pytest.raises(FetchError):
            get(web_of(server))
        (note,) = (tmp_path / "cache" / "parts").glob("*.json")
        note.write_text(damage)
        assert get(web_of(server)).bytes() == FILE
        assert ranges(server)[-1] is None


def test_a_link_that_lives_shortly_is_ordered_only_when_needed(web_of: WebOf) -> None:
    orders: list[str] = []

    def order() -> str:
        orders.append("order")
        return f"https://download.geofabrik.de/temporary/{len(orders)}?token=secret"

    with Server({"geofabrik": Files()}) as server:
        web = web_of(server)
        first = web.download(OSM, order, most_bytes=MOST, identity="borders of 1804")
        again = web_of(server).download(OSM, order, most_bytes=MOST, identity="borders of 1804")
        late = StillClock(START + timedelta(days=99))
        pinned = web_of(server, clock=late, pins=pins_of([first.source])).download(
            OSM, order, most_bytes=MOST, identity="borders of 1804"
        )
        assert first == again == pinned
        assert len(orders) == 1
        assert server.asked[0].path == "/temporary/1"
        assert server.asked[0].params == {"token": ["secret"]}
        assert first.source.address == OSM.address  # the link itself will be gone
        web_of(server, clock=late).download(OSM, order, most_bytes=MOST, identity="of 1805")
        assert len(orders) == 2
        with pytest.raises(ValueError, match="needs an identity"):
            web.download(OSM, order, most_bytes=MOST)


def test_behind_a_mirror_links_to_other_hosts_are_looked_for_there(web_of: WebOf) -> None:
    with Server({"geofabrik": Files()}) as server:
        web = web_of(server)
        web.download(OSM, "https://storage.example.com/a/b.zip", most_bytes=MOST)
        web.download(OSM, f"{server.mirrors['geofabrik']}/c.zip", most_bytes=MOST)
        paths = [request.path for request in server.asked]
    assert paths == ["/storage.example.com/a/b.zip", "/c.zip"]


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("http://example.com/a", "no https address"),
        ("file:///etc/passwd", "no https address"),
        ("https://", "no https address"),
        ("https://127.0.0.1/a", "into your own network"),
    ],
)
def test_a_link_that_leads_astray_is_not_followed(web_of: WebOf, link: str, sentence: str) -> None:
    with Server({"geofabrik": Files()}) as server:
        web = web_of(server, mirrors={})
        with pytest.raises(FetchError, match=sentence):
            web.download(OSM, link, most_bytes=MOST)
        assert not server.asked


def test_names_that_a_service_sends_decide_nothing(web_of: WebOf, tmp_path: Path) -> None:
    name = {"Content_Disposition": 'attachment; filename="../../../evil.sh"'}
    with Server({"geofabrik": Files(ETag='"../../evil"', **name)}) as server:
        web = web_of(server)
        got = web.download(OSM, "evil", most_bytes=MOST, identity="../../evil")
        assert got.path == tmp_path / "cache" / "contents" / got.source.sha256
        for path in ("../../evil", "a/../b", "."):
            with pytest.raises(FetchError, match="is no path below a service"):
                web.download(OSM, path, most_bytes=MOST)
    assert not list(tmp_path.rglob("*evil*"))


def test_progress_is_told(web_of: WebOf) -> None:
    said: list[str] = []
    with Server({"geofabrik": Files(bytes(60_000_000))}) as server:
        get(web_of(server, tell=said.append), 10**8)
    asked = "Asked Geofabrik for streets (https://download.geofabrik.de/europe/norway.osm.pbf)"
    assert said == [f"{asked}.", f"{asked}: 50 of 60 MB."]


def test_who_waits_for_another_process_is_told(web_of: WebOf, tmp_path: Path) -> None:
    said: list[str] = []
    with Server({"geofabrik": Files()}) as server:
        get(web_of(server))
        (lock,) = (tmp_path / "cache" / "parts").glob("*.lock")
        with held(lock, waiting=pytest.fail):
            later = StillClock(START + timedelta(days=2))
            web = web_of(server, tell=said.append, clock=later)
            thread = threading.Thread(target=get, args=(web,))
            thread.start()
            while not said:
                time.sleep(0.01)
            assert len(server.asked) == 1
        thread.join()
        assert len(server.asked) == 2
    assert said[0].endswith(": another navplan is at it; waiting for its end.")


def test_a_file_that_was_whole_when_killed_is_not_asked_for_again(
    web_of: WebOf, tmp_path: Path
) -> None:
    day = "Sat, 21 Nov 2026 08:00:00 GMT"
    with Server({"geofabrik": Files(Last_Modified=day)}) as server:
        server.trouble("geofabrik", "half", *[503] * 4)
        with pytest.raises(FetchError):
            get(web_of(server))
        (part,) = (tmp_path / "cache" / "parts").glob("*.part")
        part.write_bytes(FILE)
        asked = len(server.asked)
        got = get(web_of(server))
        assert (got.bytes(), got.source.retrieved) == (FILE, "2026-11-22")
        assert len(server.asked) == asked
        assert not list((tmp_path / "cache" / "parts").glob("*.part"))
