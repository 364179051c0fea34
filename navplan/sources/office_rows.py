"""One row of an office table: codes, words, position and hours, each read or refused by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from navplan.sources.office_addresses import Address, read_address
from navplan.sources.office_headings import (
    BY_APPOINTMENT,
    CLOSED,
    GONE,
    IN_USE,
    KINDS,
    NO,
    UNKNOWN,
    YES,
    plain,
)
from navplan.units import WEEKDAYS

_DIGITS: Final = re.compile(r"\d{1,4}", re.ASCII)
_CODE_LENGTH: Final = 4
_NUMBER: Final = re.compile(r"[+-]?\d{1,10}(\.\d*)?", re.ASCII)
_COMMA: Final = re.compile(r"[+-]?\d{1,3}(?:\s\d{3})*,\d+|[+-]?\d+,\d+", re.ASCII)
_SPACED: Final = re.compile(r"[+-]?\d{1,3}(\s\d{3})+(\.\d*)?", re.ASCII)
_FULL_TURN: Final = 180.0
_SPAN: Final = re.compile(
    r"(?P<opens>\d{1,2}(?:[.:]?\d\d)?)\s*(?:-|–|til|to)\s*(?P<closes>\d{1,2}(?:[.:]?\d\d)?)"
)
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[.:]?(\d\d))?")
_HOURS_IN_DAY: Final = 24
_MINUTES_IN_HOUR: Final = 60


@dataclass
class OfficeRow:
    """What a row says, and what is wrong with it.

    Parameters
    ----------
    label : str
        What the row is called, for example ``"row 2"``.
    id : str
        Empty where it cannot be read.
    values : dict
        Our text columns, without id, position and hours.
    position : tuple of float, optional
        East and north, in degrees or metres as `degrees` tells.
    degrees : bool
        Whether the position is longitude and latitude.
    hours : list of tuple
        Weekday, opens, closes.
    left_out : bool
        Whether the office is closed down or has no reception.
    faults : list of tuple
        Column, problem, remedy.
    notices : list of str
        What was read although it is not written as it should be.
    """

    label: str
    id: str = ""
    values: dict[str, str] = field(default_factory=dict)
    position: tuple[float, float] | None = None
    degrees: bool = False
    hours: list[tuple[str, str, str]] = field(default_factory=list)
    left_out: bool = False
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_row(
    given: Mapping[str, str], *, label: str, renumbered: Mapping[str, Sequence[str]]
) -> OfficeRow:
    """Read one row of an office table.

    Parameters
    ----------
    given : mapping
        Our columns (see `navplan.sources.office_headings.HEADINGS`) → the texts of the row; only
        columns that the table has.
    label : str
        What the row is called in faults and notices.
    renumbered : mapping of str to sequence of str
        Old kommune number → those that came of it.

    Returns
    -------
    OfficeRow
        With all that is wrong; nothing is raised.
    """
    row = OfficeRow(label)
    row.id = _id(row, given)
    if not given.get("name"):
        row.faults.append(("name", "is empty; a value is needed.", "Give the office's name."))
    address = _address(row, given)
    row.values = {
        "name": given.get("name", ""),
        "kind": _kind(row, given.get("kind", "")),
        "area": given.get("area", ""),
        "kommune": _kommune(row, given.get("kommune", ""), renumbered),
        "street": address.street,
        "number": address.number,
        "letter": address.letter,
        "postcode": address.postcode,
        "place": address.place,
        "address": str(address),
        "step_free": _yes_no(row, "step_free", given.get("step_free", "")),
    }
    _position(row, given)
    if row.position is None and not (address.postcode or address.street):
        problem = "has neither an address nor a position."
        row.faults.append(("", problem, "Give street, number and postcode, or a position."))
    for weekday in WEEKDAYS:
        _hours(row, weekday, given.get(weekday, ""))
    _in_use(row, given)
    return row


def _id(row: OfficeRow, given: Mapping[str, str]) -> str:
    if "enhet" in given:
        return _code(row, "enhetNr", given["enhet"], needed=True)
    text = given["id"]
    if not text:
        row.faults.append(("id", "is empty; a value is needed.", "Give each office an id."))
    elif re.search(r"\s", text):
        row.faults.append(("id", f"{text!r} holds a space.", "Use a short name without spaces."))
    return text


def _code(row: OfficeRow, key: str, text: str, *, needed: bool = False) -> str:
    """A code of four digits; zeros that a spreadsheet dropped are put back."""
    if not text and not needed:
        return ""
    if _DIGITS.fullmatch(text) is None or not int(text):
        problem = f"{text[:40]!r} is no {key}." if text else "is empty; a value is needed."
        row.faults.append((key, problem, "It has four digits, as text: 0301."))
        return ""
    if len(text) < _CODE_LENGTH:
        row.notices.append(f"{key} had lost its leading zeros; they are put back.")
    return text.zfill(_CODE_LENGTH)


def _kommune(row: OfficeRow, text: str, renumbered: Mapping[str, Sequence[str]]) -> str:
    if text and not text[0].isdigit():
        row.faults.append(("kommune", f"{text[:40]!r} is no number.", "Give its four digits."))
        return ""
    code = _code(row, "kommune", text)
    new = renumbered.get(code, ())
    if len(new) == 1:
        row.notices.append(f"kommune {code} is an old number; {new[0]} is used.")
        return new[0]
    if len(new) > 1:
        problem = f"kommune {code} is an old number; it became {', '.join(new)}."
        row.faults.append(("kommune", problem, "Give the one that the office lies in today."))
    return code


def _address(row: OfficeRow, given: Mapping[str, str]) -> Address:
    found = read_address(given.get("address", "") or given.get("street", ""))
    if found.notice:
        row.notices.append(found.notice)
    postcode = _code(row, "postcode", given.get("postcode", "") or found.postcode)
    number, letter = given.get("number", ""), given.get("letter", "").upper()
    joined = re.fullmatch(r"(\d{1,5})\s*([A-Za-zÆØÅæøå])?", number)
    if number and joined is None:
        problem = f"{number[:40]!r} is no house number."
        row.faults.append(("number", problem, "Give digits, and the letter in its own column."))
        number = ""
    elif joined is not None:
        number, letter = joined[1], letter or (joined[2] or "").upper()
    if number and found.number and number != found.number:
        problem = f"the street says {found.number}, the column {number}."
        row.faults.append(("number", problem, "Correct one of them."))
    return Address(
        street=found.street,
        number=number or found.number,
        letter=letter or found.letter,
        postcode=postcode,
        place=given.get("place", "") or found.place,
    )


def _kind(row: OfficeRow, text: str) -> str:
    kind = KINDS.get(plain(text))
    if kind is None:
        problem = f"{text[:40]!r} is no kind of office."
        row.faults.append(("kind", problem, "Use office, counter, outreach or possible."))
        return ""
    return kind


def _yes_no(row: OfficeRow, key: str, text: str) -> str:
    word = plain(text)
    for answer, words in (("yes", YES), ("no", NO), ("unknown", UNKNOWN)):
        if word in words:
            return answer
    row.faults.append((key, f"{text[:40]!r} is neither yes nor no.", "Use yes, no or unknown."))
    return ""


def _position(row: OfficeRow, given: Mapping[str, str]) -> None:
    """Take degrees where the table has both: they name their own system."""
    for east, north, degrees in (("lon", "lat", True), ("x", "y", False)):
        texts = given.get(east, ""), given.get(north, "")
        if not any(texts):
            continue
        if not all(texts):
            key = east if not texts[0] else north
            row.faults.append((key, "is empty, but the other is not.", "Give both or neither."))
            return
        numbers = [_number(row, key, text, degrees=degrees)
                   for key, text in zip((east, north), texts, strict=True)]  # fmt: skip
        if numbers[0] is not None and numbers[1] is not None:
            row.position, row.degrees = (numbers[0], numbers[1]), degrees
        return


def _number(row: OfficeRow, key: str, text: str, *, degrees: bool) -> float | None:
    text = text.replace("\xa0", " ").replace("−", "-")
    if _NUMBER.fullmatch(text):
        return float(text)
    if _SPACED.fullmatch(text):
        row.notices.append(f"{key} has spaces between thousands; read so.")
        return float(re.sub(r"\s", "", text))
    if _COMMA.fullmatch(text):
        value = float(re.sub(r"\s", "", text).replace(",", "."))
        thousands = re.fullmatch(r"[+-]?\d{1,3},\d{3}", text)
        if thousands and not degrees:
            problem = f"{text!r} can be read in two ways."
            row.faults.append(
                (key, problem, "Write thousands without a mark, decimals by a point.")
            )
            return None
        if not degrees or abs(value) <= _FULL_TURN:
            row.notices.append(f"{key} has a decimal comma; read so.")
            return value
    row.faults.append((key, f"{text[:40]!r} is no number.", "Write digits and a point."))
    return None


def _hours(row: OfficeRow, weekday: str, text: str) -> None:
    """Read ``10:00-14:00``, ``10-14``, ``10.00–12.00 og 13.00–15.00``; or why there are none."""
    if plain(text) in CLOSED:
        return
    if plain(text) in BY_APPOINTMENT:
        row.notices.append("hours by appointment are no drop-in hours; left out.")
        return
    last = ""
    spans = []
    for part in re.split(r"\s*(?:,|;|&|/|\bog\b|\band\b)\s*", text.strip()):
        span = _SPAN.fullmatch(re.sub(r"(?i)^kl\.?\s*", "", part))
        opens, closes = (_clock(span["opens"]), _clock(span["closes"])) if span else ("", "")
        if not opens or not closes or not last <= opens < closes:
            problem = f"{text[:40]!r} are no opening hours."
            row.faults.append((weekday, problem, "Write 10:00-14:00, or closed."))
            return
        spans.append((weekday, opens, closes))
        last = closes
    row.hours += spans


def _clock(text: str) -> str:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return ""
    hour, minute = int(match[1]), int(match[2] or 0)
    good = hour < _HOURS_IN_DAY or (hour == _HOURS_IN_DAY and minute == 0)
    return f"{hour:02}:{minute:02}" if good and minute < _MINUTES_IN_HOUR else ""


def _in_use(row: OfficeRow, given: Mapping[str, str]) -> None:
    name = f"{row.id} {given.get('name', '')}".strip()
    status = plain(given.get("status", ""))
    if status in GONE:
        row.left_out = True
        row.notices.append(f"{name} is closed down; left out.")
    elif status not in IN_USE:
        problem = f"{given['status'][:40]!r} is no status."
        row.faults.append(("status", problem, "Use aktiv or nedlagt."))
    reception = plain(given.get("reception", ""))
    if reception in NO:
        row.left_out = True
        row.notices.append(f"{name} has no public reception; left out.")
    elif reception not in (*YES, *UNKNOWN):
        problem = f"{given['reception'][:40]!r} is neither yes nor no."
        row.faults.append(("publikumsmottak", problem, "Use ja or nei."))
