"""Loops over the clients × sites matrix, by rows: checks, the nearest two, sites in order.

Compiled; clients are taken in a fixed number of slices whose sums are added in order, so answers
do not depend on how many threads run.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from navplan.travel.threads import in_threads, slices

SLICES: Final = 8
"""Clients are worked on in so many slices, however many threads there are."""

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Int32s = npt.NDArray[np.int32]
_Minutes = npt.NDArray[np.float32] | npt.NDArray[np.float64]

_FINITE: Final = float(np.finfo(np.float64).max)
_CROWD: Final = 24  # a bucket this full is not worth sorting by insertion
_FEW: Final = 20_000  # cells of a matrix that one thread does sooner than eight tasks begin


def parts(rows: int, cells: int) -> list[slice]:
    """Cut rows into the slices that threads take.

    Parameters
    ----------
    rows : int
        Number of rows.
    cells : int
        Number of cells looked at: where they are few, all is one slice.

    Returns
    -------
    list of slice
        The same on every machine.
    """
    return slices(rows, SLICES if cells > _FEW else 1)


def faulty_minutes(minutes: _Minutes) -> int:
    """Count the minutes that are NaN or negative.

    Parameters
    ----------
    minutes : array, shape (clients, sites)
        Minutes [min].

    Returns
    -------
    int
        How many.
    """
    return sum(
        in_threads(lambda part: _count_faulty(minutes[part]), parts(len(minutes), minutes.size))
    )


def nearest_two(
    minutes: _Minutes, chosen: npt.NDArray[np.intp], limit: float
) -> tuple[_Ints, _Floats, _Floats]:
    """Find each client's nearest two of the chosen sites.

    Parameters
    ----------
    minutes : array, shape (clients, sites)
        Minutes [min].
    chosen : array of int
        Positions of the chosen sites.
    limit : float
        Minutes above it count as no time [min].

    Returns
    -------
    nearest : array of int, shape (clients,)
        Place in `chosen` of the nearest, the first of equals; -1 where none has a time.
    first, second : array, shape (clients,)
        Minutes to the nearest two [min]; inf where there is none.
    """
    clients = len(minutes)
    nearest = np.empty(clients, dtype=np.int64)
    first = np.empty(clients)
    second = np.empty(clients)

    def find(part: slice) -> None:
        _nearest_two(minutes[part], chosen, limit, nearest[part], first[part], second[part])

    in_threads(find, parts(clients, clients * len(chosen)))
    return nearest, first, second


def sites_within(
    minutes: _Minutes, radius: _Floats, allowed: npt.NDArray[np.bool_], limit: float
) -> tuple[_Ints, _Int32s, _Minutes, _Floats]:
    """List each client's sites by rising minutes up to a radius of its own.

    Parameters
    ----------
    minutes : array, shape (clients, sites)
        Minutes [min].
    radius : array, shape (clients,)
        How far each list goes [min]; sites exactly there are in it.
    allowed : array of bool, shape (sites,)
        Sites that are listed at all.
    limit : float
        Minutes above it count as no time [min].

    Returns
    -------
    start : array of int, shape (clients + 1,)
        Where each client's list starts in the next two.
    site : array of int32
        Positions of sites, of equals the smaller position first.
    listed : array
        Their minutes, in the type of `minutes`.
    beyond : array, shape (clients,)
        Minutes of the first site that is left out; inf where there is none within the limit.
    """
    clients = len(minutes)
    counts = np.empty(clients, dtype=np.int64)
    beyond = np.empty(clients)
    columns = np.flatnonzero(allowed)
    rows = parts(clients, clients * len(columns))

    def count(part: slice) -> None:
        _count_within(minutes[part], radius[part], columns, limit, counts[part], beyond[part])

    in_threads(count, rows)
    start = np.zeros(clients + 1, dtype=np.int64)
    np.cumsum(counts, out=start[1:])
    site = np.empty(start[-1], dtype=np.int32)
    listed = np.empty(start[-1], dtype=minutes.dtype)

    def fill(part: slice) -> None:
        _fill_within(minutes[part], radius[part], columns, limit, start[part], site, listed)

    in_threads(fill, rows)
    return start, site, listed, beyond


@njit(nogil=True, cache=True)
def _count_faulty(minutes: _Minutes) -> int:
    found = 0
    for i in range(minutes.shape[0]):
        for j in range(minutes.shape[1]):
            found += not (minutes[i, j] >= 0)
    return found


@njit(nogil=True, cache=True)
def _nearest_two(
    minutes: _Minutes,
    chosen: npt.NDArray[np.intp],
    limit: float,
    nearest: _Ints,
    first: _Floats,
    second: _Floats,
) -> None:
    for i in range(minutes.shape[0]):
        a = b = np.inf
        place = -1
        for k in range(len(chosen)):
            v = np.float64(minutes[i, chosen[k]])
            if v < a and v <= limit:
                b = a
                a = v
                place = k
            elif v < b and v <= limit:
                b = v
        nearest[i] = place
        first[i] = a
        second[i] = b


@njit(nogil=True, cache=True)
def _count_within(
    minutes: _Minutes,
    radius: _Floats,
    columns: npt.NDArray[np.intp],
    limit: float,
    counts: _Ints,
    beyond: _Floats,
) -> None:
    for i in range(minutes.shape[0]):
        count = 0
        nearest_left = np.inf
        reach = min(radius[i], limit, _FINITE)
        for j in columns:
            v = np.float64(minutes[i, j])
            if v <= reach:
                count += 1
            elif v < nearest_left:
                nearest_left = v
        counts[i] = count
        beyond[i] = nearest_left if nearest_left <= limit else np.inf


@njit(nogil=True, cache=True)
def _fill_within(
    minutes: _Minutes,
    radius: _Floats,
    columns: npt.NDArray[np.intp],
    limit: float,
    start: _Ints,
    site: _Int32s,
    listed: _Minutes,
) -> None:
    """List and sort: spread over as many buckets as there are sites, then insert.

    Where minutes crowd in one bucket, they are merge-sorted instead.
    """
    values = np.empty(len(columns), dtype=minutes.dtype)
    sites = np.empty(len(columns), dtype=np.int32)
    bucket = np.empty(len(columns), dtype=np.int32)
    begin = np.empty(len(columns) + 1, dtype=np.int32)
    for i in range(minutes.shape[0]):
        count = 0
        high = 0.0
        low = np.inf
        reach = min(radius[i], limit, _FINITE)
        for j in columns:
            v = minutes[i, j]
            if v <= reach:
                values[count] = v
                sites[count] = j
                count += 1
                low = min(low, v)
                high = max(high, v)
        scale = (count - 1) / (high - low) if high > low else 0.0
        begin[: count + 1] = 0
        for k in range(count):
            bucket[k] = int((values[k] - low) * scale)
            begin[bucket[k] + 1] += 1
        fullest = begin[: count + 1].max() if scale > 0 else 0
        a = start[i]
        if fullest > _CROWD:
            order = np.argsort(values[:count], kind="mergesort")  # equals keep their order
            site[a : a + count] = sites[:count][order]
            listed[a : a + count] = values[:count][order]
            continue
        for k in range(1, count + 1):
            begin[k] += begin[k - 1]
        for k in range(count):
            to = a + begin[bucket[k]]
            begin[bucket[k]] += 1
            site[to] = sites[k]
            listed[to] = values[k]
        for k in range(a + 1, a + count):
            v = listed[k]
            j = site[k]
            to = k
            while to > a and listed[to - 1] > v:
                listed[to] = listed[to - 1]
                site[to] = site[to - 1]
                to -= 1
            listed[to] = v
            site[to] = j
