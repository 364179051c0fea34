"""What must hold of any timetable, and what theory says of regular service."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from navplan.nouns import Profile, Timetable, Zones
from navplan.travel import windows
from navplan.travel.lanes import LANES, UNREACHED
from navplan.travel.transit import transit_search
from tests import town
from tests.random_days import days

TEN = 10 * 3600
ZONES = Zones(town.zones().table.loc[["p-31", "p-30", "p-12", "p-02", "p-23"]])
SITES = town.offices().table.loc[["south", "west", "north", "mall"]]
STREETS = town.streets()
BY_ARRIVAL = {"arrive_from": TEN, "arrive_until": TEN + 900, "step_s": 100}
BY_DEPARTURE = {"depart_from": TEN - 3600, "depart_until": TEN - 2700, "step_s": 100}
either_window = st.sampled_from([BY_ARRIVAL, BY_DEPARTURE])
random_days = days(first=TEN - 3600, last=TEN)


def every_time(profile: Profile, timetable: Timetable, sites=SITES, **kwargs: object) -> np.ndarray:
    search = transit_search(profile, zones=ZONES, streets=STREETS, timetable=timetable)
    return search.window_seconds(search.footways.to_sites(sites), **kwargs)


@settings(max_examples=25)
@given(timetable=random_days, window=either_window, gone=st.integers(0, 6))
def test_more_service_harms_nobody(timetable, window, gone):
    profile = town.profile("transit", **window)
    calls = timetable.stop_times
    fewer = replace(timetable, stop_times=calls[calls["trip"] != gone % len(timetable.trips)])
    assert (every_time(profile, timetable) <= every_time(profile, fewer)).all()


@settings(max_examples=25)
@given(timetable=random_days, window=either_window)
def test_easier_travelling_harms_nobody(timetable, window):
    profile = town.profile("transit", **window, change_slack_s=60, max_rides=2, max_walk_min=14.0)
    found = every_time(profile, timetable)
    for easier in ({"change_slack_s": 0}, {"max_rides": 3}, {"max_rides": None},
                   {"max_walk_min": 27.0}, {"limit_min": 300.0}):  # fmt: skip
        assert (every_time(replace(profile, **easier), timetable) <= found).all(), easier


@settings(max_examples=25)
@given(timetable=random_days, window=either_window)
def test_many_rides_are_as_good_as_any_number(timetable, window):
    profile = town.profile("transit", **window, max_rides=30)
    free = replace(profile, max_rides=None)
    np.testing.assert_array_equal(every_time(profile, timetable), every_time(free, timetable))


@settings(max_examples=25)
@given(timetable=random_days)
def test_leaving_as_the_arrival_search_says_one_is_there_in_time_and_no_later(timetable):
    profile = town.profile("transit", **BY_ARRIVAL)
    times = np.arange(TEN, TEN + 901, 100)
    found = every_time(profile, timetable)
    for zone, site, number in np.argwhere(found < UNREACHED)[::67]:
        leave = int(times[number] - found[zone, site, number])
        for later, in_time in ((0, True), (1, False)):
            # the rides searched are the same, up to the last wished arrival
            one = replace(
                profile, depart_from=leave + later, depart_until=leave + later,
                limit_min=max(TEN + 900 - leave - later, 1) / 60,
            )  # fmt: skip
            arrival = leave + later + every_time(one, timetable)[zone, site, 0]
            assert (arrival <= times[number]) == in_time


@settings(max_examples=15)
@given(timetable=random_days, window=either_window)
def test_percentiles_are_monotone(timetable, window):
    before = np.zeros((len(ZONES), len(SITES)))
    for percentile in (0.0, 12.5, 50.0, 80.0, 100.0):
        profile = town.profile("transit", **window, percentile=percentile)
        search = transit_search(profile, zones=ZONES, streets=STREETS, timetable=timetable)
        found = search.seconds(search.footways.to_sites(SITES))
        assert (found >= before).all()
        before = found


@pytest.mark.parametrize("window", [BY_ARRIVAL, BY_DEPARTURE])
@pytest.mark.parametrize("homeward", [False, True])
def test_a_site_costs_a_lane_and_changes_no_other(window, homeward):
    rng = np.random.default_rng(3)
    at = rng.uniform(0, 3000, (2 * LANES + 5, 2)) + np.array([town.X0, town.Y0])
    many = SITES.iloc[[0] * len(at)].set_geometry([Point(xy) for xy in at], crs=town.CRS)
    many.index = [f"site {number}" for number in range(len(at))]
    search = transit_search(
        town.profile("transit", **window), zones=ZONES, streets=STREETS,
        timetable=town.timetable(), homeward=homeward,
    )  # fmt: skip
    together = search.to_sites(many)
    for number in (0, LANES - 1, LANES, 2 * LANES + 4):
        alone = search.to_sites(many.iloc[[number]])
        np.testing.assert_array_equal(alone.minutes[:, 0], together.minutes[:, number])
        np.testing.assert_array_equal(alone.codes[:, 0], together.codes[:, number])


@pytest.mark.parametrize("window", [BY_ARRIVAL, BY_DEPARTURE])
def test_zones_can_be_read_part_by_part(window):
    profile = town.profile("transit", **window)
    whole = every_time(profile, town.timetable())
    for part in (slice(0, 2), slice(2, 3), slice(3, None)):
        found = every_time(profile, town.timetable(), zones=part)
        np.testing.assert_array_equal(found, whole[part])


def test_a_small_store_of_waits_gives_the_same(monkeypatch):
    profile = town.profile("transit", **BY_ARRIVAL)
    whole = every_time(profile, town.timetable())
    monkeypatch.setattr(windows, "_MOST_ROWS", 1)
    np.testing.assert_array_equal(every_time(profile, town.timetable()), whole)


# --- regular service: the wait of who comes at random is even over the headway ---


def shuttle(headway_s: int, ride_s: int) -> Timetable:
    """A bus p-31 → p-02 at every multiple of the headway, all day."""
    base = town.timetable()
    starts = np.arange(0, 24 * 3600, headway_s)
    stops = [town.STOPS.index("31"), town.STOPS.index("02")]
    calls = pd.DataFrame(
        {
            "trip": np.repeat(np.arange(len(starts)), 2),
            "stop": np.tile(stops, len(starts)),
            "arrival": np.add.outer(starts, [0, ride_s]).ravel(),
            "departure": np.add.outer(starts, [0, ride_s]).ravel(),
            "board": True,
            "alight": True,
        }
    )
    trips = base.trips.iloc[[0] * len(starts)].reset_index(drop=True)
    return replace(base, stop_times=calls, trips=trips)


@pytest.mark.parametrize("headway_s", [300, 600, 1200])
@pytest.mark.parametrize("by_departure", [True, False])
def test_regular_service_gives_even_waits(headway_s, by_departure):
    ride_s, window_s, step_s = 420, 3600, 10
    ends = ("depart_from", "depart_until") if by_departure else ("arrive_from", "arrive_until")
    window = dict(zip(ends, (TEN, TEN + window_s - step_s), strict=True))
    profile = town.profile("transit", **window, step_s=step_s)
    search = transit_search(
        profile, zones=Zones(town.zones().table.loc[["p-31"]]), streets=STREETS,
        timetable=shuttle(headway_s, ride_s),
    )  # fmt: skip
    west = search.footways.to_sites(town.offices().table.loc[["west"]])
    waits = np.sort(search.window_seconds(west).ravel() - ride_s)
    # each wait 0, 10, … below the headway comes up equally often
    expected = np.repeat(np.arange(0, headway_s, step_s), window_s // headway_s)
    np.testing.assert_array_equal(waits, expected)
    assert search.seconds(west)[0, 0] == pytest.approx(ride_s + headway_s / 2, abs=step_s)
