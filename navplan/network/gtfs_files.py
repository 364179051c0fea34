"""The tables of a GTFS feed as texts: a folder or a zip that is read, never unpacked."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

import pandas as pd

from navplan.errors import Fault

TABLES: Final = (
    *("agency", "stops", "routes", "trips", "stop_times"),
    *("calendar", "calendar_dates", "frequencies"),
)
"""The only members that are read."""
NOT_READ: Final = (
    *("attributions", "booking_rules", "areas", "fare_attributes", "fare_rules", "fare_products"),
    *("fare_leg_rules", "fare_transfer_rules", "fare_media", "feed_info", "levels", "networks"),
    *("location_groups", "location_group_stops", "pathways", "route_networks", "shapes"),
    *("stop_areas", "timeframes", "transfers", "translations", "license", "description"),
    "rider_categories",
)
"""Known files without bearing on departures and arrivals."""
MAX_BYTES: Final = 512 * 2**20
MAX_RATIO: Final = 200
_SMALL_BYTES: Final = 2**20


@dataclass
class Feed:
    """What was found: texts of the tables, faults, and notices in plain words."""

    name: str
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def fault(self, key: str, problem: str, remedy: str = "") -> None:
        """Note something that cannot be repaired.

        Parameters
        ----------
        key, problem, remedy : str
            As in `Fault`.
        """
        self.faults.append(Fault(self.name, key, problem, remedy))

    def table(self, name: str) -> pd.DataFrame:
        """Return a table, without rows where the feed has none.

        Parameters
        ----------
        name : str
            Without ``.txt``.

        Returns
        -------
        DataFrame
            Texts as read.
        """
        return self.tables.get(name, pd.DataFrame())


def amount(count: int | pd.Series[bool], noun: str) -> str:
    """Write a number with its noun: ``1 trip``, ``2 trips``.

    Parameters
    ----------
    count : int or Series of bool
        The number, or marks to count.
    noun : str
        In the singular, with a plural in -s.

    Returns
    -------
    str
        For notices.
    """
    number = count if isinstance(count, int) else int(count.sum())
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def read_feed(path: Path) -> Feed:
    """Read the tables of a feed as texts.

    Parameters
    ----------
    path : Path
        A folder, or a zip file.

    Returns
    -------
    Feed
        Faults are collected, not raised.
    """
    feed = Feed(path.name)
    if path.is_dir():
        contents = _folder(path, feed)
    elif path.is_file():
        contents = _archive(path, feed)
    else:
        feed.fault("", f"there is no file or folder {path}.", "Give the path of a GTFS feed.")
        contents = {}
    for name, content in contents.items():
        table = _parse(name, content, feed)
        if table is not None:
            feed.tables[name] = table
    return feed


def _folder(path: Path, feed: Feed) -> dict[str, bytes]:
    contents = {}
    for file in sorted(path.glob("*.txt")):
        if not _wanted(file.name, feed):
            continue
        if file.stat().st_size > MAX_BYTES:
            feed.fault(file.name, f"is larger than {MAX_BYTES // 2**20} MB.", "Cut the feed.")
        else:
            contents[file.stem] = file.read_bytes()
    if not contents:
        below = sorted({file.parent.name for file in path.glob("*/stops.txt")})
        _nothing_here(feed, below)
    return contents


def _wanted(name: str, feed: Feed) -> bool:
    stem = name.removesuffix(".txt")
    if stem not in TABLES and stem not in NOT_READ:
        feed.notices.append(f"{name} is not a file of GTFS and is not read.")
    return stem in TABLES


def _nothing_here(feed: Feed, below: list[str]) -> None:
    if below:
        problem = f"the tables lie in the sub-folder {', '.join(below)}."
        feed.fault("", problem, "Give that folder, or a zip with the tables at its top.")
    else:
        feed.fault("", "holds none of the tables of GTFS.", "Give the path of a GTFS feed.")


def _archive(path: Path, feed: Feed) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return _members(archive, feed)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        feed.fault("", f"is no zip file that can be read ({error}).", "Fetch the feed again.")
        return {}


def _members(archive: zipfile.ZipFile, feed: Feed) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    seen: set[str] = set()
    below: set[str] = set()
    for member in archive.infolist():
        # the name as stored: zipfile cuts what stands behind a NUL
        parts = PurePosixPath(member.orig_filename.replace("\\", "/")).parts
        if parts and (parts[0].startswith("/") or ".." in parts or ":" in parts[0]):
            feed.fault(
                member.orig_filename, "is a path out of the archive.", "Do not use this file."
            )
            continue
        if len(parts) != 1 or not parts[0].endswith(".txt") or member.is_dir():
            if parts[1:] == ("stops.txt",):
                below.add(parts[0])
            continue
        name = parts[0]
        if name in seen:
            feed.fault(name, "stands in the archive more than once.", "Keep one of them.")
            continue
        seen.add(name)
        if not _wanted(name, feed):
            continue
        content = _content(archive, member, feed)
        if content is not None:
            contents[name.removesuffix(".txt")] = content
    if not contents and not feed.faults:
        _nothing_here(feed, sorted(below))
    return contents


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, feed: Feed) -> bytes | None:
    name = member.filename
    if member.flag_bits & 1:
        feed.fault(name, "is encrypted.", "Give a feed without a password.")
        return None
    allowed = max(_SMALL_BYTES, MAX_RATIO * max(member.compress_size, 1))
    if member.file_size > min(MAX_BYTES, allowed):
        size = f"{member.file_size / 2**20:,.0f} MB from {member.compress_size:,} bytes"
        feed.fault(name, f"unpacks to {size}, more than a timetable does.", "Do not use this file.")
        return None
    # never more than the size said: a header that lies ends in a checksum error
    return archive.read(member)


def _parse(name: str, content: bytes, feed: Feed) -> pd.DataFrame | None:
    file = f"{name}.txt"
    if b"\0" in content:
        feed.fault(file, "holds NUL bytes: it is no text in UTF-8.", "Save it as UTF-8.")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = content.decode("latin-1")
        feed.notices.append(f"{file} is not UTF-8 (byte {error.start}); read as Latin-1.")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            feed.notices.append(f"{file} has line ends of more than one kind.")
            text = text.replace("\r", "\n")
    try:
        table = _quick(text)
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError):
        table = _patient(file, text, feed)
    shorter = _shorter(text)
    if shorter:
        rows = amount(shorter, "row")
        feed.notices.append(f"{file}: {rows} shorter than the header; the rest counts as empty.")
    names = [str(column).strip().removeprefix("\ufeff").lower() for column in table.columns]
    if len(set(names)) < len(names):
        feed.fault(file, "a column stands more than once.", "Keep one of them.")
        return None
    table.columns = pd.Index(names)
    for column in table.columns:
        table[column] = table[column].fillna("").str.strip()
    return table


def _shorter(text: str) -> int:
    """Count rows with fewer cells than the header, which readers fill up in silence."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines or '"' in text:  # a quoted cell may hold commas and line ends of its own
        return 0
    cells = lines[0].count(",")
    return sum(line.count(",") < cells for line in lines)


def _quick(text: str) -> pd.DataFrame:
    """Parse by pandas; raises on rows longer than the header, which it would shift or cut."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        table = pd.read_csv(
            io.StringIO(text),
            dtype=str,
            keep_default_na=False,
            na_values=[],
            skipinitialspace=True,
            skip_blank_lines=True,
        )
    if not isinstance(table.index, pd.RangeIndex):
        raise pd.errors.ParserError("The first row is longer than the header.")
    return table


def _patient(file: str, text: str, feed: Feed) -> pd.DataFrame:
    """Parse row by row, cutting rows that are longer than the header."""
    rows = [row for row in csv.reader(io.StringIO(text), skipinitialspace=True) if row]
    if not rows:
        feed.notices.append(f"{file} is empty.")
        return pd.DataFrame()
    header, body = rows[0], rows[1:]
    width = len(header)
    longer = sum(len(row) > width for row in body)
    if longer:
        rows_longer = amount(longer, "row")
        feed.notices.append(f"{file}: {rows_longer} with more cells than the header; cut.")
    body = [[*row, *[""] * (width - len(row))][:width] for row in body]
    return pd.DataFrame(body, columns=header, dtype=str)
