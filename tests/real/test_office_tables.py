"""NAV's offices of 2019 as a planner would hand them in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from navplan.sources.office_tables import read_offices

pytestmark = pytest.mark.real


def test_every_office_of_the_country_is_read(shared: Path) -> None:
    path = shared / "national" / "offices_2019.csv"
    given = pd.read_csv(path, dtype=str, keep_default_na=False)
    offices = read_offices(path, crs="EPSG:25833")
    assert offices.table.index.tolist() == given["office_nr"].tolist()
    assert offices.table["postcode"].tolist() == given["postcode"].tolist()
    assert offices.unplaced.empty
    doors = given["street"].str.contains(r"[\s,]\d+(?:\s?[A-Za-z]|\s?-\s?\d+)?$")
    assert ((offices.table["number"] != "").to_numpy() == doors.to_numpy()).all()
    # what was taken apart begins as the written address does
    assert all(
        street.startswith(part)
        for street, part in zip(given["street"], offices.table["street"], strict=True)
    )
    several = [notice for notice in offices.notices if "several doors" in notice]
    assert len(several) == given["street"].str.contains(r"\d\s*-\s*\d+$").sum()


@pytest.mark.parametrize("study", ["bergen", "romerike", "nordland_vestland"])
def test_the_small_tables_are_read(shared: Path, study: str) -> None:
    path = shared / study / "offices_2019.csv"
    offices = read_offices(path, crs="EPSG:25833")
    assert len(offices.table) == len(pd.read_csv(path))
    assert all("not read" in notice for notice in offices.notices)
