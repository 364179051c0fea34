"""Trips of a feed with whole, growing times; what cannot be used is dropped and counted."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.network.gtfs_files import Feed, amount
from navplan.units import SECONDS_PER_DAY, seconds_of_day

_MAX_TRIPS: Final = 2_000_000
"""More departures of one day than any country has: a headway must be wrong."""

_LEAST_CALLS: Final = 2
_SHOWN: Final = 5
_CLOCK: Final = re.compile(r"\s*\d{1,2}:[0-5]\d:[0-5]\d\s*")


def seconds_of(texts: pd.Series[str]) -> pd.Series[float]:
    """Seconds after midnight of GTFS times; NaN where there is none or it is no time.

    Parameters
    ----------
    texts : Series of str
        ``H:MM:SS`` or ``HH:MM:SS``.

    Returns
    -------
    Series of float
        [s].
    """
    known: dict[str, float] = {}
    for text in texts.unique():
        known[text] = float(seconds_of_day(text)) if _CLOCK.fullmatch(text) else np.nan
    return texts.map(known).astype(float)


def calls_of(feed: Feed, trips: pd.DataFrame, stops: pd.Index) -> pd.DataFrame:
    """List the calls of the given trips in order, each with both times.

    Parameters
    ----------
    feed : Feed
        Faults and notices are added to it.
    trips : DataFrame
        Column ``trip_id``: those that run.
    stops : Index
        Ids of stops one can board at and that have a position.

    Returns
    -------
    DataFrame
        ``trip_id``, ``stop_id``, ``arrival``, ``departure`` [s], ``board``, ``alight``; sorted by
        trip and position; every trip has two calls or more and its times never go back.
    """
    table = feed.table("stop_times")
    calls = table[table["trip_id"].isin(trips["trip_id"])].copy()
    silent = len(set(trips["trip_id"]) - set(calls["trip_id"]))
    if silent:
        feed.notices.append(f"Left out: {amount(silent, 'trip')} without stop times.")
    for column in ("pickup_type", "drop_off_type"):
        if column not in calls:
            calls[column] = ""
    calls = _ordered(calls, feed)
    calls["arrival"] = _times(calls, "arrival_time", feed)
    calls["departure"] = _times(calls, "departure_time", feed)
    calls["arrival"] = calls["arrival"].fillna(calls["departure"])
    calls["departure"] = calls["departure"].fillna(calls["arrival"])
    calls = _timed(calls, feed)
    calls = _interpolated(calls, feed)
    calls = _on_known_stops(calls, stops, feed)
    calls = _forward(calls, feed)
    count = calls.groupby("trip_id", sort=False)["stop_id"].transform("size")
    single = calls.loc[count < _LEAST_CALLS, "trip_id"].nunique()
    if single:
        trips_single = amount(single, "trip")
        feed.notices.append(f"Left out: {trips_single} with fewer than two usable calls.")
    calls = calls[count >= _LEAST_CALLS]
    phoned = calls["pickup_type"].isin(["2", "3"]) | calls["drop_off_type"].isin(["2", "3"])
    if phoned.any():
        trips_phoned = amount(calls.loc[phoned, "trip_id"].nunique(), "trip")
        feed.notices.append(
            f"{trips_phoned} with stops served only if booked or asked for; counted as served."
        )
    calls["board"] = calls["pickup_type"] != "1"
    calls["alight"] = calls["drop_off_type"] != "1"
    return calls[["trip_id", "stop_id", "arrival", "departure", "board", "alight"]]


def _ordered(calls: pd.DataFrame, feed: Feed) -> pd.DataFrame:
    order = pd.to_numeric(calls["stop_sequence"], errors="coerce")
    if order.isna().any():
        without = amount(order.isna(), "stop time")
        feed.notices.append(f"Left out: {without} without a number in stop_sequence.")
    calls, order = calls[order.notna()], order[order.notna()]
    if (order < 0).any():
        negative = amount(order < 0, "stop time")
        feed.notices.append(f"{negative} with a negative stop_sequence; sorted first.")
    calls = calls.assign(order=order).sort_values(["trip_id", "order"], kind="stable")
    twice = calls.duplicated(["trip_id", "order"])
    if twice.any():
        repeated = amount(twice, "stop time")
        feed.notices.append(
            f"{repeated} with a stop_sequence the trip has already; kept in the order of the file."
        )
    return calls.reset_index(drop=True)


def _times(calls: pd.DataFrame, column: str, feed: Feed) -> pd.Series[float]:
    if column not in calls:
        return pd.Series(np.nan, index=calls.index)
    seconds = seconds_of(calls[column])
    odd = seconds.isna() & (calls[column] != "")
    if odd.any():
        example = calls.loc[odd, column].iloc[0]
        texts = amount(odd, "text")
        feed.notices.append(f"{texts} in {column} that are no time ({example!r}); taken as empty.")
    return seconds


def _timed(calls: pd.DataFrame, feed: Feed) -> pd.DataFrame:
    """Leave out calls before the first and after the last that has a time."""
    timed = calls["departure"].notna()
    seen = timed.groupby(calls["trip_id"]).cummax()
    ahead = timed[::-1].groupby(calls["trip_id"][::-1]).cummax()[::-1]
    keep = seen & ahead
    flexible = pd.Series(data=False, index=calls.index)
    for column in ("start_pickup_drop_off_window", "location_id", "location_group_id"):
        if column in calls:
            flexible |= calls[column] != ""
    on_demand = calls.loc[flexible, "trip_id"].nunique()
    if on_demand:
        flexible_trips = amount(on_demand, "trip")
        feed.notices.append(f"Left out: on-demand calls within a time window, {flexible_trips}.")
    lost = int((~keep & ~flexible).sum())
    if lost:
        feed.notices.append(f"Left out: {amount(lost, 'call')} without time at the end of a trip.")
    return calls[keep & ~(flexible & ~timed)].reset_index(drop=True)


def _interpolated(calls: pd.DataFrame, feed: Feed) -> pd.DataFrame:
    gaps = calls["departure"].isna()
    if not gaps.any():
        return calls
    feed.notices.append(
        f"{amount(gaps, 'middle call')} without a time; spread evenly between the neighbours."
    )
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
        names = sorted(calls.loc[~known, "stop_id"].unique())
        shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        feed.notices.append(
            f"Left out: {amount(~known, 'call')} at {amount(len(names), 'stop')} unknown, without "
            f"position or no place to board ({shown}); the trips keep their other calls."
        )
    return calls[known].reset_index(drop=True)


def _forward(calls: pd.DataFrame, feed: Feed) -> pd.DataFrame:
    same = calls["trip_id"].eq(calls["trip_id"].shift())
    back = (calls["departure"] < calls["arrival"]) | (
        same & (calls["arrival"] < calls["departure"].shift())
    )
    bad = calls.loc[back, "trip_id"].unique()
    if len(bad):
        feed.notices.append(f"Left out: {amount(len(bad), 'trip')} going back in time.")
    return calls[~calls["trip_id"].isin(bad)].reset_index(drop=True)


def expanded(feed: Feed, calls: pd.DataFrame) -> pd.DataFrame:
    """Replace trips with headways by their departures.

    A trip with rows in frequencies.txt runs from its first stop at start, start + headway, …,
    before the end (which is exclusive), whether its times are exact or not.

    Parameters
    ----------
    feed : Feed
        Faults and notices are added to it.
    calls : DataFrame
        From `calls_of`.

    Returns
    -------
    DataFrame
        As `calls`, with ``copy`` (0 for trips with times of their own), sorted by trip, copy
        and position.
    """
    table = feed.table("frequencies")
    calls = calls.assign(copy=0)
    if table.empty:
        return calls
    missing = {"trip_id", "start_time", "end_time", "headway_secs"} - set(table.columns)
    if missing:
        feed.fault("frequencies.txt", f"lacks the column {', '.join(sorted(missing))}.", "Add it.")
        return calls
    rows = table[table["trip_id"].isin(calls["trip_id"])].drop_duplicates()
    start, end = seconds_of(rows["start_time"]), seconds_of(rows["end_time"])
    headway = pd.to_numeric(rows["headway_secs"], errors="coerce")
    right = start.notna() & end.notna() & (headway > 0)
    if not right.all():
        wrong = amount(~right, "row")
        feed.notices.append(
            f"Left out: {wrong} of frequencies.txt without a proper headway, start or end."
        )
    span = (end - start)[right].to_numpy(dtype=float)
    count = np.maximum(np.ceil(span / headway[right].to_numpy(dtype=float)), 0).astype(np.int64)
    if count.sum() > _MAX_TRIPS:
        problem = f"its headways make {int(count.sum()):,} departures a day."
        feed.fault("frequencies.txt", problem, "Correct headway_secs.")
        return calls
    starts = _starts(rows["trip_id"][right], start[right], headway[right], count, feed)
    if starts.empty:
        return calls[~calls["trip_id"].isin(rows["trip_id"])]
    by_headway = calls["trip_id"].isin(rows["trip_id"])
    template = calls[by_headway].drop(columns="copy")
    template["position"] = template.groupby("trip_id", sort=False).cumcount()
    template["first"] = template.groupby("trip_id", sort=False)["departure"].transform("first")
    made = starts.merge(template, on="trip_id")
    for column in ("arrival", "departure"):
        made[column] = made[column] - made["first"] + made["start"]
    made = made.sort_values(["trip_id", "copy", "position"])
    return pd.concat([calls[~by_headway], made[calls.columns]], ignore_index=True)


def _starts(
    trip: pd.Series[str],
    start: pd.Series[float],
    headway: pd.Series[float],
    count: npt.NDArray[np.int64],
    feed: Feed,
) -> pd.DataFrame:
    """List the departures of every row; those of overlapping rows once."""
    row = np.repeat(np.arange(len(trip)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    starts = pd.DataFrame(
        {
            "trip_id": trip.to_numpy()[row],
            "start": start.to_numpy()[row] + number * headway.to_numpy()[row],
        }
    )
    twice = starts.duplicated()
    if twice.any():
        feed.notices.append(
            f"{amount(twice, 'departure')} of frequencies.txt in two overlapping rows; counted "
            "once."
        )
    starts = starts[~twice].sort_values(["trip_id", "start"], ignore_index=True)
    return starts.assign(copy=starts.groupby("trip_id").cumcount() + 1)


def of_previous_day(calls: pd.DataFrame) -> pd.DataFrame:
    """Trips of the service day before that are still under way, on today's clock.

    Parameters
    ----------
    calls : DataFrame
        From `expanded`, for the day before.

    Returns
    -------
    DataFrame
        Those with a call at 24:00 or later, 24 hours earlier; their first times may be negative.
    """
    last = calls.groupby(["trip_id", "copy"], sort=False)["arrival"].transform("max")
    late = calls[last >= SECONDS_PER_DAY].copy()
    for column in ("arrival", "departure"):
        late[column] -= SECONDS_PER_DAY
    return late
