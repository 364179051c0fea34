"""Read and check the hand-made timetable tables that build_timetable.py turns into GTFS."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import pandera.pandas as pa

from navplan.errors import Fault, raise_faults
from navplan.tables import check
from navplan.units import QUALITIES, SECONDS_PER_MINUTE, seconds_of_day

FIRST_DAY: Final = dt.date(2018, 1, 1)
LAST_DAY: Final = dt.date(2026, 12, 31)
DAYS: Final = {"weekdays": "1111100", "saturday": "0000010", "sunday": "0000001"}
FASTEST_KM_H: Final = {"rail": 200.0, "tram": 80.0, "bus": 90.0, "water": 75.0}
_DAY: Final = r"\d{4}-\d\d-\d\d"
_CLOCK: Final = r"\d{1,2}:[0-5]\d(:[0-5]\d)?"

Tables = dict[str, pd.DataFrame]


def _column(
    kind: type,
    about: str,
    *checks: pa.Check,
    nullable: bool = False,
    required: bool = True,
    unique: bool = False,
) -> pa.Column:
    return pa.Column(
        kind, list(checks), nullable=nullable, required=required, unique=unique, description=about
    )


def _one_of(words: tuple[str, ...]) -> pa.Check:
    return pa.Check.isin(list(words), error=f"must be one of {', '.join(words)}")


def _at_least(least: float) -> pa.Check:
    return pa.Check.ge(least, error=f"must be at least {least:g}")


def _day(about: str) -> pa.Column:
    return _column(str, about, pa.Check.str_matches(f"^({_DAY})?$"), nullable=True)


def _schema(name: str, columns: dict[str, pa.Column]) -> pa.DataFrameSchema:
    source = {
        "source": _column(str, "where the row's figures come from"),
        "date": _column(str, "the day or year the figures hold for"),
        "quality": _column(str, "official, approximate or assumption", _one_of(QUALITIES)),
    }
    return pa.DataFrameSchema({**columns, **source}, name=name, strict=True, coerce=True)


SCHEMAS: Final = {
    "lines": _schema(
        "lines",
        {
            "line": _column(str, "key of the line", unique=True),
            "number": _column(str, "what stands on the vehicle", nullable=True, required=False),
            "name": _column(str, "from where to where"),
            "route_type": _column(int, "GTFS route type, basic or extended"),
            "operator": _column(str, "who runs it"),
            "operator_url": _column(str, "their address", nullable=True, required=False),
            "from_date": _day("first day, YYYY-MM-DD, or empty"),
            "to_date": _day("last day, YYYY-MM-DD, or empty"),
        },
    ),
    "line_stops": _schema(
        "line_stops",
        {
            "line": _column(str, "key of the line"),
            "order": _column(int, "1, 2, 3 …", _at_least(1)),
            "stop": _column(str, "id of the stop"),
            "minutes": _column(float, "minutes from the stop before", _at_least(0)),
        },
    ),
    "headways": _schema(
        "headways",
        {
            "line": _column(str, "key of the line"),
            "days": _column(str, "weekdays, saturday or sunday", _one_of(tuple(DAYS))),
            "from": _column(str, "HH:MM", pa.Check.str_matches(f"^{_CLOCK}$")),
            "until": _column(str, "HH:MM", pa.Check.str_matches(f"^{_CLOCK}$")),
            "headway_min": _column(
                float,
                "minutes between departures, more than 0",
                pa.Check.gt(0, error="must be more than 0"),
            ),
            "offset_min": _column(
                float, "minutes added to from", _at_least(0), nullable=True, required=False
            ),
            "direction": _column(
                str,
                "both, out or back",
                _one_of(("both", "out", "back")),
                nullable=True,
                required=False,
            ),
        },
    ),
    "stops": _schema(
        "stops",
        {
            "id": _column(str, "node of the street network", unique=True),
            "name": _column(str, "the name on the sign"),
            "x": _column(float, "easting [m]"),
            "y": _column(float, "northing [m]"),
            "opened": _day("the day the stop opened, or empty"),
        },
    ),
}


def vehicle(route_type: int) -> Literal["rail", "tram", "bus", "water"] | None:
    """Kind of vehicle of a GTFS route type.

    Parameters
    ----------
    route_type : int
        Basic (0–4) or extended (100–1099) route type.

    Returns
    -------
    {"rail", "tram", "bus", "water"} or None
        None for what no Norwegian study needs.
    """
    if route_type == 2 or 100 <= route_type < 200:
        return "rail"
    if route_type == 0 or 900 <= route_type < 1000:
        return "tram"
    if route_type == 3 or 200 <= route_type < 300 or 700 <= route_type < 800:
        return "bus"
    if route_type == 4 or 1000 <= route_type < 1100:
        return "water"
    return None


def day_of(text: object, otherwise: dt.date) -> dt.date:
    """Day of a date cell, or another day where the cell is empty.

    Parameters
    ----------
    text : object
        ``YYYY-MM-DD``, empty or missing.
    otherwise : date
        The day an empty cell stands for.

    Returns
    -------
    date

    Raises
    ------
    ValueError
        If the text is no day.
    """
    return dt.date.fromisoformat(text) if isinstance(text, str) and text else otherwise


def _line_faults(tables: Tables) -> list[Fault]:
    faults = []
    for row, line in enumerate(tables["lines"].itertuples(index=False), start=2):
        key, kind = f"row {row}, line {line.line}", int(str(line.route_type))
        if vehicle(kind) is None:
            given = f"route type {kind} is no rail, tram, bus or boat."
            faults.append(Fault("lines.csv", key, given, "Use 100, 700, 900 or 1000."))
        try:
            first, last = day_of(line.from_date, FIRST_DAY), day_of(line.to_date, LAST_DAY)
        except ValueError as error:
            faults.append(Fault("lines.csv", key, f"{error}.", "Write YYYY-MM-DD."))
            continue
        if last < first:
            given = f"ends {last}, before it begins {first}."
            faults.append(Fault("lines.csv", key, given, "Turn from_date and to_date round."))
        if first > LAST_DAY or last < FIRST_DAY:
            given = f"{first} to {last} lies outside the feed, {FIRST_DAY} to {LAST_DAY}."
            faults.append(Fault("lines.csv", key, given))
    return faults


def _opened_faults(tables: Tables) -> list[Fault]:
    faults = []
    for row, opened in enumerate(tables["stops"]["opened"], start=2):
        try:
            day_of(opened, FIRST_DAY)
        except ValueError as error:
            key = f"row {row}, opened"
            faults.append(Fault("stops.csv", key, f"{error}.", "Write YYYY-MM-DD."))
    return faults


def _stop_faults(tables: Tables) -> list[Fault]:
    where, faults = "line_stops.csv", _opened_faults(tables)
    lines = tables["lines"].set_index("line")
    stops = tables["stops"].set_index("id")
    for name, given_order in tables["line_stops"].groupby("line", sort=True):
        key, part = f"line {name}", given_order.sort_values("order")
        if name not in lines.index:
            faults.append(Fault(where, key, "no such line.", "Add it to lines.csv."))
        if sorted(part["order"]) != list(range(1, len(part) + 1)):
            given = f"order is {', '.join(map(str, part['order']))}; expected 1 to {len(part)}."
            faults.append(Fault(where, key, given, "Number the stops in one run."))
        if len(part) < 2:
            faults.append(Fault(where, key, "has one stop; expected two or more."))
        if part["minutes"].iloc[0] != 0:
            faults.append(Fault(where, key, "minutes at the first stop must be 0."))
        for stop in part["stop"]:
            if stop not in stops.index:
                remedy = "Add it to stops.csv or mend the id."
                faults.append(Fault(where, key, f"no such stop: {stop!r}.", remedy))
        if name in lines.index and set(part["stop"]) <= set(stops.index):
            faults += _hop_faults(part, lines.loc[[str(name)]].iloc[0], stops, key)
    return faults


def _hop_faults(
    part: pd.DataFrame, line: pd.Series[Any], stops: pd.DataFrame, key: str
) -> list[Fault]:
    """Find hops too fast to be true, and stops served before they opened."""
    where, faults = "line_stops.csv", []
    at = stops.loc[part["stop"]]
    km = np.hypot(np.diff(at["x"].to_numpy()), np.diff(at["y"].to_numpy())) / 1000
    minutes = part["minutes"].to_numpy()[1:]
    fastest = FASTEST_KM_H.get(vehicle(int(line["route_type"])) or "", np.inf)
    for hop, (length, time) in enumerate(zip(km, minutes, strict=True)):
        between = f"{at.index[hop]} to {at.index[hop + 1]}"
        if time <= 0:
            faults.append(Fault(where, key, f"{between} takes {time:g} min; expected more than 0."))
        elif length / time * 60 > fastest:
            given = f"{between}: {length:.1f} km in {time:g} min is over {fastest:g} km/h."
            faults.append(Fault(where, key, given, "Check the minutes and the stops' positions."))
    try:
        first = day_of(line["from_date"], FIRST_DAY)
        early = {
            stop: opened
            for stop, opened in zip(part["stop"], at["opened"], strict=True)
            if day_of(opened, FIRST_DAY) > first
        }
    except ValueError:
        return faults  # the date itself is reported with its own table
    for stop, opened in early.items():
        given = f"runs from {first}, but {stop} opened {opened}."
        faults.append(Fault(where, key, given, "Give the line a later from_date."))
    return faults


def _headway_faults(tables: Tables) -> list[Fault]:
    where = "headways.csv"
    faults: list[Fault] = []
    lines = set(tables["lines"]["line"])
    frame = departures(tables["headways"])
    stopped, leaving = set(tables["line_stops"]["line"]), set(frame["line"])
    faults += [
        *(
            Fault("line_stops.csv", f"line {n}", "has no stops.", "Add two or more.")
            for n in sorted(lines - stopped)
        ),
        *(
            Fault(where, f"line {n}", "has no departures.", "Add a row.")
            for n in sorted(lines - leaving)
        ),
        *(
            Fault(where, f"line {n}", "no such line.", "Add it to lines.csv.")
            for n in sorted(leaving - lines)
        ),
    ]
    backwards = (frame["until"] <= frame["from"]) & ~frame["single"]
    for row in frame[backwards].drop_duplicates("row").itertuples():
        given = "until is not after from with its offset (past midnight write 25:30)."
        faults.append(Fault(where, f"row {row.row}, line {row.line}", given, "Turn them round."))
    twice = frame[frame["single"] & frame.duplicated(["line", "days", "side", "from", "single"])]
    for row in twice.drop_duplicates("row").itertuples():
        given = "the same departure stands in a row above."
        faults.append(Fault(where, f"row {row.row}, line {row.line}", given, "Remove one."))
    spans = frame[frame["until"] > frame["from"]]
    for (name, days, side), part in spans.groupby(["line", "days", "side"], sort=True):
        ends = part.sort_values("from")
        if (ends["from"].to_numpy()[1:] < ends["until"].to_numpy()[:-1]).any():
            key = f"line {name}, {days}, {'out' if side == 0 else 'back'}"
            faults.append(
                Fault(where, key, "its periods overlap.", "Let one end as the next begins.")
            )
    return faults


def read_tables(folder: Path) -> Tables:
    """Read and check the four tables of a timetable folder.

    Parameters
    ----------
    folder : Path
        Holds lines.csv, line_stops.csv, headways.csv and stops.csv.

    Returns
    -------
    dict of DataFrame
        Keys ``lines``, ``line_stops``, ``headways``, ``stops``.

    Raises
    ------
    InputError
        With every fault of all tables.
    """
    tables: Tables = {}
    faults: list[Fault] = []
    for name, schema in SCHEMAS.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            faults.append(Fault(path.name, "", f"is not in {folder}.", "Add the table."))
            continue
        texts = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
        tables[name], found = check(texts, schema, where=path.name)
        faults += found
    raise_faults(faults)  # what follows needs sound columns
    raise_faults(_line_faults(tables) + _stop_faults(tables) + _headway_faults(tables))
    return tables


def departures(headways: pd.DataFrame) -> pd.DataFrame:
    """Spread the rows over both directions, with times as seconds.

    Parameters
    ----------
    headways : DataFrame
        As in headways.csv.

    Returns
    -------
    DataFrame
        Columns ``line``, ``days``, ``side`` (0 = table order, 1 = the way back), ``from`` and
        ``until`` [s after midnight] with the offset applied, ``headway_min`` [min], ``single``
        (one departure only) and ``row`` of the file; sorted.
    """
    frame = headways.reset_index(drop=True).reindex(
        columns=["line", "days", "from", "until", "headway_min", "offset_min", "direction"]
    )
    frame["row"] = frame.index + 2
    shift = frame["offset_min"].fillna(0.0).astype(float) * SECONDS_PER_MINUTE
    begin, end = frame["from"].map(seconds_of_day), frame["until"].map(seconds_of_day)
    frame["single"] = begin == end
    frame["from"] = begin + shift.round().astype(int)
    frame["until"] = end.where(~frame["single"], frame["from"])
    direction = frame["direction"].astype("string").fillna("both")
    out = frame[direction.isin(["both", "out"])].assign(side=0)
    back = frame[direction.isin(["both", "back"])].assign(side=1)
    both = pd.concat([out, back], ignore_index=True)
    return both.sort_values(["line", "days", "side", "from"], ignore_index=True)
