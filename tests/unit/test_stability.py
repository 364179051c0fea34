"""How the best choice changes, against every choice and a fine sweep."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from navplan.errors import InputError
from navplan.locate.median import SumQuestion
from navplan.locate.stability import exact_ranges, stability
from navplan.locate.watch import Watch


def best_value(question, values):
    return min(values(np.array(s)) for s in combinations(range(question.sites), question.least))


@pytest.mark.parametrize("seed", range(6))
def test_ranges_are_best_throughout(seed):
    rng = np.random.default_rng(seed)
    for _ in range(15):
        clients, sites = int(rng.integers(1, 10)), int(rng.integers(2, 8))
        count = int(rng.integers(1, sites))
        minutes = rng.integers(0, 40, (clients, sites)).astype(float)
        first = SumQuestion(minutes, rng.integers(1, 9, clients).astype(float), count, count)
        other = rng.integers(0, 40, (clients, sites)).astype(float)
        last = SumQuestion(
            minutes if rng.random() < 0.5 else other,
            rng.integers(0, 9, clients).astype(float),
            count,
            count,
        )
        ranges = exact_ranges(first, last, Watch())
        assert ranges.status == "proved"
        assert (ranges.ends[0], ranges.ends[-1]) == (0, 1)
        assert (np.diff(ranges.ends) > 0).all()
        for choice, begin, end in zip(
            ranges.choices, ranges.ends[:-1], ranges.ends[1:], strict=True
        ):
            for share in np.linspace(begin, end, 7):

                def mixed(sites, t=share, one=first, other=last):
                    return (1 - t) * one.value(sites) + t * other.value(sites)

                assert mixed(choice) == pytest.approx(best_value(first, mixed), abs=1e-7)


def test_ranges_by_hand():
    """Site a suits one half of the town and b the other: they change where the weights do."""
    minutes = np.array([[0.0, 10.0], [10.0, 0.0]])
    first = SumQuestion(minutes, np.array([3.0, 1.0]), 1, 1)
    last = SumQuestion(minutes, np.array([0.0, 4.0]), 1, 1)
    table = exact_ranges(first, last, Watch(), sites="ab").table
    assert table["offices"].tolist() == ["a", "b"]
    assert table["first"].tolist() == pytest.approx([0, 1 / 3])
    assert table["last"].tolist() == pytest.approx([1 / 3, 1])
    same = exact_ranges(first, first, Watch(), sites="ab").table
    assert same["offices"].tolist() == ["a"]


def cases(minutes):
    weights = {0.0: [3.0, 1.0], 0.25: [2.0, 1.0], 0.5: [1.0, 2.0], 0.75: [0.0, 4.0]}
    return {share: SumQuestion(minutes, np.array(w), 1, 1) for share, w in weights.items()}


def test_cases_by_hand():
    found = stability(cases(np.array([[0.0, 10.0], [10.0, 0.0]])), Watch(), sites="ab")
    table = found.table
    assert table["parameter"].tolist() == [0, 0.25, 0.5, 0.75]
    assert table["offices"].tolist() == ["a", "a", "b", "b"]
    assert table["value"].tolist() == pytest.approx([2.5, 10 / 3, 10 / 3, 0])
    assert table["base_more"].tolist() == pytest.approx([0, 0, 10 / 3, 10])
    assert found.frequency.to_dict() == {"a": 0.5, "b": 0.5}
    assert found.runs.to_numpy().tolist() == [[0, 0.25, "a"], [0.5, 0.75, "b"]]


@pytest.mark.parametrize("seed", range(3))
def test_cases_against_every_choice(seed):
    rng = np.random.default_rng(seed)
    minutes = rng.integers(0, 40, (12, 7)).astype(float)
    questions = {
        name: SumQuestion(minutes, rng.integers(1, 9, 12).astype(float), 3, 3) for name in "xyz"
    }
    followed = np.array([0, 1, 2])
    found = stability(questions, Watch(), base=followed)
    for row, question in zip(found.table.itertuples(), questions.values(), strict=True):
        people = question.weights.sum()
        assert row.value == pytest.approx(best_value(question, question.value) / people)
        assert row.base_value == pytest.approx(question.value(followed) / people)
        assert row.base_more >= -1e-12


def test_bad_cases_are_refused():
    question = SumQuestion(np.ones((2, 2)), np.ones(2), 1, 1)
    with pytest.raises(InputError, match="nobody"):
        stability({"x": SumQuestion(np.ones((2, 2)), np.zeros(2), 1, 1)}, Watch())
    with pytest.raises(InputError, match="count"):
        exact_ranges(question, SumQuestion(np.ones((2, 2)), np.ones(2), 2, 2), Watch())
    with pytest.raises(InputError, match="there are none"):
        stability({}, Watch())


def test_without_time_nothing_is_proved():
    rng = np.random.default_rng(5)
    minutes = rng.random((80, 14)) * 60
    first, last = (SumQuestion(minutes, rng.random(80), 5, 5) for _ in range(2))
    assert exact_ranges(first, last, Watch(limit_s=0)).status == "time limit"
    assert set(stability({0: first, 1: last}, Watch(limit_s=0)).table["status"]) == {"time limit"}
