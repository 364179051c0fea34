"""The best structure of a question, with its proof or its gap."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from navplan.locate.watch import PROVED_GAP, Status
from navplan.scenario import Scenario

if TYPE_CHECKING:  # a ranking makes solutions
    from navplan.locate.ranking import Ranking


@dataclass(frozen=True)
class Solution:
    """The best structure that was found, and how sure that is.

    Parameters
    ----------
    objective : str
        What was minimised.
    value : float
        Its value, by the function of `navplan.measures` of the same name; in minutes, persons or
        offices, see `unit`.
    bound : float
        No structure can be better than this; same unit.
    status : {"proved", "time limit", "interrupted", "count limit"}
        Why the search stopped. Only ``proved`` says that nothing is better.
    reason : str
        How that is known, or what stopped the search, in a sentence.
    scenario : Scenario
        The structure, ready to be compared, edited and reported like any other.
    share_without_time : float
        Share of the people who have no time to any of its offices [0–1]; the value is about the
        others.
    seconds : float
        How long the search took [s].
    seed : int
        Seed of its random steps: the same seed gives the same search.
    unit : {"min", "persons", "offices"}
        Unit of value and bound.
    assigned : Series or None
        Zone → site, where it is not simply the nearest.
    ranking : Ranking or None
        Every structure with its rank, where all were tried.
    """

    objective: str
    value: float
    bound: float
    status: Status
    reason: str
    scenario: Scenario
    share_without_time: float
    seconds: float = field(default=0.0, compare=False)
    seed: int = 0
    unit: str = "min"
    assigned: pd.Series[str] | None = field(default=None, repr=False, compare=False)
    ranking: Ranking | None = field(default=None, repr=False, compare=False)

    @property
    def gap(self) -> float:
        """Value less bound, in the unit of the value; 0 where it is proved."""
        difference = self.value - self.bound
        return 0.0 if difference <= PROVED_GAP * max(1.0, abs(self.value)) else difference

    @property
    def proved(self) -> bool:
        """Whether it is known that nothing is better."""
        return self.status == "proved"
