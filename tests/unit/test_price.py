"""Prices of demands against every choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from navplan.errors import InfeasibleError, InputError
from navplan.locate.median import SumQuestion
from navplan.locate.price import TOGETHER, Demand, prices
from navplan.locate.watch import Watch


def best_mean(question, demands):
    """Least mean over every choice that keeps to all demands; inf where none does."""
    counts = [d.count for d in demands if d.count is not None] or [question.least]
    least = np.inf
    for sites in combinations(range(question.sites), counts[0]):
        chosen = set(sites)
        nearest = question.minutes[:, list(sites)].min(axis=1)
        if all(
            chosen.issuperset(d.keep) and chosen.isdisjoint(d.close) and nearest.max() <= d.limit
            for d in demands
        ):
            least = min(least, question.value(np.array(sites)) / question.weights.sum())
    return least


@pytest.mark.parametrize("seed", range(6))
def test_prices_against_every_choice(seed):
    rng = np.random.default_rng(seed)
    for _ in range(20):
        clients, sites = int(rng.integers(1, 12)), int(rng.integers(3, 8))
        minutes = rng.integers(0, 40, (clients, sites)).astype(float)
        question = SumQuestion(minutes, rng.integers(1, 5, clients).astype(float), 2, 2)
        demands = [
            Demand("keep 0", keep=(0,)),
            Demand("not 1", close=(1,)),
            Demand("short", limit=float(rng.integers(5, 40))),
            Demand("one more", count=3),
        ]
        found = prices(question, demands, Watch())
        table = found.table.set_index("demand")
        base = best_mean(question, [])
        assert table["value_without"].to_numpy() == pytest.approx(base)
        for rule in [[d] for d in demands] + [demands]:
            row = table.loc[rule[0].name if len(rule) == 1 else TOGETHER]
            value = best_mean(question, rule)
            if np.isinf(value):
                assert row["status"] == "infeasible"
                assert row["price"] == np.inf
                assert row["reason"]
                continue
            assert row["value_with"] == pytest.approx(value)
            assert row["price"] == pytest.approx(value - base, abs=1e-12)
            assert row["price_least"] == pytest.approx(row["price"], abs=1e-9)
            assert row["price_most"] == pytest.approx(row["price"], abs=1e-9)
            assert row["status"] == "proved"


def test_a_demand_that_the_best_keeps_costs_nothing():
    minutes = np.array([[0.0, 9.0, 9.0], [9.0, 0.0, 9.0]])
    question = SumQuestion(minutes, np.array([1.0, 1.0]), 2, 2)
    table = prices(question, [Demand("keep a", keep=(0,))], Watch(), sites="abc").table
    assert table["offices"].tolist() == ["a;b"]
    assert table["price"].tolist() == [0]


def test_without_time_the_price_is_an_interval_that_holds_the_true_one():
    rng = np.random.default_rng(2)
    minutes = rng.random((80, 14)) * 60
    question = SumQuestion(minutes, rng.random(80), 5, 5)
    demands = [Demand("keep", keep=(0, 1))]
    true = prices(question, demands, Watch()).table["price"][0]
    row = prices(question, demands, Watch(limit_s=0)).table.iloc[0]
    assert row["status"] == "time limit"
    assert row["price_least"] - 1e-9 <= true <= row["price_most"] + 1e-9


def test_a_limit_binds_those_who_need_not_have_a_time():
    minutes = np.array([[0.0, 30.0], [np.inf, 30.0]])
    question = SumQuestion(minutes, np.ones(2), 1, 1, without=31)
    table = prices(question, [Demand("all within 30", limit=30)], Watch()).table
    assert table["value_without"][0] == pytest.approx(15.5)
    assert table["price"][0] == pytest.approx(14.5)


def test_demands_that_contradict_are_refused():
    question = SumQuestion(np.ones((2, 3)), np.ones(2), 1, 1)
    with pytest.raises(InputError, match="no site 7"):
        prices(question, [Demand("x", keep=(7,))], Watch())
    with pytest.raises(InputError, match="1 and 2 sites"):
        prices(question, [Demand("x", count=1), Demand("y", count=2)], Watch())
    with pytest.raises(InputError, match="there are none"):
        prices(question, [], Watch())
    with pytest.raises(InputError, match="nobody"):
        prices(SumQuestion(np.ones((1, 1)), np.zeros(1), 1, 1), [Demand("x")], Watch())
    with pytest.raises(InfeasibleError):
        prices(SumQuestion(np.full((1, 1), np.inf), np.ones(1), 1, 1), [Demand("x")], Watch())
