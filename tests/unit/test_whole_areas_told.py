"""What is told where whole areas are too many to rank, against the complete ranking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navplan.errors import InfeasibleError, InputError
from navplan.locate import (
    LocationProblem,
    NearBest,
    Ranking,
    Watch,
    WholeAreas,
    areas,
    rank_area_structures,
)
from navplan.locate.ranked import Blend, ranked_front, ranked_regret, ranked_stability
from navplan.locate.ranking import RankingInterruptedError
from navplan.locate.watch import Gap
from navplan.locate.whole_areas_told import (
    front_of_areas,
    near_best_areas,
    regret_of_areas,
    solve_with_one_of,
    stability_of_areas,
)
from tests.made_times import Problem, problem, problems, times_of

KAPPA = 0.08


def timed(made: Problem) -> Problem:
    """A ranking lets an area go where some of its people have no time; the program does not."""
    return replace(made, times=times_of(made.times.minutes.fillna(17.0)))


def asked(made: Problem, count: int, *, inside: bool = True) -> LocationProblem:
    whole = WholeAreas(tuple(made.neighbours), inside=inside)
    return LocationProblem(
        made.times, made.people, made.zones, made.offices, count, kappa=KAPPA, areas=whole
    )


def ranked(question: LocationProblem) -> Ranking | None:
    assert question.areas is not None
    try:
        return rank_area_structures(
            question.times, question.people, zones=question.zones, offices=question.offices,
            neighbours=question.areas.neighbours, count=question.count,
            inside=question.areas.inside, kappa=KAPPA,
        )  # fmt: skip
    except InfeasibleError:
        return None


EACH = given(problems().map(timed), st.integers(1, 4), st.booleans())


@settings(max_examples=30)
@EACH
def test_near_best_is_that_of_the_ranking(made: Problem, count: int, inside: bool) -> None:
    question = asked(made, count, inside=inside)
    ranking = ranked(question)
    if ranking is None:
        with pytest.raises(InfeasibleError):
            near_best_areas(question, 0.1, Watch())
        return
    expected = NearBest.of_ranking(ranking, within=0.1)
    near = near_best_areas(question, 0.1, Watch())
    assert near.complete
    assert near.count == expected.count
    assert set(near.allocation) == set(expected.allocation)
    assert near.values == pytest.approx(expected.values, abs=1e-8)
    assert near.limit == pytest.approx(expected.limit, abs=1e-8)
    assert (near.must, near.never) == (expected.must, expected.never)
    assert near.share.sort_index().to_numpy() == pytest.approx(expected.share.sort_index())
    assert near.groups["structures"].sum() == near.count


@settings(max_examples=30)
@EACH
def test_the_front_is_that_of_the_ranking(made: Problem, count: int, inside: bool) -> None:
    question = asked(made, count, inside=inside)
    ranking = ranked(question)
    if ranking is None:
        with pytest.raises(InfeasibleError):
            front_of_areas(question, Watch())
        return
    expected = ranked_front(ranking)
    front = front_of_areas(question, Watch())
    assert list(front.columns) == list(expected.columns)
    figures = ["mean_minutes", "worst_minutes"]
    assert front[figures].to_numpy() == pytest.approx(expected[figures].to_numpy(), abs=1e-8)
    assert front[["place", "knee", "status"]].equals(expected[["place", "knee", "status"]])


@settings(max_examples=30)
@given(problems().map(timed), st.integers(1, 3), st.data())
def test_regret_and_stability_are_those_of_the_ranking(
    made: Problem, count: int, data: st.DataObject
) -> None:
    now = asked(made, count)
    # the same places are lived in, by other numbers of people
    grown = [n * data.draw(st.integers(1, 5)) for n in made.people]
    later = replace(now, people=pd.Series(grown, index=made.people.index, dtype=float))
    rankings = {"now": ranked(now), "later": ranked(later)}
    if rankings["now"] is None:
        with pytest.raises(InfeasibleError):
            regret_of_areas({"now": now, "later": later}, Watch())
        return
    expected = ranked_regret(rankings).table
    found = regret_of_areas({"now": now, "later": later}, Watch())
    assert list(found.table.columns) == list(expected.columns)
    assert found.table["regret"].max() == pytest.approx(expected["regret"].max(), abs=1e-8)
    assert found.table["best"].to_numpy() == pytest.approx(expected["best"].to_numpy(), abs=1e-8)
    assert set(found.table["status"]) == {"proved"}
    row = rankings["later"].row_of(found.scenario)
    assert row is not None
    later_value = found.table.set_index("outlook")["value"]["later"]
    assert rankings["later"].values["mean_minutes"][row] == pytest.approx(later_value, abs=1e-8)

    parts = {
        ("outlook", "later"): [(1.0, later)],
        ("mix:later", "0.25"): [(0.75, now), (0.25, later)],
    }
    blends = {
        ("outlook", "later"): Blend(((1.0, rankings["later"]),)),
        ("mix:later", "0.25"): Blend(((0.75, rankings["now"]), (0.25, rankings["later"]))),
    }
    told, table = ranked_stability(rankings["now"], blends), stability_of_areas(now, parts, Watch())
    assert list(table.columns) == list(told.columns)
    assert table["setting"].tolist() == told["setting"].tolist()
    assert table["value"].to_numpy() == pytest.approx(told["value"].to_numpy(), abs=1e-8)
    assert (table["loss"] >= 0).all()
    assert set(table["status"]) == {"proved"}
    if NearBest.of_ranking(rankings["now"], within=0).count == 1:  # the same best is kept
        assert table["loss"].to_numpy() == pytest.approx(told["loss"].to_numpy(), abs=1e-8)


@settings(max_examples=30)
@EACH
def test_a_demand_costs_what_the_ranking_says(made: Problem, count: int, inside: bool) -> None:
    question, sites = asked(made, count, inside=inside), made.sites[:2]
    ranking = ranked(question)
    try:
        expected = None if ranking is None else ranking.keeping(*sites).best()
    except InfeasibleError:
        expected = None
    if expected is None:
        with pytest.raises(InfeasibleError):
            solve_with_one_of(question, sites, Watch())
        return
    found = solve_with_one_of(question, sites, Watch())
    assert found.value == pytest.approx(expected.value, abs=1e-8)
    assert found.proved
    assert set(found.scenario.offices) & set(sites)


def line() -> Problem:
    """Four areas in a row, each with a site."""
    far = [[abs(i - j) * 10.0 for j in range(4)] for i in range(4)]
    return problem(
        far, people=[1, 2, 3, 4], zone_areas=list("ABCD"), site_areas=list("ABCD"),
        neighbours=[("A", "B"), ("B", "C"), ("C", "D")],
    )  # fmt: skip


def test_what_cannot_be_told() -> None:
    question = asked(line(), 2)
    with pytest.raises(InputError, match="expected a share"):
        near_best_areas(question, -0.1, Watch())
    with pytest.raises(InfeasibleError, match="none of the sites"):
        solve_with_one_of(replace(question, close=("s0",)), ["s0"], Watch())
    with pytest.raises(InputError, match="Say how they share"):
        front_of_areas(replace(question, areas=None), Watch())
    nowhere = replace(question, people=question.people * 0 + [0, 0, 0, 1.0])
    nowhere = replace(nowhere, times=problem([[np.nan] * 4] * 4, people=[1] * 4,
        zone_areas=list("ABCD"), site_areas=list("ABCD")).times)  # fmt: skip
    with pytest.raises(InfeasibleError, match="nobody has a time"):
        near_best_areas(nowhere, 0.1, Watch())


def test_an_interrupt_ends_the_search_and_keeps_what_was_found() -> None:
    calls = []

    def stop(gap: Gap) -> None:
        calls.append(gap)
        raise KeyboardInterrupt

    near = near_best_areas(asked(line(), 2), 0.5, Watch(tell=stop))
    assert (near.status, near.complete) == ("interrupted", False)
    assert near.count == 1
    assert len(calls) == 2  # the search, then the first of the list


def test_an_interrupted_ranking_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(areas, "_structures", stop)
    with pytest.raises(RankingInterruptedError, match="keeps the best so far"):
        ranked(asked(line(), 2))
    assert issubclass(RankingInterruptedError, KeyboardInterrupt)
