"""Where the figures come from: the tables of sources, and who is named under maps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final
from urllib.parse import urlsplit

from navplan.report.model import Cell, Table
from navplan.report.view import View

_COLUMNS: Final = ("publisher", "address", "retrieved", "licence", "attribution")
_TIMETABLES: Final = "entur"
_OSM: Final = "OpenStreetMap"
_OSM_OBJECT: Final = re.compile(rf"(?<={_OSM} contributors), (?:node|way|relation)/\d+")
_SAME: Final = ("publisher", "licence", "attribution")


def credit_line(view: View, profiles: Sequence[str]) -> str:
    """Name everyone whose data a map of this study is drawn from.

    Parameters
    ----------
    view : View
        The run.
    profiles : sequence of str
        The ways to travel that the map shows; timetables count for public transport only.

    Returns
    -------
    str
        A sentence; empty where nothing was fetched.
    """
    ridden = any(view.profiles[name]["mode"] == "transit" for name in profiles)
    named = {
        f"{row['attribution']} ({row['licence']})": None
        for row in view.run.get("fetched") or ()
        if row["attribution"] and (ridden or _service(row) != _TIMETABLES)
    }
    return view.words("map.credits", sources="; ".join(named)) if named else ""


def has_osm_offices(view: View) -> bool:
    """Tell whether any office or site is where OpenStreetMap has it.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    bool
    """
    frame = view.tables.sources
    return bool(frame.loc[frame["table"] == "offices", "source"].str.contains(_OSM).any())


def used_table(view: View) -> Table | None:
    """List the sources of the study's tables; objects of OpenStreetMap together, not one by one.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Table or None
        None where no table has rows.
    """
    w, frame = view.words, view.tables.sources
    if frame.empty:
        return None
    source = frame["source"].str.replace(_OSM_OBJECT, "", regex=True)
    same = ["table", "source", "date", "quality"]
    told = frame.assign(source=source).groupby(same, sort=False)["rows"].sum().reset_index()
    head = tuple(Cell(w(f"col.{c}"), scope="col", number=c == "rows") for c in (*same, "rows"))
    rows = [
        (
            Cell(view.table_title(str(row["table"])), scope="row", small=str(row["table"])),
            Cell(str(row["source"])),
            Cell(w.date(str(row["date"]))),
            Cell(w.quality(str(row["quality"]))),
            Cell(w.number(float(row["rows"])), number=True),
        )
        for _, row in told.iterrows()
    ]
    return Table(w("sources.table"), (head,), (tuple(rows),))


def fetched_table(view: View) -> Table | None:
    """List the services that answered, each once, with what their licences demand.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Table or None
        None where nothing was fetched.
    """
    w = view.words
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in view.run.get("fetched") or ():
        key = (_service(row), *(str(row[name]) for name in _SAME))
        groups.setdefault(key, []).append(row)
    if not groups:
        return None
    head = tuple(Cell(w(f"col.{name}"), scope="col") for name in _COLUMNS)
    rows = []
    for (service, publisher, licence, attribution), answers in groups.items():
        days = sorted({str(answer["retrieved"]) for answer in answers})
        when = " – ".join(w.date(day) for day in dict.fromkeys((days[0], days[-1])))
        address = _shared([str(answer["address"]) for answer in answers])
        texts = (address, when, licence, attribution)
        known = w.texts.get(f"publisher.{service}", publisher)
        rows.append((Cell(known, scope="row"), *(Cell(text) for text in texts)))
    return Table(w("sources.fetched"), (head,), (tuple(rows),), (w("sources.fetched_note"),))


def _service(row: Mapping[str, Any]) -> str:
    """The service a source's id begins with; a digest of what was asked follows."""
    return str(row["id"]).rpartition("-")[0]


def _shared(addresses: Sequence[str]) -> str:
    """What addresses have in common, without questions and half words."""
    parts = [urlsplit(address) for address in addresses]
    paths = [part.path.split("/") for part in parts]
    same = takewhile(lambda steps: len(set(steps)) == 1, zip(*paths, strict=False))
    return f"{parts[0].netloc}{'/'.join(steps[0] for steps in same)}".rstrip("/")
