"""Text files split into columns: read whole, with the row of whatever is wrong."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from navplan.errors import Fault

MAX_TABLE_BYTES: Final = 200 * 1024 * 1024
MOST_ROWS_NAMED: Final = 20
CSV_REMEDY: Final = "Save it as CSV: UTF-8, comma between columns, point in decimals."

_MARKS: Final = ((";", "semicolons"), ("\t", "tabs"))
_READ_TWICE: Final = ("Ã¸", "Ã¦", "Ã¥", "Ã˜", "Ã†", "Ã…", "Ã\x98", "Ã\x86", "Ã\x85")
"""What ø æ å Ø Æ Å become when UTF-8 is read as Western European text."""
_WESTERN: Final = frozenset(
    "æøåÆØÅäöüÄÖÜßéèêëÉÈÊËáàâãÁÀÂÃóòôõÓÒÔÕíìîïÍÌÎÏúùûÚÙÛñÑçÇýÿÝšžŠŽðÐþÞ§°²³½´–—‘’“”«»…€·\xa0"
)


@dataclass(frozen=True)
class CsvRows:
    """The rows of a text file, all of one length.

    Parameters
    ----------
    rows : list of list of str
        The header first; spaces around a value are dropped. Empty where there are faults.
    faults : list of Fault
        All that is wrong.
    notices : list of str
        What was read although it is not written as it should be; each a sentence.
    """

    rows: list[list[str]]
    faults: list[Fault]
    notices: list[str]


def read_csv_rows(path: Path, *, lenient: bool = False) -> CsvRows:
    """Read a CSV file into rows of text.

    Parameters
    ----------
    path : Path
        UTF-8 with or without byte order mark, columns split by commas, one header row.
    lenient : bool
        Also take Western European (Latin-1, Windows-1252) letters and columns split by semicolons
        or tabs where that can be told for sure, with a notice. For files made by others; the
        tables of a study are read strictly.

    Returns
    -------
    CsvRows
        Row numbers in faults are those of the file (the header is row 1).
    """
    text, faults, notices = _text(path, lenient=lenient)
    if faults:
        return CsvRows([], faults, [])
    mark = ","
    if lenient:
        first = text.split("\n", 1)[0]
        for other, name in _MARKS:
            if other in first and "," not in first:
                mark = other
                notices.append(f"{path.name}: the columns are split by {name}; read so.")
                break
    rows, faults = _rows(text, path.name, mark)
    if rows:
        faults += _header_faults(rows[0], path.name)
    return CsvRows([] if faults else rows, faults, notices)


def broken_letters(text: str) -> str:
    """Find letters that were stored as UTF-8 and read as Western European.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The first word with such letters (``"Ã˜stfold"``), or empty.
    """
    found = [at for at in map(text.find, _READ_TWICE) if at >= 0]
    if not found:
        return ""
    at = min(found)
    return re.split(r"[\r\n,;\t]", text[at : at + 16])[0]


def _text(path: Path, *, lenient: bool) -> tuple[str, list[Fault], list[str]]:
    where = path.name

    def refused(
        key: str, problem: str, remedy: str = CSV_REMEDY
    ) -> tuple[str, list[Fault], list[str]]:
        """Give the one thing that keeps the file from being read as text."""
        return "", [Fault(where, key, problem, remedy)], []

    if not path.is_file():
        problem = (
            "is a folder." if path.is_dir() else f"there is no such file in {path.parent.name}/."
        )
        return refused("", problem, "Put the file there or correct its name.")
    size = path.stat().st_size
    if size > MAX_TABLE_BYTES:
        problem = f"is {size / 1e6:,.0f} MB; tables are read up to {MAX_TABLE_BYTES / 1e6:,.0f} MB."
        return refused("", problem, "Keep only the rows the study needs.")
    raw = path.read_bytes()
    if raw.startswith(b"PK\x03\x04"):
        return refused("", "is a workbook or zip file, no CSV text.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return refused("", "is UTF-16 text (“Unicode text”).")
    if (nul := raw.find(b"\0")) >= 0:
        return refused(_row_at(raw, nul), "holds a NUL byte: it is no text or is damaged.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        western = _western(raw) if lenient else None
        if western is not None:
            notice = f"{where}: is not UTF-8; read as Western European (Latin-1) letters."
            return western, [], [notice]
        near = raw[max(0, error.start - 12) : error.start + 12].decode("cp1252", errors="replace")
        word = near.splitlines()[-1]
        problem = f"is not UTF-8; read as Western European (Latin-1) it says {word!r}."
        return refused(_row_at(raw, error.start), problem)
    if lenient and (word := broken_letters(text)):
        problem = f"its letters were broken by an earlier program: {word!r}."
        return refused(_row_at(raw, raw.find(word.encode())), problem, "Export the file anew.")
    return text, [], []


def _western(raw: bytes) -> str | None:
    """Read as Windows-1252 where every letter is one that Western European texts use."""
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return text if all(letter.isascii() or letter in _WESTERN for letter in set(text)) else None


def _row_at(raw: bytes, position: int) -> str:
    newline = b"\n"
    return f"row {raw.count(newline, 0, position) + 1}"


def _rows(text: str, where: str, mark: str) -> tuple[list[list[str]], list[Fault]]:
    """Split into rows of one length; none where that cannot be done."""
    try:
        rows = [
            [field.strip() for field in row]
            for row in csv.reader(io.StringIO(text), delimiter=mark, strict=True)
        ]
    except csv.Error as error:
        return [], [Fault(where, "", f"cannot be split into columns ({error}).", CSV_REMEDY)]
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        return [], [Fault(where, "", "is empty; expected a header row and rows.", CSV_REMEDY)]
    for other, name in _MARKS:
        if len(rows[0]) == 1 and other in rows[0][0]:
            return [], [Fault(where, "row 1", f"the columns are split by {name}.", CSV_REMEDY)]
    width = len(rows[0])
    ragged = [number for number, row in enumerate(rows, start=1) if len(row) != width]
    faults = [
        Fault(where, f"row {number}", f"{_count(rows[number - 1])}; the header has {width}.",
              "Quote values that hold a comma; leave out empty rows.")
        for number in ragged[:MOST_ROWS_NAMED]
    ]  # fmt: skip
    if len(ragged) > MOST_ROWS_NAMED:
        rest = f"{len(ragged) - MOST_ROWS_NAMED} more rows have another number of values."
        faults.append(Fault(where, f"rows after {ragged[MOST_ROWS_NAMED - 1]}", rest))
    return ([] if faults else rows), faults


def _count(row: list[str]) -> str:
    if not any(row):
        return "is empty"
    return "has 1 value" if len(row) == 1 else f"has {len(row)} values"


def _header_faults(header: list[str], where: str) -> list[Fault]:
    faults = [
        Fault(where, f"row 1, column {number}", "has no name.", "Name the column or remove it.")
        for number, name in enumerate(header, start=1)
        if not name
    ]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    faults += [
        Fault(where, f"row 1, {name}", "the column stands more than once.", "Keep one.")
        for name in twice
    ]
    return faults
