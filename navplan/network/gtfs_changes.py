"""Rules for changing vehicles (transfers.txt): what takes longer, waits, or cannot be done."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from navplan.network.gtfs_feed import Feed, amount, some, texts
from navplan.nouns import Timetable

_NOTHING: Final = "0"
_TIMED: Final = "1"
_LEAST_TIME: Final = "2"
_IMPOSSIBLE: Final = "3"
_SEATED: Final = "4"
_LEAVE: Final = "5"
_BETWEEN_STOPS: Final = (_NOTHING, _TIMED, _LEAST_TIME, _IMPOSSIBLE)
_MAX_PAIRS: Final = 5_000_000
"""More pairs of stops than any country has rules for: a file must be wrong."""

_ONE_VEHICLE: Final = ("from_trip_id", "to_trip_id", "from_route_id", "to_route_id")


def changes_of(feed: Feed, stops: pd.Index, stations: pd.Series[str]) -> pd.DataFrame:
    """Rules between two stops, after transfers.txt.

    A row that names a station holds for all its stops; where several rows hold for a pair, the
    one that names more stops and fewer stations wins, and of equals the first. Rows of type 0
    (recommended) only take the place of a more general rule.

    Parameters
    ----------
    feed : Feed
        Faults and notices are added to it.
    stops : Index
        Ids of the stops of the timetable, in its order.
    stations : Series of str
        By stop id, of all stops of the feed: the station each lies in, "" for none.

    Returns
    -------
    DataFrame
        As ``changes`` of `Timetable`.
    """
    table = _known_types(feed)
    table = table[table["type"].isin(_BETWEEN_STOPS)].copy()
    table["least_s"] = pd.to_numeric(texts(table, "min_transfer_time"), errors="coerce")
    single = pd.Series(data=False, index=table.index)
    for column in _ONE_VEHICLE:
        single |= texts(table, column) != ""
    if single.any():
        rows = amount(single, "row")
        feed.left_out(f"{rows} of transfers.txt for single lines or trips only.")
    table = _usable(feed, table[~single])
    places = _places(stops, stations)
    counts = places.groupby("place").size()
    # of a table without rows pandas keeps the kind of the ids, which are texts
    ends = [table[f"{end}_stop_id"].map(counts).astype(float).fillna(0) for end in ("from", "to")]
    if (ends[0] * ends[1]).sum() > _MAX_PAIRS:
        problem = f"its rows hold for more than {_MAX_PAIRS:,} pairs of stops."
        feed.fault("transfers.txt", problem, "Leave rows out, or the file.")
        return _rules(table[:0].assign(from_stop=0, to_stop=0))
    table["row"] = np.arange(len(table))
    pairs = table
    for end in ("from", "to"):
        named = places.rename(columns={"stop": f"{end}_stop", "by_station": f"{end}_station"})
        pairs = pairs.merge(named, left_on=f"{end}_stop_id", right_on="place").drop(columns="place")
    pairs["general"] = pairs["from_station"].astype(int) + pairs["to_station"]
    pairs = pairs.sort_values(["from_stop", "to_stop", "general", "row"])
    same = pairs.duplicated(["from_stop", "to_stop", "general"])
    again = same & ~pairs.duplicated(["from_stop", "to_stop", "general", "type", "least_s"])
    if again.any():
        rows = amount(pairs.loc[again, "row"].nunique(), "row")
        feed.repaired(f"transfers.txt: {rows} at odds with a row before; the first counts.")
    return _rules(pairs.drop_duplicates(["from_stop", "to_stop"]))


def _known_types(feed: Feed) -> pd.DataFrame:
    table = feed.table("transfers")
    stops = {name: texts(table, name) for name in ("from_stop_id", "to_stop_id")}
    table = table.assign(type=texts(table, "transfer_type").replace("", _NOTHING), **stops)
    odd = ~table["type"].isin((*_BETWEEN_STOPS, _SEATED, _LEAVE))
    if odd.any():
        kinds = some(table.loc[odd, "type"].unique())
        feed.left_out(f"{amount(odd, 'row')} of transfers.txt of unknown transfer_type ({kinds}).")
    return table[~odd]


def _usable(feed: Feed, table: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows of unknown stops, or without the time they are to tell."""
    known = feed.table("stops")["stop_id"].loc[lambda ids: ids != ""]
    lost = ~(table["from_stop_id"].isin(known) & table["to_stop_id"].isin(known))
    if lost.any():
        rows = amount(lost, "row")
        feed.left_out(f"{rows} of transfers.txt with a stop that stops.txt lacks.")
    timeless = (table["type"] == _LEAST_TIME) & ~(
        (table["least_s"] >= 0) & (table["least_s"] < np.inf)
    )
    if (timeless & ~lost).any():
        rows = amount(timeless & ~lost, "row")
        feed.left_out(f"{rows} of transfers.txt of type 2 without a proper min_transfer_time.")
    return table[~lost & ~timeless]


def _places(stops: pd.Index, stations: pd.Series[str]) -> pd.DataFrame:
    """List what a row may name, with the stops (positions) meant by it."""
    own = pd.DataFrame({"place": stops, "stop": np.arange(len(stops)), "by_station": False})
    above = own.assign(place=stations.reindex(stops).to_numpy(), by_station=True)
    return pd.concat([own, above[above["place"] != ""]], ignore_index=True)


def _rules(pairs: pd.DataFrame) -> pd.DataFrame:
    pairs = pairs[pairs["type"] != _NOTHING]
    rules = pd.DataFrame(
        {
            "from_stop": pairs["from_stop"].astype(np.int64),
            "to_stop": pairs["to_stop"].astype(np.int64),
            "least_s": pairs["least_s"].where(pairs["type"] == _LEAST_TIME).astype(float),
            "allowed": pairs["type"] != _IMPOSSIBLE,
            "timed": pairs["type"] == _TIMED,
        }
    )
    return rules[list(Timetable.CHANGES)].reset_index(drop=True)


def seats_of(feed: Feed) -> pd.DataFrame:
    """Say between which trips passengers may stay seated, or may not, after transfers.txt.

    Parameters
    ----------
    feed : Feed
        Notices are added to it.

    Returns
    -------
    DataFrame
        ``from_trip``, ``to_trip`` (trip ids) and ``stay`` (bool: type 4; else type 5, which
        forbids it within a block).
    """
    table = feed.table("transfers")
    table = table[texts(table, "transfer_type").isin([_SEATED, _LEAVE])]
    ends = {end: texts(table, f"{end}_id") for end in ("from_trip", "to_trip")}
    known = pd.Series(data=True, index=table.index)
    for trips in ends.values():
        known &= trips.isin(feed.table("trips")["trip_id"]) & (trips != "")
    if not known.all():
        rows = amount(~known, "row")
        feed.left_out(
            f"{rows} of transfers.txt on staying seated with a trip that trips.txt lacks."
        )
    seats = pd.DataFrame({**ends, "stay": texts(table, "transfer_type") == _SEATED})
    return seats[known].drop_duplicates()
