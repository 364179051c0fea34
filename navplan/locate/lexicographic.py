"""Worst first, then mean: of all choices with the shortest longest time, the one least in sum."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.centre import CentreQuestion, solve_centre
from navplan.locate.checks import counted
from navplan.locate.found import Found
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.watch import Watch


@dataclass(frozen=True, eq=False)
class WorstThenSum:
    """Answers of both steps.

    Parameters
    ----------
    worst : Found
        The longest time, in minutes; its sites are some choice that has it.
    best : Found
        The answer: of all choices whose longest time is at most ``worst.value``, the least sum.
        Proved only where both steps are.
    """

    worst: Found
    best: Found


def solve_worst_then_sum(question: SumQuestion, watch: Watch) -> WorstThenSum:
    """Make the longest time as short as can be, and then the sum as small as that allows.

    The p-centre alone is blind to everybody but the last client; among the many choices with its
    radius, the sum decides. Two exact steps: the radius is one of the times, and the sum question
    is asked again with it as the limit, so that no rounding comes between them.

    Parameters
    ----------
    question : SumQuestion
        What is summed. Everybody must have a time (`without` is inf), and as many sites as are
        allowed (`most`) are chosen.
    watch : Watch
        Limit of both steps together, who is told, and the seed.

    Returns
    -------
    WorstThenSum
        Both answers.

    Raises
    ------
    InputError
        If a client may be without a time: then there is no longest.
    InfeasibleError
        If no choice gives everybody a time within the question's limit.
    """
    if np.isfinite(question.without):
        given = f"{question.without:g}; expected inf: who has no time has no longest time."
        raise_faults([Fault("worst first", "without", given, "Leave such clients out.")])
    centre = CentreQuestion(question.minutes, question.most, question.fixed, question.barred)
    worst = solve_centre(centre, watch)
    if worst.bound > question.limit:
        raise InfeasibleError(
            f"No choice of {counted(question.most, 'site')} gives everybody a time within "
            f"{question.limit:g} minutes: the least possible longest is {worst.bound:.1f}."
        )
    narrow = replace(question, least=question.most, limit=min(question.limit, worst.value))
    best = solve_sum(narrow, watch, start=worst.sites)
    if worst.status != "proved":
        # A shorter radius may exist: nothing is known of the sum there.
        best = replace(best, status=worst.status, bound=0.0)
    return WorstThenSum(worst, best)
