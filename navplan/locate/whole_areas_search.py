"""The best division of whole areas, with proof: a program whose clusters are made to hang together.

`AreaProgram` says how. What is minimised is an `AreaAim`: a cost, or the largest regret.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from navplan.errors import InfeasibleError
from navplan.locate.array_types import Floats, Ints
from navplan.locate.found import Found, NotFoundError
from navplan.locate.highs import solve_program
from navplan.locate.program import Program
from navplan.locate.watch import PROVED_GAP, Gap, Status, Watch
from navplan.locate.whole_areas import AreaQuestion, check_areas
from navplan.locate.whole_areas_program import AreaProgram


class AreaAim(Protocol):
    """What is minimised over the divisions of an `AreaProgram`."""

    @property
    def guide(self) -> Floats:
        """Cost of each area at each site by which clusters are grown, areas × sites."""

    @property
    def size(self) -> float | None:
        """Size of the numbers whose difference a value is; None where it is a plain sum."""

    def value(self, assigned: Ints) -> float:
        """Sum up a division from the costs.

        Parameters
        ----------
        assigned : array of int (areas)
            Position of each area's site.

        Returns
        -------
        float
        """

    def program(self, rules: AreaProgram) -> Program:
        """Write the program whose least value is the aim's.

        Parameters
        ----------
        rules : AreaProgram
            Which divisions there are.

        Returns
        -------
        Program
            With columns beyond those of the division, if any.
        """

    def columns_of(self, rules: AreaProgram, assigned: Ints) -> Floats:
        """Write a division as a solution of the program.

        Parameters
        ----------
        rules : AreaProgram
            Which divisions there are.
        assigned : array of int (areas)
            Position of each area's site.

        Returns
        -------
        array
            Its columns.
        """


class LeastCost:
    """The sum of the costs.

    Parameters
    ----------
    cost : array (areas × sites)
        As an `AreaQuestion` has it.
    """

    size = None

    def __init__(self, cost: Floats) -> None:
        self.guide = cost

    def value(self, assigned: Ints) -> float:
        """Sum up the costs of a division.

        Parameters
        ----------
        assigned : array of int (areas)
            Position of each area's site.

        Returns
        -------
        float
        """
        return float(self.guide[np.arange(len(assigned)), assigned].sum())

    def program(self, rules: AreaProgram) -> Program:
        """Write the costs over the columns.

        Parameters
        ----------
        rules : AreaProgram
            Which divisions there are.

        Returns
        -------
        Program
        """
        return rules.program(self.guide[rules.areas, rules.sites])

    def columns_of(self, rules: AreaProgram, assigned: Ints) -> Floats:
        """Write a division as a solution.

        Parameters
        ----------
        rules : AreaProgram
            Which divisions there are.
        assigned : array of int (areas)
            Position of each area's site.

        Returns
        -------
        array
            The columns x and y.
        """
        return rules.columns_of(assigned)


def up_to(value: float, limit: float) -> bool:
    """Tell whether a value is no more than a limit.

    Parameters
    ----------
    value, limit : float
        In the same unit; the limit may be inf.

    Returns
    -------
    bool
        One within `PROVED_GAP` of the limit counts as inside.
    """
    return value <= limit + PROVED_GAP * abs(limit)


def solve_areas(question: AreaQuestion, watch: Watch) -> Found:
    """Divide whole areas among offices at least cost.

    Parameters
    ----------
    question : AreaQuestion
        What is asked.
    watch : Watch
        Its limit, who is told, and the seed.

    Returns
    -------
    Found
        With ``assigned``, the site of each area.

    Raises
    ------
    InfeasibleError
        If no division keeps to the rules.
    NotFoundError
        If none was found in the time allowed.
    """
    check_areas(question)
    return AreaSearch(AreaProgram(question), LeastCost(question.cost), watch).found()


class AreaSearch:
    """The search for the best division, and the best so far.

    Parameters
    ----------
    rules : AreaProgram
        Which divisions there are; rows found on the way are added to it.
    aim : AreaAim
        What is minimised.
    watch : Watch
        Its limit, who is told, and the seed.
    limit : float, optional
        Divisions above are of no use.
    enough : bool, optional
        Whether any division up to the limit will do.
    step : str, optional
        What is told beside the gap.
    """

    def __init__(
        self,
        rules: AreaProgram,
        aim: AreaAim,
        watch: Watch,
        *,
        limit: float = float("inf"),
        enough: bool = False,
        step: str = "areas",
    ) -> None:
        self.rules, self.aim, self.watch = rules, aim, watch
        self.limit, self.enough, self.step = limit, enough, step
        self.best: Ints | None = None
        self.value, self.bound, self.nodes = float("inf"), 0.0, 0

    def found(self) -> Found:
        """Search, and give the answer.

        Returns
        -------
        Found
            With ``assigned``.

        Raises
        ------
        InfeasibleError
            If no division keeps to the rules.
        NotFoundError
            If none was found before the search ended.
        """
        status = self.run()
        if self.best is None:
            if status == "proved":
                raise InfeasibleError(
                    "No division of the areas keeps to every rule: allow more sites or offices, or "
                    "give up a rule."
                )
            raise NotFoundError.of("division of the areas")
        return Found(
            sites=np.unique(self.best),
            value=self.value,
            bound=self.value if status == "proved" else min(self.bound, self.value),
            status=status,
            seconds=self.watch.seconds,
            seed=self.watch.seed,
            nodes=self.nodes,
            assigned=self.best,
        )

    def run(self) -> Status:
        """Solve, look, add rows, until nothing falls apart.

        Returns
        -------
        {"proved", "time limit", "interrupted"}
            ``proved`` without a `best`: there is no division, or none up to the limit.
        """
        try:
            return self._rounds()
        except KeyboardInterrupt:
            return "interrupted"

    def offer(self, assigned: Ints | None) -> None:
        """Take a division where it keeps to the rules and is better than the best so far.

        Parameters
        ----------
        assigned : array of int (areas) or None
            Position of each area's site.
        """
        if assigned is None:
            return
        value = self.aim.value(assigned)
        if value < self.value and up_to(value, self.limit) and self.rules.takes(assigned):
            self.best, self.value = assigned, value

    def _rounds(self) -> Status:
        while True:
            start = None if self.best is None else self.aim.columns_of(self.rules, self.best)
            answer = solve_program(
                self.aim.program(self.rules),
                self.watch,
                step=self.step,
                start=start,
                at_most=self.limit,
                enough=self.limit if self.enough else None,
                size=self.aim.size,
            )
            self.nodes += max(1, answer.nodes)
            if answer.status == "infeasible":
                return "proved"
            self.bound = max(self.bound, min(answer.bound, self.value))
            added = answer.columns is not None and self._look(self.rules.division(answer.columns))
            self.watch.tell(Gap(self.step, self.value, self.bound, self.watch.seconds, self.nodes))
            if self.enough and self.best is not None:
                return "proved"
            if answer.status != "proved":
                return answer.status
            if not added or self._closed():
                return "proved"

    def _look(self, assigned: Ints) -> bool:
        """Take what an answer has to offer; tell whether it fell apart and rows were added."""
        self.offer(assigned)
        self.offer(self.rules.grown(np.unique(assigned), self.aim.guide))
        return self.rules.separate(assigned)

    def _closed(self) -> bool:
        size = abs(self.value) if self.aim.size is None else self.aim.size
        return self.value < np.inf and self.value - self.bound <= PROVED_GAP * size
