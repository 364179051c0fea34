"""Covering against every choice of sites."""

from __future__ import annotations

import numpy as np
import pytest

from navplan.errors import InfeasibleError, InputError
from navplan.locate.cover import CoverQuestion, Reach, solve_fewest_sites, solve_least_beyond
from navplan.locate.watch import Gap, Watch
from tests.small_locations import Small, small_problems


def random_reaches(random: np.random.Generator) -> tuple[Reach, ...]:
    return tuple(
        Reach(
            minutes=float(random.choice([0, 1, 2, 3.5, 6, 15])),
            times=int(random.choice([1, 1, 2, 3])),
            share=float(random.choice([0, 0, 0.3, 0.5, 0.9, 1])),
            credit=float(random.choice([0, 1, 2.5])),
        )
        for _ in range(random.integers(1, 4))
    )


def by_hand(small: Small, reaches: tuple[Reach, ...], sites: list[int]) -> float | None:
    """Credit that is missed; None where a share is not reached."""
    missed, whole = 0.0, small.weights.sum()
    for reach in reaches:
        near = np.array([sum(row[s] <= reach.minutes for s in sites) for row in small.minutes])
        beyond = small.weights[near < reach.times].sum()
        if reach.share > 0 and beyond > (1 - reach.share + 1e-9) * whole:
            return None
        missed += reach.credit * beyond
    return missed


def question(small: Small, reaches: tuple[Reach, ...]) -> CoverQuestion:
    return CoverQuestion(
        small.minutes, small.weights, reaches, small.least, small.most, small.fixed, small.barred
    )


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_every_choice(seed: int) -> None:
    random = np.random.default_rng(seed)
    for small in small_problems(40 + seed, 150):
        reaches = random_reaches(random)
        asked = question(small, reaches)
        missed = {tuple(sites): by_hand(small, reaches, sites) for sites in small.choices()}
        able = {sites: value for sites, value in missed.items() if value is not None}
        for solver, values in (
            (solve_fewest_sites, [float(len(sites)) for sites in able]),
            (solve_least_beyond, list(able.values())),
        ):
            if not able:
                with pytest.raises(InfeasibleError, match=r"reach"):
                    solver(asked, Watch())
                continue
            found = solver(asked, Watch())
            assert found.value == pytest.approx(min(values), rel=1e-9, abs=1e-9)
            assert found.status == "proved"
            assert found.bound <= found.value
            assert found.gap == 0
            assert tuple(found.sites.tolist()) in able


@pytest.mark.parametrize("seed", range(3))
def test_one_limit_agrees_with_every_choice(seed: int) -> None:
    """The plain problems: location set covering, and maximal covering."""
    for small in small_problems(70 + seed, 200):
        limit = float(np.median(small.minutes.min(axis=1, initial=30)))
        values = [by_hand(small, (Reach(limit),), sites) for sites in small.choices()]
        beyond = solve_least_beyond(question(small, (Reach(limit),)), Watch())
        assert beyond.value == pytest.approx(min(v for v in values if v is not None), abs=1e-12)
        everyone = (Reach(limit, share=1.0),)
        counts = [len(s) for s in small.choices() if by_hand(small, everyone, s) is not None]
        if counts:
            assert solve_fewest_sites(question(small, everyone), Watch()).value == min(counts)
        else:
            with pytest.raises(InfeasibleError):
                solve_fewest_sites(question(small, everyone), Watch())


def scattered(clients: int, sites: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    at, to = random.random((clients, 2)) * 60, random.random((sites, 2)) * 60
    minutes = np.hypot(*(at[:, None] - to).transpose(2, 0, 1)).astype(np.float32)
    return minutes, random.integers(1, 200, clients).astype(np.float64)


def test_more_freedom_never_worsens() -> None:
    minutes, people = scattered(800, 40)
    last = np.inf
    for count in (3, 4, 6):
        ask = CoverQuestion(minutes, people, (Reach(9.0), Reach(15.0, credit=0.5)), count, count)
        value = solve_least_beyond(ask, Watch()).value
        assert value <= last
        last = value
    fewest = [
        solve_fewest_sites(
            CoverQuestion(minutes, people, (Reach(limit, share=share),), 0, 40), Watch()
        ).value
        for limit, share in ((18.0, 1.0), (18.0, 0.9), (22.0, 0.9))
    ]
    assert fewest == sorted(fewest, reverse=True)


def test_backup_is_a_second_site() -> None:
    minutes = np.array([[5.0, 5.0, 9.0], [5.0, 9.0, 5.0]])
    ask = CoverQuestion(minutes, np.array([3.0, 2.0]), (Reach(6.0, times=2),), 2, 2)
    found = solve_least_beyond(ask, Watch())
    assert (found.sites.tolist(), found.value) == ([0, 1], 2.0)
    both = CoverQuestion(minutes, np.ones(2), (Reach(6.0, times=2, share=1.0),), 0, 3)
    assert solve_fewest_sites(both, Watch()).value == 3


def test_all_within_one_limit_and_most_within_another() -> None:
    minutes, people = scattered(600, 40)
    reaches = (Reach(20.0, share=1.0), Reach(9.0, share=0.8))
    found = solve_fewest_sites(CoverQuestion(minutes, people, reaches, 0, 40), Watch())
    nearest = minutes[:, found.sites].min(axis=1)
    assert nearest.max() <= 20
    assert people[nearest <= 9].sum() >= 0.8 * people.sum()
    fewer = CoverQuestion(minutes, people, reaches, 0, int(found.value) - 1)
    with pytest.raises(InfeasibleError, match=r"No choice of \d+ sites"):
        solve_fewest_sites(fewer, Watch())


def test_who_weighs_nothing_does_not_count() -> None:
    minutes = np.array([[1.0], [np.inf]])
    ask = CoverQuestion(minutes, np.array([1.0, 0.0]), (Reach(5.0, share=1.0),), 0, 1)
    assert solve_fewest_sites(ask, Watch()).value == 1


def test_a_time_limit_is_never_proved() -> None:
    minutes, people = scattered(3000, 120)
    ask = CoverQuestion(minutes, people, (Reach(4.0, times=2),), 15, 15)
    late = solve_least_beyond(ask, Watch(limit_s=0.3))
    assert late.status == "time limit"
    assert late.bound <= late.value < people.sum()
    assert len(late.sites) == 15


def test_a_time_limit_may_leave_nothing() -> None:
    minutes, people = scattered(300, 20)
    ask = CoverQuestion(minutes, people, (Reach(9.0, share=0.99),), 1, 2)
    late = solve_fewest_sites(ask, Watch(limit_s=0))
    assert (late.value, late.status) == (np.inf, "time limit")


def test_an_interrupt_keeps_the_best_so_far() -> None:
    def stop(gap: Gap) -> None:
        raise KeyboardInterrupt

    minutes, people = scattered(3000, 120)
    ask = CoverQuestion(minutes, people, (Reach(4.0, times=2),), 15, 15)
    found = solve_least_beyond(ask, Watch(tell=stop))
    assert found.status == "interrupted"
    assert 0 <= found.bound <= found.value <= people.sum()


def test_what_cannot_be_reached_is_said() -> None:
    minutes = np.array([[1.0], [20.0]])
    ask = CoverQuestion(minutes, np.array([3.0, 1.0]), (Reach(5.0, share=0.8),), 0, 1)
    with pytest.raises(InfeasibleError, match=r"reach 75\.00% within 5 minutes, and 80\.00%"):
        solve_fewest_sites(ask, Watch())


def test_faults_come_at_once() -> None:
    wrong = (Reach(-1.0, times=0, share=2.0, credit=np.inf), Reach(np.inf))
    with pytest.raises(InputError) as caught:
        CoverQuestion(np.ones((2, 1)), np.array([1.0, -1.0]), wrong, 0, 1)
    keys = {fault.key for fault in caught.value.faults}
    assert keys == {
        "weights", "reaches[0].minutes", "reaches[0].times", "reaches[0].share",
        "reaches[0].credit", "reaches[1].minutes",
    }  # fmt: skip
    with pytest.raises(InputError, match="at least one limit"):
        CoverQuestion(np.ones((1, 1)), np.ones(1), (), 0, 1)
