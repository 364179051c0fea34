"""Every division of whole areas up to a limit, by the exact program repeated.

A division that was found is ruled out by a no-good cut (Balas and Jeroslow, "Canonical cuts on the
unit hypercube", SIAM Journal on Applied Mathematics 23 (1972), doi:10.1137/0123007), and the
program is asked for another, until it proves that there is none. Most near-best divisions differ
from another by one area or one site: these are tried first, so that the program only has to find
what no such step leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from navplan.locate.array_types import Ints
from navplan.locate.steps import unheard
from navplan.locate.watch import PROVED_GAP, Gap, Status, Watch
from navplan.locate.whole_areas import AreaQuestion, check_areas
from navplan.locate.whole_areas_program import AreaProgram
from navplan.locate.whole_areas_search import AreaSearch, LeastCost, up_to

MOST_DIVISIONS: Final = 2_000
"""Most divisions that are listed: each makes the program one row longer and the search harder."""


@dataclass(frozen=True, eq=False)
class Divisions:
    """Divisions whose cost is at most a limit.

    Parameters
    ----------
    assigned : array of int, shape (divisions, areas)
        Position of each area's site, the cheapest division first; of equal ones the first in the
        order of the positions.
    values : array, shape (divisions,)
        Cost of each.
    status : {"proved", "time limit", "interrupted", "count limit"}
        ``proved``: these are all.
    """

    assigned: Ints
    values: npt.NDArray[np.float64]
    status: Status


def list_divisions(
    question: AreaQuestion,
    limit: float,
    watch: Watch,
    *,
    most: int = MOST_DIVISIONS,
    known: tuple[Ints, ...] = (),
) -> Divisions:
    """List every division whose cost is at most a limit.

    Parameters
    ----------
    question : AreaQuestion
        What is asked.
    limit : float
        Largest cost, finite; one within `PROVED_GAP` of it counts as inside.
    watch : Watch
        Limits of the search. An interrupt keeps what was found.
    most : int
        Stop when there are this many.
    known : tuple of array of int (areas)
        Divisions to begin with, for example the best; those above the limit are left out.

    Returns
    -------
    Divisions
        All of them, or as many as were found before it stopped.

    Raises
    ------
    InfeasibleError
        If no division keeps to the rules, where that is seen without a search.
    """
    check_areas(question)
    lister = _Lister(question, limit, watch, most)
    try:
        status = lister.run(known)
    except KeyboardInterrupt:
        status = "interrupted"
    return lister.listed(status)


class _Lister:
    """The divisions found so far, each ruled out in the program."""

    def __init__(self, question: AreaQuestion, limit: float, watch: Watch, most: int) -> None:
        self.question, self.limit, self.watch, self.most = question, limit, watch, most
        self.rules, self.aim = AreaProgram(question), LeastCost(question.cost)
        self.found: dict[bytes, tuple[float, Ints]] = {}

    def run(self, known: tuple[Ints, ...]) -> Status:
        for division in known:
            if self._fits(division):
                self._add(division)
                self._spread(division)
        while len(self.found) < self.most:
            search = AreaSearch(
                self.rules, self.aim, unheard(self.watch), limit=self.limit, enough=True
            )
            status = search.run()
            if search.best is not None:
                self._add(search.best)
                self._spread(search.best)
            if status != "proved" or search.best is None:
                return status
        return "count limit"

    def listed(self, status: Status) -> Divisions:
        areas = len(self.question.cost)
        every = sorted(self.found.values(), key=lambda pair: (pair[0], tuple(pair[1].tolist())))
        assigned = np.array([division for _, division in every], dtype=np.intp)
        values = np.array([value for value, _ in every])
        return Divisions(assigned.reshape(-1, areas), values, status)

    def _add(self, division: Ints) -> None:
        self.found[division.tobytes()] = self.aim.value(division), division
        self.rules.exclude(division)
        step, seconds = f"near-best: {len(self.found)} divisions", self.watch.seconds
        self.watch.tell(Gap(step, float("inf"), -float("inf"), seconds))

    def _fits(self, division: Ints) -> bool:
        return up_to(self.aim.value(division), self.limit) and self.rules.takes(division)

    def _spread(self, division: Ints) -> None:
        """Add what can be reached from a division by steps that stay up to the limit."""
        waiting = [division]
        while waiting and len(self.found) < self.most and not self.watch.over:
            for other in self._steps(waiting.pop()):
                if len(self.found) < self.most and self._fits(other):
                    self._add(other)
                    waiting.append(other)

    def _steps(self, division: Ints) -> Iterator[Ints]:
        """Divisions about up to the limit that differ by one area, or by the site of one office."""
        cost, left = self.question.cost, self.limit - self.aim.value(division)
        left += 2 * PROVED_GAP * abs(self.limit)  # what rounding may add; the sum decides
        areas = np.arange(len(division))
        used = np.unique(division)
        more = cost[:, used] - cost[areas, division][:, np.newaxis]
        for area, place in np.argwhere(more <= left).tolist():
            if used[place] != division[area]:
                other = division.copy()
                other[area] = used[place]
                yield other
        for site in used.tolist():
            mine = division == site
            more = cost[mine].sum(axis=0) - cost[mine, site].sum()
            for instead in np.flatnonzero(more <= left).tolist():
                if instead not in used:
                    yield np.where(mine, instead, division).astype(np.intp)
