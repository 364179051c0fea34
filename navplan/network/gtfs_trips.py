"""Trips of a feed with whole, growing times; what cannot be used is dropped and counted."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from navplan.network.gtfs_feed import Feed, amount, some, texts
from navplan.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

WINDOWS: Final = ("start_pickup_drop_off_window", "location_id", "location_group_id")
"""Columns of GTFS-Flex: a call somewhere within a window, not at a time."""

_LEAST_CALLS: Final = 2
_CLOCK: Final = re.compile(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])")
"""Three digits of hours: a coastal ship is under way for days."""


def seconds_of(clocks: pd.Series[str]) -> pd.Series[float]:
    """Seconds of GTFS times; NaN where there is none or it is no time.

    Parameters
    ----------
    clocks : Series of str
        ``H:MM:SS``, ``HH:MM:SS`` or ``HHH:MM:SS``.

    Returns
    -------
    Series of float
        Seconds after noon less 12 hours of the service day [s].
    """
    codes, words = pd.factorize(clocks)
    seconds = np.full(len(words), np.nan)
    for number, word in enumerate(words):
        if match := _CLOCK.fullmatch(word):
            hours, minutes, rest = map(int, match.groups())
            seconds[number] = hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE + rest
    return pd.Series(seconds[codes], index=clocks.index, dtype=float)


def with_seconds(stop_times: pd.DataFrame) -> pd.DataFrame:
    """Add the times as numbers.

    Parameters
    ----------
    stop_times : DataFrame
        Texts of stop_times.txt.

    Returns
    -------
    DataFrame
        With ``arrival`` and ``departure`` [s], NaN where there is no time.
    """
    times = {
        name: seconds_of(texts(stop_times, f"{name}_time")) for name in ("arrival", "departure")
    }
    return stop_times.assign(**times)


def days_under_way(feed: Feed, stop_times: pd.DataFrame) -> pd.Series[int]:
    """Count how many midnights each trip passes after its service day has begun.

    Parameters
    ----------
    feed : Feed
        For the trips with headways, which run until their rows of frequencies.txt end.
    stop_times : DataFrame
        From `with_seconds`.

    Returns
    -------
    Series of int
        By trip id; trips without a time are absent.
    """
    trip, times = stop_times["trip_id"], stop_times[["arrival", "departure"]]
    end = times.max(axis=1).groupby(trip).max()
    frequencies = feed.table("frequencies")
    if {"trip_id", "end_time"} <= set(frequencies.columns):
        until = seconds_of(frequencies["end_time"]).groupby(frequencies["trip_id"]).max()
        start = times.min(axis=1).groupby(trip).min()
        by_headway = until.reindex(end.index) + end - start
        end = end.where(~(by_headway > end), by_headway)
    days: pd.Series[int] = (end.dropna() // SECONDS_PER_DAY).astype(int)
    return days


def calls_of(
    feed: Feed, stop_times: pd.DataFrame, trips: pd.Index, stops: pd.Index
) -> pd.DataFrame:
    """List the calls of the given trips in order, each with both times.

    Parameters
    ----------
    feed : Feed
        Faults and notices are added to it.
    stop_times : DataFrame
        From `with_seconds`.
    trips : Index
        Ids of those that run.
    stops : Index
        Ids of stops one can board at and that have a position.

    Returns
    -------
    DataFrame
        ``trip_id``, ``stop_id``, ``arrival``, ``departure`` [s], ``board``, ``alight``; sorted by
        trip and position; every trip has two calls or more and its times never go back.
    """
    calls = stop_times[stop_times["trip_id"].isin(trips)].copy()
    silent = len(set(trips) - set(calls["trip_id"]))
    if silent:
        feed.left_out(f"{amount(silent, 'trip')} without stop times.")
    for column in ("pickup_type", "drop_off_type"):
        calls[column] = texts(calls, column)
    for name in ("arrival", "departure"):
        _tell_odd(calls, name, feed)
    calls = _ordered(calls, feed)
    calls["arrival"] = calls["arrival"].fillna(calls["departure"])
    calls["departure"] = calls["departure"].fillna(calls["arrival"])
    calls = _timed(calls, feed)
    calls = _interpolated(calls, feed)
    calls = _on_known_stops(calls, stops, feed)
    calls = _forward(calls, feed)
    count = calls.groupby("trip_id", sort=False)["stop_id"].transform("size")
    single = calls.loc[count < _LEAST_CALLS, "trip_id"].nunique()
    if single:
        feed.left_out(f"{amount(single, 'trip')} with fewer than two usable calls.")
    calls = calls[count >= _LEAST_CALLS]
    _tell_asked_for(calls, feed)
    calls["board"] = calls["pickup_type"] != "1"
    calls["alight"] = calls["drop_off_type"] != "1"
    return calls[["trip_id", "stop_id", "arrival", "departure", "board", "alight"]]


def _tell_odd(calls: pd.DataFrame, name: str, feed: Feed) -> None:
    clocks = texts(calls, f"{name}_time")
    odd = calls[name].isna() & (clocks != "")
    if odd.any():
        example = clocks[odd].iloc[0]
        given = amount(odd, "text")
        feed.repaired(f"{given} in {name}_time taken as empty, being no time ({example!r}).")


def _tell_asked_for(calls: pd.DataFrame, feed: Feed) -> None:
    phoned = calls["pickup_type"].isin(["2", "3"]) | calls["drop_off_type"].isin(["2", "3"])
    if phoned.any():
        trips = amount(calls.loc[phoned, "trip_id"].nunique(), "trip")
        feed.assumed(f"{trips} with stops served only if booked or asked for; counted as served.")


def _ordered(calls: pd.DataFrame, feed: Feed) -> pd.DataFrame:
    order = pd.to_numeric(calls["stop_sequence"], errors="coerce")
    if order.isna().any():
        feed.left_out(f"{amount(order.isna(), 'stop time')} without a number in stop_sequence.")
    calls, order = calls[order.notna()], order[order.notna()]
    if (order < 0).any():
        negative = amount(order < 0, "stop time")
        feed.repaired(f"{negative} with a negative stop_sequence; sorted first.")
    calls = calls.assign(order=order).sort_values(["trip_id", "order"], kind="stable")
    twice = calls.duplicated(["trip_id", "order"])
    if twice.any():
        repeated = amount(twice, "stop time")
        feed.repaired(
            f"{repeated} with a stop_sequence the trip has already; kept in the order of the file."
        )
    return calls.reset_index(drop=True)


def _timed(calls: pd.DataFrame, feed: Feed) -> pd.DataFrame:
    """Leave out calls before the first and after the last that has a time."""
    timed = calls["departure"].notna()
    seen = timed.groupby(calls["trip_id"]).cummax()
    ahead = timed[::-1].groupby(calls["trip_id"][::-1]).cummax()[::-1]
    keep = seen & ahead
    flexible = pd.Series(data=False, index=calls.index)
    for column in WINDOWS:
        flexible |= texts(calls, column) != ""
    on_demand = calls.loc[flexible, "trip_id"].nunique()
    if on_demand:
        flexible_trips = amount(on_demand, "trip")
        feed.left_out(f"on-demand calls within a time window, {flexible_trips}.")
    lost = int((~keep & ~flexible).sum())
    if lost:
        feed.left_out(f"{amount(lost, 'call')} without time at the end of a trip.")
    return calls[keep & ~(flexible & ~timed)].reset_index(drop=True)


def _interpolated(calls: pd.DataFrame, feed: Feed) -> pd.DataFrame:
    gaps = calls["departure"].isna()
    if not gaps.any():
        return calls
    middle = amount(gaps, "middle call")
    feed.assumed(f"{middle} without a time; spread evenly between the neighbours.")
    calls = calls.copy()
    position = np.arange(len(calls), dtype=float)
    timed = ~gaps.to_numpy()
    # the last timed call's departure and the next one's arrival bound the gap
    before = np.maximum.accumulate(np.where(timed, np.arange(len(calls)), 0))
    after = np.minimum.accumulate(np.where(timed, np.arange(len(calls)), len(calls) - 1)[::-1])[
        ::-1
    ]
    left, right = calls["departure"].to_numpy()[before], calls["arrival"].to_numpy()[after]
    span = np.maximum(after - before, 1)
    value = np.floor(left + (right - left) * (position - before) / span + 0.5)
    for column in ("arrival", "departure"):
        calls[column] = calls[column].where(~gaps, value)
    return calls


def _on_known_stops(calls: pd.DataFrame, stops: pd.Index, feed: Feed) -> pd.DataFrame:
    known = calls["stop_id"].isin(stops)
    if not known.all():
        names = calls.loc[~known, "stop_id"].unique()
        feed.left_out(
            f"{amount(~known, 'call')} at {amount(len(names), 'stop')} unknown, without "
            f"position or no place to board ({some(names)}); the trips keep their other calls."
        )
    return calls[known].reset_index(drop=True)


def _forward(calls: pd.DataFrame, feed: Feed) -> pd.DataFrame:
    same = calls["trip_id"].eq(calls["trip_id"].shift())
    back = (calls["departure"] < calls["arrival"]) | (
        same & (calls["arrival"] < calls["departure"].shift())
    )
    bad = calls.loc[back, "trip_id"].unique()
    if len(bad):
        feed.left_out(f"{amount(len(bad), 'trip')} going back in time.")
    return calls[~calls["trip_id"].isin(bad)].reset_index(drop=True)


def of_service_day(calls: pd.DataFrame, days_ago: int) -> pd.DataFrame:
    """Put the trips of a service day on the clock of today.

    Parameters
    ----------
    calls : DataFrame
        With ``copy``, from `navplan.network.gtfs_headways.expanded`.
    days_ago : int
        How many days before today the service day was; 0 is today's own.

    Returns
    -------
    DataFrame
        The trips with a call after today's midnight, with ``day`` (minus the days ago); their
        first times may be negative.
    """
    earlier = days_ago * SECONDS_PER_DAY
    last = calls.groupby(["trip_id", "copy"], sort=False)["arrival"].transform("max")
    moved = {name: calls[name] - earlier for name in ("arrival", "departure")}
    return calls.assign(**moved, day=-days_ago)[last >= earlier]
