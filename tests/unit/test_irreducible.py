"""Reasons why nothing is possible, each found only where brute force agrees."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from navplan.errors import InfeasibleError
from navplan.locate.centre import CentreQuestion, solve_centre
from navplan.locate.certificates import (
    beyond_every_site,
    named,
    over_budget,
    places_apart,
    too_few_allowed,
    too_many_fixed,
)
from navplan.locate.checks import Sites, check_sites
from navplan.locate.irreducible import irreducible
from navplan.locate.rules import SiteRules
from navplan.locate.watch import Watch
from tests.small_locations import Small, small_problems


def sites_of(small: Small) -> Sites:
    total = small.minutes.shape[1]
    return check_sites("test", total, small.least, small.most, small.fixed, small.barred)


def test_the_set_is_irreducible_and_infeasible() -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        demands = [f"d{k}" for k in range(random.integers(1, 9))]
        conflicts = [
            frozenset(random.choice(demands, random.integers(1, len(demands) + 1), replace=False))
            for _ in range(random.integers(1, 4))
        ]

        def feasible(some: tuple[str, ...], bad: list[frozenset[str]] = conflicts) -> bool:
            return not any(conflict <= set(some) for conflict in bad)

        found = irreducible(demands, feasible)
        assert not feasible(found)
        assert list(found) == [d for d in demands if d in found]
        for demand in found:
            assert feasible(tuple(d for d in found if d != demand))


def test_the_last_named_are_kept() -> None:
    found = irreducible(["a", "b", "c"], lambda some: len(some) < 2)
    assert found == ("b", "c")


def test_nothing_to_blame() -> None:
    assert irreducible(["a"], lambda some: False) == ()
    with pytest.raises(ValueError, match="can be met"):
        irreducible(["a"], lambda some: True)


def test_names_are_listed_and_the_rest_counted() -> None:
    assert named(["a", "b"]) == "a, b"
    assert named([str(k) for k in range(1_234)]).endswith("8, 9 and 1,224 more")


def test_counts() -> None:
    assert too_many_fixed(["Arna"], 1) is None
    assert too_many_fixed(["Arna", "Åsane"], 1).startswith(
        "2 offices must stay open (Arna, Åsane), and 1 may be open"
    )
    assert too_few_allowed(3, 3) is None
    assert "4 offices asked for, and 3 sites" in too_few_allowed(3, 4)


def test_who_lies_beyond_every_site_is_named() -> None:
    minutes = np.array([[5.0, 1.0], [40.0, 9.0], [np.inf, 2.0]], dtype=np.float32)
    barred = Sites(np.array([], int), np.array([0]))
    told = beyond_every_site(minutes, 30.0, barred, ["Arna", "Fana", "Os"])
    assert told.startswith("2 places are farther than 30 minutes from any site")
    assert "Fana, Os" in told
    told = beyond_every_site(minutes, np.inf, barred, ["Arna", "Fana", "Os"])
    assert told.startswith("1 place has no time to any site that may be open: Os")
    every = Sites(np.array([1]), np.array([0]))
    assert beyond_every_site(minutes, 30.0, every, ["Arna", "Fana", "Os"]) is None


def test_places_apart_are_a_proof() -> None:
    reasons = 0
    for small in small_problems(5, 400, one_count=True):
        sites = sites_of(small)
        clients = [f"c{k}" for k in range(len(small.minutes))]
        for limit in (2.0, 8.0, np.inf):
            if beyond_every_site(small.minutes, limit, sites, clients) is not None:
                continue
            told = places_apart(small.minutes, limit, sites, small.most, clients)
            if told is None:
                continue
            reasons += 1
            within = np.where(small.minutes <= limit, small.minutes, np.inf)
            assert all(np.isinf(within[:, c].min(axis=1)).any() for c in small.choices())
            apart = [int(c[1:]) for c in told.split(": ")[1].rstrip(".").split(", ")]
            for a, b in combinations(apart, 2):
                assert not (np.isfinite(within[a]) & np.isfinite(within[b]))[sites.free].any()
            question = CentreQuestion(within, small.most, small.fixed, small.barred)
            with pytest.raises(InfeasibleError):
                solve_centre(question, Watch())
    assert reasons > 20


def test_the_cheapest_choice_is_the_cheapest() -> None:
    random = np.random.default_rng(3)
    for small in small_problems(6, 300):
        total = small.minutes.shape[1]
        costs = {k: random.integers(0, 9, total).astype(float) for k in ("opening", "closing")}
        rules = SiteRules(budget=float(random.integers(-1, 40)), **costs)
        cheapest = min(
            rules.cost(np.isin(np.arange(total), chosen)) for chosen in every_count(small)
        )
        told = over_budget(rules, sites_of(small), total, small.least)
        assert (told is not None) == (cheapest > rules.budget)
        if told is not None:
            assert f"cheapest choice costs {cheapest:,.0f} and" in told


def every_count(small: Small) -> list[list[int]]:
    """Choices of at least `least`, as many as it takes."""
    wide = Small(
        small.minutes, small.weights, small.least, small.minutes.shape[1], small.fixed, small.barred
    )
    return list(wide.choices())
