"""Clipping a real extract, and neighbours of real kommuner."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from navplan.nouns import Streets
from navplan.sources import read_osm
from navplan.sources.clipping import clip_area, clip_osm
from navplan.sources.neighbours import neighbours

pytestmark = pytest.mark.real
pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

CRS = "EPSG:25833"


@pytest.fixture(scope="module")
def extract(shared: Path) -> Path:
    return shared / "osm" / "oslo-east-filtered.osm.pbf"


@pytest.fixture(scope="module")
def whole(extract: Path) -> Streets:
    return read_osm(extract, crs=CRS)


def middle(streets: Streets, half_m: float) -> gpd.GeoDataFrame:
    """A square around the middle of the streets."""
    west, south, east, north = streets.nodes.total_bounds
    centre = shapely.Point((west + east) / 2, (south + north) / 2)
    return gpd.GeoDataFrame(geometry=[centre.buffer(half_m, cap_style="square")], crs=CRS)


def test_an_area_around_everything_changes_nothing(
    extract: Path, whole: Streets, tmp_path: Path
) -> None:
    target = tmp_path / "all.osm.pbf"
    clip_osm(extract, target, area=clip_area(middle(whole, 10_000), margin_m=10_000))
    clipped = read_osm(target, crs=CRS)
    assert clipped.digest == whole.digest
    assert clipped.bans == whole.bans
    assert clipped.edges.drop(columns="geometry").equals(whole.edges.drop(columns="geometry"))


def test_inside_the_area_the_streets_are_those_of_the_whole(
    extract: Path, whole: Streets, tmp_path: Path
) -> None:
    targets = [tmp_path / "a.osm.pbf", tmp_path / "b.osm.pbf"]
    square = middle(whole, 1_000)
    for target in targets:
        clip_osm(extract, target, area=clip_area(square, margin_m=500))
    assert targets[0].read_bytes() == targets[1].read_bytes()
    assert targets[0].stat().st_size < extract.stat().st_size / 3

    def inside(streets: Streets) -> set[tuple[object, ...]]:
        at = streets.nodes.geometry.within(square.geometry.iloc[0]).to_numpy()
        edges = streets.edges[at[streets.edges["tail"]] & at[streets.edges["head"]]]
        names = np.asarray(streets.nodes.index)
        columns = ["walk", "wheelchair", "bicycle", "car", "speed_km_h", "signals", "way"]
        return {
            (names[edge["tail"]], names[edge["head"]], *(edge[c] for c in columns))
            for edge in edges.fillna({"speed_km_h": 0.0}).to_dict("records")
        }

    found, expected = (inside(read_osm(targets[0], crs=CRS)), inside(whole))
    assert len(expected) > 3_000
    assert found == expected


def test_kommuner_across_water_are_neighbours_only_without_the_land(shared: Path) -> None:
    national = shared / "national"
    drawn = gpd.read_file(national / "kommuner_2024_with_sea.geojson").to_crs(CRS)
    land = gpd.read_file(national / "kommuner_2024.geojson").to_crs(CRS)
    chosen = ["1804", "1839", "1840", "1841", "4601", "4626", "4627", "4631"]
    rows = drawn[drawn["kommune_no"].isin(chosen)]

    def pairs(mask: gpd.GeoDataFrame | None) -> set[tuple[str, str]]:
        found = neighbours(rows, area="kommune_no", land=mask)
        return set(zip(found["area"], found["neighbour"], strict=True))

    at_sea, on_land = pairs(None), pairs(land)
    assert on_land < at_sea
    assert ("1840", "1841") in on_land  # Saltdal and Fauske
    assert ("4601", "4627") in at_sea - on_land  # Bergen and Askøy, across the fjord
