"""A timetable that navplan and its peers read alike: the feed of one day, and streets under it.

No extract of OpenStreetMap at hand covers the feeds, so people walk on a made-up lattice of
streets around the stops: the same for all.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from benchmarks.exchange import Roads
from navplan.nouns import Timetable

SPACING_M: Final = 100.0
"""Between the streets of the lattice [m]."""
REACH_M: Final = 500.0
"""Crossings farther from every stop are left out [m]."""
WALK_M_PER_S: Final = 1.0
"""What the seconds of the lattice are told at [m/s]."""


def lattice(timetable: Timetable, *, spacing_m: float = SPACING_M) -> Roads:
    """Streets north–south and east–west around all stops.

    Parameters
    ----------
    timetable : Timetable
        Whose stops are to be walked to.
    spacing_m : float
        Between neighbouring streets [m].

    Returns
    -------
    Roads
        Crossings no farther than `REACH_M` from a stop; both directions of every block.
    """
    stops = timetable.stops.get_coordinates().to_numpy()
    low = np.floor(stops.min(axis=0) / spacing_m) * spacing_m - REACH_M
    high = stops.max(axis=0) + REACH_M + spacing_m
    x, y = (np.arange(a, b, spacing_m) for a, b in zip(low, high, strict=True))
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(len(x)), np.arange(len(y))))
    distance, _ = KDTree(stops).query(np.column_stack([x[column], y[row]]))
    kept = np.asarray(distance) <= REACH_M
    number = np.full((len(y), len(x)), -1)
    number[row[kept], column[kept]] = np.arange(kept.sum())
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    blocks = np.concatenate([east, north])
    blocks = blocks[(blocks >= 0).all(axis=1)]
    ways = np.concatenate([blocks, blocks[:, ::-1]])
    at = gpd.GeoSeries(
        gpd.points_from_xy(x[column[kept]], y[row[kept]]), crs=timetable.stops.crs
    ).to_crs("EPSG:4326")
    milliseconds = np.full(len(ways), round(spacing_m / WALK_M_PER_S * 1000))
    classes = np.full(len(ways), "local")
    return Roads(ways[:, 0], ways[:, 1], milliseconds, at.x.to_numpy(), at.y.to_numpy(), classes)


def at_crossings(timetable: Timetable, roads: Roads) -> Timetable:
    """Move every stop to its nearest crossing: engines differ in how they get off the street.

    Parameters
    ----------
    timetable : Timetable
        Whose stops are moved, by 0.7 times the spacing of the streets at most.
    roads : Roads
        From `lattice`.

    Returns
    -------
    Timetable
        Stops may share a crossing.
    """
    crs = timetable.stops.crs
    crossings = gpd.GeoSeries(gpd.points_from_xy(roads.lon, roads.lat), crs="EPSG:4326").to_crs(crs)
    tree = KDTree(crossings.get_coordinates().to_numpy())
    _, nearest = tree.query(timetable.stops.get_coordinates().to_numpy())
    stops = timetable.stops.set_geometry(crossings.to_numpy()[nearest], crs=crs)
    return replace(timetable, stops=stops)


def repeated(timetable: Timetable, columns: int, rows: int, *, overlap: float) -> Timetable:
    """Lay copies of a timetable side by side, so that neighbours share part of their ground.

    Parameters
    ----------
    timetable : Timetable
        What is copied; rules for changes are left out.
    columns, rows : int
        Copies eastwards and northwards.
    overlap : float
        Share of its width that a copy has in common with its neighbour.

    Returns
    -------
    Timetable
        One changes between copies on foot.
    """
    west, south, east, north = timetable.stops.total_bounds
    step = np.array([east - west, north - south]) * (1.0 - overlap)
    stops, stop_times, trips = [], [], []
    for copy in range(columns * rows):
        shift = np.array([copy % columns, copy // columns]) * step
        there = timetable.stops.set_geometry(timetable.stops.translate(*shift))
        stops.append(there.set_index(f"{copy}-" + there.index.astype(str)))
        times = timetable.stop_times.copy()
        times["trip"] += copy * len(timetable.trips)
        times["stop"] += copy * len(timetable.stops)
        stop_times.append(times)
        lines = timetable.trips.assign(continues=-1)
        trips.append(lines.assign(trip_id=f"{copy}-" + lines["trip_id"].astype(str)))
    return Timetable(
        pd.concat(stops),
        pd.concat(stop_times, ignore_index=True),
        pd.concat(trips, ignore_index=True),
        timetable.date,
    )


def plain(timetable: Timetable) -> Timetable:
    """Keep what every reader reads alike: trips, calls, places.

    Parameters
    ----------
    timetable : Timetable
        As read from a feed.

    Returns
    -------
    Timetable
        Without rules for changes, without trips that go on as another, and without trips with a
        call before midnight, which belong to the previous day in a feed. Times are whole minutes
        or seconds as before; trips have ids of their own.
    """
    early = timetable.stop_times.groupby("trip")["arrival"].transform("min") < 0
    calls = timetable.stop_times[~early]
    old, trip = np.unique(calls["trip"], return_inverse=True)
    trips = timetable.trips.iloc[old].reset_index(drop=True)
    trips = trips.assign(continues=-1, trip_id=trips.index.astype(str))
    calls = calls.assign(trip=trip).reset_index(drop=True)
    return Timetable(timetable.stops, calls, trips, timetable.date)


def write_feed(timetable: Timetable, path: Path) -> None:
    """Write a service day as a GTFS feed.

    Parameters
    ----------
    timetable : Timetable
        From `plain`.
    path : Path
        The zip; overwritten.
    """
    at = timetable.stops.geometry.to_crs("EPSG:4326")
    day = timetable.date.strftime("%Y%m%d")
    calls = timetable.stop_times
    lines = timetable.trips["line"].astype(str) + "-" + timetable.trips["route_type"].astype(str)
    agency = {"agency_id": "a", "agency_name": "a", "agency_url": "https://example.org",
              "agency_timezone": "Europe/Oslo"}  # fmt: skip
    kinds = pd.DataFrame({"route_id": lines, "route_type": timetable.trips["route_type"]})
    kinds = kinds.drop_duplicates("route_id")
    tables = {
        "agency": pd.DataFrame([agency]),
        "calendar_dates": pd.DataFrame([{"service_id": "s", "date": day, "exception_type": 1}]),
        "stops": pd.DataFrame(
            {"stop_id": at.index, "stop_name": at.index, "stop_lat": at.y.round(8),
             "stop_lon": at.x.round(8)}
        ),
        "routes": kinds.assign(agency_id="a", route_short_name=kinds["route_id"]),
        "trips": pd.DataFrame(
            {"route_id": lines, "service_id": "s", "trip_id": timetable.trips["trip_id"]}
        ),
        "stop_times": pd.DataFrame(
            {
                "trip_id": timetable.trips["trip_id"].to_numpy()[calls["trip"]],
                "arrival_time": _clocks(calls["arrival"]),
                "departure_time": _clocks(calls["departure"]),
                "stop_id": timetable.stops.index.to_numpy()[calls["stop"]],
                "stop_sequence": calls.groupby("trip").cumcount() + 1,
                "pickup_type": (~calls["board"]).astype(int),
                "drop_off_type": (~calls["alight"]).astype(int),
            }
        ),
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in tables.items():
            archive.writestr(f"{name}.txt", table.to_csv(index=False))


def _clocks(seconds: pd.Series[int]) -> pd.Series[str]:
    hours, minutes = seconds // 3600, seconds // 60 % 60
    parts = (part.astype(str).str.zfill(2) for part in (hours, minutes, seconds % 60))
    first, second, third = parts
    return first + ":" + second + ":" + third
