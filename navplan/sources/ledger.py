"""``sources.csv``: where every input of a study came from, and what it is pinned to."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pandera.pandas as pa

from navplan.errors import Fault, InputError
from navplan.nouns.source import Source
from navplan.nouns.spreadsheets import neutralise, restore
from navplan.sources.files import read_table
from navplan.units import QUALITIES

_COLUMNS: Final = tuple(field.name for field in fields(Source))


def _text(about: str, *, unique: bool = False, needed: bool = True) -> pa.Column:
    checks = [pa.Check.str_length(min_value=1, error="is empty")] if needed else []
    return pa.Column(str, checks, unique=unique, nullable=False, description=about)


SOURCES: Final = pa.DataFrameSchema(
    {
        "id": _text("a short name, the same at every fetch", unique=True),
        "publisher": _text("who answers for the figures"),
        "address": _text("the publisher's address"),
        "retrieved": pa.Column(
            str, pa.Check.str_matches(r"^\d{4}-\d\d-\d\d$"), description="YYYY-MM-DD"
        ),
        "sha256": pa.Column(
            str, pa.Check.str_matches(r"^[0-9a-f]{64}$"), description="64 hexadecimal digits"
        ),
        "licence": _text("terms of use", needed=False),
        "attribution": _text("what must stand where the figures are shown", needed=False),
        "quality": pa.Column(
            str,
            pa.Check.isin(QUALITIES, error=f"must be one of {', '.join(QUALITIES)}"),
            description="official, approximate or assumption",
        ),
    },
    name="sources",
    description="Where every input came from; one row an input.",
    strict=True,
    coerce=True,
)


def write_sources(path: Path, rows: Iterable[Source]) -> None:
    """Write where inputs came from; the file is replaced whole.

    Parameters
    ----------
    path : Path
        ``sources.csv``.
    rows : iterable of Source
        Rows that say the same stand once.

    Raises
    ------
    InputError
        If two different rows have the same id.
    """
    kept = list(dict.fromkeys(rows))
    names = [row.id for row in kept]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            Fault(path.name, name, "two different sources have this id.") for name in twice
        )
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder) / path.name
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            writer.writerows([neutralise(text) for text in astuple(row)] for row in kept)
        draft.replace(path)


def read_sources(path: Path) -> tuple[tuple[Source, ...], list[Fault]]:
    """Read where the inputs of a study came from.

    Parameters
    ----------
    path : Path
        ``sources.csv``.

    Returns
    -------
    tuple of Source
        In the order of the file; empty where there are faults.
    list of Fault
        All that is wrong, with the row numbers of the file (the header is row 1).
    """
    frame, faults = read_table(path, SOURCES)
    if faults:
        return (), faults
    rows: list[Source] = []
    for number, row in enumerate(_restored(frame), start=2):
        try:
            rows.append(Source(**row))
        except InputError as error:
            faults += [
                Fault(path.name, f"row {number}, {fault.key}", fault.problem, fault.remedy)
                for fault in error.faults
            ]
    return ((), faults) if faults else (tuple(rows), [])


def _restored(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame[list(_COLUMNS)].to_dict("records")
    return [{str(key): restore(text) for key, text in row.items()} for row in rows]


def pins_of(rows: Iterable[Source]) -> dict[str, Source]:
    """Hold later fetches to what a study was made with.

    Parameters
    ----------
    rows : iterable of Source
        Of `read_sources`.

    Returns
    -------
    dict
        Id → row, for `navplan.sources.web.Web`.
    """
    return {row.id: row for row in rows}
