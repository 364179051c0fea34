"""Asking again: how often, and after how long a wait."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from navplan.errors import FetchError
from navplan.sources.web.clock import Clock

TRIES: Final = 5
FIRST_WAIT_S: Final = 1.0
MOST_WAIT_S: Final = 120.0
"""A service that asks for a longer pause is not asked again in this run [s]."""

T = TypeVar("T")


class PassingError(Exception):
    """A trouble that may be over when one asks again.

    Parameters
    ----------
    error : FetchError
        What to say where it is not.
    wait_s : float, optional
        The pause the service asks for [s].
    """

    def __init__(self, error: FetchError, *, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


def patiently(
    attempt: Callable[[], T],
    *,
    clock: Clock,
    dice: random.Random,
    tell: Callable[[str], None],
    progress: Callable[[], int] = lambda: 0,
) -> T:
    """Try until it works, five times at most, with growing waits between.

    Parameters
    ----------
    attempt : callable
        Raises `PassingError` where another try may help.
    clock : Clock
        What waiting goes by.
    dice : Random
        Spreads the waits, so that several who were turned away do not come back together.
    tell : callable
        Gets a sentence at every wait.
    progress : callable, optional
        How far the work has come; the tries are counted anew when it has grown.

    Returns
    -------
    object
        What the attempt gave.

    Raises
    ------
    FetchError
        If no try worked, or the service asks for a longer pause than `MOST_WAIT_S`.
    """
    tries, reached = 0, progress()
    while True:
        try:
            return attempt()
        except PassingError as trouble:
            now = progress()
            tries, reached = (1, now) if now > reached else (tries + 1, reached)
            wait = FIRST_WAIT_S * 2.0 ** (tries - 1) * dice.uniform(0.5, 1.5)
            if trouble.wait_s is not None:
                wait = max(wait, trouble.wait_s)
            if tries == TRIES or wait > MOST_WAIT_S:
                raise trouble.error from trouble.__cause__
            tell(f"{trouble.error.problem} Trying again in {wait:.0f} s.")
            clock.sleep(wait)


def pause_asked(value: str | None, now: datetime) -> float | None:
    """Read a ``Retry-After`` header.

    Parameters
    ----------
    value : str or None
        Seconds, or a date as HTTP writes it.
    now : datetime
        With a time zone.

    Returns
    -------
    float or None
        The pause [s], not negative; None where the header is absent or says nothing.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            then = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        seconds = (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
