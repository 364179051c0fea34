"""The files of a GTFS feed: a folder, or a zip that is read under caps and never unpacked."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Final

from navplan.network.gtfs_feed import Feed
from navplan.network.gtfs_texts import parse

TABLES: Final = (
    *("agency", "stops", "routes", "trips", "stop_times"),
    *("calendar", "calendar_dates", "frequencies", "transfers"),
)
"""The only members that are read."""
NOT_READ: Final = (
    *("attributions", "booking_rules", "areas", "fare_attributes", "fare_rules", "fare_products"),
    *("fare_leg_rules", "fare_leg_join_rules", "fare_transfer_rules", "fare_media", "feed_info"),
    *("levels", "networks", "location_groups", "location_group_stops", "pathways"),
    *("route_networks", "shapes", "stop_areas", "timeframes", "translations", "license"),
    *("description", "rider_categories"),
)
"""Known files without bearing on departures and arrivals."""
MAX_BYTES: Final = 512 * 2**20
MAX_TOTAL_BYTES: Final = 1024 * 2**20
MAX_RATIO: Final = 200
MAX_MEMBERS: Final = 10_000
_SMALL_BYTES: Final = 2**20
_CHUNK_BYTES: Final = 2**20
_ENCRYPTED: Final = 0x1
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
"""What a damaged archive makes the standard library raise."""


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
    for name in list(contents):
        table = parse(name, contents.pop(name), feed)
        if table is not None:
            feed.tables[name] = table
    return feed


def _folder(path: Path, feed: Feed) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    home = path.resolve()
    for file in sorted(path.iterdir()):
        name = file.name
        if not _wanted(name, feed):
            continue
        if not file.resolve().is_relative_to(home):
            feed.fault(name, "is a link out of the folder.", "Put the file itself there.")
            continue
        try:
            # a pipe or device would never end
            if not stat.S_ISREG(file.stat().st_mode):
                feed.fault(name, "is no file.", "Put a file there.")
                continue
            with file.open("rb") as source:
                content = _capped(source, _room(contents))
        except OSError as error:
            feed.fault(name, f"cannot be read ({error.strerror}).", "Open it to reading.")
            continue
        if content is None:
            _too_large(name, feed)
            continue
        contents[file.stem] = content
    if not contents and not feed.faults:
        below = sorted({file.parent.name for file in path.glob("*/stops.txt")})
        _nothing_here(feed, below)
    return contents


def _wanted(name: str, feed: Feed) -> bool:
    stem, dot, end = name.rpartition(".")
    if not dot or end.lower() != "txt":
        return False
    if stem in NOT_READ and end == "txt":
        feed.unread.add(stem)
        return False
    if stem not in TABLES or end != "txt":
        feed.left_out(f"{name}, which is not a file of GTFS.")
        return False
    return True


def _nothing_here(feed: Feed, below: list[str], zips: list[str] | None = None) -> None:
    if below:
        problem = f"the tables lie in the sub-folder {', '.join(below)}."
        feed.fault("", problem, "Give that folder, or a zip with the tables at its top.")
    elif zips:
        problem = f"holds no tables but another zip ({', '.join(zips)})."
        feed.fault("", problem, "Take that zip out and give its path.")
    else:
        feed.fault("", "holds none of the tables of GTFS.", "Give the path of a GTFS feed.")


def _too_large(name: str, feed: Feed) -> None:
    each, together = MAX_BYTES // 2**20, MAX_TOTAL_BYTES // 2**20
    problem = f"takes the feed past {each} MB a table or {together} MB in all."
    feed.fault(name, problem, "Cut the feed to the region that is studied.")


def _room(before: dict[str, bytes]) -> int:
    return min(MAX_BYTES, MAX_TOTAL_BYTES - sum(map(len, before.values())))


def _capped(source: IO[bytes], most: int) -> bytes | None:
    """Read in pieces, or nothing where it is more than allowed; sizes that are told may lie."""
    pieces: list[bytes] = []
    size = 0
    while piece := source.read(_CHUNK_BYTES):
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _archive(path: Path, feed: Feed) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return _members(archive, feed)
    except _BROKEN as error:
        feed.fault("", f"is no zip file that can be read ({error}).", "Fetch the feed again.")
        return {}


def _members(archive: zipfile.ZipFile, feed: Feed) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    seen: set[str] = set()
    below: set[str] = set()
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        feed.fault("", f"holds {len(members):,} files, which no feed does.", "Do not use it.")
        return {}
    for member in members:
        # the name as stored: zipfile cuts what stands behind a NUL
        parts = PurePosixPath(member.orig_filename.replace("\\", "/")).parts
        if parts and (parts[0].startswith("/") or ".." in parts or ":" in parts[0]):
            problem = "is a path out of the archive."
            feed.fault(member.orig_filename, problem, "Do not use this file.")
            continue
        if parts[1:] == ("stops.txt",):
            below.add(parts[0])
        if len(parts) != 1 or member.is_dir():
            continue
        name = parts[0]
        if name in seen:
            feed.fault(name, "stands in the archive more than once.", "Keep one of them.")
            continue
        seen.add(name)
        content = _content(archive, member, contents, feed) if _wanted(name, feed) else None
        if content is not None:
            contents[name.removesuffix(".txt")] = content
    if not contents and not feed.faults:
        _nothing_here(feed, sorted(below), sorted(n for n in seen if n.lower().endswith(".zip")))
    return contents


def _content(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, before: dict[str, bytes], feed: Feed
) -> bytes | None:
    name = member.filename
    if member.flag_bits & _ENCRYPTED:
        feed.fault(name, "is encrypted.", "Give a feed without a password.")
        return None
    if stat.S_ISLNK(member.external_attr >> 16):
        feed.fault(name, "is a link, not a file.", "Put the file itself into the zip.")
        return None
    if member.compress_type not in _PACKED:
        problem = f"is packed in a way that is not read (method {member.compress_type})."
        feed.fault(name, problem, "Make the zip anew with the usual method, deflate.")
        return None
    allowed, room = max(_SMALL_BYTES, MAX_RATIO * member.compress_size), _room(before)
    with archive.open(member) as source:
        content = _capped(source, min(allowed, room))
    if content is None and allowed < room:
        problem = f"unpacks to {MAX_RATIO} times its {member.compress_size:,} bytes or more"
        feed.fault(name, f"{problem}, more than a timetable does.", "Do not use this file.")
    elif content is None:
        _too_large(name, feed)
    return content
