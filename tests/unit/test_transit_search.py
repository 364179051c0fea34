"""The timetable search against a forward range-RAPTOR, at every wished time, to the second."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.network import streets_from_links
from navplan.nouns import Profile, Streets, Timetable, Zones
from navplan.travel.lanes import UNREACHED
from navplan.travel.rides import rides_of
from navplan.travel.transit import TransitSearch, transit_search
from navplan.units import REASONS
from tests import reference_raptor, town
from tests.random_days import days

TEN = 10 * 3600
ZONES = Zones(town.zones().table.loc[["p-31", "p-30", "p-12", "p-02", "p-23", "p-island"]])
SITES = town.offices().table.loc[["south", "west", "north", "mall"]]


def hilly() -> Streets:
    """The town with a bridge that takes longer one way."""
    links = town.links()
    links.loc[links["structure"] == "bridge", "climb_m"] = 100.0
    return streets_from_links(town.nodes(), links, crs=town.CRS)


STREETS = hilly()


def prepared(profile: Profile, timetable: Timetable, **kwargs: object) -> TransitSearch:
    return transit_search(profile, zones=ZONES, streets=STREETS, timetable=timetable, **kwargs)


def every_time(profile: Profile, timetable: Timetable) -> np.ndarray:
    search = prepared(profile, timetable)
    return search.window_seconds(search.footways.to_sites(SITES))


def reference(profile: Profile, timetable: Timetable) -> np.ndarray:
    walks = reference_raptor.walks(profile, STREETS, ZONES.table, SITES, timetable)
    found = reference_raptor.window_seconds(profile, timetable, walks)
    return np.minimum(found, UNREACHED)


def on_the(seconds: int, timetable: Timetable) -> Timetable:
    """The same day with all times cut down to multiples, so that many fall together."""
    calls = timetable.stop_times
    cut = {name: calls[name] // seconds * seconds for name in ("arrival", "departure")}
    return replace(timetable, stop_times=calls.assign(**cut))


def made(*trips: list[tuple[object, ...]], **changes: object) -> Timetable:
    """A timetable of trips: lists of (corner, arrival, departure)."""
    base = town.timetable()
    rows = [
        (number, town.STOPS.index(corner), arrival, departure, True, True)
        for number, calls in enumerate(trips)
        for corner, arrival, departure in calls
    ]
    columns = ["trip", "stop", "arrival", "departure", "board", "alight"]
    table = base.trips.iloc[: len(trips)].assign(**changes)
    return replace(base, stop_times=pd.DataFrame(rows, columns=columns), trips=table)


def rule(start: str, end: str, **given: object) -> pd.DataFrame:
    row = {"from_stop": town.STOPS.index(start), "to_stop": town.STOPS.index(end)}
    return pd.DataFrame([{**row, "least_s": np.nan, "allowed": True, "timed": False, **given}])


windows = st.sampled_from(
    [
        {"arrive_from": TEN, "arrive_until": TEN + 600, "step_s": 150},
        {"arrive_from": TEN - 77, "arrive_until": TEN - 77},
        {"depart_from": TEN - 3000, "depart_until": TEN - 1800, "step_s": 210},
        {"depart_from": TEN - 3600, "depart_until": TEN - 3600},
    ]
)
profiles = st.fixed_dictionaries(
    {
        "change_slack_s": st.sampled_from([0, 0, 60, 150]),
        "max_walk_min": st.sampled_from([1.0, 14.0, 27.0]),
        "max_direct_walk_min": st.sampled_from([None, 14.0]),
        "max_rides": st.sampled_from([None, None, 1, 2, 3]),
        "step_free": st.sampled_from(["", "", "known", "unless-barred"]),
        "limit_min": st.sampled_from([240.0, 40.0]),
    }
)
random_days = st.builds(
    on_the, st.sampled_from([1, 60, 300, 900]), days(first=TEN - 3600, last=TEN)
)


@settings(max_examples=80)
@given(timetable=random_days, window=windows, changes=profiles)
def test_every_wished_time_agrees_with_the_forward_search(timetable, window, changes):
    profile = town.profile("transit", **window, **changes)
    np.testing.assert_array_equal(every_time(profile, timetable), reference(profile, timetable))


@settings(max_examples=25)
@given(timetable=random_days, window=windows, changes=profiles, percentile=st.floats(0, 100))
def test_percentiles_agree_with_the_forward_search(timetable, window, changes, percentile):
    profile = town.profile("transit", **window, **changes, percentile=percentile)
    search = prepared(profile, timetable)
    expected = reference_raptor.percentile_seconds(reference(profile, timetable), percentile)
    np.testing.assert_array_equal(search.seconds(search.footways.to_sites(SITES)), expected)


@settings(max_examples=25)
@given(timetable=random_days, window=windows, changes=profiles)
def test_the_way_home_is_the_way_between_the_other_ends(timetable, window, changes):
    profile = town.profile("transit", **window, **changes)
    home = transit_search(
        profile, zones=Zones(town.zones().table.loc[["p-31", "p-02", "p-12"]]), streets=STREETS,
        timetable=timetable, homeward=True,
    )  # fmt: skip
    sites = ZONES.table[["name", "geometry"]]
    there = transit_search(profile, zones=ZONES, streets=STREETS, timetable=timetable)
    swapped = town.zones().table.loc[["p-31", "p-02", "p-12"]]
    np.testing.assert_array_equal(
        home.window_seconds(home.footways.to_sites(sites)),
        there.window_seconds(there.footways.to_sites(swapped)).transpose(1, 0, 2),
    )


# --- departures, by hand (see tests/town.py) ---


@pytest.mark.parametrize(
    ("minute", "expected"), [(0, 8), (1, 17), (2, 16), (9, 9), (10, 8), (-1, 9)]
)
def test_leaving_at_a_time_one_waits_for_the_next_bus(minute, expected):
    at = TEN + 60 * minute
    profile = town.profile("transit", depart_from=at, depart_until=at)
    seconds = every_time(profile, town.timetable())
    assert seconds[0, 1].tolist() == [60 * expected]  # p-31 to west


def test_over_an_hour_of_departures_the_wait_is_even():
    window = {"depart_from": TEN, "depart_until": TEN + 59 * 60}
    for percentile, expected in ((0, 8), (10, 8), (11, 9), (50, 12), (90, 16), (91, 17), (100, 17)):
        profile = town.profile("transit", **window, percentile=float(percentile))
        search = prepared(profile, town.timetable())
        assert search.to_sites(SITES).minutes[0, 1] == expected


def test_what_arrives_after_the_limit_is_beyond_it():
    bus = made([("31", TEN + 900, TEN + 900), ("02", TEN + 1800, TEN + 1800)])
    window = {"depart_from": TEN, "depart_until": TEN + 60, "max_direct_walk_min": 1.0}
    reasons = []
    for limit in (31.0, 29.5, 28.0):
        found = prepared(town.profile("transit", **window, limit_min=limit), bus).to_sites(SITES)
        reasons.append(REASONS[found.codes[0, 1]])
    assert reasons == ["ok", "ok", "no_service"]
    found = prepared(town.profile("transit", **window, limit_min=29.5, percentile=100.0), bus)
    columns = found.to_sites(SITES)
    assert REASONS[columns.codes[0, 1]] == "beyond_limit"
    assert np.isnan(columns.minutes[0, 1])


# --- what the timetable says of changes and of trips that go on ---

FIRST = [("31", TEN, TEN), ("11", TEN + 300, TEN + 300)]
SECOND = [("11", TEN + 330, TEN + 330), ("02", TEN + 600, TEN + 600)]
TO_WEST = {"depart_from": TEN, "depart_until": TEN, "max_walk_min": 1.0, "max_direct_walk_min": 1.0}


def to_west(timetable: Timetable, **changes: object) -> float:
    """Seconds from p-31 to west when leaving at ten."""
    return int(every_time(town.profile("transit", **TO_WEST, **changes), timetable)[0, 1, 0])


def test_half_a_minute_is_too_short_for_a_change_unless_the_connection_waits():
    assert to_west(made(FIRST, SECOND)) == UNREACHED
    assert to_west(made(FIRST, SECOND), change_slack_s=30) == 600
    waits = replace(made(FIRST, SECOND), changes=rule("11", "11", timed=True))
    assert to_west(waits, change_slack_s=3600) == 600


def test_a_change_takes_at_least_what_the_timetable_says():
    for least, expected in ((30.0, 600), (31.0, UNREACHED)):
        slow = replace(made(FIRST, SECOND), changes=rule("11", "11", least_s=least))
        assert to_west(slow, change_slack_s=0) == expected


def test_a_change_that_is_not_allowed_is_none():
    barred = replace(made(FIRST, SECOND), changes=rule("11", "11", allowed=False))
    assert to_west(barred, change_slack_s=0) == UNREACHED


def test_who_stays_seated_needs_no_change_and_rides_once():
    onward = made(FIRST, SECOND, continues=[1, -1])
    assert to_west(onward, change_slack_s=3600, max_rides=1) == 600
    assert to_west(made(FIRST, SECOND), change_slack_s=0, max_rides=1) == UNREACHED


def test_a_trip_that_would_go_on_before_it_arrives_does_not():
    early = [("11", TEN + 299, TEN + 299), ("02", TEN + 600, TEN + 600)]
    assert to_west(made(FIRST, early, continues=[1, -1])) == UNREACHED


@pytest.mark.parametrize(
    ("start", "end", "expected"), [("11", "12", UNREACHED), ("12", "11", 3600)]
)
def test_on_the_way_home_too_a_change_is_barred_one_way_only(start, end, expected):
    over = [("12", TEN + 3000, TEN + 3000), ("02", TEN + 3600, TEN + 3600)]
    barred = replace(made(FIRST, over), changes=rule(start, end, allowed=False))
    profile = town.profile("transit", **{**TO_WEST, "max_walk_min": 20.0})
    home = transit_search(
        profile, zones=Zones(town.zones().table.loc[["p-02"]]), streets=STREETS, timetable=barred,
        homeward=True,
    )  # fmt: skip
    east = home.footways.to_sites(town.offices().table.loc[["east"]])
    assert home.window_seconds(east).ravel().tolist() == [expected]
    assert every_time(profile, barred)[0, 1].tolist() == [expected]


def test_two_trips_can_go_on_as_one_both_there_and_back():
    other = [("33", TEN, TEN), ("11", TEN + 300, TEN + 300)]
    joined = made(FIRST, other, SECOND, continues=[2, 2, -1])
    assert to_west(joined, change_slack_s=3600) == 600
    profile = town.profile("transit", **TO_WEST, change_slack_s=3600)
    home = transit_search(
        profile, zones=Zones(town.zones().table.loc[["p-02"]]), streets=STREETS, timetable=joined,
        homeward=True,
    )  # fmt: skip
    starts = town.offices().table.loc[["east", "north"]]
    assert home.window_seconds(home.footways.to_sites(starts)).ravel().tolist() == [600, 600]


@pytest.mark.parametrize(
    ("trip", "step_free", "expected"),
    [
        (1.0, "", [(True, True), (True, True)]),
        (1.0, "known", [(True, False), (False, True)]),
        (1.0, "unless-barred", [(True, False), (False, True)]),
        (np.nan, "known", []),
        (np.nan, "unless-barred", [(True, False), (False, True)]),
        (0.0, "unless-barred", []),
    ],
)
def test_who_is_not_to_climb_steps_rides_through_a_stop_that_has_them(trip, step_free, expected):
    through = [("31", TEN, TEN), ("11", TEN + 300, TEN + 300), ("02", TEN + 600, TEN + 600)]
    base = made(through, step_free=[trip])
    free = [0.0 if corner == "11" else 1.0 for corner in town.STOPS]
    rides = rides_of(replace(base, stops=base.stops.assign(step_free=free)), step_free=step_free)
    assert list(zip(rides.board, rides.alight, strict=True)) == expected


# --- what happens within one second ---


def test_a_chain_of_rides_without_duration_is_ridden_whatever_its_order():
    hops = [[("31", TEN, TEN), ("11", TEN, TEN)], [("11", TEN, TEN), ("12", TEN, TEN)],
            [("12", TEN, TEN), ("02", TEN, TEN)]]  # fmt: skip
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]):
        timetable = made(*(hops[number] for number in order))
        assert to_west(timetable, change_slack_s=0) == 0
        assert to_west(timetable, change_slack_s=0, max_rides=3) == 0
        assert to_west(timetable, change_slack_s=0, max_rides=2) == UNREACHED


def test_boarding_at_a_call_does_not_lead_back_to_alighting_there():
    # p-12 walks to the bus in p-02, but it leads away; walking on to the site is too far
    later = [("32", TEN + 3600, TEN + 3600), ("33", TEN + 7200, TEN + 7200)]
    away = made([("33", TEN, TEN), ("02", TEN, TEN), *later])
    window = {"depart_from": TEN - 800, "depart_until": TEN - 800, "change_slack_s": 0}
    profile = town.profile("transit", **window, max_walk_min=14.0, max_direct_walk_min=1.0)
    to_west_from_12 = every_time(profile, away)[2, 1]
    assert to_west_from_12.tolist() == [UNREACHED]


@pytest.mark.parametrize("numbers", [(0, 1), (1, 0)])
def test_who_stays_seated_goes_on_within_the_second(numbers):
    still = [("31", TEN, TEN), ("11", TEN, TEN)]
    onward = [("11", TEN, TEN), ("02", TEN + 600, TEN + 600)]
    trips, continues = [still, onward], [1, -1]
    if numbers == (1, 0):
        trips, continues = [onward, still], [-1, 0]
    for slack in (0, 60):
        assert to_west(made(*trips, continues=continues), change_slack_s=slack) == 600


# --- faults ---


def test_times_that_go_backwards_are_refused_by_trip():
    back = made([("31", TEN, TEN), ("11", TEN - 60, TEN)], [("31", TEN, TEN - 1), ("11", TEN, TEN)])
    with pytest.raises(InputError) as caught:
        prepared(town.profile("transit"), back)
    assert [fault.key for fault in caught.value.faults] == ["trip 0", "trip 1"]


def test_trips_that_continue_each_other_in_a_ring_are_refused():
    still = [("31", TEN, TEN), ("11", TEN, TEN)]
    with pytest.raises(InputError, match="ring"):
        prepared(town.profile("transit"), made(still, still, continues=[1, 0]))


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("stop_times", "trip", 1, "not sorted by trip"),
        ("trips", "continues", 2, "trip 0: goes on as trip 2, but there are 2"),
        ("stop_times", "departure", 10**9, "half a year"),
        ("stop_times", "trip", -1, "trip -1: a call names it, but there are 2, counted from 0"),
        ("stop_times", "stop", -1, "stop -1: a call names it, but there are 6, counted from 0"),
        ("stop_times", "stop", 99, "stop 99: a call names it, but there are 6, counted from 0"),
        ("stop_times", "stop", np.nan, "stop nan: a call names it"),
        ("stop_times", "arrival", np.nan, "trip 0: a call has no time"),
        ("stop_times", "departure", np.nan, "trip 0: a call has no time"),
        ("stop_times", "departure", np.inf, "trip 0: a call has no time"),
    ],
)
def test_a_timetable_that_cannot_be_searched_is_refused(table, column, value, words):
    timetable = made(FIRST, SECOND)
    frame = getattr(timetable, table)
    frame = frame.assign(**{column: [value, *frame[column].iloc[1:]]})
    with pytest.raises(InputError, match=words):
        prepared(town.profile("transit"), replace(timetable, **{table: frame}))


def test_rules_for_changing_must_be_clear():
    once = rule("11", "11", timed=True)
    for rules, words in (
        (pd.concat([once, once]), "1 → 1: has two rules"),
        (once.assign(to_stop=7), "1 → 7: names no stop"),
    ):
        with pytest.raises(InputError, match=words):
            prepared(town.profile("transit"), replace(made(FIRST), changes=rules))


def test_a_change_that_takes_years_is_never_made():
    slow = replace(made(FIRST, SECOND), changes=rule("11", "11", least_s=1e15))
    assert to_west(slow, change_slack_s=0) == UNREACHED


def test_a_window_far_from_the_day_is_refused():
    with pytest.raises(InputError, match="half a year"):
        prepared(town.profile("transit", arrive_until=10**9), town.timetable())


def test_a_day_without_any_trip_is_walked():
    base = town.timetable()
    nothing = replace(base, stop_times=base.stop_times.iloc[:0], trips=base.trips.iloc[:0])
    for window in ({}, {"depart_from": TEN, "depart_until": TEN + 600}):
        columns = prepared(town.profile("transit", **window), nothing).to_sites(SITES)
        assert columns.minutes[0, 3] == pytest.approx(800 / 60, abs=1e-9)
        assert set(columns.codes[-1]) == {REASONS.index("zone_not_linked")}


def test_no_sites_give_no_columns():
    search = prepared(town.profile("transit"), town.timetable())
    assert search.to_sites(SITES.iloc[:0]).minutes.shape == (len(ZONES), 0)
    some = search.window_seconds(search.footways.to_sites(SITES), zones=slice(2, 2))
    assert some.shape == (0, len(SITES), 61)
