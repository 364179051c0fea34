"""A fetch that is killed leaves nothing broken, and goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from navplan.study import fetch_study
from tests.services.fixtures import WebOf, web_of
from tests.services.server import Answer, Reply, Request, Server
from tests.services.study import new_town, services
from tests.unit.test_fetching import FILES, ONLY_OSM, content

__all__ = ["web_of"]
pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

COMMAND = "from navplan.cli import main; main()"


def whole(tmp_path: Path, web_of: WebOf) -> dict[str, bytes]:
    """The study as a fetch leaves it that nobody disturbs."""
    town = new_town(tmp_path / "undisturbed", ONLY_OSM)
    with Server(services()) as server:
        fetch_study(town, web_of(server, cache=tmp_path / "other", clock=None))
    return content(town)


class Killing:
    """Services that kill the process that asks them, at certain questions."""

    def __init__(self, moments: tuple[int, ...]) -> None:
        self.moments = moments
        self.running: subprocess.Popen[bytes] | None = None
        self.asked = 0

    def services(self) -> dict[str, Answer]:
        return {name: self._before(answer) for name, answer in services().items()}

    def _before(self, answer: Answer) -> Answer:
        def killing(request: Request) -> Reply:
            self.asked += 1
            if self.asked in self.moments and self.running is not None:
                self.running.send_signal(signal.SIGKILL)
            return answer(request)

        return killing


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not known there")
@pytest.mark.parametrize(
    "moments", [(8,), pytest.param((1, 4, 8, 11, 14), marks=pytest.mark.slow)], ids=str
)
def test_a_killed_process_resumes(tmp_path: Path, web_of: WebOf, moments: tuple[int, ...]) -> None:
    """The moments count the questions that the services have had, over all tries."""
    expected = whole(tmp_path, web_of)
    town = new_town(tmp_path, ONLY_OSM)
    killing = Killing(moments)
    ends = []
    with Server(killing.services()) as server:
        for _ in moments:
            killing.running = subprocess.Popen(
                [sys.executable, "-c", COMMAND, "fetch", str(town), "--mirror", server.address],
                env={**os.environ, "NAVPLAN_CACHE": str(tmp_path / "answers")},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            ends.append(killing.running.wait(timeout=120))
            there = content(town)
            for name in FILES:  # whole or not at all
                assert there.get(name, expected[name]) == expected[name]
        killing.running = None
        told = fetch_study(town, web_of(server, cache=tmp_path / "answers", clock=None))
    assert ends == [-signal.SIGKILL] * len(moments)
    assert not told.kept
    assert content(town) == expected
    assert not [path for path in town.iterdir() if path.is_dir()]
    # what the killed tries were told was not asked again, but for the question they died of
    asked = {(r.service, r.path, str(r.params)) for r in server.asked}
    assert len(server.asked) == len(asked) + len(moments)


class Interrupted(BaseException):
    """Stands for the power going off."""


@pytest.fixture
def interrupted_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Lets the n-th renaming of a file in the study, and all after it, fail."""
    left = {"renamings": 1_000}
    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target.parent.name == "town":
            left["renamings"] -= 1
            if left["renamings"] < 0:
                raise Interrupted
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return left


@pytest.mark.parametrize("number", range(7))
def test_interrupted_between_any_two_files(
    tmp_path: Path, web_of: WebOf, interrupted_at: dict[str, int], number: int
) -> None:
    """Three files, the ledger, and the record before and after: six renamings."""
    part = ["places"]
    with Server(services()) as server:
        undisturbed = new_town(tmp_path / "undisturbed", ONLY_OSM)
        fetch_study(undisturbed, web_of(server), only=part)
        expected = content(undisturbed)
        town = new_town(tmp_path, ONLY_OSM)
        interrupted_at["renamings"] = number
        if number < 6:
            with pytest.raises(Interrupted):
                fetch_study(town, web_of(server), only=part)
            interrupted_at["renamings"] = 1_000
        assert not [path for path in town.iterdir() if path.is_dir()]
        assert content(town).items() - expected.items() <= {
            ("fetched.json", content(town).get("fetched.json"))
        }
        told = fetch_study(town, web_of(server), only=part)
    assert not told.kept
    assert content(town) == expected
