"""The street search: every time equal to plain searches, whatever the network looks like."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from navplan.travel.hierarchy import Customised, customised, hierarchy_of
from navplan.travel.lanes import LANES, UNREACHED
from navplan.travel.sweeping import Terminals, sweep


def built(arcs: list[tuple[int, int, int]], count: int) -> Customised:
    tail, head, milliseconds = np.array(arcs, np.int32).reshape(-1, 3).T
    return customised(hierarchy_of(tail, head, count), milliseconds)


def tied(points: list[list[tuple[int, int]]]) -> Terminals:
    ties = np.array([tie for point in points for tie in point], np.int32).reshape(-1, 2)
    pointers = np.cumsum([0, *map(len, points)])
    return Terminals(pointers, ties[:, 0].copy(), ties[:, 1].copy())


def at(nodes) -> Terminals:
    return tied([[(int(node), 0)] for node in nodes])


def by_relaxing(arcs, count: int) -> np.ndarray:
    """Times between all nodes, by Floyd and Warshall's three loops."""
    times = np.full((count, count), UNREACHED, np.int64)
    np.fill_diagonal(times, 0)
    for tail, head, milliseconds in arcs:
        times[tail, head] = min(times[tail, head], milliseconds)
    for middle in range(count):
        times = np.minimum(times, times[:, [middle]] + times[[middle]])
    return times.clip(max=UNREACHED)


def between(points, others, times: np.ndarray) -> np.ndarray:
    found = np.full((len(points), len(others)), UNREACHED, np.int64)
    for o, origin in enumerate(points):
        for t, target in enumerate(others):
            ways = [a + times[i, j] + b for i, a in origin for j, b in target]
            found[o, t] = min([UNREACHED, *ways])
    return found


MILLISECONDS = st.one_of(
    st.integers(0, 5), st.integers(0, 1000), st.integers(2**28, UNREACHED), st.just(2**31 - 1)
)


@st.composite
def towns(draw):
    count = draw(st.integers(1, 14))
    nodes = st.integers(0, count - 1)
    arcs = draw(st.lists(st.tuples(nodes, nodes, MILLISECONDS), max_size=40))
    ties = st.lists(st.tuples(nodes, st.integers(0, 50)), max_size=3)
    points = st.lists(ties, max_size=6)
    return count, arcs, draw(points), draw(points)


@given(town=towns(), threads=st.integers(1, 3))
def test_any_network_gives_the_times_of_plain_relaxation(town, threads):
    count, arcs, origins, targets = town
    found = sweep(built(arcs, count), tied(origins), tied(targets), threads=threads)
    assert found.dtype == np.int32
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, between(origins, targets, by_relaxing(arcs, count)))


def grid_town(side: int, seed: int) -> tuple[list[tuple[int, int, int]], int]:
    """Make a grid of streets, some missing, some one-way, some of no length."""
    random = np.random.default_rng(seed)
    node = np.arange(side * side).reshape(side, side)
    ends = np.concatenate(
        [
            np.stack([node[:, :-1].ravel(), node[:, 1:].ravel()], axis=1),
            np.stack([node[:-1].ravel(), node[1:].ravel()], axis=1),
        ]
    )
    ends = ends[random.random(len(ends)) > 0.2]
    there = np.column_stack([ends, random.integers(0, 3000, len(ends))])
    back = np.column_stack([ends[:, ::-1], random.integers(0, 3000, len(ends))])
    arcs = np.concatenate([there, back[random.random(len(back)) > 0.1]])
    return [tuple(map(int, arc)) for arc in arcs], side * side


def by_dijkstra(arcs, count: int, origins: np.ndarray) -> np.ndarray:
    tail, head, milliseconds = np.array(arcs).T
    order = np.lexsort((head, tail))  # no parallel arcs in a grid; zeros must stay stored
    pointers = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=count))])
    matrix = sparse.csr_array(
        (milliseconds[order].astype(float), head[order], pointers), shape=(count, count)
    )
    times = dijkstra(matrix, indices=origins)
    return np.where(np.isfinite(times), times, UNREACHED).astype(np.int32)


@pytest.fixture(scope="module")
def city():
    arcs, count = grid_town(40, seed=4)
    return arcs, count, built(arcs, count)


@pytest.mark.parametrize(
    ("origins", "targets"),
    [(1600, 1), (1, 1600), (300, 2 * LANES + 3), (LANES, LANES + 1), (LANES, LANES), (1, 1)],
)
def test_a_city_gives_the_times_of_dijkstra_from_either_side(city, origins, targets):
    arcs, count, graph = city
    random = np.random.default_rng(origins)
    here, there = (random.permutation(count)[:size] for size in (origins, targets))
    expected = by_dijkstra(arcs, count, here)[:, there]
    np.testing.assert_array_equal(sweep(graph, at(here), at(there)), expected)
    np.testing.assert_array_equal(sweep(graph, at(here), at(there), threads=1), expected)


def test_points_between_nodes_take_the_better_end(city):
    arcs, count, graph = city
    random = np.random.default_rng(9)

    def linked(size: int) -> list[list[tuple[int, int]]]:
        nodes = random.integers(0, count, (size, 2)).tolist()
        return [[(one, int(random.integers(900))), (two, 40)] for one, two in nodes]

    origins, targets = linked(150), linked(70)
    times = by_dijkstra(arcs, count, np.arange(count)).astype(np.int64)
    expected = between(origins, targets, times)
    np.testing.assert_array_equal(sweep(graph, tied(origins), tied(targets)), expected)
    turned = sweep(graph, tied(targets), tied(origins))
    np.testing.assert_array_equal(turned, between(targets, origins, times))


def test_new_times_need_no_new_order():
    arcs, count = grid_town(12, seed=1)
    tail, head, _ = np.array(arcs).T
    order = hierarchy_of(tail, head, count)
    for seed in range(3):
        slower = np.random.default_rng(seed).integers(0, 10_000, len(arcs))
        slower[::17] = UNREACHED  # closed
        graph = customised(order, slower)
        anew = [(t, h, int(ms)) for t, h, ms in zip(tail, head, slower, strict=True)]
        nodes = at(range(count))
        expected = by_relaxing(anew, count)
        np.testing.assert_array_equal(sweep(graph, nodes, nodes), expected)


def test_the_order_is_the_same_on_every_run():
    arcs, count = grid_town(30, seed=2)
    tail, head, _ = np.array(arcs).T
    one, other = hierarchy_of(tail, head, count), hierarchy_of(tail, head, count)
    np.testing.assert_array_equal(one.rank, other.rank)
    assert sorted(one.rank) == list(range(count))


def test_arcs_that_no_fastest_way_needs_are_left_out():
    # 0 → 1 → 2 takes 2 ms, the street 0 → 2 five; 2 → 0 has no other way
    graph = built([(0, 1, 1), (1, 2, 1), (0, 2, 5), (2, 0, 5)], 3)
    kept = len(graph.outward.heads) + len(graph.inward.heads)
    whole = built([(0, 1, 1), (1, 2, 1), (0, 2, 2), (2, 0, 5)], 3)
    assert kept < len(whole.outward.heads) + len(whole.inward.heads)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_networks_without_arcs_reach_only_the_node_itself(count):
    nodes = at(range(count))
    found = sweep(built([], count), nodes, nodes)
    np.testing.assert_array_equal(found, by_relaxing([], count))


def test_many_lonely_nodes_and_islands():
    arcs = [(3, 4, 7), (4, 3, 8), (90, 91, 1), (91, 92, 2)]
    nodes = at(range(100))
    found = sweep(built(arcs, 100), nodes, nodes)
    np.testing.assert_array_equal(found, by_relaxing(arcs, 100))


def test_a_dense_network_and_a_star():
    random = np.random.default_rng(0)
    dense = [(i, j, int(random.integers(100))) for i in range(30) for j in range(30) if (i + j) % 3]
    star = [(0, i, i) for i in range(1, 200)] + [(i, 0, 1) for i in range(1, 200)]
    for arcs, count in ((dense, 30), (star, 200)):
        nodes = at(range(count))
        found = sweep(built(arcs, count), nodes, nodes)
        np.testing.assert_array_equal(found, by_relaxing(arcs, count))


def test_points_without_ties_and_no_points_at_all():
    graph = built([(0, 1, 3)], 2)
    nobody, nowhere = tied([]), tied([[], [(0, UNREACHED)], [(1, 2**31 - 1)]])
    assert sweep(graph, nobody, at([0])).shape == (0, 1)
    assert sweep(graph, at([0]), nobody).shape == (1, 0)
    assert sweep(graph, nobody, nobody).shape == (0, 0)
    assert (sweep(graph, nowhere, at([0, 1])) == UNREACHED).all()
    assert (sweep(graph, at([0, 1]), nowhere) == UNREACHED).all()


def test_ways_of_149_hours_count_as_none():
    graph = built([(0, 1, UNREACHED - 1), (1, 2, 1), (2, 3, 5)], 4)
    found = sweep(graph, at([0]), at([1, 2, 3]))
    assert found.tolist() == [[UNREACHED - 1, UNREACHED, UNREACHED]]


@pytest.mark.parametrize(
    ("tail", "head", "count", "said"),
    [
        ([0, 1], [1], 2, "2 tails, but 1 heads"),
        ([0], [2], 2, "head: node 2 is outside the network of 2 nodes"),
        ([-1], [0], 2, "tail: node -1 is outside"),
        ([0.0], [1.0], 2, "tail: expected one row of whole numbers"),
        ([[0]], [[1]], 2, "tail: expected one row"),
        ([], [], -1, "count"),
    ],
)
def test_a_network_that_cannot_be_is_refused(tail, head, count, said):
    with pytest.raises(ValueError, match=said):
        hierarchy_of(np.array(tail), np.array(head), count)


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        ([1], "1 times for 2 arcs"),
        ([1, -1], "Arc 1 takes -1 ms"),
        ([1.0, np.nan], "milliseconds: expected one row of whole numbers"),
    ],
)
def test_times_that_cannot_be_are_refused(milliseconds, said):
    order = hierarchy_of(np.array([0, 1]), np.array([1, 0]), 2)
    with pytest.raises(ValueError, match=said):
        customised(order, np.array(milliseconds))


def test_points_that_cannot_be_are_refused():
    graph = built([(0, 1, 3)], 2)
    for wrong in (2, -1):
        with pytest.raises(ValueError, match=f"targets: node {wrong} is outside"):
            sweep(graph, at([0]), at([wrong]))
        with pytest.raises(ValueError, match=f"origins: node {wrong} is outside"):
            sweep(graph, at([wrong]), at([0]))
    with pytest.raises(ValueError, match="at least one"):
        sweep(graph, at([0]), at([0]), threads=0)


@pytest.mark.parametrize(
    ("pointers", "nodes", "milliseconds", "said"),
    [
        ([], [], [], "pointers"),
        ([0, 2], [0], [0], "pointers"),
        ([1, 1], [0], [0], "pointers"),
        ([0, 2, 1], [0], [0], "pointers"),
        ([0, 1], [0], [0, 1], "1 nodes, but 2 times"),
        ([0, 1], [0], [-1], "never negative"),
        ([0, 1], [0.5], [1], "nodes: expected one row of whole numbers"),
    ],
)
def test_ties_that_do_not_fit_together_are_refused(pointers, nodes, milliseconds, said):
    def numbers(values) -> np.ndarray:
        return np.array(values, None if values else np.int32)

    with pytest.raises(ValueError, match=said):
        Terminals(numbers(pointers), numbers(nodes), numbers(milliseconds))


def test_plain_lanes_give_the_same_times(city):
    _, count, graph = city
    nodes = np.arange(0, count, 11)
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import numpy as np
from test_hierarchy import at, built, digest, grid_town
from navplan.travel import lanes, lanes_plain
from navplan.travel.sweeping import sweep
assert not lanes.CACHED and lanes.fold is lanes_plain.fold
nodes = at(np.arange(0, {count}, 11))
print(digest(sweep(built(*grid_town(40, seed=4)), nodes, nodes)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NAVPLAN_PLAIN_LANES": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == digest(sweep(graph, at(nodes), at(nodes)))


def digest(times: np.ndarray) -> str:
    return hashlib.sha256(times.tobytes()).hexdigest()
