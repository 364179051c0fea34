"""Robust choices against every choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from navplan.errors import InfeasibleError, InputError
from navplan.locate.blend import blend
from navplan.locate.costs import KolmPollakCost, ThresholdCost, identity
from navplan.locate.median import SumQuestion
from navplan.locate.outlooks import Outlook, solve_each, solve_regret, solve_weighted
from navplan.locate.watch import Watch


def random_minutes(rng, clients, sites):
    minutes = rng.integers(0, rng.choice([5, 60]), (clients, sites)).astype(float)
    if rng.random() < 0.3:
        minutes[rng.random(minutes.shape) < 0.15] = np.inf
    return minutes


def random_weights(rng, clients):
    weights = rng.integers(0, 6, clients).astype(float)
    weights[rng.integers(clients)] += 1
    return weights


def random_outlooks(rng):
    sites = int(rng.integers(1, 8))
    least = int(rng.integers(1, sites + 1))
    rules = {"least": least, "most": least if rng.random() < 0.7 else sites}
    if sites > 2:
        rules["barred"] = np.arange(sites) == 0 if least < sites else None
        rules["fixed"] = np.arange(sites) == 1 if rng.random() < 0.3 else None
    clients = int(rng.integers(1, 10))
    shared = random_minutes(rng, clients, sites)
    same_minutes = rng.random() < 0.5
    questions = []
    for _ in range(int(rng.integers(1, 5))):
        minutes = shared if same_minutes else random_minutes(rng, int(rng.integers(1, 10)), sites)
        cost = [identity, KolmPollakCost(0.05, 60), ThresholdCost(20)][rng.integers(3)]
        without = 70.0 if rng.random() < 0.5 else np.inf
        if rng.random() < 0.5:
            cost, without = identity, np.inf
        costs = rng.integers(0, 9, sites).astype(float)
        weights = random_weights(rng, len(minutes))
        questions.append(
            SumQuestion(minutes, weights, cost=cost, without=without, site_costs=costs, **rules)
        )
    return [Outlook(f"o{i}", question) for i, question in enumerate(questions)]


def every_choice(question):
    for count in range(question.least, question.most + 1):
        for sites in combinations(range(question.sites), count):
            fixed_are_in = set(np.flatnonzero(question.fixed)) <= set(sites)
            if fixed_are_in and not question.barred[list(sites)].any():
                yield np.array(sites)


@pytest.mark.parametrize("seed", range(4))
def test_a_blend_is_worth_the_sum_of_its_parts(seed):
    rng = np.random.default_rng(seed)
    for _ in range(50):
        questions = [outlook.question for outlook in random_outlooks(rng)]
        shares = rng.random(len(questions))
        together = blend(questions, shares)
        for sites in every_choice(together):
            plain = sum(s * q.value(sites) for s, q in zip(shares, questions, strict=True))
            assert together.value(sites) == pytest.approx(plain)


@pytest.mark.parametrize("seed", range(8))
def test_least_regret_against_every_choice(seed):
    rng = np.random.default_rng(100 + seed)
    for _ in range(30):
        outlooks = random_outlooks(rng)
        choices = list(every_choice(outlooks[0].question))
        values = np.array([[outlook.value(sites) for outlook in outlooks] for sites in choices])
        if not np.isfinite(values).all(axis=1).any():
            with pytest.raises(InfeasibleError):
                solve_regret(outlooks, Watch())
            continue
        regret = solve_regret(outlooks, Watch())
        # An outlook's own best may leave people of another one without a time.
        best = np.where(np.isfinite(values), values, np.inf).min(axis=0)
        with np.errstate(invalid="ignore"):
            least = (values - best).max(axis=1).min()
        assert regret.found.status == "proved"
        assert regret.found.value == pytest.approx(least, abs=1e-7)
        assert regret.found.bound <= regret.found.value
        assert regret.regrets.max() == pytest.approx(least, abs=1e-7)
        assert [found.value for found in regret.best] == pytest.approx(best, abs=1e-9)
        table = regret.table
        assert table["outlook"].tolist() == [outlook.name for outlook in outlooks]
        assert (table["robust_value"] - table["best_value"]).tolist() == table["regret"].tolist()


@pytest.mark.parametrize("seed", range(3))
def test_weighted_outlooks_against_every_choice(seed):
    rng = np.random.default_rng(200 + seed)
    for _ in range(30):
        outlooks = random_outlooks(rng)
        shares = rng.integers(0, 4, len(outlooks)).astype(float)
        shares[0] += 1
        shares /= shares.sum()
        choices = every_choice(outlooks[0].question)
        values = np.array([[outlook.value(sites) for outlook in outlooks] for sites in choices])
        finite = values[np.isfinite(values).all(axis=1)] @ shares
        if not len(finite):
            with pytest.raises(InfeasibleError):
                solve_weighted(outlooks, shares, Watch())
            continue
        assert solve_weighted(outlooks, shares, Watch()).value == pytest.approx(min(finite))


def two_towns():
    """One outlook grows in the west, the other in the east; the middle regrets least."""
    minutes = np.array([[0.0, 6.0, 20.0], [20.0, 6.0, 0.0]])
    west = SumQuestion(minutes, np.array([9.0, 1.0]), 1, 1)
    east = SumQuestion(minutes, np.array([1.0, 9.0]), 1, 1)
    return [Outlook("west", west), Outlook("east", east)]


def test_the_middle_regrets_least():
    regret = solve_regret(two_towns(), Watch(), sites=["a", "b", "c"])
    assert regret.table["best_offices"].tolist() == ["a", "c"]
    assert regret.table["robust_offices"].tolist() == ["b", "b"]
    assert regret.found.value == pytest.approx(4)
    assert regret.regrets == pytest.approx([4, 4])


def test_each_alone():
    assert [found.value for found in solve_each(two_towns(), Watch())] == pytest.approx([2, 2])


def test_without_time_the_regret_is_an_interval():
    rng = np.random.default_rng(1)
    minutes = rng.random((80, 14)) * 60
    outlooks = [Outlook(n, SumQuestion(minutes, rng.random(80), 5, 5)) for n in ("a", "b", "c")]
    truth = solve_regret(outlooks, Watch()).found.value
    regret = solve_regret(outlooks, Watch(limit_s=0))
    assert regret.found.status == "time limit"
    assert regret.found.bound <= truth + 1e-9
    assert regret.found.value >= truth - 1e-9


def test_outlooks_about_other_choices_are_refused():
    minutes, people = np.ones((2, 3)), np.ones(2)
    one = Outlook("one", SumQuestion(minutes, people, 1, 1))
    with pytest.raises(InputError, match="count"):
        solve_regret([one, Outlook("two", SumQuestion(minutes, people, 2, 2))], Watch())
    with pytest.raises(InputError, match="sites"):
        solve_regret([one, Outlook("two", SumQuestion(minutes[:, :2], people, 1, 1))], Watch())
    with pytest.raises(InputError, match="nobody"):
        solve_regret([one, Outlook("two", SumQuestion(minutes, people * 0, 1, 1))], Watch())
    with pytest.raises(InputError, match="there are none"):
        solve_regret([], Watch())
    with pytest.raises(InputError, match="shares"):
        solve_weighted([one], [0], Watch())
    with pytest.raises(InputError, match="ids"):
        solve_regret([one], Watch(), sites=["a"])


def test_an_interrupt_keeps_the_best_so_far():
    def tell(gap):
        raise KeyboardInterrupt

    rng = np.random.default_rng(1)
    minutes = rng.random((80, 14)) * 60
    outlooks = [Outlook(n, SumQuestion(minutes, rng.random(80), 5, 5)) for n in ("a", "b", "c")]
    truth = solve_regret(outlooks, Watch()).found.value
    found = solve_regret(outlooks, Watch(tell=tell)).found
    assert found.status == "interrupted"
    assert found.bound <= truth + 1e-9
    assert found.value >= truth - 1e-9
