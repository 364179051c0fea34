"""A `Web` that asks a local server and never sleeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from navplan.sources.web import Clock, Web
from tests.services.server import Server

START = datetime(2026, 11, 22, 12, tzinfo=UTC)

WebOf = Callable[..., Web]


class StillClock(Clock):
    """Moves only when one sleeps; remembers for how long."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.passed = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds


@pytest.fixture
def web_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebOf]:
    """Makes ``web_of(server)``: a `Web` on a cache in tmp_path with every id at the server.

    Options of `Web` may be given: ``web_of(server, offline=True, timeout_s=0.2)``; ``cache`` and
    ``clock`` too. All share one cache unless told otherwise, so a second one finds what the first
    kept.
    """
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    made: list[Web] = []

    def make(server: Server, **options: Any) -> Web:
        settings: dict[str, Any] = {
            "cache": tmp_path / "cache",
            "mirrors": server.mirrors,
            "clock": StillClock(),
            "timeout_s": 5.0,
        }
        web = Web(**(settings | options))
        made.append(web)
        return web

    yield make
    for web in made:
        web.close()
