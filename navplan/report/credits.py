"""Who is to be named for what a study fetched: the list of sources, and the line under maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final
from urllib.parse import urlsplit

from navplan.report.model import Cell, Table
from navplan.report.view import View

_COLUMNS: Final = ("publisher", "address", "retrieved", "licence", "attribution")
_TIMETABLES: Final = "entur"
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
    for (_, publisher, licence, attribution), answers in groups.items():
        days = sorted({str(answer["retrieved"]) for answer in answers})
        when = " – ".join(w.date(day) for day in dict.fromkeys((days[0], days[-1])))
        address = _shared([str(answer["address"]) for answer in answers])
        texts = (address, when, licence, attribution)
        rows.append((Cell(publisher, scope="row"), *(Cell(text) for text in texts)))
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
