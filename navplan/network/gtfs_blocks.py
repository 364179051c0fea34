"""One vehicle, several trips: which trip goes on as which, its passengers staying seated."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.network.gtfs_feed import Feed, amount

SAME_PLACE_M: Final = 100.0
"""A vehicle that ends and starts within this distance has not moved (assumption)."""

Ints = npt.NDArray[np.int64]


def continuations(feed: Feed, runs: pd.DataFrame, seats: pd.DataFrame) -> Ints:
    """Number of the trip each trip goes on as.

    Trips of one block (``block_id``) on one service day follow each other in time. A trip goes on
    as the next if that starts where it ends (the same stop or station, or within 100 m) and not
    before. Rows of transfers.txt on staying seated go before blocks. Trips with headways have no
    next trip: which vehicle runs them is not said.

    Parameters
    ----------
    feed : Feed
        Notices are added to it.
    runs : DataFrame
        One row a trip, in the order of the timetable: ``day``, ``trip_id``, ``copy`` (0 for trips
        with times of their own), ``block``, ``start``, ``end`` [s]; ``first`` and ``last``
        (position of the stop), and of both ``_station`` (id, "" for none), ``_x`` and ``_y`` [m].
    seats : DataFrame
        From `navplan.network.gtfs_changes.seats_of`.

    Returns
    -------
    ndarray of int
        Rows of `runs`; -1 where a trip ends for good.
    """
    onward = np.full(len(runs), -1, dtype=np.int64)
    if seats.empty and (runs["block"] == "").all():
        return onward
    runs = runs.reset_index(drop=True)
    timed = runs[runs["copy"] == 0]
    headway = runs.loc[(runs["copy"] != 0) & (runs["block"] != ""), "trip_id"].nunique()
    if headway:
        trips = amount(headway, "trip")
        feed.left_out(f"the blocks of {trips} with headways: changing there counts as a change.")
    told = _numbered(timed, seats)
    leave = told.loc[~told["stay"], ["before", "after"]]
    forbidden = set(leave.itertuples(index=False, name=None))
    before, after = _within_blocks(feed, timed)
    for pair in zip(before.tolist(), after.tolist(), strict=True):
        if pair not in forbidden:
            onward[pair[0]] = pair[1]
    stay = told[told["stay"]]
    forward = _forward(runs.loc[stay["before"]], runs.loc[stay["after"]])
    usable = stay[forward].drop_duplicates("before")
    if len(usable) < len(stay):
        pairs = amount(len(stay) - len(usable), "pair")
        feed.left_out(
            f"staying seated between {pairs} of trips of transfers.txt: the second starts before "
            "the first ends, or the first goes on as another."
        )
    onward[usable["before"]] = usable["after"]
    return onward


def _numbered(timed: pd.DataFrame, seats: pd.DataFrame) -> pd.DataFrame:
    """Rows of both trips, for every service day on which both run."""
    named = timed[["day", "trip_id"]].assign(number=timed.index)
    before = named.rename(columns={"trip_id": "from_trip", "number": "before"})
    after = named.rename(columns={"trip_id": "to_trip", "number": "after"})
    return seats.merge(before, on="from_trip").merge(after, on=["to_trip", "day"])


def _within_blocks(feed: Feed, timed: pd.DataFrame) -> tuple[Ints, Ints]:
    """Rows of the trips of a block that follow each other at one place."""
    order = timed[timed["block"] != ""].sort_values(["day", "block", "start", "end"])
    before, after = order.iloc[:-1], order.iloc[1:]
    same = np.ones(len(after), dtype=bool)
    for column in ("day", "block"):
        same &= before[column].to_numpy() == after[column].to_numpy()
    before, after = before[same], after[same]
    forward, near = _forward(before, after), _same_place(before, after)
    for lost, why in (
        (~forward, "of one block that overlap"),
        (forward & ~near, f"of one block that end and start over {SAME_PLACE_M:g} m apart"),
    ):
        if lost.any():
            feed.left_out(
                f"staying seated between {amount(int(lost.sum()), 'pair')} of trips {why}."
            )
    kept = forward & near
    return before.index.to_numpy()[kept], after.index.to_numpy()[kept]


def _forward(before: pd.DataFrame, after: pd.DataFrame) -> npt.NDArray[np.bool_]:
    (start, end), (next_start, next_end) = (
        (runs["start"].to_numpy(), runs["end"].to_numpy()) for runs in (before, after)
    )
    # the second comparison keeps trips without duration from going round in a circle
    return np.asarray((next_start >= end) & (next_end > start))


def _same_place(before: pd.DataFrame, after: pd.DataFrame) -> npt.NDArray[np.bool_]:
    stop, station = before["last"].to_numpy(), before["last_station"].to_numpy()
    metres = np.hypot(
        after["first_x"].to_numpy() - before["last_x"].to_numpy(),
        after["first_y"].to_numpy() - before["last_y"].to_numpy(),
    )
    shared = (station != "") & (station == after["first_station"].to_numpy())
    return np.asarray((stop == after["first"].to_numpy()) | shared | (metres <= SAME_PLACE_M))
