"""One service day of a GTFS feed as a `Timetable`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from navplan.errors import raise_faults
from navplan.network.gtfs_days import Calendar
from navplan.network.gtfs_files import Feed, amount, read_feed
from navplan.network.gtfs_trips import calls_of, expanded, of_previous_day
from navplan.nouns import Timetable

_REQUIRED: Final = {
    "stops": ("stop_id", "stop_lat", "stop_lon"),
    "routes": ("route_id", "route_type"),
    "trips": ("route_id", "service_id", "trip_id"),
    "stop_times": ("trip_id", "stop_id", "stop_sequence"),
}
_MARGIN_DEG: Final = (15.0, 5.0)
"""A projection serves somewhat beyond its area of use: zone 33 all of Norway [°]."""

_POLE_DEG: Final = 90.0
_SHOWN: Final = 5


def read_gtfs(path: Path | str, date: dt.date, *, crs: Any) -> Timetable:
    """Read one service day of a GTFS feed.

    Trips of the service day before that are still under way after midnight come along, 24 hours
    earlier. Trips with headways (frequencies.txt) become departures at start + k · headway before
    the end. Middle calls without a time are spread evenly between their neighbours. Calls at
    stops without a position, and trips of unknown routes, are left out; everything left out or
    repaired stands in ``notices``. Not read: transfers, pathways, blocks (changing within a
    block counts as a change), shapes, fares. Changes walk over the streets instead.

    Parameters
    ----------
    path : Path or str
        A zip file, or a folder with the tables. A zip is read without being unpacked, only the
        members that are needed; large, encrypted and repeated members and paths that lead out
        of it are refused.
    date : date
        The service day.
    crs : CRS, str or int
        Projected coordinate system for the stops, in metres.

    Returns
    -------
    Timetable
        Stops that are called at, trips and their calls.

    Raises
    ------
    InputError
        With every fault found: missing files or columns, dates that cannot be read, coordinates
        that are swapped or lie far outside the coordinate system, no service on the date, no
        usable trip.
    """
    feed = read_feed(Path(path))
    # without any table there is one fault to tell; a missing column would only repeat it
    if feed.tables:
        _require(feed)
    raise_faults(feed.faults)
    calendar = Calendar(feed)
    stops = _stops(feed)
    trips = _trips(feed)
    _check_service(feed, calendar, trips, date)
    raise_faults(feed.faults)
    calls = _calls(feed, calendar, trips, stops, date)
    raise_faults(feed.faults)
    if calls.empty:
        feed.fault("stop_times.txt", f"no usable trip runs on {date}.", _said(feed))
    stops = stops[stops.index.isin(calls["stop_id"])] if not calls.empty else stops
    points = _points(feed, stops, crs)
    raise_faults(feed.faults)
    return _timetable(feed, calls, trips, points, date)


def _said(feed: Feed) -> str:
    return " ".join(feed.notices)


def _require(feed: Feed) -> None:
    for name, columns in _REQUIRED.items():
        if name not in feed.tables:
            feed.fault(f"{name}.txt", "is missing or cannot be read.", "A feed needs it.")
            continue
        if feed.tables[name].empty:
            feed.fault(f"{name}.txt", "has no rows.", "Fetch the feed again.")
        for column in columns:
            if column not in feed.tables[name].columns:
                feed.fault(f"{name}.txt", f"lacks the column {column}.", "Add it.")
    if feed.table("calendar").empty and feed.table("calendar_dates").empty:
        problem = "neither calendar.txt nor calendar_dates.txt has rows: no service has a date."
        feed.fault("", problem, "A feed needs one of them.")
    if "agency" not in feed.tables:
        feed.notices.append("agency.txt is missing.")
    elif "agency_name" not in feed.tables["agency"].columns:
        feed.notices.append("agency.txt lacks the column agency_name.")


def _unique(feed: Feed, name: str, column: str) -> pd.DataFrame:
    table = feed.tables[name]
    nameless = table[column] == ""
    twice = table[column].duplicated() & ~nameless
    if nameless.any():
        feed.notices.append(f"Left out: {amount(nameless, 'row')} of {name}.txt without {column}.")
    if twice.any():
        feed.notices.append(
            f"{name}.txt: {amount(twice, 'row')} with a {column} used before; the first counts."
        )
    return table[~nameless & ~twice]


def _stops(feed: Feed) -> pd.DataFrame:
    """Places to board, by id, with degrees and name."""
    table = _unique(feed, "stops", "stop_id").set_index("stop_id")
    kind = table["location_type"] if "location_type" in table else pd.Series("", table.index)
    table = table[kind.isin(["", "0", "4"])]
    degrees = pd.DataFrame(
        {
            "lat": pd.to_numeric(table["stop_lat"], errors="coerce"),
            "lon": pd.to_numeric(table["stop_lon"], errors="coerce"),
            "name": table.get("stop_name", pd.Series(table.index, table.index)),
        }
    )
    without = degrees["lat"].isna() | degrees["lon"].isna()
    null_island = (degrees["lat"] == 0) & (degrees["lon"] == 0)
    for lost, word in ((without, "without position"), (null_island, "at 0° N 0° E")):
        if lost.any():
            feed.notices.append(f"Left out: {amount(lost, 'stop')} {word}.")
    return degrees[~without & ~null_island]


def _trips(feed: Feed) -> pd.DataFrame:
    trips = _unique(feed, "trips", "trip_id")
    routes = _unique(feed, "routes", "route_id").set_index("route_id")
    known = trips["route_id"].isin(routes.index)
    if not known.all():
        feed.notices.append(f"Left out: {amount(~known, 'trip')} of no route that routes.txt has.")
    trips = trips[known]
    route = routes.loc[trips["route_id"]]
    line = pd.Series(trips["route_id"].to_numpy())
    for column in ("route_long_name", "route_short_name"):
        if column in route:
            line = line.where(route[column].to_numpy() == "", route[column].to_numpy())
    kind = pd.to_numeric(pd.Series(route["route_type"].to_numpy()), errors="coerce")
    if kind.isna().any():
        feed.notices.append(f"{amount(kind.isna(), 'trip')} without route_type; taken for buses.")
    return pd.DataFrame(
        {
            "trip_id": trips["trip_id"].to_numpy(),
            "service_id": trips["service_id"].to_numpy(),
            "line": line.to_numpy(),
            "route_type": kind.fillna(3).astype(int).to_numpy(),
        }
    )


def _check_service(feed: Feed, calendar: Calendar, trips: pd.DataFrame, date: dt.date) -> None:
    if feed.faults or set(trips["service_id"]) & calendar.services(date):
        return
    days = calendar.dates(set(trips["service_id"]))
    if not days:
        problem = "no service with a usable trip runs on any day."
        feed.fault("calendar.txt", problem, _said(feed))
    elif days[0] <= date <= days[-1]:
        before = max((day for day in days if day < date), default=days[0])
        after = min((day for day in days if day > date), default=days[-1])
        problem = f"nothing runs on {date}; the nearest days with service are {before} and {after}"
        span = f"(the feed runs from {days[0]} to {days[-1]})."
        feed.fault("date", f"{problem} {span}", "Choose another date.")
    else:
        problem = f"nothing runs on {date}; the feed has service from {days[0]} to {days[-1]}."
        feed.fault("date", problem, "Choose a date in between, or fetch the feed of that time.")


def _calls(
    feed: Feed, calendar: Calendar, trips: pd.DataFrame, stops: pd.DataFrame, date: dt.date
) -> pd.DataFrame:
    today = calendar.services(date)
    before = calendar.services(date - dt.timedelta(days=1))
    running = trips[trips["service_id"].isin(today | before)]
    whole = expanded(feed, calls_of(feed, running, stops.index))
    service = whole["trip_id"].map(running.set_index("trip_id")["service_id"])
    late = of_previous_day(whole[service.isin(before)]).assign(day=-1)
    return pd.concat([late, whole[service.isin(today)].assign(day=0)], ignore_index=True)


def _points(feed: Feed, stops: pd.DataFrame, crs: Any) -> gpd.GeoDataFrame:
    """Project the stops to the CRS; faults where the degrees cannot be meant."""
    given = CRS(crs)
    lat, lon = stops["lat"].to_numpy(dtype=float), stops["lon"].to_numpy(dtype=float)
    inside = _inside(given, lon, lat)
    if not inside.all():
        turned = int(_inside(given, lat, lon)[~inside].sum())
        names = ", ".join(stops.index[~inside][:_SHOWN])
        problem = f"{int((~inside).sum())} of {len(stops)} stops lie outside {given.name} ({names})"
        if turned == int((~inside).sum()):
            remedy = "Latitude and longitude seem to be swapped: turn them round."
        else:
            remedy = "Correct their degrees, or choose the right coordinate system."
        feed.fault("stops.txt", f"{problem}.", remedy)
        return gpd.GeoDataFrame(geometry=[], crs=given)
    points = gpd.points_from_xy(lon, lat, crs="EPSG:4326").to_crs(given)
    return gpd.GeoDataFrame(
        {"name": stops["name"].to_numpy()},
        geometry=points,
        index=pd.Index(stops.index.astype(str), name="id"),
    )


def _inside(crs: CRS, lon: np.ndarray[Any, Any], lat: np.ndarray[Any, Any]) -> Any:
    sane = (np.abs(lat) <= _POLE_DEG) & (np.abs(lon) <= 2 * _POLE_DEG)
    area = crs.area_of_use
    if area is None:
        return sane
    wide, high = _MARGIN_DEG
    # degrees of longitude go round: measured from the middle of the area
    middle, half = (area.west + area.east) / 2, (area.east - area.west) / 2
    away = np.abs((lon - middle + 180) % 360 - 180)
    if area.east < area.west:
        return sane & (lat >= area.south - high) & (lat <= area.north + high)
    near = (away <= half + wide) & (lat >= area.south - high) & (lat <= area.north + high)
    return sane & near


def _timetable(
    feed: Feed, calls: pd.DataFrame, trips: pd.DataFrame, stops: gpd.GeoDataFrame, date: dt.date
) -> Timetable:
    keys = ["day", "trip_id", "copy"]
    number = calls.groupby(keys, sort=True).ngroup()
    order = np.argsort(number.to_numpy(), kind="stable")
    calls, number = calls.iloc[order], number.iloc[order]
    stop_times = pd.DataFrame(
        {
            "trip": number.to_numpy(dtype=np.int64),
            "stop": stops.index.get_indexer(calls["stop_id"]).astype(np.int64),
            "arrival": calls["arrival"].to_numpy(dtype=np.int64),
            "departure": calls["departure"].to_numpy(dtype=np.int64),
            "board": calls["board"].to_numpy(dtype=bool),
            "alight": calls["alight"].to_numpy(dtype=bool),
        }
    )
    about = trips.set_index("trip_id")
    names = calls.loc[~number.duplicated().to_numpy(), "trip_id"]
    table = about.loc[names].reset_index()[["line", "trip_id", "route_type"]]
    return Timetable(
        stops=stops,
        stop_times=stop_times,
        trips=table,
        date=date,
        notices=tuple(dict.fromkeys(feed.notices)),
    )
