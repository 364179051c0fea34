"""The list of tunnels that walkers and cyclists are led through."""

from __future__ import annotations

from pathlib import Path

import pytest

from navplan.sources import read_osm, tunnel_report
from tests import town
from tests.osm_files import CRS, row_of_nodes, write_osm

pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")


def test_every_open_tunnel_is_listed_with_what_decides(tmp_path: Path) -> None:
    tunnel = {"tunnel": "yes"}
    ways = {
        1: ([1, 2], {"highway": "trunk", **tunnel}),  # closed by default: not listed
        2: ([2, 3], {"highway": "trunk", **tunnel, "foot": "yes", "name": "Løvstakktunnelen"}),
        3: ([3, 4, 5], {"highway": "secondary", **tunnel}),
        4: ([5, 6], {"highway": "secondary", **tunnel, "foot": "no", "bicycle": "no"}),
        5: ([6, 7], {"highway": "residential", **tunnel, "oneway": "yes", "bicycle": "no"}),
        6: ([7, 8], {"highway": "residential", "tunnel": "building_passage"}),
        7: ([8, 9], {"highway": "residential"}),
    }
    nodes = {**row_of_nodes(9), 7: (15.0068, 60.0)}
    report = tunnel_report(read_osm(write_osm(tmp_path, nodes, ways), crs=CRS))
    assert report.drop(columns="length_m").to_dict("records") == [
        {"way": "3", "name": "", "road_class": "secondary", "walk": True, "bicycle": True,
         "decided_by": "foot by default, bicycle by default"},
        {"way": "2", "name": "Løvstakktunnelen", "road_class": "trunk", "walk": True,
         "bicycle": False, "decided_by": "foot by foot=yes, bicycle by default"},
        {"way": "5", "name": "", "road_class": "local", "walk": True, "bicycle": False,
         "decided_by": "foot by default, bicycle by bicycle=no"},
    ]  # fmt: skip
    assert list(report["length_m"].round(-1)) == [110, 60, 40]


def test_sources_that_do_not_say_what_decides() -> None:
    report = tunnel_report(town.streets())
    assert list(report.columns) == [
        "way", "name", "road_class", "length_m", "walk", "bicycle", "decided_by",
    ]  # fmt: skip
