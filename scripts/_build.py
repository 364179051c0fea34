"""What the scripts that build a study's tables share: the build file, texts in, tables out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pandera.pandas as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from navplan import tables
from navplan.errors import Fault, raise_faults

PROVENANCE = ("source", "date", "quality")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Polygons(_Part):
    """Where the outlines of the areas lie."""

    file: str
    code: str
    within: str | None = None
    within_code: str | None = None
    within_codes: tuple[str, ...] = ()
    near_m: float = 0.0
    source: str


class Area(_Part):
    """One bydel or kommune."""

    name: str
    kommune: str
    polygons: tuple[str, ...]
    ages: tuple[str, ...]


class Cells(_Part):
    """The grid of residents."""

    file: str
    source: str
    date: str


class Ages(_Part):
    """The table of residents by age and sex."""

    file: str
    source: str
    groups: tuple[str, ...]
    actual: tuple[int, ...]


class Projected(_Part):
    """Areas that share one projected figure, as codes with the share that is counted."""

    areas: tuple[str, ...]
    kommuner: dict[str, float]


class Projection(_Part):
    """An official projection of whole kommuner."""

    file: str
    source: str
    alternative: str
    base: int
    year: int
    group: tuple[Projected, ...]


class Cohorts(_Part):
    """The study's own projection."""

    alternative: str
    start: Annotated[int, Field(alias="from")]
    base: int
    year: int
    open_age: int = 90
    pooled: Annotated[int, Field(ge=1)] = 1


class Roads(_Part):
    """Where the roads lie and how local ways are made."""

    file: str
    source: str
    date: str
    buffer_m: float
    local_m: float = 1500.0
    built_up_m: float = 375.0


class Build(_Part):
    """The whole build file of a study."""

    polygons: Polygons
    area: tuple[Area, ...]
    cells: Cells
    ages: Ages
    projection: Projection | None = None
    cohorts: Cohorts | None = None
    roads: Roads


def read_build(study: Path) -> Build:
    """Read ``hand/build.toml`` of a study.

    Parameters
    ----------
    study : Path
        Folder of the study.

    Returns
    -------
    Build
        Checked.

    Raises
    ------
    InputError
        With every key that is missing, unknown or of the wrong kind.
    """
    path = study / "hand" / "build.toml"
    if not path.is_file():
        raise_faults([Fault("hand/build.toml", "", "there is no such file.", "Write it first.")])
    try:
        return Build.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        found = [Fault("hand/build.toml", "", f"is not TOML: {error}.")]
    except ValidationError as error:
        found = [
            Fault("hand/build.toml", ".".join(map(str, e["loc"])), f"{e['msg']}.")
            for e in error.errors()
        ]
    raise_faults(found)
    raise AssertionError


def read_texts(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a hand-made table as texts, with the columns it must have.

    Parameters
    ----------
    path : Path
        A CSV file; a table without rows if it is absent.
    columns : tuple of str
        The columns before ``source``, ``date``, ``quality``.

    Returns
    -------
    DataFrame
        Exactly these columns, empty cells as ``""``.

    Raises
    ------
    InputError
        If a column is missing or unknown, or a row lacks source, date or quality.
    """
    wanted = [*columns, *PROVENANCE]
    if not path.is_file():
        return pd.DataFrame(columns=wanted, dtype=str)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    faults = [Fault(path.name, c, "the column is missing.") for c in wanted if c not in frame]
    faults += [Fault(path.name, c, "is not known.") for c in frame if c not in wanted]
    raise_faults(faults)
    for name in PROVENANCE:
        for row in frame.index[frame[name] == ""]:
            faults.append(Fault(path.name, f"row {row + 2}, {name}", "is empty."))
    raise_faults(faults)
    return frame[wanted]


def write_table(frame: pd.DataFrame, path: Path, schema: pa.DataFrameSchema) -> None:
    """Check a table against its schema and write it, always with the same bytes.

    Parameters
    ----------
    frame : DataFrame
        The rows.
    path : Path
        Where to; replaced.
    schema : DataFrameSchema
        One of `navplan.tables`.

    Raises
    ------
    InputError
        If the table does not fit its schema.
    """
    columns: list[Any] = list(schema.columns)
    _, faults = tables.check(frame[columns], schema, where=path.name)
    raise_faults(faults)
    frame[columns].to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
