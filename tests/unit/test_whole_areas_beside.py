"""What is told beside the best of whole areas, against every assignment there is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from navplan.errors import InfeasibleError, InputError
from navplan.locate.found import NotFoundError
from navplan.locate.front import undominated
from navplan.locate.watch import Gap, Watch
from navplan.locate.whole_areas import AreaQuestion
from navplan.locate.whole_areas_front import area_front
from navplan.locate.whole_areas_listing import list_divisions
from navplan.locate.whole_areas_outlooks import AreaOutlook, solve_area_regret
from navplan.locate.whole_areas_search import solve_areas
from tests.small_areas import every_assignment, grid, questions


def interrupt(_: Gap) -> None:
    raise KeyboardInterrupt


def total(cost: np.ndarray, choice: tuple[int, ...]) -> float:
    return float(cost[np.arange(len(choice)), list(choice)].sum())


@settings(max_examples=150)
@given(questions(), st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.booleans(), st.booleans())
def test_every_division_up_to_a_limit(
    asked: AreaQuestion, more: float, broken_numbers: bool, begin: bool
) -> None:
    if broken_numbers:  # no whole numbers, and few ties
        asked = replace(asked, cost=asked.cost * 1.1 + np.arange(asked.cost.size).reshape(
            asked.cost.shape) / 7)  # fmt: skip
    every = every_assignment(asked)
    if not every:
        with suppress(InfeasibleError):  # told at once, where that can be seen
            assert len(list_divisions(asked, 100.0, Watch()).values) == 0
        return
    limit = every[0][0] * (1 + more) + more / 2
    inside = {choice for cost, choice in every if cost <= limit * (1 + 1e-9)}
    known = (np.array(every[-1][1]), np.array(every[0][1])) if begin else ()
    listed = list_divisions(asked, limit, Watch(), known=known)
    assert listed.status == "proved"
    assert {tuple(row) for row in listed.assigned.tolist()} == inside
    assert len(listed.assigned) == len(inside)
    assert (np.diff(listed.values) >= 0).all()
    assert listed.values[0] == pytest.approx(every[0][0])


def test_lists_that_stop_before_the_end_say_so() -> None:
    asked = grid(5, 8, 1)
    best = solve_areas(asked, Watch())
    limit = best.value * 1.05
    full = list_divisions(asked, limit, Watch(), known=(best.assigned,))
    every = {tuple(row) for row in full.assigned.tolist()}
    assert full.status == "proved"
    few = list_divisions(asked, limit, Watch(), most=5)
    none = list_divisions(asked, limit, Watch(limit_s=0.0))
    stopped = list_divisions(asked, limit, Watch(tell=interrupt))
    assert [part.status for part in (few, none, stopped)] == [
        "count limit", "time limit", "interrupted"
    ]  # fmt: skip
    assert [len(part.values) for part in (few, none, stopped)] == [5, 0, 1]
    for part in (few, none, stopped):
        assert {tuple(row) for row in part.assigned.tolist()} <= every


@st.composite
def other_costs(draw: st.DrawFn, asked: AreaQuestion) -> np.ndarray:
    size = asked.cost.size
    numbers = draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))
    return np.array(numbers, float).reshape(asked.cost.shape)


@settings(max_examples=150)
@given(st.data())
def test_fronts_against_every_assignment(data: st.DataObject) -> None:
    asked = data.draw(questions())
    every = [choice for _, choice in every_assignment(asked)]
    one, other, longest = (data.draw(other_costs(asked)) for _ in range(3))
    kinds = {
        "sums": ({"one": one, "other": other}, None),
        "worst": ({"one": one}, longest),
        "both": ({"one": one, "other": other}, longest),
    }
    sums, ways = kinds[data.draw(st.sampled_from(sorted(kinds)))]
    if not every:
        with pytest.raises(InfeasibleError):
            area_front(asked, sums, Watch(), longest=ways)
        return
    values = [[total(cost, choice) for cost in sums.values()] for choice in every]
    if ways is not None:
        for row, choice in zip(values, every, strict=True):
            row.append(float(ways[np.arange(len(choice)), list(choice)].max()))
    expected = np.array(values)[undominated(np.array(values))]
    front = area_front(asked, sums, Watch(), longest=ways)
    assert front.status == "proved"
    assert front.values == pytest.approx(expected)
    for choice, point in zip(front.choices, front.values.tolist(), strict=True):
        assert tuple(choice.tolist()) in every
        assert point[0] == pytest.approx(total(one, tuple(choice.tolist())))


def test_a_front_that_stops_keeps_what_it_has() -> None:
    asked = grid(5, 8, 0)
    longest = 20 * asked.cost / asked.cost.mean(axis=1, keepdims=True)
    full = area_front(asked, {"mean": asked.cost}, Watch(), longest=longest)
    assert full.status == "proved"
    assert len(full.values) > 2
    part = area_front(asked, {"mean": asked.cost}, Watch(tell=interrupt), longest=longest)
    assert part.status == "interrupted"
    assert part.values[0] == pytest.approx(full.values[0])
    with pytest.raises(NotFoundError, match="there may be one"):
        area_front(asked, {"mean": asked.cost}, Watch(limit_s=0.0), longest=longest)
    with pytest.raises(InputError, match="expected two"):
        area_front(asked, {"mean": asked.cost}, Watch())


@settings(max_examples=80)
@given(st.data())
def test_the_least_largest_regret(data: st.DataObject) -> None:
    asked = data.draw(questions())
    outlooks = []
    for number in range(data.draw(st.integers(1, 3))):
        cost = data.draw(other_costs(asked)) + 0.1 * number
        sizes = np.array(data.draw(st.permutations(asked.sizes.tolist())))
        question = replace(asked, cost=np.where(np.isinf(asked.cost), np.inf, cost), sizes=sizes)
        people = data.draw(st.sampled_from([1.0, 7.0, 1000.0]))
        outlooks.append(AreaOutlook(f"o{number}", question, people))
    in_each = [{choice for _, choice in every_assignment(o.question)} for o in outlooks]
    common = sorted(set.intersection(*in_each))
    if not common:
        with pytest.raises(InfeasibleError):
            solve_area_regret(outlooks, Watch())
        return
    values = np.array([[total(o.question.cost, c) / o.people for c in common] for o in outlooks])
    largest = (values - values.min(axis=1, keepdims=True)).max(axis=0)
    found = solve_area_regret(outlooks, Watch())
    assert found.found.status == "proved"
    assert found.found.value == pytest.approx(largest.min(), abs=1e-9 * values.max())
    assert found.found.bound <= found.found.value
    at = common.index(tuple(found.found.assigned.tolist()))
    assert found.values == pytest.approx(values[:, at])
    assert [best.value for best in found.best] == pytest.approx(values.min(axis=1).tolist())
    assert found.regrets.max() == pytest.approx(largest[at], abs=1e-9 * values.max())


def test_regret_of_many_areas_is_bounded_by_that_of_each() -> None:
    asked = grid(5, 8, 2)
    rng = np.random.default_rng(0)
    outlooks = [
        AreaOutlook(
            f"{i}", replace(asked, cost=asked.cost * rng.uniform(0.5, 1.5, asked.cost.shape)), 1e2
        )
        for i in range(3)
    ]
    found = solve_area_regret(outlooks, Watch())
    assert found.found.status == "proved"
    every_best = []
    for best in found.best:
        values = [
            total(o.question.cost, tuple(best.assigned.tolist())) / o.people for o in outlooks
        ]
        every_best.append(max(v - b.value for v, b in zip(values, found.best, strict=True)))
    assert 0 < found.found.value < min(every_best)
    hurried = solve_area_regret(outlooks, Watch(tell=interrupt))
    assert hurried.found.status == "interrupted"
    assert hurried.found.bound <= found.found.value <= hurried.found.value


def test_outlooks_of_other_questions_are_refused() -> None:
    asked = grid(4, 6, 0)
    with pytest.raises(InputError) as error:
        solve_area_regret(
            [AreaOutlook("a", asked, 1.0), AreaOutlook("b", replace(asked, count=2), 1.0)], Watch()
        )
    assert {fault.key for fault in error.value.faults} == {"count"}
    with pytest.raises(InputError, match="nobody lives in it"):
        solve_area_regret([AreaOutlook("a", asked, 0.0)], Watch())
    with pytest.raises(InputError, match="there are none"):
        solve_area_regret([], Watch())


@settings(max_examples=50)
@given(questions())
def test_one_of_some_sites_must_be_open(asked: AreaQuestion) -> None:
    assume(not asked.any_of)
    every = every_assignment(asked)
    demand = replace(asked, any_of=((0,),))
    left = [cost for cost, choice in every if 0 in choice]
    if not left:
        with pytest.raises(InfeasibleError):
            solve_areas(demand, Watch())
        return
    assert solve_areas(demand, Watch()).value == pytest.approx(left[0])
