"""A feed of one bus in the made-up town, to be spoilt or extended by a test.

Trip ``t`` calls at stop-31 at 10:00, at stop-11 from 10:04 to 10:05 and at stop-02 at 10:08.
"""

from __future__ import annotations

import copy
import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from navplan.errors import InputError
from navplan.network import read_gtfs
from navplan.nouns import Timetable
from tests import town

NEXT_DAY = town.DATE + dt.timedelta(days=1)
Files = dict[str, list[list[Any]]]
Reader = Callable[..., Timetable]


def bus_files() -> Files:
    """File name → rows, header first."""
    files = copy.deepcopy(town.gtfs_tables())
    files["trips.txt"] = [["route_id", "service_id", "trip_id"], ["r1", "weekdays", "t"]]
    files["stop_times.txt"] = [
        ["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"],
        ["t", "10:00:00", "10:00:00", "stop-31", 1],
        ["t", "10:04:00", "10:05:00", "stop-11", 2],
        ["t", "10:08:00", "10:08:00", "stop-02", 3],
    ]
    return files


def reader_of(files: Files, folder: Path) -> Reader:
    """A function that writes the feed as it stands then and reads its day."""

    def read(date: dt.date = town.DATE) -> Timetable:
        return read_gtfs(town.write_gtfs(folder / "feed.zip", files), date, crs=town.CRS)

    return read


def faults_of(read: Reader, date: dt.date = town.DATE) -> str:
    """What the reader says when it refuses."""
    with pytest.raises(InputError) as error:
        read(date)
    return str(error.value)


def calls(timetable: Timetable) -> list[tuple[str, int, int]]:
    """Stop, arrival and departure of all calls in order."""
    ids = timetable.stops.index
    return [(ids[r.stop], r.arrival, r.departure) for r in timetable.stop_times.itertuples()]


def add_trip(files: Files, trip: str, *called: tuple[str, str], **columns: object) -> None:
    """Add a trip of line 1 that calls at (corner, HH:MM) in order."""
    header = files["trips.txt"][0]
    for name in columns:
        add_column(files, "trips.txt", name)
    row = {"route_id": "r1", "service_id": "weekdays", "trip_id": trip, **columns}
    files["trips.txt"].append([row.get(name, "") for name in header])
    files["stop_times.txt"] += [
        [trip, f"{time}:00", f"{time}:00", f"stop-{corner}", number]
        for number, (corner, time) in enumerate(called, start=1)
    ]


def add_column(files: Files, file: str, name: str, values: dict[str, object] | None = None) -> None:
    """Add a column that is empty but for the rows whose id stands in `values`."""
    rows = files[file]
    if name not in rows[0]:
        for row in rows:
            row.append(name if row is rows[0] else "")
    key, place = rows[0].index({"stops.txt": "stop_id"}.get(file, "trip_id")), rows[0].index(name)
    for row in rows[1:]:
        row[place] = (values or {}).get(row[key], row[place])


def row_of(files: Files, file: str, key: str) -> list[Any]:
    """The row whose first cell is `key`."""
    return next(row for row in files[file] if row[0] == key)


def rewritten(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Change the bytes of one member of a zip."""
    with zipfile.ZipFile(path) as source:
        members = {n: source.read(n) for n in source.namelist()}
    members[name] = change(members[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path
