"""Excel workbooks → rows of text: stored values only, nothing run, nothing fetched."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import zipfile
from pathlib import Path
from typing import Any, Final

from navplan.errors import Fault, InputError
from navplan.nouns.archives import BROKEN

MAX_WORKBOOK_BYTES: Final = 50 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 200 * 1024 * 1024
MAX_RATIO: Final = 300
_SMALL_BYTES: Final = 2**20
_HEAD_BYTES: Final = 4096
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 200

_OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"  # the container of .xls and of encrypted workbooks
_AS_XLSX: Final = "Save it as an Excel workbook (.xlsx) without macros and password, or as CSV."
_WHOLE: Final = re.compile(r"-?\d+\.0")


def read_workbook(
    path: Path, *, sheet: str | None = None
) -> tuple[list[list[str]], str, list[Fault]]:
    """Read a sheet of an Excel workbook as text.

    Parameters
    ----------
    path : Path
        ``.xlsx``. Workbooks with macros, the old format and encrypted ones are refused.
    sheet : str, optional
        Name of the sheet; the first that is not hidden unless told.

    Returns
    -------
    list of list of str
        Rows of one length, the header first; empty rows at the end are dropped. Whole numbers
        come without decimals, yes/no as ``yes`` and ``no``, times of day as ``HH:MM``.
    str
        Name of the sheet read.
    list of Fault
        All that is wrong, with the cell: error values, dates where text is expected (Excel makes
        dates of house numbers such as 1-3), formulas whose value was never stored.

    Notes
    -----
    Needs the extra ``excel`` (openpyxl). Of formulas the value that Excel stored is read; links
    to other workbooks are not followed.
    """
    where = path.name
    faults = _container_faults(path)
    if faults:
        return [], "", faults
    try:
        import openpyxl  # noqa: PLC0415
    except ImportError:
        remedy = "Install it (pip install navplan[excel]), or save the table as CSV."
        return [], "", [Fault(where, "", "Excel needs the package openpyxl.", remedy)]
    content = path.read_bytes()  # opened from memory: the package leaves files open at a fault
    try:
        stored, written = (
            openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=values, keep_links=False
            )
            for values in (True, False)
        )
        return _sheet(stored, written, sheet, where)
    except InputError as error:
        return [], "", list(error.faults)
    except Exception as error:  # noqa: BLE001  # a damaged workbook raises whatever lies below
        problem = f"cannot be read as a workbook ({type(error).__name__})."
        return [], "", [Fault(where, "", problem, _AS_XLSX)]


def _container_faults(path: Path) -> list[Fault]:
    where = path.name
    if not path.is_file():
        problem = f"there is no such file in {path.parent.name}/."
        return [Fault(where, "", problem, "Put the file there or correct its name.")]
    if path.stat().st_size > MAX_WORKBOOK_BYTES:
        problem = f"is larger than {MAX_WORKBOOK_BYTES // 1024**2} MB."
        return [Fault(where, "", problem, "Keep only the sheet that is needed.")]
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_OLD_OR_LOCKED):
        problem = "is in Excel's old format (.xls) or locked by a password."
        return [Fault(where, "", problem, _AS_XLSX)]
    try:
        with zipfile.ZipFile(path) as archive:
            problem, remedy = _archive_problem(archive)
    except BROKEN:
        problem, remedy = "is damaged: it cannot be unpacked.", _AS_XLSX
    return [Fault(where, "", problem, remedy)] if problem else []


def _archive_problem(archive: zipfile.ZipFile) -> tuple[str, str]:
    members = archive.infolist()
    names = [member.filename for member in members]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return "holds macros; it is not opened.", _AS_XLSX
    if "xl/workbook.xml" not in names or len(set(names)) != len(names):
        return "is no Excel workbook.", _AS_XLSX
    # zipfile cuts what it unpacks at the size told, so that the sizes told hold
    size = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if size > MAX_UNPACKED_BYTES or (size > MAX_RATIO * packed and size > _SMALL_BYTES):
        problem = f"unpacks to {size / 1e6:,.0f} MB, far more than a table takes."
        return problem, "Save the table as CSV."
    for name in names:
        if name.endswith(".xml"):
            with archive.open(name) as part:
                if b"<!DOCTYPE" in part.read(_HEAD_BYTES):
                    return "defines entities, which no workbook needs; not opened.", _AS_XLSX
    return "", ""


def _sheet(
    stored: Any, written: Any, sheet: str | None, where: str
) -> tuple[list[list[str]], str, list[Fault]]:
    names = [one.title for one in stored.worksheets if one.sheet_state == "visible"]
    name = sheet if sheet is not None else next(iter(names), "")
    if name not in stored.sheetnames or name not in {one.title for one in stored.worksheets}:
        problem = f"has no sheet {name!r}; it has {', '.join(names) or 'none that is visible'}."
        raise InputError([Fault(where, "", problem, "Correct the sheet's name.")])
    table, formulas = stored[name], written[name]
    table.reset_dimensions()  # what the file says of its size need not hold
    formulas.reset_dimensions()
    rows: list[list[str]] = []
    faults: list[Fault] = []
    pairs = zip(
        table.iter_rows(values_only=True), formulas.iter_rows(values_only=True), strict=True
    )
    for number, (values, sources) in enumerate(pairs, start=1):
        if number > MAX_ROWS or len(values) > MAX_COLUMNS:
            problem = f"has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns."
            raise InputError([Fault(where, name, problem, "Keep only the table.")])
        row = []
        for column, (value, source) in enumerate(itertools.zip_longest(values, sources), start=1):
            text, problem = _text(value, source)
            if problem:
                key = f"row {number}, column {_letters(column)}"
                remedy = "Mend the cell; format codes and house numbers as text."
                faults.append(Fault(where, key, problem, remedy))
            row.append(text)
        rows.append(row)
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise InputError([Fault(where, name, "the sheet is empty.", "Name the right sheet.")])
    width = max((at for row in rows for at, text in enumerate(row, start=1) if text), default=0)
    return [(row + [""] * width)[:width] for row in rows], name, faults


def _text(value: Any, source: Any) -> tuple[str, str]:
    """Give a cell as text, and what is wrong with it."""
    if value is None:
        if isinstance(source, str) and source.startswith("="):
            return "", "is a formula whose value was never stored: open and save it in Excel."
        return "", ""
    if isinstance(value, bool):
        return ("yes" if value else "no"), ""
    if isinstance(value, float | int):
        text = repr(value)
        return (text[:-2] if _WHOLE.fullmatch(text) else text), ""
    if isinstance(value, dt.time):
        return value.strftime("%H:%M"), ""
    if isinstance(value, dt.date | dt.timedelta):
        return "", f"is a date or a duration ({value}), where text or a number is expected."
    text = " ".join(str(value).split())
    return (text, f"holds the error {text}.") if re.fullmatch(r"#[A-Z/0!?]+", text) else (text, "")


def _letters(column: int) -> str:
    """Give Excel's name of a column: 1 is A, 27 is AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
