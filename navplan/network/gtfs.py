"""One service day of a GTFS feed as a `Timetable`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from navplan.errors import raise_faults
from navplan.network.gtfs_blocks import continuations
from navplan.network.gtfs_changes import changes_of, seats_of
from navplan.network.gtfs_days import Calendar
from navplan.network.gtfs_feed import Feed, amount, some, texts, unique_rows
from navplan.network.gtfs_files import read_feed
from navplan.network.gtfs_headways import expanded
from navplan.network.gtfs_means import UNKNOWN, means_of
from navplan.network.gtfs_stops import projected, step_free_of, stops_of
from navplan.network.gtfs_trips import (
    WINDOWS,
    calls_of,
    days_under_way,
    of_service_day,
    with_seconds,
)
from navplan.nouns import Timetable

MOST_DAYS: Final = 7
"""A trip is followed so many days past its service day; Norway's coastal ships take six."""

_REQUIRED: Final = {
    "stops": ("stop_id", "stop_lat", "stop_lon"),
    "routes": ("route_id", "route_type"),
    "trips": ("route_id", "service_id", "trip_id"),
    "stop_times": ("trip_id", "stop_id", "stop_sequence"),
}
_BUS: Final = 3


def read_gtfs(path: Path | str, date: dt.date, *, crs: Any) -> Timetable:
    """Read one service day of a GTFS feed.

    Trips of service days before that are still under way after midnight come along, 24 hours
    earlier for each day. Trips with headways (frequencies.txt) become departures at start +
    k · headway before the end. Middle calls without a time are spread evenly between their
    neighbours. Transfers between stops become ``changes``; blocks and in-seat transfers become
    ``continues``. Calls at stops without a position, and trips of unknown routes, are left out;
    everything left out, repaired or assumed stands in ``notices``. Not read: pathways (walks in
    stations follow the streets), transfers of single lines, boarding between stops, on-demand
    windows, shapes, fares. `feed_report` tells a feed's state without raising.

    Parameters
    ----------
    path : Path or str
        A zip file, or a folder with the tables. A zip is read without being unpacked, only the
        members that are needed; large, encrypted and repeated members, links, and paths that
        lead out of it are refused.
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

    Notes
    -----
    GTFS counts times from noon less 12 hours. That is midnight but on the two days of the year
    when summer time begins or ends: there, times before the change differ from the clock by an
    hour, and the trips of the night before are an hour off against those of the day.

    References
    ----------
    GTFS Schedule Reference, https://gtfs.org/documentation/schedule/reference/.
    """
    return timetable_of(read_feed(Path(path)), date, crs=crs)


def timetable_of(feed: Feed, date: dt.date, *, crs: Any) -> Timetable:
    """Make the timetable of one service day from a feed's tables.

    Parameters
    ----------
    feed : Feed
        Faults and notices are added to it.
    date : date
        The service day.
    crs : CRS, str or int
        Projected coordinate system for the stops, in metres.

    Returns
    -------
    Timetable
        As `read_gtfs`.

    Raises
    ------
    InputError
        With every fault found, those of the feed included.
    """
    # without any table there is one fault to tell; a missing column would only repeat it
    if feed.tables:
        _require(feed)
    raise_faults(feed.faults)
    calendar = Calendar(feed)
    places = stops_of(feed)
    trips = _trips(feed)
    _check_service(feed, calendar, trips, date)
    raise_faults(feed.faults)
    calls = _calls(feed, calendar, trips, places.index, date)
    raise_faults(feed.faults)
    if calls.empty:
        feed.fault("stop_times.txt", f"no usable trip runs on {date}.", " ".join(feed.said()))
        raise_faults(feed.faults)
    stops = projected(feed, places[places.index.isin(calls["stop_id"])], crs)
    raise_faults(feed.faults)
    changes = changes_of(feed, stops.index, places["station"])
    raise_faults(feed.faults)
    stop_times, table = _numbered(feed, calls, trips, stops, places["station"])
    _tell(feed, stops, table)
    return Timetable(
        stops=stops,
        stop_times=stop_times,
        trips=table,
        date=date,
        changes=changes,
        notices=feed.said(),
    )


def _require(feed: Feed) -> None:
    for name, columns in _REQUIRED.items():
        if name not in feed.tables:
            feed.fault(f"{name}.txt", "is missing or cannot be read.", "A feed needs it.")
            continue
        if feed.tables[name].empty:
            feed.fault(f"{name}.txt", "has no rows.", "Fetch the feed again.")
        for column in columns:
            if column not in feed.tables[name].columns:
                feed.fault(f"{name}.txt", f"lacks the column {column}.", _remedy(feed, name))
    if feed.table("calendar").empty and feed.table("calendar_dates").empty:
        problem = "neither calendar.txt nor calendar_dates.txt has rows: no service has a date."
        feed.fault("", problem, "A feed needs one of them.")
    if "agency" not in feed.tables:
        feed.assumed("agency.txt is missing.")
    elif "agency_name" not in feed.tables["agency"].columns:
        feed.assumed("agency.txt lacks the column agency_name.")


def _remedy(feed: Feed, name: str) -> str:
    on_demand = name == "stop_times" and set(WINDOWS) & set(feed.tables[name].columns)
    return "On-demand trips within time windows alone are no timetable." if on_demand else "Add it."


def _trips(feed: Feed) -> pd.DataFrame:
    """All trips of known routes, by id, with what their route says."""
    trips = unique_rows(feed, "trips", "trip_id")
    routes = unique_rows(feed, "routes", "route_id").set_index("route_id")
    known = trips["route_id"].isin(routes.index)
    if not known.all():
        feed.left_out(f"{amount(~known, 'trip')} of no route that routes.txt has.")
    trips = trips[known].set_index("trip_id")
    route = routes.loc[trips["route_id"]].set_index(trips.index)
    line = trips["route_id"]
    for column in ("route_long_name", "route_short_name"):
        name = texts(route, column)
        line = line.where(name == "", name)
    kind = pd.to_numeric(route["route_type"], errors="coerce")
    kind = kind.where(kind.abs() < np.iinfo(np.int32).max)
    if kind.isna().any():
        feed.assumed(f"{amount(kind.isna(), 'trip')} without route_type; taken for buses.")
    return pd.DataFrame(
        {
            "service_id": trips["service_id"],
            "line": line,
            "route_type": kind.fillna(_BUS).astype(int),
            "step_free": step_free_of(texts(trips, "wheelchair_accessible")),
            "block": texts(trips, "block_id"),
            "hailed": _hailed(route),
        }
    )


def _hailed(table: pd.DataFrame) -> pd.Series[bool]:
    """Mark rows that let one board or alight between stops."""
    columns = [texts(table, f"continuous_{name}") for name in ("pickup", "drop_off")]
    return columns[0].isin(["0", "2", "3"]) | columns[1].isin(["0", "2", "3"])


def _check_service(feed: Feed, calendar: Calendar, trips: pd.DataFrame, date: dt.date) -> None:
    if feed.faults or set(trips["service_id"]) & calendar.services(date):
        return
    days = calendar.dates(set(trips["service_id"]))
    if not days:
        problem = "no service with a usable trip runs on any day."
        feed.fault("calendar.txt", problem, " ".join(feed.said()))
    elif days[0] <= date <= days[-1]:
        before = max(day for day in days if day < date)
        after = min(day for day in days if day > date)
        problem = f"nothing runs on {date}; the nearest days with service are {before} and {after}"
        span = f"(the feed runs from {days[0]} to {days[-1]})."
        feed.fault("date", f"{problem} {span}", "Choose another date.")
    else:
        problem = f"nothing runs on {date}; the feed has service from {days[0]} to {days[-1]}."
        feed.fault("date", problem, "Choose a date in between, or fetch the feed of that time.")


def _calls(
    feed: Feed, calendar: Calendar, trips: pd.DataFrame, stops: pd.Index, date: dt.date
) -> pd.DataFrame:
    """All calls of the day, with ``day`` (-1: of the service day before) and ``copy``."""
    stop_times = with_seconds(feed.table("stop_times"))
    under_way = days_under_way(feed, stop_times).reindex(trips.index, fill_value=0)
    most = int(under_way.max())
    if most > MOST_DAYS:
        late = amount(under_way > MOST_DAYS, "trip")
        feed.left_out(f"calls more than {MOST_DAYS} days past the service day ({late}).")
    running = []
    for ago in range(min(most, MOST_DAYS) + 1):
        services = calendar.services(date - dt.timedelta(days=ago))
        running.append(trips.index[trips["service_id"].isin(services) & (under_way >= ago)])
    everything = running[0].union(pd.Index(np.concatenate(running)).unique(), sort=False)
    own = stop_times[stop_times["trip_id"].isin(everything)]
    begins = own["departure"].fillna(own["arrival"]).groupby(own["trip_id"]).min()
    whole = expanded(feed, calls_of(feed, own, everything, stops), begins)
    hailed = trips.loc[everything, "hailed"].to_numpy() | everything.isin(
        own.loc[_hailed(own), "trip_id"]
    )
    if hailed.any():
        allow = amount(int(hailed.sum()), "trip")
        feed.left_out(f"boarding and alighting between stops, which is allowed on {allow}.")
    days = [
        of_service_day(whole[whole["trip_id"].isin(ids)], ago) for ago, ids in enumerate(running)
    ]
    return pd.concat(days[::-1], ignore_index=True)


def _numbered(
    feed: Feed,
    calls: pd.DataFrame,
    trips: pd.DataFrame,
    stops: gpd.GeoDataFrame,
    stations: pd.Series[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stop times with numbers for trips and stops, and the trips by their numbers."""
    keys = ["day", "trip_id", "copy"]
    number = calls.groupby(keys, sort=True).ngroup()
    order = np.argsort(number.to_numpy(), kind="stable")
    calls = calls.iloc[order].assign(trip=number.iloc[order])
    calls["stop"] = stops.index.get_indexer(calls["stop_id"])
    whole = ["trip", "stop", "arrival", "departure"]
    stop_times = calls[[*whole, "board", "alight"]].reset_index(drop=True)
    stop_times = stop_times.astype(dict.fromkeys(whole, np.int64))
    first, last = (calls.drop_duplicates("trip", keep=end) for end in ("first", "last"))
    table = trips.loc[first["trip_id"]].reset_index()
    runs = first[keys].reset_index(drop=True)
    runs["block"] = table["block"]
    runs["start"], runs["end"] = first["departure"].to_numpy(), last["arrival"].to_numpy()
    for name, ends in (("first", first), ("last", last)):
        runs[name] = ends["stop"].to_numpy()
        runs[f"{name}_station"] = stations.loc[ends["stop_id"]].to_numpy()
        at = stops.geometry.iloc[ends["stop"]]
        runs[f"{name}_x"], runs[f"{name}_y"] = at.x.to_numpy(), at.y.to_numpy()
    table["continues"] = continuations(feed, runs, seats_of(feed))
    return stop_times, table[["line", "trip_id", "route_type", "step_free", "continues"]]


def _tell(feed: Feed, stops: gpd.GeoDataFrame, trips: pd.DataFrame) -> None:
    """Note what the feed has that the day's timetable does not."""
    unknown = trips["route_type"].map(means_of) == UNKNOWN
    if unknown.any():
        kinds = some(trips.loc[unknown, "route_type"].astype(str).unique())
        feed.assumed(f"{amount(unknown, 'trip')} of unknown route_type ({kinds}); kept.")
    for name, column, table in (
        ("stop", "wheelchair_boarding", stops),
        ("trip", "wheelchair_accessible", trips),
    ):
        silent = table["step_free"].isna()
        if column in feed.table(f"{name}s") and silent.any():
            share = f"{int(silent.sum()):,} of {amount(len(table), name)}"
            feed.assumed(f"{column} is not said for {share}; taken as unknown.")
    indoors = sorted({"pathways", "levels"} & feed.unread)
    if indoors:
        files = " and ".join(f"{name}.txt" for name in indoors)
        feed.left_out(f"{files}; walks in stations follow the streets.")
