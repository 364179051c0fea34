"""Travel times made by hand or by chance, for tests that need no street."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import strategies as st

from navplan.nouns import Offices, Population, TravelTimes, Zones
from navplan.scenario import Scenario
from navplan.units import reason_codes
from tests import town

NO_HOURS = pd.DataFrame(columns=["office", "weekday", "opens", "closes"])


def times_of(minutes: pd.DataFrame, name: str = "car") -> TravelTimes:
    """Travel times with not_connected where there is no time."""
    reason = pd.DataFrame("not_connected", index=minutes.index, columns=minutes.columns)
    reason = reason.where(minutes.isna(), "ok")
    snap = pd.Series(0.0, index=minutes.index)
    return TravelTimes(minutes, reason_codes(reason), snap, town.profile("car", name=name))


def town_times(minutes_a_block: float = 2.0, name: str = "car") -> TravelTimes:
    """The town's car minutes by the hand sum of blocks; the island has none."""
    zones, sites = town.zones().table.index, list(town.SITES)
    table = pd.DataFrame(np.nan, index=zones, columns=sites)
    for site, (corner, _, _) in town.SITES.items():
        for zone in town.CORNERS:
            table.loc[f"p-{zone}", site] = minutes_a_block * town.blocks(zone, corner)
    return times_of(table, name)


def four() -> Scenario:
    """The town's base: one office an area."""
    offices = town.offices().table
    return Scenario.of(
        "four",
        ["south", "east", "west", "north"],
        office_area=offices["area"].to_dict(),
        areas=town.zones().areas,
    )


@dataclass(frozen=True)
class Problem:
    """A small location problem."""

    zones: Zones
    offices: Offices
    times: TravelTimes
    population: Population
    neighbours: list[tuple[str, str]]

    @property
    def people(self) -> pd.Series[float]:
        return self.population.people

    @property
    def sites(self) -> list[str]:
        return list(self.offices.table.index)


def problem(
    minutes: Sequence[Sequence[float]],
    *,
    people: Sequence[float],
    zone_areas: Sequence[str],
    site_areas: Sequence[str],
    neighbours: Sequence[tuple[str, str]] = (),
) -> Problem:
    """Put a problem together; zones are z0, z1 …, sites s0, s1 …"""
    ids = pd.Index([f"z{i}" for i in range(len(people))], name="id")
    sites = [f"s{i}" for i in range(len(site_areas))]
    zones = gpd.GeoDataFrame(
        {"name": list(ids), "area": list(zone_areas), "kommune": "9999"},
        geometry=gpd.points_from_xy(range(len(ids)), [0] * len(ids)),
        index=ids,
        crs=town.CRS,
    )
    offices = gpd.GeoDataFrame(
        {
            "name": sites,
            "kind": "office",
            "area": list(site_areas),
            "address": "",
            "step_free": "yes",
            "quality": "assumption",
        },
        geometry=gpd.points_from_xy(range(len(sites)), [1] * len(sites)),
        index=pd.Index(sites, name="id"),
        crs=town.CRS,
    )
    table = pd.DataFrame(np.array(minutes, dtype=float), index=ids, columns=sites)
    counts = pd.DataFrame({"all": np.array(people, dtype=float)}, index=ids)
    return Problem(
        Zones(zones),
        Offices(offices, NO_HOURS),
        times_of(table),
        Population(counts, "now"),
        list(neighbours),
    )


@st.composite
def problems(draw: st.DrawFn, *, most_areas: int = 5, most_sites: int = 6) -> Problem:
    """Problems with ties, absent times and empty zones; somebody lives somewhere."""
    areas = [f"A{i}" for i in range(draw(st.integers(2, most_areas)))]
    zone_areas = areas + draw(st.lists(st.sampled_from(areas), max_size=4))
    site_areas = draw(st.lists(st.sampled_from(areas), min_size=2, max_size=most_sites))
    time = st.one_of(st.integers(0, 6).map(lambda n: n * 5.0), st.just(np.nan))
    row = st.lists(time, min_size=len(site_areas), max_size=len(site_areas))
    minutes = draw(st.lists(row, min_size=len(zone_areas), max_size=len(zone_areas)))
    count = st.integers(0, 4)
    people = draw(st.lists(count, min_size=len(zone_areas), max_size=len(zone_areas)).filter(any))
    pairs = [(a, b) for i, a in enumerate(areas) for b in areas[i + 1 :]]
    neighbours = draw(st.lists(st.sampled_from(pairs), unique=True))
    return problem(
        minutes,
        people=people,
        zone_areas=zone_areas,
        site_areas=site_areas,
        neighbours=neighbours,
    )
