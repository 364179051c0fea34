"""Transit times: the town by hand, a plain search on random timetables, and the definition."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from navplan.errors import InputError
from navplan.network import streets_from_links
from navplan.nouns import Timetable, TravelTimes
from navplan.travel import travel_times
from navplan.units import Reason
from tests import reference_transit, town

TEN = 10 * 3600


def transit(timetable: Timetable | None = None, *, streets=None, **changes: object) -> TravelTimes:
    return travel_times(
        town.profile("transit", **changes),
        zones=town.zones(),
        sites=town.offices(),
        streets=town.streets() if streets is None else streets,
        timetable=town.timetable() if timetable is None else timetable,
    )


def at(clock_s: int, **changes: object) -> pd.DataFrame:
    """Minutes for one wished arrival."""
    return transit(arrive_from=clock_s, arrive_until=clock_s, **changes).minutes


def made(*trips: list[tuple[object, ...]]) -> Timetable:
    """A timetable of trips: lists of (corner, arrival, departure[, board, alight])."""
    base = town.timetable()
    rows = []
    for number, calls in enumerate(trips):
        for corner, arrival, departure, *flags in calls:
            board, alight = flags or (True, True)
            stop = town.STOPS.index(corner)
            rows.append((number, stop, arrival, departure, board, alight))
    columns = ["trip", "stop", "arrival", "departure", "board", "alight"]
    table = base.trips.iloc[: len(trips)]
    return replace(base, stop_times=pd.DataFrame(rows, columns=columns), trips=table)


# --- by hand (see tests/town.py) ---


@pytest.mark.parametrize(
    ("minute", "expected"),
    [(0, 10), (1, 11), (7, 17), (8, 8), (9, 9), (10, 10)],
)
def test_the_bus_from_east_to_west_for_each_wished_arrival(minute, expected):
    assert at(TEN + 60 * minute).loc["p-31", "west"] == expected


def test_changing_to_the_tram_needs_a_minute():
    # by 10:00: tram 09:47 from the bridge, bus 09:46 there, 09:40 from p-31
    assert at(TEN).loc["p-31", "north"] == 20.0
    # with 61 s the bus at 09:46 is too late by a second: 09:36 there, 09:30 from p-31
    assert at(TEN, change_slack_s=61).loc["p-31", "north"] == 30.0


def test_the_first_boarding_needs_no_slack():
    assert at(TEN + 8 * 60, change_slack_s=600).loc["p-31", "west"] == 8.0


def test_a_long_walk_all_the_way_is_no_public_transport():
    # p-01 to west: seven corners' walk over the bridge would be 800 s each; see the town
    walk = town.blocks("01", "02") * 800 / 60
    none = made([("31", TEN - 60, TEN - 60), ("11", TEN, TEN)])  # serves neither end
    by_foot = transit(none, arrive_from=TEN, arrive_until=TEN)
    assert by_foot.minutes.loc["p-01", "west"] == pytest.approx(walk)
    least = {"arrive_from": TEN, "arrive_until": TEN, "max_direct_walk_min": walk - 0.1}
    bounded = transit(none, **least)
    assert bounded.digest != by_foot.digest
    assert np.isnan(bounded.minutes.loc["p-01", "west"])
    assert bounded.reason.loc["p-01", "west"] == Reason.NO_SERVICE


def test_walking_to_the_stop_counts():
    # p-30 is one block of 800 s south of the stop at p-31
    assert at(TEN).loc["p-30", "west"] == pytest.approx(10 + 800 / 60)


def test_walking_all_the_way_is_an_option():
    minutes = at(TEN)
    assert minutes.loc["p-00", "south"] == pytest.approx(2 * 800 / 60)
    assert minutes.loc["p-00", "harbour"] == 0.0


def test_the_whole_town_agrees_with_the_plain_search():
    changes = {"arrive_until": TEN + 600, "step_s": 300, "percentile": 75.0, "limit_min": 65.0}
    zones = [zone for zone in town.zones().table.index if zone != "p-island"]
    profile = town.profile("transit", **changes)
    expected = reference_transit.minutes(zones, list(town.SITES), town.timetable(), profile)
    found = transit(**changes).minutes.loc[zones]
    assert found.notna().to_numpy().mean() > 0.9
    pd.testing.assert_frame_equal(found, expected, check_names=False)


# --- random timetables against the plain search ---


@st.composite
def timetables(draw: st.DrawFn) -> Timetable:
    """Up to seven trips of two to five calls around 09:30, with waits and barred calls."""
    trips = []
    for _ in range(draw(st.integers(1, 7))):
        clock = draw(st.integers(TEN - 3600, TEN + 300))
        calls: list[tuple[object, ...]] = []
        for _ in range(draw(st.integers(2, 5))):
            corner = draw(st.sampled_from(town.STOPS))
            wait = draw(st.sampled_from([0, 0, 45]))
            board, alight = draw(st.sampled_from([(1, 1), (1, 1), (1, 0), (0, 1)]))
            calls.append((corner, clock, clock + wait, bool(board), bool(alight)))
            clock += wait + draw(st.sampled_from([0, 60, 77, 240, 600]))
        trips.append(calls)
    return made(*trips)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    timetable=timetables(),
    slack=st.sampled_from([0, 60, 150]),
    walk_min=st.sampled_from([1.0, 14.0, 27.0]),
    percentile=st.sampled_from([0.0, 20.0, 50.0, 90.0, 100.0]),
    limit_min=st.sampled_from([240.0, 40.0]),
)
def test_random_timetables_agree_with_the_plain_search(
    timetable, slack, walk_min, percentile, limit_min
):
    changes = {
        "arrive_until": TEN + 600,
        "step_s": 150,
        "change_slack_s": slack,
        "max_walk_min": walk_min,
        "percentile": percentile,
        "limit_min": limit_min,
    }
    zones = ["p-31", "p-30", "p-12", "p-02", "p-23"]
    sites = ["south", "west", "north", "mall"]
    expected = reference_transit.minutes(
        zones, sites, timetable, town.profile("transit", **changes)
    )
    found = transit(timetable, **changes).minutes.loc[zones, sites]
    pd.testing.assert_frame_equal(found, expected, check_names=False)


# --- the definition, case by case ---


def test_the_percentile_is_the_smallest_minutes_enough_arrivals_do_not_exceed():
    # wished arrivals 10:00 … 10:09 take 8, 9, 10, …, 17 minutes from p-31 to west
    window = {"arrive_until": TEN + 9 * 60}
    for percentile, expected in ((0, 8), (10, 8), (11, 9), (50, 12), (90, 16), (91, 17), (100, 17)):
        minutes = transit(**window, percentile=float(percentile)).minutes
        assert minutes.loc["p-31", "west"] == expected


def test_too_few_arrivals_with_a_way_are_no_service():
    # p-31 walks to west in 53 min 20 s; with the river closed on foot only the one bus remains
    links = town.links()
    links.loc[links["structure"] == "bridge", "walk"] = "no"
    streets = streets_from_links(town.nodes(), links, crs=town.CRS)
    bus = made([("31", TEN, TEN), ("02", TEN + 600, TEN + 600)])
    window = {"arrive_from": TEN, "arrive_until": TEN + 19 * 60, "streets": streets}
    half = transit(bus, **window, percentile=50.0)
    assert half.minutes.loc["p-31", "west"] == 19.0  # ten of twenty: 10:10 … 10:19
    more = transit(bus, **window, percentile=51.0)
    assert np.isnan(more.minutes.loc["p-31", "west"])
    assert more.reason.loc["p-31", "west"] == Reason.NO_SERVICE


def test_a_way_that_takes_too_long_says_so():
    times = transit(limit_min=30.0)
    assert times.reason.loc["p-30", "north"] == Reason.BEYOND_LIMIT
    assert np.isnan(times.minutes.loc["p-30", "north"])


def test_one_may_not_board_where_only_alighting_is_allowed():
    bus = [("31", TEN - 900, TEN - 900, False, True), ("02", TEN - 300, TEN - 300)]
    assert at_bus(bus) == pytest.approx(4 * 800 / 60)
    bus[0] = ("31", TEN - 900, TEN - 900, True, False)
    assert at_bus(bus) == 15.0
    bus[1] = ("02", TEN - 300, TEN - 300, True, False)
    assert at_bus(bus) == pytest.approx(4 * 800 / 60)


def at_bus(bus: list[tuple[object, ...]]) -> float:
    times = transit(made(bus), arrive_from=TEN, arrive_until=TEN)
    return float(times.minutes.loc["p-31", "west"])


def test_staying_seated_costs_nothing():
    ride = [("31", TEN - 900, TEN - 900), ("11", TEN - 600, TEN - 600), ("02", TEN, TEN)]
    assert transit(made(ride), arrive_from=TEN, arrive_until=TEN, change_slack_s=3600).minutes.loc[
        "p-31", "west"
    ] == pytest.approx(15.0)


def test_rides_without_duration_follow_each_other_without_slack():
    first = [("31", TEN - 300, TEN - 300), ("11", TEN - 300, TEN - 300)]
    second = [("11", TEN - 300, TEN - 300), ("02", TEN - 300, TEN - 300)]
    for order in ((first, second), (second, first)):
        times = transit(made(*order), arrive_from=TEN, arrive_until=TEN, change_slack_s=0)
        assert times.minutes.loc["p-31", "west"] == 5.0


def test_a_ride_without_duration_leads_on_to_the_next_of_its_trip():
    bus = [("31", TEN - 600, TEN - 600), ("11", TEN - 600, TEN - 600), ("02", TEN, TEN)]
    assert at_bus(bus) == 10.0


def test_a_stop_without_a_street_still_allows_a_change():
    base = town.timetable()
    stops = gpd.GeoDataFrame(
        {"name": [*base.stops["name"], "pier"]},
        geometry=[*base.stops.geometry, Point(town.X0 + 50_000, town.Y0)],
        index=[*base.stops.index, "pier"],
        crs=town.CRS,
    )
    pier = len(stops) - 1
    rows = [
        (0, 0, TEN - 1200, TEN - 1200, True, True),
        (0, pier, TEN - 900, TEN - 900, True, True),
        (1, pier, TEN - 800, TEN - 800, True, True),
        (1, 3, TEN - 300, TEN - 300, True, True),
    ]
    columns = ["trip", "stop", "arrival", "departure", "board", "alight"]
    ferry = replace(base, stops=stops, stop_times=pd.DataFrame(rows, columns=columns))
    times = transit(ferry, arrive_from=TEN, arrive_until=TEN)
    assert times.minutes.loc["p-31", "west"] == 20.0
    late = transit(ferry, arrive_from=TEN, arrive_until=TEN, change_slack_s=101)
    assert late.minutes.loc["p-31", "west"] == pytest.approx(4 * 800 / 60)


def test_a_change_on_foot_goes_the_way_one_walks_it():
    # 100 m up from p-11 to p-12: 800 s × e^0.35 = 1135.3 s, rounded up, and 60 s of slack
    links = town.links()
    bridge = links.index[links["structure"] == "bridge"]
    links.loc[bridge, "climb_m"] = 100.0
    streets = streets_from_links(town.nodes(), links, crs=town.CRS)
    for late, expected in ((0, 40.0), (-1, None)):
        leaves = TEN - 1800 + 1136 + 60 + late
        first = [("31", TEN - 2400, TEN - 2400), ("11", TEN - 1800, TEN - 1800)]
        second = [("12", leaves, leaves), ("33", TEN, TEN)]
        times = transit(made(first, second), streets=streets, arrive_from=TEN, arrive_until=TEN)
        minutes = times.minutes.loc["p-31", "north"]
        if expected is None:
            assert minutes > 60.0  # on foot
        else:
            assert minutes == expected


def test_the_island_says_it_is_not_linked():
    times = transit()
    assert set(times.reason.loc["p-island"]) == {Reason.ZONE_NOT_LINKED}
    assert np.isnan(times.snap_m["p-island"])


def test_transit_without_a_timetable_or_with_another_days_is_refused():
    for timetable, word in ((None, "no timetable"), (town.timetable(dt.date(2024, 10, 16)), "16")):
        with pytest.raises(InputError, match=word):
            travel_times(
                town.profile("transit"),
                zones=town.zones(),
                sites=town.offices(),
                streets=town.streets(),
                timetable=timetable,
            )
