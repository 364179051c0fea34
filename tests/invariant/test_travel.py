"""What must hold of travel times whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from navplan.network import streets_from_links
from navplan.nouns import Streets, TravelTimes, Zones
from navplan.travel import travel_times
from navplan.units import MODES, Reason
from tests import town


def times(mode="transit", *, streets=None, timetable=None, zones=None, sites=None, **changes):
    return travel_times(
        town.profile(mode, **changes),
        zones=town.zones() if zones is None else zones,
        sites=town.offices() if sites is None else sites,
        streets=town.streets() if streets is None else streets,
        timetable=town.timetable() if timetable is None else timetable,
    )


def no_later(after: TravelTimes, before: TravelTimes) -> None:
    """Nobody is later, and who had a time keeps one."""
    old, new = before.minutes.to_numpy(), after.minutes.to_numpy()
    assert not (np.isnan(new) & ~np.isnan(old)).any()
    assert (new <= old + 1e-9)[~np.isnan(old)].all()


@pytest.mark.parametrize("mode", MODES)
def test_the_same_inputs_give_the_same_times(mode):
    first, second = times(mode), times(mode)
    pd.testing.assert_frame_equal(first.minutes, second.minutes, check_exact=True)
    assert first.digest == second.digest


@pytest.mark.parametrize("mode", MODES)
def test_the_order_of_zones_sites_and_links_is_of_no_matter(mode):
    links = town.links().iloc[::-1]
    streets = streets_from_links(town.nodes().iloc[::-1], links, crs=town.CRS)
    turned = times(
        mode,
        streets=streets,
        zones=Zones(town.zones().table.iloc[::-1]),
        sites=town.offices().table.iloc[::-1],
    )
    whole = times(mode)
    pd.testing.assert_frame_equal(
        turned.minutes.loc[whole.minutes.index, whole.minutes.columns], whole.minutes
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_new_office_harms_nobody(mode):
    offices = town.offices().table
    before = times(mode, sites=offices.loc[["south", "east", "west", "north"]])
    after = times(mode, sites=offices)
    pd.testing.assert_frame_equal(after.minutes[before.minutes.columns], before.minutes)
    least = after.minutes.min(axis=1)
    assert (least.dropna() <= before.minutes.min(axis=1).dropna() + 1e-9).all()


@pytest.mark.parametrize("mode", ["walk", "transit"])
def test_walking_faster_is_never_slower(mode):
    no_later(times(mode, walk_m_per_s=1.4), times(mode, walk_m_per_s=1.2))


@pytest.mark.parametrize(
    ("mode", "better", "worse"),
    [
        ("bicycle", {"bicycle_km_h": 18.0}, {"bicycle_km_h": 15.0}),
        ("car", {"car_factor": 1.0}, {"car_factor": 1.2}),
        ("transit", {"change_slack_s": 0}, {"change_slack_s": 180}),
        ("transit", {"max_walk_min": 30.0}, {"max_walk_min": 10.0}),
        ("transit", {"percentile": 25.0}, {"percentile": 75.0}),
        ("transit", {"limit_min": 60.0}, {"limit_min": 30.0}),
    ],
)
def test_an_easier_profile_is_never_slower(mode, better, worse):
    no_later(times(mode, **better), times(mode, **worse))


def test_transit_is_never_slower_than_walking():
    walk = times("walk").minutes.to_numpy()
    # walks in transit are rounded up to whole seconds
    longest = np.ceil(walk * 60 - 1e-6) / 60
    assert (times().minutes.to_numpy() <= longest + 1e-9)[~np.isnan(walk)].all()


def test_adding_a_trip_never_hurts():
    base = town.timetable()
    rng = np.random.default_rng(11)
    before = times()
    for _ in range(10):
        clock = int(rng.integers(9 * 3600, 11 * 3600))
        rows = []
        for position in range(4):
            stop = int(rng.integers(0, len(base.stops)))
            rows.append((len(base.trips), stop, clock, clock, True, position < 3))
            clock += int(rng.integers(60, 600))
        columns = ["trip", "stop", "arrival", "departure", "alight", "board"]
        added = pd.concat([base.stop_times, pd.DataFrame(rows, columns=columns)])
        trips = pd.concat([base.trips, base.trips.iloc[:1]], ignore_index=True)
        no_later(times(timetable=replace(base, stop_times=added, trips=trips)), before)


def test_a_day_without_trips_leaves_walking():
    base = town.timetable()
    idle = times(timetable=replace(base, stop_times=base.stop_times.iloc[:0]))
    walk = times("walk")
    expected = np.ceil(walk.minutes * 60 - 1e-6) / 60
    pd.testing.assert_frame_equal(idle.minutes, expected)


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_the_reversed_network_gives_the_transposed_matrix(mode):
    rng = np.random.default_rng(3)
    links = town.links()
    links["climb_m"] = rng.integers(-60, 60, len(links)).astype(float)
    links["km"] = rng.integers(5, 20, len(links)) / 10.0
    whole = streets_from_links(town.nodes(), links, crs=town.CRS)
    # one in six streets is one-way by car
    closed = rng.choice(len(whole.edges), len(whole.edges) // 6, replace=False)
    edges = whole.edges.copy()
    edges.loc[closed, "car"] = False
    streets = Streets(whole.nodes, edges)
    turned = edges.rename(columns={"tail": "head", "head": "tail"})[list(edges.columns)]
    reversed_ = Streets(whole.nodes, turned)
    # off the corners, so that edges are entered in their middle
    where = {"a": (0.3, 0.1), "b": (2.2, 0.4), "c": (1.3, 2.2), "d": (3.0, 2.7), "e": (0.4, 0.1)}
    points = gpd.GeoDataFrame(
        geometry=[Point(town.X0 + 1000 * x, town.Y0 + 1000 * y) for x, y in where.values()],
        index=list(where),
        crs=town.CRS,
    )
    zones = Zones(points.assign(name="", area="South", kommune="9999"))
    there = times(mode, streets=streets, zones=zones, sites=points)
    back = times(mode, streets=reversed_, zones=zones, sites=points)
    pd.testing.assert_frame_equal(back.minutes.T, there.minutes)
    if mode == "car":
        assert not np.allclose(there.minutes, there.minutes.T, equal_nan=True)


@pytest.mark.parametrize("mode", MODES)
def test_an_unlinked_zone_keeps_its_reason(mode):
    for changes in ({}, {"limit_min": 5.0}, {"snap_limit_m": 100.0}):
        made = times(mode, **changes)
        assert set(made.reason.loc["p-island"]) == {Reason.ZONE_NOT_LINKED}
        assert made.minutes.loc["p-island"].isna().all()


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_a_link_not_yet_opened_is_not_used(mode):
    shortcut = town.link("p-00", "p-33", km=0.1, opened="2024-10-16")
    links = pd.concat([town.links(), pd.DataFrame([shortcut])], ignore_index=True)
    streets = streets_from_links(town.nodes(), links, crs=town.CRS)
    pd.testing.assert_frame_equal(times(mode, streets=streets).minutes, times(mode).minutes)
    later = times(mode, streets=streets, date=pd.Timestamp("2024-10-16").date())
    assert later.minutes.loc["p-00", "north"] < times(mode).minutes.loc["p-00", "north"]


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_a_ferry_waits_half_its_headway(mode):
    nodes = pd.DataFrame([("p-island", town.X0 + 8000, town.Y0 + 6000)], columns=["id", "x", "y"])
    sea = {"structure": "ferry", "road_class": "ferry", "km": 6.0}
    found = []
    for headway in (20.0, 40.0):
        ferry = town.link("p-33", "p-island", crossing_min=12.0, headway_min=headway, **sea)
        links = pd.concat([town.links(), pd.DataFrame([ferry])], ignore_index=True)
        streets = streets_from_links(
            pd.concat([town.nodes(), nodes], ignore_index=True), links, crs=town.CRS
        )
        found.append(times(mode, streets=streets).minutes.loc["p-island", "north"])
    assert found == pytest.approx([12 + 10, 12 + 20])


def test_on_foot_no_detour_by_an_office_is_shorter():
    offices = town.offices().table
    walk = times("walk").minutes.drop(index="p-island")
    between = times("walk", zones=Zones(offices.assign(kommune="9999")), sites=offices).minutes
    for via in offices.index:
        for to in offices.index:
            assert (walk[to] <= walk[via] + between.loc[via, to] + 1e-9).all()
    assert np.allclose(np.diag(between), 0.0)
