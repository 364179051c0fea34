"""Make a new study: a commented study file, and tables to fill in or to have fetched."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from navplan import tables
from navplan.errors import Fault, raise_faults
from navplan.study.new_fetched import ADDRESS_HEADINGS, code_faults, study_text
from navplan.study.schema_fetch import ADDRESSES


def new_study(
    name: str,
    *,
    folder: Path,
    kommuner: Sequence[str] = (),
    fylke: str | None = None,
    today: dt.date | None = None,
) -> Path:
    """Make a folder with a commented ``study.toml`` and what it needs; nothing is downloaded.

    Parameters
    ----------
    name : str
        Lower-case letters a–z, digits and hyphens.
    folder : Path
        Where to make it.
    kommuner : sequence of str, optional
        Kommune numbers: the tables are then fetched (`navplan fetch`) instead of filled in, and
        the folder has a table for the offices' addresses.
    fylke : str, optional
        A fylke number: every kommune of it.
    today : date, optional
        Decides which years and weekday the study file names; the day it is unless told.

    Returns
    -------
    Path
        The new folder.

    Raises
    ------
    InputError
        If the name is not fit, the folder is there already, or a code can be none.
    """
    faults = code_faults(kommuner, fylke)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        remedy = "Use lower-case letters a–z, digits and hyphens."
        faults.append(Fault("new", "name", f"{name!r} is no name.", remedy))
    target = folder / name
    if not faults and target.exists():
        faults.append(Fault(str(target), "", "is there already.", "Choose another name."))
    raise_faults(faults)
    if kommuner or fylke:
        made = _fetched(
            study_text(name, kommuner, fylke, today=today or dt.datetime.now(dt.UTC).date())
        )
    else:
        made = _filled_in(name)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as half_made:
        draft = Path(half_made) / name
        draft.mkdir()
        for file, text in made.items():
            (draft / file).write_text(text, encoding="utf-8")
        shutil.move(draft, target)
    return target


def _filled_in(name: str) -> Mapping[str, str]:
    text = (files("navplan") / "study" / "template" / "study.toml").read_text(encoding="utf-8")
    headings = {f"{s.name}.csv": ",".join(s.columns) + "\n" for s in tables.INPUT_SCHEMAS}
    made = {"study.toml": text.replace("@NAME@", name), "COLUMNS.md": tables.columns_page()}
    return made | headings


def _fetched(text: str) -> Mapping[str, str]:
    headings = ",".join(ADDRESS_HEADINGS) + "\n"
    return {"study.toml": text, "COLUMNS.md": tables.columns_page(), ADDRESSES: headings}
