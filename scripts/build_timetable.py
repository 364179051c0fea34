"""Make a study's gtfs.zip from the hand-made tables in its timetable folder.

Run ``python scripts/build_timetable.py data/bergen``. The folder ``timetable`` holds

lines.csv
    ``line`` (key), ``name``, ``route_type`` (GTFS, basic or extended), ``operator``, ``from_date``
    and ``to_date`` (first and last day; empty = the whole feed); optional ``number`` (what stands
    on the vehicle, if not the key) and ``operator_url``.
line_stops.csv
    ``line``, ``order`` (1, 2, …), ``stop``, ``minutes`` from the stop before (0 at the first).
    Both directions run over the same stops with the same minutes.
headways.csv
    ``line``, ``days`` (weekdays, saturday or sunday), ``from``, ``until``, ``headway_min``;
    optional ``offset_min`` (added to ``from``) and ``direction`` (both, out = table order, back).
    A departure leaves the end stop at ``from`` and then every ``headway_min`` while it is before
    ``until``. A row with ``from`` equal to ``until`` is one single departure.
stops.csv
    ``id``, ``name``, ``x``, ``y`` [m], ``opened`` (a day; empty = long ago).

Every table ends with ``source``, ``date``, ``quality``. On public holidays the Sunday service
runs. The same tables always give the same bytes. The result is a model of a timetable for
comparing office structures; it is not for travelling by.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
import zipfile
from pathlib import Path
from typing import Final

import click
import numpy as np
import pandas as pd
from _timetable_tables import DAYS, FIRST_DAY, LAST_DAY, Tables, day_of, departures, read_tables
from pyproj import Transformer

from navplan.errors import InputError
from navplan.units import SECONDS_PER_MINUTE

NOTE: Final = "navplan model timetable: approximate, made by hand, not an official timetable"
TRUE_TIMETABLE_URL: Final = "https://entur.no"
_STAMP: Final = (2020, 1, 1, 0, 0, 0)
Service = tuple[str, dt.date, dt.date]


def holidays(year: int) -> list[dt.date]:
    """Norwegian public holidays of a year.

    Parameters
    ----------
    year : int
        In the Gregorian calendar.

    Returns
    -------
    list of date
        Sorted; Sundays among them are left in. Easter after the anonymous Gregorian algorithm
        (Meeus, Astronomical Algorithms, 1991, chapter 8).
    """
    golden, century, rest = year % 19, year // 100, year % 100
    moon = century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15
    epact = (19 * golden + moon) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    easter = dt.date(year, month, day + 1)
    moving = [easter + dt.timedelta(days=days) for days in (-3, -2, 0, 1, 39, 49, 50)]
    fixed = [dt.date(year, *at) for at in ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))]
    return sorted({*moving, *fixed})


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _compact(day: dt.date) -> str:
    return f"{day:%Y%m%d}"


def _calendar(services: dict[str, Service]) -> Tables:
    """Make the regular weeks, and Sunday service on public holidays."""
    weeks, exceptions = [], []
    names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    closed = [d for y in range(FIRST_DAY.year, LAST_DAY.year + 1) for d in holidays(y)]
    for service, (days, first, last) in sorted(services.items()):
        span = {"start_date": _compact(first), "end_date": _compact(last)}
        weeks.append({"service_id": service, **dict(zip(names, DAYS[days], strict=True)), **span})
        for day in closed:
            runs = DAYS[days][day.weekday()] == "1"
            if first <= day <= last and runs != (days == "sunday"):
                kind = "1" if days == "sunday" else "2"
                exceptions.append(
                    {"service_id": service, "date": _compact(day), "exception_type": kind}
                )
    columns = ["service_id", "date", "exception_type"]
    return {
        "calendar": pd.DataFrame(weeks),
        "calendar_dates": pd.DataFrame(exceptions, columns=columns),
    }


def _trips(tables: Tables) -> tuple[Tables, dict[str, Service]]:
    names = tables["stops"].set_index("id")["name"]
    lines = tables["lines"].set_index("line")
    ordered = tables["line_stops"].sort_values("order")
    ways = {str(line): part for line, part in ordered.groupby("line")}
    trips, times, frequencies = [], [], []
    services: dict[str, Service] = {}
    table = departures(tables["headways"])
    # all periods of a line's day share one template trip; each single departure is its own trip
    table["trip"] = table["from"].where(table["single"], -1)
    for (key, kind, side, _), part in table.groupby(["line", "days", "side", "trip"]):
        name, days = str(key), str(kind)
        line, way = lines.loc[name], ways[name]
        first = max(day_of(line["from_date"], FIRST_DAY), FIRST_DAY)
        last = min(day_of(line["to_date"], LAST_DAY), LAST_DAY)
        service = f"{days}-{_compact(first)}-{_compact(last)}"
        services[service] = (days, first, last)
        served = list(way["stop"]) if side == 0 else list(way["stop"])[::-1]
        hops = list(way["minutes"])[1:] if side == 0 else list(way["minutes"])[:0:-1]
        start = int(part["from"].min())
        trip = f"{name}-{days}-{'out' if side == 0 else 'back'}"
        if part["single"].all():
            trip += f"-{_clock(start)[:5].replace(':', '')}"
        trips.append(
            {
                "route_id": name,
                "service_id": service,
                "trip_id": trip,
                "trip_headsign": names[served[-1]],
                "direction_id": side,
            }
        )
        after = np.concatenate([[0.0], np.cumsum(hops)]) * SECONDS_PER_MINUTE
        for order, (stop, seconds) in enumerate(zip(served, after, strict=True), start=1):
            at = _clock(start + seconds)
            times.append(
                {
                    "trip_id": trip,
                    "arrival_time": at,
                    "departure_time": at,
                    "stop_id": stop,
                    "stop_sequence": order,
                }
            )
        frequencies += [
            {
                "trip_id": trip,
                "start_time": _clock(row["from"]),
                "end_time": _clock(row["until"]),
                "headway_secs": round(row["headway_min"] * SECONDS_PER_MINUTE),
                "exact_times": 0,
            }
            for _, row in part[~part["single"]].iterrows()
        ]
    columns = ["trip_id", "start_time", "end_time", "headway_secs", "exact_times"]
    return {
        "trips": pd.DataFrame(trips),
        "stop_times": pd.DataFrame(times),
        "frequencies": pd.DataFrame(frequencies, columns=columns),
    }, services


def feed(tables: Tables, *, crs: str = "EPSG:25833") -> Tables:
    """Turn the four hand-made tables into the tables of a GTFS feed.

    Parameters
    ----------
    tables : dict of DataFrame
        As `read_tables` gives them.
    crs : str
        Coordinate system of the stops [m].

    Returns
    -------
    dict of DataFrame
        GTFS file name without ``.txt`` → table.
    """
    stops = tables["stops"].sort_values("id")
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(stops["x"].to_numpy(), stops["y"].to_numpy())
    lines = tables["lines"].sort_values("line")
    lines = lines.reindex(
        columns=[*lines.columns, *({"number", "operator_url"} - {*lines.columns})]
    )
    operators = lines.drop_duplicates("operator").sort_values("operator")
    trips, services = _trips(tables)
    made = {
        "agency": pd.DataFrame(
            {
                "agency_id": operators["operator"],
                "agency_name": operators["operator"],
                "agency_url": operators["operator_url"].astype("string").fillna(TRUE_TIMETABLE_URL),
                "agency_timezone": "Europe/Oslo",
                "agency_lang": "no",
            }
        ),
        "stops": pd.DataFrame(
            {
                "stop_id": stops["id"],
                "stop_name": stops["name"],
                "stop_lat": [f"{degrees:.6f}" for degrees in lat],
                "stop_lon": [f"{degrees:.6f}" for degrees in lon],
            }
        ),
        "routes": pd.DataFrame(
            {
                "route_id": lines["line"],
                "agency_id": lines["operator"],
                "route_short_name": lines["number"].astype("string").fillna(lines["line"]),
                "route_long_name": lines["name"],
                "route_type": lines["route_type"],
            }
        ),
        "feed_info": pd.DataFrame(
            {
                "feed_publisher_name": [NOTE],
                "feed_publisher_url": [TRUE_TIMETABLE_URL],
                "feed_lang": ["no"],
                "feed_start_date": [_compact(FIRST_DAY)],
                "feed_end_date": [_compact(LAST_DAY)],
            }
        ),
    }
    return {**made, **trips, **_calendar(services)}


def write_zip(tables: Tables, path: Path) -> None:
    """Write GTFS tables as a zip whose bytes depend on the tables alone.

    Parameters
    ----------
    tables : dict of DataFrame
        As `feed` gives them.
    path : Path
        The zip file; an older one is replaced.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(tables):
            entry = zipfile.ZipInfo(f"{name}.txt", date_time=_STAMP)
            entry.create_system = 3  # else the bytes would tell the operating system
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, tables[name].to_csv(index=False, lineterminator="\n"))
    path.write_bytes(buffer.getvalue())


@click.command(help="Write STUDY/gtfs.zip from STUDY/timetable/*.csv.")
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--crs", default="EPSG:25833", show_default=True, help="System of x and y.")
def main(study: Path, crs: str) -> None:
    """Write STUDY/gtfs.zip from STUDY/timetable/*.csv.

    Parameters
    ----------
    study : Path
        Folder of the study.
    crs : str
        Coordinate system of the stops [m].
    """
    try:
        tables = read_tables(study / "timetable")
    except InputError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    made = feed(tables, crs=crs)
    write_zip(made, study / "gtfs.zip")
    counts = ", ".join(f"{len(made[name])} {name}" for name in ("routes", "stops", "trips"))
    click.echo(f"{study / 'gtfs.zip'}: {counts}")


if __name__ == "__main__":
    main()
