"""The README's own code blocks do what they say.

```` ```python ```` blocks run one after the other in one namespace; ```` ```console ```` and
```` ```bash ```` blocks run line by line where the line calls `navplan` or a script (lines that
make environments or clone are shown only, since CI has just done the same). What is fetched comes
from the local services.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.services.server import Server
from tests.services.study import services

pytestmark = pytest.mark.docs

_FENCE = re.compile(r"^```(?P<kind>[a-z]+)[^\n]*\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
_RUN = re.compile(r"^(\$ )?(?P<command>(navplan|python scripts/)\S*( .*)?)$")


class Block(NamedTuple):
    """One fenced block."""

    kind: str
    text: str
    line: int


def blocks(path: Path) -> list[Block]:
    text = path.read_text(encoding="utf-8")
    return [
        Block(m["kind"], m["text"], text.count("\n", 0, m.start()) + 1)
        for m in _FENCE.finditer(text)
    ]


@pytest.fixture
def workplace(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like the repository, so that what is written lands elsewhere."""
    for name in ("data", "scripts", "notebooks"):
        (tmp_path / name).symlink_to(root / name, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("NAVPLAN_CACHE", str(tmp_path / "answers"))
    return tmp_path


def run(line: str, command: list[str]) -> None:
    if command[0] == "python":
        command[0] = sys.executable
    if command[:2] != ["navplan", "fetch"]:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    else:
        with Server(services()) as server:
            mirrored = [*command, "--mirror", server.address]
            done = subprocess.run(mirrored, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"README.md, {line}\n{done.stdout}\n{done.stderr}"


def test_readme_blocks_run(root: Path, workplace: Path) -> None:
    names: dict[str, object] = {"__name__": "readme"}
    ran = 0
    for block in blocks(root / "README.md"):
        if block.kind == "python":
            source = "\n" * block.line + block.text
            exec(compile(source, "README.md", "exec"), names)
            ran += 1
        if block.kind in ("bash", "console", "sh"):
            for line in block.text.splitlines():
                match = _RUN.match(line.split("  #")[0].strip())
                if match is None:
                    continue
                run(line, shlex.split(match["command"]))
                ran += 1
    assert ran > 0, "the README shows no code that runs"
