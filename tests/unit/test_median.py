"""The sum question is answered as trying every choice answers it, and says honestly how far."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from navplan.errors import InfeasibleError, InputError
from navplan.locate.median import SumQuestion, search, solve_sum
from navplan.locate.watch import Gap, Watch
from tests.reference_median import (
    choices,
    clustered,
    least_value,
    plain_value,
    random_question,
)


def question_of(minutes: npt.ArrayLike, count: int, **more: object) -> SumQuestion:
    array = np.array(minutes, dtype=float)
    given = {"weights": np.ones(len(array)), "least": count, "most": count}
    return SumQuestion(array, **(given | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("part", range(8))
def test_as_good_as_trying_everything(part: int) -> None:
    for seed in range(part * 300, part * 300 + 300):
        question = random_question(np.random.default_rng(seed))
        least = least_value(question)
        if least == np.inf:
            with pytest.raises(InfeasibleError):
                solve_sum(question, Watch(seed=seed))
            continue
        found = solve_sum(question, Watch(seed=seed))
        sites = tuple(found.sites.tolist())
        assert sites in choices(question), seed
        assert found.status == "proved", seed
        assert found.value == pytest.approx(least, rel=1e-9, abs=1e-9), seed
        assert found.value == pytest.approx(plain_value(question, sites), rel=1e-12), seed
        assert found.value == question.value(sites), seed
        assert found.bound <= found.value


@pytest.mark.parametrize("kind", ["any", "whole", "gaps"])
def test_searches_that_must_branch(kind: str) -> None:
    """Minutes without any geometry leave a gap that only branching closes."""
    nodes = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        count = int(random.integers(3, 7))
        minutes = random.random((30, 13)) * 30
        if kind == "whole":
            minutes = np.floor(minutes)
        if kind == "gaps":
            minutes[random.random(minutes.shape) < 0.3] = np.inf
        weights = np.ones(30) if kind == "whole" else random.random(30)
        question = SumQuestion(minutes, weights, count, count)
        every = np.array(list(combinations(range(13), count)))
        nearest = minutes[:, every].min(axis=2)
        values = weights @ np.where(np.isinf(nearest), 0, nearest)
        values[np.isinf(nearest).any(axis=0)] = np.inf
        if values.min() == np.inf:
            with pytest.raises(InfeasibleError):
                solve_sum(question)
            continue
        found = solve_sum(question)
        nodes += found.nodes
        assert found.value == pytest.approx(values.min(), rel=1e-9)
        assert found.status == "proved"
    assert nodes > 20


def test_sampled_start_and_slices_make_no_difference() -> None:
    minutes, people = clustered(14_000, 12, seed=3)
    found = solve_sum(SumQuestion(minutes, people, 4, 4))
    every = np.array(list(combinations(range(12), 4)))
    values = [people @ minutes[:, sites].min(axis=1).astype(float) for sites in every]
    assert found.sites.tolist() == every[int(np.argmin(values))].tolist()
    assert found.value == pytest.approx(min(values), rel=1e-12)


def test_same_seed_same_search() -> None:
    minutes, people = clustered(400, 60, seed=1, noise=0.4)
    question = SumQuestion(minutes, people, 8, 8)
    first, second = (solve_sum(question, Watch(seed=5)) for _ in range(2))
    assert first.nodes == second.nodes > 0
    assert first.value == second.value
    assert first.sites.tolist() == second.sites.tolist()


def test_more_sites_and_more_to_choose_from_never_worsen() -> None:
    minutes, people = clustered(300, 25, seed=2, noise=0.2)
    values = [solve_sum(SumQuestion(minutes, people, p, p)).value for p in range(1, 8)]
    assert values == sorted(values, reverse=True)
    fewer = solve_sum(SumQuestion(minutes[:, :-5], people, 4, 4)).value
    assert values[3] <= fewer


def test_every_site_chosen() -> None:
    minutes, people = clustered(50, 6, seed=4)
    found = solve_sum(SumQuestion(minutes, people, 6, 6))
    assert found.sites.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.status == "proved"


def test_one_client() -> None:
    found = solve_sum(question_of([[3, 1, 2]], 1))
    assert found.sites.tolist() == [1]
    assert found.value == 1


def test_a_start_is_taken_and_bettered() -> None:
    minutes, people = clustered(200, 20, seed=6)
    question = SumQuestion(minutes, people, 3, 3)
    best = solve_sum(question)
    for start in (best.sites, np.array([0, 1, 2])):
        assert solve_sum(question, start=start).value == best.value


def test_unweighted_clients_still_bind() -> None:
    minutes = [[1, np.inf, 9], [2, np.inf, 9], [np.inf, 5, np.inf]]
    weights = np.array([1.0, 1.0, 0.0])
    bound = solve_sum(question_of(minutes, 2, weights=weights))
    assert bound.sites.tolist() == [0, 1]
    free = solve_sum(question_of(minutes, 1, weights=weights, without=50.0))
    assert free.sites.tolist() == [0]


def test_threshold_counts_people_beyond_it() -> None:
    minutes, people = clustered(500, 30, seed=7)
    question = SumQuestion(minutes, people, 3, 3, cost=lambda z: (z > 15).astype(float))
    every = combinations(range(30), 3)
    left = min(people[minutes[:, sites].min(axis=1) > 15].sum() for sites in every)
    assert solve_sum(question).value == left


def test_what_rules_it_out_is_told() -> None:
    with pytest.raises(InfeasibleError, match="2 clients have no time"):
        solve_sum(question_of([[1, 2], [np.inf, 9], [9, 9]], 1, limit=5.0))
    with pytest.raises(InfeasibleError, match="No 1 site"):
        solve_sum(question_of([[1, np.inf], [np.inf, 1]], 1))


def test_a_limit_that_few_choices_keep() -> None:
    """A start that serves everybody has to be searched for."""
    for seed in range(30):
        random = np.random.default_rng(seed)
        minutes = random.random((40, 12)) * 10
        every = [list(sites) for sites in combinations(range(12), 4)]
        worst = np.array([minutes[:, sites].min(axis=1).max() for sites in every])
        limit = float(np.sort(worst)[2])
        weights = random.random(40)
        question = SumQuestion(minutes, weights, 4, 4, limit=limit)
        sums = [
            weights @ minutes[:, s].min(axis=1)
            for s, w in zip(every, worst, strict=True)
            if w <= limit
        ]
        assert solve_sum(question).value == pytest.approx(min(sums))
        with pytest.raises(InfeasibleError):
            solve_sum(replace(question, limit=float(worst.min()) - 1e-9))


def test_no_time_is_never_called_proved() -> None:
    minutes, people = clustered(500, 80, seed=8, noise=0.5)
    question = SumQuestion(minutes, people, 9, 9)
    best = solve_sum(question)
    assert best.status == "proved"
    for seconds in (0.0, 0.01, 0.05):
        found = solve_sum(question, Watch(limit_s=seconds))
        assert found.bound <= best.value * (1 + 1e-9)
        assert found.value >= best.value * (1 - 1e-9)
        assert found.value == question.value(found.sites)
        assert found.status == "time limit" or found.value == pytest.approx(best.value)
    assert solve_sum(question, Watch(limit_s=0.0)).status == "time limit"


@pytest.mark.parametrize("at", [1, 2, 4])
def test_interrupted_keeps_the_best_so_far(at: int) -> None:
    minutes, people = clustered(500, 80, seed=8, noise=0.5)
    question = SumQuestion(minutes, people, 9, 9)
    seen: list[Gap] = []

    def tell(gap: Gap) -> None:
        seen.append(gap)
        if len(seen) == at:
            raise KeyboardInterrupt

    found = solve_sum(question, Watch(tell=tell))
    assert found.status == "interrupted"
    assert found.value == question.value(found.sites) == seen[-1].value
    assert found.bound <= solve_sum(question).value


def test_progress_closes() -> None:
    minutes, people = clustered(500, 80, seed=8, noise=0.5)
    seen: list[Gap] = []
    solve_sum(SumQuestion(minutes, people, 9, 9), Watch(tell=seen.append))
    assert all(gap.bound <= gap.value for gap in seen)
    assert [gap.bound for gap in seen] == sorted(gap.bound for gap in seen)
    assert [gap.value for gap in seen] == sorted((gap.value for gap in seen), reverse=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"minutes": np.array([[1.0, np.nan]])}, "1 are NaN or negative"),
        ({"minutes": np.array([[1.0, -2.0]])}, "1 are NaN or negative"),
        ({"minutes": np.zeros((0, 2))}, "at least one of each"),
        ({"weights": np.array([np.nan])}, "weights"),
        ({"weights": np.array([1.0, 2.0])}, "one a client"),
        ({"site_costs": np.array([1.0, np.inf])}, "site_costs"),
        ({"least": 3, "most": 3}, "at least 3 sites of 2"),
        ({"least": 0}, "1 ≤ least"),
        ({"least": 2, "most": 1}, "least ≤ most"),
        ({"fixed": np.array([True, True]), "most": 1}, "2 are fixed"),
        ({"fixed": np.array([True, False]), "barred": np.array([True, False])}, "barred, too"),
        ({"limit": -1.0}, "limit"),
        ({"without": np.nan}, "without"),
    ],
)
def test_wrong_input_is_told(changes: dict[str, object], words: str) -> None:
    given = {"minutes": np.array([[1.0, 2.0]]), "weights": np.ones(1), "least": 1, "most": 1}
    with pytest.raises(InputError, match=words):
        SumQuestion(**(given | changes))  # type: ignore[arg-type]


def test_costs_that_fall_or_end_are_refused() -> None:
    minutes = [[1, 2, 3], [3, 2, 1]]
    with pytest.raises(InputError, match="falls with rising minutes"):
        solve_sum(question_of(minutes, 1, cost=lambda z: -z))
    with pytest.raises(InputError, match="NaN or inf"):
        solve_sum(question_of(minutes, 1, cost=lambda z: z * np.inf))
    with pytest.raises(InputError, match="less than minutes cost"):
        solve_sum(question_of(minutes, 1, without=2.0))


@pytest.mark.parametrize("sampled", [False, True])
def test_pricing_sites_out_loses_nothing(sampled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done only where sites are very many, forced on small questions."""
    small = {"_MANY_SITES": 2, "_MANY_CELLS": 0, "_SOME": 1, "_MORE": 1, "_RESTRICTED_STEPS": 20}
    if sampled:
        small |= {"_SAMPLE": 3, "_LEAST_SAMPLE": 2, "_SAMPLE_CELLS": 0, "_GREEDY_CELLS": 0}
    for name, number in small.items():
        monkeypatch.setattr(search, name, number)
    for seed in range(400):
        question = random_question(np.random.default_rng(seed))
        least = least_value(question)
        if least < np.inf:
            found = solve_sum(question)
            assert found.status == "proved"
            assert found.value == pytest.approx(least, rel=1e-9, abs=1e-9), seed
