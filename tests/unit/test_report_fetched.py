"""The report of a fetched study: who is named, what OpenStreetMap is, and the grid on the map."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from navplan.report import canvas, write_report
from navplan.units import Language

SSB = "Statistics Norway (SSB)"
FETCHED = [
    ("ssb-1f", SSB, "https://data.ssb.no/api/pxwebapi/v2/tables/07459/data", "CC BY 4.0", "SSB"),
    ("klass-2e", SSB, "https://data.ssb.no/api/klass/v1/classifications/131", "CC BY 4.0", "SSB"),
    ("geofabrik-3d", "OpenStreetMap, extract by Geofabrik",
     "https://download.geofabrik.de/europe/norway-latest.osm.pbf", "ODbL 1.0",
     "© OpenStreetMap contributors"),
    ("entur-4c", "Entur", "https://storage.googleapis.com/made-up.zip", "NLOD", "Entur"),
]  # fmt: skip
OSM_SOURCES = [
    ("offices", "© OpenStreetMap contributors, node/4001", "2026-11-22", "approximate", 1),
    ("offices", "© OpenStreetMap contributors, way/400", "2026-11-22", "approximate", 2),
    ("offices", "NAV, own list", "2026-11-22", "official", 3),
]


class _Texts(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.found += [" ".join(data.split())]


@pytest.fixture(scope="module")
def fetched(report_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of today's structure alone, as a newly fetched study gives them."""
    folder = tmp_path_factory.mktemp("fetched") / "results"
    shutil.copytree(report_results, folder)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    names = ("id", "publisher", "address", "licence", "attribution")
    more = {"retrieved": "2026-11-22", "sha256": "0" * 64, "quality": "official"}
    run["fetched"] = [dict(zip(names, row, strict=True)) | more for row in FETCHED]
    run["decided"] = None
    run["scenarios"] = [one for one in run["scenarios"] if one["name"] == run["base"]]
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    sources = pd.read_csv(folder / "sources.csv")
    sources = sources[sources["table"] != "offices"]
    osm = pd.DataFrame(OSM_SOURCES, columns=sources.columns)
    pd.concat([sources, osm]).to_csv(folder / "sources.csv", index=False)
    return folder


Said = Callable[[Language], list[str]]


@pytest.fixture(scope="module")
def texts(fetched: Path, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Texts of its report in a language, each written once."""
    out = tmp_path_factory.mktemp("out")

    @cache
    def said(language: Language) -> list[str]:
        path = write_report(fetched, out, language=language)
        return _Texts(path.read_text(encoding="utf-8")).found

    return said


@pytest.mark.parametrize(
    ("language", "warning", "publisher", "extract"),
    [
        ("nb", "Ett eller flere av kontorene er hentet fra OpenStreetMap",
         "Statistisk sentralbyrå (SSB)", "OpenStreetMap, utdrag fra Geofabrik"),
        ("nn", "Eitt eller fleire av kontora er henta frå OpenStreetMap",
         "Statistisk sentralbyrå (SSB)", "OpenStreetMap, utdrag frå Geofabrik"),
        ("en", "One or more of the offices were taken from OpenStreetMap",
         SSB, "OpenStreetMap, extract by Geofabrik"),
    ],
)  # fmt: skip
def test_a_reader_learns_in_his_language_where_things_come_from(
    texts: Said, language: Language, warning: str, publisher: str, extract: str
) -> None:
    said = texts(language)
    # beside the short answer, and among what the report does not say
    assert sum(text.startswith(warning) for text in said) == 2
    assert said.count(publisher) == 2
    assert extract in said
    assert "Entur" in said


def test_objects_of_openstreetmap_stand_in_one_row(texts: Said) -> None:
    said = texts("nb")
    assert not any(re.search(r"(node|way)/\d", text) for text in said)
    row = said.index("NAV, own list")
    before = [text for text in said[:row] if text]
    assert before[before.index("© OpenStreetMap contributors") :][:4] == [
        "© OpenStreetMap contributors", "22. november 2026", "omtrentlig", "3"
    ]  # fmt: skip


def test_today_alone_is_told_in_figures(fetched: Path, texts: Said) -> None:
    said = texts("nb")
    comparison = pd.read_csv(fetched / "comparison.csv", dtype={"outlook": str})
    run = json.loads((fetched / "run.json").read_text(encoding="utf-8"))
    mine = comparison[
        (comparison["scenario"] == run["base"])
        & (comparison["profile"] == run["report"]["headline_profile"])
        & (comparison["outlook"] == run["report"]["headline_outlook"])
        & (comparison["by"] == "all")
        & (comparison["measure"] == "mean_minutes")
    ]
    minutes = f"{mine['value'].item():.1f}".replace(".", ",")
    lead = next(text for text in said if "gjennomsnittlige reisetiden til eget kontor" in text)
    assert f"{minutes} minutter" in lead
    assert "Finnes det noe bedre?" in said
    assert any("så det er ingen endring å vise" in text for text in said)


@pytest.mark.parametrize("columns", [4, 8, 15])
def test_squares_of_a_grid_leave_no_holes_in_the_land(columns: int) -> None:
    x, y = np.meshgrid(1000.0 * np.arange(columns), 1000.0 * np.arange(5))
    zones = pd.DataFrame({"x": x.ravel(), "y": y.ravel()})
    axes = Figure().add_subplot()
    canvas.ground(axes, zones, pd.Series("all", index=zones.index))
    inside = (500.0, 500.0)  # as far from every place as a point of the grid can be
    covering = [patch for patch in axes.patches if patch.get_path().contains_point(inside)]
    assert len(axes.patches) == len(covering) == 1
