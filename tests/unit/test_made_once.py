"""What the tests share in one run is made once, and never half."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import FIRST
from tests.made_once import made_once


def test_it_is_made_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "told.txt").write_text("once", encoding="utf-8")

    first = made_once("made-once", make, tmp_path_factory)
    again = made_once("made-once", make, tmp_path_factory)
    assert first == again
    assert len(made) == 1
    assert (first / "told.txt").read_text(encoding="utf-8") == "once"


def test_what_failed_halfway_is_made_anew(tmp_path_factory: pytest.TempPathFactory) -> None:
    def fail(folder: Path) -> None:
        (folder / "half.txt").touch()
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        made_once("made-anew", fail, tmp_path_factory)
    folder = made_once("made-anew", lambda folder: (folder / "whole.txt").touch(), tmp_path_factory)
    assert [path.name for path in folder.iterdir()] == ["whole.txt"]


def test_the_files_that_come_first_are_there(root: Path) -> None:
    assert [name for name in FIRST if not (root / "tests" / name).is_file()] == []
