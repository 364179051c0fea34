"""How much longer is the way to NAV than in 2019? Every inhabited 250 m cell, by car.

Run ``python scripts/national_offices.py --shared ../shared/data``. Writes docs/national.md, its map,
and data/national/way_to_nav_2019_2024.csv (one row a kommune). All figures on the page are computed
here.
"""

from __future__ import annotations

import datetime as dt
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from _national_page import draw_map, page
from _office_areas import offices_of_2019, positions_of_2024, served_in_2024

from navplan.errors import NavplanWarning
from navplan.measures import losers_more_than, mask_table, mean_minutes
from navplan.nouns import Profile, Zones
from navplan.sources import read_grid, read_n1000
from navplan.sources.grid import CRS, cells_in_areas
from navplan.travel import Router, quiet
from navplan.travel.router import Progress
from navplan.units import REASONS, Reason

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = ROOT / "data" / "national" / "way_to_nav_2019_2024.csv"
PROFILE: Final = Profile(
    "car", "car", dt.date(2024, 11, 7), limit_min=600.0, snap_limit_m=5000.0
)
"""N1000 holds main roads only: 5 km to one, or 2 % of the people are left out at 2 km."""
REACH_M: Final = 10_000.0
"""A cell outside every simplified border counts to the nearest kommune within this [m]."""
BLOCK: Final = 64
"""Offices searched at a time: less memory than all at once."""
LONGER_MIN: Final = 10.0
YEARS: Final = (2019, 2024)
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
    people: pd.Series[int]
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
    people = population.people.astype(int)
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


def minutes_by_cell(
    country: Country, shared: Path, *, progress: Progress = quiet
) -> pd.DataFrame:
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
    made = {"snap_m": times.snap_m.to_numpy()}
    for year, search in searches.items():
        made |= search.columns(year)
    return pd.DataFrame(made, index=country.zones.table.index)


class _Year:
    """The best and the assigned office of every cell so far, in one year."""

    def __init__(self, offered: pd.Index[str], served: npt.NDArray[np.int64], count: int) -> None:
        self._offered = offered
        self._served = served
        self._nearest, self._near = np.full(count, np.nan), np.full(count, -1)
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
        for column in np.flatnonzero(block.isin(self._offered)):
            nearer = ~(minutes[:, column] >= self._nearest) & ~np.isnan(minutes[:, column])
            self._nearest[nearer] = minutes[nearer, column]
            self._near[nearer] = first + column
        own = np.flatnonzero((self._served >= first) & (self._served < first + len(block)))
        self._assigned[own] = minutes[own, self._served[own] - first]
        self._code[own] = codes[own, self._served[own] - first]
        # a cell without a street has no way to any office, assigned or not
        off = codes[:, 0] == REASONS.index(Reason.ZONE_NOT_LINKED)
        self._code[off] = REASONS.index(Reason.ZONE_NOT_LINKED)

    def columns(self, year: int) -> dict[str, npt.NDArray[np.generic]]:
        unknown = self._served < 0
        timed = unknown & (self._near >= 0)
        code = self._code.copy()
        code[timed] = REASONS.index(Reason.OK)
        return {
            f"assigned_{year}": np.where(unknown, self._nearest, self._assigned),
            f"nearest_{year}": self._nearest,
            f"office_{year}": np.where(unknown, self._near, self._served),
            f"near_office_{year}": self._near,
            f"reason_{year}": code,
        }


def by_kommune(country: Country, cells: pd.DataFrame) -> pd.DataFrame:
    """Sum up by kommune of 2024; small counts are masked.

    Parameters
    ----------
    country : Country
        Who lives where.
    cells : DataFrame
        As `minutes_by_cell` gives them.

    Returns
    -------
    DataFrame
        Indexed by kommune, sorted by ``change_min``, the longest first: ``people``,
        ``mean_2019_min``, ``mean_2024_min``, ``change_min``, ``nearest_2019_min``,
        ``nearest_2024_min``, all of those with a time in both years; ``people_longer`` (more than
        10 min longer), ``people_without`` (no time in one year or both), ``share_longer``,
        ``share_without`` of everybody (missing where the count is masked), ``why``.
    """
    kommune = country.zones.table["kommune"].to_numpy()
    timed = (cells["assigned_2019"].notna() & cells["assigned_2024"].notna()).to_numpy()
    rows = {}
    for number, at in pd.Series(range(len(cells))).groupby(kommune):
        own, w, known = cells.iloc[at], country.people.iloc[at], timed[at]
        with_time = {
            f"{kind}_{year}": own[f"{kind}_{year}"].where(known)
            for kind in ("assigned", "nearest")
            for year in YEARS
        }
        before, after = with_time["assigned_2019"], with_time["assigned_2024"]
        means = {name: mean_minutes(column, w).value for name, column in with_time.items()}
        rows[number] = {
            "people": int(w.sum()),
            "mean_2019_min": means["assigned_2019"],
            "mean_2024_min": means["assigned_2024"],
            "change_min": means["assigned_2024"] - means["assigned_2019"],
            "nearest_2019_min": means["nearest_2019"],
            "nearest_2024_min": means["nearest_2024"],
            "people_longer": losers_more_than(before, after, w, limit=LONGER_MIN).value,
            "people_without": float(w[~known].sum()),
            "why": _why(own[~known], w[~known]),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    masked = masked_counts(table)
    table[list(masked)] = masked
    table["share_longer"] = table["people_longer"] / table["people"]
    table["share_without"] = table["people_without"] / table["people"]
    table.loc[~(table["people_without"] > 0), "why"] = ""
    table.index.name = "kommune_no"
    return table.sort_values(["change_min", "people"], ascending=False, kind="stable")


def _why(cells: pd.DataFrame, people: pd.Series[int]) -> str:
    """The reason that most of the people without a time have."""
    if not len(cells):
        return ""
    last = cells["reason_2024"].where(cells["assigned_2024"].isna(), cells["reason_2019"])
    return str(REASONS[int(people.groupby(last.to_numpy()).sum().idxmax())])


def masked_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Hide counts under ten, and those that would tell them by difference.

    Parameters
    ----------
    table : DataFrame
        ``people``, ``people_longer``, ``people_without`` by kommune.

    Returns
    -------
    DataFrame
        The two counts, NaN where hidden. The rest of a kommune's people counts as a third part,
        since everybody can subtract, and so do the sums over the country.
    """
    parts = table[["people_longer", "people_without"]].to_numpy(dtype=float)
    rest = table["people"].to_numpy(dtype=float) - parts.sum(axis=1)
    shown = mask_table(np.column_stack([parts, rest]))
    return pd.DataFrame(shown[:, :2], table.index, ["people_longer", "people_without"])


def write_table(table: pd.DataFrame, names: pd.Series[str], path: Path) -> None:
    """Write the table by kommune.

    Parameters
    ----------
    table : DataFrame
        As `by_kommune` gives it.
    names : Series of str
        Kommune number → name.
    path : Path
        CSV.
    """
    made = table.drop(columns=["share_longer", "share_without"])
    made.insert(0, "kommune_name", names.reindex(table.index))
    minutes = [name for name in made if name.endswith("_min")]
    made[minutes] = made[minutes].round(2)
    for name in ("people_longer", "people_without"):
        made[name] = made[name].round().astype("Int64")
    made = made.assign(
        source="computed by scripts/national_offices.py from SSB (people), Kartverket (roads, "
        "borders) and NAV (offices)",
        date="2024-11-07",
        quality="approximate",
    )
    path.parent.mkdir(exist_ok=True)
    made.to_csv(path, lineterminator="\n")


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
    return _kommuner(shared / "national", 2024).set_index("area")["name"]


@click.command(help=__doc__)
@click.option(
    "--shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default="../shared/data",
    show_default=True,
    help="Folder of the source data.",
)
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
    took_s = time.perf_counter() - began
    text = page(country, cells, table, names, took_s=took_s)
    (ROOT / "docs" / "national.md").write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"{took_s:.0f} s")


if __name__ == "__main__":
    main()
