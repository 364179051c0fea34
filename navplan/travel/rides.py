"""What of a timetable can matter for a search: rides between calls, trips that go on, changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns import Profile, Timetable
from navplan.travel.foot import Walks, walks_of
from navplan.units import SECONDS_PER_MINUTE, clock

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LATEST_S: Final = 2**24
"""Times lie this far from midnight at most [s], half a year: labels are small numbers."""


@dataclass(frozen=True)
class Window:
    """Wished times, and the rides that can serve them.

    Parameters
    ----------
    times : ndarray of int32
        Wished arrivals or departures, increasing [s after midnight].
    by_departure : bool
        Whether the times are departures.
    earliest, latest : float
        Rides depart and arrive in between [s after midnight].
    """

    times: Ints
    by_departure: bool
    earliest: float
    latest: float

    def turned(self) -> Window:
        """The same window on a day that runs backwards."""
        return Window(-self.times[::-1], not self.by_departure, -self.latest, -self.earliest)


def window_of(profile: Profile) -> Window:
    """Wished times of a profile.

    Parameters
    ----------
    profile : Profile
        Of mode transit.

    Returns
    -------
    Window
        Rides from ``limit_min`` before the first wished arrival to the last one; of a window of
        departures, from the first of them to ``limit_min`` after the last.

    Raises
    ------
    InputError
        If they lie more than half a year from midnight.
    """
    limit = profile.limit_min * SECONDS_PER_MINUTE
    first, last = profile.window
    earliest, latest = float(first), float(last)
    if profile.by_departure:
        latest += limit
    else:
        earliest -= limit
    if max(abs(first), abs(last)) > LATEST_S:
        given = f"{clock(first)}–{clock(last)} is more than half a year from midnight."
        remedy = "Give seconds after midnight."
        raise_faults([Fault(f"profile {profile.name}", "window", given, remedy)])
    times = np.arange(first, last + 1, profile.step_s, dtype=np.int32)
    return Window(times, profile.by_departure, earliest, latest)


@dataclass(frozen=True)
class Rides:
    """Rides between neighbouring calls, trip by trip, in the order of the calls.

    Parameters
    ----------
    trip, start, end : ndarray of int32
        Number of the trip; positions of the two stops.
    departure, arrival : ndarray of int32
        [s after midnight].
    board, alight : ndarray of bool
        Boarding allowed at the start, alighting at the end.
    continues : ndarray of int64
        Pairs of trips (rows of two): who stays seated in the first goes on with the second.
    trips, stops : int
        How many there are, with those without rides.
    """

    trip: Ints
    start: Ints
    end: Ints
    departure: Ints
    arrival: Ints
    board: Bools
    alight: Bools
    continues: Longs
    trips: int
    stops: int

    def __len__(self) -> int:
        return len(self.trip)

    def turned(self) -> Rides:
        """The same rides on a day that runs backwards: times negated, ends swapped.

        A search towards a place on these finds the ways *from* it: what arrives there by −t
        leaves it at t or later.
        """
        back = slice(None, None, -1)
        return Rides(
            trip=self.trip[back].copy(),
            start=self.end[back].copy(),
            end=self.start[back].copy(),
            departure=-self.arrival[back],
            arrival=-self.departure[back],
            board=self.alight[back].copy(),
            alight=self.board[back].copy(),
            continues=self.continues[:, back].copy(),
            trips=self.trips,
            stops=self.stops,
        )

    def within(self, earliest: float, latest: float) -> Rides:
        """The rides that depart and arrive within a window.

        Parameters
        ----------
        earliest, latest : float
            [s after midnight].

        Returns
        -------
        Rides
            Of the same trips and stops.
        """
        kept = (self.departure >= earliest) & (self.arrival <= latest)
        columns = ("trip", "start", "end", "departure", "arrival", "board", "alight")
        return replace(self, **{name: getattr(self, name)[kept] for name in columns})


def rides_of(timetable: Timetable, *, step_free: str = "") -> Rides:
    """List the rides of a day.

    Parameters
    ----------
    timetable : Timetable
        The service day.
    step_free : {"", "known", "unless-barred"}
        Which trips and stops may be used: all, those known to be step-free, or all but those
        known not to be. One may stay seated through a stop that is not.

    Returns
    -------
    Rides
        Stops are numbered as in the timetable.

    Raises
    ------
    InputError
        If calls are not sorted by trip or name a trip or stop that does not exist, a call has no
        time, the times of a trip go backwards or lie more than half a year away, a trip goes on
        as none that exists, or trips continue each other in a ring.
    """
    raise_faults(_number_faults(timetable))
    calls = timetable.stop_times
    trip = calls["trip"].to_numpy(dtype=np.int64)
    stop = calls["stop"].to_numpy(dtype=np.int64)
    arrival = calls["arrival"].to_numpy(dtype=np.int64)
    departure = calls["departure"].to_numpy(dtype=np.int64)
    first = np.flatnonzero(trip[1:] == trip[:-1])
    _check_times(timetable, first)
    open_trip = _step_free(timetable.trips, step_free)
    open_stop = _step_free(timetable.stops, step_free)
    continues = _continues(timetable, open_trip)
    depths(continues, len(timetable.trips))  # endless where trips go on in a ring
    first = first[open_trip[trip[first]]]
    after = first + 1
    return Rides(
        trip=trip[first].astype(np.int32),
        start=stop[first].astype(np.int32),
        end=stop[after].astype(np.int32),
        departure=departure[first].astype(np.int32),
        arrival=arrival[after].astype(np.int32),
        board=calls["board"].to_numpy(dtype=bool)[first] & open_stop[stop[first]],
        alight=calls["alight"].to_numpy(dtype=bool)[after] & open_stop[stop[after]],
        continues=continues,
        trips=len(timetable.trips),
        stops=len(timetable.stops),
    )


def _number_faults(timetable: Timetable) -> list[Fault]:
    """Tell what would lead compiled code astray."""
    onward, calls = timetable.trips["continues"], timetable.stop_times
    trips = len(onward)
    faults = [
        Fault("timetable", f"trip {number}", f"goes on as trip {other}, but there are {trips}.")
        for number, other in onward[~onward.between(-1, trips - 1)].items()
    ]
    for name, count in (("trip", trips), ("stop", len(timetable.stops))):
        problem = f"a call names it, but there are {count}, counted from 0."
        outside = calls.loc[~calls[name].isin(np.arange(count)), name].unique()
        faults += [Fault("timetable", f"{name} {number}", problem) for number in outside]
    timed = np.isfinite(calls[["arrival", "departure"]].to_numpy(dtype=float)).all(axis=1)
    silent = calls.loc[~timed, "trip"].unique()
    faults += [Fault("timetable", f"trip {number}", "a call has no time.") for number in silent]
    if (np.diff(calls["trip"].to_numpy()) < 0).any():
        faults.append(Fault("timetable", "trip", "the calls are not sorted by trip."))
    return faults


def _check_times(timetable: Timetable, first: Longs) -> None:
    """Refuse trips whose times go backwards: no order of departures would serve them."""
    calls = timetable.stop_times
    arrival = calls["arrival"].to_numpy(dtype=np.int64)
    departure = calls["departure"].to_numpy(dtype=np.int64)
    wrong = departure < arrival
    wrong[first + 1] |= arrival[first + 1] < departure[first]
    far = (np.abs(arrival) > LATEST_S) | (np.abs(departure) > LATEST_S)
    faults = []
    for rows, problem in ((wrong, "goes back in time"), (far, "is more than half a year away")):
        for row in np.flatnonzero(rows):
            when = f"{clock(arrival[row])}–{clock(departure[row])}"
            key = f"trip {calls['trip'].iloc[row]}"
            faults.append(Fault("timetable", key, f"the call at {when} {problem}."))
    raise_faults(faults)


def _step_free(table: pd.DataFrame, wanted: str) -> Bools:
    """Tell which trips or stops may be used."""
    if not wanted:
        return np.ones(len(table), dtype=bool)
    known = table["step_free"].to_numpy(dtype=float)
    return np.asarray(known == 1 if wanted == "known" else known != 0)


def _continues(timetable: Timetable, open_trip: Bools) -> Longs:
    """Pairs of a trip and the one it goes on as, where the second starts no earlier."""
    onward = timetable.trips["continues"].to_numpy(dtype=np.int64)
    trip = timetable.stop_times["trip"].to_numpy(dtype=np.int64)
    begin, end = (np.searchsorted(trip, np.arange(len(onward)), side) for side in ("left", "right"))
    pairs = np.flatnonzero((onward >= 0) & (begin < end))
    pairs = pairs[(begin < end)[onward[pairs]] & open_trip[pairs] & open_trip[onward[pairs]]]
    leaves = timetable.stop_times["departure"].to_numpy(dtype=np.int64)[begin[onward[pairs]]]
    arrives = timetable.stop_times["arrival"].to_numpy(dtype=np.int64)[end[pairs] - 1]
    pairs = pairs[leaves >= arrives]
    return np.stack([pairs, onward[pairs]], axis=1)


def depths(continues: Longs, trips: int) -> Longs:
    """Count how many trips each trip goes on as, one after the other.

    Parameters
    ----------
    continues : ndarray of int64
        Pairs of trips, as in `Rides`.
    trips : int
        How many there are.

    Returns
    -------
    ndarray of int64
        By trip; 0 for one that goes on as none.

    Raises
    ------
    InputError
        If trips continue each other in a ring.
    """
    depth = np.zeros(trips, dtype=np.int64)
    trip, onward = continues.T
    for _ in range(len(trip) + 1):
        deeper = depth.copy()
        np.maximum.at(deeper, trip, depth[onward] + 1)
        if (deeper == depth).all():
            return depth
        depth = deeper
    names = sorted({int(number) for number in trip[depth[trip] > len(trip)]})
    problem = "the trips continue each other in a ring."
    raise_faults([Fault("timetable", f"trips {', '.join(map(str, names))}", problem)])
    return depth


def changes_of(between: Walks, timetable: Timetable, slack_s: int) -> Walks:
    """Least seconds from arriving at a stop to boarding at another or the same.

    The walk and the slack, or what the timetable says of a pair: no change at all; the walk alone
    where the connection waits; at least so many seconds. A pair too far to walk stays without.

    Parameters
    ----------
    between : Walks
        Stop to stop.
    timetable : Timetable
        For its ``changes``.
    slack_s : int
        Least time between alighting and boarding, beside the walk [s].

    Returns
    -------
    Walks
        With every stop to itself, also those without a street, unless it is not allowed.

    Raises
    ------
    InputError
        If two rules are for one pair, or one names a stop that does not exist.
    """
    stops = len(between)
    apart = between.origin != between.target
    origin = np.concatenate([between.origin[apart], np.arange(stops)])
    target = np.concatenate([between.target[apart], np.arange(stops)])
    walk = np.concatenate([between.seconds[apart], np.zeros(stops, dtype=np.int64)])
    special = timetable.changes
    raise_faults(_rule_faults(special, stops))
    keys = (special["from_stop"] * stops + special["to_stop"]).to_numpy(dtype=np.int64)
    row = pd.Index(keys).get_indexer(origin.astype(np.int64) * stops + target)
    known = row >= 0
    seconds = walk + slack_s
    timed = special["timed"].to_numpy(dtype=bool)[row[known]]
    least = np.nan_to_num(special["least_s"].to_numpy(dtype=float)[row[known]], nan=0.0)
    # a change that takes longer than any day is never made
    least = np.ceil(np.clip(least, 0, 2 * LATEST_S)).astype(np.int64)
    seconds[known] = np.maximum(np.where(timed, walk[known], seconds[known]), least)
    allowed = np.ones(len(row), dtype=bool)
    allowed[known] = special["allowed"].to_numpy(dtype=bool)[row[known]]
    return walks_of(origin[allowed], target[allowed], seconds[allowed], shape=(stops, stops))


def _rule_faults(rules: pd.DataFrame, stops: int) -> list[Fault]:
    pairs = rules[["from_stop", "to_stop"]]
    outside = ((pairs < 0) | (pairs >= stops)).any(axis=1)
    faults = []
    for rows, problem in (
        (outside, f"names no stop; expected 0 to {stops - 1}."),
        (pairs.duplicated(), "has two rules."),
    ):
        for start, end in pairs[rows].itertuples(index=False, name=None):
            faults.append(Fault("timetable changes", f"{start} → {end}", problem))
    return faults
