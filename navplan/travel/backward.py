"""The backward sweep over a day's departures, 64 sites at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from navplan.travel.departures import Departures
from navplan.travel.foot import Walks
from navplan.travel.lanes import CACHED, LANES, UNREACHED, fold_plain

Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


def swept(
    departures: Departures,
    to_sites: Walks,
    *,
    max_rides: int | None = None,
    space: Ints | None = None,
) -> Ints:
    """Earliest arrival at up to 64 sites, from every departure of the day.

    The connection scan [1]_ on a time-expanded network, backwards: rides are met in decreasing
    departure. Who is aboard a trip reaches a site as early as the later calls allow, on foot from
    one of them or by the best departure that it leaves time to change to. A departure is as good
    as its trip or the next departure of its stop, so that a stop's rows never fall with time.

    Parameters
    ----------
    departures : Departures
        From `departures_of`.
    to_sites : Walks
        Stop → site, by site; at most 64 of them.
    max_rides : int, optional
        At most so many rides. The search is then repeated once a ride, each round changing only
        to what the round before reached, until nothing changes.
    space : ndarray of int32, optional
        Where to write, from `room_for`; new memory costs as much time as a small day's search.

    Returns
    -------
    ndarray of int32
        Rows of `departures` × 64 lanes, flat [s after midnight]; more than half of
        `navplan.travel.lanes.UNREACHED` where a site is not reached.

    References
    ----------
    .. [1] Dibbelt, Pajor, Strasser and Wagner (2018), Connection scan algorithm,
       doi:10.1145/3274661.
    """
    walk, near = _site_walks(to_sites)
    labels = room_for(departures) if space is None else space
    if max_rides is None:
        _sweep(departures, walk, near, labels, labels, False)
        return labels
    before = np.full(labels.shape, UNREACHED, dtype=np.int32)
    for _ in range(max_rides):
        _sweep(departures, walk, near, before, labels, True)
        if np.array_equal(before, labels):
            break
        before, labels = labels, before
    return before


def room_for(departures: Departures) -> Ints:
    """Room for the rows of a sweep.

    Parameters
    ----------
    departures : Departures
        What is swept.

    Returns
    -------
    ndarray of int32
        Not filled.
    """
    return np.empty(len(departures.chained) * LANES, dtype=np.int32)


def _site_walks(to_sites: Walks) -> tuple[Ints, Bools]:
    """Seconds on foot from each stop to the site of each lane; which stops have any."""
    walk = np.full((to_sites.targets, LANES), UNREACHED, dtype=np.int32)
    walk[to_sites.target, to_sites.origin] = to_sites.seconds
    near = np.zeros(to_sites.targets, dtype=bool)
    near[to_sites.target] = True
    return walk.ravel(), near


@njit(nogil=True, cache=CACHED)
def _sweep(
    day: Departures, walk: Ints, near: Bools, before: Ints, labels: Ints, capped: bool
) -> None:
    """Fill the rows; changes read the rows of ``before``, which may be the same."""
    seats = np.full((len(day.onward_pointers) - 1) * LANES, UNREACHED, np.int32)
    # the row after each row, for folds that look at one row
    after = np.arange(1, len(day.chained) + 1).astype(np.int32)
    kept = np.empty(0, np.int32)
    for moment in range(len(day.instant)):
        if not capped and day.circular[moment]:
            kept = _begin(day, moment, labels, seats)
            changed = True
            while changed:
                _arrive(day, moment, walk, near, before, labels, after)
                changed = _ride(day, moment, labels, seats, kept, after, True)
        elif capped or day.instant[moment]:
            _arrive(day, moment, walk, near, before, labels, after)
            _ride(day, moment, labels, seats, kept, after, False)
        else:
            # without a ride that takes no time, all that leaves at a moment arrives later
            _ride(day, moment, labels, seats, kept, after, False)
            _arrive(day, moment, walk, near, before, labels, after)


@njit(nogil=True, cache=CACHED)
def _begin(day: Departures, moment: int, labels: Ints, seats: Ints) -> Ints:
    """Clear the departures of a moment that is repeated; a copy of the seats taken before it."""
    first, last = day.ride_pointers[moment], day.ride_pointers[moment + 1]
    kept = np.empty((last - first) * LANES, np.int32)
    for ride in range(first, last):
        if day.row[ride] >= 0:
            labels[day.row[ride] * LANES : (day.row[ride] + 1) * LANES] = UNREACHED
        place, seat = (ride - first) * LANES, day.trip[ride] * LANES
        kept[place : place + LANES] = seats[seat : seat + LANES]
    return kept


@njit(nogil=True, cache=CACHED)
def _arrive(
    day: Departures, moment: int, walk: Ints, near: Bools, before: Ints, labels: Ints, after: Ints
) -> None:
    """Fill the rows of a moment's arrivals: on foot to the site, or by a change."""
    stops, times, rows = day.arrival_stop, day.arrival_time, day.arrival_row
    pointers, changes, chained = day.change_pointers, day.changes, day.chained
    departures = len(day.departure)
    for number in range(day.arrival_pointers[moment], day.arrival_pointers[moment + 1]):
        row = rows[number]
        stop = stops[number] if near[stops[number]] else -1
        place = row - departures
        begin, end = pointers[place], pointers[place + 1]
        fold_plain(labels, row, walk, stop, times[number], before, changes, begin, end, 0)
        if chained[row]:
            fold_plain(labels, row, labels, row, 0, labels, after, row, row + 1, 0)


@njit(nogil=True, cache=CACHED)
def _ride(
    day: Departures, moment: int, labels: Ints, seats: Ints, kept: Ints, after: Ints, again: bool
) -> bool:
    """Fill the rows of a moment's departures: aboard, or waiting for the next one.

    Tells whether one has changed, where the moment is passed again.
    """
    trips, rows, hubs, chained = day.trip, day.row, day.hub, day.chained
    opens, resumes, pointers, onward = day.opens, day.resumes, day.onward_pointers, day.onward
    first, last = day.ride_pointers[moment], day.ride_pointers[moment + 1]
    changed = False
    for ride in range(first, last):
        trip, row = trips[ride], rows[ride]
        if again and resumes[ride]:
            # what an earlier pass found must not be boarded at a call that lies behind it
            place, seat = (ride - first) * LANES, trip * LANES
            seats[seat : seat + LANES] = kept[place : place + LANES]
        if opens[ride]:
            begin, end = pointers[trip], pointers[trip + 1]
            fold_plain(seats, trip, seats, -1, 0, seats, onward, begin, end, 0)
        if hubs[ride] >= 0:
            fold_plain(seats, trip, seats, trip, 0, labels, hubs, ride, ride + 1, 0)
        if row >= 0:
            old = labels[row * LANES : (row + 1) * LANES].copy() if again else labels[:0]
            end = row + 1 if chained[row] else row
            fold_plain(labels, row, seats, trip, 0, labels, after, row, end, 0)
            for lane in range(len(old)):
                changed |= labels[row * LANES + lane] != old[lane]
    return changed
