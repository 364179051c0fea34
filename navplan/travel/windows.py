"""From the rows of a backward sweep to seconds: every zone, every wished time, 64 sites at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from navplan.travel.departures import Departures
from navplan.travel.foot import Walks
from navplan.travel.lanes import CACHED, LANES, UNREACHED, exchange, fold, fold_plain
from navplan.travel.rides import Window

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_MOST_ROWS: Final = 32_768
"""Rows of stops × wished arrivals that a thread keeps at once (8 MB: they stay in its cache)."""
_ALL_PERCENT: Final = 100


@dataclass(frozen=True)
class Reading:
    """How the rows of a sweep are read for some zones and wished times.

    Parameters
    ----------
    departures : Departures
        What was swept.
    access : Walks
        Zone → stop.
    window : Window
        Wished times.
    board_pointers, board : ndarray of int64, of int32
        Of a window of departures: for zone z and time i, in place z × times + i, the departures
        one can board when leaving then, but no longer when leaving at the next time.
    """

    departures: Departures
    access: Walks
    window: Window
    board_pointers: Longs
    board: Ints

    def read(self, labels: Ints, direct: Ints, network: Longs, places: Longs, zones: slice) -> Ints:
        """Read seconds for some zones and the sites of one sweep.

        Parameters
        ----------
        labels : ndarray of int32
            From `navplan.travel.backward.swept`.
        direct : ndarray of int32
            All zones × 64: seconds of the walk all the way, flat [s].
        network : ndarray of int64
            Pairs of times to compare and exchange; see `selection`.
        places : ndarray of int64
            Which times to write, after exchanging.
        zones : slice
            Neighbouring zones.

        Returns
        -------
        ndarray of int32
            Zones × 64 × places: seconds [s]; more than half of
            `navplan.travel.lanes.UNREACHED` where there is no way.
        """
        day, access, times = self.departures, self.access, self.window.times
        first, last = zones.start, zones.stop
        if self.window.by_departure:
            return _leaving(
                labels, self.board_pointers, self.board, times,
                direct, network, places, first, last,
            )  # fmt: skip
        return _arriving(
            labels, day.first_departure, day.departure,
            access.pointers, access.target, access.seconds, times,
            direct, network, places, first, last, _MOST_ROWS,
        )  # fmt: skip


def reading(departures: Departures, access: Walks, window: Window) -> Reading:
    """Prepare what of reading does not depend on the sites.

    Parameters
    ----------
    departures : Departures
        What is swept.
    access : Walks
        Zone → stop.
    window : Window
        Wished times.

    Returns
    -------
    Reading
        For any sweep of these departures.
    """
    pointers, board = np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32)
    if window.by_departure:
        pointers, board = _boarded(
            departures.first_departure, departures.departure, access.pointers, access.target,
            access.seconds, window.times,
        )  # fmt: skip
    return Reading(departures, access, window, pointers, board)


def rank_of(percentile: float, count: int) -> int:
    """Place, in order, of the least value that so many percent of the values do not exceed.

    Parameters
    ----------
    percentile : float
        0 to 100.
    count : int
        Number of values.

    Returns
    -------
    int
        From 0 on.
    """
    return max(int(np.ceil(percentile / _ALL_PERCENT * count - 1e-9)), 1) - 1


@njit(nogil=True, cache=True)
def selection(count: int, rank: int) -> Longs:
    """Pairs to compare and exchange so that the value of a rank comes to its place.

    Batcher's odd-even merge sort [1]_, without the exchanges the one place does not depend on.

    Parameters
    ----------
    count : int
        Number of values.
    rank : int
        Place, from 0 on.

    Returns
    -------
    ndarray of int64
        Pairs × 2: where the lesser goes and where the larger.

    References
    ----------
    .. [1] Batcher (1968), Sorting networks and their applications, doi:10.1145/1468075.1468121.
    """
    pairs = [(0, 0) for _ in range(0)]
    width = 1
    while width < count:
        step = width
        while step >= 1:
            for first in range(step % width, count - step, 2 * step):
                for one in range(first, min(first + step, count - step)):
                    if one // (2 * width) == (one + step) // (2 * width):
                        pairs.append((one, one + step))  # noqa: PERF401 - numba
            step //= 2
        width *= 2
    needed = np.zeros(count, np.bool_)
    needed[rank] = True
    kept = np.zeros(len(pairs), np.bool_)
    for number in range(len(pairs) - 1, -1, -1):
        one, other = pairs[number]
        if needed[one] or needed[other]:
            needed[one] = needed[other] = kept[number] = True
    network = np.empty((kept.sum(), 2), np.int64)
    row = 0
    for number in range(len(pairs)):
        if kept[number]:
            network[row, 0], network[row, 1] = pairs[number]
            row += 1
    return network


@njit(nogil=True, cache=True)
def _boarded(
    first_departure: Longs, departure: Ints, pointers: Longs, stops: Ints, seconds: Ints,
    times: Ints,
) -> tuple[Longs, Ints]:  # fmt: skip
    """Departures that who leaves at a time can board, but not who leaves at the next time.

    Only the first at each stop counts, since the row of a departure covers all later ones.
    """
    zones, count = len(pointers) - 1, len(times)
    step = times[1] - times[0] if count > 1 else 1
    board_pointers = np.zeros(zones * count + 1, np.int64)
    board = np.empty(0, np.int32)
    free = board_pointers[:0]
    # counted first, then put into the next free place
    for put in range(2):
        if put == 1:
            board_pointers[:] = np.cumsum(board_pointers)
            board = np.empty(board_pointers[-1], np.int32)
            free = board_pointers[:-1].copy()
        for zone in range(zones):
            for walk in range(pointers[zone], pointers[zone + 1]):
                last_time = -1
                for row in range(first_departure[stops[walk]], first_departure[stops[walk] + 1]):
                    time = (departure[row] - seconds[walk] - times[0]) // step
                    time = min(time, count - 1)
                    if time <= last_time:
                        continue
                    if put == 0:
                        board_pointers[zone * count + time + 1] += 1
                    else:
                        board[free[zone * count + time]] = row
                        free[zone * count + time] += 1
                    last_time = time
                    if time == count - 1:
                        break
    return board_pointers, board


@njit(nogil=True, cache=CACHED)
def _leaving(
    labels: Ints, board_pointers: Longs, board: Ints, times: Ints,
    direct: Ints, network: Longs, places: Longs, first: int, last: int,
) -> Ints:  # fmt: skip
    """Seconds to the earliest arrival, for each wished departure."""
    count = len(times)
    rows = np.empty((count + 1) * LANES, np.int32)
    out = np.empty((last - first, LANES, len(places)), np.int32)
    best = np.full(1, count, np.int32)
    for zone in range(first, last):
        rows[count * LANES :] = UNREACHED
        served = board_pointers[zone * count] < board_pointers[(zone + 1) * count]
        # what can be boarded later can be boarded earlier: the best falls from time to time
        for time in range(count - 1, -1, -1):
            place = zone * count + time
            begin, end = board_pointers[place], board_pointers[place + 1]
            if begin < end:
                fold_plain(rows, count, rows, count, 0, labels, board, begin, end, 0)
            fold_plain(rows, time, direct, zone, times[time], rows, best, 0, 1, -times[time])
        # on foot alone every time takes as long: there is nothing to put in order
        _write(rows, network if served else network[:0], places, out[zone - first])
    return out


@njit(nogil=True, cache=CACHED)
def _arriving(
    labels: Ints, first_departure: Longs, departure: Ints, pointers: Longs, stops: Ints,
    seconds: Ints, times: Ints,
    direct: Ints, network: Longs, places: Longs, first: int, last: int, most_rows: int,
) -> Ints:  # fmt: skip
    """Seconds since the latest departure, for each wished arrival."""
    count = len(times)
    most = 1
    for zone in range(first, last):
        most = max(most, pointers[zone + 1] - pointers[zone])
    # neighbours share stops: what a stop gives is kept until there is no room for more
    room = max(most, most_rows // count)
    waited = np.empty(room * count * LANES, np.int32)
    slot = np.full(len(first_departure) - 1, -1, np.int32)
    own = np.arange(room * count).astype(np.int32)
    taken = 0
    rows = np.empty(count * LANES, np.int32)
    out = np.empty((last - first, LANES, len(places)), np.int32)
    for zone in range(first, last):
        begin, end = pointers[zone], pointers[zone + 1]
        near, walks = stops[begin:end], seconds[begin:end]
        if taken + (slot[near] < 0).sum() > room:
            slot[:] = -1
            taken = 0
        for stop in near:
            if slot[stop] < 0:
                slot[stop] = taken
                taken += 1
                begin, end = first_departure[stop], first_departure[stop + 1]
                _wait(labels, departure, begin, end, times, waited, slot[stop] * count, own)
        at = slot[near] * np.int32(count)
        for time in range(count):
            fold(rows, time, direct, zone, 0, waited, at, walks, 0, len(at))
            for position in range(len(at)):
                at[position] += 1
        _write(rows, network if len(at) > 0 else network[:0], places, out[zone - first])
    return out


@njit(nogil=True, cache=CACHED)
def _wait(
    labels: Ints, departure: Ints, begin: int, end: int, times: Ints, waited: Ints, row: int,
    own: Ints,
) -> None:  # fmt: skip
    """Write seconds from boarding at one stop to each wished arrival, from a row on."""
    count = len(times)
    waited[row * LANES : (row + count) * LANES] = UNREACHED
    step = float(times[1] - times[0]) if count > 1 else 1.0
    first = np.empty(LANES, np.int32)
    for number in range(begin, end):
        for lane in range(LANES):
            # the first wished arrival in time; dividing whole numbers, floats round up rightly
            late = float(labels[number * LANES + lane] - times[0])
            first[lane] = max(np.ceil(late / step), 0.0)
        for lane in range(LANES):
            if first[lane] < count:
                place = (row + first[lane]) * LANES + lane
                waited[place] = min(waited[place], times[first[lane]] - departure[number])
    for place in range(row + 1, row + count):
        # what arrives by a wished time arrives by the next one, a step longer after boarding
        fold_plain(waited, place, waited, place - 1, int(step), waited, own, place, place + 1, 0)


@njit(nogil=True, cache=CACHED)
def _write(rows: Ints, network: Longs, places: Longs, out: Ints) -> None:
    """Exchange the rows of a zone, then write those at the places, lane by lane."""
    for number in range(len(network)):
        exchange(rows, network[number, 0], network[number, 1])
    for lane in range(LANES):
        for number in range(len(places)):
            out[lane, number] = rows[places[number] * LANES + lane]
