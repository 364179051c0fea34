"""Worst first, then the sum, against every choice of sites."""

from __future__ import annotations

import numpy as np
import pytest

from navplan.errors import InfeasibleError, InputError
from navplan.locate.lexicographic import solve_worst_then_sum
from navplan.locate.median import SumQuestion
from navplan.locate.watch import Gap, Watch
from tests.small_locations import small_problems


def test_it_agrees_with_every_choice() -> None:
    for small in small_problems(9, 300, one_count=True):
        question = SumQuestion(
            small.minutes, small.weights, small.least, small.most,
            fixed=small.fixed, barred=small.barred,
        )  # fmt: skip
        best = min(
            (float(small.minutes[:, sites].min(axis=1).max()), question.value(sites))
            for sites in small.choices()
        )
        if best[0] == np.inf:
            with pytest.raises(InfeasibleError):
                solve_worst_then_sum(question, Watch())
            continue
        answer = solve_worst_then_sum(question, Watch())
        assert answer.worst.value == best[0]
        assert answer.best.value == pytest.approx(best[1], rel=1e-9)
        assert answer.best.status == answer.worst.status == "proved"
        assert small.minutes[:, answer.best.sites].min(axis=1).max() == best[0]


def test_the_limit_of_the_question_binds_too() -> None:
    minutes = np.array([[5.0, 9.0], [9.0, 6.0]])
    tight = SumQuestion(minutes, np.ones(2), 1, 1, limit=8.0)
    with pytest.raises(InfeasibleError, match=r"within 8 minutes: the least possible longest"):
        solve_worst_then_sum(tight, Watch())


def test_clients_without_a_time_are_refused() -> None:
    question = SumQuestion(np.ones((1, 1)), np.ones(1), 1, 1, without=60.0)
    with pytest.raises(InputError, match="Leave such clients out"):
        solve_worst_then_sum(question, Watch())


def test_an_unproved_radius_leaves_the_sum_unproved() -> None:
    random = np.random.default_rng(0)
    at, to = random.random((2000, 2)), random.random((120, 2))
    minutes = np.hypot(*(at[:, None] - to).transpose(2, 0, 1))
    told: list[Gap] = []

    def stop(gap: Gap) -> None:
        told.append(gap)
        if len(told) == 3:
            raise KeyboardInterrupt

    question = SumQuestion(minutes, np.ones(2000), 10, 10)
    answer = solve_worst_then_sum(question, Watch(tell=stop))
    assert answer.worst.status == answer.best.status == "interrupted"
    assert answer.best.bound == 0
    assert answer.best.value == question.value(answer.best.sites)
