"""Whole areas against every assignment there is, and against the complete ranking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from navplan.errors import InfeasibleError, InputError
from navplan.locate.found import NotFoundError
from navplan.locate.watch import Gap, Watch
from navplan.locate.whole_areas import AreaQuestion
from navplan.locate.whole_areas_search import solve_areas
from tests.small_areas import every_assignment, grid, questions


@settings(max_examples=400)
@given(questions())
def test_the_best_of_every_assignment(asked: AreaQuestion) -> None:
    every = every_assignment(asked)
    if not every:
        with pytest.raises(InfeasibleError):
            solve_areas(asked, Watch())
        return
    found = solve_areas(asked, Watch())
    assert found.assigned is not None
    assert found.status == "proved"
    assert found.value == pytest.approx(every[0][0])
    assert found.bound == found.value
    assert tuple(found.assigned.tolist()) in {choice for _, choice in every}
    assert set(found.sites.tolist()) == set(found.assigned.tolist())


def test_what_holds_it_together_costs_and_nothing_else_changes() -> None:
    for seed in range(3):
        asked = grid(5, 8, seed)
        loose = solve_areas(replace(asked, contiguous=False), Watch())
        outside = solve_areas(replace(asked, inside=False), Watch())
        found = solve_areas(asked, Watch())
        assert loose.value <= found.value
        assert outside.value <= found.value
        assert found.assigned is not None
        assert asked.keeps(found.assigned)
        more = replace(asked, fixed=np.eye(8, dtype=bool)[0])
        assert solve_areas(more, Watch()).value >= found.value


def test_the_gap_closes_and_time_is_kept() -> None:
    told: list[Gap] = []
    asked = grid(6, 10, 1)
    found = solve_areas(asked, Watch(tell=told.append))
    assert found.status == "proved"
    assert told[-1].bound <= found.value
    with pytest.raises(NotFoundError, match="before the search ended; there may be one"):
        solve_areas(asked, Watch(limit_s=0.0))


def test_an_interrupt_keeps_the_best_so_far() -> None:
    def interrupt(gap: Gap) -> None:
        raise KeyboardInterrupt

    asked = grid(6, 10, 1)
    best = solve_areas(asked, Watch())
    found = solve_areas(asked, Watch(tell=interrupt))
    assert found.status == "interrupted"
    assert found.bound <= best.value <= found.value


def test_reasons_in_words() -> None:
    cost = np.ones((3, 2))
    asked = AreaQuestion(
        cost=cost, neighbours=((0, 1),), site_area=np.array([0, 1]), count=1,
        areas=("Arna", "Bergenhus", "Fana"), sites=("a", "b"),
    )  # fmt: skip
    with pytest.raises(InfeasibleError, match=r"Arna, Bergenhus \| Fana"):
        solve_areas(asked, Watch())
    with pytest.raises(InfeasibleError, match="No site lies in Fana"):
        solve_areas(replace(asked, count=2), Watch())
    with pytest.raises(InfeasibleError, match="room for 4"):
        solve_areas(
            replace(asked, contiguous=False, sizes=np.array([3.0, 3, 3]), capacities=[4.0, 4]),
            Watch(),
        )
    with pytest.raises(InfeasibleError, match="Arna and Fana must share"):
        solve_areas(replace(asked, contiguous=False, share=((0, 2),), apart=((0, 2),)), Watch())
    with pytest.raises(InputError) as error:
        replace(asked, count=0, cost=-cost, share=((0, 9),), sizes=[1.0])
    assert {f.key for f in error.value.faults} == {"count", "cost", "share", "sizes"}
