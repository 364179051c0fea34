"""A choice that gives every client a time, or the proof that there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from navplan.errors import InfeasibleError
from navplan.locate.median.question import Floats, Ints, SumQuestion
from navplan.locate.median.rows import nearest_two
from navplan.locate.watch import Watch


def _nothing(minutes: Floats) -> Floats:
    return np.zeros_like(minutes)


def feasible_choice(
    question: SumQuestion,
    start: Ints,
    watch: Watch,
    fewest_without: Callable[[SumQuestion, Watch], tuple[Ints, bool]],
) -> Ints:
    """Find a choice that gives every client a time, or prove that there is none.

    Exact: asks for the fewest clients without a time among those that were found hard, as a sum
    question, and adds clients that its answer leaves out until it leaves out none.

    Parameters
    ----------
    question : SumQuestion
        One whose clients must all have a time.
    start : array of int
        A choice to begin with.
    watch : Watch
        When to stop early.
    fewest_without : callable
        Answers the sum question of fewest clients without a time: a choice, and whether it is
        proved that none serves all.

    Returns
    -------
    array of int
        A choice; only where the time is up does it leave a client without.

    Raises
    ------
    InfeasibleError
        If there is none.
    """
    allowed = np.flatnonzero(~question.barred)
    chosen = start
    hard = np.zeros(question.clients, dtype=bool)
    while True:
        _, first, _ = nearest_two(question.minutes, chosen, question.limit)
        left = np.isinf(first)
        if not left.any():
            return chosen
        rows = np.flatnonzero(left & ~hard)
        _, nearest, _ = nearest_two(question.minutes[rows], allowed, question.limit)
        lost = int(np.isinf(nearest).sum())
        if lost:
            raise InfeasibleError(
                f"{lost} clients have no time within the limit to any site that may be chosen."
            )
        hard |= left
        count = int(hard.sum())
        cover = replace(
            question,
            minutes=question.minutes[hard],
            weights=np.ones(count),
            cost=_nothing,
            without=1.0,
            site_costs=np.zeros(question.sites),
        )
        chosen, none = fewest_without(cover, watch)
        if none:
            raise InfeasibleError(
                f"No {_count_words(question)} give a time within the limit to every client: "
                f"{count} of them rule it out together."
            )
        if cover.value(chosen) > 0:  # the time is up
            return chosen


def _count_words(question: SumQuestion) -> str:
    if question.least == question.most:
        return f"{question.most} sites"
    return f"{question.least} to {question.most} sites"
