"""Every near-best choice, against trying every choice there is."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navplan.errors import InfeasibleError, InputError
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.median.near_best import NO_SITE, NearSums, near_best
from navplan.locate.watch import PROVED_GAP, Watch

# The function hides the module of its name.
module = importlib.import_module("navplan.locate.median.near_best")


def every_choice(question: SumQuestion) -> dict[tuple[int, ...], float]:
    """Value of every choice, one by one."""
    sites = range(question.sites)
    may = [s for s in sites if not question.barred[s]]
    must = {s for s in sites if question.fixed[s]}
    choices = (
        choice
        for count in range(question.least, question.most + 1)
        for choice in combinations(may, count)
        if must <= set(choice)
    )
    return {choice: question.value(np.array(choice)) for choice in choices}


def chosen(near: NearSums) -> list[tuple[int, ...]]:
    return [tuple(row[row != NO_SITE].tolist()) for row in near.sites]


def random_question(seed: int) -> SumQuestion:
    """A small question of any kind."""
    random = np.random.default_rng(seed)
    clients, sites = int(random.integers(1, 15)), int(random.integers(1, 11))
    kind = seed % 4
    if kind == 0:  # full of ties
        minutes = random.integers(0, 5, (clients, sites)).astype(float)
    elif kind == 1:  # in the plane
        ends = random.uniform(0, 30, (clients + sites, 2))
        minutes = np.linalg.norm(ends[:clients, None] - ends[None, clients:], axis=2)
    else:  # no metric at all
        minutes = random.uniform(0, 60, (clients, sites))
    if seed % 3 == 0:
        minutes[random.random(minutes.shape) < 0.3] = np.inf
    if sites > 2 and seed % 5 == 0:
        minutes[:, 1] = minutes[:, 0]
    weights = random.integers(0 if seed % 7 == 0 else 1, 9, clients).astype(float)
    fixed = random.random(sites) < (0.2 if seed % 2 else 0)
    barred = ~fixed & (random.random(sites) < (0.2 if seed % 11 == 0 else 0))
    may = sites - int(barred.sum())
    if not may:
        barred[0], may = False, 1
    most = int(random.integers(max(1, int(fixed.sum())), may + 1))
    least = int(random.integers(1, most + 1)) if seed % 6 == 0 else most
    return SumQuestion(
        minutes.astype(np.float32) if seed % 8 == 0 else minutes,
        weights,
        least,
        most,
        cost=np.sqrt if seed % 9 == 0 else np.positive,
        without=np.inf if seed % 4 == 3 else 100.0,
        limit=40.0 if seed % 10 == 0 else np.inf,
        fixed=fixed,
        barred=barred,
        site_costs=random.integers(0, 30, sites).astype(float) if seed % 5 == 1 else None,
    )


def town(seed: int, clients: int, sites: int, count: int) -> SumQuestion:
    """Clusters of clients in the plane, sites among them."""
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 60, (8, 2))
    homes = centres[random.integers(0, 8, clients)] + random.normal(0, 4, (clients, 2))
    places = homes[random.choice(clients, sites, replace=False)]
    minutes = np.linalg.norm(homes[:, None] - places[None], axis=2)
    return SumQuestion(minutes, np.ceil(random.lognormal(1.5, 1, clients)), count, count)


def values_of_all(question: SumQuestion, choices: np.ndarray) -> np.ndarray:
    """Value of each of many choices, one client at a time."""
    total = question.site_costs[choices].sum(axis=1)
    for weight, minutes in zip(question.weights, question.minutes, strict=True):
        total += weight * minutes[choices].min(axis=1)
    return total


def assert_complete(question: SumQuestion, limit: float, everything: dict) -> None:
    near = near_best(question, limit)
    assert near.complete
    slack = PROVED_GAP * abs(limit)
    found = chosen(near)
    assert len(set(found)) == len(found)
    assert set(found) == {c for c, value in everything.items() if value <= limit + slack}
    values = [everything[choice] for choice in found]
    assert near.values == pytest.approx(values, rel=1e-12, abs=1e-12)
    assert (np.diff(near.values) >= -2 * slack).all()


@pytest.mark.parametrize("start", range(0, 1000, 100))
def test_agrees_with_trying_everything(start):
    for seed in range(start, start + 100):
        question = random_question(seed)
        everything = every_choice(question)
        best = min(everything.values())
        if math.isinf(best):
            with pytest.raises(InfeasibleError):
                solve_sum(question)
            try:
                assert len(near_best(question, 1e6)) == 0
            except InfeasibleError:
                continue
            continue
        finite = sorted(v for v in everything.values() if not math.isinf(v))
        for limit in {best, best * 1.05, finite[len(finite) // 2], finite[-1]}:
            assert_complete(question, limit, everything)
        if best > 0:
            assert len(near_best(question, best * 0.999)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 10_000, 1000))
def test_agrees_with_trying_everything_at_length(start):
    for part in range(start, start + 1000, 100):
        test_agrees_with_trying_everything(part)


@pytest.mark.parametrize("deep", [True, False], ids=["one node", "many nodes"])
@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_trying_everything_in_towns(seed, deep, monkeypatch):
    monkeypatch.setattr(module, "_SMALL", 10**9 if deep else 0)
    monkeypatch.setattr(module, "_ENOUGH_JOBS", 10**9)
    sites, count = ((18, 6), (14, 7), (25, 4))[seed % 3]
    question = town(seed, 150, sites, count)
    if seed % 2:
        random = np.random.default_rng(seed)
        noise = random.uniform(1, 1.5, question.minutes.shape)
        fixed = np.zeros(sites, dtype=bool)
        fixed[3] = True
        question = replace(
            question,
            minutes=question.minutes * noise,
            fixed=fixed,
            site_costs=random.uniform(0, 50, sites),
        )
    choices = np.array(list(combinations(range(sites), count)))
    choices = choices[(choices == 3).any(axis=1)] if seed % 2 else choices
    values = values_of_all(question, choices)
    for share in (0.0, 0.02, 0.1, 0.4):
        limit = values.min() * (1 + share)
        near = near_best(question, limit)
        inside = values <= limit * (1 + PROVED_GAP)
        order = np.flatnonzero(inside)[np.argsort(values[inside], kind="stable")]
        assert near.complete
        assert near.sites.tolist() == choices[order].tolist()
        assert near.values == pytest.approx(values[order], rel=1e-12)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), share=st.floats(0, 0.3), more=st.floats(0, 0.3))
def test_holds_the_optimum_and_grows_with_the_limit(seed, share, more):
    question = town(seed % 50, 60, 12, 4)
    best = solve_sum(question)
    near = near_best(question, best.value * (1 + share))
    wider = near_best(question, best.value * (1 + share + more))
    assert near.values[0] == pytest.approx(best.value, rel=1e-12)
    assert tuple(best.sites.tolist()) in chosen(near)
    assert set(chosen(near)) <= set(chosen(wider))
    assert near.complete
    assert wider.complete


def test_the_same_whatever_the_scale():
    question = town(1, 100, 15, 5)
    limit = solve_sum(question).value * 1.05
    near = near_best(question, limit)
    large = near_best(replace(question, weights=question.weights * 1e9), limit * 1e9)
    small = near_best(replace(question, weights=question.weights * 1e-9), limit * 1e-9)
    assert near.sites.tolist() == large.sites.tolist() == small.sites.tolist()


def test_ties_stand_in_the_order_of_their_sites():
    minutes = np.array([[1.0, 1.0, 1.0, 9.0], [2.0, 2.0, 2.0, 9.0]])
    near = near_best(SumQuestion(minutes, np.ones(2), 2, 2), 3.0)
    assert near.sites.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]


def test_a_value_at_the_limit_is_inside():
    question = town(2, 100, 12, 3)
    all_ = near_best(question, solve_sum(question).value * 1.2)
    for value in all_.values[:5]:
        near = near_best(question, float(value) * (1 - PROVED_GAP / 2))
        assert np.isclose(near.values[-1], value, rtol=1e-12)


def test_numbers_of_sites_may_differ():
    question = replace(town(3, 40, 8, 2), most=4)
    near = near_best(question, solve_sum(replace(question, most=3)).value * 1.01)
    rows = near.sites.tolist()
    assert {sum(site != NO_SITE for site in row) for row in rows} == {3, 4}
    assert all(row[3] == NO_SITE for row in rows if NO_SITE in row)


def test_a_count_limit_is_not_complete():
    question = town(4, 100, 15, 5)
    limit = solve_sum(question).value * 1.3
    everything = near_best(question, limit)
    some = near_best(question, limit, most=7)
    again = near_best(question, limit, most=7)
    assert len(everything) > len(some) == 7
    assert some.status == "count limit"
    assert not some.complete
    assert set(chosen(some)) <= set(chosen(everything))
    assert chosen(some) == chosen(again)
    assert near_best(question, limit, most=len(everything)).complete


def test_a_time_limit_is_never_proved():
    question = town(5, 300, 40, 10)
    near = near_best(question, solve_sum(question).value * 1.1, Watch(limit_s=0.0))
    assert near.status == "time limit"
    assert not near.complete


@pytest.mark.parametrize("beyond", [-1, 1_000], ids=["at the root", "in the deep"])
def test_an_interrupted_search_keeps_what_it_has(beyond, monkeypatch):
    monkeypatch.setattr(module, "_SMALL", 0)  # many jobs, each told of when its rows are taken
    question = town(6, 300, 60, 12)
    limit = solve_sum(question).value * 1.02
    everything = near_best(question, limit)

    def interrupt(gap):
        if gap.step == "near best" and gap.nodes > beyond:
            raise KeyboardInterrupt

    near = near_best(question, limit, Watch(tell=interrupt))
    assert near.status == "interrupted"
    assert not near.complete
    assert near.nodes > beyond
    assert (len(near) > 0) == (beyond > 0)
    assert len(set(chosen(near))) == len(near)
    assert set(chosen(near)) <= set(chosen(everything))
    assert near.values == pytest.approx(values_of_all(question, near.sites), rel=1e-12)


def test_every_job_is_told_of_when_its_rows_are_taken(monkeypatch):
    monkeypatch.setattr(module, "_SMALL", 0)
    monkeypatch.setattr(module, "_TOLD_EVERY_S", 60.0)  # the clock tells nothing
    question = town(6, 300, 60, 12)
    heard: list[int] = []
    near = near_best(
        question, solve_sum(question).value * 1.01, Watch(tell=lambda gap: heard.append(gap.nodes))
    )
    assert near.complete
    assert heard[-1] == near.nodes
    assert len([nodes for nodes in heard if nodes > heard[0]]) > module._ENOUGH_JOBS


@pytest.mark.parametrize(("limit", "most"), [(np.nan, 10), (np.inf, 10), (5.0, 0)])
def test_faults_are_told(limit, most):
    with pytest.raises(InputError):
        near_best(town(0, 20, 5, 2), limit, most=most)


@pytest.mark.parametrize(("sites", "count"), [(12, 4), (40, 3), (41, 3), (46, 2)])
def test_few_sites_of_many_are_all_tried(sites, count):
    question = town(sites, 60, sites, count)
    choices = np.array(list(combinations(range(sites), count)))
    values = values_of_all(question, choices)
    for limit in (values.min() * 1.05, np.median(values), values.max()):
        near = near_best(question, limit)
        inside = choices[values <= limit * (1 + PROVED_GAP)]
        assert near.complete
        assert sorted(near.sites.tolist()) == inside.tolist()


@pytest.mark.parametrize("without", [math.inf, 90.0])
def test_values_are_those_of_one_choice_at_a_time(without):
    random = np.random.default_rng(7)
    question = town(7, 1_500, 12, 4)
    minutes = np.where(random.random((1_500, 12)) < 0.1, math.inf, question.minutes)
    minutes[:, 5] = question.minutes[:, 5]
    weights = np.where(random.random(1_500) < 0.2, 0.0, question.weights)
    costs = random.uniform(0, 9, 12)
    fixed = np.arange(12) == 5  # everybody has a way to it
    question = replace(
        question, minutes=minutes, weights=weights, without=without, site_costs=costs, fixed=fixed,
        least=2,
    )  # fmt: skip
    near = near_best(question, 1e9)
    assert len(near) == 11 + math.comb(11, 2) + math.comb(11, 3)
    for row, value in zip(near.sites, near.values, strict=True):
        assert value == pytest.approx(question.value(row[row != NO_SITE]), rel=1e-12)
