"""Several sum questions over the same sites added up into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Floats
from navplan.locate.costs import BlendCost, identity
from navplan.locate.median import SumQuestion


def check_alike(where: str, questions: Sequence[SumQuestion]) -> None:
    """Refuse questions that are not about the same choices.

    Parameters
    ----------
    where : str
        Who asks, for the faults.
    questions : sequence of SumQuestion
        At least one.

    Raises
    ------
    InputError
        On other numbers of sites, counts, fixed or barred sites, or none at all.
    """
    if not questions:
        raise_faults([Fault(where, "questions", "there are none.", "Give at least one.")])
    first = questions[0]
    faults = []
    for number, other in enumerate(questions[1:], 2):
        if other.sites != first.sites:
            given = f"question {number} has {other.sites} sites, the first {first.sites}."
            faults.append(Fault(where, "sites", given))
            continue
        if (other.least, other.most) != (first.least, first.most):
            given = f"question {number} asks for other numbers of sites than the first."
            faults.append(Fault(where, "count", given))
        same = np.array_equal(other.fixed, first.fixed) and np.array_equal(
            other.barred, first.barred
        )
        if not same:
            given = f"question {number} fixes or bars other sites than the first."
            faults.append(Fault(where, "sites", given))
    raise_faults(faults)


def blend(questions: Sequence[SumQuestion], shares: Sequence[float]) -> SumQuestion:
    """Add questions over the same sites up, each with a share, into one question.

    Its value of any choice is the sum of share × value over the questions. Questions about the same
    minutes and weights only mix their costs; those about the same minutes and cost only mix their
    weights; others are stacked: as many clients as they have together, whose minutes are costs.

    Parameters
    ----------
    questions : sequence of SumQuestion
        Over the same sites, asking for the same number.
    shares : sequence of float
        One a question, ≥ 0. A share of 0 leaves only its rule that everybody must have a time.

    Returns
    -------
    SumQuestion
        The sum of all.

    Raises
    ------
    InputError
        If the questions are not about the same choices, or a share is negative or not finite.
    """
    check_alike("blend", questions)
    numbers = np.asarray(shares, dtype=np.float64)
    if len(numbers) != len(questions) or not (np.isfinite(numbers) & (numbers >= 0)).all():
        given = f"{list(shares)} for {len(questions)} questions; expected one ≥ 0 each."
        raise_faults([Fault("blend", "shares", given)])
    site_costs: Floats = reduce(
        np.add, [share * q.site_costs for share, q in zip(numbers, questions, strict=True)]
    )
    first = questions[0]
    same_times = all(_same_times(first, other) for other in questions[1:])
    if same_times and all(np.array_equal(first.weights, other.weights) for other in questions[1:]):
        cost = BlendCost(tuple(q.cost for q in questions), tuple(numbers.tolist()))
        without = _blended_without(questions, numbers)
        return replace(first, cost=cost, without=without, site_costs=site_costs)
    same_costs = all(
        other.cost == first.cost and other.without == first.without for other in questions
    )
    if same_times and same_costs:
        weights = reduce(
            np.add, [share * q.weights for share, q in zip(numbers, questions, strict=True)]
        )
        return replace(first, weights=weights, site_costs=site_costs)
    return _stacked(questions, numbers, site_costs)


def _same_times(one: SumQuestion, other: SumQuestion) -> bool:
    if one.limit != other.limit:
        return False
    return one.minutes is other.minutes or np.array_equal(one.minutes, other.minutes)


def _blended_without(questions: Sequence[SumQuestion], shares: Floats) -> float:
    if any(np.isinf(q.without) for q in questions):
        return float("inf")
    return float(sum(share * q.without for share, q in zip(shares, questions, strict=True)))


def _stacked(questions: Sequence[SumQuestion], shares: Floats, site_costs: Floats) -> SumQuestion:
    withouts = {q.without for q in questions}
    without = withouts.pop() if len(withouts) == 1 else float("inf")
    rows = []
    for q in questions:
        minutes = np.where(q.minutes <= q.limit, q.minutes, np.inf).astype(np.float64)
        costs = q.costs_of(minutes)
        # One cost of no time for all stays a rule; where they differ it stands in the rows.
        rows.append(np.where(np.isinf(minutes), np.inf, costs) if without == q.without else costs)
    weights = [share * q.weights for share, q in zip(shares, questions, strict=True)]
    return SumQuestion(
        minutes=np.concatenate(rows),
        weights=np.concatenate(weights),
        least=questions[0].least,
        most=questions[0].most,
        cost=identity,
        without=without,
        fixed=questions[0].fixed,
        barred=questions[0].barred,
        site_costs=site_costs,
    )
