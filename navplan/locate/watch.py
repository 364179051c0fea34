"""How long a search may go on, who is told of its gap, and how it stops with what it has."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Status: TypeAlias = Literal["proved", "time limit", "interrupted", "count limit"]
"""Why a search stopped; only ``proved`` says that nothing is better."""

PROVED_GAP: Final = 1e-9
"""Two values this close are one: bounds are sums of floats [share of the value]."""


@dataclass(frozen=True)
class Gap:
    """How far a search has come.

    Parameters
    ----------
    step : str
        What is being done, for example ``"search"``.
    value : float
        Value of the best answer so far; inf where there is none.
    bound : float
        Nothing can be better than this.
    seconds : float
        Since the search began [s].
    nodes : int
        Parts of the search tree looked at.
    """

    step: str
    value: float
    bound: float
    seconds: float
    nodes: int = 0

    @property
    def share(self) -> float:
        """Gap as a share of the value [0–1]; inf where there is no answer or no bound."""
        difference = self.value - self.bound
        if difference <= 0:
            return 0.0
        return difference / abs(self.value) if abs(self.value) < float("inf") else float("inf")


def silent(gap: Gap) -> None:
    """Tell nobody.

    Parameters
    ----------
    gap : Gap
        Not looked at.
    """


@dataclass(frozen=True)
class Watch:
    """Limits of one search, and who is told how it goes.

    Parameters
    ----------
    limit_s : float
        Longest it may take [s]; inf for no limit.
    tell : callable
        Called with a `Gap` now and then.
    seed : int
        Seed of every random step: the same seed gives the same search.
    began : float
        When it began, by `time.monotonic`.
    """

    limit_s: float = float("inf")
    tell: Callable[[Gap], None] = silent
    seed: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Time since it began [s]."""
        return time.monotonic() - self.began

    @property
    def left_s(self) -> float:
        """Time that is left [s]; never below 0."""
        return max(0.0, self.limit_s - self.seconds)

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.seconds >= self.limit_s
