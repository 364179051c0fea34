"""What a plain install brings is enough to import the command line."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

_BLOCKED = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
import navplan.cli
"""


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", text)[0].replace("-", "_") for text in requirements}


def test_the_command_line_needs_no_extra(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    blocked = names_of([text for extra in extras for text in extra])
    blocked -= names_of(project["dependencies"]) | {"navplan"}
    assert "osmium" in blocked
    code = _BLOCKED.format(names=blocked)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
