"""Linking points to streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import LineString, Point, Polygon

from navplan.errors import InputError
from navplan.network import attach, edge_seconds, streets_from_links
from navplan.network.linking import linker_of
from navplan.network.nearest import segments_of
from navplan.nouns import Streets
from tests import town


def points(**where: tuple[float, float]) -> gpd.GeoSeries:
    """Points by id, in kilometres from the town's corner."""
    xy = [Point(town.X0 + 1000 * x, town.Y0 + 1000 * y) for x, y in where.values()]
    return gpd.GeoSeries(xy, index=list(where), crs=town.CRS)


def linked(where: gpd.GeoSeries, mode="walk", streets=None, **changes):
    streets = town.streets() if streets is None else streets
    profile = town.profile(mode, **changes)
    return attach(where, streets, edge_seconds(streets, profile), profile)


def test_a_point_with_the_id_of_a_node_is_linked_there():
    streets = town.streets()
    link = linked(points(south=(1.0, 1.0)), streets=streets).loc["south"]
    assert streets.nodes.index[link["node_a"]] == "south"
    assert (link["snap_m"], link["out_a"], link["in_a"], link["edge"]) == (0.0, 0.0, 0.0, -1)


def test_an_id_of_a_node_that_lies_elsewhere_is_refused():
    with pytest.raises(InputError, match=r"south: lies 1,000 m from the street node"):
        linked(points(south=(2.0, 1.0)))


def test_another_point_is_linked_to_the_nearest_edge_with_its_way_there():
    # 300 m north of the street p-00 – p-10, 250 m along it: 360 m to walk at 1.25 m/s
    link = linked(points(a=(0.25, 0.3))).loc["a"]
    assert link["snap_m"] == pytest.approx(250.0)  # the street p-00 – p-01 is nearer
    link = linked(points(a=(0.4, 0.3))).loc["a"]
    assert link["snap_m"] == pytest.approx(300.0)
    ways = {link["node_a"]: link["out_a"], link["node_b"]: link["out_b"]}
    nodes = town.streets().nodes.index
    assert ways[nodes.get_loc("p-00")] == pytest.approx(300 * 1.2 / 1.25 + 400 / 1.25)
    assert ways[nodes.get_loc("p-10")] == pytest.approx(300 * 1.2 / 1.25 + 600 / 1.25)
    assert (link["in_a"], link["in_b"]) == pytest.approx((link["out_a"], link["out_b"]))


def test_the_snap_limit_decides():
    far = points(a=(-1.9, 0.0), b=(-2.1, 0.0))
    link = linked(far)
    assert link["linked"].tolist() == [True, False]
    assert link.loc["a", "snap_m"] == pytest.approx(1900.0)
    assert np.isnan(link.loc["b", "snap_m"])
    assert linked(far, snap_limit_m=2200.0)["linked"].all()


def test_nobody_joins_in_a_tunnel_on_a_bridge_a_ferry_or_a_motorway():
    near_bridge = points(a=(1.1, 1.5))
    link = linked(near_bridge).loc["a"]
    assert link["snap_m"] > 499.0  # the bridge passes 100 m away, its ends are streets
    for changes in (
        {"structure": "tunnel"},
        {"structure": "ferry", "crossing_min": 5.0, "headway_min": 10.0},
        {"road_class": "motorway"},
    ):
        links = town.links()
        bridge = links.index[links["structure"] == "bridge"]
        for column, value in changes.items():
            links.loc[bridge, column] = value
        streets = streets_from_links(town.nodes(), links, crs=town.CRS)
        assert linked(near_bridge, mode="car", streets=streets).loc["a", "snap_m"] > 499.0


def test_a_closed_street_is_passed_over():
    links = town.links()
    here = (links["from"] == "p-00") & (links["to"] == "p-10")
    links.loc[here, "car"] = "no"
    streets = streets_from_links(town.nodes(), links, crs=town.CRS)
    assert linked(points(a=(0.5, 0.1)), mode="walk", streets=streets)["snap_m"].item() == 100.0
    assert linked(points(a=(0.5, 0.1)), mode="car", streets=streets)["snap_m"].item() == 500.0


def fragment(*, count: int) -> Streets:
    """A chain of 300 nodes along y = 0 and one of `count` nodes along y = 1 km."""
    rows, links = [], []
    for name, length, y in (("main", 300, 0.0), ("part", count, 1000.0)):
        for k in range(length):
            rows.append((f"{name}-{k}", town.X0 + 10.0 * k, town.Y0 + y))
            if k:
                links.append(town.link(f"{name}-{k - 1}", f"{name}-{k}", km=0.01))
    nodes = pd.DataFrame(rows, columns=["id", "x", "y"])
    return streets_from_links(nodes, pd.DataFrame(links), crs=town.CRS)


@pytest.mark.parametrize(("count", "snap_m"), [(2, 900.0), (4, 100.0)])
def test_a_tiny_part_of_the_network_is_passed_over(count, snap_m):
    # 1 % of 302 or 304 usable nodes are 3.02 or 3.04: two are too few, four are enough
    link = linked(points(a=(0.0, 0.9)), streets=fragment(count=count))
    assert link["snap_m"].item() == pytest.approx(snap_m)


def test_a_tiny_part_is_better_than_none():
    link = linked(points(a=(0.0, 0.9)), streets=fragment(count=2), snap_limit_m=500.0)
    assert link["snap_m"].item() == pytest.approx(100.0)


def test_a_one_way_street_lets_out_ahead_and_in_from_behind():
    streets = town.streets()
    nodes = streets.nodes.index
    tail, head = nodes.get_loc("p-00"), nodes.get_loc("p-10")
    back = (streets.edges["tail"] == head) & (streets.edges["head"] == tail)
    one_way = Streets(streets.nodes, streets.edges[~back].reset_index(drop=True))
    link = linked(points(a=(0.25, -0.1)), mode="car", streets=one_way).loc["a"]
    connector = 120 / (25 / 3.6)
    assert (link["node_a"], link["node_b"]) == (tail, head)
    assert link["out_b"] == pytest.approx(connector + 0.75 * 120)
    assert link["in_a"] == pytest.approx(connector + 0.25 * 120)
    assert np.isinf([link["out_a"], link["in_b"]]).all()


def test_a_drawn_line_counts_and_not_the_straight_way_between_its_ends():
    streets = town.streets()
    corner = town.X0, town.Y0
    bow = LineString([corner, (town.X0 + 500, town.Y0 - 800), (town.X0 + 1000, town.Y0)])
    edges = streets.edges.copy()
    nodes = streets.nodes.index
    ends = [nodes.get_loc("p-00"), nodes.get_loc("p-10")]
    row = edges.index[(edges[["tail", "head"]] == ends).all(axis=1)][0]
    lines = edges["geometry"].to_numpy(dtype=object).copy()
    lines[row], lines[row + 1] = bow, bow.reverse()
    edges["geometry"] = lines
    link = linked(points(a=(0.5, -0.8)), streets=Streets(streets.nodes, edges))
    assert link["snap_m"].item() == pytest.approx(0.0, abs=1e-6)
    assert link["fraction"].item() == pytest.approx(0.5)


def test_both_directions_of_a_street_stand_for_one_another():
    # only the way back is drawn, and in a bow: the link still names the first of the two rows
    streets = town.streets()
    nodes = streets.nodes.index
    tail, head = nodes.get_loc("p-00"), nodes.get_loc("p-10")
    ends = streets.edges[["tail", "head"]]
    row = ends.index[(ends == [tail, head]).all(axis=1)][0]
    corners = [(1.0, 0.0), (1.0, -0.5), (0.0, -0.5), (0.0, 0.0)]
    lines = np.full(len(ends), None, dtype=object)
    lines[row + 1] = LineString([(town.X0 + 1000 * x, town.Y0 + 1000 * y) for x, y in corners])
    drawn = Streets(streets.nodes, streets.edges.assign(geometry=lines))
    link = linked(points(a=(0.0, -0.5)), streets=drawn).loc["a"]
    assert (link["edge"], link["node_a"], link["node_b"]) == (row, tail, head)
    assert link["fraction"] == pytest.approx(0.25)  # 1.5 of the bow's 2 km behind it, seen back
    assert (link["out_a"], link["out_b"]) == pytest.approx((0.25 * 800, 0.75 * 800))


def test_another_crs_is_refused():
    with pytest.raises(InputError, match="Reproject"):
        linked(points(a=(0.0, 0.0)).to_crs("EPSG:25832"))


def test_nobody_is_linked_to_a_street_that_only_leads_away():
    # A one-way street leaves p-00 westwards and ends; the point lies right beside it.
    streets = town.streets()
    end = gpd.GeoDataFrame(geometry=[Point(town.X0 - 1000, town.Y0)], index=["scrap"], crs=town.CRS)
    nodes = pd.concat([streets.nodes[["geometry"]], end])
    away = streets.edges.iloc[[0]].assign(
        tail=nodes.index.get_loc("p-00"), head=len(nodes) - 1, length_m=1000.0
    )
    edges = pd.concat([streets.edges, away], ignore_index=True)
    link = linked(points(a=(-0.5, 0.0)), mode="car", streets=Streets(nodes, edges)).loc["a"]
    assert link["snap_m"] == pytest.approx(500.0)  # to p-00, where one also gets back


@pytest.mark.parametrize(
    "nowhere",
    [None, Point(), Point(np.nan, 0.0), Point(np.inf, 0.0), Polygon([(0, 0), (1, 0), (0, 1)])],
)
def test_points_without_a_position_are_refused_by_name(nowhere):
    given = gpd.GeoSeries([Point(town.X0, town.Y0), nowhere], index=["a", "b"], crs=town.CRS)
    with pytest.raises(InputError, match="points: b: has no position") as error:
        linked(given)
    assert len(error.value.faults) == 1


@pytest.mark.parametrize("xy", [(1e7, 0.0), (-1e12, 1e12), (1e300, -1e300)])
def test_points_far_off_the_map_are_not_linked(xy):
    link = linked(gpd.GeoSeries([Point(xy)], index=["a"], crs=town.CRS)).loc["a"]
    assert not link["linked"]
    assert (link["edge"], link["reverse"], link["node_a"]) == (-1, -1, -1)


def test_no_points_and_no_streets_are_no_error():
    empty = gpd.GeoSeries([], index=pd.Index([], dtype=str), crs=town.CRS)
    assert linked(empty).empty
    streets = town.streets()
    profile = town.profile("walk")
    closed = np.full(len(streets.edges), np.nan)
    assert not attach(points(a=(0.0, 0.1)), streets, closed, profile)["linked"].any()
    nothing = Streets(streets.nodes.iloc[:0], streets.edges.iloc[:0])
    assert not linked(points(south=(1.0, 1.0)), streets=nothing)["linked"].any()


def test_the_other_direction_of_the_street_is_named():
    link = linked(points(a=(0.4, 0.3), south=(1.0, 1.0)))
    ends = town.streets().edges[["tail", "head"]].to_numpy()
    edge, reverse = link.loc["a", ["edge", "reverse"]].astype(int)
    assert ends[edge].tolist() == ends[reverse][::-1].tolist()
    assert link.loc["south", "reverse"] == -1


def test_one_linker_serves_any_number_of_points():
    streets, profile = town.streets(), town.profile("bicycle")
    seconds = edge_seconds(streets, profile)
    where = points(a=(0.4, 0.3), b=(1.5, 1.2), c=(-9.0, 0.0), south=(1.0, 1.0), d=(3.0, 3.0))
    linker = linker_of(streets, seconds, profile)
    together = attach(where, streets, seconds, profile)
    singly = pd.concat([linker.attach(where.iloc[[row]]) for row in range(len(where))])
    pd.testing.assert_frame_equal(singly, together)
    pd.testing.assert_frame_equal(linker.attach(where.to_frame("geometry")), together)


def test_a_snap_of_200_m_is_never_free():
    for mode, metres_per_s in (("walk", 1.25), ("bicycle", 15 / 3.6), ("car", 25 / 3.6)):
        link = linked(points(a=(0.0, -0.2)), mode=mode).loc["a"]
        assert link["snap_m"] == pytest.approx(200.0)
        assert link["connector_s"] == pytest.approx(240 / metres_per_s)
        assert link[["out_a", "out_b", "in_a", "in_b"]].min() >= link["connector_s"]


@st.composite
def drawn(draw):
    """Lines of a few corners on a coarse lattice, and points; many touch, many are equally near."""
    number = st.integers(-4, 4)
    count = draw(st.integers(1, 8))
    corners = st.lists(st.tuples(number, number), min_size=2, max_size=5)
    lines = [draw(corners) for _ in range(count)]
    scale = draw(st.sampled_from([0.3, 70.0, 5000.0]))
    offset = draw(st.sampled_from([0.0, 6.7e6]))
    xy = draw(arrays(float, (6, 2), elements=st.floats(-7, 7)))
    return [offset + scale * np.array(line, dtype=float) for line in lines], offset + scale * xy


@given(drawn(), st.sampled_from([0.5, 100.0, 1e4, 1e9]))
def test_the_nearest_piece_is_that_of_a_plain_look_at_all(made, limit):
    lines, xy = made
    ends = np.concatenate([np.column_stack([line[:-1], line[1:]]) for line in lines])
    piece, share, metres = segments_of(ends).nearest(xy, limit)
    pieces = shapely.linestrings(ends.reshape(-1, 2, 2))
    for row, point in enumerate(shapely.points(xy)):
        away = shapely.distance(point, pieces)
        if away.min() > limit * (1 + 1e-9):
            assert piece[row] == -1
        elif away.min() < limit * (1 - 1e-9):
            assert metres[row] == pytest.approx(away.min(), rel=1e-7, abs=1e-6)
            assert away[piece[row]] == pytest.approx(away.min(), rel=1e-7, abs=1e-6)
            # of pieces that touch it the first; rounding decides between others equally near
            assert piece[row] <= np.flatnonzero(away == 0).min(initial=piece[row])
            at = ends[piece[row], :2] + share[row] * (ends[piece[row], 2:] - ends[piece[row], :2])
            assert np.hypot(*(at - xy[row])) == pytest.approx(metres[row], rel=1e-7, abs=1e-6)


def test_of_streets_equally_near_the_first_is_taken():
    link = linked(points(a=(1.0, -0.1)))  # 100 m from the corner p-10, where three streets meet
    streets = town.streets()
    corner = streets.nodes.index.get_loc("p-10")
    here = (streets.edges[["tail", "head"]] == corner).any(axis=1)
    here &= streets.edges["structure"] == "open"
    assert link["edge"].item() == np.flatnonzero(here).min()
    assert link["fraction"].item() in (0.0, 1.0)


def test_fractions_are_those_of_the_whole_line():
    rng = np.random.default_rng(3)
    streets = town.streets()
    lines = np.full(len(streets.edges), None, dtype=object)
    xy = shapely.get_coordinates(streets.nodes.geometry.to_numpy())
    for row, (tail, head) in enumerate(streets.edges[["tail", "head"]].to_numpy()):
        between = xy[tail] + np.linspace(0, 1, 9)[1:-1, None] * (xy[head] - xy[tail])
        corners = [xy[tail], *(between + rng.normal(0, 60, between.shape)), xy[head]]
        lines[row] = LineString(corners)
    one_way = streets.edges.assign(geometry=lines).iloc[::2].reset_index(drop=True)
    drawn = Streets(streets.nodes, one_way)
    where = gpd.GeoSeries.from_xy(
        rng.uniform(town.X0, town.X0 + 3000, 200), rng.uniform(town.Y0, town.Y0 + 3000, 200),
        index=[f"q{k}" for k in range(200)], crs=town.CRS,
    )  # fmt: skip
    link = linked(where, mode="car", streets=drawn)
    line = np.array([one_way["geometry"][row] for row in link["edge"]])
    expected = shapely.line_locate_point(line, where.to_numpy(), normalized=True)
    assert link["fraction"].to_numpy() == pytest.approx(expected, abs=1e-9)
    assert link["snap_m"].to_numpy() == pytest.approx(shapely.distance(line, where.to_numpy()))


@pytest.mark.parametrize(("hours", "mode"), [((6, 9), "car"), ((6, 9), "walk"), ((0, 24), "car")])
def test_an_island_keeps_to_its_streets_when_no_ferry_sails(hours, mode):
    """A shore of 120 junctions, and 900 m off it two houses' street, joined by a ferry."""
    nodes = pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(120)] + ["i0", "i1"],
            "x": [town.X0 + 50.0 * i for i in range(120)] + [town.X0 + 100.0, town.X0 + 200.0],
            "y": [town.Y0] * 120 + [town.Y0 + 900.0] * 2,
        }
    )
    shore = [town.link(f"m{i}", f"m{i + 1}", km=0.05) for i in range(119)]
    ferry = {"road_class": "ferry", "structure": "ferry", "crossing_min": 10.0, "headway_min": 60.0}
    links = pd.DataFrame([*shore, town.link("i0", "i1", km=0.1), town.link("m2", "i0", **ferry)])
    streets = streets_from_links(nodes, links, crs=town.CRS)
    afloat = (streets.edges["structure"] == "ferry").to_numpy()
    begins, ends = (np.where(afloat, hour * 3600.0, np.nan) for hour in hours)
    edges = streets.edges.assign(sails_from=begins, sails_until=ends)
    found = linked(points(house=(0.19, 0.905)), mode, Streets(streets.nodes, edges))
    assert found.loc["house", "snap_m"] == pytest.approx(5.0)
