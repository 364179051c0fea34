"""How much longer is the way to NAV than in 2019? Every inhabited 250 m cell, by car.

Run ``python scripts/national_offices.py --shared ../shared/data``. Writes docs/national.md, its
map, and data/national/way_to_nav_2019_2024.csv (one row a kommune). All figures on the page are
computed here.
"""

from __future__ import annotations

import datetime as dt
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from _common import shared_option
from _national_map import draw_map
from _national_page import page
from _national_table import YEARS, by_kommune, write_table
from _office_areas import offices_of_2019, positions_of_2024, served_in_2024

from navplan.errors import NavplanWarning
from navplan.nouns import Profile, Zones
from navplan.sources import read_grid, read_n1000
from navplan.sources.grid import CRS, cells_in_areas
from navplan.travel import Router, quiet
from navplan.travel.router import Progress
from navplan.units import REASONS, Reason

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = ROOT / "data" / "national" / "way_to_nav_2019_2024.csv"
PROFILE: Final = Profile("car", "car", dt.date(2024, 11, 7), limit_min=600.0, snap_limit_m=5000.0)
"""N1000 holds main roads only: 5 km to one, or 2 % of the people are left out at 2 km."""
REACH_M: Final = 10_000.0
"""A cell outside every simplified border counts to the nearest kommune within this [m]."""
BLOCK: Final = 64
"""Offices searched at a time: less memory than all at once."""
CITIES: Final = {"0301": "0301", "1103": "1103", "1201": "4601", "5001": "5001"}
"""Kommune of 2018 with bydeler → its number in 2020."""


@dataclass(frozen=True)
class Country:
    """Everything the question is about.

    Parameters
    ----------
    zones : Zones
        Inhabited cells; ``kommune`` is that of 2024.
    people : Series
        Residents by cell.
    offices : GeoDataFrame
        Offices of 2019 by number: ``name`` and position.
    assigned : DataFrame
        By cell: ``area_2019`` (kommune or bydel), ``office_2019``, ``office_2024`` (number of the
        office of 2019 at whose place it stands); missing where no office could be told.
    open_2024 : tuple of str
        Offices of 2019 at whose places offices of 2024 stand.
    areas : DataFrame
        Areas of 2019: ``name``, ``kommune``, ``later``, ``office``, ``rule``.
    moved : dict of str to str
        Offices of 2024 that stand at a place of another number → that number.
    """

    zones: Zones
    people: pd.Series[float]
    offices: gpd.GeoDataFrame
    assigned: pd.DataFrame
    open_2024: tuple[str, ...]
    areas: pd.DataFrame
    moved: dict[str, str]


def read_country(shared: Path, *, fylke: str = "") -> Country:
    """Read cells and offices and find out which office serves which cell.

    Parameters
    ----------
    shared : Path
        Folder of the source data.
    fylke : str
        First two digits of the kommune numbers of 2024 to keep; everything if empty.

    Returns
    -------
    Country
        Cells of the fylke, offices of the country.
    """
    folder = shared / "national"
    grid = folder / "cells_250m_2018.csv"
    zones, population = read_grid(
        grid, areas=_kommuner(folder, 2024), name="actual-2018", reach_m=REACH_M
    )
    people = population.people
    bydeler = _polygons(folder / "bydeler_2020.geojson", "bydel_no", "bydel_name")
    cells = gpd.GeoDataFrame({"people": people}, geometry=zones.table.geometry, crs=CRS)
    before = _areas_of(cells, _kommuner(folder, 2018), bydeler)
    after = _with_bydeler(cells, zones.table["kommune"], bydeler)

    offices = _offices(folder)
    names = {str(number): str(name) for number, name in offices["name"].items()}
    served = served_in_2024(pd.read_csv(folder / "office_areas_2024.csv", dtype=str))
    places = positions_of_2024(served, names)
    later = after.map(served["office_nr"])

    areas = before.drop_duplicates("area").set_index("area")[["name", "kommune"]]
    by_office = people.groupby([before["area"], later]).sum().sort_values(kind="stable")
    most = by_office.reset_index(name="people").drop_duplicates("area", keep="last")
    areas["later"] = most.set_index("area").iloc[:, 0].reindex(areas.index)
    changes = pd.read_csv(ROOT / "data" / "codes" / "kommune_changes.csv", dtype=str)
    areas = areas.join(offices_of_2019(areas, names, changes))

    old = before["area"].map(areas["office"])
    standing = set(places.values())
    new = later.map(places).where(later.notna(), old.where(old.isin(standing)))
    assigned = pd.DataFrame({"area_2019": before["area"], "office_2019": old, "office_2024": new})
    kept = zones.table["kommune"].str.startswith(fylke)
    return Country(
        Zones(zones.table[kept]),
        people[kept],
        offices,
        assigned[kept],
        tuple(sorted(standing)),
        areas.loc[areas.index.isin(assigned.loc[kept, "area_2019"])],
        {office: place for office, place in places.items() if office != place},
    )


def _polygons(path: Path, code: str, name: str) -> gpd.GeoDataFrame:
    table = gpd.read_file(path).rename(columns={code: "area", name: "name"})
    if "kommune_no" not in table:
        table["kommune_no"] = table["area"]
    return table.rename(columns={"kommune_no": "kommune"})[["area", "name", "kommune", "geometry"]]


def _kommuner(folder: Path, year: int) -> gpd.GeoDataFrame:
    path = folder / f"kommuner_{year}_with_sea.geojson"
    return _polygons(path, "kommune_no", "kommune_name")


def _offices(folder: Path) -> gpd.GeoDataFrame:
    table = pd.read_csv(folder / "offices_2019.csv", dtype={"office_nr": str})
    at = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
    return gpd.GeoDataFrame(
        {"name": table["name"].to_numpy()},
        index=pd.Index(table["office_nr"]),
        geometry=at.to_crs(CRS).to_numpy(),
        crs=CRS,
    )


def _areas_of(
    cells: gpd.GeoDataFrame, kommuner: gpd.GeoDataFrame, bydeler: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Kommune of 2018, or in the four cities the bydel, of every cell."""
    table = cells_in_areas(cells, areas=kommuner, name="2018", reach_m=REACH_M)[0].table
    kommune = table["kommune"].reindex(cells.index)
    area = _with_bydeler(cells, kommune.map(CITIES).fillna(kommune), bydeler)
    name = pd.concat([kommuner, bydeler]).drop_duplicates("area").set_index("area")["name"]
    return pd.DataFrame({"area": area, "name": area.map(name), "kommune": kommune})


def _with_bydeler(
    cells: gpd.GeoDataFrame, kommune: pd.Series[str], bydeler: gpd.GeoDataFrame
) -> pd.Series[str]:
    area = kommune.copy()
    for city, own in bydeler.groupby("kommune"):
        inside = cells[kommune == city]
        found = cells_in_areas(inside, areas=own, name=str(city), reach_m=REACH_M)[0].table
        area[found.index] = found["area"]
    return area


def minutes_by_cell(country: Country, shared: Path, *, progress: Progress = quiet) -> pd.DataFrame:
    """Find the minutes from every cell to its office and to the nearest one, in both years.

    Parameters
    ----------
    country : Country
        Cells and offices.
    shared : Path
        Folder of the source data; has the roads.
    progress : callable
        Told what comes next.

    Returns
    -------
    DataFrame
        By cell, for both years: ``assigned_…`` and ``nearest_…`` [min], ``office_…`` and
        ``reason_…`` (position in `REASONS`) of the assigned one, ``near_office_…``; and ``snap_m``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NavplanWarning)  # ferry quays far from every main road
        streets = read_n1000(shared / "national" / "roads_n1000.gpkg")
    router = Router(PROFILE, country.zones, streets, remember=False)
    count, ids = len(country.zones), country.offices.index
    searches = {}
    for year in YEARS:
        offered = ids if year == YEARS[0] else ids.intersection(country.open_2024)
        served = ids.get_indexer(country.assigned[f"office_{year}"])
        searches[year] = _Year(offered, served, count)
    for first in range(0, len(ids), BLOCK):
        progress(f"offices {first + 1}–{min(first + BLOCK, len(ids))} of {len(ids)}")
        times = router.times(country.offices.iloc[first : first + BLOCK])
        minutes, codes = times.minutes.to_numpy(), times.codes.to_numpy()
        for search in searches.values():
            search.take(ids, first, minutes, codes)
    made: dict[str, npt.NDArray[Any]] = {"snap_m": times.snap_m.to_numpy()}
    for year, search in searches.items():
        made |= search.columns(year)
    return pd.DataFrame(made, index=country.zones.table.index)


class _Year:
    """The best and the assigned office of every cell so far, in one year."""

    def __init__(self, offered: pd.Index[str], served: npt.NDArray[np.int64], count: int) -> None:
        self._offered = offered
        self._served = served
        self._nearest, self._near = np.full(count, np.inf), np.full(count, -1)
        self._assigned = np.full(count, np.nan)
        self._code = np.full(count, REASONS.index(Reason.NOT_CONNECTED), dtype=np.int8)

    def take(
        self,
        ids: pd.Index[str],
        first: int,
        minutes: npt.NDArray[np.float64],
        codes: npt.NDArray[np.int8],
    ) -> None:
        block = ids[first : first + minutes.shape[1]]
        columns = np.flatnonzero(block.isin(self._offered))
        if len(columns):
            offered = np.where(np.isnan(minutes[:, columns]), np.inf, minutes[:, columns])
            at = offered.argmin(axis=1)
            best = offered[np.arange(len(at)), at]
            nearer = best < self._nearest
            self._nearest[nearer] = best[nearer]
            self._near[nearer] = first + columns[at[nearer]]
        own = np.flatnonzero((self._served >= first) & (self._served < first + len(block)))
        self._assigned[own] = minutes[own, self._served[own] - first]
        self._code[own] = codes[own, self._served[own] - first]
        # a cell without a street has no way to any office, assigned or not
        off = codes[:, 0] == REASONS.index(Reason.ZONE_NOT_LINKED)
        self._code[off] = REASONS.index(Reason.ZONE_NOT_LINKED)

    def columns(self, year: int) -> dict[str, npt.NDArray[Any]]:
        unknown, reached = self._served < 0, self._near >= 0
        nearest = np.where(reached, self._nearest, np.nan)
        code = np.where(unknown & reached, REASONS.index(Reason.OK), self._code)
        return {
            f"assigned_{year}": np.where(unknown, nearest, self._assigned),
            f"nearest_{year}": nearest,
            f"office_{year}": np.where(unknown, self._near, self._served),
            f"near_office_{year}": self._near,
            f"reason_{year}": code,
        }


def kommune_names(shared: Path) -> pd.Series[str]:
    """Read the names of the kommuner of 2024.

    Parameters
    ----------
    shared : Path
        Folder of the source data.

    Returns
    -------
    Series of str
        By number.
    """
    names: pd.Series[str] = _kommuner(shared / "national", 2024).set_index("area")["name"]
    return names


@click.command(help=__doc__)
@shared_option
def main(shared: Path) -> None:
    """Compute, and write table, map and page."""
    began = time.perf_counter()
    country = read_country(shared)
    cells = minutes_by_cell(country, shared, progress=click.echo)
    table = by_kommune(country, cells)
    names = kommune_names(shared)
    write_table(table, names, TABLE)
    land = gpd.read_file(shared / "national" / "kommuner_2024.geojson").to_crs(CRS)
    draw_map(land.set_index("kommune_no"), table, ROOT / "docs" / "img" / "national-change.png")
    text = page(country, cells, table, names)
    (ROOT / "docs" / "national.md").write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
