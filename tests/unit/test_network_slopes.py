"""Climbs from an elevation model."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer
from shapely.geometry import Point

from navplan.errors import InputError
from navplan.network import edge_seconds, streets_from_links
from navplan.network.slopes import SMOOTH_M, with_slopes
from tests import town

rasterio = pytest.importorskip("rasterio", reason="rasterio is not installed (extra slopes)")

CELL = 10.0


def model(path, heights, *, crs=town.CRS, west=town.X0, north=town.Y0, cell=CELL, nodata=-9999.0):
    """Write a GeoTIFF whose first cell's upper left corner is (west, north) [m]."""
    heights = np.asarray(heights, dtype="float32")
    transform = rasterio.Affine(cell, 0.0, west, 0.0, -cell, north)
    rows, columns = heights.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32",
        crs=crs, transform=transform, nodata=nodata,
    ) as raster:  # fmt: skip
        raster.write(heights, 1)
    return path


def plane(rows=60, columns=120, *, east=0.1, north=0.02, base=100.0):
    """Heights rising by `east` and `north` metres a metre."""
    x = CELL * (np.arange(columns) + 0.5)
    y = -CELL * (np.arange(rows) + 0.5)
    return base + east * x[None, :] + north * y[:, None]


def streets(places, links, **changes):
    """Nodes by name at metres east and north of the model's corner, and links between them."""
    nodes = pd.DataFrame(
        [(name, town.X0 + x, town.Y0 + y) for name, (x, y) in places.items()],
        columns=["id", "x", "y"],
    )
    rows = []
    for start, end, *given in links:
        km = Point(places[start]).distance(Point(places[end])) / 1000
        rows.append(town.link(start, end, km=km, **(given[0] if given else {}), **changes))
    return streets_from_links(nodes, pd.DataFrame(rows), crs=town.CRS)


def test_an_even_slope_is_found_between_cells_and_both_ways(tmp_path):
    path = model(tmp_path / "dtm.tif", plane())
    found = with_slopes(streets({"a": (103, -57), "b": (461, -402)}, [("a", "b")]), path)
    climb = 0.1 * (461 - 103) + 0.02 * (-402 + 57)
    assert found.edges["climb_m"].tolist() == pytest.approx([climb, -climb], abs=1e-3)
    assert found.notices == ()


def test_the_walk_up_takes_longer_than_the_walk_down(tmp_path):
    path = model(tmp_path / "dtm.tif", plane())
    found = with_slopes(streets({"a": (100, -100), "b": (500, -100)}, [("a", "b")]), path)
    up, down = edge_seconds(found, town.profile("walk"))
    assert up > 400 / 1.25
    assert down < up


def test_another_coordinate_system_of_the_model_is_no_matter(tmp_path):
    there = {"a": (103, -57), "b": (461, -402)}
    to_zone_32 = Transformer.from_crs(town.CRS, "EPSG:25832", always_xy=True)
    west, north = to_zone_32.transform(town.X0, town.Y0)
    path = model(
        tmp_path / "dtm.tif", plane(200, 200), crs="EPSG:25832", west=west - 500, north=north + 500
    )
    # the plane rises along the axes of zone 32, which lie askew to those of zone 33
    (x1, y1), (x2, y2) = (to_zone_32.transform(town.X0 + x, town.Y0 + y) for x, y in there.values())
    found = with_slopes(streets(there, [("a", "b")]), path)
    climb = 0.1 * (x2 - x1) + 0.02 * (y2 - y1)
    assert found.edges["climb_m"].iloc[0] == pytest.approx(climb, abs=1e-3)


def test_nothing_measured_or_outside_stays_unknown_with_a_notice(tmp_path):
    heights = plane()
    heights[:, 50:] = -9999.0
    path = model(tmp_path / "dtm.tif", heights)
    places = {"a": (100, -100), "b": (300, -100), "hole": (700, -100), "out": (-500, -100)}
    found = with_slopes(streets(places, [("a", "b"), ("b", "hole"), ("a", "out")]), path)
    assert np.isnan(found.edges["climb_m"]).tolist() == [False, False, True, True, True, True]
    (notice,) = found.notices
    assert notice.startswith("dtm.tif holds no height for an end of 4 of 6 directed edges")


def test_a_mark_for_nothing_that_is_not_declared_is_no_height(tmp_path):
    path = model(tmp_path / "dtm.tif", np.full((60, 120), -32767.0), nodata=None)
    found = with_slopes(streets({"a": (100, -100), "b": (300, -100)}, [("a", "b")]), path)
    assert np.isnan(found.edges["climb_m"]).all()


def test_the_outermost_half_cell_counts(tmp_path):
    path = model(tmp_path / "dtm.tif", plane())
    found = with_slopes(streets({"a": (1, -1), "b": (1199, -599)}, [("a", "b")]), path)
    assert found.edges["climb_m"].iloc[0] == pytest.approx(0.1 * 1190 - 0.02 * 590, abs=1e-3)


@pytest.mark.parametrize("structure", ["tunnel", "bridge"])
def test_a_tunnel_of_several_edges_rises_evenly_from_end_to_end(tmp_path, structure):
    heights = plane(east=0.0, north=0.0)
    heights[:, 20:40] = 400.0  # a mountain, 200–400 m east
    heights[:, 40:] = 130.0
    path = model(tmp_path / "dtm.tif", heights)
    places = {"a": (0, -300), "b": (100, -300), "in": (200, -300), "side": (300, -300)}
    places |= {"c": (500, -300), "d": (600, -300)}
    off = {"structure": structure}
    ways = [("a", "b"), ("b", "in", off), ("in", "side", off), ("side", "c", off), ("c", "d")]
    found = with_slopes(streets(places, ways), path)
    climbs = found.edges["climb_m"].to_numpy()[::2]
    # 30 m over 400 m of tunnel
    assert climbs == pytest.approx([0.0, 7.5, 7.5, 15.0, 0.0], abs=1e-3)


def test_a_tunnel_whose_portal_has_no_height_stays_unknown(tmp_path):
    path = model(tmp_path / "dtm.tif", plane())
    places = {"a": (100, -300), "b": (200, -300), "in": (300, -300), "out": (-500, -300)}
    off = {"structure": "tunnel"}
    ways = [("a", "b"), ("b", "in", off), ("in", "out", off), ("out", "a")]
    found = with_slopes(streets(places, ways), path)
    assert np.isnan(found.edges["climb_m"].to_numpy()[2:]).all()


def test_a_ferry_without_height_is_no_notice(tmp_path):
    path = model(tmp_path / "dtm.tif", plane())
    places = {"a": (100, -300), "b": (200, -300), "sea": (-500, -300)}
    ferry = {"structure": "ferry", "road_class": "ferry", "crossing_min": 5.0, "headway_min": 30.0}
    found = with_slopes(streets(places, [("a", "b"), ("b", "sea", ferry)]), path)
    assert found.notices == ()


def test_noise_on_short_edges_is_smoothed_and_long_slopes_are_kept(tmp_path):
    heights = plane(east=0.0, north=0.0)
    heights[:, 30] = 105.0  # a wall of 5 m at 300–310 m east
    path = model(tmp_path / "dtm.tif", heights)
    short = {"a": (300, -300), "b": (305, -300), "c": (400, -300)}
    found = with_slopes(streets(short, [("a", "b"), ("b", "c")]), path)
    # a lies at the foot, 2.5 m up, b on the wall; 5 m apart each takes 0.8 of the other's
    a, b = (102.5 + 0.8 * 105.0) / 1.8, (105.0 + 0.8 * 102.5) / 1.8
    assert found.edges["climb_m"].iloc[0] == pytest.approx(b - a, abs=1e-3)
    far = {"a": (300, -300), "b": (305, -300 - SMOOTH_M)}
    found = with_slopes(streets(far, [("a", "b")]), path)
    assert found.edges["climb_m"].iloc[0] == pytest.approx(2.5, abs=1e-3)


def test_climbs_that_the_source_gives_are_kept(tmp_path):
    path = model(tmp_path / "dtm.tif", plane())
    given = streets({"a": (100, -100), "b": (300, -100)}, [("a", "b")], climb_m=7.0)
    assert with_slopes(given, path).edges["climb_m"].tolist() == [7.0, -7.0]


def test_heights_of_many_tiles_equal_those_of_one(tmp_path, monkeypatch):
    rng = np.random.default_rng(5)
    path = model(tmp_path / "dtm.tif", rng.uniform(0, 300, (60, 120)))
    names = [f"n{k}" for k in range(60)]
    places = {name: (rng.uniform(0, 1200), rng.uniform(-600, 0)) for name in names}
    made = streets(places, list(pairwise(names)))
    whole = with_slopes(made, path).edges["climb_m"]
    monkeypatch.setattr("navplan.network.slopes._TILE", 7)
    assert with_slopes(made, path).edges["climb_m"].tolist() == pytest.approx(whole.tolist())
    assert whole.notna().all()


def test_a_model_in_other_steps_than_metres_is_read_in_metres(tmp_path):
    path = model(tmp_path / "dtm.tif", 10 * (plane() - 50.0))  # decimetres above 50 m
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (50.0,)
    made = streets({"a": (100, -100), "b": (300, -100)}, [("a", "b")])
    assert with_slopes(made, path).edges["climb_m"].tolist() == pytest.approx([20, -20], abs=1e-2)


def test_whether_a_height_can_be_is_asked_in_metres(tmp_path):
    path = model(tmp_path / "dtm.tif", 100 * plane())  # centimetres: past 9000 everywhere
    with rasterio.open(path, "r+") as raster:
        raster.scales = (0.01,)
    made = streets({"a": (100, -100), "b": (300, -100)}, [("a", "b")])
    assert with_slopes(made, path).edges["climb_m"].tolist() == pytest.approx([20, -20], abs=1e-2)


def test_files_that_are_no_elevation_model_are_refused(tmp_path):
    made = streets({"a": (100, -100), "b": (300, -100)}, [("a", "b")])
    with pytest.raises(InputError, match=r"dtm.tif: there is no such file"):
        with_slopes(made, tmp_path / "dtm.tif")
    (tmp_path / "text.tif").write_text("heights")
    with pytest.raises(InputError, match=r"text.tif: cannot be read as a raster"):
        with_slopes(made, tmp_path / "text.tif")
    bare = model(tmp_path / "bare.tif", plane(), crs=None)
    with pytest.raises(InputError, match="no coordinate system"):
        with_slopes(made, bare)


def test_without_rasterio_the_extra_is_named(tmp_path, monkeypatch):
    path = model(tmp_path / "dtm.tif", plane())
    monkeypatch.setitem(sys.modules, "rasterio", None)
    made = streets({"a": (100, -100), "b": (300, -100)}, [("a", "b")])
    with pytest.raises(InputError, match=r"navplan\[slopes\]"):
        with_slopes(made, path)
