"""Itineraries: by hand in the town, and in agreement with the matrix to the second."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from navplan.errors import InputError
from navplan.network import streets_from_links
from navplan.nouns import Profile, Streets, Timetable, Zones
from navplan.travel import Itinerary, itinerary, travel_times
from navplan.travel.lanes import UNREACHED
from navplan.travel.transit import transit_search
from navplan.units import Mode, Reason
from tests import ferry_town, random_days, town

TEN = 10 * 3600
ZONES = town.zones()
SITES = town.offices().table
STREETS = town.streets()
TIMETABLE = town.timetable()


def trip(
    profile: Profile,
    zone: str,
    site: str,
    at: int = TEN,
    *,
    streets: Streets | None = None,
    timetable: Timetable | None = None,
) -> Itinerary:
    return itinerary(
        profile,
        zone=ZONES.table.loc[[zone]],
        site=SITES.loc[[site]],
        streets=STREETS if streets is None else streets,
        timetable=TIMETABLE if timetable is None else timetable,
        at=at,
    )


def told(legs: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(zip(legs["kind"], legs["from"], legs["to"], strict=True))


# --- by hand (see tests/town.py) ---


def test_bus_and_tram_with_the_wait_at_the_office():
    found = trip(town.profile("transit"), "p-31", "north")
    assert found.minutes == 20.0
    assert found.waiting_min == 8.0
    assert found.rides == 2
    assert told(found.legs) == [
        ("ride", "stop-31", "stop-12"),
        ("change", "stop-12", "stop-12"),
        ("ride", "stop-12", "stop-33"),
        ("wait", "north", "north"),
    ]
    assert found.legs["line"].tolist() == ["1", "", "T", ""]
    assert found.legs["departs"].tolist() == [34800, 35160, 35220, 35520]


def test_the_walk_to_the_stop_is_measured():
    found = trip(town.profile("transit"), "p-30", "west")
    walk = found.legs.iloc[0]
    assert (walk["kind"], walk["minutes"]) == ("walk", pytest.approx(800 / 60))
    assert walk["metres"] == pytest.approx(1000)
    assert walk.geometry.length == pytest.approx(1000)


def test_leaving_at_a_wished_time_waits_at_the_stop():
    profile = town.profile("transit", depart_from=TEN, depart_until=TEN)
    found = trip(profile, "p-31", "west", TEN + 60)
    assert told(found.legs) == [("wait", "stop-31", "stop-31"), ("ride", "stop-31", "stop-02")]
    assert found.minutes == 9 + 8
    assert found.leaves == TEN + 60


def test_one_who_lives_at_the_office_goes_nowhere():
    for mode in ("walk", "transit"):
        found = trip(town.profile(mode), "p-11", "south")
        assert (found.minutes, found.reason) == (0.0, Reason.OK)
        assert found.leaves == found.arrives == TEN
        assert found.legs.empty


def test_it_can_be_read_aloud():
    text = str(trip(town.profile("transit"), "p-31", "north"))
    assert text.splitlines() == [
        "p-31 → north, transit, arrive by 10:00:00: 20.0 min, of which 8.0 min waiting",
        "09:40:00  09:46:00     6.0 min  ride    1       stop-31 → stop-12",
        "09:46:00  09:47:00     1.0 min  change     0 m  stop-12",
        "09:47:00  09:52:00     5.0 min  ride    T       stop-12 → stop-33",
        "09:52:00  10:00:00     8.0 min  wait            north",
    ]
    assert "no way (zone_not_linked)" in str(trip(town.profile("transit"), "p-island", "north"))


def test_a_drive_names_its_roads_and_a_ferry_its_wait():
    found = trip(town.profile("car"), "p-31", "north", streets=ferry_town.streets())
    assert told(found.legs) == [
        ("drive", "p-31", "p-11"),
        ("ferry", "p-11", "p-12"),
        ("drive", "p-12", "north"),
    ]
    assert found.legs["minutes"].tolist() == pytest.approx([4.0, 15.0, 6.0])
    assert found.legs["line"].tolist() == ["local", "", "local"]
    assert found.legs["metres"].tolist() == pytest.approx([2000, 1000, 3000])


def test_a_ban_is_driven_round():
    links = town.links()
    # one could turn round for nothing at the end of a connector of no length
    links = links[~links["from"].isin(["south", "stop-11"])]
    streets = streets_from_links(town.nodes(), links, crs=town.CRS)
    names = streets.nodes.index.to_numpy()
    ends = list(zip(names[streets.edges["tail"]], names[streets.edges["head"]], strict=True))
    ban = ends.index(("p-01", "p-11")), ends.index(("p-11", "p-12"))
    free = trip(town.profile("car"), "p-00", "west", streets=streets)
    banned = trip(town.profile("car"), "p-00", "west", streets=replace(streets, bans=(ban,)))
    assert free.minutes == banned.minutes == 8.0
    bans = (ban, (ends.index(("p-10", "p-11")), ban[1]))
    both = trip(town.profile("car"), "p-00", "west", streets=replace(streets, bans=bans))
    # by p-21, from where the bridge is reached from the east: two links more
    assert both.minutes == 12.0
    assert both.legs["metres"].sum() == 6000


# --- in agreement with the matrix ---

RULES = {
    "change_slack_s": st.sampled_from([0, 60, 150]),
    "max_walk_min": st.sampled_from([1.0, 14.0, 27.0]),
    "max_direct_walk_min": st.sampled_from([None, 20.0]),
    "max_rides": st.sampled_from([None, 1, 2]),
    "limit_min": st.sampled_from([240.0, 40.0]),
    "step_free": st.sampled_from(["", "", "known", "unless-barred"]),
}


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    timetable=random_days.days(first=TEN - 3600, last=TEN + 300),
    rules=st.fixed_dictionaries(RULES),
    by_departure=st.booleans(),
    data=st.data(),
)
def test_every_wished_time_agrees_with_the_search_to_the_second(
    timetable, rules, by_departure, data
):
    window = (TEN - 1200, TEN + 600)
    names = ("depart_from", "depart_until") if by_departure else ("arrive_from", "arrive_until")
    profile = town.profile("transit", step_s=77, **dict(zip(names, window, strict=True)), **rules)
    search = transit_search(profile, zones=ZONES, streets=STREETS, timetable=timetable)
    seconds = search.window_seconds(search.footways.to_sites(SITES))
    times = search.reading.window.times.tolist()
    for _ in range(3):
        zone = data.draw(st.integers(0, len(ZONES) - 1))
        site = data.draw(st.integers(0, len(SITES) - 1))
        time = data.draw(st.integers(0, len(times) - 1))
        found = trip(
            profile, ZONES.table.index[zone], SITES.index[site], times[time], timetable=timetable
        )
        expected = int(seconds[zone, site, time])
        if expected > rules["limit_min"] * 60:
            assert np.isnan(found.minutes)
            assert found.reason != Reason.OK
            assert (expected == UNREACHED) <= (found.reason != Reason.BEYOND_LIMIT)
        else:
            assert found.minutes * 60 == pytest.approx(expected, abs=1e-9)
            assert_it_can_be_travelled(found, timetable, profile, times[time])


def assert_it_can_be_travelled(
    found: Itinerary, timetable: Timetable, profile: Profile, at: int
) -> None:
    """The legs follow one another, from zone to site, and the rides are those of the day."""
    legs = found.legs
    takes_time = legs["arrives"] > legs["departs"]
    assert takes_time[~legs["kind"].isin(["ride", "seated", "change"])].all()
    assert legs["departs"].tolist()[1:] == legs["arrives"].tolist()[:-1]
    if len(legs):
        ends = {False: (None, at), True: (at, None)}[profile.by_departure]
        assert ends[0] in (None, found.leaves)
        assert ends[1] in (None, found.arrives)
    assert profile.max_rides is None or found.rides <= profile.max_rides
    names = timetable.stops["name"].to_numpy()
    calls = timetable.stop_times
    rides = legs[legs["kind"].isin(["ride", "seated"])]
    for leg, start in zip(rides.itertuples(), rides["from"], strict=True):
        number = timetable.trips.index[timetable.trips["line"] == leg.line][0]
        own = calls[calls["trip"] == number].reset_index(drop=True)
        at_stop = names[own["stop"]]
        boarded = (at_stop == start) & own["board"] & (own["departure"] == leg.departs)
        if leg.kind == "seated":  # on at the first call, wherever that is
            boarded = own.index == 0
        left = (at_stop == leg.to) & (own["arrival"] == leg.arrives)
        assert np.flatnonzero(boarded).min() < np.flatnonzero(left).max()
    if found.rides:
        walks = legs.loc[legs["kind"] == "walk", "minutes"]
        assert (walks <= profile.max_walk_min + 1e-9).all()


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
@pytest.mark.parametrize("turn_costs", [False, True])
def test_every_way_over_the_streets_agrees_with_the_matrix(mode: Mode, turn_costs: bool):
    profile = town.profile(mode, limit_min=70.0, turn_costs=turn_costs)
    minutes = travel_times(profile, zones=ZONES, sites=SITES, streets=town.streets()).minutes
    for zone in minutes.index[::4]:
        for site in minutes.columns[::2]:
            found = trip(profile, zone, site)
            assert found.minutes == pytest.approx(minutes.loc[zone, site], nan_ok=True)
            if found.reason == Reason.OK and found.minutes:
                assert found.arrives == pytest.approx(TEN)
                assert found.legs.union_all().length == pytest.approx(found.legs["metres"].sum())


@pytest.mark.parametrize("mode", ["walk", "car", "transit"])
@pytest.mark.parametrize("by_departure", [False, True])
def test_a_ferry_is_open_or_not_at_the_wished_time_as_in_the_matrix(mode: Mode, by_departure: bool):
    streets = ferry_town.streets(sails_from=6.0 * 3600, sails_until=10.5 * 3600)
    names = ("depart_from", "depart_until") if by_departure else ("arrive_from", "arrive_until")
    profile = town.profile(mode, **dict(zip(names, (TEN, TEN + 4 * 3600), strict=True)))
    some = {"zones": Zones(ZONES.table.loc[["p-11"]]), "sites": SITES.loc[["west"]]}
    base = town.timetable()
    walked = replace(base, stop_times=base.stop_times.iloc[:0], trips=base.trips.iloc[:0])
    reasons = []
    for at in (TEN, TEN + 3 * 3600):
        alone = replace(profile, **dict.fromkeys(names, at))
        times = travel_times(alone, **some, streets=streets, timetable=walked)
        found = trip(profile, "p-11", "west", at, streets=streets, timetable=walked)
        assert found.reason == times.reason.loc["p-11", "west"]
        expected = times.minutes.loc["p-11", "west"]
        assert found.minutes == pytest.approx(expected, abs=1 / 60, nan_ok=True)
        assert found.profile == profile
        reasons.append(found.reason == Reason.OK)
    assert reasons == [True, False]


def beside_streets(count: int, name: str, seed: int) -> gpd.GeoDataFrame:
    """Points up to 80 m beside the southern streets, a few of them on one and the same."""
    rng = np.random.default_rng(seed)
    along, beside = rng.uniform(0, 3 * town.BLOCK, count), rng.uniform(-80, 80, count)
    row = rng.integers(0, 2, count) * town.BLOCK
    eastward = rng.random(count) < 0.6
    x = town.X0 + np.where(eastward, along, row + beside)
    y = town.Y0 + np.where(eastward, row + beside, along % town.BLOCK)
    ids = [f"{name}-{number}" for number in range(count)]
    return gpd.GeoDataFrame(
        {"name": ids, "area": "", "kommune": ""},
        index=ids, geometry=gpd.points_from_xy(x, y), crs=town.CRS,
    )  # fmt: skip


def at_corners(name: str, *corners: str) -> gpd.GeoDataFrame:
    """Points at corners that do not bear the corners' names."""
    ids = [f"{name}-{corner}" for corner in corners]
    xy = np.array([town.at(corner) for corner in corners])
    return gpd.GeoDataFrame(
        {"name": ids, "area": "", "kommune": ""},
        index=ids, geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=town.CRS,
    )  # fmt: skip


def test_at_a_corner_one_sets_out_by_any_street_and_a_loop_is_not_driven_for_nothing():
    nodes = gpd.GeoDataFrame(
        geometry=[Point(town.X0, town.Y0), Point(town.X0, town.Y0 - 1000)],
        index=["a", "b"], crs=town.CRS,
    )  # fmt: skip
    ring = LineString([town.at(corner) for corner in ("00", "11", "20", "00")])
    edges = pd.DataFrame(
        {"tail": [0, 0, 1], "head": [0, 1, 0], "length_m": [4828.0, 1000.0, 1000.0]}
    ).assign(
        road_class="local", structure="open", walk=True, bicycle=True, car=True, climb_m=np.nan,
        opened=pd.NaT, crossing_min=np.nan, headway_min=np.nan, speed_km_h=np.nan,
        geometry=np.array(
            [ring, None, None], dtype=object
        ),
    )  # fmt: skip
    streets = Streets(nodes, edges)
    corner = at_corners("corner", "00")
    b = gpd.GeoDataFrame({"name": ["b"]}, geometry=[nodes.geometry["b"]], index=["b"], crs=town.CRS)
    for turn_costs in (False, True):
        profile = town.profile("car", turn_costs=turn_costs, snap_limit_m=1e6)
        for zone, site in ((corner, b), (b, corner)):
            found = itinerary(profile, zone=zone, site=site, streets=streets, at=TEN)
            assert found.minutes == pytest.approx(2.0)
            assert found.legs["metres"].sum() == pytest.approx(1000.0)


@pytest.mark.parametrize(("mode", "turn_costs"), [("walk", False), ("car", False), ("car", True)])
def test_points_beside_streets_with_bans_and_one_way_streets_agree(mode: Mode, turn_costs: bool):
    streets = town.streets()
    ends = streets.edges[["tail", "head"]].to_numpy().tolist()
    names = streets.nodes.index.to_numpy()
    rng = np.random.default_rng(5)
    pairs = [(a, b) for a, (_, at) in enumerate(ends) for b, (tail, _) in enumerate(ends)
             if at == tail and names[at].startswith("p-")]  # fmt: skip
    bans = tuple(pairs[i] for i in rng.choice(len(pairs), 30, replace=False))
    edges = streets.edges.copy()
    edges.loc[rng.choice(len(edges), 6), "car"] = False
    streets = replace(streets, edges=edges, bans=bans)
    profile = town.profile(mode, turn_costs=turn_costs)
    zones = pd.concat([beside_streets(25, "zone", 1), at_corners("zone-at", "00", "11", "21")])
    sites = pd.concat([beside_streets(4, "site", 2), at_corners("site-at", "10", "11", "30")])
    times = travel_times(profile, zones=Zones(zones), sites=sites, streets=streets)
    assert times.minutes.notna().to_numpy().mean() > 0.7
    for row, zone in enumerate(zones.index):
        for site in sites.index[row % 2 :: 2]:
            found = itinerary(
                profile, zone=zones.loc[[zone]], site=sites.loc[[site]], streets=streets, at=TEN
            )
            assert found.reason == times.reason.loc[zone, site]
            expected = times.minutes.loc[zone, site]
            # the matrix counts whole milliseconds an edge
            assert found.minutes == pytest.approx(expected, abs=1e-3, nan_ok=True)
            if len(found.legs):
                course = shapely.get_coordinates(found.legs.geometry.to_numpy())
                assert course[0] == pytest.approx([zones.geometry[zone].x, zones.geometry[zone].y])
                assert course[-1] == pytest.approx([sites.geometry[site].x, sites.geometry[site].y])


# --- what cannot be asked ---


def test_faults_come_all_at_once():
    profile = replace(town.profile("transit"), date=dt.date(2024, 10, 16))
    with pytest.raises(InputError) as raised:
        itinerary(
            profile,
            zone=ZONES.table,
            site=SITES.loc[["west"]].to_crs("EPSG:3067"),
            streets=town.streets(),
            timetable=town.timetable(),
            at=TEN,
        )
    text = str(raised.value)
    assert "17 rows are given" in text
    assert "EPSG:3067" in text
    assert "it is of 2024-10-15" in text


@pytest.mark.parametrize(
    "names", [("arrive_from", "arrive_until"), ("depart_from", "depart_until")]
)
def test_trips_that_continue_each_other_in_a_ring_are_refused(names: tuple[str, str]):
    base = town.timetable()
    calls = [
        (number, town.STOPS.index(corner), TEN, TEN, True, True)
        for number, corners in enumerate((("31", "11"), ("11", "12"), ("12", "11")))
        for corner in corners
    ]
    ring = replace(
        base,
        stop_times=pd.DataFrame(calls, columns=base.stop_times.columns),
        trips=base.trips.iloc[:3].assign(continues=[1, 2, 1]),
    )
    profile = town.profile("transit", **dict.fromkeys(names, TEN))
    with pytest.raises(InputError, match="trips 0, 1, 2: the trips continue each other in a ring"):
        trip(profile, "p-31", "west", timetable=ring)


def test_a_call_that_names_no_stop_is_a_fault():
    base = town.timetable()
    nowhere = base.stop_times["stop"].replace(0, 99)
    with pytest.raises(InputError, match="stop 99: a call names it"):
        trip(
            town.profile("transit"), "p-31", "west",
            timetable=replace(base, stop_times=base.stop_times.assign(stop=nowhere)),
        )  # fmt: skip
    boat = base.stop_times["trip"].replace(int(base.stop_times["trip"].max()), len(base.trips))
    with pytest.raises(InputError, match=f"trip {len(base.trips)}: a call names it"):
        trip(
            town.profile("transit"), "p-31", "west",
            timetable=replace(base, stop_times=base.stop_times.assign(trip=boat)),
        )  # fmt: skip
