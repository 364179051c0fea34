"""`travel_times` and its two ways: over the streets, and by timetable."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.network import attach, edge_seconds
from navplan.nouns import Offices, Profile, Streets, Timetable, TravelTimes, Zones
from navplan.travel.cache import digest_of, read_times, write_times
from navplan.travel.reach import graph_of, link_seconds
from navplan.travel.scan import NEVER, Connections, latest_boardings
from navplan.units import SECONDS_PER_MINUTE, Reason

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

_MAX_LANES: Final = 4_000_000
"""Stops × sites × deadlines searched at once (two labels of 4 bytes each)."""


def travel_times(
    profile: Profile,
    *,
    zones: Zones,
    sites: Offices | gpd.GeoDataFrame,
    streets: Streets,
    timetable: Timetable | None = None,
    cache: Path | None = None,
) -> TravelTimes:
    """Minutes from every zone to every site, with a reason where there is no time.

    Walking, cycling and driving are `street_times`; transit is `transit_times`.

    Parameters
    ----------
    profile : Profile
        The way to travel.
    zones : Zones
        Where people start.
    sites : Offices or GeoDataFrame
        Where they go: points by id.
    streets : Streets
        The network, in the same CRS.
    timetable : Timetable, optional
        The service day; needed for transit.
    cache : Path, optional
        Folder that keeps times by a digest of all they depend on. Times found there are read,
        others are made and kept.

    Returns
    -------
    TravelTimes
        Zones × sites.

    Raises
    ------
    InputError
        If coordinate systems differ, an id stands twice, transit lacks a timetable or has one of
        another date.
    """
    points = sites.table if isinstance(sites, Offices) else sites
    raise_faults(_faults(profile, zones, points, streets, timetable))
    digest = digest_of(
        profile, zones=zones.table, sites=points, streets=streets, timetable=timetable
    )
    if cache is not None:
        kept = read_times(
            digest, cache, zones=zones.table.index, sites=points.index, profile=profile
        )
        if kept is not None:
            return kept
    if profile.mode == "transit" and timetable is not None:
        minutes, reason, snap_m = transit_times(
            profile, zones=zones, sites=points, streets=streets, timetable=timetable
        )
    else:
        minutes, reason, snap_m = street_times(profile, zones=zones, sites=points, streets=streets)
    times = TravelTimes(minutes, reason, snap_m, profile, digest)
    if cache is not None:
        write_times(times, cache)
    return times


def _faults(
    profile: Profile,
    zones: Zones,
    sites: gpd.GeoDataFrame,
    streets: Streets,
    timetable: Timetable | None,
) -> list[Fault]:
    faults = []
    where = f"travel times {profile.name}"
    crs = streets.nodes.crs
    layers = {"zones": zones.table.crs, "sites": sites.crs}
    if profile.mode == "transit":
        if timetable is None:
            given = "the mode is transit, but no timetable is given."
            faults.append(Fault(where, "timetable", given, "Give one, or choose another mode."))
        else:
            layers["timetable"] = timetable.stops.crs
            if timetable.date != profile.date:
                given = f"it is of {timetable.date}, the profile of {profile.date}."
                faults.append(Fault(where, "timetable", given, "Read the profile's date."))
    for name, given_crs in layers.items():
        if given_crs != crs:
            given = f"their CRS is {given_crs}, the streets' is {crs}."
            faults.append(Fault(where, name, given, "Reproject them to the streets' CRS."))
    twice = sites.index[sites.index.duplicated()].unique()
    faults += [Fault(where, f"site {i}", "stands more than once.") for i in twice]
    return faults


def street_times(
    profile: Profile, *, zones: Zones, sites: gpd.GeoDataFrame, streets: Streets
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series[float]]:
    """Minutes over the streets alone, in the direction zone → site.

    Parameters
    ----------
    profile : Profile
        Mode walk, bicycle or car; speeds and limits.
    zones : Zones
        Where people start.
    sites : GeoDataFrame
        Points by id.
    streets : Streets
        The network.

    Returns
    -------
    minutes, reason : DataFrame
        Zones × sites [min]; `units.Reason`.
    snap_m : Series
        From each zone to its street [m].
    """
    seconds = edge_seconds(streets, profile)
    from_zones = attach(zones.table, streets, seconds, profile)
    to_sites = attach(sites, streets, seconds, profile)
    minutes = link_seconds(graph_of(streets, seconds), from_zones, to_sites) / SECONDS_PER_MINUTE
    reason = np.full(minutes.shape, Reason.OK.value, dtype=object)
    reason[np.isinf(minutes)] = Reason.NOT_CONNECTED.value
    reason[np.isfinite(minutes) & (minutes > profile.limit_min)] = Reason.BEYOND_LIMIT.value
    reason[:, ~to_sites["linked"].to_numpy(dtype=bool)] = Reason.SITE_NOT_LINKED.value
    reason[~from_zones["linked"].to_numpy(dtype=bool), :] = Reason.ZONE_NOT_LINKED.value
    return _tables(minutes, reason, zones.table.index, sites.index, from_zones["snap_m"])


def transit_times(
    profile: Profile,
    *,
    zones: Zones,
    sites: gpd.GeoDataFrame,
    streets: Streets,
    timetable: Timetable,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series[float]]:
    """Minutes by timetable and on foot, a percentile over wished arrival times.

    For each wished arrival t from ``arrive_from`` to ``arrive_until``, each ``step_s``, the
    minutes are t less the latest departure from the zone that reaches the site by t; a wait at
    the site before t counts, and so does walking all the way, up to ``max_direct_walk_min`` (or
    the profile's limit where none is set). The result is the
    smallest number of minutes that at least ``percentile`` % of the wished arrivals do not
    exceed. Walks to, between and from stops follow the streets, each at most ``max_walk_min``,
    in whole seconds, rounded up; boarding another trip takes ``change_slack_s`` beside the walk,
    staying seated nothing. Departures from ``limit_min`` before the window on are searched.

    Use this for visits with a fixed hour (an appointment, drop-in hours); the dual, minutes from
    a wished departure, gives the same distribution over a whole day of regular service but
    differs at its ends.

    Parameters
    ----------
    profile : Profile
        Mode transit.
    zones : Zones
        Where people start.
    sites : GeoDataFrame
        Points by id.
    streets : Streets
        The network walked on.
    timetable : Timetable
        The service day.

    Returns
    -------
    minutes, reason : DataFrame
        Zones × sites [min]; `units.Reason`. ``no_service`` where too few wished arrivals have
        any way at all, ``beyond_limit`` where the way takes too long.
    snap_m : Series
        From each zone to its street [m].

    References
    ----------
    Dibbelt, Pajor, Strasser and Wagner (2018), doi:10.1145/3274661, for the search.
    """
    seconds = edge_seconds(streets, profile)
    graph = graph_of(streets, seconds)
    from_zones = attach(zones.table, streets, seconds, profile)
    to_sites = attach(sites, streets, seconds, profile)
    connections, used = _connections(timetable, profile)
    stops = attach(timetable.stops.iloc[used], streets, seconds, profile)
    longest = profile.max_walk_min * SECONDS_PER_MINUTE
    most = profile.max_direct_walk_min
    direct_s = np.inf if most is None else most * SECONDS_PER_MINUTE
    direct = _whole(link_seconds(graph, from_zones, to_sites, limit_s=direct_s))
    access = _whole(link_seconds(graph, from_zones, stops, limit_s=longest))
    egress = _whole(link_seconds(graph, stops, to_sites, limit_s=longest))
    between = _whole(link_seconds(graph, stops, stops, limit_s=longest))
    np.fill_diagonal(between, 0)  # also a stop without any street allows a change
    transfers = [
        (np.flatnonzero(column >= 0), column[column >= 0].astype(np.int32)) for column in between.T
    ]
    deadlines = np.arange(
        profile.arrive_from, profile.arrive_until + 1, profile.step_s, dtype=np.int32
    )
    minutes = np.full(direct.shape, np.inf)
    group = max(1, _MAX_LANES // max(1, len(stops) * len(deadlines)))
    for first in range(0, len(sites), group):
        columns = slice(first, first + group)
        boarding = latest_boardings(
            connections,
            deadlines=deadlines,
            to_site=egress[:, columns],
            transfers=transfers,
            slack_s=profile.change_slack_s,
        )
        minutes[:, columns] = _percentile(
            boarding, access, direct[:, columns], deadlines, profile.percentile
        )
    reason = np.full(minutes.shape, Reason.OK.value, dtype=object)
    reason[np.isinf(minutes)] = Reason.NO_SERVICE.value
    reason[np.isfinite(minutes) & (minutes > profile.limit_min)] = Reason.BEYOND_LIMIT.value
    reason[:, ~to_sites["linked"].to_numpy(dtype=bool)] = Reason.SITE_NOT_LINKED.value
    reason[~from_zones["linked"].to_numpy(dtype=bool), :] = Reason.ZONE_NOT_LINKED.value
    return _tables(minutes, reason, zones.table.index, sites.index, from_zones["snap_m"])


def _whole(seconds: Floats) -> npt.NDArray[np.int64]:
    """Whole seconds, rounded up; -1 where there is no way."""
    # what floating sums add to a whole second is no second more
    rounded = np.ceil(np.where(np.isinf(seconds), -1.0, seconds) - 1e-6)
    return np.asarray(rounded, dtype=np.int64)


def _connections(timetable: Timetable, profile: Profile) -> tuple[Connections, Ints]:
    """Rides that can matter, in scan order, and the stops they touch."""
    calls = timetable.stop_times
    trip = calls["trip"].to_numpy(dtype=np.int64)
    departure = calls["departure"].to_numpy(dtype=np.int64)
    arrival = calls["arrival"].to_numpy(dtype=np.int64)
    first = np.flatnonzero(trip[1:] == trip[:-1])
    earliest = profile.arrive_from - profile.limit_min * SECONDS_PER_MINUTE
    in_time = (departure[first] >= earliest) & (arrival[first + 1] <= profile.arrive_until)
    first = first[in_time]
    first = first[np.lexsort((-first, -departure[first]))]
    stop = calls["stop"].to_numpy(dtype=np.int64)
    used, ends = np.unique(np.concatenate([stop[first], stop[first + 1]]), return_inverse=True)
    _, number = np.unique(trip[first], return_inverse=True)
    connections = Connections(
        trip=number.astype(np.int32),
        start=ends[: len(first)].astype(np.int32),
        end=ends[len(first) :].astype(np.int32),
        departure=departure[first].astype(np.int32),
        arrival=arrival[first + 1].astype(np.int32),
        board=calls["board"].to_numpy(dtype=bool)[first],
        alight=calls["alight"].to_numpy(dtype=bool)[first + 1],
    )
    return connections, used.astype(np.int32)


def _percentile(
    boarding: Ints,
    access: npt.NDArray[np.int64],
    direct: npt.NDArray[np.int64],
    deadlines: Ints,
    percentile: float,
) -> Floats:
    """Minutes at the percentile over the deadlines, zones × sites; inf where too few have any."""
    zones, sites = direct.shape
    rank = max(int(np.ceil(percentile / 100.0 * len(deadlines) - 1e-9)), 1) - 1
    result = np.full((zones, sites), np.inf)
    for zone in range(zones):
        latest = np.where(direct[zone][:, None] >= 0, deadlines - direct[zone][:, None], NEVER)
        near = np.flatnonzero(access[zone] >= 0)
        if len(near):
            leave = boarding[near] - access[zone, near, None, None]
            latest = np.maximum(latest, leave.max(axis=0))
        # labels that are not set lie before any day, whatever walk was taken off them
        seconds = np.where(latest > NEVER // 2, (deadlines - latest).astype(float), np.inf)
        result[zone] = np.partition(seconds, rank, axis=1)[:, rank] / SECONDS_PER_MINUTE
    return result


def _tables(
    minutes: Floats,
    reason: npt.NDArray[np.object_],
    zones: pd.Index,
    sites: pd.Index,
    snap_m: pd.Series[float],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series[float]]:
    timed = np.where(reason == Reason.OK.value, minutes, np.nan)
    return (
        pd.DataFrame(timed, index=zones, columns=sites),
        pd.DataFrame(reason, index=zones, columns=sites),
        snap_m.rename("snap_m"),
    )
