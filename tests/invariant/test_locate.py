"""What holds for every ranking."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from navplan.errors import InfeasibleError
from navplan.locate import OBJECTIVES, Ranking, rank_area_structures, rank_site_choices
from tests.made_times import Problem, problems

SOME = settings(max_examples=40, deadline=None)
objectives = st.sampled_from(OBJECTIVES)


def choose(made: Problem, sites: list[str], count: int, kappa: float = 0.05) -> Ranking:
    return rank_site_choices(
        made.times, made.people, zones=made.zones, sites=sites, count=count, kappa=kappa
    )


def divide(made: Problem, count: int, **options: bool) -> Ranking | None:
    try:
        return rank_area_structures(
            made.times,
            made.people,
            zones=made.zones,
            offices=made.offices,
            neighbours=made.neighbours,
            count=count,
            kappa=0.05,
            **options,
        )
    except InfeasibleError:
        return None


def best(ranking: Ranking, objective: str) -> tuple[float, float]:
    row = ranking.head(1, objective).iloc[0]
    value = row[objective] if row["share_without_time"] < 1 else float("inf")
    return round(row["share_without_time"], 9), value


def no_worse(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[0] or (one[0] == other[0] and one[1] <= other[1] + 1e-7)


@SOME
@given(problems(), objectives)
def test_another_site_to_choose_from_never_worsens_the_best(made, objective):
    fewer = choose(made, made.sites[:-1], 1)
    assert no_worse(best(choose(made, made.sites, 1), objective), best(fewer, objective))


@SOME
@given(problems(), objectives)
def test_another_office_never_worsens_the_best_free_choice(made, objective):
    values = [best(choose(made, made.sites, p), objective) for p in range(1, len(made.sites) + 1)]
    assert all(no_worse(b, a) for a, b in itertools.pairwise(values))


@SOME
@given(problems(most_sites=4), objectives, st.integers(1, 3))
def test_fewer_conditions_never_worsen_the_best(made, objective, count):
    strict = divide(made, count)
    if strict is None:
        return
    for options in ({"contiguous": False}, {"inside": False}):
        loose = divide(made, count, **options)
        assert loose is not None
        assert loose.count >= strict.count
        assert no_worse(best(loose, objective), best(strict, objective))


@SOME
@given(problems(most_sites=4), objectives, st.integers(1, 3))
def test_free_choice_of_the_same_offices_is_never_worse(made, objective, count):
    strict = divide(made, count)
    if strict is None:
        return
    free = choose(made, made.sites, count)
    assert no_worse(best(free, objective), best(strict, objective))


@SOME
@given(problems(), st.integers(1, 2), objectives)
def test_ranks_are_complete_and_the_scenarios_find_themselves(made, count, objective):
    for ranking in (choose(made, made.sites, count), divide(made, count)):
        if ranking is None:
            continue
        table = ranking.head(ranking.count, objective)
        assert table[f"rank_{objective}"].tolist() == list(range(1, ranking.count + 1))
        assert table["share_without_time"].round(9).is_monotonic_increasing
        for rank in (1, ranking.count):
            assert ranking.rank_of(ranking.scenario_at(rank, objective), objective) == rank


@SOME
@given(problems(), st.integers(2, 9))
def test_more_people_everywhere_change_no_rank(made, factor):
    once = choose(made, made.sites, 2)
    many = rank_site_choices(
        made.times, made.people * factor, zones=made.zones, sites=made.sites, count=2, kappa=0.05
    )
    assert once.head(99)["offices"].tolist() == many.head(99)["offices"].tolist()
