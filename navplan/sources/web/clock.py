"""The clock that waiting goes by; tests bring one that does not sleep."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds since some moment, never going back [s]."""
        return time.monotonic()

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait.

        Parameters
        ----------
        seconds : float
            For so long [s].
        """
        time.sleep(seconds)
