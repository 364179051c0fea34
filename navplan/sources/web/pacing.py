"""The pace a service allows: so many calls in any window of time."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from navplan.sources.web.clock import Clock
from navplan.sources.web.service import Service


class Pacer:
    """Keeps every service's pace, for one thread.

    Parameters
    ----------
    clock : Clock
        What waiting goes by.
    tell : callable
        Gets a sentence where one must wait.
    """

    def __init__(self, clock: Clock, tell: Callable[[str], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    @contextmanager
    def call(self, service: Service) -> Iterator[None]:
        """Wait until the service may be called, and count the call.

        Parameters
        ----------
        service : Service
            Whose pace.

        Yields
        ------
        None
            While the call lasts.
        """
        if service.calls is None:
            yield
            return
        calls = self._calls[service.id]
        while len(calls) > service.calls:
            calls.popleft()
        if len(calls) == service.calls:
            wait = calls[0] + service.window_s - self._clock.monotonic()
            if wait > 0:
                self._tell(
                    f"{service.publisher} takes {service.calls} calls in {service.window_s:g} s: "
                    f"waiting {wait:.0f} s."
                )
                self._clock.sleep(wait)
        try:
            yield
        finally:
            # Counted when it ends: however long it was on its way, the service got it before.
            calls.append(self._clock.monotonic())
