"""The least tail mean against every choice, and the costs it is made of."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InfeasibleError, InputError
from navplan.locate.costs import (
    BlendCost,
    DecayCost,
    KolmPollakCost,
    TailCost,
    ThresholdCost,
    identity,
)
from navplan.locate.median import SumQuestion
from navplan.locate.tail import solve_tail, tail_value
from navplan.locate.watch import Watch
from navplan.measures import ExponentialDecay, ede_minutes, tail_mean_minutes

COSTS = [
    identity,
    KolmPollakCost(0.05, 60),
    KolmPollakCost(0, 60),
    ThresholdCost(20),
    DecayCost(ExponentialDecay(10)),
    TailCost(10, 30, 0.1),
    BlendCost((identity, ThresholdCost(20)), (0.5, 3)),
]


def name_of(cost: object) -> str:
    return getattr(cost, "__name__", type(cost).__name__)


@pytest.mark.parametrize("cost", COSTS, ids=name_of)
def test_costs_never_fall_and_are_finite(cost):
    costs = cost(np.linspace(0, 60, 601))
    assert np.isfinite(costs).all()
    assert (np.diff(costs) >= 0).all()
    assert (costs >= 0).all()


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), min_size=1), st.floats(0, 0.2))
def test_the_equal_equivalent_comes_back_from_the_sum(rows, kappa):
    minutes, people = np.array(rows, dtype=float).T
    cost = KolmPollakCost(kappa, 60)
    total = float(people @ cost(minutes))
    ede = cost.ede_minutes(total, people.sum())
    assert ede == pytest.approx(ede_minutes(minutes, people, kappa=kappa).value, abs=1e-6)
    assert cost.total(ede, people.sum()) == pytest.approx(total)


def test_an_equivalent_too_steep_is_refused():
    with pytest.raises(InputError, match="too steep"):
        KolmPollakCost(7, 100)
    with pytest.raises(InputError, match="expected zero or more"):
        KolmPollakCost(-1, 100)


def random_question(rng, **given):
    clients, sites = int(rng.integers(1, 12)), int(rng.integers(1, 7))
    minutes = rng.integers(0, rng.choice([4, 60]), (clients, sites)).astype(float)
    if rng.random() < 0.3:
        minutes[rng.random(minutes.shape) < 0.2] = np.inf
    weights = rng.integers(0, 5, clients).astype(float)
    weights[0] += 1
    least = int(rng.integers(1, sites + 1))
    rules = {
        "least": least,
        "most": least if rng.random() < 0.7 else sites,
        "without": 70.0 if rng.random() < 0.3 else np.inf,
        "site_costs": rng.integers(0, 9, sites).astype(float) if rng.random() < 0.3 else None,
    }
    return SumQuestion(minutes, weights, **{**rules, **given})


def every_choice(question):
    for count in range(question.least, question.most + 1):
        for sites in combinations(range(question.sites), count):
            fixed_are_in = set(np.flatnonzero(question.fixed)) <= set(sites)
            if fixed_are_in and not question.barred[list(sites)].any():
                yield np.array(sites)


@pytest.mark.parametrize("seed", range(8))
def test_against_every_choice(seed):
    rng = np.random.default_rng(seed)
    for _ in range(25):
        question = random_question(rng)
        share = float(rng.choice([0.05, 0.1, 0.3, 0.5, 1.0]))
        best = min(tail_value(question, sites, share) for sites in every_choice(question))
        if np.isinf(best):
            with pytest.raises(InfeasibleError):
                solve_tail(question, share, Watch())
            continue
        found = solve_tail(question, share, Watch())
        assert found.status == "proved"
        assert found.value == pytest.approx(best, rel=1e-9, abs=1e-12)
        assert found.value == tail_value(question, found.sites, share)
        assert found.bound <= found.value
        assert found.gap == 0


def test_the_value_is_the_measure():
    rng = np.random.default_rng(5)
    question = SumQuestion(rng.random((40, 6)).astype(np.float32) * 60, rng.random(40), 3, 3)
    found = solve_tail(question, 0.1, Watch())
    nearest = question.minutes[:, found.sites].min(axis=1)
    assert found.value == tail_mean_minutes(nearest, question.weights, share=0.1).value


def test_fixed_barred_and_limit_are_kept():
    rng = np.random.default_rng(6)
    question = SumQuestion(
        rng.integers(0, 60, (30, 8)).astype(float),
        np.ones(30),
        4,
        4,
        limit=50,
        fixed=np.arange(8) == 2,
        barred=np.arange(8) == 5,
        without=90,
    )
    found = solve_tail(question, 0.2, Watch())
    best = min(tail_value(question, sites, 0.2) for sites in every_choice(question))
    assert found.value == pytest.approx(best)
    assert 2 in found.sites
    assert 5 not in found.sites


def test_another_site_never_worsens():
    rng = np.random.default_rng(7)
    minutes, weights = rng.random((25, 7)) * 60, rng.random(25)
    values = [solve_tail(SumQuestion(minutes, weights, p, p), 0.1, Watch()).value for p in (2, 3)]
    assert values[1] <= values[0]
    fewer = solve_tail(SumQuestion(minutes[:, :6], weights, 3, 3), 0.1, Watch()).value
    assert values[1] <= fewer


def test_without_time_nothing_is_proved():
    rng = np.random.default_rng(8)
    question = SumQuestion(rng.random((60, 12)) * 60, rng.random(60), 4, 4)
    found = solve_tail(question, 0.1, Watch(limit_s=0))
    assert found.status == "time limit"
    assert found.bound <= found.value


def test_a_gap_is_told_that_closes():
    rng = np.random.default_rng(9)
    told = []
    question = SumQuestion(rng.random((60, 8)) * 60, rng.random(60), 3, 3)
    found = solve_tail(question, 0.3, Watch(tell=told.append))
    assert all(gap.bound <= gap.value for gap in told)
    assert all(gap.value >= found.value for gap in told)


def test_bad_questions_are_refused():
    question = SumQuestion(np.ones((2, 2)), np.zeros(2), 1, 1)
    with pytest.raises(InputError, match="share"):
        solve_tail(question, 0, Watch())
    with pytest.raises(InputError, match="nobody"):
        solve_tail(question, 0.1, Watch())


def interrupt_after(calls):
    """Somebody presses Ctrl-C when told of the gap for the so-many-th time."""
    told = []

    def tell(gap):
        told.append(gap)
        if len(told) == calls:
            raise KeyboardInterrupt

    return tell


def test_an_interrupt_keeps_the_best_so_far():
    rng = np.random.default_rng(1)
    question = SumQuestion(rng.random((60, 12)) * 60, rng.random(60), 3, 3)
    truth = solve_tail(question, 0.3, Watch()).value
    found = solve_tail(question, 0.3, Watch(tell=interrupt_after(1)))
    assert found.status == "interrupted"
    assert found.bound <= truth <= found.value
