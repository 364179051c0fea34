"""Capacities and minimum sizes: against every assignment of small problems, and by its rules."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from navplan.errors import InfeasibleError, InputError
from navplan.locate.capacity import CapacityQuestion, solve_capacity
from navplan.locate.capacity.knapsack import cheapest_load
from navplan.locate.watch import PROVED_GAP, Gap, Watch

INF = float("inf")


def brute(question: CapacityQuestion) -> float:
    """Least value over every choice of sites and every assignment."""
    units, sites = question.cost.shape
    best = INF
    for number in range(question.least, min(question.most, sites) + 1):
        for chosen in combinations(range(sites), number):
            for assigned in product(chosen, repeat=units):
                value = question.value(np.array(chosen, int), np.array(assigned, int))
                best = min(best, value)
    return best


def drawn(rng: np.random.Generator, *, units: int, sites: int) -> CapacityQuestion:
    whole = rng.random() < 0.5
    cost = rng.integers(0, 8, (units, sites)).astype(float)
    sizes = rng.integers(0, 6, units).astype(float)
    if not whole:
        cost *= rng.choice([0.3, 1.0, 7.7])
        sizes = sizes * 0.37
    cost[rng.random(cost.shape) < rng.choice([0.0, 0.15])] = INF
    if rng.random() < 0.3:
        cost[:, rng.integers(sites)] = cost[:, 0]
    most = int(rng.integers(1, sites + 1))
    least = int(rng.integers(0, most + 1)) if rng.random() < 0.4 else most
    mean = sizes.sum() / most
    capacities = mean * rng.uniform(0.8, 1.9, sites)
    if whole:
        capacities = np.ceil(capacities)
    capacities[rng.random(sites) < 0.1] = INF
    minimum = np.zeros(sites)
    if rng.random() < 0.5:
        minimum = np.minimum(mean * rng.choice([0.3, 0.6, 0.9]), capacities) * rng.integers(
            0, 2, sites
        )
    fixed = rng.random(sites) < rng.choice([0.0, 0.2])
    return CapacityQuestion(
        cost=cost,
        sizes=sizes,
        capacities=capacities,
        least=least,
        most=most,
        minimum=minimum,
        site_costs=rng.integers(0, 5, sites) * rng.choice([0.0, 1.0, 1.3]),
        fixed=fixed,
        barred=~fixed & (rng.random(sites) < rng.choice([0.0, 0.15])),
    )


def agrees(question: CapacityQuestion) -> bool:
    """Compare with brute force; True where there is an answer."""
    best = brute(question)
    if best == INF:
        with pytest.raises(InfeasibleError):
            solve_capacity(question, Watch())
        return False
    found = solve_capacity(question, Watch())
    assert found.status == "proved"
    assert found.value == pytest.approx(best, rel=PROVED_GAP, abs=1e-12)
    assert found.bound <= found.value
    assert found.gap == 0.0
    assert found.assigned is not None
    assert question.value(found.sites, found.assigned) == found.value
    return True


def test_every_assignment_of_small_problems() -> None:
    rng = np.random.default_rng(4)
    answered = sum(
        agrees(drawn(rng, units=int(rng.integers(1, 6)), sites=int(rng.integers(1, 5))))
        for _ in range(1500)
    )
    assert 600 < answered < 1400


def test_more_units_and_one_site_more() -> None:
    rng = np.random.default_rng(5)
    assert sum(agrees(drawn(rng, units=7, sites=4)) for _ in range(25)) > 6


def towns(rng: np.random.Generator, units: int, sites: int, **more: Any) -> CapacityQuestion:
    """Units and sites in a plane, capacities that bind."""
    places = rng.uniform(0, 60, (units, 2))
    people = rng.integers(20, 400, units).astype(float)
    at = places[rng.choice(units, sites, replace=False)]
    minutes = np.hypot(*(places[:, None, :] - at[None, :, :]).T).T
    told: dict[str, Any] = {"least": 4, "most": 4}
    told["capacities"] = np.full(sites, people.sum() / 4 * 1.15)
    told |= more
    return CapacityQuestion(cost=people[:, None] * minutes, sizes=people, **told)


def test_agrees_with_a_general_program_where_brute_force_is_too_long() -> None:
    rng = np.random.default_rng(6)
    for _ in range(3):
        question = towns(rng, 40, 12, minimum=np.full(12, 700.0))
        found = solve_capacity(question, Watch())
        assert found.status == "proved"
        assert found.value == pytest.approx(_by_milp(question), rel=1e-8)


def _by_milp(question: CapacityQuestion) -> float:
    units, sites = question.cost.shape
    once = np.kron(np.eye(units), np.ones(sites))
    load = np.kron(question.sizes, np.eye(sites))
    none = np.zeros((units, sites))
    linked = np.hstack([np.eye(units * sites), -np.tile(np.eye(sites), (units, 1))])
    result = milp(
        np.concatenate([question.cost.ravel(), question.site_costs]),
        integrality=np.ones(units * sites + sites),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(np.hstack([once, none]), 1, 1),
            LinearConstraint(np.hstack([load, -np.diag(question.capacities)]), -INF, 0),
            LinearConstraint(np.hstack([load, -np.diag(question.minimum)]), 0, INF),
            LinearConstraint(linked, -INF, 0),
            LinearConstraint(
                np.concatenate([np.zeros(units * sites), np.ones(sites)]),
                question.least,
                question.most,
            ),
        ],
        options={"mip_rel_gap": 0.0},
    )
    return float(result.fun)


def test_a_site_more_and_more_capacity_never_worsen() -> None:
    rng = np.random.default_rng(7)
    question = towns(rng, 30, 10)
    value = solve_capacity(question, Watch()).value
    given = {"cost": question.cost, "sizes": question.sizes, "capacities": question.capacities}
    fewer = CapacityQuestion(**given, least=4, most=4, barred=np.arange(10) == 3)
    more = CapacityQuestion(**given, least=4, most=5)
    roomy = CapacityQuestion(**given | {"capacities": question.capacities * 1.3}, least=4, most=4)
    assert solve_capacity(fewer, Watch()).value >= value
    assert solve_capacity(more, Watch()).value <= value
    assert solve_capacity(roomy, Watch()).value <= value


def test_without_limits_everybody_goes_to_the_nearest() -> None:
    rng = np.random.default_rng(8)
    question = towns(rng, 25, 8, capacities=np.full(8, INF), least=3, most=3)
    found = solve_capacity(question, Watch())
    nearest = min(
        question.cost[:, list(chosen)].min(axis=1).sum() for chosen in combinations(range(8), 3)
    )
    assert found.value == pytest.approx(nearest)


def test_the_same_seed_gives_the_same_answer() -> None:
    question = towns(np.random.default_rng(9), 40, 12)
    one, other = (solve_capacity(question, Watch(seed=3)) for _ in range(2))
    assert one.value == other.value
    assert one.nodes == other.nodes
    assert (one.sites == other.sites).all()


def test_a_time_limit_is_not_a_proof() -> None:
    question = towns(np.random.default_rng(10), 200, 40, least=12, most=12,
                     capacities=np.full(40, 200 * 210 / 12 * 1.1))  # fmt: skip
    found = solve_capacity(question, Watch(limit_s=0.01))
    assert found.status == "time limit"
    assert found.bound < found.value


def test_an_interrupt_keeps_the_best_so_far() -> None:
    question = towns(np.random.default_rng(11), 60, 20)

    def tell(gap: Gap) -> None:
        if gap.value < INF:
            raise KeyboardInterrupt

    found = solve_capacity(question, Watch(tell=tell))
    assert found.status == "interrupted"
    assert found.bound <= found.value < INF


def test_the_watch_hears_a_closing_gap() -> None:
    heard: list[Gap] = []
    solve_capacity(towns(np.random.default_rng(12), 40, 12), Watch(tell=heard.append))
    bounds = [gap.bound for gap in heard]
    assert bounds == sorted(bounds)
    values = [gap.value for gap in heard]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"capacities": [50, 50]}, "Sund .60.. Divide"),
        ({"capacities": [60, 60], "most": 1, "least": 1}, "1 largest offices .* serve 60, but 130"),
        ({"minimum": [70, 70]}, "2 offices need at least 140 .* only 130"),
        ({"barred": [True, False]}, "at least 2 offices are needed, but 1 may"),
        ({"cost": [[INF, INF], [1, 1], [1, 1]]}, "within reach of: Nes"),
        ({"fixed": [True, True], "least": 1, "most": 1}, "2 offices must stay .North, South."),
        ({"capacities": [66, 66]}, "do not fit into the offices whole"),
    ],
)
def test_says_what_rules_everything_out(changed: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {
        "cost": np.ones((3, 2)),
        "sizes": [35, 60, 35],
        "capacities": [100, 100],
        "least": 2,
        "most": 2,
        "units": ("Nes", "Sund", "Vik"),
        "sites": ("North", "South"),
    }
    arrays = {k: np.array(v) if isinstance(v, list) else v for k, v in (given | changed).items()}
    with pytest.raises(InfeasibleError, match=said):
        solve_capacity(CapacityQuestion(**arrays), Watch())


def test_faults_come_all_at_once() -> None:
    with pytest.raises(InputError) as raised:
        CapacityQuestion(
            cost=np.array([[np.nan, 1.0]]),
            sizes=np.array([-1.0]),
            capacities=np.array([1.0]),
            least=2,
            most=1,
            site_costs=np.array([INF, 0.0]),
        )
    assert {fault.key for fault in raised.value.faults} == {
        "cost", "sizes", "capacities", "least", "site_costs",
    }  # fmt: skip


def test_knapsacks_against_every_choice() -> None:
    rng = np.random.default_rng(13)
    for _ in range(3000):
        count = int(rng.integers(0, 9))
        reduced = rng.integers(-6, 5, count) * rng.choice([1.0, 0.7])
        sizes = rng.integers(0, 6, count) * rng.choice([1.0, 0.3])
        low, high = sorted(rng.uniform(0, max(1.0, sizes.sum()), 2))
        low *= rng.integers(0, 2)
        take = np.zeros(count, bool)
        slack = float(rng.choice([0.0, 0.5]))
        bound = cheapest_load(reduced, sizes, low, high, slack, take)
        best = INF
        for choice in product((False, True), repeat=count):
            if low <= sizes @ np.array(choice, float) <= high:
                best = min(best, reduced @ np.array(choice, float))
        if best == INF:
            assert bound == INF or bound <= best
            continue
        assert best - slack - 1e-9 <= bound <= best + 1e-9
        if bound > -INF and slack == 0:
            assert reduced @ take == pytest.approx(best)
