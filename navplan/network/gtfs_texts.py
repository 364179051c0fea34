"""The bytes of a GTFS table → a table of texts; what cannot be read is told, not guessed."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from navplan.network.gtfs_feed import Feed, amount

_END: Final = "\x1a"
"""A row of its own behind the last; swallowed where a quotation mark is never closed."""
_TWO_BYTES: Final = (b"\xff\xfe", b"\xfe\xff")


def parse(name: str, content: bytes, feed: Feed) -> pd.DataFrame | None:
    """Read a table of texts.

    UTF-8 with or without byte order mark, else Latin-1 with a notice; line ends of any kind;
    blanks around values, quoted values with commas and line ends in them. Rows longer than the
    header are cut, shorter ones filled up with empty cells, both with a notice.

    Parameters
    ----------
    name : str
        Of the table, without ``.txt``.
    content : bytes
        The file.
    feed : Feed
        Faults and notices are added to it.

    Returns
    -------
    DataFrame or None
        Texts without blanks around them; None after a fault.
    """
    file = f"{name}.txt"
    text = _decoded(file, content, feed)
    if text is None:
        return None
    try:
        names = [cell.strip().removeprefix("\ufeff").lower() for cell in next(_rows(text), [])]
    except csv.Error as error:
        feed.fault(file, f"cannot be split into columns ({error}).", "Save it anew as CSV.")
        return None
    if len(set(names)) < len(names):
        feed.fault(file, "a column stands more than once.", "Keep one of them.")
        return None
    if not names:
        feed.repaired(f"{file} is empty.")
        return pd.DataFrame()
    table: pd.DataFrame | None
    try:
        table, patient = _quick(text, len(names)), False
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError):
        table, patient = _patient(file, text, feed), True
    if table is None:
        return None
    # each different text is looked at once: stop times have few
    coded = {
        name: pd.factorize(table[column]) for name, column in zip(names, table.columns, strict=True)
    }
    if not patient:
        _tell_missing(file, _missing(text, table, coded), feed)
    return pd.DataFrame(
        {name: pd.Index(words).str.strip().take(codes) for name, (codes, words) in coded.items()}
    )


def _decoded(file: str, content: bytes, feed: Feed) -> str | None:
    if content.startswith(_TWO_BYTES):
        feed.fault(file, "is UTF-16 text (“Unicode text”).", "Save it as UTF-8.")
        return None
    if b"\0" in content:
        feed.fault(file, "holds NUL bytes: it is no text in UTF-8.", "Save it as UTF-8.")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = content.decode("latin-1")
        feed.repaired(f"{file} is not UTF-8 (byte {error.start}); read as Latin-1.")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            feed.repaired(f"{file} has line ends of more than one kind.")
            text = text.replace("\r", "\n")
    return text


def _rows(text: str) -> Iterator[list[str]]:
    """Split into rows, but for blank lines."""
    for row in csv.reader(io.StringIO(text), skipinitialspace=True):
        if len(row) > 1 or "".join(row).strip():
            yield row


def _quick(text: str, width: int) -> pd.DataFrame:
    """Parse by pandas; raises on rows longer than the header, which it would shift or cut."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        table = pd.read_csv(
            io.StringIO(text),
            dtype=str,
            na_filter=False,
            skipinitialspace=True,
            skip_blank_lines=True,
        )
    if len(table.columns) != width or not isinstance(table.index, pd.RangeIndex):
        raise pd.errors.ParserError("The first row is longer than the header.")
    return table


def _missing(text: str, table: pd.DataFrame, coded: Mapping[str, tuple[Any, pd.Index]]) -> int:
    """Count the cells that pandas filled in where rows end early, by the commas they lack."""
    missing = (len(table.columns) - 1) * (len(table) + 1) - text.count(",")
    if missing and '"' in text:
        missing += sum(str(name).count(",") for name in table.columns)
        for codes, words in coded.values():
            commas = np.array([word.count(",") for word in words], dtype=np.int64)
            missing += int(commas @ np.bincount(codes, minlength=len(words)))
    return missing


def _tell_missing(file: str, cells: int, feed: Feed) -> None:
    if cells > 0:
        missing = amount(cells, "cell")
        feed.repaired(f"{file}: {missing} missing at the end of rows; counted as empty.")


def _patient(file: str, text: str, feed: Feed) -> pd.DataFrame | None:
    """Parse row by row, cutting rows that are longer than the header."""
    try:
        rows = list(_rows(f"{text}\n{_END}"))
    except csv.Error as error:
        feed.fault(file, f"cannot be split into columns ({error}).", "Save it anew as CSV.")
        return None
    if rows.pop() != [_END]:
        problem = "a quotation mark is opened and never closed."
        feed.fault(file, problem, "Close it, or double it where it is part of a text.")
        return None
    header, body = rows[0], rows[1:]
    width = len(header)
    longer = sum(len(row) > width for row in body)
    if longer:
        feed.repaired(f"{file}: {amount(longer, 'row')} with more cells than the header; cut.")
    _tell_missing(file, sum(max(width - len(row), 0) for row in body), feed)
    filled = [[*row[:width], *[""] * (width - len(row))] for row in body]
    return pd.DataFrame(filled, columns=header, dtype=str)
