"""A study with made-up places on the real streets of eastern Oslo."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely

import navplan as nav
from navplan.sources import read_osm
from tests.tiny_study import STUDY, TABLES, swap

pytestmark = pytest.mark.real
CRS = "EPSG:25833"
EXTRACT = "oslo-east-filtered.osm.pbf"


@pytest.fixture(scope="module")
def town(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study's places and offices near the middle of the extract, 1 to 3 km apart."""
    pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")
    folder = tmp_path_factory.mktemp("real") / "town"
    folder.mkdir()
    extract = shared / "osm" / EXTRACT
    shutil.copyfile(extract, folder / EXTRACT)
    nodes = shapely.get_coordinates(read_osm(extract, crs=CRS).nodes.geometry.to_numpy())
    x, y = np.median(nodes, axis=0)
    apart = {"p-a": (-1500, 0), "p-b": (0, 700), "p-c": (1500, -300)}
    apart |= {"a": (-1200, 200), "b": (100, 900), "c": (1300, 0), "halfway": (700, 100)}
    for name in ("places.csv", "offices.csv", "people.csv", "hours.csv", "neighbours.csv"):
        header, *rows = TABLES[name].splitlines()
        columns = header.split(",")
        lines = [header]
        for row in rows:
            values = row.split(",")
            if "x" in columns:
                east, north = apart[values[0]]
                values[columns.index("x")] = f"{x + east:.0f}"
                values[columns.index("y")] = f"{y + north:.0f}"
            lines.append(",".join(values))
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    streets = swap('nodes = "nodes.csv"\nlinks = "links.csv"', f'osm = "{EXTRACT}"')
    (folder / "study.toml").write_text(streets(STUDY), encoding="utf-8")
    return folder


def test_everybody_gets_everywhere(town: Path) -> None:
    study = nav.open_study(town, cache=False)
    walk, car = (study.travel_times(mode).minutes for mode in ("walk", "car"))
    assert walk.notna().all(axis=None)
    assert (car < walk).mean(axis=None) > 0.8
    zones, sites = study.zones.table.geometry, study.offices.table.geometry
    straight = np.array([[zone.distance(site) for site in sites] for zone in zones])
    metres = walk.to_numpy() * 60 * 1.25
    assert (metres > straight).all()
    assert (metres < 2.5 * straight + 500).all()


def test_it_runs_and_finds_the_best(town: Path, tmp_path: Path) -> None:
    study = nav.open_study(town, cache=False)
    best = study.locate(offices=2, profile="walk")
    assert best.gap == 0
    assert "c" in best.scenario.offices  # two thirds live there
    study.run().write(tmp_path / "out")
    assert (tmp_path / "out" / "run.json").is_file()
