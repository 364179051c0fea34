"""Where studies lie: a folder of one's own first, then those that come with navplan."""

from __future__ import annotations

import os
import tomllib
from importlib.resources import files
from pathlib import Path

from navplan.errors import Fault, InputError
from navplan.units import Language

STUDY_FILE = "study.toml"


def study_folders() -> list[Path]:
    """List the folders that hold studies, the user's own first.

    Returns
    -------
    list of Path
        ``$NAVPLAN_STUDIES`` if set, the working folder, its ``studies`` and ``data``, and last
        the studies embedded in navplan.
    """
    own = [Path(p) for p in os.environ.get("NAVPLAN_STUDIES", "").split(os.pathsep) if p]
    here = [Path.cwd(), Path.cwd() / "studies", Path.cwd() / "data"]
    return [folder for folder in [*own, *here, *embedded_folders()] if folder.is_dir()]


def embedded_folders() -> list[Path]:
    """List where studies and lists that come with navplan may lie.

    Returns
    -------
    list of Path
        Some may not be there.
    """
    package = Path(str(files("navplan")))
    embedded = [package / "studies"]
    if (package.parent / "pyproject.toml").is_file():  # a checkout, not an installed wheel
        embedded.append(package.parent / "data")
    return embedded


def list_studies() -> dict[str, Path]:
    """List every study that can be opened by name.

    Returns
    -------
    dict of str to Path
        Name → folder; of two studies with one name the user's own.
    """
    found: dict[str, Path] = {}
    for folder in study_folders():
        for file in sorted(folder.glob(f"*/{STUDY_FILE}")):
            found.setdefault(file.parent.name, file.parent)
    return found


def find_study(name: str | Path) -> Path:
    """Find a study by its name or its path.

    Parameters
    ----------
    name : str or Path
        A name from `list_studies`, a folder, or a ``study.toml``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If there is none; the message lists those there are.
    """
    path = Path(name)
    try:
        if path.name == STUDY_FILE and path.is_file():
            return path.parent
        if (path / STUDY_FILE).is_file():
            return path
    except OSError:  # no path can be so long
        name = str(name)[:80]
    studies = list_studies()
    if str(name) in studies:
        return studies[str(name)]
    there = ", ".join(studies) or "none"
    remedy = f"Studies found: {there}. Give one of them, or the path of a folder with {STUDY_FILE}."
    raise InputError([Fault(str(name), "", "there is no such study.", remedy)])


def read_title(folder: Path, language: Language = "en") -> str:
    """Read a study's title without checking the study.

    Parameters
    ----------
    folder : Path
        The study's folder.
    language : {"nb", "nn", "en"}
        Which title.

    Returns
    -------
    str
        The title; empty where the file cannot be read.
    """
    try:
        raw = tomllib.loads((folder / STUDY_FILE).read_text(encoding="utf-8-sig"))
        return str(raw["title"][language])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
