"""A feed's state in plain words: what runs, and what was repaired, left out, assumed, refused."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

from navplan.errors import Fault, InputError
from navplan.network.gtfs import timetable_of
from navplan.network.gtfs_days import Calendar
from navplan.network.gtfs_feed import Feed, Kind, amount, some, texts
from navplan.network.gtfs_files import read_feed
from navplan.network.gtfs_means import means_of
from navplan.nouns import Timetable
from navplan.units import clock

_NOTHING: Final = "Nothing."


def feed_report(path: Path | str, date: dt.date, *, crs: Any) -> str:
    """Tell what a feed holds for a day, and everything odd about it.

    For a look at a feed before it is used, and for faulty feeds: where `read_gtfs` raises, this
    tells the faults under "Refused".

    Parameters
    ----------
    path : Path or str
        A zip file, or a folder with the tables.
    date : date
        The service day.
    crs : CRS, str or int
        Projected coordinate system for the stops, in metres.

    Returns
    -------
    str
        Markdown: the feed's name, operators, dates with service; on the day the trips by means
        of travel, stops and hours; then what was refused, repaired, left out and assumed.
    """
    feed = read_feed(Path(path))
    faults: tuple[Fault, ...] = ()
    day = []
    try:
        day = _of_day(timetable_of(feed, date, crs=crs))
    except InputError as error:
        faults = error.faults
    facts = [*_of_feed(feed), *day]
    lines = [f"# Timetable feed {_line(feed.name)}, {date} ({date:%A})", "", *_items(facts)]
    lists = {"Refused": [_words(fault, feed) for fault in faults]}
    for kind in get_args(Kind):
        told = [note.text for note in feed.notices if note.kind == kind]
        lists[kind.capitalize()] = list(dict.fromkeys(told))
    for head, items in lists.items():
        lines += ["", f"## {head}", "", *(_items(items) or [_NOTHING])]
    return "\n".join(lines) + "\n"


def _items(sentences: list[str]) -> list[str]:
    return [f"- {_line(sentence)}" for sentence in sentences]


def _line(text: str) -> str:
    """Write on one line; names in a feed may hold line ends, or commands to a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _words(fault: Fault, feed: Feed) -> str:
    return str(fault).removeprefix(f"{feed.name}: ")


def _of_feed(feed: Feed) -> list[str]:
    facts = []
    operators = [name for name in texts(feed.table("agency"), "agency_name").unique() if name]
    if operators:
        facts.append(f"Operators: {some(operators)}")
    # the calendar's faults and notices stand in the feed already
    scratch = replace(feed, faults=[], notices=[])
    days = Calendar(scratch).dates(set(texts(feed.table("trips"), "service_id")))
    if days:
        span = f"{days[0]} to {days[-1]}, {amount(len(days), 'day')}"
        facts.append(f"Dates with service: {span}")
    return facts


def _of_day(day: Timetable) -> list[str]:
    means = Counter(map(means_of, day.trips["route_type"]))
    by_means = ", ".join(f"{means[name]:,} by {name}" for name in sorted(means))
    calls = day.stop_times[day.stop_times["arrival"] >= 0]
    facts = [
        f"{amount(len(day.trips), 'trip')}: {by_means}",
        f"{amount(len(day.stops), 'stop')} served",
        f"First call {clock(calls['arrival'].min())}, last {clock(calls['arrival'].max())}",
    ]
    if len(day.changes):
        facts.append(f"{amount(len(day.changes), 'rule')} for changes between stops")
    seated = int((day.trips["continues"] >= 0).sum())
    if seated:
        facts.append(f"{amount(seated, 'trip')} going on as another, passengers staying seated")
    return facts
