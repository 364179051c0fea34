"""Walks within a limit: by hand in the town, and against scipy on random streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from navplan.network import attach, edge_seconds, streets_from_links
from navplan.network.graph import graph_of
from navplan.nouns import Streets
from navplan.travel.foot import Walks, walk_seconds, walks_of, walks_within
from navplan.travel.lanes import UNREACHED
from tests import town
from tests.reference_walks import link_seconds

PROFILE = town.profile("transit", snap_limit_m=5000.0)


def points(places: list[tuple[float, float]], word: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        geometry=[Point(town.X0 + x, town.Y0 + y) for x, y in places],
        index=[f"{word} {number}" for number in range(len(places))],
        crs=town.CRS,
    )


def dense(walks: Walks) -> np.ndarray:
    table = np.full((len(walks), walks.targets), np.inf)
    table[walks.origin, walks.target] = walks.seconds
    return table


@pytest.mark.parametrize(("limit", "reached"), [(799.0, 1), (800.0, 4), (1599.9, 4), (1600.0, 8)])
def test_the_limit_counts_to_the_second(limit, reached):
    # from p-11 at 800 s a block: three corners on its bank and over the bridge; four in two
    streets = town.streets()
    seconds = edge_seconds(streets, PROFILE)
    zones = attach(town.zones().table, streets, seconds, PROFILE)
    graph = graph_of(streets, seconds, PROFILE)
    found = walks_within(graph, zones.loc[["p-11"]], zones, limit_s=limit)
    expected = {
        corner: 800 * town.blocks("11", corner)
        for corner in town.CORNERS
        if 800 * town.blocks("11", corner) <= limit
    }
    ids = [name.removeprefix("p-") for name in zones.index[found.target]]
    assert dict(zip(ids, found.seconds.tolist(), strict=True)) == expected
    assert len(expected) >= reached


def test_a_part_of_a_second_counts_as_a_whole_one():
    nodes = pd.DataFrame({"id": ["a", "b"], "x": [town.X0, town.X0 + 1000.0], "y": [town.Y0] * 2})
    links = pd.DataFrame([town.link("a", "b", km=1.0001)])
    streets = streets_from_links(nodes, links, crs=town.CRS)
    seconds = edge_seconds(streets, PROFILE)
    ends = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(nodes["x"], nodes["y"]), index=nodes["id"], crs=town.CRS
    )
    links_of = attach(ends, streets, seconds, PROFILE)
    graph = graph_of(streets, seconds, PROFILE)
    found = walk_seconds(graph, links_of.iloc[:1], links_of.iloc[1:])
    assert found.tolist() == [[801]]  # 1 000.1 m at 1.25 m/s are 800.08 s


@st.composite
def networks(draw: st.DrawFn) -> Streets:
    """Up to eight nodes on a square, joined at random: one-way, parallel, apart, of no length."""
    count = draw(st.integers(2, 8))
    place = st.integers(0, 20).map(lambda number: number * 50.0)
    nodes = pd.DataFrame(
        {
            "id": [f"n{number}" for number in range(count)],
            "x": [town.X0 + draw(place) for _ in range(count)],
            "y": [town.Y0 + draw(place) for _ in range(count)],
        }
    )
    end = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(end, end), min_size=1, max_size=12))
    walk = st.sampled_from(["yes", "yes", "forward", "backward", "no"])
    links = [
        town.link(f"n{one}", f"n{other}", km=draw(st.sampled_from([0.0, 0.1, 0.37, 1.2])),
                  walk=draw(walk))
        for one, other in pairs
    ]  # fmt: skip
    return streets_from_links(nodes, pd.DataFrame(links), crs=town.CRS)


places = st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), min_size=0, max_size=6)


@given(streets=networks(), starts=places, ends=places, limit=st.sampled_from([0, 300, 900, np.inf]))
def test_random_streets_agree_with_scipy(streets, starts, ends, limit):
    seconds = edge_seconds(streets, PROFILE)
    graph = graph_of(streets, seconds, PROFILE)
    origins = attach(points(starts, "start"), streets, seconds, PROFILE)
    targets = attach(points(ends, "end"), streets, seconds, PROFILE)
    exact = link_seconds(streets, seconds, origins, targets)
    # what lies within a hair of the limit or of a whole second is as good either way
    expected = np.where(exact <= limit + 1e-6, np.ceil(exact - 1e-6), np.inf)
    found = walks_within(graph, origins, targets, limit_s=limit)
    np.testing.assert_array_equal(dense(found), expected)
    np.testing.assert_array_equal(dense(found.transposed()), expected.T)
    everything = walk_seconds(graph, origins, targets, limit_s=limit)
    np.testing.assert_array_equal(
        everything, np.where(np.isinf(expected), UNREACHED, expected).astype(int)
    )


def test_walks_can_be_taken_apart_and_turned():
    walks = walks_of(np.array([2, 0, 0]), np.array([1, 3, 0]), np.array([5, 6, 7]), shape=(3, 4))
    assert walks.pointers.tolist() == [0, 2, 2, 3]
    assert walks.target.tolist() == [0, 3, 1]
    assert walks.seconds.tolist() == [7, 6, 5]
    assert walks.part(slice(1, 3)).pointers.tolist() == [0, 0, 1]
    assert walks.part(slice(1, 3)).seconds.tolist() == [5]
    turned = walks.transposed()
    assert (len(turned), turned.targets) == (4, 3)
    np.testing.assert_array_equal(dense(turned), dense(walks).T)
