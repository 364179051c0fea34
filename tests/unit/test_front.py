"""Fronts against every choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from navplan.errors import InfeasibleError, InputError
from navplan.locate.costs import KolmPollakCost, ThresholdCost
from navplan.locate.front import (
    Front,
    SumAim,
    ede_aim,
    mean_aim,
    undominated,
)
from navplan.locate.front_search import sum_front, worst_front
from navplan.locate.median import SumQuestion
from navplan.locate.watch import Watch


def plainly_undominated(values):
    """Distinct rows that no other row is at least as good as in all and better in one."""
    rows = {tuple(row) for row in values.tolist()}
    return sorted(
        row
        for row in rows
        if not any(
            other != row and all(a <= b for a, b in zip(other, row, strict=True)) for other in rows
        )
    )


def every_choice(question):
    for count in range(question.least, question.most + 1):
        for sites in combinations(range(question.sites), count):
            yield np.array(sites)


def random_minutes(rng, clients, sites, dtype=float):
    minutes = rng.integers(0, rng.choice([5, 60]), (clients, sites)).astype(dtype)
    if rng.random() < 0.3:
        minutes[rng.random(minutes.shape) < 0.15] = np.inf
    return minutes


def longest(question, sites):
    return question.minutes[:, sites].min(axis=1).max()


@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(1, 40), st.integers(2, 3)),
        elements=st.integers(0, 6).map(float),
    )
)
def test_undominated_against_pairs(values):
    rows = undominated(values)
    assert [tuple(row) for row in values[rows].tolist()] == plainly_undominated(values)
    for row in rows:  # of equal rows the first
        assert not (values[:row] == values[row]).all(axis=1).any()


def test_rounding_makes_no_points():
    values = np.array([[0.1 + 0.2, 1.0], [0.3, 1.0], [0.3, 2.0]])
    assert undominated(values).tolist() == [0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(4))
def test_mean_against_worst(seed, dtype):
    rng = np.random.default_rng(seed)
    for _ in range(25):
        clients, sites = int(rng.integers(1, 12)), int(rng.integers(1, 9))
        minutes = random_minutes(rng, clients, sites, dtype)
        weights = rng.integers(1, 6, clients).astype(float)
        question = SumQuestion(minutes, weights, *[int(rng.integers(1, sites + 1))] * 2)
        values = np.array(
            [[question.value(s), longest(question, s)] for s in every_choice(question)]
        )
        values = values[np.isfinite(values).all(axis=1)]
        aim = SumAim("sum", question)
        if not len(values):
            with pytest.raises(InfeasibleError):
                worst_front([aim], Watch())
            continue
        front = worst_front([aim], Watch())
        assert front.status == "proved"
        assert [tuple(row) for row in front.values.tolist()] == plainly_undominated(values)
        for choice, row in zip(front.choices, front.values, strict=True):
            assert [question.value(choice), longest(question, choice)] == row.tolist()


def random_pair(rng):
    """Two sums: of two outlooks, of two modes, or of two costs of the same minutes."""
    clients, sites = int(rng.integers(1, 12)), int(rng.integers(1, 9))
    minutes = random_minutes(rng, clients, sites)
    weights = rng.integers(1, 6, clients).astype(float)
    least = int(rng.integers(1, sites + 1))
    rules = {"least": least, "most": least if rng.random() < 0.7 else sites}
    one = SumQuestion(minutes, weights, **rules)
    kind = rng.integers(3)
    if kind == 0:
        other = SumQuestion(minutes, rng.integers(0, 6, clients).astype(float), **rules)
    elif kind == 1:
        other_minutes = random_minutes(rng, clients, sites)
        without = 99.0 if rng.random() < 0.5 else np.inf
        other = SumQuestion(other_minutes, weights, without=without, **rules)
    else:
        other = SumQuestion(minutes, weights, cost=ThresholdCost(rng.integers(60)), **rules)
    return one, other


@pytest.mark.parametrize("seed", range(6))
def test_two_sums(seed):
    rng = np.random.default_rng(50 + seed)
    for _ in range(25):
        one, other = random_pair(rng)
        values = np.array([[one.value(s), other.value(s)] for s in every_choice(one)])
        values = values[np.isfinite(values).all(axis=1)]
        if not len(values):
            with pytest.raises(InfeasibleError):
                sum_front(SumAim("a", one), SumAim("b", other), Watch())
            continue
        front = sum_front(SumAim("a", one), SumAim("b", other), Watch())
        assert front.status == "proved"
        assert [tuple(row) for row in front.values.tolist()] == plainly_undominated(values)


@pytest.mark.parametrize("seed", range(6))
def test_two_sums_and_the_worst(seed):
    rng = np.random.default_rng(80 + seed)
    for _ in range(12):
        one, other = random_pair(rng)
        values = np.array(
            [[one.value(s), other.value(s), longest(one, s)] for s in every_choice(one)]
        )
        values = values[np.isfinite(values).all(axis=1)]
        aims = [SumAim("a", one), SumAim("b", other)]
        if not len(values):
            with pytest.raises(InfeasibleError):
                worst_front(aims, Watch())
            continue
        front = worst_front(aims, Watch())
        assert front.status == "proved"
        assert [tuple(row) for row in front.values.tolist()] == plainly_undominated(values)


def test_units_are_those_of_the_measures():
    rng = np.random.default_rng(3)
    minutes, weights = rng.random((30, 7)) * 50, rng.random(30)
    mean = SumQuestion(minutes, weights, 3, 3)
    ede = SumQuestion(minutes, weights, 3, 3, cost=KolmPollakCost(0.04, 50))
    front = sum_front(
        mean_aim("mean_minutes", mean), ede_aim("ede_minutes", ede), Watch(), sites="abcdefg"
    )
    for choice, (m, e), offices in zip(front.choices, front.values, front.offices, strict=True):
        nearest = minutes[:, choice].min(axis=1)
        assert m == pytest.approx(np.average(nearest, weights=weights))
        assert e == pytest.approx(
            np.log(np.average(np.exp(0.04 * nearest), weights=weights)) / 0.04
        )
        assert offices == ";".join("abcdefg"[site] for site in choice)
    with pytest.raises(InputError, match="KolmPollakCost"):
        ede_aim("ede_minutes", mean)


def test_knee_compromise_and_place():
    values = np.array([[0.0, 10.0], [1.0, 5.0], [4.0, 2.0], [10.0, 0.0]])
    front = Front(("a", "b"), values, ("p", "q", "r", "s"), ((),) * 4, "proved")
    # Below the chord from (0, 10) to (10, 0): 4 for both of the middle; the first counts.
    assert front.knee == 1 or front.knee == 2
    assert front.compromise == 2
    assert front.table["named"].tolist().count("compromise") <= 1
    placed = front.place({"inside": (2.0, 9.0), "on": (4.0, 2.0), "new": (0.5, 6.0)})
    assert placed["dominated"].tolist() == [True, False, False]
    assert placed["better_offices"].tolist() == ["q", "", ""]
    assert placed[["gain_a", "gain_b"]].to_numpy()[0].tolist() == [1.0, 4.0]


def test_a_straight_front_has_no_knee():
    values = np.array([[0.0, 2.0], [1.0, 1.0], [2.0, 0.0]])
    front = Front(("a", "b"), values, ("p", "q", "r"), ((),) * 3, "proved")
    assert front.knee is None
    assert front.table["named"].tolist() == ["", "compromise", ""]
    alone = Front(("a", "b"), values[:1], ("p",), ((),), "proved")
    assert alone.table["named"].tolist() == ["knee and compromise"] or alone.knee is None


def test_without_time_the_front_is_not_proved():
    rng = np.random.default_rng(5)
    question = SumQuestion(rng.random((60, 12)) * 60, rng.random(60), 4, 4)
    front = worst_front([mean_aim("mean_minutes", question)], Watch(limit_s=0))
    assert front.status == "time limit"


def test_bad_questions_are_refused():
    question = SumQuestion(np.ones((2, 3)), np.ones(2), 1, 1, without=9)
    aim = SumAim("a", question)
    with pytest.raises(InputError, match="without"):
        worst_front([aim], Watch())
    with pytest.raises(InputError, match="one or two"):
        worst_front([aim, aim, aim], Watch())
    with pytest.raises(InputError, match="ids"):
        sum_front(aim, aim, Watch(), sites=["a"])


def test_an_interrupt_keeps_what_was_found():
    def tell(gap):
        if gap.step == "front: 2 choices":
            raise KeyboardInterrupt

    rng = np.random.default_rng(5)
    question = SumQuestion(rng.random((60, 12)) * 60, rng.random(60), 4, 4)
    front = worst_front([mean_aim("mean_minutes", question)], Watch(tell=tell))
    assert front.status == "interrupted"
    assert len(front.values) in (1, 2)
