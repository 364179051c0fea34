"""What a solver hands back: sites, value, bound, and why it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from navplan.errors import InfeasibleError
from navplan.locate.array_types import Ints
from navplan.locate.watch import PROVED_GAP, Status


class NotFoundError(InfeasibleError):
    """The search ended before it found anything, which does not say that there is nothing."""

    @classmethod
    def of(cls, what: str) -> Self:
        """Say what was not found.

        Parameters
        ----------
        what : str
            What was looked for, for example ``"division of the areas"``.

        Returns
        -------
        NotFoundError
            To be raised.
        """
        remedy = "Allow more time, or ask for less."
        return cls(f"no {what} was found before the search ended; there may be one. {remedy}")


@dataclass(frozen=True, eq=False)
class Found:
    """Answer of a solver, in positions of its arrays.

    Parameters
    ----------
    sites : array of int
        Positions of the chosen sites, rising.
    value : float
        Value of the choice, summed up anew from the times, in the unit of the question.
    bound : float
        No choice is better than this; never above `value`.
    status : {"proved", "time limit", "interrupted", "count limit"}
        Why the search stopped.
    seconds : float
        How long it took [s].
    seed : int
        Seed of its random steps.
    nodes : int
        Parts of the search tree looked at.
    assigned : array of int or None
        Position of each client's site where it is not simply the nearest.
    """

    sites: Ints
    value: float
    bound: float
    status: Status
    seconds: float
    seed: int
    nodes: int = 0
    assigned: Ints | None = None

    @property
    def gap(self) -> float:
        """Value less bound, as a share of the value [0–1]; 0 where it is proved."""
        difference = self.value - self.bound
        if difference <= PROVED_GAP * abs(self.value):
            return 0.0
        return difference / abs(self.value)
