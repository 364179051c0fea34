"""Pareto fronts: the choices that no other is better than in every respect, exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd

from navplan.errors import Fault, InputError
from navplan.locate.array_types import Floats, Ints
from navplan.locate.costs import KolmPollakCost
from navplan.locate.median import SumQuestion
from navplan.locate.watch import PROVED_GAP, Status

Knee: TypeAlias = Literal["", "knee", "compromise", "knee and compromise"]

_BLOCK: Final = 4096
_TWO: Final = 2


@dataclass(frozen=True, eq=False)
class SumAim:
    """A sum question as one objective of a front; see `mean_aim` and `ede_aim`.

    Parameters
    ----------
    name : str
        For the tables, for example ``"people_beyond"``.
    question : SumQuestion
        What is summed. Sites, counts, fixed and barred sites are those of the other objectives.
    in_unit : callable
        Turns the sum into what is shown, rising with it; the sum itself unless given.
    """

    name: str
    question: SumQuestion
    in_unit: Callable[[float], float] = float


def mean_aim(name: str, question: SumQuestion) -> SumAim:
    """Make an objective that is shown as a mean over the weights.

    Parameters
    ----------
    name : str
        For the tables, for example ``"mean_minutes"``.
    question : SumQuestion
        What is summed.

    Returns
    -------
    SumAim
        In minutes where minutes are summed.
    """
    people = float(question.weights.sum())
    return SumAim(name, question, lambda total: total / people)


def ede_aim(name: str, question: SumQuestion) -> SumAim:
    """Make an objective of a Kolm–Pollak sum that is shown in minutes.

    Parameters
    ----------
    name : str
        For the tables, for example ``"ede_minutes"``.
    question : SumQuestion
        Its cost is a `KolmPollakCost`, and everybody must have a time.

    Returns
    -------
    SumAim
        In minutes, as if everybody travelled so long.

    Raises
    ------
    InputError
        If the cost is another one.
    """
    cost, people = question.cost, float(question.weights.sum())
    if isinstance(cost, KolmPollakCost):
        return SumAim(name, question, partial(cost.ede_minutes, people=people))
    raise InputError([Fault("front", name, "the cost is no KolmPollakCost.")])


@dataclass(frozen=True, eq=False, repr=False)
class Front:
    """Choices of which none is at least as good in every objective and better in one.

    Of choices with the same values the first found stands for all. Objectives are minimised.

    Parameters
    ----------
    objectives : tuple of str
        Names of the objectives.
    values : array, shape (points, objectives)
        Rising in the first objective.
    offices : tuple of str
        Ids of each choice, joined by semicolons.
    choices : tuple of array of int
        Positions of the chosen sites of each point.
    status : {"proved", "time limit", "interrupted", "count limit"}
        ``proved``: the front is complete. Otherwise its points are choices that exist, but some may
        be dominated, and some are missing.
    allocation : tuple of str
        One a point where whole areas belong to an office, as ``area=id`` joined by ``;``; empty
        where everybody goes to the nearest. `choices` then has the site of each area.
    """

    objectives: tuple[str, ...]
    values: Floats
    offices: tuple[str, ...]
    choices: tuple[Ints, ...]
    status: Status
    allocation: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Front({len(self.values)} points of {', '.join(self.objectives)}, {self.status})"

    @property
    def scaled(self) -> Floats:
        """Values between 0 (best on the front) and 1 (worst on the front) in each objective."""
        low, high = self.values.min(axis=0), self.values.max(axis=0)
        span = np.where(high > low, high - low, 1.0)
        scaled: Floats = (self.values - low) / span
        return scaled

    @property
    def knee(self) -> int | None:
        """Point farthest below the chord of the scaled ends, where giving way stops paying.

        The chord (for three objectives the plane) joins the points that are best in one objective
        and worst in the others; None where no point lies below it.
        """
        below = self.scaled.shape[1] - 1 - self.scaled.sum(axis=1)
        best = int(below.argmax())
        return best if below[best] > PROVED_GAP else None

    @property
    def compromise(self) -> int:
        """Point whose worst scaled value is least (Chebyshev); of equals the least sum."""
        scaled = self.scaled
        return int(np.lexsort((scaled.sum(axis=1), scaled.max(axis=1)))[0])

    @property
    def table(self) -> pd.DataFrame:
        """One row a point: offices, the objectives, and which is the knee or the compromise.

        Where whole areas belong to an office, ``allocation`` stands after ``offices``.
        """
        table = pd.DataFrame(self.values, columns=list(self.objectives))
        table.insert(0, "offices", list(self.offices))
        if self.allocation:
            table.insert(1, "allocation", list(self.allocation))
        table["named"] = [self._named(point) for point in range(len(table))]
        table["status"] = self.status
        return table

    def place(self, structures: Mapping[str, Sequence[float]]) -> pd.DataFrame:
        """Tell where other structures lie relative to the front.

        Parameters
        ----------
        structures : mapping of str to sequence of float
            Name → its value in each objective.

        Returns
        -------
        DataFrame
            One row a structure: ``structure``, the objectives, ``dominated``, ``better_offices``
            (the point at least as good in all that gains most, scaled; empty where there is none)
            and ``gain_…`` for each objective: how much better that point is.
        """
        rows = []
        span = np.ptp(self.values, axis=0)
        for name, numbers in structures.items():
            values = np.asarray(numbers, dtype=np.float64)
            slack = PROVED_GAP * np.abs(values)
            gains = values - self.values
            better = (gains >= -slack).all(axis=1) & (gains > slack).any(axis=1)
            row: dict[str, object] = {"structure": name}
            row |= dict(zip(self.objectives, values.tolist(), strict=True))
            row |= {"dominated": bool(better.any()), "better_offices": ""}
            gain = np.zeros(len(values))
            if better.any():
                worth = (gains / np.where(span > 0, span, 1.0)).sum(axis=1)
                point = int(np.where(better, worth, -np.inf).argmax())
                row["better_offices"], gain = self.offices[point], np.maximum(gains[point], 0.0)
            for objective, number in zip(self.objectives, gain.tolist(), strict=True):
                row[f"gain_{objective}"] = number
            rows.append(row)
        return pd.DataFrame(rows)

    def _named(self, point: int) -> Knee:
        if point == self.knee:
            return "knee and compromise" if point == self.compromise else "knee"
        return "compromise" if point == self.compromise else ""


def undominated(values: Floats) -> Ints:
    """Rows that no other row is better than in every column.

    Values within a billionth of the largest of their column are the same: sums of the same times
    in another order differ in later digits.

    Parameters
    ----------
    values : array, shape (rows, objectives)
        To be minimised, finite.

    Returns
    -------
    array of int
        Positions of the rows, rising in the first objective; of equal rows the first.
    """
    scale = np.abs(values).max(axis=0, initial=0.0)
    levels = np.round(values / np.where(scale > 0, scale, 1.0) / PROVED_GAP)
    order = np.lexsort(levels.T[::-1])  # stable: of equal rows the first stays first
    if values.shape[1] == _TWO:
        second = levels[order, 1]
        before = np.minimum.accumulate(np.concatenate([[np.inf], second[:-1]]))
        kept_two: Ints = order[second < before]
        return kept_two
    # In this order a row can only be dominated by one before it.
    kept = np.empty(0, dtype=np.intp)
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        for row in kept:
            block = block[~(levels[row] <= levels[block]).all(axis=1)]
        while len(block):
            kept = np.append(kept, block[0])
            block = block[~(levels[block[0]] <= levels[block]).all(axis=1)]
    return kept


def knees(values: Floats) -> list[str]:
    """Mark the knee and the compromise of a front of two objectives, see `Front`.

    Parameters
    ----------
    values : array, shape (points, 2)
        Rising in the first objective.

    Returns
    -------
    list of str
        "knee", "compromise" where that is another point, or ""; a front of two points or one has
        neither.
    """
    marks = [""] * len(values)
    if len(values) > _TWO:
        front = Front(("one", "other"), values, (), (), "proved")
        marks[front.compromise] = "compromise"
        if front.knee is not None:
            marks[front.knee] = "knee"
    return marks
