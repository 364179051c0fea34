"""A forward search by timetable to compare with: range-RAPTOR, one zone at a time.

It shares nothing with the search in `navplan.travel` but the definition: it goes forwards in
rounds of one ride each, from the last wished time to the first, and keeps walks as full matrices
from `tests.reference_walks`.

Delling, Pajor and Werneck (2015), Round-based public transit routing,
doi:10.1287/trsc.2014.0534.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numba import njit

from navplan.network import attach, edge_seconds
from navplan.nouns import Profile, Streets, Timetable
from tests.reference_walks import link_seconds

NEVER = 2**40
ROUNDS = 60  # more rides than any journey of the tests has


@dataclass(frozen=True)
class Day:
    """Trips as stretches of calls, and how long changes take."""

    first_call: np.ndarray
    stop: np.ndarray
    arrival: np.ndarray
    departure: np.ndarray
    board: np.ndarray
    alight: np.ndarray
    onward: np.ndarray
    order: np.ndarray
    change: np.ndarray
    times: np.ndarray


@dataclass(frozen=True)
class Walks:
    """Whole seconds, `NEVER` where there is no walk: zones × stops and so on."""

    access: np.ndarray
    between: np.ndarray
    egress: np.ndarray
    direct: np.ndarray


def walks(
    profile: Profile,
    streets: Streets,
    zones: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    timetable: Timetable,
) -> Walks:
    """All walks from zones to sites, as full matrices."""
    seconds = edge_seconds(streets, profile)
    start, end, stop = (
        attach(t, streets, seconds, profile) for t in (zones, sites, timetable.stops)
    )

    def walk(one, other, minutes):
        way = link_seconds(streets, seconds, one, other)
        way[way > (np.inf if minutes is None else minutes * 60)] = np.inf
        return np.where(np.isinf(way), NEVER, np.ceil(np.where(np.isinf(way), 0, way) - 1e-6))

    between = walk(stop, stop, profile.max_walk_min)
    np.fill_diagonal(between, 0)
    return Walks(
        walk(start, stop, profile.max_walk_min).astype(np.int64),
        between.astype(np.int64),
        walk(stop, end, profile.max_walk_min).astype(np.int64),
        walk(start, end, profile.max_direct_walk_min).astype(np.int64),
    )


def day_of(timetable: Timetable, profile: Profile, between: np.ndarray) -> Day:
    """What of a timetable can be used within the profile's window."""
    first, last = profile.window
    times = np.arange(first, last + 1, profile.step_s)
    reach = profile.limit_min * 60
    earliest = first if profile.by_departure else first - reach
    latest = last + reach if profile.by_departure else last
    calls = timetable.stop_times
    trip, stop = calls["trip"].to_numpy(), calls["stop"].to_numpy()
    arrival, departure = calls["arrival"].to_numpy(), calls["departure"].to_numpy()
    trips = len(timetable.trips)
    first_call = np.searchsorted(trip, np.arange(trips + 1))

    def usable(table):
        known = table["step_free"].to_numpy(dtype=float)
        everything = np.ones(len(table), dtype=bool)
        return {"": everything, "known": known == 1, "unless-barred": known != 0}[profile.step_free]

    good = usable(timetable.trips)[trip] & usable(timetable.stops)[stop]
    board, alight = calls["board"].to_numpy() & good, calls["alight"].to_numpy() & good
    for number in range(trips):
        for call in range(first_call[number], first_call[number + 1]):
            after, before = call + 1, call - 1
            leads_on = after < first_call[number + 1] and departure[call] >= earliest
            board[call] &= leads_on and arrival[after] <= latest
            came = before >= first_call[number] and departure[before] >= earliest
            alight[call] &= came and arrival[call] <= latest
    onward = timetable.trips["continues"].to_numpy().copy()
    onward[~usable(timetable.trips)] = -1
    onward[(onward >= 0) & ~usable(timetable.trips)[onward]] = -1
    return Day(
        first_call, stop, arrival, departure, board, alight, onward,
        _order(onward, np.add.reduceat(board | alight, first_call[:-1]) > 0),
        _changes(between, timetable, profile.change_slack_s), times,
    )  # fmt: skip


def _order(onward: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Trips that are used, each before the one it goes on as."""
    depth = np.zeros(len(onward), dtype=int)
    for number in range(len(onward)):
        follower = onward[number]
        while follower >= 0:
            depth[number] += 1
            follower = onward[follower]
    order = np.argsort(-depth, kind="stable")
    return order[used[order]]


def _changes(between: np.ndarray, timetable: Timetable, slack: int) -> np.ndarray:
    change = np.where(between < NEVER, between + slack, NEVER)
    for row in timetable.changes.itertuples():
        pair = row.from_stop, row.to_stop
        if not row.allowed:
            change[pair] = NEVER
        elif between[pair] < NEVER:
            least = 0 if np.isnan(row.least_s) else int(np.ceil(row.least_s))
            change[pair] = max(between[pair] if row.timed else change[pair], least)
    return change


def window_seconds(profile: Profile, timetable: Timetable, ways: Walks) -> np.ndarray:
    """Seconds from every zone to every site at every wished time; `NEVER` where no way."""
    day = day_of(timetable, profile, ways.between)
    found = np.full((*ways.direct.shape, len(day.times)), NEVER)
    for zone in range(len(ways.access)):
        access, direct = ways.access[zone], ways.direct[zone]
        if profile.by_departure:
            arrivals = _range(*_arrays(day), day.times, access, ways.egress, profile.max_rides or 0)
            seconds = np.where(arrivals < NEVER, arrivals - day.times[:, None], NEVER)
        else:
            # leaving at another moment than just in time for a departure changes nothing
            here = day.board & (access[day.stop] < NEVER)
            moments = np.unique((day.departure - access[day.stop])[here])
            arrivals = _range(*_arrays(day), moments, access, ways.egress, profile.max_rides or 0)
            seconds = np.full((len(day.times), len(direct)), NEVER)
            for number, time in enumerate(day.times):
                latest = np.where(arrivals <= time, moments[:, None], -NEVER).max(0, initial=-NEVER)
                seconds[number] = np.where(latest > -NEVER, time - latest, NEVER)
        found[zone] = np.minimum(seconds, direct).T
    return found


def percentile_seconds(seconds: np.ndarray, percentile: float) -> np.ndarray:
    """The least seconds that at least so many percent of the wished times do not exceed."""
    ordered = np.sort(seconds, axis=2)
    for place in range(ordered.shape[2]):
        if (place + 1) * 100 >= percentile * ordered.shape[2] - 1e-7:
            return ordered[:, :, place]
    raise AssertionError


def _arrays(day: Day) -> tuple[np.ndarray, ...]:
    near = [np.flatnonzero(row < NEVER) for row in day.change]
    pointers = np.concatenate([[0], np.cumsum([len(row) for row in near])])
    targets = np.concatenate(near)
    seconds = day.change[np.repeat(np.arange(len(near)), np.diff(pointers)), targets]
    return (
        day.first_call, day.stop, day.arrival, day.departure, day.board, day.alight, day.onward,
        day.order, pointers, targets, seconds,
    )  # fmt: skip


@njit
def _range(
    first_call, stop, arrival, departure, board, alight, onward, order,
    pointers, targets, seconds, times, access, egress, max_rides,
):  # fmt: skip
    """Earliest arrival at each site for each moment of leaving, latest moment first."""
    stops, sites = egress.shape
    rounds = max_rides if max_rides > 0 else ROUNDS
    reached = np.full((rounds + 1, stops), NEVER)
    ready = np.full((rounds + 1, stops), NEVER)
    best = np.full(sites, NEVER)
    out = np.full((len(times), sites), NEVER)
    seated = np.zeros(len(onward), np.bool_)
    for number in range(len(times) - 1, -1, -1):
        changed = False
        for s in range(stops):
            if access[s] < NEVER and times[number] + access[s] < ready[0, s]:
                ready[0, s] = times[number] + access[s]
                changed = True
        rides = 0
        while changed and rides < rounds:
            changed = False
            rides += 1
            for s in range(stops):
                reached[rides, s] = min(reached[rides, s], reached[rides - 1, s])
                ready[rides, s] = min(ready[rides, s], ready[rides - 1, s])
            improved = np.zeros(stops, np.bool_)
            seated[:] = False
            for trip in order:
                aboard = seated[trip]
                for call in range(first_call[trip], first_call[trip + 1]):
                    s = stop[call]
                    if aboard and alight[call] and arrival[call] < reached[rides, s]:
                        reached[rides, s] = arrival[call]
                        improved[s] = changed = True
                    if board[call] and ready[rides - 1, s] <= departure[call]:
                        aboard = True
                if aboard and onward[trip] >= 0:
                    seated[onward[trip]] = True
            for s in np.flatnonzero(improved):
                for entry in range(pointers[s], pointers[s + 1]):
                    u = targets[entry]
                    ready[rides, u] = min(ready[rides, u], reached[rides, s] + seconds[entry])
                for site in range(sites):
                    if egress[s, site] < NEVER:
                        best[site] = min(best[site], reached[rides, s] + egress[s, site])
        assert max_rides > 0 or not changed
        out[number] = best
    return out
