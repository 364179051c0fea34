"""The tables of a results folder: their columns, and how they are written and read as CSV.

UTF-8, LF, comma, a header; numbers with at most four decimals (shares six) and no trailing zeros,
so that equal results give equal bytes; an empty field is an absent value.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

import pandas as pd

from navplan.errors import Fault
from navplan.nouns.spreadsheets import neutralise, restore

Kind: TypeAlias = Literal["text", "number", "whole"]

_VALUES: Final[dict[str, Kind]] = {
    "mean_minutes": "number",
    "worst_minutes": "number",
    "ede_minutes": "number",
    "share_without_time": "number",
}
_CASE: Final[dict[str, Kind]] = {"question": "text", "profile": "text", "outlook": "text"}
_STRUCTURE: Final[dict[str, Kind]] = {"offices": "text", "allocation": "text"}
TABLES: Final[Mapping[str, Mapping[str, Kind]]] = {
    "comparison": {
        "scenario": "text",
        "outlook": "text",
        "profile": "text",
        "by": "text",
        "group": "text",
        "measure": "text",
        "value": "number",
        "unit": "text",
        "share_without_time": "number",
        "people": "number",
    },
    "zone_minutes": {
        "scenario": "text",
        "profile": "text",
        "zone": "text",
        "office": "text",
        "minutes": "number",
        "nearest": "text",
        "nearest_minutes": "number",
        "reason": "text",
        "change_minutes": "number",
    },
    "ranking": {
        "question": "text",
        "profile": "text",
        "outlook": "text",
        "objective": "text",
        "rank": "whole",
        "count": "whole",
        "value": "number",
        "scenario": "text",
        "offices": "text",
        "allocation": "text",
        **_VALUES,
        "status": "text",
    },
    "answers": {
        **_CASE,
        "objective": "text",
        "value": "number",
        "bound": "number",
        "unit": "text",
        "status": "text",
        "reason": "text",
        **_STRUCTURE,
        "share_without_time": "number",
    },
    "near_best": {
        **_CASE,
        "objective": "text",
        "rank": "whole",
        "group": "whole",
        "scenario": "text",
        **_STRUCTURE,
        "value": "number",
        "above_minutes": "number",
        "above_percent": "number",
    },
    "site_shares": {
        **_CASE,
        "objective": "text",
        "within_percent": "number",
        "count": "whole",
        "complete": "text",
        "site": "text",
        "share": "number",
    },
    "prices": {
        **_CASE,
        "demand": "text",
        "sites": "text",
        "value": "number",
        "best": "number",
        "price_minutes": "number",
        "least_price": "number",
        "most_price": "number",
        **_STRUCTURE,
        "status": "text",
    },
    "fronts": {
        **_CASE,
        "kind": "text",
        "place": "whole",
        "mean_minutes": "number",
        "worst_minutes": "number",
        "knee": "text",
        "scenario": "text",
        **_STRUCTURE,
        "status": "text",
    },
    "regrets": {
        "question": "text",
        "profile": "text",
        "structure": "text",
        "outlook": "text",
        "value": "number",
        "best": "number",
        "regret": "number",
        **_STRUCTURE,
        "status": "text",
    },
    "stability": {
        "question": "text",
        "profile": "text",
        "parameter": "text",
        "setting": "text",
        **_STRUCTURE,
        "value": "number",
        "base_value": "number",
        "loss": "number",
        "status": "text",
    },
    "zones": {"zone": "text", "name": "text", "area": "text", "x": "number", "y": "number"},
    "offices": {
        "site": "text",
        "name": "text",
        "kind": "text",
        "area": "text",
        "x": "number",
        "y": "number",
        "step_free": "text",
        "quality": "text",
    },
    "outlooks": {"outlook": "text", "area": "text", "age": "text", "people": "number"},
    "sources": {
        "table": "text",
        "source": "text",
        "date": "text",
        "quality": "text",
        "rows": "whole",
    },
}
ANSWERS: Final = ("answers", "near_best", "site_shares", "prices", "fronts", "regrets", "stability")
"""The tables that answer the questions of a study; empty where it asks none."""
PEOPLE: Final = "people_"
"""How the columns of ``zones.csv`` begin that hold the residents of an outlook."""

_DECIMALS: Final = 4
_SHARE_DECIMALS: Final = 6
_AGAIN: Final = "Run the study again."


def _number(value: object, decimals: int) -> str:
    number = float(value)  # type: ignore[arg-type]
    if math.isnan(number):
        return ""
    text = f"{number:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def empty(name: str) -> pd.DataFrame:
    """Make a table without rows.

    Parameters
    ----------
    name : str
        Name of the table.

    Returns
    -------
    DataFrame
        With the columns of `TABLES`.
    """
    return pd.DataFrame(columns=list(TABLES[name]))


def columns_of(name: str, frame: pd.DataFrame) -> dict[str, Kind]:
    """Columns of a table with their kinds, those of the outlooks included.

    Parameters
    ----------
    name : str
        Name of the table.
    frame : DataFrame
        The table.

    Returns
    -------
    dict
        Column → kind, in file order.
    """
    columns = dict(TABLES[name])
    if name == "zones":
        columns |= {str(c): "number" for c in frame.columns if str(c).startswith(PEOPLE)}
    return columns


def check_columns(name: str, frame: pd.DataFrame) -> list[Fault]:
    """Find columns that are missing or unknown.

    Parameters
    ----------
    name : str
        Name of the table.
    frame : DataFrame
        The table.

    Returns
    -------
    list of Fault
        None where all is well.
    """
    where = f"{name}.csv"
    wanted = columns_of(name, frame)
    faults = [
        Fault(where, column, "the column is missing.", f"Expected: {', '.join(wanted)}.")
        for column in wanted
        if column not in frame.columns
    ]
    faults += [
        Fault(where, str(column), "the column is not known.", f"Expected: {', '.join(wanted)}.")
        for column in frame.columns
        if column not in wanted
    ]
    return faults


def write_table(name: str, frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV.

    Parameters
    ----------
    name : str
        Name of the table.
    frame : DataFrame
        With the columns of `TABLES`.
    path : Path
        The file.
    """
    columns = columns_of(name, frame)
    texts = []
    for column, kind in columns.items():
        if kind == "text":
            texts.append([neutralise("" if pd.isna(v) else str(v)) for v in frame[column]])
        else:
            decimals = _SHARE_DECIMALS if column.startswith("share") else _DECIMALS
            texts.append([_number(v, decimals) for v in frame[column]])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*texts, strict=True))


def read_table(name: str, path: Path) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a table that `write_table` wrote.

    Parameters
    ----------
    name : str
        Name of the table.
    path : Path
        The file.

    Returns
    -------
    DataFrame
        With the columns of `TABLES`; empty where there are faults.
    list of Fault
        What is wrong with it.
    """
    where = path.name
    if not path.is_file():
        return pd.DataFrame(), [Fault(where, "", f"is not in {path.parent}.", _AGAIN)]
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        return pd.DataFrame(), [Fault(where, "", f"cannot be read as a table: {error}", _AGAIN)]
    faults = check_columns(name, frame)
    if faults:
        return pd.DataFrame(), faults
    for column, kind in columns_of(name, frame).items():
        if kind == "text":
            frame[column] = [restore(text) for text in frame[column]]
            continue
        texts = frame[column]
        values = pd.to_numeric(texts.replace("", None), errors="coerce").astype(float)
        wrong = (values.isna() & (texts != "")) | ((kind == "whole") & ~(values % 1 == 0))
        faults += [
            Fault(where, f"row {row + 2}, {column}", f"{texts[row]!r} is no {kind} number.", _AGAIN)
            for row in frame.index[wrong][:5]
        ]
        frame[column] = values.astype(int) if kind == "whole" and not wrong.any() else values
    return (pd.DataFrame(), faults) if faults else (frame, [])
