"""Trips with headways (frequencies.txt) → departures."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.network.gtfs_feed import Feed, amount
from navplan.network.gtfs_trips import seconds_of

_MAX_TRIPS: Final = 2_000_000
"""More departures of one day than any country has: a headway must be wrong."""


def expanded(feed: Feed, calls: pd.DataFrame, begins: pd.Series[float]) -> pd.DataFrame:
    """Replace trips with headways by their departures.

    A trip with rows in frequencies.txt runs from its first stop at start, start + headway, …,
    before the end (which is exclusive), whether its times are exact or not. The first stop is
    that of the feed, also where its call is left out.

    Parameters
    ----------
    feed : Feed
        Faults and notices are added to it.
    calls : DataFrame
        From `calls_of`.
    begins : Series of float
        By trip id, the first time of all its calls, with those left out [s].

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
        feed.left_out(f"{wrong} of frequencies.txt without a proper headway, start or end.")
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
    template["begins"] = template["trip_id"].map(begins)
    made = starts.merge(template, on="trip_id")
    for column in ("arrival", "departure"):
        made[column] = made[column] - made["begins"] + made["start"]
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
        departures = amount(twice, "departure")
        feed.repaired(f"{departures} of frequencies.txt in two overlapping rows; counted once.")
    starts = starts[~twice].sort_values(["trip_id", "start"], ignore_index=True)
    return starts.assign(copy=starts.groupby("trip_id").cumcount() + 1)
