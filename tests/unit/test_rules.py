"""Sum questions under rules about sites, against every choice."""

from __future__ import annotations

import numpy as np
import pytest

from navplan.errors import InfeasibleError, InputError
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.rules import SiteRules, SiteSet
from navplan.locate.rules_search import solve_sum_with_rules
from navplan.locate.swap_prices import swap_prices
from navplan.locate.watch import Gap, Watch
from tests.small_locations import Small, small_problems


def random_rules(random: np.random.Generator, sites: int) -> SiteRules:
    def some(count: int) -> tuple[int, ...]:
        return tuple(random.choice(sites, count, replace=False).tolist())

    sets = []
    for _ in range(random.integers(0, 3)):
        size = int(random.integers(1, sites + 1))
        least = int(random.integers(0, size + 1)) if random.random() < 0.4 else 0
        most = int(random.integers(least, size + 1)) if random.random() < 0.7 else None
        sets.append(SiteSet(some(size), least, most))
    pairs = [((some(2),) if sites > 1 and random.random() < 0.3 else ()) for _ in range(2)]
    return SiteRules(
        sets=tuple(sets),
        alike=pairs[0],
        needs=pairs[1],
        budget=float(random.integers(-1, 30)) if random.random() < 0.5 else np.inf,
        opening=random.integers(0, 10, sites).astype(np.float64),
        closing=random.integers(0, 4, sites).astype(np.float64),
    )


def keeps(rules: SiteRules, sites: list[int], total: int) -> bool:
    for rule in rules.sets:
        count = len(set(rule.sites) & set(sites))
        if not rule.least <= count <= (total if rule.most is None else rule.most):
            return False
    shut = [s for s in range(total) if s not in sites]
    return (
        all((a in sites) == (b in sites) for a, b in rules.alike)
        and all(b in sites for a, b in rules.needs if a in sites)
        and sum(rules.opening[sites]) + sum(rules.closing[shut]) <= rules.budget
    )


def random_question(random: np.random.Generator, small: Small) -> SumQuestion:
    sites = small.minutes.shape[1]
    return SumQuestion(
        small.minutes,
        small.weights,
        small.least,
        small.most,
        cost=(lambda z: z**2) if random.random() < 0.2 else (lambda z: z),
        without=1000.0 if random.random() < 0.3 else np.inf,
        limit=20.0 if random.random() < 0.2 else np.inf,
        fixed=small.fixed,
        barred=small.barred,
        site_costs=random.integers(0, 6, sites) * float(random.random() < 0.3),
    )


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_every_choice(seed: int) -> None:
    random = np.random.default_rng(seed)
    for small in small_problems(90 + seed, 120):
        total = small.minutes.shape[1]
        rules, question = random_rules(random, total), random_question(random, small)
        values = {
            tuple(sites): question.value(sites)
            for sites in small.choices()
            if keeps(rules, sites, total)
        }
        best = min(values.values(), default=np.inf)
        if best == np.inf:
            with pytest.raises(InfeasibleError):
                solve_sum_with_rules(question, rules, Watch())
            continue
        found = solve_sum_with_rules(question, rules, Watch())
        assert found.value == pytest.approx(best, rel=1e-9, abs=1e-9)
        assert found.value == question.value(found.sites)
        assert (found.status, found.gap) == ("proved", 0)
        assert tuple(found.sites.tolist()) in values


def test_swap_prices_are_what_swaps_change() -> None:
    random = np.random.default_rng(6)
    for small in small_problems(50, 200):
        question = random_question(random, small)
        for sites in list(small.choices())[:3]:
            value = question.value(sites)
            if value == np.inf:
                continue
            prices = swap_prices(question, np.array(sites), value)
            for site in range(question.sites):
                for place, out in enumerate(sites):
                    swapped = [s for s in sites if s != out] + [site]
                    change = question.value(swapped) - value
                    if site in sites:
                        assert prices[site, place] == np.inf
                    elif change > 0 and np.isinf(question.without):
                        assert prices[site, place] >= -1e-9  # who is lost is priced at the value
                    else:
                        assert prices[site, place] == pytest.approx(change, abs=1e-6)


def scattered(clients: int, sites: int, count: int) -> SumQuestion:
    random = np.random.default_rng(2)
    at, to = random.random((clients, 2)) * 60, random.random((sites, 2)) * 60
    minutes = np.hypot(*(at[:, None] - to).transpose(2, 0, 1)).astype(np.float32)
    return SumQuestion(minutes, random.integers(1, 90, clients).astype(float), count, count)


def test_rules_that_do_not_bind_cost_nothing() -> None:
    question = scattered(400, 30, 5)
    best = solve_sum(question, Watch())
    sites = best.sites.tolist()
    slack = SiteRules((SiteSet(tuple(sites), 2),), needs=((sites[0], sites[1]),))
    assert solve_sum_with_rules(question, slack, Watch()).sites.tolist() == sites


def test_each_rule_more_never_betters() -> None:
    question = scattered(400, 30, 5)
    best = solve_sum(question, Watch())
    sites, last = best.sites.tolist(), best.value
    rules = SiteRules(sets=(SiteSet(tuple(sites), most=3),))
    for more in (
        rules,
        SiteRules(rules.sets, alike=((sites[0], (sites[0] + 1) % 30),)),
        SiteRules(
            rules.sets, ((sites[0], (sites[0] + 1) % 30),), budget=4.0,
            opening=np.arange(30) % 4.0,
        ),
    ):  # fmt: skip
        found = solve_sum_with_rules(question, more, Watch())
        assert found.status == "proved"
        assert more.satisfied(np.isin(np.arange(30), found.sites))
        assert found.value >= last * (1 - 1e-12)
        last = found.value


def test_large_budgets_are_kept_to_the_krone() -> None:
    minutes = np.array([[1.0, 2.0, 3.0]])
    question = SumQuestion(minutes, np.ones(1), 1, 1)
    opening = np.array([750_000_001.0, 750_000_000.0, 1.0])
    rules = SiteRules(budget=750_000_000.0, opening=opening)
    # Up to a billionth of the budget, 0.75 here, is within it.
    assert solve_sum_with_rules(question, rules, Watch()).sites.tolist() == [1]


def test_a_time_limit_and_an_interrupt_are_never_proved() -> None:
    question = scattered(3000, 100, 8)
    best = solve_sum(question, Watch())
    rules = SiteRules((SiteSet(tuple(best.sites.tolist()), most=2),))
    late = solve_sum_with_rules(question, rules, Watch(limit_s=0))
    assert late.status == "time limit"
    assert late.bound <= late.value

    def stop(gap: Gap) -> None:
        if gap.step == "swap":
            raise KeyboardInterrupt

    found = solve_sum_with_rules(question, rules, Watch(tell=stop))
    assert found.status == "interrupted"
    assert best.value <= found.value < np.inf
    assert 0 < found.bound <= found.value


def test_rules_that_contradict_each_other() -> None:
    question = scattered(50, 6, 2)
    both = SiteRules((SiteSet((0, 1), least=2), SiteSet((1, 2), least=2)))
    with pytest.raises(InfeasibleError, match="keeps to all the rules together"):
        solve_sum_with_rules(question, both, Watch())
    minutes = np.where(np.eye(3, dtype=bool), 1.0, np.inf)
    far = SumQuestion(minutes, np.ones(3), 1, 3)
    with pytest.raises(InfeasibleError, match="reaches everybody"):
        solve_sum_with_rules(far, SiteRules((SiteSet((0, 1, 2), most=2),)), Watch())


def test_faults_come_at_once() -> None:
    wrong = SiteRules(
        (SiteSet((0, 7), least=3),), ((0, -1),), budget=np.nan, closing=np.array([1.0, -1.0, 0.0])
    )
    with pytest.raises(InputError) as caught:
        solve_sum_with_rules(scattered(5, 3, 1), wrong, Watch())
    keys = [fault.key for fault in caught.value.faults]
    assert keys == ["sets[0]", "sets[0]", "alike[0]", "budget", "closing"]
