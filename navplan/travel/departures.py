"""A service day as the backward search meets it: what happens, latest first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from navplan.travel.foot import Walks
from navplan.travel.rides import Rides, depths

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Departures(NamedTuple):
    """Departures and arrivals of a day, in the order of a search backwards in time.

    The search keeps a table of rows. First come the *departures*, by stop and time: the earliest
    arrival for who stands at the stop by then. Then come the *arrivals*, by stop and time (one
    row for all that arrive in the same second): the earliest arrival for who alights there then.

    Parameters
    ----------
    first_departure : ndarray of int64
        Departures of stop s are rows ``first_departure[s]`` to before ``first_departure[s + 1]``.
    departure : ndarray of int32
        Their times [s after midnight].
    chained : ndarray of bool
        Whether the next row is one of the same stop and kind, for every row.
    trip, row, hub : ndarray of int32
        Rides in the order searched: the trip; the row of the departure, -1 where one may not
        board; the row of the arrival, -1 where one may not alight.
    opens : ndarray of bool
        Whether a ride is the first of its trip that the search meets.
    resumes : ndarray of bool
        Whether it is the first of its trip within its moment.
    onward_pointers, onward : ndarray of int64, of int32
        Trips that each trip goes on as.
    arrival_row, arrival_stop, arrival_time : ndarray of int32
        Arrivals in the order searched.
    change_pointers, changes : ndarray of int64, of int32
        Departures to change to, for each arrival in the order of rows: at each stop the first in
        time for the change, unless the next arrival of the same stop catches it too.
    ride_pointers, arrival_pointers : ndarray of int64
        Rides and arrivals of each moment, latest moment first.
    instant : ndarray of bool
        Moments at which something departs and arrives in the same second.
    circular : ndarray of bool
        Moments at which one may also change within the second.
    """

    first_departure: Longs
    departure: Ints
    chained: Bools
    trip: Ints
    row: Ints
    hub: Ints
    opens: Bools
    resumes: Bools
    onward_pointers: Longs
    onward: Ints
    arrival_row: Ints
    arrival_stop: Ints
    arrival_time: Ints
    change_pointers: Longs
    changes: Ints
    ride_pointers: Longs
    arrival_pointers: Longs
    instant: Bools
    circular: Bools


def departures_of(rides: Rides, changes: Walks) -> Departures:
    """Put rides into the order of the search, and find the changes between them.

    Parameters
    ----------
    rides : Rides
        Within the window.
    changes : Walks
        Stop × stop: least seconds from alighting to boarding; see `navplan.travel.rides`.

    Returns
    -------
    Departures
        For `navplan.travel.backward.swept`.
    """
    # in one second later calls of a trip come first, and what a trip goes on as before it
    depth = depths(rides.continues, rides.trips)[rides.trip]
    order = np.lexsort((-np.arange(len(rides)), depth, -rides.departure))
    trip = rides.trip[order]
    row, first_departure, departure = _numbered(
        rides.start[order], rides.departure[order], rides.board[order], rides.stops
    )
    hub, stop, time, first_arrival = _arrivals(rides, order)
    pointers, followed, within = _changes(
        first_departure, departure, first_arrival, time, changes.pointers, changes.target,
        changes.seconds,
    )  # fmt: skip
    chained = np.ones(len(departure) + len(time), dtype=bool)
    ends = np.concatenate([first_departure[1:], len(departure) + first_arrival[1:]])
    chained[ends[ends > 0] - 1] = False
    searched = np.argsort(-time, kind="stable")
    moments = -np.unique(-np.concatenate([rides.departure, time]))
    ride_pointers = _cuts(rides.departure[order], moments)
    moment = np.repeat(np.arange(len(moments)), np.diff(ride_pointers))
    still = (rides.departure[order] == rides.arrival[order]) & (hub >= 0)
    instant = np.zeros(len(moments), dtype=bool)
    instant[moment[still]] = True
    circular = instant & np.isin(moments, time[within])
    onward = rides.continues[np.argsort(rides.continues[:, 0], kind="stable")]
    return Departures(
        first_departure=first_departure,
        departure=departure,
        chained=chained,
        trip=trip,
        row=row,
        hub=np.where(hub >= 0, hub + len(departure), -1).astype(np.int32),
        opens=_first(trip.astype(np.int64)),
        resumes=_first(moment * rides.trips + trip),
        onward_pointers=np.searchsorted(onward[:, 0], np.arange(rides.trips + 1)),
        onward=onward[:, 1].astype(np.int32),
        arrival_row=(searched + len(departure)).astype(np.int32),
        arrival_stop=stop[searched],
        arrival_time=time[searched],
        change_pointers=pointers,
        changes=followed,
        ride_pointers=ride_pointers,
        arrival_pointers=_cuts(time[searched], moments),
        instant=instant,
        circular=circular,
    )


def _numbered(start: Ints, departure: Ints, board: Bools, stops: int) -> tuple[Ints, Longs, Ints]:
    """Rows of the departures by stop and time; where each stop's begin; the times of the rows.

    Of departures in one second the one searched last is the first row: it has seen the others.
    """
    boarded = np.flatnonzero(board)
    by_row = boarded[np.lexsort((-boarded, departure[boarded], start[boarded]))]
    row = np.full(len(start), -1, dtype=np.int32)
    row[by_row] = np.arange(len(by_row))
    first = np.searchsorted(start[by_row], np.arange(stops + 1))
    return row, first.astype(np.int64), departure[by_row]


def _arrivals(rides: Rides, order: Longs) -> tuple[Longs, Ints, Ints, Longs]:
    """Number of each ride's arrival (-1 for none); stop and time by number; each stop's first."""
    left = np.flatnonzero(rides.alight[order])
    stop, time = rides.end[order][left], rides.arrival[order][left]
    by_number = np.lexsort((time, stop))
    stop, time = stop[by_number], time[by_number]
    new = np.ones(len(stop), dtype=bool)
    new[1:] = (stop[1:] != stop[:-1]) | (time[1:] != time[:-1])
    hub = np.full(len(order), -1, dtype=np.int64)
    hub[left[by_number]] = np.cumsum(new) - 1
    stop, time = stop[new], time[new]
    return hub, stop, time, np.searchsorted(stop, np.arange(rides.stops + 1)).astype(np.int64)


def _cuts(times: Ints, moments: Ints) -> Longs:
    """Where each moment begins among decreasing times."""
    cuts = np.searchsorted(-times, -moments, "left")
    return np.concatenate([cuts, [len(times)]]).astype(np.int64)


def _first(keys: Longs) -> Bools:
    """Whether each key is met for the first time."""
    first = np.zeros(len(keys), dtype=bool)
    first[np.unique(keys, return_index=True)[1]] = True
    return first


@njit(nogil=True, cache=True)
def _changes(
    first_departure: Longs, departure: Ints, first_arrival: Longs, arrival: Ints,
    pointers: Longs, stops: Ints, seconds: Ints,
) -> tuple[Longs, Ints, Bools]:  # fmt: skip
    """Departures that each arrival catches and the next of its stop does not.

    Only the first at each stop counts, since the row of a departure covers all later ones. Also
    whether one of them leaves in the second of the arrival.
    """
    change_pointers = np.zeros(len(arrival) + 1, np.int64)
    within = np.zeros(len(arrival), np.bool_)
    # the arrivals of a stop are passed backwards, so the changes are counted before they are put
    for put in range(2):
        if put == 1:
            change_pointers[1:] = np.cumsum(change_pointers[1:])
            changes = np.empty(change_pointers[-1], np.int32)
        for stop in range(len(first_arrival) - 1):
            near = stops[pointers[stop] : pointers[stop + 1]]
            caught = first_departure[near + 1].copy()
            for number in range(first_arrival[stop + 1] - 1, first_arrival[stop] - 1, -1):
                count = 0
                for position in range(len(near)):
                    ready = arrival[number] + seconds[pointers[stop] + position]
                    row, first = caught[position], first_departure[near[position]]
                    while row > first and departure[row - 1] >= ready:
                        row -= 1
                    if row == caught[position]:
                        continue
                    caught[position] = row
                    if put == 1:
                        changes[change_pointers[number] + count] = row
                        within[number] |= departure[row] == arrival[number]
                    count += 1
                if put == 0:
                    change_pointers[number + 1] = count
    return change_pointers, changes, within
