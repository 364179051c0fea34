"""Make a new study: a commented study file and empty tables with the right columns."""

from __future__ import annotations

import re
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

from navplan import tables
from navplan.errors import Fault, InputError


def new_study(name: str, *, folder: Path) -> Path:
    """Make a folder with a commented ``study.toml``, empty tables and what their columns mean.

    Parameters
    ----------
    name : str
        Lower-case letters a–z, digits and hyphens.
    folder : Path
        Where to make it.

    Returns
    -------
    Path
        The new folder.

    Raises
    ------
    InputError
        If the name is not fit, or the folder is there already.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        remedy = "Use lower-case letters a–z, digits and hyphens."
        raise InputError([Fault("new", "name", f"{name!r} is no name.", remedy)])
    target = folder / name
    if target.exists():
        raise InputError([Fault(str(target), "", "is there already.", "Choose another name.")])
    folder.mkdir(parents=True, exist_ok=True)
    text = (files("navplan") / "study" / "template" / "study.toml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=folder) as half_made:
        draft = Path(half_made) / name
        draft.mkdir()
        (draft / "study.toml").write_text(text.replace("@NAME@", name), encoding="utf-8")
        (draft / "COLUMNS.md").write_text(tables.columns_page(), encoding="utf-8")
        for schema in tables.INPUT_SCHEMAS:
            header = ",".join(schema.columns) + "\n"
            (draft / f"{schema.name}.csv").write_text(header, encoding="utf-8")
        shutil.move(draft, target)
    return target
