"""The files of a GTFS feed: a folder, or a zip that is read under caps and never unpacked."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import Final

from navplan.network.gtfs_feed import Feed
from navplan.network.gtfs_texts import parse
from navplan.nouns.archives import (
    BROKEN,
    MAX_MEMBERS,
    MAX_RATIO,
    leads_out,
    most_unpacked,
    read_capped,
    read_member,
    stored_path,
    unread,
)

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
                content = read_capped(source, _room(contents))
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


def _archive(path: Path, feed: Feed) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return _members(archive, feed)
    except BROKEN as error:
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
        parts = stored_path(member)
        if leads_out(parts):
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
    problem, remedy = unread(member)
    if problem:
        feed.fault(name, problem, remedy)
        return None
    room = _room(before)
    content = read_member(archive, member, room=room)
    if content is None and most_unpacked(member) < room:
        problem = f"unpacks to {MAX_RATIO} times its {member.compress_size:,} bytes or more"
        feed.fault(name, f"{problem}, more than a timetable does.", "Do not use this file.")
    elif content is None:
        _too_large(name, feed)
    return content
