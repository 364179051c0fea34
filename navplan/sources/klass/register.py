"""KLASS, Statistics Norway's register of classifications: codes, changes, correspondences.

Frames keep the register's own column names. Dates are ISO texts; `from` is included, `to` is not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from navplan.errors import Fault, FetchError, raise_faults
from navplan.nouns.source import is_day
from navplan.nouns.spreadsheets import on_one_line
from navplan.sources.extracts import Extract
from navplan.sources.ssb_service import LICENCE, PUBLISHER, SSB
from navplan.sources.web import Fetched, Service, Web

KLASS: Final = Service(
    id="klass",
    publisher=PUBLISHER,
    address="https://data.ssb.no/api/klass/v1",
    licence=LICENCE,
    attribution=SSB.attribution,
)

KOMMUNE: Final = 131
FYLKE: Final = 104
BYDEL: Final = 103
GRUNNKRETS: Final = 1

BYDEL_GRUNNKRETS_TABLE: Final = 2815
"""Correspondence between bydeler and grunnkretser of 2026."""

CODE_COLUMNS: Final = ("code", "parentCode", "level", "name", "shortName", "validFrom", "validTo")
CHANGE_COLUMNS: Final = ("oldCode", "oldName", "newCode", "newName", "changeOccurred")
PAIR_COLUMNS: Final = ("sourceCode", "sourceName", "targetCode", "targetName")

_NONE_SUCH: Final = frozenset({400, 404})
"""What the register answers where it has no correspondence for a day."""
_DIGITS_BYDEL: Final = 6
_DIGITS_GRUNNKRETS: Final = 8


def codes_at(web: Web, classification: int, day: str) -> Extract:
    """The codes of a classification on one day.

    Parameters
    ----------
    web : Web
        The way to the network.
    classification : int
        For example `KOMMUNE`.
    day : str
        ISO date.

    Returns
    -------
    Extract
        `CODE_COLUMNS`; empty texts where the register has nothing. Names in bokmål.

    Raises
    ------
    InputError
        If the day is no date.
    FetchError
        If the register cannot be asked, or has no codes on that day.
    """
    _check_days(day)
    path, name = f"classifications/{classification}/codesAt", f"codes of {day}"
    fetched = _get(web, path, {"date": day}, f"{name} in classification {classification}")
    frame = _frame(fetched, "codes", CODE_COLUMNS, needed=("code", "name"))
    if frame.empty:
        raise FetchError(
            f"KLASS has no {name} in classification {classification}. Ask for another day."
        )
    return Extract(frame, (fetched.source,))


def codes_between(web: Web, classification: int, first: str, end: str) -> Extract:
    """The codes of a classification that held at any time between two days.

    Parameters
    ----------
    web : Web
        The way to the network.
    classification : int
        For example `BYDEL`.
    first, end : str
        ISO dates; the last is not included.

    Returns
    -------
    Extract
        `CODE_COLUMNS`, a code once for each period in which it held under one name.

    Raises
    ------
    InputError
        If a day is no date, or they are the wrong way round.
    FetchError
        If the register cannot be asked.
    """
    _check_days(first, end)
    path = f"classifications/{classification}/codes"
    name = f"codes of {first} to {end} in classification {classification}"
    fetched = _get(web, path, {"from": first, "to": end}, name)
    return Extract(
        _frame(fetched, "codes", CODE_COLUMNS, needed=("code", "name")), (fetched.source,)
    )


def changes(web: Web, classification: int, first: str, end: str) -> Extract:
    """What became of codes between two days.

    Parameters
    ----------
    web : Web
        The way to the network.
    classification : int
        For example `KOMMUNE`.
    first, end : str
        ISO dates; the last is not included.

    Returns
    -------
    Extract
        `CHANGE_COLUMNS`, by date. No old code: a new unit; no new code: it ended. A merger has
        several rows with one new code, a split several with one old code.

    Raises
    ------
    InputError
        If a day is no date, or they are the wrong way round.
    FetchError
        If the register cannot be asked.
    """
    _check_days(first, end)
    path = f"classifications/{classification}/changes"
    name = f"changes of {first} to {end} in classification {classification}"
    fetched = _get(web, path, {"from": first, "to": end}, name)
    frame = _frame(fetched, "codeChanges", CHANGE_COLUMNS, needed=("changeOccurred",))
    frame = frame.sort_values(["changeOccurred", "oldCode", "newCode"], ignore_index=True)
    return Extract(frame, (fetched.source,))


def corresponds_at(web: Web, source: int, target: int, day: str) -> Extract:
    """Which codes of two classifications belong together on one day.

    Parameters
    ----------
    web : Web
        The way to the network.
    source, target : int
        Classifications, for example `BYDEL` and `GRUNNKRETS`.
    day : str
        ISO date.

    Returns
    -------
    Extract
        `PAIR_COLUMNS`.

    Raises
    ------
    InputError
        If the day is no date.
    FetchError
        If the register cannot be asked or has no such correspondence.
    """
    found = _pairs_at(web, source, target, day)
    if found.frame.empty:
        raise FetchError(
            f"KLASS has no correspondence of {source} and {target} on {day}. Ask for another day."
        )
    return found


def _pairs_at(web: Web, source: int, target: int, day: str) -> Extract:
    """As `corresponds_at`, but empty where the register has none."""
    _check_days(day)
    name = f"correspondence of {source} and {target} on {day}"
    params = {"targetClassificationId": str(target), "date": day}
    try:
        fetched = _get(web, f"classifications/{source}/correspondsAt", params, name)
    except FetchError as error:
        if error.status not in _NONE_SUCH:
            raise
        return Extract(pd.DataFrame(columns=list(PAIR_COLUMNS), dtype="str"), ())
    frame = _frame(fetched, "correspondenceItems", PAIR_COLUMNS, needed=PAIR_COLUMNS[::2])
    return Extract(frame, (fetched.source,))


def correspondence(web: Web, table: int) -> Extract:
    """A correspondence table by its number.

    Parameters
    ----------
    web : Web
        The way to the network.
    table : int
        For example `BYDEL_GRUNNKRETS_TABLE`.

    Returns
    -------
    Extract
        `PAIR_COLUMNS`.

    Raises
    ------
    FetchError
        If the register cannot be asked or the table is empty.
    """
    name = f"correspondence table {table}"
    fetched = _get(web, f"correspondencetables/{table}", {}, name)
    frame = _frame(fetched, "correspondenceMaps", PAIR_COLUMNS, needed=PAIR_COLUMNS[::2])
    if frame.empty:
        raise FetchError(f"KLASS's {name} is empty.")
    return Extract(frame, (fetched.source,))


def bydel_grunnkretser(web: Web, kommuner: Sequence[str], day: str) -> Extract:
    """Which grunnkretser make up the bydeler of some kommuner.

    Parameters
    ----------
    web : Web
        The way to the network.
    kommuner : sequence of str
        Of the four that have bydeler.
    day : str
        ISO date.

    Returns
    -------
    Extract
        `PAIR_COLUMNS`; the source is the bydel (six digits), the target the grunnkrets (eight).
        Where the register has no correspondence for the day, table 2815 is taken, with a notice.

    Raises
    ------
    FetchError
        If the register cannot be asked, or has no pairs for a kommune.
    """
    notices: tuple[str, ...] = ()
    found = _pairs_at(web, BYDEL, GRUNNKRETS, day)
    if found.frame.empty:
        found = correspondence(web, BYDEL_GRUNNKRETS_TABLE)
        others = f"those of 2026 (table {BYDEL_GRUNNKRETS_TABLE}) were taken"
        notices = (f"KLASS has no bydeler and grunnkretser of {day}; {others}.",)
    frame = found.frame
    if frame["sourceCode"].str.len().eq(_DIGITS_GRUNNKRETS).all():  # drawn up the other way
        frame = frame.set_axis([*PAIR_COLUMNS[2:], *PAIR_COLUMNS[:2]], axis=1)[list(PAIR_COLUMNS)]
    fits = frame["sourceCode"].str.len().eq(_DIGITS_BYDEL) & frame["targetCode"].str.len().eq(
        _DIGITS_GRUNNKRETS
    )
    kept = frame[fits & frame["sourceCode"].str[:4].isin(list(kommuner))]
    if missing := [one for one in kommuner if not kept["sourceCode"].str.startswith(one).any()]:
        raise FetchError(
            f"KLASS names no grunnkretser of bydeler for {', '.join(missing)}. Only Oslo (0301), "
            "Stavanger (1103), Bergen (4601) and Trondheim (5001) have bydeler."
        )
    return Extract(kept.reset_index(drop=True), found.sources, notices)


def _get(web: Web, path: str, params: Mapping[str, str], name: str) -> Fetched:
    return web.get(KLASS, path, params={"language": "nb", **params}, name=name)


def _frame(
    fetched: Fetched, key: str, columns: Sequence[str], *, needed: Collection[str]
) -> pd.DataFrame:
    document = fetched.json()
    items: Any = document.get(key) if isinstance(document, Mapping) else None
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise FetchError(
            f"KLASS: the answer has no list {key}. The register has changed: navplan must learn "
            "its new form."
        )
    for item in items:
        if lost := [column for column in needed if not item.get(column)]:
            raise FetchError(f"KLASS: an entry of {key} has no {lost[0]}: {str(dict(item))[:120]}.")
    rows = {column: [_text(item.get(column)) for item in items] for column in columns}
    return pd.DataFrame(rows, columns=list(columns), dtype="str")


def _text(thing: object) -> str:
    return "" if thing is None else on_one_line(str(thing))


def _check_days(*days: str) -> None:
    faults = [
        Fault("date", "", f"{day!r} is no date.", "Write it like 2026-01-01.")
        for day in days
        if not is_day(day)
    ]
    if not faults and list(days) != sorted(days):
        faults.append(Fault("date", "", f"{days[0]} is after {days[-1]}.", "Turn them round."))
    raise_faults(faults)
