"""The best visit on a grid of clock times: arrays only, one site, some zones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class VisitReason(StrEnum):
    """Why no visit is possible (``ok`` where one is)."""

    OK = "ok"
    ZONE_NOT_LINKED = "zone_not_linked"
    """No street open to the mode within the snap limit of the zone."""
    SITE_NOT_LINKED = "site_not_linked"
    """No street open to the mode within the snap limit of the site."""
    HOURS_UNKNOWN = "hours_unknown"
    """No opening hours are given for the site on any weekday."""
    CLOSED = "closed"
    """The site does not open on that weekday."""
    HOURS_TOO_SHORT = "hours_too_short"
    """It is open, but never long enough for the stay."""
    NO_WAY_THERE = "no_way_there"
    """Whoever leaves home early enough by the clock is never there in time for a stay."""
    NO_WAY_HOME = "no_way_home"
    """One can be there in time, but after no such stay does one come home the same day."""
    BEYOND_LIMIT = "beyond_limit"
    """There and home again is possible, but a way takes longer than the profile's limit."""


REASONS: tuple[VisitReason, ...] = tuple(VisitReason)


@dataclass(frozen=True)
class Bounds:
    """What a visit must keep.

    Parameters
    ----------
    earliest_leave : int
        Nobody leaves home before [s after midnight].
    latest_home : int
        Everybody is home by then [s after midnight].
    stay_s : int
        Length of the visit [s].
    limit_s : float
        Longest way there, and longest way home, without waiting at the site [s].
    """

    earliest_leave: int
    latest_home: int
    stay_s: int
    limit_s: float


@dataclass(frozen=True)
class Grid:
    """Clock times at which a visit may begin, and those at which it then ends.

    Parameters
    ----------
    bounds : Bounds
        What a visit must keep.
    begins : ndarray of int32
        Evenly spaced, from when nobody has left home yet [s after midnight].
    ends : ndarray of int32
        Each a stay after the begin of the same place; further times follow, up to when everybody
        is home [s after midnight].
    """

    bounds: Bounds
    begins: Ints
    ends: Ints


@dataclass(frozen=True)
class Best:
    """The best visit of each zone to one site; times mean nothing where there is none.

    Parameters
    ----------
    code : ndarray of int8
        `REASONS` by number.
    leaves_home, arrives, begins, ends, leaves_site, home_again : ndarray of int32
        The visit itself is from ``begins`` to ``ends`` [s after midnight].
    """

    code: npt.NDArray[np.int8]
    leaves_home: Ints
    arrives: Ints
    begins: Ints
    ends: Ints
    leaves_site: Ints
    home_again: Ints


def grid_of(bounds: Bounds, *, last_begin: int, step_s: int) -> Grid:
    """Clock times that are multiples of a step.

    Parameters
    ----------
    bounds : Bounds
        First departure, last homecoming, stay.
    last_begin : int
        No visit begins later [s after midnight].
    step_s : int
        [s].

    Returns
    -------
    Grid
        At least one begin and one end, so that searches have something to answer.
    """
    first = -(-bounds.earliest_leave // step_s) * step_s
    begins = np.arange(first, max(last_begin, first) + 1, step_s, dtype=np.int32)
    last_end = max(bounds.latest_home, int(begins[-1]) + bounds.stay_s)
    ends = np.arange(first + bounds.stay_s, last_end + 1, step_s, dtype=np.int32)
    return Grid(bounds, begins, ends)


def best_visits(leave: Ints, home: Ints, grid: Grid, open_at: Longs) -> Best:
    """Choose for each zone the visit with the least time away from home; of equals the earliest.

    Parameters
    ----------
    leave : ndarray of int32
        Zones × begins: the latest departure from home that is at the site by then; anything
        before `bounds.earliest_leave` means none [s after midnight].
    home : ndarray of int32
        Zones × ends: the earliest homecoming of who leaves the site then; anything after
        `bounds.latest_home` means none [s after midnight].
    grid : Grid
        Begins and ends.
    open_at : ndarray of int
        Places of the begins from which a whole stay lies within opening hours; not empty.

    Returns
    -------
    Best
        With a reason where no visit is possible.
    """
    bounds, first, last = grid.bounds, open_at[0], open_at[-1]
    # who leaves at the same time is there at the first of the times that name it; and likewise
    arrives = grid.begins[_first_of_run(leave[:, : last + 1])][:, open_at]
    departs = grid.ends[first:][_last_of_run(home[:, first:])][:, open_at - first]
    leaves, back = leave[:, open_at], home[:, open_at]
    in_time = leaves >= bounds.earliest_leave
    returns = in_time & (back <= bounds.latest_home)
    near = (arrives - leaves <= bounds.limit_s) & (back - departs <= bounds.limit_s)
    possible = returns & near
    away = np.where(possible, back - leaves, np.iinfo(np.int32).max)
    row, best = np.arange(len(leave)), away.argmin(axis=1)
    return Best(
        code=_code(in_time, returns, possible),
        leaves_home=leaves[row, best],
        arrives=arrives[row, best],
        begins=grid.begins[open_at][best],
        ends=grid.ends[open_at][best],
        leaves_site=departs[row, best],
        home_again=back[row, best],
    )


def last_departures(home: Ints, grid: Grid) -> Floats:
    """Latest time one can leave the site and be home the same day.

    Parameters
    ----------
    home : ndarray of int32
        Zones × ends, as in `best_visits`.
    grid : Grid
        Begins and ends.

    Returns
    -------
    ndarray of float
        One of the ends; NaN where none leads home [s after midnight].
    """
    # who leaves later is not home earlier
    return _end_before(grid, (home <= grid.bounds.latest_home).sum(axis=1))


def _end_before(grid: Grid, place: Longs) -> Floats:
    return np.where(place > 0, grid.ends[place - 1], np.nan)


def steady_visits(there_s: Ints, back_s: Ints, grid: Grid, open_at: Longs) -> Best:
    """Choose the best visits where the ways take as long at any time of day.

    Parameters
    ----------
    there_s, back_s : ndarray of int32
        By zone: seconds to the site and home; beyond any day where there is no way [s].
    grid, open_at
        As in `best_visits`.

    Returns
    -------
    Best
        As from `best_visits`: the first begin that one can be there for.
    """
    bounds, begins = grid.bounds, grid.begins[open_at]
    first = np.searchsorted(begins, bounds.earliest_leave + there_s)
    begin = begins[np.minimum(first, len(begins) - 1)]
    end = begin + bounds.stay_s
    in_time = first < len(begins)
    returns = in_time & (end + back_s <= bounds.latest_home)
    possible = returns & (np.maximum(there_s, back_s) <= bounds.limit_s)
    return Best(
        code=_code(in_time[:, None], returns[:, None], possible[:, None]),
        leaves_home=begin - there_s,
        arrives=begin,
        begins=begin,
        ends=end,
        leaves_site=end,
        home_again=end + back_s,
    )


def steady_last_departures(back_s: Ints, grid: Grid) -> Floats:
    """Latest time one can leave the site where the way home takes as long at any time.

    Parameters
    ----------
    back_s : ndarray of int32
        By zone [s].
    grid
        As in `last_departures`.

    Returns
    -------
    ndarray of float
        One of the ends; NaN where none leads home [s after midnight].
    """
    return _end_before(
        grid, np.searchsorted(grid.ends, grid.bounds.latest_home - back_s, side="right")
    )


def _code(in_time: Flags, returns: Flags, possible: Flags) -> npt.NDArray[np.int8]:
    reasons = (VisitReason.OK, VisitReason.BEYOND_LIMIT, VisitReason.NO_WAY_HOME)
    """Why there is no visit, from what holds of zones × begins."""
    code = np.select(
        [possible.any(axis=1), returns.any(axis=1), in_time.any(axis=1)],
        [REASONS.index(reason) for reason in reasons],
        REASONS.index(VisitReason.NO_WAY_THERE),
    )
    return code.astype(np.int8)


def _first_of_run(values: Ints) -> Ints:
    """Place of the first of the equal values that each one belongs to, row by row."""
    fresh = np.ones(values.shape, dtype=bool)
    fresh[:, 1:] = values[:, 1:] != values[:, :-1]
    places = np.arange(values.shape[1], dtype=np.int32)
    return np.asarray(np.maximum.accumulate(np.where(fresh, places, np.int32(0)), axis=1))


def _last_of_run(values: Ints) -> Ints:
    """Place of the last of the equal values that each one belongs to, row by row."""
    last = np.int32(values.shape[1] - 1)
    return np.asarray(last - _first_of_run(values[:, ::-1])[:, ::-1])
