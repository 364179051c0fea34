"""Answers of the solver against complete enumeration and the measures."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navplan.errors import InfeasibleError, InputError
from navplan.locate import (
    Budget,
    LocationProblem,
    NotFoundError,
    Staff,
    Together,
    Watch,
    WholeAreas,
    rank_area_structures,
    rank_site_choices,
    solve,
)
from navplan.locate.answers import solution_of
from navplan.locate.found import Found
from navplan.locate.problem import AIMS
from navplan.measures import tail_mean_minutes
from tests.made_times import Problem, problem, problems

KAPPA = 0.08
NAN = float("nan")


def asked(made: Problem, count: int, **more: object) -> LocationProblem:
    return LocationProblem(
        made.times, made.people, made.zones, made.offices, count, kappa=KAPPA, **more
    )


@settings(max_examples=150)
@given(problems(), st.integers(1, 4), st.sampled_from(["mean_minutes", "ede_minutes"]))
def test_sums_equal_the_first_of_the_ranking(made: Problem, count: int, aim: str) -> None:
    if count > len(made.sites) or made.times.minutes[made.people > 0].isna().all(axis=None):
        return
    ranking = rank_site_choices(
        made.times, made.people, zones=made.zones, sites=made.sites, count=count, kappa=KAPPA
    )
    best = ranking.best(aim)
    found = solve(asked(made, count, minimise=aim))
    assert found.share_without_time == pytest.approx(best.share_without_time, abs=1e-12)
    assert found.value == pytest.approx(best.value, rel=1e-9, abs=1e-9)
    assert found.proved
    assert found.gap == 0
    assert len(found.scenario.offices) == count


def nearest(made: Problem, sites: tuple[str, ...]) -> np.ndarray:
    return made.times.minutes[list(sites)].min(axis=1).to_numpy()


def every_choice(made: Problem, count: int) -> list[tuple[str, ...]]:
    return list(combinations(sorted(made.sites), count))


@settings(max_examples=100)
@given(problems(), st.integers(1, 4), st.sampled_from([0.0, 5.0, 12.0, 30.0]))
def test_fewest_people_beyond_a_limit(made: Problem, count: int, limit: float) -> None:
    if count > len(made.sites) or made.times.minutes[made.people > 0].isna().all(axis=None):
        return
    people = made.people.to_numpy()
    least = min(people[~(nearest(made, s) <= limit)].sum() for s in every_choice(made, count))
    found = solve(asked(made, count, minimise="people_beyond", limit_min=limit))
    assert found.value == least
    assert (found.unit, found.proved, found.gap) == ("persons", True, 0)


@settings(max_examples=100)
@given(
    problems(),
    st.integers(1, 4),
    st.sampled_from(["worst_minutes", "worst_then_mean", "tail_minutes"]),
)
def test_worst_and_tail_where_everybody_can_be_served(made: Problem, count: int, aim: str) -> None:
    if count > len(made.sites):
        return
    lived = made.people.to_numpy() > 0
    timed = lived & made.times.minutes.notna().any(axis=1).to_numpy()
    if not timed.any():
        return
    people = made.people.to_numpy()[timed]
    choices = [c for c in every_choice(made, count) if not np.isnan(nearest(made, c)[timed]).any()]
    question = asked(made, count, minimise=aim, tail=0.3)
    if not choices:
        with pytest.raises(InfeasibleError, match="time"):
            solve(question)
        return

    def value(choice: tuple[str, ...]) -> tuple[float, ...]:
        z = nearest(made, choice)[timed]
        mean = float(z @ people / people.sum())
        tail = tail_mean_minutes(z, people, share=0.3).value
        return {
            "worst_minutes": (z.max(),), "tail_minutes": (tail,), "worst_then_mean": (z.max(), mean)
        }[aim]  # fmt: skip

    best = min(map(value, choices))
    found = solve(question)
    assert found.value == pytest.approx(best[-1], rel=1e-9, abs=1e-9)
    assert value(found.scenario.offices) == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert found.proved


@settings(max_examples=60)
@given(problems(most_sites=7), st.data())
def test_sites_to_keep_and_to_close(made: Problem, data: st.DataObject) -> None:
    some = data.draw(st.permutations(made.sites))
    keep, close = tuple(some[:1]), tuple(some[1:2]) if len(some) > 2 else ()
    count = data.draw(st.integers(1, len(made.sites) - len(close)))
    if made.times.minutes.loc[made.people > 0, list(set(some) - set(close))].isna().all(axis=None):
        return
    everything = rank_site_choices(
        made.times, made.people, zones=made.zones,
        sites=[s for s in made.sites if s not in close], count=count, kappa=KAPPA,
    )  # fmt: skip
    rows = everything.head(everything.count)
    kept = rows[[keep[0] in offices.split(";") for offices in rows["offices"]]]
    question = asked(made, count, keep=keep, close=close)
    if kept["share_without_time"].iloc[0] == 1:
        with pytest.raises(InfeasibleError, match="nobody has a time"):
            solve(question)
        return
    found = solve(question)
    assert set(keep) <= set(found.scenario.offices)
    assert not set(close) & set(found.scenario.offices)
    assert found.share_without_time == pytest.approx(kept["share_without_time"].iloc[0], abs=1e-12)
    assert found.value == pytest.approx(kept["mean_minutes"].iloc[0], rel=1e-9, abs=1e-9)


def line() -> Problem:
    """Four places in a row, 10 minutes apart, with a site in each; s3 cannot be reached from z0."""
    minutes = [[0, 10, 20, NAN], [10, 0, 10, 20], [20, 10, 0, 10], [30, 20, 10, 0]]
    return problem(
        minutes, people=[1, 2, 4, 8], zone_areas=["A", "A", "B", "B"],
        site_areas=["A", "A", "B", "B"], neighbours=[("A", "B")],
    )  # fmt: skip


def test_nobody_farther_than_a_limit() -> None:
    found = solve(asked(line(), 2, limit_min=10.0))
    assert found.scenario.offices == ("s1", "s3")
    assert found.value == pytest.approx((10 + 40) / 15)
    with pytest.raises(InfeasibleError):
        solve(asked(line(), 1, limit_min=10.0, without_time="refuse"))


def test_fewest_without_a_time_come_first() -> None:
    only = asked(line(), 1)
    assert solve(only).scenario.offices == ("s2",)
    assert solve(asked(line(), 1, sites=("s3",))).share_without_time == pytest.approx(1 / 15)


def test_all_faults_at_once() -> None:
    with pytest.raises(InputError) as error:
        asked(
            line(), 0, minimise="happiness", keep=("s1", "nowhere"), close=("s1",), tail=0.0,
            limit_min=-1.0, without_time="guess",
        )  # fmt: skip
    keys = {fault.key for fault in error.value.faults}
    assert keys == {"count", "minimise", "keep", "tail", "limit_min", "without_time"}
    for aim in ("people_beyond", "offices"):
        with pytest.raises(InputError, match="limit_min"):
            asked(line(), 1, minimise=aim)


def test_every_aim_has_an_answer() -> None:
    for aim in AIMS:
        found = solve(replace(asked(line(), 2, limit_min=20.0), minimise=aim))
        assert found.objective == aim
        assert found.proved
        assert found.bound <= found.value


@pytest.mark.parametrize("aim", ["mean_minutes", "ede_minutes", "tail_minutes", "worst_minutes"])
def test_what_is_not_found_in_time_is_not_called_impossible(aim: str) -> None:
    random = np.random.default_rng(1)
    places, sites = random.random((120, 1, 2)) * 60, random.random((1, 30, 2)) * 60
    minutes = np.hypot(*np.moveaxis(places - sites, 2, 0))
    made = problem(minutes, people=[1] * 120, zone_areas=["A"] * 120, site_areas=["A"] * 30)
    least = solve(asked(made, 8, minimise="worst_minutes")).value
    limited = asked(made, 8, minimise=aim, limit_min=least)
    with suppress(NotFoundError):
        late = solve(limited, Watch(limit_s=0.0))
        assert nearest(made, late.scenario.offices).max() <= least
    with pytest.raises(InfeasibleError) as caught:
        solve(replace(limited, limit_min=least * 0.999))
    assert not isinstance(caught.value, NotFoundError)
    nothing = Found(np.array([0]), np.inf, 0.0, "time limit", 0.0, 0)
    with pytest.raises(NotFoundError, match="there may be one"):
        solution_of(limited, nothing, bound=0.0)


def test_how_few_offices_are_enough() -> None:
    found = solve(asked(line(), 1, minimise="offices", limit_min=10.0))
    assert (found.value, found.unit, found.gap) == (2, "offices", 0)
    with pytest.raises(InfeasibleError, match="z0"):
        solve(asked(line(), 1, minimise="offices", limit_min=5.0, sites=("s1", "s2", "s3")))


def test_a_budget_and_sites_that_exclude_each_other() -> None:
    best = solve(asked(line(), 2))
    assert best.scenario.offices == ("s2", "s3")
    apart = solve(asked(line(), 2, together=(Together(("s2", "s3"), most=1),)))
    assert apart.scenario.offices == ("s1", "s3")
    money = Budget(10.0, {"s3": 11.0, "s2": 5.0, "s1": 1.0})
    assert solve(asked(line(), 2, budget=money)).scenario.offices == ("s1", "s2")
    with pytest.raises(InfeasibleError, match="budget"):
        solve(asked(line(), 2, budget=Budget(1.0, dict.fromkeys(["s0", "s1", "s2", "s3"], 2.0))))


def test_offices_that_cannot_serve_everybody() -> None:
    # s3 has room for the eight of z3 only, so z2's four go to s1 although s3 is as near
    found = solve(asked(line(), 2, staff=Staff({"s3": 8.0, "s2": 3.0}), sites=("s1", "s2", "s3")))
    assert found.scenario.offices == ("s1", "s3")
    assert found.assigned is not None
    assert found.assigned.to_dict() == {"z0": "s1", "z1": "s1", "z2": "s1", "z3": "s3"}
    assert found.value == pytest.approx((10 + 40) / 15)
    with pytest.raises(InfeasibleError):
        solve(asked(line(), 1, staff=Staff(dict.fromkeys(["s0", "s1", "s2", "s3"], 14.0))))
    with pytest.raises(InputError, match="staff"):
        asked(line(), 2, staff=Staff({}), minimise="worst_minutes")


def test_demands_that_contradict_each_other_are_named() -> None:
    shut = Together(("s2", "s3"), most=0)
    with pytest.raises(InfeasibleError) as error:
        solve(asked(line(), 2, together=(shut,), limit_min=10.0, keep=("s0",)))
    message = str(error.value)
    assert "0 to 0 of s2, s3" in message
    assert "the limit in minutes" in message
    assert "s0 stays open" not in message  # it is not to blame
    with pytest.raises(InfeasibleError, match=r"3 offices must stay open \(s0, s1, s2\)"):
        solve(asked(line(), 2, keep=("s0", "s1", "s2")))


@settings(max_examples=100)
@given(problems(), st.integers(1, 4), st.booleans(), st.booleans())
def test_whole_areas_equal_the_first_of_the_ranking(
    made: Problem, count: int, contiguous: bool, inside: bool
) -> None:
    lived = made.people > 0
    if made.times.minutes[lived].isna().any(axis=None):
        return  # a ranking lets an area go where some of its people have no time
    whole = WholeAreas(tuple(made.neighbours), contiguous=contiguous, inside=inside)
    question = asked(made, count, areas=whole)
    try:
        best = rank_area_structures(
            made.times, made.people, zones=made.zones, offices=made.offices,
            neighbours=made.neighbours, count=count, contiguous=contiguous, inside=inside,
            kappa=KAPPA,
        ).best("mean_minutes")  # fmt: skip
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            solve(question)
        return
    found = solve(question)
    assert found.value == pytest.approx(best.value, rel=1e-9, abs=1e-9)
    assert set(found.scenario.allocation.values()) == set(found.scenario.offices)
    assert len(found.scenario.offices) == count


def test_rules_that_cannot_be_asked_together() -> None:
    whole = WholeAreas((("A", "nowhere"),), regions={"A": "north"})
    with pytest.raises(InputError) as error:
        asked(
            line(), 2, areas=whole, limit_min=10.0, budget=Budget(1.0, {}), minimise="ede_minutes"
        )
    assert {f.key for f in error.value.faults} == {
        "minimise", "limit_min", "budget", "areas.neighbours", "areas.regions"
    }  # fmt: skip
    with pytest.raises(InputError, match="worst_minutes"):
        asked(line(), 2, minimise="worst_minutes", budget=Budget(1.0, {}))
