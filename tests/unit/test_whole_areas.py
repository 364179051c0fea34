"""Whole areas against every assignment there is, and against the complete ranking."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navplan.errors import InfeasibleError, InputError
from navplan.locate.found import NotFoundError
from navplan.locate.watch import Gap, Watch
from navplan.locate.whole_areas import AreaQuestion
from navplan.locate.whole_areas_search import solve_areas


def every_assignment(asked: AreaQuestion) -> list[tuple[float, tuple[int, ...]]]:
    """All that keep to the rules, by rules written anew."""
    areas, sites = asked.cost.shape
    graph = nx.Graph(asked.neighbours)
    graph.add_nodes_from(range(areas))
    found = []
    for choice in product(range(sites), repeat=areas):
        used = set(choice)
        clusters = {j: [i for i in range(areas) if choice[i] == j] for j in used}
        cost = sum(asked.cost[i, j] for i, j in enumerate(choice))
        if (
            len(used) != asked.count
            or np.isinf(cost)
            or any(asked.barred[j] for j in used)
            or any(asked.fixed[j] and j not in used for j in range(sites))
            or any(choice[a] != choice[b] for a, b in asked.share)
            or any(choice[a] == choice[b] for a, b in asked.apart)
        ):
            continue
        fits = True
        for site, mine in clusters.items():
            load = sum(asked.sizes[i] for i in mine)
            home = asked.site_area[site]
            fits &= asked.minimum[site] <= load <= asked.capacities[site]
            fits &= not asked.contiguous or nx.is_connected(graph.subgraph(mine))
            fits &= not asked.inside or home in mine
            if asked.regions is not None:
                fits &= all(asked.regions[i] == asked.regions[home] for i in mine)
        if fits:
            found.append((cost, choice))
    return sorted(found)


@st.composite
def questions(draw: st.DrawFn) -> AreaQuestion:
    areas, sites = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    number = st.one_of(st.integers(0, 6).map(float), st.just(np.inf))
    cost = draw(st.lists(number, min_size=areas * sites, max_size=areas * sites))
    pairs = [(a, b) for a in range(areas) for b in range(a + 1, areas)]
    some = st.lists(st.sampled_from(pairs), max_size=2, unique=True)
    flags = st.lists(st.booleans(), min_size=sites, max_size=sites)
    fixed = np.array(draw(flags)) if draw(st.booleans()) else np.zeros(sites, bool)
    capacities, minimum = [np.inf] * sites, [0.0] * sites
    if draw(st.booleans()):
        capacities = draw(st.lists(st.integers(2, 12), min_size=sites, max_size=sites))
        minimum = draw(st.lists(st.integers(0, 3), min_size=sites, max_size=sites))
    return AreaQuestion(
        cost=np.array(cost).reshape(areas, sites),
        neighbours=tuple(draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1))),
        site_area=np.array(
            draw(st.lists(st.integers(0, areas - 1), min_size=sites, max_size=sites))
        ),
        count=draw(st.integers(1, sites)),
        contiguous=draw(st.booleans()),
        inside=draw(st.booleans()),
        regions=np.arange(areas) % 2 if draw(st.integers(0, 3)) == 0 else None,
        share=tuple(draw(some)) if draw(st.booleans()) else (),
        apart=tuple(draw(some)) if draw(st.booleans()) else (),
        fixed=fixed,
        barred=np.array(draw(flags)) & ~fixed if draw(st.booleans()) else None,
        sizes=np.array(draw(st.lists(st.integers(0, 4), min_size=areas, max_size=areas)), float),
        capacities=np.array(capacities, float),
        minimum=np.array(minimum, float),
    )


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


def grid(side: int, sites: int, seed: int) -> AreaQuestion:
    """Areas on a grid whose costs are noisy, so that the cheapest clusters fall apart."""
    rng = np.random.default_rng(seed)
    where = np.array([(x, y) for x in range(side) for y in range(side)], float)
    homes = rng.choice(side * side, sites, replace=False)
    far = np.hypot(*(where[:, np.newaxis] - where[homes]).T).T
    cost = (far * rng.uniform(0.3, 1.7, far.shape)) * rng.integers(1, 50, side * side)[
        :, np.newaxis
    ]
    number = {(x, y): x * side + y for x in range(side) for y in range(side)}
    pairs = [
        (number[x, y], number[step])
        for x in range(side)
        for y in range(side)
        for step in ((x + 1, y), (x, y + 1))
        if step in number
    ]
    return AreaQuestion(cost=cost, neighbours=tuple(pairs), site_area=homes, count=sites // 2)


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
