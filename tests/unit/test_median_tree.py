"""The prefix tree loses nothing, and its bounds hold."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from navplan.locate.median import (
    PrefixTree,
    SumQuestion,
    decided,
    even_usage,
    forcing_losses,
    growing,
    likely_multipliers,
    raise_bound,
    tree,
    tree_within,
)
from navplan.locate.median.bounds import Bound
from navplan.locate.median.swaps import swap_search
from navplan.locate.watch import Watch
from tests.reference_median import choices, clustered, least_value, plain_value, random_question


def whole_tree(question: SumQuestion) -> PrefixTree:
    return tree_within(question, np.full(question.clients, np.inf), 1e6)


def bound_of(grown: PrefixTree, upper: float, steps: int = 300) -> Bound:
    usage = even_usage(grown)
    multipliers = likely_multipliers(grown, usage)
    return raise_bound(
        grown, multipliers, usage, upper=upper, enough=np.inf, steps=steps, watch=Watch()
    )


def chosen_free(grown: PrefixTree, sites: tuple[int, ...]) -> list[int]:
    return [k for k, site in enumerate(grown.sites.tolist()) if site in sites]


@pytest.mark.parametrize("colliding", [False, True])
def test_tree_values_are_the_question_s(colliding: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the numbers that find sets are all the same, so that all sets of a size clash."""
    if colliding:
        for module in (growing, tree):
            monkeypatch.setattr(module, "set_numbers", lambda n: np.ones(n, dtype=np.uint64))
    for seed in range(300):
        question = random_question(np.random.default_rng(seed))
        grown = whole_tree(question)
        state = np.zeros(len(grown.sites), dtype=np.int8)
        if len(state) > 2:
            state[0], state[1] = -1, 1
        smaller, _ = grown.contracted(state, np.zeros(len(grown)))
        for sites in choices(question)[:40]:
            truth = plain_value(question, sites)
            for each in (grown, smaller):
                if not set(each.inside.tolist()) <= set(sites) <= {*each.sites, *each.inside}:
                    continue
                value = each.value(chosen_free(each, sites))
                if truth == np.inf:
                    assert value >= 1e6 * (1 - 1e-12)
                else:
                    assert value == pytest.approx(truth, rel=1e-9, abs=1e-9)


def test_sets_are_shared() -> None:
    """Two orders of three sites end in one node, two clients of one order share a branch."""
    minutes = np.array([[1.0, 2, 3, 9], [2, 1, 3, 9], [1, 2, 3, 9]])
    grown = whole_tree(SumQuestion(minutes, np.ones(3), 1, 1, without=9.0))
    sets = [tuple(sorted(grown.sites_of(node).tolist())) for node in range(len(grown))]
    assert sorted(sets) == [(0,), (0, 1), (0, 1, 2), (1,)]


def test_short_lists_never_cost_more() -> None:
    minutes, people = clustered(60, 12, seed=1)
    question = SumQuestion(minutes, people, 3, 3)
    grown = tree_within(question, np.sort(minutes, axis=1)[:, 3].astype(float), 1e9)
    for sites in combinations(range(12), 3):
        assert grown.value(sites) <= question.value(sites) * (1 + 1e-12)


def test_bounds_hold_and_decisions_lose_nothing() -> None:
    for seed in range(300):
        question = random_question(np.random.default_rng(seed))
        least = least_value(question)
        grown = whole_tree(question)
        if least == np.inf or grown.impossible or not len(grown.sites):
            continue
        bound = bound_of(grown, least)
        assert bound.value <= least + 1e-9 * max(1.0, abs(least))
        assert ((bound.multipliers >= 0) & (bound.multipliers <= grown.cost)).all()
        limit = least + 0.2 * abs(least) + 0.1
        state = decided(grown, bound, limit)
        for sites in choices(question):
            if plain_value(question, sites) < limit - 1e-9:
                free = chosen_free(grown, sites)
                assert not (state[free] == -1).any()
                assert not (state[np.setdiff1d(np.arange(len(state)), free)] == 1).any()


def test_contracting_never_lowers_the_bound() -> None:
    minutes, people = clustered(200, 30, seed=3, noise=0.3)
    question = SumQuestion(minutes, people, 5, 5)
    grown = whole_tree(question)
    bound = bound_of(grown, 1.2 * question.value(range(5)), steps=60)
    losses = forcing_losses(grown, bound.scores)
    for site in range(30):
        for way, loss in zip((1, -1), losses, strict=True):
            state = np.zeros(30, dtype=np.int8)
            state[site] = way
            smaller, multipliers = grown.contracted(state, bound.multipliers)
            usage = even_usage(smaller)
            again = raise_bound(
                smaller, multipliers, usage, upper=1e9, enough=np.inf, steps=1, watch=Watch()
            )
            assert again.value >= (bound.value + loss[site]) * (1 - 1e-12)


def test_a_demanded_set_costs_when_none_of_it_is_chosen() -> None:
    minutes, people = clustered(40, 8, seed=4)
    grown = whole_tree(SumQuestion(minutes, people, 2, 2))
    demanding = grown.demanding(np.array([1, 4]), 1000.0)
    for sites in combinations(range(8), 2):
        more = 0.0 if {1, 4} & set(sites) else 1000.0
        assert demanding.value(sites) == pytest.approx(grown.value(sites) + more)


def test_swaps_end_where_no_swap_helps() -> None:
    for seed in range(200):
        question = random_question(np.random.default_rng(seed), without=200.0)
        grown = whole_tree(question)
        if grown.impossible or grown.most < 1:
            continue
        start = np.arange(max(grown.least, 0))
        chosen, value = swap_search(grown, start)
        assert value == pytest.approx(grown.value(chosen), rel=1e-9, abs=1e-9)
        assert grown.least <= len(chosen) <= grown.most
        others = set(range(len(grown.sites))) - set(chosen.tolist())
        moves = [[k for k in chosen if k != out] + [new] for out in chosen for new in others]
        if len(chosen) < grown.most:
            moves += [[*chosen, new] for new in others]
        if len(chosen) > grown.least:
            moves += [[k for k in chosen if k != out] for out in chosen]
        for move in moves:
            assert grown.value(move) >= value - 1e-9 * max(1.0, abs(value))
