"""The p-centre against every choice of sites."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from navplan.errors import InfeasibleError, InputError
from navplan.locate.centre import CentreQuestion, solve_centre
from navplan.locate.watch import Gap, Watch
from tests.small_locations import small_problems


def centre(minutes: np.ndarray, count: int, **options) -> CentreQuestion:
    return CentreQuestion(np.asarray(minutes), count, **options)


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_every_choice(seed: int) -> None:
    for small in small_problems(seed, 250, one_count=True):
        reachable = np.isfinite(small.minutes[:, ~small.barred]).any(axis=1)
        for without in ("refuse", "leave out"):
            counted = small.minutes[reachable] if without == "leave out" else small.minutes
            best = min(
                float(counted[:, sites].min(axis=1).max(initial=0)) for sites in small.choices()
            )
            question = centre(
                small.minutes, small.most, fixed=small.fixed, barred=small.barred, without=without
            )
            if best == np.inf:
                with pytest.raises(InfeasibleError):
                    solve_centre(question, Watch())
                continue
            found = solve_centre(question, Watch())
            assert (found.value, found.bound, found.status) == (best, best, "proved")
            assert question.value(found.sites) == best
            assert found.sites.tolist() in list(small.choices())


minutes = arrays(np.float64, st.tuples(st.integers(2, 20), st.integers(2, 12)),
                 elements=st.sampled_from([0, 1, 2, 2.5, 7, 9.25, 30, 31]))  # fmt: skip


@settings(max_examples=60)
@given(minutes=minutes, data=st.data())
def test_more_freedom_never_worsens(minutes: np.ndarray, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, minutes.shape[1] - 1))
    value = solve_centre(centre(minutes, count), Watch()).value
    assert value in minutes
    assert solve_centre(centre(minutes, count + 1), Watch()).value <= value
    if count < minutes.shape[1] - 1:
        assert value <= solve_centre(centre(minutes[:, 1:], count), Watch()).value
    single = solve_centre(centre(minutes.astype(np.float32), count), Watch())
    assert single.value == value
    twice = np.concatenate([minutes, minutes])
    assert solve_centre(centre(twice, count), Watch()).value == value


def scattered(clients: int, sites: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    at, to = random.random((clients, 2)), random.random((sites, 2))
    return np.hypot(*(at[:, None] - to).transpose(2, 0, 1)).astype(np.float32)


def test_a_time_limit_is_never_proved() -> None:
    question = centre(scattered(1000, 60), 8)
    best = solve_centre(question, Watch())
    assert best.status == "proved"
    late = solve_centre(question, Watch(limit_s=0))
    assert late.status == "time limit"
    assert late.bound <= best.value <= late.value == question.value(late.sites)


def test_an_interrupt_keeps_the_best_so_far() -> None:
    told: list[Gap] = []

    def stop(gap: Gap) -> None:
        told.append(gap)
        if len(told) == 4:
            raise KeyboardInterrupt

    question = centre(scattered(1000, 60), 8)
    found = solve_centre(question, Watch(tell=stop))
    assert found.status == "interrupted"
    assert found.bound <= solve_centre(question, Watch()).value <= found.value
    assert all(gap.bound <= gap.value for gap in told)
    assert told[-1].bound >= told[0].bound
    assert told[-1].value <= told[0].value


def test_the_same_seed_gives_the_same_sites() -> None:
    question = centre(scattered(500, 60), 6)
    first, second = (solve_centre(question, Watch(seed=4)) for _ in range(2))
    assert first.sites.tolist() == second.sites.tolist()
    assert first.nodes == second.nodes


def test_nobody_and_every_site() -> None:
    assert solve_centre(centre(np.empty((0, 3)), 2), Watch()).value == 0
    assert solve_centre(centre([[4.0, 2.0]], 2), Watch()).value == 2


def test_who_cannot_be_reached_is_said() -> None:
    minutes = np.array([[1.0, np.inf], [np.inf, np.inf], [np.inf, 3.0]])
    with pytest.raises(InfeasibleError, match="1 of 3 places has no time"):
        solve_centre(centre(minutes, 1), Watch())
    with pytest.raises(InfeasibleError, match="No choice of 1 site reaches"):
        solve_centre(centre(minutes, 1, without="leave out"), Watch())
    both = solve_centre(centre(minutes, 2, without="leave out"), Watch())
    assert both.value == 3


def test_faults_come_at_once() -> None:
    with pytest.raises(InputError, match="2 are NaN or below 0"):
        centre([[np.nan, -1.0]], 1)
    with pytest.raises(InputError, match="float32 or float64"):
        centre([[1, 2]], 1)
    flags = np.array([True, False])
    with pytest.raises(InputError, match=r"fixed and barred(.|\n)*3 sites are asked for"):
        centre([[1.0, 2.0]], 3, fixed=flags, barred=flags)
    with pytest.raises(InputError, match="2 are fixed"):
        centre([[1.0, 2.0]], 1, fixed=~(flags & ~flags))
    with pytest.raises(InputError, match="one True or False for each site"):
        replace(centre([[1.0, 2.0]], 1), fixed=np.ones(3, bool))
