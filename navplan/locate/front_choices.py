"""What a front is searched among: choices of sites, or anything else that has sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, Self

import numpy as np

from navplan.locate.array_types import Floats, Ints
from navplan.locate.blend import blend
from navplan.locate.front import SumAim
from navplan.locate.listing import Listed, list_within
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.steps import nearest_minutes
from navplan.locate.watch import Status, Watch


class Choosing(Protocol):
    """What a front is searched among: choices of sites, or divisions of whole areas.

    A choice is an array of positions; its values are one or two sums, and last the longest way
    where that is an objective.
    """

    @property
    def sums(self) -> int:
        """How many sums there are: one or two."""

    @property
    def limit(self) -> float:
        """Longest way that a choice may have."""

    def below(self, worst: float) -> Self:
        """Leave out every choice that has a way so long, from now on.

        Parameters
        ----------
        worst : float
            Longest way that is too long [min].

        Returns
        -------
        Choosing
            The rest.
        """

    def values(self, choice: Ints) -> Floats:
        """Sum up a choice.

        Parameters
        ----------
        choice : array of int
            Positions.

        Returns
        -------
        array
            Its values; not finite where it is none.
        """

    def least(self, weights: Floats, watch: Watch) -> tuple[Ints, Status]:
        """Find the least weighted sum.

        Parameters
        ----------
        weights : array (sums)
            Of the sums, 0 or more.
        watch : Watch
            Limits of the step.

        Returns
        -------
        tuple of (array of int, Status)
            The choice, and whether it is proved.
        """

    def within(self, weights: Floats, level: float, watch: Watch) -> Listed:
        """List every choice whose weighted sum is at most a level.

        Parameters
        ----------
        weights : array (sums)
            Of the sums, 0 or more.
        level : float
            Largest weighted sum.
        watch : Watch
            Limits of the step.

        Returns
        -------
        Listed
            All, or as many as were found.
        """


class SumChoices:
    """Choices of sites with one or two sums.

    Parameters
    ----------
    aims : sequence of SumAim
        One or two.
    longest : bool, optional
        Whether the longest way is an objective too.
    questions : sequence of SumQuestion, optional
        Those of the aims, perhaps under a shorter limit; unless given, the aims' own.
    """

    def __init__(
        self,
        aims: Sequence[SumAim],
        *,
        longest: bool = False,
        questions: Sequence[SumQuestion] = (),
    ) -> None:
        self._aims, self._longest = aims, longest
        self._questions = questions or [aim.question for aim in aims]

    @property
    def sums(self) -> int:
        """How many sums there are."""
        return len(self._aims)

    @property
    def limit(self) -> float:
        """Longest way that a choice may have."""
        return self._questions[0].limit

    def below(self, worst: float) -> Self:
        """Shorten the limit of each question that has the minutes of the first.

        Parameters
        ----------
        worst : float
            Longest way that is too long [min].

        Returns
        -------
        SumChoices
            The rest.
        """
        first = self._aims[0].question
        # Just below in the precision of the minutes, or the limit would round back to it.
        limit = float(np.nextafter(first.minutes.dtype.type(worst), -np.inf))
        under = [
            replace(aim.question, limit=limit)
            if aim.question.minutes is first.minutes and aim.question.limit == first.limit
            else aim.question
            for aim in self._aims
        ]
        return type(self)(self._aims, longest=self._longest, questions=under)

    def values(self, choice: Ints) -> Floats:
        """Sum up anew, by the questions without a shorter limit.

        Parameters
        ----------
        choice : array of int
            Positions.

        Returns
        -------
        array
            Its values.
        """
        values = [aim.question.value(choice) for aim in self._aims]
        if self._longest:
            values.append(float(nearest_minutes(self._aims[0].question, choice).max()))
        return np.array(values)

    def least(self, weights: Floats, watch: Watch) -> tuple[Ints, Status]:
        """Solve the weighted sum.

        Parameters
        ----------
        weights : array (sums)
            Of the sums, 0 or more.
        watch : Watch
            Limits of the step.

        Returns
        -------
        tuple of (array of int, Status)
            The choice, and whether it is proved.
        """
        found = solve_sum(self._weighted(weights), watch)
        return found.sites, found.status

    def within(self, weights: Floats, level: float, watch: Watch) -> Listed:
        """List from the weighted sum's tree.

        Parameters
        ----------
        weights : array (sums)
            Of the sums, 0 or more.
        level : float
            Largest weighted sum.
        watch : Watch
            Limits of the step.

        Returns
        -------
        Listed
            All, or as many as were found.
        """
        return list_within(self._weighted(weights), level, watch)

    def _weighted(self, weights: Floats) -> SumQuestion:
        return blend(self._questions, weights.tolist())
