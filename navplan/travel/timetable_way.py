"""One fastest journey by timetable, ride by ride: what a matrix of minutes does not keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from navplan.travel.foot import Walks
from navplan.travel.rides import Rides

Longs = npt.NDArray[np.int64]
_NEVER: Final = 2**40


@dataclass(frozen=True)
class Journey:
    """Rides one after another.

    Parameters
    ----------
    leaves, arrives : int
        At the start, and at the end, the walks there included [s after midnight].
    rides : tuple of tuple of int
        For each vehicle boarded the rows of `Rides` from boarding to alighting. They are of more
        than one trip where a trip goes on as another.
    """

    leaves: int
    arrives: int
    rides: tuple[tuple[int, ...], ...]


def earliest_arrival(
    rides: Rides,
    leave: int,
    access: Mapping[int, int],
    egress: Mapping[int, int],
    changes: Walks,
    *,
    max_rides: int | None = None,
) -> Journey | None:
    """Find the journey that arrives first, with as few rides as that takes.

    Plain rounds, as RAPTOR's [1]_: round r finds where r rides lead. Use this for a single pair,
    where it also tells the rides; for many, `navplan.travel.travel_times`, which agrees.

    Parameters
    ----------
    rides : Rides
        From `navplan.travel.rides.rides_of`.
    leave : int
        Departure [s after midnight].
    access, egress : mapping of int to int
        Seconds on foot to the stops near the start, and from those near the end [s].
    changes : Walks
        From `navplan.travel.rides.changes_of`.
    max_rides : int, optional
        Most vehicles boarded.

    Returns
    -------
    Journey or None
        None where no ride leads to the end.

    References
    ----------
    .. [1] Delling, Pajor and Werneck (2015), doi:10.1287/trsc.2014.0534.
    """
    seats = list(_seats(rides))
    ready = np.full(rides.stops, _NEVER)
    for stop, seconds in access.items():
        ready[stop] = leave + seconds
    reached = np.full(rides.stops, _NEVER)
    came_from: dict[int, int] = {}
    rounds: list[tuple[dict[int, tuple[int, ...]], dict[int, int]]] = []
    arrives, number, stop = _NEVER, -1, -1
    while max_rides is None or len(rounds) < max_rides:
        found = _one_more_ride(rides, seats, ready, reached)
        if not found:
            break
        rounds.append((found, came_from))
        for end in sorted(found.keys() & egress.keys()):
            if reached[end] + egress[end] < arrives:
                arrives, number, stop = int(reached[end]) + egress[end], len(rounds) - 1, end
        ready, came_from = _ready_after(found, reached, changes)
    taken: list[tuple[int, ...]] = []
    while number >= 0:
        found, came_from = rounds[number]
        taken.append(found[stop])
        stop = came_from.get(int(rides.start[found[stop][0]]), -1)
        number -= 1
    return Journey(leave, arrives, tuple(taken[::-1])) if taken else None


def latest_departure(
    rides: Rides,
    arrive: int,
    access: Mapping[int, int],
    egress: Mapping[int, int],
    changes: Walks,
    *,
    max_rides: int | None = None,
) -> Journey | None:
    """Find the journey that leaves last, with as few rides as that takes.

    It is `earliest_arrival` on a day that runs backwards.

    Parameters
    ----------
    rides : Rides
        From `navplan.travel.rides.rides_of`.
    arrive : int
        Wished arrival [s after midnight].
    access, egress : mapping of int to int
        Seconds on foot to the stops near the start, and from those near the end [s].
    changes : Walks
        From `navplan.travel.rides.changes_of`.
    max_rides : int, optional
        Most vehicles boarded.

    Returns
    -------
    Journey or None
        It arrives by then; None where no ride leads to the end.
    """
    back = earliest_arrival(
        rides.turned(), -arrive, egress, access, changes.transposed(), max_rides=max_rides
    )
    if back is None:
        return None
    last = len(rides) - 1
    taken = [tuple(last - row for row in reversed(ride)) for ride in reversed(back.rides)]
    end = taken[-1][-1]
    arrives = int(rides.arrival[end]) + egress[int(rides.end[end])]
    return Journey(-back.arrives, arrives, tuple(taken))


def _seats(rides: Rides) -> Iterator[Longs]:
    """Rows of the rides that somebody passes who stays seated from a first trip to a last one."""
    order = np.argsort(rides.trip, kind="stable")
    parts_of = np.split(order, np.flatnonzero(np.diff(rides.trip[order])) + 1)
    rows = {int(rides.trip[part[0]]): part for part in parts_of if len(part)}
    onward: dict[int, list[int]] = {}
    for before, after in rides.continues.tolist():
        if after in rows:
            onward.setdefault(before, []).append(after)
    entered = {after for before in onward.keys() & rows.keys() for after in onward[before]}
    waiting = [([rows[trip]], trip) for trip in rows if trip not in entered]
    while waiting:
        parts, trip = waiting.pop()
        following = onward.get(trip, [])
        waiting += [([*parts, rows[after]], after) for after in following]
        if not following:
            yield np.concatenate(parts)


def _one_more_ride(
    rides: Rides, seats: list[Longs], ready: Longs, reached: Longs
) -> dict[int, tuple[int, ...]]:
    """Lower the arrivals at stops by one more ride; the rides, by the stop they lead to."""
    can_board = rides.board & (ready[rides.start] <= rides.departure)
    found: dict[int, tuple[int, ...]] = {}
    for seat in seats:
        boarding = np.flatnonzero(can_board[seat])
        if not len(boarding):
            continue
        aboard = seat[boarding[0] :]
        for place in np.flatnonzero(rides.alight[aboard]).tolist():
            stop, arrival = int(rides.end[aboard[place]]), int(rides.arrival[aboard[place]])
            if arrival < reached[stop]:
                reached[stop] = arrival
                found[stop] = tuple(aboard[: place + 1].tolist())
    return found


def _ready_after(
    found: Mapping[int, tuple[int, ...]], reached: Longs, changes: Walks
) -> tuple[Longs, dict[int, int]]:
    """When one can board at each stop after the last ride, and where that ride ended."""
    ready = np.full(len(reached), _NEVER)
    came_from: dict[int, int] = {}
    for stop in found:
        first, last = changes.pointers[stop : stop + 2]
        for after, seconds in zip(
            changes.target[first:last].tolist(), changes.seconds[first:last].tolist(), strict=True
        ):
            if reached[stop] + seconds < ready[after]:
                ready[after] = reached[stop] + seconds
                came_from[after] = stop
    return ready, came_from
