"""What holds for travel times over any streets, whatever the numbers."""

import numpy as np
import pytest

from navplan.travel.hierarchy import customised, hierarchy_of
from navplan.travel.lanes import UNREACHED
from navplan.travel.sweeping import Terminals, sweep

NODES = 900


@pytest.fixture(scope="module")
def streets():
    """Arcs between near numbers, so that the network is long and thin, with a few far ones."""
    random = np.random.default_rng(3)
    tail = random.integers(0, NODES, 4 * NODES)
    head = (tail + random.integers(-25, 26, len(tail))) % NODES
    head[::150] = random.integers(0, NODES, len(head[::150]))
    return hierarchy_of(tail, head, NODES), tail, head, random.integers(0, 60_000, len(tail))


def at(nodes: np.ndarray) -> Terminals:
    size = len(nodes)
    return Terminals(np.arange(size + 1), nodes.astype(np.int32), np.zeros(size, np.int32))


ALL = at(np.arange(NODES))


def test_a_reversed_network_transposes_the_times(streets):
    order, tail, head, milliseconds = streets
    there = sweep(customised(order, milliseconds), ALL, ALL)
    back = sweep(customised(hierarchy_of(head, tail, NODES), milliseconds), ALL, ALL)
    np.testing.assert_array_equal(back, there.T)


def test_no_detour_is_faster_than_the_way(streets):
    order, _, _, milliseconds = streets
    times = sweep(customised(order, milliseconds), ALL, ALL).astype(np.int64)
    assert (np.diagonal(times) == 0).all()
    for middle in range(0, NODES, 30):
        assert (times <= times[:, [middle]] + times[[middle]]).all()


def test_a_street_takes_no_longer_than_itself(streets):
    order, tail, head, milliseconds = streets
    times = sweep(customised(order, milliseconds), ALL, ALL)
    assert (times[tail, head] <= milliseconds).all()


def test_closing_or_slowing_streets_makes_no_way_faster(streets):
    order, _, _, milliseconds = streets
    before = sweep(customised(order, milliseconds), ALL, ALL)
    slower = milliseconds.copy()
    slower[::9] += 5000
    slower[::13] = UNREACHED
    after = sweep(customised(order, slower), ALL, ALL)
    assert (after >= before).all()
    assert (after > before).any()


def test_times_do_not_depend_on_who_else_is_asked_for(streets):
    order, _, _, milliseconds = streets
    graph = customised(order, milliseconds)
    whole = sweep(graph, ALL, ALL)
    random = np.random.default_rng(8)
    for size in (1, 5, 64, 200):
        origins, targets = random.integers(0, NODES, size), random.integers(0, NODES, 70)
        part = sweep(graph, at(origins), at(targets))
        np.testing.assert_array_equal(part, whole[np.ix_(origins, targets)])


def test_twice_the_time_everywhere_is_twice_the_time(streets):
    order, _, _, milliseconds = streets
    once = sweep(customised(order, milliseconds), ALL, ALL).astype(np.int64)
    twice = sweep(customised(order, 2 * milliseconds), ALL, ALL)
    np.testing.assert_array_equal(twice, np.where(once < UNREACHED, 2 * once, UNREACHED))


def test_a_longer_walk_to_the_street_is_added_to_every_way(streets):
    order, _, _, milliseconds = streets
    graph = customised(order, milliseconds)
    nodes = np.arange(0, NODES, 40, dtype=np.int32)
    walks = np.arange(len(nodes), dtype=np.int32) * 1000
    walked = Terminals(np.arange(len(nodes) + 1), nodes, walks)
    direct = sweep(graph, at(nodes), ALL)
    expected = np.where(direct < UNREACHED, direct + walks[:, None], UNREACHED)
    np.testing.assert_array_equal(sweep(graph, walked, ALL), expected)
    np.testing.assert_array_equal(
        sweep(graph, ALL, walked),
        np.where((back := sweep(graph, ALL, at(nodes))) < UNREACHED, back + walks, UNREACHED),
    )
