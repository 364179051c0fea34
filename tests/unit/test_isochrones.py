"""Isochrones: the land by hand and point by point, the people by the matrix."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from navplan.errors import InputError
from navplan.nouns import Population, Streets, Zones
from navplan.travel import isochrones, travel_times
from navplan.units import Mode
from tests import town

STREETS = town.streets()
OFFICES = town.offices().table
MIDWAY = gpd.GeoDataFrame(
    {"name": ["midway"]},
    geometry=[Point(town.X0 + 300, town.Y0)],
    index=pd.Index(["midway"]),
    crs=town.CRS,
)
"""A site in the middle of the street from p-00 to p-10."""


def found(mode: Mode, *, sites: gpd.GeoDataFrame = OFFICES.loc[["north"]], **changes: object):
    given = {"streets": STREETS, "timetable": town.timetable(), **changes}
    profile = given.pop("profile", town.profile(mode))
    return isochrones(profile, sites=sites, **given)


def one_way(streets: Streets, start: str, end: str) -> Streets:
    """Close a street in one direction."""
    names = streets.nodes.index.to_numpy()
    edges = streets.edges.copy()
    shut = (names[edges["tail"]] == end) & (names[edges["head"]] == start)
    edges.loc[shut, ["walk", "bicycle", "car"]] = False
    return replace(streets, edges=edges)


def test_streets_are_cut_where_the_time_runs_out():
    ten, twenty = found("walk", limits_min=(20, 10), width_m=50.0).geometry
    # 1.25 m/s: 750 m in ten minutes along the two streets that meet at p-33
    corner = OFFICES.geometry["north"]
    assert ten.bounds == pytest.approx(
        (corner.x - 800, corner.y - 800, corner.x + 50, corner.y + 50)
    )
    strips, corners = 2 * 750 * 100 - 50 * 50, np.pi * 50**2 * (1 / 2 + 1 / 2 + 1 / 4)
    assert ten.area == pytest.approx(strips + corners, rel=0.003)
    assert twenty.contains(ten)


def test_a_site_in_the_middle_of_a_street_is_reached_along_it():
    (land,) = found("walk", sites=MIDWAY, limits_min=(2,), width_m=10.0).geometry
    assert land.bounds == pytest.approx(
        (town.X0 + 300 - 160, town.Y0 - 10, town.X0 + 300 + 160, town.Y0 + 10)
    )


def test_one_gets_towards_the_site_and_not_away_from_it():
    streets = one_way(STREETS, "p-00", "p-10")
    (land,) = found("car", sites=MIDWAY, streets=streets, limits_min=(0.5,), width_m=10.0).geometry
    # 250 m in half a minute, driven eastwards only
    assert land.bounds[0] == pytest.approx(town.X0 + 40)
    assert land.bounds[2] == pytest.approx(town.X0 + 310)


def test_nobody_lives_in_a_tunnel_or_on_a_ferry():
    edges = STREETS.edges.copy()
    edges.loc[edges["structure"] == "bridge", "structure"] = "tunnel"
    land = found("car", streets=replace(STREETS, edges=edges), limits_min=(60,)).geometry[0]
    midway = Point(town.X0 + 1000, town.Y0 + 1500)
    assert not land.contains(midway)
    assert land.contains(Point(town.X0 + 1000, town.Y0 + 1000))


def test_out_of_reach_is_empty_land():
    far = MIDWAY.set_geometry(MIDWAY.geometry.translate(yoff=-9000))
    land = found("car", sites=far).geometry
    assert land.is_empty.all()
    assert land.crs == town.CRS


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car", "transit"])
@pytest.mark.parametrize("sites", [["north"], ["south", "east"]])
def test_contours_nest_and_people_are_the_matrix_s(mode: Mode, sites: list[str]):
    zones, people = town.zones(), town.population()
    table = found(mode, sites=OFFICES.loc[sites], zones=zones, population=people)
    for inner, outer in zip(table.geometry[:-1], table.geometry[1:], strict=True):
        assert outer.buffer(1e-6).contains(inner)
    times = travel_times(
        town.profile(mode), zones=zones, sites=OFFICES.loc[sites], streets=STREETS,
        timetable=town.timetable(),
    )  # fmt: skip
    least = times.minutes.min(axis=1)
    for row in table.itertuples():
        expected = people.people[least <= row.limit_min].sum()
        assert row.people == expected
        assert row.share == expected / people.people.sum()
    assert (table["note"] == "").all()


@pytest.mark.parametrize("mode", ["walk", "car", "transit"])
@pytest.mark.parametrize("turn_costs", [False, True])
def test_any_point_on_a_street_lies_inside_exactly_when_its_time_is_short(
    mode: Mode, turn_costs: bool
):
    rng = np.random.default_rng(3)
    streets = one_way(STREETS, "p-20", "p-21")
    profile = town.profile(mode, turn_costs=turn_costs, arrive_until=10 * 3600)
    edges = rng.choice(np.flatnonzero(streets.edges["structure"] == "open"), 60)
    ends = streets.edges[["tail", "head"]].to_numpy()[edges]
    xy = np.column_stack([streets.nodes.geometry.x, streets.nodes.geometry.y])
    at = xy[ends[:, 0]] + rng.uniform(0.01, 0.99, (60, 1)) * (xy[ends[:, 1]] - xy[ends[:, 0]])
    names = [f"point-{number}" for number in range(60)]
    zones = Zones(
        gpd.GeoDataFrame(
            {"name": names, "area": "", "kommune": ""},
            index=names, geometry=gpd.points_from_xy(*at.T), crs=town.CRS,
        )
    )  # fmt: skip
    sites = pd.concat([MIDWAY[["geometry"]], OFFICES.loc[["north"], ["geometry"]]])
    given = {"sites": sites, "streets": streets, "timetable": town.timetable()}
    least = travel_times(profile, zones=zones, **given).minutes.min(axis=1)
    slack_min = {"walk": 0.05, "car": 0.02, "transit": 0.05}[mode]
    for limit, land in isochrones(
        profile, **given, limits_min=(5, 14, 40), width_m=1.0
    ).set_index("limit_min").geometry.items():  # fmt: skip
        inside = zones.table.geometry.within(land)
        if mode != "transit":  # one may also walk from a street's middle to a stop on it
            assert inside[least <= limit - slack_min].all()
        assert not inside[least > limit + slack_min].any()
        assert (least <= limit).any()


# --- people ---


def test_few_people_are_not_told_and_do_not_follow_from_others():
    zones = town.zones()
    counts = pd.Series(0, index=zones.table.index)
    counts[["p-33", "p-32", "p-22", "p-12", "p-00"]] = [5, 40, 4, 300, 9]
    people = Population(pd.DataFrame({"all": counts}), "made")
    table = found("car", zones=zones, population=people, limits_min=(1, 3, 5, 7, 60))
    # 5 | 45 | 49 | 349 | all 358: 4 more than 45, and all but 9, would follow
    assert table["people"].tolist()[1] == 45
    assert table["people"].isna().tolist() == [True, False, True, True, False]
    assert table["people"].iloc[4] == 358
    assert table["share"].isna().equals(table["people"].isna())
    assert (table["note"] != "").equals(table["people"].isna())


def test_without_people_only_the_land_is_drawn():
    table = found("walk")
    assert table["people"].isna().all()
    assert set(table["note"]) == {"no population given"}


# --- what cannot be asked ---


def test_faults_come_all_at_once():
    with pytest.raises(InputError) as raised:
        found(
            "transit",
            timetable=None,
            zones=town.zones(),
            limits_min=(0, 10, 500),
            width_m=float("nan"),
        )
    text = str(raised.value)
    for part in ("no timetable", "only one of zones", "0; expected more", "500 is beyond", "nan;"):
        assert part in text


def test_a_zone_without_a_count_is_a_fault():
    people = town.population()
    with pytest.raises(InputError, match="population p-00"):
        found(
            "walk",
            zones=town.zones(),
            population=Population(people.table.drop(index="p-00"), "made"),
        )
