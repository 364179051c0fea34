"""Which services of a feed run on a day."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from navplan.network.gtfs_files import Feed, amount

_DAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday", "friday"),
    *("saturday", "sunday"),
)
_DATE: Final = r"\d{8}"


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
        found: set[tuple[str, pd.Timestamp]] = set()
        for row in self.weekly.to_dict("records"):
            start = pd.to_datetime(row["start_date"], format="%Y%m%d")
            end = min(
                pd.to_datetime(row["end_date"], format="%Y%m%d"), start + pd.DateOffset(years=20)
            )
            runs = [row[day] == "1" for day in _DAYS]
            found |= {
                (row["service_id"], day) for day in pd.date_range(start, end) if runs[day.weekday()]
            }
        for row in self.single.to_dict("records"):
            pair = (row["service_id"], pd.to_datetime(row["date"], format="%Y%m%d"))
            found = found | {pair} if row["exception_type"] == "1" else found - {pair}
        return sorted({day.date() for name, day in found if services is None or name in services})


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
        feed.notices.append(
            f"calendar.txt: {amount(twice, 'row')} twice word for word; one counts."
        )
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
        feed.notices.append(f"Left out: {rows} of calendar_dates.txt, exception_type beside 1, 2.")
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
