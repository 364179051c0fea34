"""Small questions about whole areas with every awkward thing, and every assignment tried."""

from __future__ import annotations

from itertools import product

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from navplan.locate.whole_areas import AreaQuestion


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
            or any(used.isdisjoint(sites) for sites in asked.any_of)
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
        any_of=(tuple(range(draw(st.integers(1, sites)))),) if draw(st.booleans()) else (),
        sizes=np.array(draw(st.lists(st.integers(0, 4), min_size=areas, max_size=areas)), float),
        capacities=np.array(capacities, float),
        minimum=np.array(minimum, float),
    )


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
