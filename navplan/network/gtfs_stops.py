"""Stops of a feed: where one boards, under which station, and whether without steps."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from navplan.network.gtfs_feed import Feed, amount, some, texts, unique_rows

_MARGIN_DEG: Final = (15.0, 5.0)
"""A projection serves somewhat beyond its area of use: zone 33 all of Norway [°]."""

_POLE_DEG: Final = 90.0
_BOARDING: Final = ("", "0", "4")
"""Location types at which trips may call: stops, and boarding areas of them."""


def step_free_of(answers: pd.Series[str]) -> pd.Series[float]:
    """Read GTFS's answers on wheelchairs.

    Parameters
    ----------
    answers : Series of str
        ``wheelchair_boarding`` or ``wheelchair_accessible``.

    Returns
    -------
    Series of float
        1 yes, 0 no, NaN not said.
    """
    return answers.map({"1": 1.0, "2": 0.0}).astype(float)


def stops_of(feed: Feed) -> pd.DataFrame:
    """List the places to board that have a position.

    Parameters
    ----------
    feed : Feed
        Notices are added to it.

    Returns
    -------
    DataFrame
        Indexed by stop id: ``lat``, ``lon`` [°], ``name``, ``station`` (id of the parent, "" for
        none) and ``step_free`` (1, 0, NaN), the station's where the stop does not say.
    """
    everything = unique_rows(feed, "stops", "stop_id").set_index("stop_id")
    table = everything[texts(everything, "location_type").isin(_BOARDING)]
    parent = texts(table, "parent_station")
    orphan = (parent != "") & ~parent.isin(everything.index)
    if orphan.any():
        names = some(parent[orphan].unique())
        feed.left_out(
            f"the parent station of {amount(orphan, 'stop')}, which stops.txt lacks ({names})."
        )
    station = parent.where(~orphan, "")
    own = step_free_of(texts(table, "wheelchair_boarding"))
    inherited = station.map(step_free_of(texts(everything, "wheelchair_boarding"))).astype(float)
    stops = pd.DataFrame(
        {
            "lat": _degrees(table["stop_lat"]),
            "lon": _degrees(table["stop_lon"]),
            "name": table.get("stop_name", table.index),
            "station": station,
            "step_free": own.fillna(inherited),
        },
        index=table.index,
    )
    without = stops["lat"].isna() | stops["lon"].isna()
    null_island = (stops["lat"] == 0) & (stops["lon"] == 0)
    for lost, word in ((without, "without position"), (null_island, "at 0° N 0° E")):
        if lost.any():
            feed.left_out(f"{amount(lost, 'stop')} {word}.")
    return stops[~without & ~null_island]


def _degrees(numbers: pd.Series[str]) -> pd.Series[float]:
    degrees = pd.to_numeric(numbers, errors="coerce").astype(float)
    return degrees.where(np.isfinite(degrees))


def projected(feed: Feed, stops: pd.DataFrame, crs: Any) -> gpd.GeoDataFrame:
    """Project stops to a coordinate system.

    Parameters
    ----------
    feed : Feed
        A fault is added to it where the degrees cannot be meant.
    stops : DataFrame
        From `stops_of`.
    crs : CRS, str or int
        The coordinate system.

    Returns
    -------
    GeoDataFrame
        Indexed by stop id: ``name`` and ``step_free``; no rows after a fault.
    """
    given = CRS(crs)
    lat, lon = stops["lat"].to_numpy(dtype=float), stops["lon"].to_numpy(dtype=float)
    inside = _inside(given, lon, lat)
    if not inside.all():
        outside = int((~inside).sum())
        turned = int(_inside(given, lat, lon)[~inside].sum())
        names = some(stops.index[~inside])
        problem = f"{outside} of {len(stops)} stops lie outside {given.name} ({names})."
        if turned == outside:
            remedy = "Latitude and longitude seem to be swapped: turn them round."
        else:
            remedy = "Correct their degrees, or choose the right coordinate system."
        feed.fault("stops.txt", problem, remedy)
        return gpd.GeoDataFrame(geometry=[], crs=given)
    return gpd.GeoDataFrame(
        {name: stops[name].to_numpy() for name in ("name", "step_free")},
        geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326").to_crs(given),
        index=pd.Index(stops.index.astype(str), name="id"),
    )


def _inside(crs: CRS, lon: np.ndarray[Any, Any], lat: np.ndarray[Any, Any]) -> Any:
    sane = (np.abs(lat) <= _POLE_DEG) & (np.abs(lon) <= 2 * _POLE_DEG)
    area = crs.area_of_use
    if area is None:
        return sane
    wide, high = _MARGIN_DEG
    near = sane & (lat >= area.south - high) & (lat <= area.north + high)
    if area.east < area.west:
        return near
    # degrees of longitude go round: measured from the middle of the area
    middle, half = (area.west + area.east) / 2, (area.east - area.west) / 2
    away = np.abs((lon - middle + 180) % 360 - 180)
    return near & (away <= half + wide)
