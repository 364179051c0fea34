"""The cache: whole or not there, whoever writes, is killed or damages it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from navplan.sources.web.cache import Cache, Entry
from tests.services.fixtures import WebOf
from tests.services.server import Reply, Request, Server, json_reply
from tests.unit.test_web import SSB, echo

KEY = hashlib.sha256(b"a question").hexdigest()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def keep(cache: Cache, content: bytes, days: int = 0) -> Entry:
    now = NOW + timedelta(days=days)
    return cache.keep(KEY, content, kind="text/plain", etag="", now=now)


def test_the_last_checked_is_found_unless_another_is_wanted(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.find(KEY) is None
    first = keep(cache, b"one")
    second = keep(cache, b"two", days=5)
    assert cache.find(KEY) == second
    assert cache.find(KEY, first.sha256) == first
    assert cache.find(KEY, "0" * 64) is None
    back = keep(cache, b"one", days=9)
    assert cache.find(KEY) == back
    assert (back.day, back.checked[:10]) == ("2026-11-22", "2026-12-01")
    assert len(list((tmp_path / "contents").iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"on", b"onE", b"one and more"])
def test_a_damaged_content_is_not_there(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path)
    entry = keep(cache, b"one")
    cache.content(entry).write_bytes(damage)
    assert cache.find(KEY) is None
    assert keep(cache, b"one") == cache.find(KEY)
    assert cache.content(entry).read_bytes() == b"one"


def test_a_damaged_content_is_fetched_again(web_of: WebOf) -> None:
    with Server({"ssb": echo}) as server:
        got = web_of(server).get(SSB, "t")
        got.path.write_bytes(b"damage")
        again = web_of(server).get(SSB, "t")
        assert again == got
        assert again.json()["path"] == "/t"
        assert "if-none-match" not in server.asked[1].headers


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "../../etc/passwd"},
        {"sha256": "0" * 64},
        {"sha256": 5},
        {"retrieved": "yesterday"},
        {"checked": "2026-11-22"},
        {"kind": None},
        {"etag": ["x"]},
    ],
)
def test_a_damaged_entry_is_not_there(tmp_path: Path, change: dict[str, object]) -> None:
    cache = Cache(tmp_path)
    keep(cache, b"one")
    (path,) = (tmp_path / "answers" / KEY).iterdir()
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert cache.find(KEY) is None
    for text in ("", "{}", "[]", "\x00", '{"sha256"'):
        path.write_text(text)
        assert cache.find(KEY) is None


def test_what_killed_processes_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    for name, days in (("new-a", 2), ("new-b", 0), ("x.part", 40), ("y.part", 5), ("x.lock", 99)):
        (parts / name).write_bytes(b"left")
        moment = time.time() - days * 86_400
        os.utime(parts / name, (moment, moment))
    keep(Cache(tmp_path), b"one")
    assert sorted(path.name for path in parts.iterdir()) == ["new-b", "x.lock", "y.part"]


# A process of its own, since one that tests have started threads in must not fork. It fetches into
# the first folder and is killed at the moments given (0: in the middle of the large file), until
# the last fetch may finish; then two processes at once fetch into the second folder.
FETCH = """
import hashlib, os, signal, sys, time, types
from pathlib import Path

for name in ("navplan", "navplan.nouns", "navplan.sources"):
    # what these load at import (solvers, maps) takes seconds and has no part in this
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [name.replace(".", "/")]

from navplan.sources.web import Service, Web

killed, together = Path(sys.argv[1]), Path(sys.argv[2])
address = {killed: sys.argv[3], together: sys.argv[4]}
service = Service("ssb", "SSB", "https://data.ssb.no", "CC BY 4.0", "SSB")

def fetch(folder):
    child = os.fork()
    if child:
        return child
    with Web(folder, mirrors={"ssb": address[folder]}) as web:
        for number in range(6):
            web.get(service, f"small/{number}")
        web.download(service, "large", most_bytes=10**7)
        for number in range(6, 9):
            web.get(service, f"small/{number}")
    os._exit(0)

def half_way():
    return any(path.stat().st_size > 500_000 for path in (killed / "parts").glob("*.part"))

for moment in map(float, sys.argv[5:]):
    child = fetch(killed)
    until = time.monotonic() + (moment or 60.0)
    ended = 0
    while time.monotonic() < until and not ended and (moment or not half_way()):
        time.sleep(0.005)
        ended = os.waitpid(child, os.WNOHANG)[0]
    if not ended:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    for path in (killed / "contents").glob("*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name, path
for child in (fetch(killed), fetch(together), fetch(together)):
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_moment_or_two_at_once_the_cache_ends_up_the_same(tmp_path: Path) -> None:
    large = random.Random(3).randbytes(2_000_000)

    def answer(request: Request) -> Reply:
        if request.path == "/large":
            return Reply(large, kind="application/octet-stream", seconds=0.25)
        return json_reply({"path": request.path})

    dice = random.Random(11)
    moments = [dice.uniform(0.01, 0.3) for _ in range(4)] + [0.0]
    moments += [dice.uniform(0.01, 0.4) for _ in range(3)]
    killed, together = tmp_path / "killed", tmp_path / "together"
    with Server({"killed": answer, "together": answer}) as server:
        arguments = [killed, together, *server.mirrors.values(), *moments]
        command = [sys.executable, "-c", FETCH, *map(str, arguments)]
        subprocess.run(command, check=True, cwd=ROOT, timeout=120)
        large_asked = [one for one in server.asked if one.path == "/large"]
    assert any("range" in one.headers for one in large_asked)
    assert len([one for one in large_asked if one.service == "together"]) == 1
    for part in ("contents", "answers"):
        names = sorted(path.name for path in (together / part).iterdir())
        assert sorted(path.name for path in (killed / part).iterdir()) == names
        assert len(names) == 10
    assert (together / "contents" / hashlib.sha256(large).hexdigest()).read_bytes() == large
