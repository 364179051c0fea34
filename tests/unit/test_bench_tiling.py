"""The bench's made-up networks and timetables: copies of what they are made of, and no more."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from benchmarks.exchange import ARRAYS, Roads, roads_of, straight_m, write_arrays, write_osm
from benchmarks.tiling import GAP_M, JOINTS, grid_for, largest_part, tiled
from benchmarks.transit_town import at_crossings, lattice, plain, repeated, write_feed
from navplan.network import edge_seconds, read_gtfs
from navplan.nouns import Profile, Streets, Timetable
from navplan.sources import read_osm

UTM33 = "EPSG:25833"
CAR = Profile("car", "car", dt.date(2025, 10, 14))


def grid(columns: int, rows: int, *, spacing_m: float = 100.0) -> Streets:
    """Two-way streets of 1.5 times their straight length, one of them one-way."""
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    at = np.column_stack([x.ravel(), y.ravel()]) * spacing_m + np.array([262_000.0, 6_645_000.0])
    number = np.arange(columns * rows).reshape(rows, columns)
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    there = np.concatenate([east, north])
    ways = np.concatenate([there, there[1:, ::-1]])
    nodes = gpd.GeoDataFrame(
        index=[f"n{i}" for i in range(len(at))], geometry=gpd.points_from_xy(*at.T), crs=UTM33
    )
    edges = pd.DataFrame({"tail": ways[:, 0], "head": ways[:, 1], "length_m": 1.5 * spacing_m})
    edges = edges.assign(
        road_class="local", structure="open", walk=True, bicycle=True, car=True, climb_m=np.nan,
        opened=pd.Series(pd.NaT, index=edges.index, dtype="datetime64[ns]"),
        crossing_min=np.nan, headway_min=np.nan, speed_km_h=np.nan, geometry=None,
    )  # fmt: skip
    return Streets(nodes, edges)


def parts(streets: Streets) -> int:
    ends = streets.edges[["tail", "head"]].to_numpy()
    count = len(streets.nodes)
    graph = csr_array((np.ones(len(ends)), ends.T), shape=(count, count))
    return connected_components(graph, connection="strong")[0]


@settings(max_examples=25)
@given(
    size=st.tuples(st.integers(2, 6), st.integers(2, 6)),
    copies=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    seed=st.integers(0, 5),
)
def test_tiles_are_copies_joined_to_their_neighbours(size, copies, seed):
    base = grid(*size)
    columns, rows = copies
    found = tiled(base, columns, rows, seed)
    nodes, edges = len(base.nodes), len(base.edges)
    assert len(found.nodes) == nodes * columns * rows
    inside = found.edges.iloc[: edges * columns * rows]
    for copy in range(columns * rows):
        part = inside.iloc[copy * edges : (copy + 1) * edges]
        ends = part[["tail", "head"]].to_numpy() - copy * nodes
        assert (ends == base.edges[["tail", "head"]].to_numpy()).all()
        assert (part["length_m"].to_numpy() == base.edges["length_m"].to_numpy()).all()
    joints = found.edges.iloc[edges * columns * rows :]
    borders = (columns - 1) * rows + columns * (rows - 1)
    assert borders * 2 <= len(joints) <= borders * 2 * JOINTS
    of = joints[["tail", "head"]].to_numpy() // nodes
    apart = np.abs(of[:, 0] % columns - of[:, 1] % columns) + np.abs(
        of[:, 0] // columns - of[:, 1] // columns
    )
    assert (apart == 1).all()
    assert (joints["length_m"] >= GAP_M - 1e-6).all()
    assert parts(found) == 1


def test_copies_do_not_overlap():
    base = grid(4, 3)
    found = tiled(base, 3, 2, seed=1).nodes.get_coordinates().to_numpy()
    boxes = found.reshape(6, len(base.nodes), 2)
    low, high = boxes.min(axis=1), boxes.max(axis=1)
    for one in range(6):
        for other in range(one):
            between = np.maximum(low[one] - high[other], low[other] - high[one])
            assert between.max() >= GAP_M - 1e-6


def test_the_seed_alone_decides():
    base = grid(6, 5)
    same = [tiled(base, 2, 2, seed).edges[["tail", "head"]] for seed in (3, 3)]
    assert same[0].equals(same[1])


def test_loops_and_slower_parallels_are_left_out():
    base = grid(3, 3)
    more = base.edges.iloc[[0, 1]].assign(length_m=[10.0, 9_999.0])
    loop = base.edges.iloc[[0]].assign(head=base.edges["tail"].iloc[0])
    streets = Streets(base.nodes, pd.concat([base.edges, more, loop], ignore_index=True))
    found = tiled(streets, 1, 1, seed=1).edges
    assert len(found) == len(base.edges)
    first = found[(found["tail"] == base.edges["tail"].iloc[0])
                  & (found["head"] == base.edges["head"].iloc[0])]  # fmt: skip
    assert first["length_m"].tolist() == [10.0]


@pytest.mark.parametrize("copies", [(0, 1), (1, 0), (-1, 2)])
def test_no_copies_is_refused(copies):
    with pytest.raises(ValueError, match="at least 1 × 1"):
        tiled(grid(2, 2), *copies, seed=1)


@pytest.mark.parametrize("wished", [1, 9, 50, 650, 10_000])
def test_the_grid_reaches_the_size_wished_for(wished):
    base = grid(3, 3)
    columns, rows = grid_for(base, wished)
    assert columns >= rows
    assert abs(columns * rows - max(1, wished / 9)) <= rows


def test_the_largest_part_drops_what_cannot_be_left():
    base = grid(3, 3)
    dead_end = base.edges.iloc[[0]].assign(tail=0, head=9)
    closed = base.edges.iloc[[0]].assign(tail=9, head=0, car=False)
    nodes = gpd.GeoDataFrame(
        index=[*base.nodes.index, "far"],
        geometry=[*base.nodes.geometry, base.nodes.geometry.iloc[0]],
        crs=UTM33,
    )
    edges = pd.concat([dead_end, base.edges, closed], ignore_index=True)
    found = largest_part(Streets(nodes, edges), CAR)
    assert list(found.nodes.index) == list(base.nodes.index)
    assert len(found.edges) == len(base.edges)
    assert found.edges["car"].all()


def test_what_peers_read_takes_as_long_as_ours(tmp_path):
    """Straight ways with maxspeed: who drives just so fast has our seconds between all pairs."""
    osmium = pytest.importorskip("osmium")
    base = grid(5, 4)
    seconds = edge_seconds(base, CAR)
    roads = roads_of(base, seconds)
    write_osm(tmp_path / "roads.osm.pbf", roads)
    places, arcs = {}, []
    for thing in osmium.FileProcessor(str(tmp_path / "roads.osm.pbf")):
        if thing.is_node():
            places[thing.id] = (thing.location.lon, thing.location.lat)
        elif thing.is_way():
            ends = [node.ref for node in thing.nodes]
            told = float(thing.tags["nav:s"])
            driven = metres(*(places[end] for end in ends)) / float(thing.tags["maxspeed"]) * 3.6
            assert driven == pytest.approx(told, rel=1e-3)
            arcs.append((*ends, told))
            if thing.tags["oneway"] == "no":
                arcs.append((*ends[::-1], told))
    assert len(arcs) == len(base.edges)
    count = len(base.nodes)
    tail, head, told = np.array(arcs).T
    theirs = csr_array((told, (tail - 1, head - 1)), shape=(count, count))
    ours = csr_array((seconds, (roads.tail, roads.head)), shape=(count, count))
    assert np.allclose(dijkstra(theirs), dijkstra(ours), atol=0.01)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    lon, lat = np.radians(np.array([one, other])).T
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat).prod() * np.sin(np.diff(lon) / 2) ** 2
    return float((2 * 6_371_000.0 * np.arcsin(np.sqrt(half)))[0])


def test_arrays_come_back_as_written(tmp_path):
    roads = roads_of(grid(3, 2), edge_seconds(grid(3, 2), CAR))
    write_arrays(tmp_path / "roads.npz", roads, {"origins": np.array([1, 2])})
    with np.load(tmp_path / "roads.npz") as found:
        assert set(found) == {*ARRAYS, "origins"}
        assert (found["milliseconds"] == roads.milliseconds).all()


def timetable() -> Timetable:
    """Two trips; the second begins before midnight."""
    stops = gpd.GeoDataFrame(
        {"name": ["a", "b", "c"]},
        index=["a", "b", "c"],
        geometry=gpd.points_from_xy([262_010, 262_530, 263_100], [6_645_020, 6_645_040, 6_645_700]),
        crs=UTM33,
    )
    calls = pd.DataFrame(
        [(0, 0, -60, -60), (0, 1, 120, 120), (1, 0, 29_000, 29_000), (1, 1, 29_100, 29_110),
         (1, 2, 90_000, 90_000)],
        columns=["trip", "stop", "arrival", "departure"],
    ).assign(board=True, alight=[True, True, True, False, True])  # fmt: skip
    trips = pd.DataFrame({"line": ["1", "2"], "trip_id": ["x", "y"], "route_type": [3, 3]})
    return Timetable(stops, calls, trips, dt.date(2025, 10, 14))


def test_a_plain_timetable_comes_back_from_its_feed(tmp_path):
    kept = plain(timetable())
    assert kept.trips["line"].tolist() == ["2"]
    write_feed(kept, tmp_path / "feed.zip")
    found = read_gtfs(tmp_path / "feed.zip", kept.date, crs=UTM33)
    columns = ["trip", "arrival", "departure", "board", "alight"]
    assert (found.stop_times[columns].to_numpy() == kept.stop_times[columns].to_numpy()).all()
    names = [t.stops.index[t.stop_times["stop"]].tolist() for t in (kept, found)]
    assert names[0] == names[1]
    apart = found.stops.geometry.distance(kept.stops.geometry.loc[found.stops.index])
    assert apart.max() < 0.01


def test_copies_of_a_timetable_share_ground_and_nothing_else():
    base = plain(timetable())
    found = repeated(base, 2, 1, overlap=0.4)
    assert (len(found.stops), len(found.trips)) == (6, 2)
    west, south, east, north = base.stops.total_bounds
    wide = found.stops.total_bounds
    assert wide[2] - wide[0] == pytest.approx(1.6 * (east - west))
    assert wide[3] - wide[1] == pytest.approx(north - south)
    second = found.stop_times[found.stop_times["trip"] == 1]
    assert second["stop"].tolist() == [3, 4, 5]
    assert second["arrival"].tolist() == base.stop_times["arrival"].tolist()


def test_the_lattice_is_near_stops_and_read_back_as_drawn(tmp_path):
    roads = lattice(timetable(), spacing_m=100.0)
    assert len(roads.tail) == len(set(zip(roads.tail.tolist(), roads.head.tolist(), strict=True)))
    assert straight_m(roads) == pytest.approx(100.0, rel=0.01)
    write_osm(tmp_path / "roads.osm.pbf", roads)
    streets = read_osm(tmp_path / "roads.osm.pbf", crs=UTM33)
    at = gpd.GeoSeries(gpd.points_from_xy(roads.lon, roads.lat), crs="EPSG:4326").to_crs(UTM33)
    stops = timetable().stops.union_all()
    assert at.distance(stops).max() <= 500.0 + 1e-6
    # every second edge is the other direction; the reader joins over bends, so lengths are kept
    drawn = straight_m(roads).sum()
    assert streets.edges["length_m"].sum() == pytest.approx(drawn, rel=0.01)


def test_stops_move_to_the_nearest_crossing():
    roads = lattice(timetable(), spacing_m=100.0)
    moved = at_crossings(timetable(), roads).stops
    at = gpd.GeoSeries(gpd.points_from_xy(roads.lon, roads.lat), crs="EPSG:4326").to_crs(UTM33)
    before = timetable().stops
    assert moved.index.equals(before.index)
    for old, new in zip(before.geometry, moved.geometry, strict=True):
        assert at.distance(new).min() < 1e-6
        assert old.distance(new) == pytest.approx(at.distance(old).min())


def test_arcs_without_length_have_a_speed(tmp_path):
    """Two nodes in one place: the file keeps a positive speed, and the seconds themselves."""
    osmium = pytest.importorskip("osmium")
    ends = np.array([0]), np.array([1])
    same = np.array([10.0, 10.0]), np.array([60.0, 60.0])
    write_osm(tmp_path / "x.osm.pbf", Roads(*ends, np.array([3]), *same, np.array(["local"])))
    ways = [t for t in osmium.FileProcessor(str(tmp_path / "x.osm.pbf")) if t.is_way()]
    assert len(ways) == 1
