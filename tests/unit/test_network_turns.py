"""The graph with turns: bans, turn costs, and points anywhere on it."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace
from itertools import count as numbers

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from navplan.network import attach
from navplan.network.graph import graph_of
from navplan.network.reverses import reverse_rows
from navplan.network.terminals import along_edges, origins_of, targets_of
from navplan.network.turns import LEFT_TURN_S, RIGHT_TURN_S, U_TURN_S, Bans, turn_seconds
from navplan.nouns import Streets
from tests import town

CAR = town.profile("car", snap_limit_m=1e6)


def network(places, ways, bans=()):
    """Streets of (tail, head) or (tail, head, line); nodes are named a, b, c … by place [m]."""
    nodes = gpd.GeoDataFrame(
        geometry=[Point(at) for at in places.values()], index=list(places), crs=town.CRS
    )
    rows = []
    for tail, head, *line in ways:
        length = math.dist(places[tail], places[head])
        rows.append(
            {
                "tail": nodes.index.get_loc(tail),
                "head": nodes.index.get_loc(head),
                "length_m": line[0].length if line else length,
                "geometry": line[0] if line else None,
            }
        )
    edges = pd.DataFrame(rows).assign(
        road_class="local",
        structure="open",
        walk=True,
        bicycle=True,
        car=True,
        climb_m=np.nan,
        opened=pd.NaT,
        crossing_min=np.nan,
        headway_min=np.nan,
        speed_km_h=np.nan,
    )
    edges["geometry"] = edges["geometry"].astype(object).where(edges["geometry"].notna(), None)
    return Streets(nodes, edges, bans=tuple(bans))


def both(*pairs):
    return [way for tail, head in pairs for way in ((tail, head), (head, tail))]


def at(**where):
    return gpd.GeoSeries([Point(xy) for xy in where.values()], index=list(where), crs=town.CRS)


def matrix(streets, seconds, links, profile):
    """Seconds between all linked points, by rounds over all arcs till nothing changes."""
    graph = graph_of(streets, seconds, profile)
    origins, targets = origins_of(links, graph), targets_of(links, graph)
    found = np.full((len(links), len(links)), np.inf)
    for origin in range(len(links)):
        label = np.full(graph.count, np.inf)
        here = slice(*origins.pointers[origin : origin + 2])
        np.minimum.at(label, origins.states[here], origins.seconds[here])
        while True:
            before = label.copy()
            np.minimum.at(label, graph.head, label[graph.tail] + graph.seconds)
            if (label == before).all():
                break
        for target in range(len(links)):
            there = slice(*targets.pointers[target : target + 2])
            ways = label[targets.states[there]] + targets.seconds[there]
            found[origin, target] = ways.min(initial=np.inf)
    start, end, direct = along_edges(links, links)
    found[start, end] = np.minimum(found[start, end], direct)
    return found


def plain_turn(xy, ends, usable, reverse, before, after):
    """A turn's seconds by trigonometry; straight edges, no two streets between the same nodes."""
    if reverse[before] == after:
        return U_TURN_S
    node = ends[before][1]
    arms = {b if a == node else a for a, b in (ends[row] for row in usable) if node in (a, b)}
    (x0, y0), (x1, y1), (x2, y2) = xy[ends[before][0]], xy[node], xy[ends[after][1]]
    turn = math.atan2(y2 - y1, x2 - x1) - math.atan2(y1 - y0, x1 - x0)
    turn = math.degrees(math.atan2(math.sin(turn), math.cos(turn)))
    if len(arms) < 3 or abs(turn) < 45.0 - 1e-9:
        return 0.0
    return LEFT_TURN_S if turn > 0 or turn < -179.9 else RIGHT_TURN_S


def plain_search(streets, seconds, reverse, origin, target, profile):
    """One pair by a search over whole sequences of edges."""
    ends = streets.edges[["tail", "head"]].to_numpy().tolist()
    usable = [row for row, s in enumerate(seconds) if not math.isnan(s)]
    xy = [(p.x, p.y) for p in streets.nodes.geometry]
    longest = max((len(ban) for ban in streets.bans), default=1)

    def turn(way, edge):
        """Seconds of driving on into an edge; None where that is banned."""
        driven = (*way, edge)
        if any(driven[-len(ban) :] == ban for ban in streets.bans):
            return None
        if not way or not profile.turn_costs:
            return 0.0
        return plain_turn(xy, ends, usable, reverse, way[-1], edge)

    best, order, heap, done = math.inf, numbers(), [], set()

    def push(cost, way, node):
        heapq.heappush(heap, (cost, next(order), way, node))

    f, g = origin["fraction"], target["fraction"]
    start, end = int(origin["edge"]), int(target["edge"])
    connectors = origin["connector_s"] + target["connector_s"]
    if start < 0:
        push(0.0, (), int(origin["node_a"]))
    else:
        push((1 - f) * seconds[start], (start,), ends[start][1])
        back = int(reverse[start])
        if back >= 0:
            push(f * seconds[back], (back,), ends[back][1])
        if f in (0, 1):
            push(0.0, (), ends[start][int(f)])
    if start >= 0 and start == end:
        if g >= f:
            best = (g - f) * seconds[start]
        elif reverse[start] >= 0:
            best = (f - g) * seconds[reverse[start]]
    while heap:
        cost, _, way, node = heapq.heappop(heap)
        if (way, node) in done:
            continue
        done.add((way, node))
        if end < 0:
            if node == int(target["node_a"]):
                best = min(best, cost)
        else:
            back = int(reverse[end])
            for edge, share in ((end, g), (back, 1 - g)):
                into = turn(way, edge) if edge >= 0 and ends[edge][0] == node else None
                if into is not None:
                    best = min(best, cost + into + share * seconds[edge])
            if g in (0, 1) and node == ends[end][int(g)]:
                best = min(best, cost)
        for edge in usable:
            if ends[edge][0] == node:
                into = turn(way, edge)
                if into is not None:
                    seen = (*way, edge)[-longest:]
                    push(cost + into + seconds[edge], seen, ends[edge][1])
    return best + connectors


@st.composite
def cases(draw):
    """A small network with bans, and points on edges, at their ends and at nodes."""
    names = "abcdef"[: draw(st.integers(2, 6))]
    spots = st.tuples(st.integers(0, 6), st.integers(0, 6))
    places = draw(st.lists(spots, min_size=len(names), max_size=len(names), unique=True))
    places = {name: (100.0 * x, 100.0 * y) for name, (x, y) in zip(names, places, strict=True)}
    pairs = [(a, b) for a in names for b in names if a != b]
    ways = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=14, unique=True))
    seconds = draw(st.lists(st.integers(0, 60), min_size=len(ways), max_size=len(ways)))
    follows = {way: [w for w in ways if w[0] == way[1]] for way in ways}
    bans = []
    for _ in range(draw(st.integers(0, 5))):
        ban = [draw(st.sampled_from(ways))]
        for _ in range(draw(st.integers(1, 3))):
            if follows[ban[-1]]:
                ban.append(draw(st.sampled_from(follows[ban[-1]])))
        if len(ban) > 1:
            bans.append(tuple(ways.index(way) for way in ban))
    streets = network(places, ways, bans)
    closed = draw(st.sets(st.integers(0, len(ways) - 1), max_size=2)) - {0}
    values = np.array(seconds, dtype=float)
    values[list(closed)] = np.nan
    points = {}
    for number in range(draw(st.integers(2, 4))):
        (x1, y1), (x2, y2) = (places[name] for name in draw(st.sampled_from(ways)))
        share = draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]))
        points[f"p{number}"] = (x1 + share * (x2 - x1), y1 + share * (y2 - y1))
    for name in draw(st.sets(st.sampled_from(names), max_size=2)):
        points[name] = places[name]
    return streets, values, at(**points)


@pytest.mark.parametrize("turn_costs", [False, True])
@given(case=cases())
def test_every_pair_equals_a_search_over_whole_sequences_of_edges(case, turn_costs):
    streets, seconds, points = case
    profile = replace(CAR, turn_costs=turn_costs)
    links = attach(points, streets, seconds, profile)
    found = matrix(streets, seconds, links, profile)
    records, reverse = links.to_dict("records"), reverse_rows(streets, seconds)
    for i, origin in enumerate(records):
        for j, target in enumerate(records):
            if origin["linked"] and target["linked"]:
                expected = plain_search(streets, seconds, reverse, origin, target, profile)
                assert found[i, j] == pytest.approx(expected, abs=1e-9), (i, j)
            else:
                assert np.isinf(found[i, j])


CROSS = {"w": (-100, 0), "e": (100, 0), "s": (0, -100), "n": (0, 100), "x": (0, 0)}
CROSSING = both(("w", "x"), ("e", "x"), ("s", "x"), ("n", "x"))


def seconds_of(streets):
    return np.full(len(streets.edges), 10.0)


@pytest.mark.parametrize(
    ("way", "lost"),
    [("sxw", LEFT_TURN_S), ("sxn", 0.0), ("sxe", RIGHT_TURN_S), ("sxs", U_TURN_S)],
)
def test_turns_at_a_crossing(way, lost):
    streets = network(CROSS, CROSSING)
    before, after = CROSSING.index((way[0], way[1])), CROSSING.index((way[1], way[2]))
    turns = turn_seconds(streets, seconds_of(streets), np.array([before]), np.array([after]))
    assert turns.tolist() == [lost]


def test_a_bend_of_one_street_costs_nothing_and_a_dead_end_a_u_turn():
    streets = network(CROSS, both(("s", "x"), ("x", "w")))
    turns = turn_seconds(streets, seconds_of(streets), np.array([0, 2]), np.array([2, 3]))
    assert turns.tolist() == [0.0, U_TURN_S]


def test_a_closed_street_makes_no_junction():
    streets = network(CROSS, CROSSING)
    seconds = seconds_of(streets)
    seconds[[2, 3, 6, 7]] = np.nan
    turn = np.array([CROSSING.index(("s", "x"))]), np.array([CROSSING.index(("x", "w"))])
    assert turn_seconds(streets, seconds, *turn).tolist() == [0.0]


def test_a_street_turns_as_it_is_drawn_and_not_as_its_ends_lie():
    # the street to the north end first runs 50 m to the west
    bow = LineString([(0, 0), (-50, 0), (-50, 80), (0, 100)])
    ways = [*CROSSING[:6], ("x", "n", bow)]
    streets = network(CROSS, ways)
    turn = np.array([CROSSING.index(("s", "x"))]), np.array([6])
    assert turn_seconds(streets, seconds_of(streets), *turn).tolist() == [LEFT_TURN_S]


def test_two_halves_of_a_roundabout_are_no_two_way_street():
    places = {"a": (0, 0), "b": (20, 0)}
    north = LineString([(0, 0), (10, 10), (20, 0)])
    south = LineString([(20, 0), (10, -10), (0, 0)])
    halves = network(places, [("a", "b", north), ("b", "a", south)])
    assert reverse_rows(halves, seconds_of(halves)).tolist() == [-1, -1]
    street = network(places, [("a", "b", north), ("b", "a", north.reverse())])
    assert reverse_rows(street, seconds_of(street)).tolist() == [1, 0]


def test_a_one_way_loop_is_not_its_own_way_back():
    ring = LineString([(0, 0), (50, 50), (100, 0), (0, 0)])
    streets = network({"a": (0, 0)}, [("a", "a", ring)])
    assert reverse_rows(streets, seconds_of(streets)).tolist() == [-1]
    streets = network({"a": (0, 0)}, [("a", "a", ring), ("a", "a", ring.reverse())])
    assert reverse_rows(streets, seconds_of(streets)).tolist() == [1, 0]


def test_without_bans_and_turn_costs_the_states_are_the_nodes():
    streets = network(CROSS, CROSSING)
    seconds = seconds_of(streets)
    seconds[0] = np.nan
    graph = graph_of(streets, seconds, CAR)
    assert (graph.count, len(graph.tail), graph.by_node) == (5, 7, True)
    assert (graph.tail.dtype, graph.head.dtype) == (np.int32, np.int32)


def test_a_ban_costs_a_state_more_and_nobody_on_foot():
    left = CROSSING.index(("s", "x")), CROSSING.index(("x", "w"))
    streets = network(CROSS, CROSSING, [left])
    assert graph_of(streets, seconds_of(streets), CAR).count == 6
    walk = town.profile("walk", snap_limit_m=1e6)
    assert graph_of(streets, seconds_of(streets), walk).count == 5
    links = attach(at(s=CROSS["s"], w=CROSS["w"]), streets, seconds_of(streets), CAR)
    # no left turn: on to the north end, back, and right; a U-turn is free without turn costs
    banned = matrix(streets, seconds_of(streets), links, CAR)
    assert banned.tolist() == [[0.0, 40.0], [20.0, 0.0]]
    assert matrix(streets, seconds_of(streets), links, walk)[0, 1] == 20.0


def test_a_ban_is_not_evaded_by_starting_on_its_first_street():
    left = CROSSING.index(("s", "x")), CROSSING.index(("x", "w"))
    streets = network(CROSS, CROSSING, [left])
    points = at(p=(0, -50), q=(-50, 0))
    links = attach(points, streets, seconds_of(streets), CAR)
    assert matrix(streets, seconds_of(streets), links, CAR)[0, 1] == pytest.approx(30.0)


def test_at_a_corner_no_ban_of_the_street_one_is_linked_to_holds():
    # x–w comes first, so that a point beside the corner is linked to it
    ban = CROSSING.index(("w", "x")), CROSSING.index(("x", "s"))
    streets = network(CROSS, CROSSING, [ban])
    seconds = seconds_of(streets)
    for profile in (CAR, replace(CAR, turn_costs=True)):
        links = attach(at(corner=(0, 0), s=CROSS["s"]), streets, seconds, profile)
        assert links["edge"]["corner"] == CROSSING.index(("w", "x"))
        assert links["fraction"]["corner"] == 1.0
        found = matrix(streets, seconds, links, profile)
        assert found[0, 1] == found[1, 0] == 10.0


def test_one_comes_to_a_corner_without_a_turn_into_the_street_it_is_linked_to():
    ban = CROSSING.index(("s", "x")), CROSSING.index(("x", "w"))
    streets = network(CROSS, CROSSING, [ban])
    seconds = seconds_of(streets)
    for profile in (CAR, replace(CAR, turn_costs=True)):
        links = attach(at(corner=(0, 0), p=(0, -50)), streets, seconds, profile)
        assert matrix(streets, seconds, links, profile)[1, 0] == 5.0


def test_bans_remember_no_more_than_the_longest_beginning():
    bans = Bans(((1, 2, 3), (2, 4)))
    assert set(bans.beginnings) == {(1,), (1, 2), (2,)}
    assert bans.after((), 1) == (1,)
    assert bans.after((1,), 2) == (1, 2)
    assert bans.after((1, 2), 3) is None
    assert bans.after((1, 2), 4) is None  # its end 2, 4 is a ban of its own
    assert bans.after((1, 2), 1) == (1,)
    assert bans.after((1, 2), 9) == ()


def test_a_point_nowhere_has_no_terminals():
    streets = network(CROSS, CROSSING)
    seconds = seconds_of(streets)
    links = attach(at(far=(1e7, 0)), streets, seconds, CAR)
    for profile in (CAR, replace(CAR, turn_costs=True)):
        graph = graph_of(streets, seconds, profile)
        for terminals in (origins_of(links, graph), targets_of(links, graph)):
            assert terminals.pointers.tolist() == [0, 0]


def test_a_network_without_open_edges_has_a_graph_without_arcs():
    streets = network(CROSS, CROSSING, [(0, 1)])
    closed = np.full(len(CROSSING), np.nan)
    for profile in (CAR, replace(CAR, turn_costs=True)):
        graph = graph_of(streets, closed, profile)
        links = attach(at(p=(0, 50)), streets, closed, profile)
        assert len(graph.tail) == 0
        assert matrix(streets, closed, links, profile).tolist() == [[np.inf]]
