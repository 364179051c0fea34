"""The national study on one fylke: nobody is lost, and the committed table is what is computed."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import _national_table
import _office_areas
import national_offices

pytestmark = pytest.mark.real

FYLKE = "46"


@pytest.fixture(scope="module")
def vestland(shared: Path) -> SimpleNamespace:
    country = national_offices.read_country(shared, fylke=FYLKE)
    cells = national_offices.minutes_by_cell(country, shared)
    table = _national_table.by_kommune(country, cells)
    return SimpleNamespace(country=country, cells=cells, table=table)


@pytest.fixture(scope="module")
def committed() -> pd.DataFrame:
    return pd.read_csv(
        national_offices.TABLE, dtype={"kommune_no": str}, keep_default_na=True
    ).set_index("kommune_no")


def test_nobody_is_lost(vestland: SimpleNamespace, committed: pd.DataFrame, shared: Path) -> None:
    grid = pd.read_csv(shared / "national" / "cells_250m_2018.csv")
    assert committed["people"].sum() == grid["people"].sum()
    own = committed[committed.index.str.startswith(FYLKE)]
    assert vestland.country.people.sum() == own["people"].sum()
    assert vestland.table["people"].to_dict() == own["people"].to_dict()


@pytest.mark.parametrize("year", _national_table.YEARS)
def test_no_office_is_nearer_than_the_nearest(vestland: SimpleNamespace, year: int) -> None:
    cells = vestland.cells
    assigned, nearest = cells[f"assigned_{year}"], cells[f"nearest_{year}"]
    assert assigned.notna().mean() > 0.99
    assert (nearest[assigned.notna()] <= assigned.dropna()).all()
    same = cells[f"office_{year}"] == cells[f"near_office_{year}"]
    assert (nearest[same & assigned.notna()] == assigned[same & assigned.notna()]).all()


def test_the_nearest_office_is_never_nearer_with_fewer_offices(vestland: SimpleNamespace) -> None:
    cells = vestland.cells
    assert (cells["nearest_2024"] >= cells["nearest_2019"]).sum() == cells["nearest_2024"].count()


def test_an_unchanged_office_is_an_unchanged_way(vestland: SimpleNamespace) -> None:
    cells = vestland.cells
    kept = cells["office_2019"] == cells["office_2024"]
    assert 0.5 < kept.mean() < 1
    pd.testing.assert_series_equal(
        cells.loc[kept, "assigned_2019"], cells.loc[kept, "assigned_2024"], check_names=False
    )


def test_the_committed_table_is_what_is_computed(
    vestland: SimpleNamespace, committed: pd.DataFrame
) -> None:
    own = committed.loc[vestland.table.index]
    for name in [column for column in vestland.table if str(column).endswith("_min")]:
        difference = (vestland.table[name] - own[name]).abs()
        assert difference.max() < 0.006, name  # written with two decimals
    # which counts are hidden beside small ones depends on the other kommuner, the counts do not
    for name in ("people_longer", "people_without"):
        both = vestland.table[name].notna() & own[name].notna()
        assert both.mean() > 0.5
        assert (vestland.table.loc[both, name] == own.loc[both, name]).all()


def test_no_count_of_the_committed_table_is_small(committed: pd.DataFrame) -> None:
    parts = committed[["people_longer", "people_without"]].to_numpy(dtype=float)
    rest = committed["people"].to_numpy(dtype=float) - parts.sum(axis=1)
    for counts in (parts, rest):
        assert not ((counts > 0) & (counts < 10)).any()
    assert (committed["people"] >= 10).all()
    hidden = np.isnan(parts)
    for column in hidden.T:
        assert column.sum() != 1  # a single one would follow from the sum over the country
    assert committed[["source", "date", "quality"]].notna().all(axis=None)
    assert committed["change_min"].dropna().is_monotonic_decreasing


def test_the_page_was_written_from_the_committed_table(committed: pd.DataFrame, root: Path) -> None:
    text = (root / "docs" / "national.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ") and line[2:6].isdigit()]
    assert [line[2:6] for line in lines] == list(committed.index[: len(lines)])
    for line, change in zip(lines, committed["change_min"], strict=False):
        shown = float(line.split("|")[5].strip().replace("−", "-"))
        assert shown == pytest.approx(change, abs=0.056)
    assert f"{committed['people'].sum():,} residents".replace(",", " ") in text


def test_offices_are_found_by_number_then_by_name_then_by_the_later_table() -> None:
    offices = {"0701": "NAV Horten", "5303": "NAV Larvik", "1520": "NAV Ørsta-Volda",
               "1517": "NAV Hareid - Ulstein - Sande", "1624": "NAV Nord-Fosen"}  # fmt: skip
    areas = pd.DataFrame(
        {
            "0701": ("Horten", "0701", None),
            "0712": ("Larvik", "0712", None),
            "0713": ("Sande (Vestfold)", "0713", "5303"),
            "5054": ("Indre Fosen", "5054", None),
            "1519": ("Volda", "1519", "1517"),
            "0799": ("Nowhere", "0799", "9999"),
        },
        index=["name", "kommune", "later"],
    ).T
    changes = pd.DataFrame(
        {"oldCode": ["1624"], "newCode": ["5054"], "changeOccurred": ["2018-01-01"]}
    )
    found = _office_areas.offices_of_2019(areas, offices, changes)
    assert found["office"].fillna("").to_dict() == {
        "0701": "0701", "0712": "5303", "0713": "5303", "5054": "1624", "1519": "1520", "0799": "",
    }  # fmt: skip
    assert list(found["rule"]) == ["number", "name", "later", "number", "name", "nearest"]


def test_a_name_that_fits_two_offices_alike_finds_none() -> None:
    two = {"1": "NAV Bø og Nes", "2": "NAV Nes og Sel"}
    assert _office_areas.office_named("Nes", two) is None
    assert _office_areas.office_named("Nes", {**two, "3": "NAV Nes"}) == "3"
    # points of the compass name no place
    assert _office_areas.office_named("Nordre Aker", {"1": "NAV Nordre Land"}) is None
