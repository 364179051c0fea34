"""The timetable search: a reverse connection scan over many deadlines at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

NEVER: Final = np.int32(-(2**30))
"""Stands for "no time early enough" inside this module; never leaves it."""

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Connections:
    """Rides between neighbouring calls, in decreasing departure, later calls of a trip first.

    Parameters
    ----------
    trip, start, end : ndarray of int
        Number of the trip; positions of the two stops.
    departure, arrival : ndarray of int
        [s after midnight].
    board, alight : ndarray of bool
        Boarding allowed at the start, alighting at the end.
    """

    trip: Ints
    start: Ints
    end: Ints
    departure: Ints
    arrival: Ints
    board: npt.NDArray[np.bool_]
    alight: npt.NDArray[np.bool_]


def latest_boardings(
    connections: Connections,
    *,
    deadlines: Ints,
    to_site: npt.NDArray[np.int64],
    transfers: list[tuple[npt.NDArray[np.int64], Ints]],
    slack_s: int,
) -> Ints:
    """Latest departure one can board at each stop and still reach each site by each deadline.

    The connection scan [1]_, run backwards, its labels arrays over *lanes* (site × deadline).
    ``alight[v]`` is the latest arrival at stop v that is early enough: the deadline less the
    walk to the site, or a boarding at u less the walk v → u and the slack. A trip is good for a
    lane once a later call may be alighted at in time. Departures are met in decreasing order,
    so the first good one at a stop is the latest, and each label is set once.

    Parameters
    ----------
    connections : Connections
        In scan order.
    deadlines : ndarray of int
        Wished arrival times [s after midnight].
    to_site : ndarray of int
        Stops × sites: seconds on foot from stop to site, negative where too far [s].
    transfers : list of (ndarray, ndarray)
        For each stop u the stops one can walk from to u, and the seconds; u itself with 0.
    slack_s : int
        Least time between arriving at a stop and boarding another trip, beside the walk [s].

    Returns
    -------
    ndarray of int
        Stops × sites × deadlines; `NEVER` where none is early enough.

    References
    ----------
    .. [1] Dibbelt, Pajor, Strasser and Wagner (2018), Connection scan algorithm,
       doi:10.1145/3274661.
    """
    stops, sites = to_site.shape
    lanes = sites * len(deadlines)
    walk = to_site[:, :, None]
    alight = np.where(walk >= 0, deadlines[None, None, :] - walk, NEVER)
    alight = np.ascontiguousarray(alight.reshape(stops, lanes), dtype=np.int32)
    boarding = np.full((stops, lanes), NEVER, dtype=np.int32)
    count = int(connections.trip.max(initial=-1)) + 1
    good: list[npt.NDArray[np.bool_] | None] = [None] * count
    # the latest useful arrival at a stop in any lane; spares most connections the array work
    best = alight.max(axis=1, initial=NEVER)

    def scan(first: int, last: int) -> bool:
        """Scan some connections; tell whether any label was set."""
        changed = False
        for number in range(first, last):
            trip, end = trips[number], ends[number]
            aboard = good[trip]
            if alights[number] and arrivals[number] <= best[end]:
                reached = alight[end] >= arrivals[number]
                aboard = good[trip] = reached if aboard is None else (aboard | reached)
            if aboard is None or not boards[number]:
                continue
            start, departure = starts[number], departures[number]
            new = np.flatnonzero(aboard & (boarding[start] == NEVER))
            if not len(new):
                continue
            changed = True
            boarding[start, new] = departure
            near, seconds = transfers[start]
            latest = departure - slack_s - seconds
            cells = (near[:, None], new)
            alight[cells] = np.maximum(alight[cells], latest[:, None])
            best[near] = np.maximum(best[near], latest)
        return changed

    trips, starts, ends = (getattr(connections, name).tolist() for name in ("trip", "start", "end"))
    departures, arrivals = connections.departure.tolist(), connections.arrival.tolist()
    boards, alights = connections.board.tolist(), connections.alight.tolist()
    cuts = np.flatnonzero(np.diff(connections.departure)) + 1
    edges = [0, *cuts.tolist(), len(trips)]
    # without slack, rides that take no time can follow each other within one departure second
    instant = connections.departure == connections.arrival
    for first, last in pairwise(edges):
        while scan(first, last) and slack_s == 0 and bool(instant[first:last].any()):
            pass
    return boarding.reshape(stops, sites, len(deadlines))
