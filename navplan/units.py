"""Words and units that every floor shares: modes, weekdays, times of day, reasons."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, Literal

import pandas as pd

Mode = Literal["walk", "bicycle", "car", "transit"]
MODES: Final[tuple[Mode, ...]] = ("walk", "bicycle", "car", "transit")
StepFree = Literal["", "known", "unless-barred"]
STEP_FREE: Final[tuple[StepFree, ...]] = ("", "known", "unless-barred")
Quality = Literal["official", "approximate", "assumption"]
QUALITIES: Final[tuple[Quality, ...]] = ("official", "approximate", "assumption")
Language = Literal["nb", "nn", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("nb", "nn", "en")
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3600
SECONDS_PER_DAY: Final = 86_400


class Reason(StrEnum):
    """Why a zone–site pair has no time (``ok`` where it has one)."""

    OK = "ok"
    ZONE_NOT_LINKED = "zone_not_linked"
    """No street open to the mode within the snap limit of the zone."""
    SITE_NOT_LINKED = "site_not_linked"
    """No street open to the mode within the snap limit of the site."""
    NOT_CONNECTED = "not_connected"
    """Both are linked, but no way leads from one to the other."""
    BEYOND_LIMIT = "beyond_limit"
    """There is a way, but it takes longer than the profile's limit."""
    NO_SERVICE = "no_service"
    """Neither a departure nor a walk arrives in time for the percentile asked for."""


LEAST_PEOPLE: Final = 10
"""Smallest count of people that is published, besides zero [persons]."""

REASONS: Final = tuple(Reason)
"""The reasons in the order of their numbers; new ones go to the end."""


def reason_codes(words: pd.DataFrame) -> pd.DataFrame:
    """Turn reasons into their numbers.

    Parameters
    ----------
    words : DataFrame
        Words of `Reason`.

    Returns
    -------
    DataFrame
        Positions in `REASONS` (int8).

    Raises
    ------
    KeyError
        If a word is no reason.
    """
    numbers = {str(reason): number for number, reason in enumerate(REASONS)}
    return words.astype(object).map(numbers.__getitem__).astype("int8")


_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")


def seconds_of_day(clock: str) -> int:
    """Seconds after midnight of ``"HH:MM"`` or ``"HH:MM:SS"``; hours may pass 24.

    Parameters
    ----------
    clock : str
        A time of day as timetables write it.

    Returns
    -------
    int
        Seconds [s].

    Raises
    ------
    ValueError
        If the text is no time of day.
    """
    match = _CLOCK.fullmatch(clock.strip())
    if match is None:
        raise ValueError(f"{clock!r} is no time of day; expected HH:MM or HH:MM:SS.")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE + seconds


def clock(seconds: float) -> str:
    """Write seconds after midnight as ``"HH:MM"``; hours may pass 24.

    Parameters
    ----------
    seconds : float
        Seconds after midnight [s].

    Returns
    -------
    str
        The time of day, rounded down to the minute.
    """
    minutes = int(seconds // SECONDS_PER_MINUTE)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
