"""Plans of several periods against every plan."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from navplan.errors import InfeasibleError, InputError
from navplan.locate.median import SumQuestion
from navplan.locate.phases import Period, PhaseQuestion
from navplan.locate.phases_search import solve_phases
from navplan.locate.watch import Watch


def random_question(rng):
    sites = int(rng.integers(2, 6))
    clients = int(rng.integers(1, 8))
    shared = rng.integers(0, 40, (clients, sites)).astype(float)
    periods = []
    for number in range(int(rng.integers(1, 4))):
        minutes = shared if rng.random() < 0.5 else rng.integers(0, 40, shared.shape).astype(float)
        if rng.random() < 0.3:
            minutes = np.where(rng.random(minutes.shape) < 0.2, np.inf, minutes)
        count = int(rng.integers(1, sites + 1))
        rules = {"without": 50.0 if rng.random() < 0.3 else np.inf}
        if rng.random() < 0.3 and count < sites:
            rules["barred"] = np.arange(sites) == rng.integers(sites)
        if rng.random() < 0.3:
            rules["site_costs"] = rng.integers(0, 20, sites).astype(float)
        weights = rng.integers(0, 6, clients).astype(float)
        periods.append(Period(str(number), SumQuestion(minutes, weights, count, count, **rules)))
    return PhaseQuestion(
        periods,
        existing=rng.random(sites) < 0.5,
        opening=rng.choice([0.0, 5.0, 60.0, np.inf], sites, p=[0.3, 0.3, 0.3, 0.1]),
        closing=rng.choice([0.0, 5.0, 60.0, np.inf], sites, p=[0.3, 0.3, 0.3, 0.1]),
        settled=bool(rng.random() < 0.5),
    )


def plain_value(question, plan):
    """Value of a plan by the rules in words."""
    total, before, changes = 0.0, set(np.flatnonzero(question.existing).tolist()), {}
    for period, sites in zip(question.periods, plan, strict=True):
        if set(np.flatnonzero(period.question.barred)) & set(sites):
            return np.inf
        total += period.question.value(np.array(sites))
        for site in set(sites) - before:
            total += question.opening[site]
            changes[site] = changes.get(site, 0) + 1
        for site in before - set(sites):
            total += question.closing[site]
            changes[site] = changes.get(site, 0) + 1
        before = set(sites)
    if question.settled and max(changes.values(), default=0) > 1:
        return np.inf
    return total


def every_plan(question):
    sites = len(question.existing)
    return product(*(combinations(range(sites), p.question.least) for p in question.periods))


@pytest.mark.parametrize("seed", range(6))
def test_against_every_plan(seed):
    rng = np.random.default_rng(seed)
    for _ in range(15):
        question = random_question(rng)
        best = min(plain_value(question, plan) for plan in every_plan(question))
        if np.isinf(best):
            with pytest.raises(InfeasibleError):
                solve_phases(question, Watch())
            continue
        plan = solve_phases(question, Watch())
        assert plan.status == "proved"
        assert plan.value == pytest.approx(best, rel=1e-9)
        chosen = [tuple(choice.tolist()) for choice in plan.choices]
        assert plain_value(question, chosen) == pytest.approx(best)
        assert plan.bound <= plan.value * (1 + 1e-12)
        assert plan.gap == 0


def towns(weights, **rules):
    """A town that moves from west to east."""
    minutes = np.array([[0.0, 10.0, 20.0], [20.0, 10.0, 0.0]])
    periods = [
        Period(str(2030 + 10 * n), SumQuestion(minutes, np.array(w, dtype=float), 1, 1))
        for n, w in enumerate(weights)
    ]
    return PhaseQuestion(periods, **rules)


MOVING = ([9, 1], [5, 5], [1, 9])


def test_cheap_changes_follow_the_people_and_dear_ones_do_not():
    free = solve_phases(towns(MOVING, settled=False), Watch(), sites="abc")
    assert free.table["offices"].tolist()[::2] == ["a", "c"]
    assert free.value == pytest.approx(20 + 100 + 20)
    dear = solve_phases(towns(MOVING, settled=False, closing=np.full(3, 1e4)), Watch(), sites="abc")
    assert len(set(dear.table["offices"])) == 1
    assert dear.value == pytest.approx(300)


def test_settled_plans_never_turn_back():
    back_and_forth = ([9, 1], [1, 9], [9, 1])
    loose = solve_phases(towns(back_and_forth, settled=False), Watch(), sites="abc")
    assert loose.table["offices"].tolist() == ["a", "c", "a"]
    settled = solve_phases(
        towns(back_and_forth, existing=np.array([True, False, False])), Watch(), sites="abc"
    )
    assert settled.table["opened"].tolist()[-1] == ""
    assert settled.value > loose.value


def test_the_table_tells_what_opens_and_closes():
    plan = solve_phases(
        towns(MOVING, existing=np.array([True, False, False]), opening=np.full(3, 7.0)),
        Watch(),
        sites="abc",
    )
    table = plan.table
    assert table["period"].tolist() == ["2030", "2040", "2050"]
    assert table["closed"].str.cat() == "a"
    assert table["opened"].str.cat() == "c"
    assert plan.changes.sum() == 7
    assert plan.value == pytest.approx(table["value"].sum() + table["changes"].sum())


def test_another_period_or_rule_never_helps():
    rng = np.random.default_rng(4)
    for _ in range(4):
        minutes = rng.random((20, 6)) * 40
        periods = [Period(str(n), SumQuestion(minutes, rng.random(20), 2, 2)) for n in range(3)]
        loose = solve_phases(PhaseQuestion(periods, settled=False), Watch()).value
        settled = solve_phases(PhaseQuestion(periods), Watch()).value
        fewer = solve_phases(PhaseQuestion(periods[:2]), Watch()).value
        assert loose <= settled * (1 + 1e-12)
        assert fewer <= settled


def test_without_time_a_plan_is_kept_and_not_proved():
    rng = np.random.default_rng(5)
    minutes = rng.random((60, 12)) * 40
    periods = [Period(str(n), SumQuestion(minutes, rng.random(60), 4, 4)) for n in range(3)]
    question = PhaseQuestion(periods, opening=np.full(12, 3.0))
    best = solve_phases(question, Watch())
    told = []
    hurried = solve_phases(question, Watch(limit_s=0, tell=told.append))
    assert hurried.status == "time limit"
    assert hurried.bound <= best.value <= hurried.value * (1 + 1e-12)


def test_bad_questions_are_refused():
    minutes = np.ones((2, 3))
    good = Period("a", SumQuestion(minutes, np.ones(2), 1, 1))
    with pytest.raises(InputError, match="not fixed"):
        PhaseQuestion([Period("a", SumQuestion(minutes, np.ones(2), 1, 2))])
    with pytest.raises(InputError, match="there are none"):
        PhaseQuestion([])
    with pytest.raises(InputError, match="sites"):
        PhaseQuestion([good, Period("b", SumQuestion(minutes[:, :2], np.ones(2), 1, 1))])
    with pytest.raises(InputError, match="opening"):
        PhaseQuestion([good], opening=np.array([1.0, -1.0, 0.0]))
    with pytest.raises(InputError, match="existing"):
        PhaseQuestion([good], existing=np.array([True]))


def test_an_interrupt_keeps_a_plan():
    def tell(gap):
        raise KeyboardInterrupt

    rng = np.random.default_rng(5)
    minutes = rng.random((60, 12)) * 40
    periods = [Period(str(n), SumQuestion(minutes, rng.random(60), 4, 4)) for n in range(3)]
    question = PhaseQuestion(periods, opening=np.full(12, 3.0))
    plan = solve_phases(question, Watch(tell=tell))
    assert plan.status == "interrupted"
    assert plan.bound <= solve_phases(question, Watch()).value <= plan.value * (1 + 1e-12)
