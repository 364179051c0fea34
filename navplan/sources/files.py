"""Tables from files: read whole, checked whole, every fault with its row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pandera.pandas as pa

from navplan.errors import Fault
from navplan.sources.csv_text import read_csv_rows
from navplan.tables import check

_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d{1,3}(\s?\d{3})*,\d+")
_NUMBER: Final = re.compile(
    r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE
)
_WHOLE: Final = re.compile(r"[+-]?\d{1,15}", re.ASCII)


def read_table(path: Path, schema: pa.DataFrameSchema) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV table and check it against its schema.

    For the tables of a study. For map layers use `navplan.sources.read_layer`, for the population
    grid `navplan.sources.read_grid`.

    Parameters
    ----------
    path : Path
        CSV file: UTF-8 with or without byte order mark, comma, one header row.
    schema : DataFrameSchema
        One of the schemas of `navplan.tables`.

    Returns
    -------
    DataFrame
        With the schema's types; as read, or empty, where there are faults.
    list of Fault
        All that is wrong, with the row numbers of the file (the header is row 1). Where the file
        is no readable table nothing further is checked.

    Notes
    -----
    Spaces around a value are dropped. An empty field is missing in number columns and empty text
    elsewhere. ``nan`` and ``inf`` are no numbers here: what is missing is left empty.
    """
    where = path.name
    read = read_csv_rows(path)
    if read.faults:
        return pd.DataFrame(), read.faults
    header, *body = read.rows
    frame = pd.DataFrame(body, columns=header, dtype=object)
    faults = _mend_numbers(frame, schema, where)
    checked, found = check(frame, schema, where=where)
    told = {fault.key for fault in faults}
    faults += [fault for fault in found if fault.key not in told]
    return checked, faults


def _mend_numbers(frame: pd.DataFrame, schema: pa.DataFrameSchema, where: str) -> list[Fault]:
    """Tell of each value that is no number, and put 0 there so that the other checks still run."""
    faults: list[Fault] = []
    for name, column in schema.columns.items():
        kind = str(column.dtype)
        if kind not in {"float64", "int64"} or name not in frame.columns:
            continue
        if kind == "float64":  # an empty field is a missing number
            frame[name] = frame[name].where(frame[name] != "", np.nan)
        for row, value in enumerate(frame[name]):
            fault = _number_fault(value, whole=kind == "int64") if isinstance(value, str) else None
            if fault is not None:
                problem, remedy = fault
                if column.description:
                    remedy = f"{remedy} Expected: {column.description}."
                faults.append(Fault(where, f"row {row + 2}, {name}", problem, remedy))
                frame.loc[row, name] = "0"
    return faults


def _number_fault(value: str, *, whole: bool) -> tuple[str, str] | None:
    if not value:
        return "is empty; a value is needed.", "Write 0 if it is none."
    if _DECIMAL_COMMA.fullmatch(value):
        plain = re.sub(r"\s", "", value).replace(",", ".")
        return f"{value!r} has a decimal comma.", f"Write {plain}."
    if whole and _WHOLE.fullmatch(value) is None:
        return f"{value[:40]!r} is no whole number.", "Write digits only."
    if _NUMBER.fullmatch(value) is None:
        return f"{value[:40]!r} is no number.", "Write digits and a point, or leave it empty."
    return None
