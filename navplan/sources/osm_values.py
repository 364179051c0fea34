"""What OpenStreetMap's values say: speeds, durations, hours of sailing, surfaces."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from navplan.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, seconds_of_day

ZONE_KM_H: Final[Mapping[str, float]] = {
    "urban": 50.0,
    "rural": 80.0,
    "motorway": 110.0,
    "living_street": 15.0,
}
"""Words of ``maxspeed`` → Norway's general limits [km/h]; the last one, for "gangfart", and 110,
the most that is posted, are assumptions."""
WALK_KM_H: Final = 7.0
"""``maxspeed=walk``: no number stands in the law; an assumption."""
_SPEED: Final = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(mph|km/h|kmh)?")
_COUNTRY: Final = re.compile(r"[A-Z]{2}:")
_ZONE: Final = re.compile(r"zone:?(\d{1,3})")
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})|(\d{1,4})")
_ISO: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")

_DAY: Final = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_DAYS: Final = re.compile(rf"{_DAY}(?:\s*-\s*{_DAY})?(?:\s*,\s*{_DAY}(?:\s*-\s*{_DAY})?)*")
_SPAN: Final = re.compile(r"\s*(\d{1,2}:[0-5]\d)\s*-\s*(\d{1,2}:[0-5]\d)\s*")

_PAVED: Final = frozenset(
    {"asphalt", "paved", "concrete", "concrete:plates", "concrete:lanes", "paving_stones", "metal",
     "wood", "chipseal", "bricks", "brick", "tiles", "rubber", "tartan", "deck", "plastic"}
)  # fmt: skip
_ROUGH: Final = frozenset(
    {"sett", "cobblestone", "cobblestone:flattened", "unhewn_cobblestone", "metal_grid",
     "grass_paver", "stone"}
)  # fmt: skip
_UNPAVED: Final = frozenset(
    {"unpaved", "compacted", "fine_gravel", "gravel", "pebblestone", "ground", "dirt", "earth",
     "grass", "mud", "sand", "woodchips", "rock", "snow", "ice", "clay", "shells"}
)  # fmt: skip
IMPASSABLE: Final = frozenset({"very_bad", "horrible", "very_horrible", "impassable"})
"""``smoothness`` that stops a wheelchair."""


def speed_km_h(text: str) -> float:
    """Posted speed of a ``maxspeed`` tag; NaN where it says none.

    Parameters
    ----------
    text : str
        For example ``"60"``, ``"30 mph"``, ``"50;60"`` (the lower counts), ``"NO:urban"``,
        ``"NO:zone30"``, ``"NO:30"`` or ``"walk"``.

    Returns
    -------
    float
        Speed [km/h]; words stand for `ZONE_KM_H`, of whatever country they are. ``none`` and
        ``signals`` are NaN: the class of the road then tells.
    """
    speeds = [_one_speed(part.strip()) for part in text.split(";")]
    # min() would let a NaN win or lose by its place; and one and the same NaN makes ways equal.
    return min((speed for speed in speeds if speed > 0), default=math.nan)


def _one_speed(text: str) -> float:
    if (country := _COUNTRY.match(text)) is not None:
        text = text[country.end() :]
    if text == "walk":
        return WALK_KM_H
    zone = text.rpartition(":")[2] if not text.startswith("zone:") else text
    if zone in ZONE_KM_H:
        return ZONE_KM_H[zone]
    if (numbered := _ZONE.search(text)) is not None:
        return float(numbered[1])
    match = _SPEED.fullmatch(text)
    if match is None:
        return math.nan
    return float(match[1]) * (1.609344 if match[2] == "mph" else 1.0)


def crossing_minutes(text: str) -> float:
    """Minutes of a ``duration`` or ``interval`` tag; NaN where it says none.

    Parameters
    ----------
    text : str
        ``HH:MM``, ``HH:MM:SS``, minutes, or ISO 8601 such as ``PT1H20M``.

    Returns
    -------
    float
        Minutes [min].
    """
    text = text.strip()
    minutes = 0.0
    if (match := _CLOCK.fullmatch(text)) is not None:
        if match[4] is not None:
            minutes = float(match[4])
        elif match[1] is not None:
            minutes = int(match[1]) * 60 + int(match[2]) + int(match[3]) / 60
        else:
            minutes = int(match[2]) * 60 + int(match[3])
    elif (iso := _ISO.fullmatch(text)) is not None:
        hours, whole, seconds = (int(part or 0) for part in iso.groups())
        minutes = hours * 60 + whole + seconds / 60
    return float(minutes) if minutes > 0 else math.nan


def sailing_hours(text: str) -> tuple[float, float] | None:
    """First and last sailing that ``opening_hours`` or ``service_times`` tell of.

    Parameters
    ----------
    text : str
        ``HH:MM-HH:MM``, also several, each with or without days of the week, or ``24/7``:
        ``"Mo-Fr 05:30-23:00; Sa,Su 08:00-22:00"``.

    Returns
    -------
    tuple of float or None
        The widest span of all days [s after midnight]; past 24 h where it ends next morning; two
        NaN for all day; None where the text is more than this and nothing can be said.
    """
    if text.strip() == "24/7":
        return math.nan, math.nan
    spans = []
    for rule in text.split(";"):
        hours = rule.strip()
        if (days := _DAYS.match(hours)) is not None:
            hours = hours[days.end() :].strip()
            if hours in {"off", "closed"}:
                continue
        for part in hours.split(","):
            match = _SPAN.fullmatch(part)
            if match is None:
                return None
            start, end = seconds_of_day(match[1]), seconds_of_day(match[2])
            spans.append((start, end if end > start else end + SECONDS_PER_DAY))
    if not spans:
        return None
    first, last = float(min(s for s, _ in spans)), float(max(e for _, e in spans))
    if (
        last > first + SECONDS_PER_DAY
        or last > 2 * SECONDS_PER_DAY
        or first > 24 * SECONDS_PER_HOUR
    ):
        return None
    return first, last


def surface(tags: Mapping[str, str]) -> str:
    """One of `tables.SURFACES` of a way's tags; "" where nothing is said.

    Parameters
    ----------
    tags : mapping of str to str
        ``surface``, ``smoothness``, ``tracktype`` and ``wheelchair`` are read.

    Returns
    -------
    str
        "paved" says that nothing known speaks against a wheelchair: ``smoothness=bad`` and worse
        and ``wheelchair=limited`` make "rough" of it, and ``wheelchair=yes`` says it by itself.
    """
    wheelchair = tags.get("wheelchair", "")
    if wheelchair in {"yes", "designated"}:
        return "paved"
    kind = tags.get("surface", "").split(";")[0].strip()
    if kind in _UNPAVED or (not kind and tags.get("tracktype", "grade1") != "grade1"):
        return "unpaved"
    uneven = tags.get("smoothness", "") in {"bad", *IMPASSABLE} or wheelchair == "limited"
    if kind in _ROUGH or (uneven and kind in _PAVED):
        return "rough"
    return "paved" if kind.split(":")[0] in _PAVED else ""
