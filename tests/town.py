"""A made-up town whose times can be worked out by hand.

Sixteen zones stand on a grid of 4 × 4 street corners, 1 km apart; ``p-CR`` is column C (west to
east) and row R (south to north). A river runs between rows 1 and 2 with one bridge, in column 1
(``p-11``–``p-12``). ``p-island`` lies 5 km out, without any street. Rows 0–1 are *South*
(columns 0–1) and *East* (columns 2–3), rows 2–3 are *West* (columns 0–1) and *North* (columns
2–3, and the island).

::

    row 3   p-03 ---- p-13 ---- p-23 ---- p-33 north          p-island
              |         |         |         |
    row 2   p-02 ---- p-12 ---- p-22 ---- p-32
            west        ‖
    ~~~~~~~~~~~~~~~~~ bridge ~~~~~~~~~~~~~~~~~~~~~~~ river
                        ‖
    row 1   p-01 ---- p-11 ---- p-21 ---- p-31 east
              |       south       |         |
    row 0   p-00 ---- p-10 ---- p-20 ---- p-30 (mall)
           (harbour)

Offices (``south`` at p-11, ``east`` at p-31, ``west`` at p-02, ``north`` at p-33) and possible
sites (``mall`` at p-30, ``harbour`` at p-00) are nodes of their own, joined to their corner by a
connector of 0 km; so are the stops.

By hand: every link is a local street of 1 km, so one link takes 2 min by car (30 km/h), 4 min by
bicycle (15 km/h) and 800 s = 13 min 20 s on foot (1.25 m/s, `profile`'s speed). Blocks between
two corners on one bank are |ΔC| + |ΔR|; between the banks they go by the bridge:
|C - 1| + |R - 1| + 1 + |C' - 1| + |R' - 2|. From p-30 to ``north`` that is
(2 + 1) + 1 + (2 + 1) = 7 links: 14 min by car, 28 min by bicycle, 93 min 20 s on foot.

Bus 1 runs p-31 → p-11 → p-12 → p-02 from 06:00 to 18:00, each 10 minutes on the full ten
(:00, :04, :06, :08), and back p-02 → p-12 → p-11 → p-31 on the fives (:05, :07, :09, :13). The
tram T runs p-12 → p-32 → p-33 at :02, :17, :32, :47 (3 min, then 2 min), and back p-33 → p-32 →
p-12 at :00, :15, :30, :45 (2 min, then 3 min). Changes need 60 s.

From p-31 to ``west`` by 10:00: the bus of 09:50 arrives 09:58; 10 minutes. Over wished arrivals
10:00 … 10:09 the minutes are 10, …, 17, 8, 9 (at 10:08 the 10:00 bus has just come in).
From p-31 to ``north`` by 10:00: the tram of 09:47 from p-12 arrives 09:52; the bus that is there
a minute before is the one at 09:46, which left p-31 at 09:40: 20 minutes.

People: zone number k (in the order of `zones`) has 2^k people in each of two age groups, so that
a sum names the zones it reached.
"""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from navplan.network import streets_from_links
from navplan.nouns import Offices, Population, Profile, Streets, Timetable, Zones
from navplan.units import Mode

CRS = "EPSG:25833"
DATE = dt.date(2024, 10, 15)  # a Tuesday
X0, Y0, BLOCK = 250_000, 6_700_000, 1000
SITES = {  # site: corner, area, kind
    "south": ("11", "South", "office"),
    "east": ("31", "East", "office"),
    "west": ("02", "West", "office"),
    "north": ("33", "North", "office"),
    "mall": ("30", "East", "possible"),
    "harbour": ("00", "South", "possible"),
}
STOPS = ("31", "11", "12", "02", "32", "33")
BUS_OUT = (("31", 0), ("11", 4), ("12", 6), ("02", 8))
BUS_BACK = (("02", 5), ("12", 7), ("11", 9), ("31", 13))
TRAM_OUT = (("12", 2), ("32", 5), ("33", 7))
TRAM_BACK = (("33", 0), ("32", 2), ("12", 5))
LINES = (
    ("1", 3, BUS_OUT, 10),
    ("1", 3, BUS_BACK, 10),
    ("T", 0, TRAM_OUT, 15),
    ("T", 0, TRAM_BACK, 15),
)
WEEK = tuple(f"{d}day" for d in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun"))
FIRST_H, LAST_H = 6, 18
CORNERS = tuple(f"{column}{row}" for row in range(4) for column in range(4))


def at(corner: str) -> tuple[float, float]:
    """Position of a corner ``"CR"``."""
    return X0 + BLOCK * float(corner[0]), Y0 + BLOCK * float(corner[1])


def area(corner: str) -> str:
    """The area a corner lies in."""
    west = int(corner[0]) < 2
    if int(corner[1]) < 2:
        return "South" if west else "East"
    return "West" if west else "North"


def blocks(corner: str, other: str) -> int:
    """Links between two corners, by the bridge where the river lies between (the hand sum)."""
    (c, r), (c2, r2) = map(int, corner), map(int, other)
    if (r < 2) == (r2 < 2):
        return abs(c - c2) + abs(r - r2)
    low, high = ((c, r), (c2, r2)) if r < 2 else ((c2, r2), (c, r))
    return abs(low[0] - 1) + abs(low[1] - 1) + 1 + abs(high[0] - 1) + abs(high[1] - 2)


def zones() -> Zones:
    """Sixteen corners and the island."""
    ids = [f"p-{corner}" for corner in CORNERS] + ["p-island"]
    points = [Point(at(corner)) for corner in CORNERS] + [Point(X0 + 8000, Y0 + 6000)]
    table = gpd.GeoDataFrame(
        {
            "name": [i.removeprefix("p-") for i in ids],
            "area": [*(area(corner) for corner in CORNERS), "North"],
            "kommune": "9999",
        },
        geometry=points,
        index=pd.Index(ids, name="id"),
        crs=CRS,
    )
    return Zones(table)


def offices() -> Offices:
    """Four offices, one an area, and two possible sites; open 10–14 (east from 9 to 15)."""
    table = gpd.GeoDataFrame(
        {
            "name": [f"NAV {i.title()}" for i in SITES],
            "kind": [kind for _, _, kind in SITES.values()],
            "area": [where for _, where, _ in SITES.values()],
            "address": [f"Corner {corner}" for corner, _, _ in SITES.values()],
            "step_free": ["no" if i == "west" else "yes" for i in SITES],
            "quality": "assumption",
        },
        geometry=[Point(at(corner)) for corner, _, _ in SITES.values()],
        index=pd.Index(list(SITES), name="id"),
        crs=CRS,
    )
    rows = []
    for office, (_, _, kind) in SITES.items():
        if kind != "office":
            continue
        opens, closes = (9, 15) if office == "east" else (10, 14)
        rows += [
            {"office": office, "weekday": day, "opens": opens * 3600, "closes": closes * 3600}
            for day in ("mon", "tue", "wed", "thu", "fri")
        ]
    return Offices(table, pd.DataFrame(rows))


def nodes() -> pd.DataFrame:
    """Columns ``id``, ``x``, ``y``: corners, sites and stops."""
    rows = [(f"p-{corner}", *at(corner)) for corner in CORNERS]
    rows += [(site, *at(corner)) for site, (corner, _, _) in SITES.items()]
    rows += [(f"stop-{corner}", *at(corner)) for corner in STOPS]
    return pd.DataFrame(rows, columns=["id", "x", "y"])


def link(start: str, end: str, **changes: Any) -> dict[str, Any]:
    """One row of links: a local street of 1 km, with changes."""
    row: dict[str, Any] = {
        "from": start,
        "to": end,
        "km": 1.0,
        "road_class": "local",
        "road_number": "",
        "structure": "open",
        "walk": "yes",
        "bicycle": "yes",
        "car": "yes",
        "climb_m": np.nan,
        "opened": "",
        "crossing_min": np.nan,
        "headway_min": np.nan,
        "source": "made up",
        "date": "2024",
        "quality": "assumption",
    }
    return {**row, **changes}


def links() -> pd.DataFrame:
    """The grid, the bridge and the connectors, as `navplan.tables.LINKS`."""
    rows = []
    for corner in CORNERS:
        c, r = int(corner[0]), int(corner[1])
        if c < 3:
            rows.append(link(f"p-{corner}", f"p-{c + 1}{r}"))
        if r < 3 and (r != 1 or c == 1):
            structure = "bridge" if r == 1 else "open"
            rows.append(link(f"p-{corner}", f"p-{c}{r + 1}", structure=structure))
    ends = [(site, corner) for site, (corner, _, _) in SITES.items()]
    ends += [(f"stop-{corner}", corner) for corner in STOPS]
    for end, corner in ends:
        rows.append(link(end, f"p-{corner}", km=0.0, structure="connector"))
    return pd.DataFrame(rows)


def streets() -> Streets:
    """The street network."""
    return streets_from_links(nodes(), links(), crs=CRS)


def trips() -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Line, route type and the calls (stop id, seconds) of every trip."""
    found = []
    for line, route_type, calls, headway in LINES:
        for start in range(FIRST_H * 60, LAST_H * 60, headway):
            times = [(f"stop-{stop}", (start + minute) * 60) for stop, minute in calls]
            found.append((line, route_type, times))
    return found


def timetable(date: dt.date = DATE) -> Timetable:
    """Bus 1 and tram T, made directly."""
    ids = [f"stop-{corner}" for corner in STOPS]
    stops = gpd.GeoDataFrame(
        {"name": ids},
        geometry=[Point(at(c)) for c in STOPS],
        index=pd.Index(ids, name="id"),
        crs=CRS,
    )
    made = trips()
    rows = [
        (trip, ids.index(stop), seconds, seconds, position > 0, position < len(calls) - 1)
        for trip, (_, _, calls) in enumerate(made)
        for position, (stop, seconds) in enumerate(calls)
    ]
    frame = pd.DataFrame(rows, columns=["trip", "stop", "arrival", "departure", "alight", "board"])
    stop_times = frame[["trip", "stop", "arrival", "departure", "board", "alight"]]
    table = pd.DataFrame(
        {
            "line": [line for line, _, _ in made],
            "trip_id": [f"t{number}" for number in range(len(made))],
            "route_type": [route_type for _, route_type, _ in made],
        }
    )
    return Timetable(stops=stops, stop_times=stop_times, trips=table, date=date)


def gtfs_tables(date: dt.date = DATE) -> dict[str, list[list[Any]]]:
    """The same timetable as the rows of a GTFS feed: file name → rows, header first."""
    ids = [f"stop-{corner}" for corner in STOPS]
    points = gpd.GeoSeries([Point(at(c)) for c in STOPS], crs=CRS).to_crs("EPSG:4326")
    day = f"{date:%Y%m%d}"
    files: dict[str, list[list[Any]]] = {
        "agency.txt": [
            ["agency_id", "agency_name", "agency_url", "agency_timezone"],
            ["town", "Town", "https://example.org", "Europe/Oslo"],
        ],
        "stops.txt": [["stop_id", "stop_name", "stop_lat", "stop_lon"]]
        + [[i, i, f"{p.y:.8f}", f"{p.x:.8f}"] for i, p in zip(ids, points, strict=True)],
        "routes.txt": [
            ["route_id", "route_short_name", "route_type"],
            ["r1", "1", 3],
            ["rT", "T", 0],
        ],
        "calendar.txt": [
            ["service_id", *WEEK, "start_date", "end_date"],
            ["weekdays", 1, 1, 1, 1, 1, 0, 0, day, day],
        ],
        "trips.txt": [["route_id", "service_id", "trip_id"]],
        "stop_times.txt": [
            ["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"]
        ],
    }
    for number, (line, _, calls) in enumerate(trips()):
        files["trips.txt"].append([f"r{line}", "weekdays", f"t{number}"])
        for position, (stop, seconds) in enumerate(calls):
            text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
            files["stop_times.txt"].append([f"t{number}", text, text, stop, position + 1])
    return files


def write_gtfs(path: Path, files: dict[str, list[list[Any]]] | None = None) -> Path:
    """Write a feed (`gtfs_tables` by default) as a zip and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in (gtfs_tables() if files is None else files).items():
            text = StringIO()
            csv.writer(text, lineterminator="\n").writerows(rows)
            archive.writestr(name, text.getvalue())
    return path


def population(name: str = "today") -> Population:
    """2^k people of 18–66 and 2^k of 67 and over in zone number k."""
    ids = zones().table.index
    people = 2 ** np.arange(len(ids), dtype=np.int64)
    return Population(pd.DataFrame({"18-66": people, "67+": people}, index=ids), name=name)


def neighbours() -> list[tuple[str, str]]:
    """Areas that share a border people can cross; the river parts East from North."""
    return [("East", "South"), ("North", "West"), ("South", "West")]


def profile(mode: Mode, **changes: Any) -> Profile:
    """Walking at 1.25 m/s, wished arrivals 10:00–11:00, one office day."""
    made = Profile(
        name=mode,
        mode=mode,
        date=DATE,
        arrive_from=10 * 3600,
        arrive_until=11 * 3600,
        walk_m_per_s=1.25,
    )
    return replace(made, **changes)
