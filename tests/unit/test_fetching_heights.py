"""A planner's elevation model beside fetched streets: cycling up takes longer than down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import navplan as nav
from navplan.study import fetch_study
from tests.services.fixtures import WebOf, web_of
from tests.services.kartverket import X, Y
from tests.services.server import Server
from tests.services.study import new_town, services

__all__ = ["web_of"]
pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")
rasterio = pytest.importorskip("rasterio", reason="rasterio is not installed (extra slopes)")

SLOPE = 0.03
"""Metres up a metre eastwards."""
WEST, EAST = (6_250, 9_000), (11_500, 9_000)
"""Corners of squares as far west and east of the office, 125 m from the same street."""


def square(corner: tuple[int, int]) -> str:
    return f"{(X + corner[0] + 2_000_000) * 10_000_000 + Y + corner[1]:014d}"


@pytest.fixture
def town(tmp_path: Path, web_of: WebOf) -> Path:
    """Two squares of 250 m, and an office midway on the street between them."""
    folder = new_town(tmp_path, ('# cells = "NOR0250M.csv"', 'cells = "NOR0250M.csv"'))
    squares = "".join(f"{square(corner)},400\n" for corner in (WEST, EAST))
    (folder / "NOR0250M.csv").write_text(f"ssbid250m,people\n{squares}", encoding="utf-8")
    office = f"id,name,x,y\nmidt,NAV Midt,{X + 9_000},{Y + 9_000}\n"
    (folder / "office-addresses.csv").write_text(office, encoding="utf-8")
    with Server(services()) as server:
        fetch_study(folder, web_of(server))
    return folder


def write_heights(path: Path, *, cell: int = 250, cells: int = 160) -> None:
    """A plain that rises eastwards, over the kommune and its margin."""
    west, north = X - 10_000, Y + 30_000
    along = cell * (np.arange(cells) + 0.5)
    with rasterio.open(
        path, "w", driver="GTiff", width=cells, height=cells, count=1, dtype="float32",
        crs="EPSG:25833", transform=rasterio.Affine(cell, 0, west, 0, -cell, north),
    ) as raster:  # fmt: skip
        raster.write(np.tile(SLOPE * along, (cells, 1)).astype("float32"), 1)


def minutes(folder: Path) -> pd.Series[float]:
    """By bicycle from the squares west and east to the office between them."""
    times = nav.open_study(folder, cache=False).travel_times("bicycle").minutes
    return times.loc[[f"c{square(WEST)}", f"c{square(EAST)}"], "midt"].set_axis(["up", "down"])


def test_cycling_up_takes_longer_than_down(town: Path) -> None:
    flat = minutes(town)
    assert flat["up"] == pytest.approx(flat["down"], rel=0.01)
    write_heights(town / "dem.tif")
    text = (town / "study.toml").read_text(encoding="utf-8")
    named = text.replace('# heights = "dem.tif"', 'heights = "dem.tif"')
    assert named != text
    (town / "study.toml").write_text(named, encoding="utf-8")
    steep = minutes(town)
    assert steep["up"] > 1.1 * flat["up"]
    assert steep["down"] < flat["down"]
