"""Which services of a feed run on a day."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from navplan.network.gtfs_feed import Feed, amount

_DAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday", "friday"),
    *("saturday", "sunday"),
)
_DATE: Final = r"[0-9]{8}"
_LONGEST_DAYS: Final = 20 * 366


class Calendar:
    """The service days of a feed: weekly ranges and single dates.

    Parameters
    ----------
    feed : Feed
        Faults and notices are added to it.
    """

    def __init__(self, feed: Feed) -> None:
        self.weekly = _weekly(feed)
        self.single = _single(feed)

    def services(self, date: dt.date) -> set[str]:
        """Ids of the services that run on a date.

        Parameters
        ----------
        date : date
            The service day.

        Returns
        -------
        set of str
            Weekly services, less those cancelled, and those added.
        """
        day = f"{date:%Y%m%d}"
        weekly = self.weekly
        runs = weekly[
            (weekly[_DAYS[date.weekday()]] == "1")
            & (weekly["start_date"] <= day)
            & (weekly["end_date"] >= day)
        ]
        single = self.single[self.single["date"] == day]
        added = single.loc[single["exception_type"] == "1", "service_id"]
        cancelled = single.loc[single["exception_type"] == "2", "service_id"]
        return (set(runs["service_id"]) | set(added)) - set(cancelled)

    def dates(self, services: set[str] | None = None) -> list[dt.date]:
        """All dates on which any of the services runs, in order.

        Parameters
        ----------
        services : set of str, optional
            Only these.

        Returns
        -------
        list of date
            May be empty. Ranges longer than 20 years are cut.
        """
        weekly, single = self.weekly, self.single
        if services is not None:
            weekly = weekly[weekly["service_id"].isin(services)]
            single = single[single["service_id"].isin(services)]
        added = _by_service(single[single["exception_type"] == "1"])
        cancelled = _by_service(single[single["exception_type"] == "2"])
        ranges = [
            (row["service_id"], _ordinal(row["start_date"]), _ordinal(row["end_date"]), row)
            for row in weekly.to_dict("records")
        ]
        known = [day for days in added.values() for day in days]
        known += [day for _, start, end, _ in ranges for day in (start, end)]
        if not known:
            return []
        origin = min(known)
        runs = np.zeros(max(known) - origin + 1, dtype=bool)
        for service, start, end, row in ranges:
            week = np.array([row[day] == "1" for day in _DAYS])
            days = np.arange(start, min(end, start + _LONGEST_DAYS) + 1)
            # day 1 of the calendar was a Monday
            days = days[week[(days - 1) % len(_DAYS)]]
            runs[np.setdiff1d(days, cancelled.get(service, [])) - origin] = True
        for service, single_days in added.items():
            runs[np.setdiff1d(single_days, cancelled.get(service, [])) - origin] = True
        return [dt.date.fromordinal(origin + int(day)) for day in np.flatnonzero(runs)]


def _ordinal(text: str) -> int:
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal()


def _by_service(single: pd.DataFrame) -> dict[str, list[int]]:
    days: dict[str, list[int]] = {}
    for service, text in zip(single["service_id"], single["date"], strict=True):
        days.setdefault(service, []).append(_ordinal(text))
    return days


def _weekly(feed: Feed) -> pd.DataFrame:
    columns = ["service_id", *_DAYS, "start_date", "end_date"]
    table = feed.table("calendar")
    if table.empty:
        return pd.DataFrame(columns=columns, dtype=str)
    missing = [name for name in columns if name not in table.columns]
    if missing:
        feed.fault("calendar.txt", f"lacks the column {', '.join(missing)}.", "Add it.")
        return pd.DataFrame(columns=columns, dtype=str)
    table = table[columns]
    twice = table.duplicated()
    if twice.any():
        feed.repaired(f"calendar.txt: {amount(twice, 'row')} twice word for word; one counts.")
        table = table[~twice]
    for service in table.loc[table["service_id"].duplicated(), "service_id"].unique():
        problem = f"service {service} has two rows that differ."
        feed.fault("calendar.txt", problem, "Keep one of them.")
    return table[_dated(table, ("start_date", "end_date"), "calendar.txt", feed)]


def _single(feed: Feed) -> pd.DataFrame:
    columns = ["service_id", "date", "exception_type"]
    table = feed.table("calendar_dates")
    if table.empty:
        return pd.DataFrame(columns=columns, dtype=str)
    missing = [name for name in columns if name not in table.columns]
    if missing:
        feed.fault("calendar_dates.txt", f"lacks the column {', '.join(missing)}.", "Add it.")
        return pd.DataFrame(columns=columns, dtype=str)
    table = table[columns].drop_duplicates()
    odd = ~table["exception_type"].isin(["1", "2"])
    if odd.any():
        rows = amount(odd, "row")
        feed.left_out(f"{rows} of calendar_dates.txt, exception_type beside 1, 2.")
    table = table[~odd]
    return table[_dated(table, ("date",), "calendar_dates.txt", feed)]


def _dated(table: pd.DataFrame, columns: tuple[str, ...], file: str, feed: Feed) -> pd.Series[bool]:
    right = pd.Series(data=True, index=table.index)
    for column in columns:
        parsed = pd.to_datetime(table[column], format="%Y%m%d", errors="coerce")
        written = table[column].str.fullmatch(_DATE) & parsed.notna()
        for row in table.index[~written][:20]:
            problem = f"{table.loc[row, column]!r} is no date; expected YYYYMMDD."
            feed.fault(f"{file}, row {row + 2}, {column}", problem, "Write it as YYYYMMDD.")
        right &= written
    return right
