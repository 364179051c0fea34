"""Visits: two boats a day by hand, and every visit of random days against trying them all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.nouns import Offices, Profile, Timetable, Zones
from navplan.travel import VisitReason, Visits, itinerary, visits
from navplan.units import Mode, seconds_of_day
from tests import ferry_town, random_days, reference_transit, town

HOUR = 3600
HALF = 1800
STREETS = town.streets()


def find(profile: Profile, timetable: Timetable | None = None, **changes: object) -> Visits:
    given = {"zones": town.zones(), "sites": town.offices(), "stay_s": HALF, **changes}
    return visits(
        profile,
        streets=STREETS,
        timetable=town.timetable() if timetable is None else timetable,
        **given,
    )


# --- two boats a day ---


def boats(*trips: tuple[str, str, str, str]) -> Timetable:
    """Trips of two calls: from, departs, to, arrives."""
    base = town.timetable()
    rows = []
    for trip, (start, departs, end, arrives) in enumerate(trips):
        for stop, time in ((start, departs), (end, arrives)):
            clock = seconds_of_day(time)
            rows.append((trip, town.STOPS.index(stop), clock, clock, True, True))
    columns = ["trip", "stop", "arrival", "departure", "board", "alight"]
    calls = pd.DataFrame(rows, columns=columns)
    return replace(base, stop_times=calls, trips=base.trips.iloc[: len(trips)])


OUT = ("33", "07:40", "02", "08:30")
LATE_OUT = ("33", "13:45", "02", "14:35")
HOME = ("02", "15:10", "33", "16:00")


def by_boat(timetable: Timetable, *, profile: dict[str, object] | None = None, **changes: object):
    """The row of a trip from the island p-33 to the office west, open from 10 to 14."""
    rules = {"max_walk_min": 1.0, "max_direct_walk_min": 1.0, **(profile or {})}
    found = find(town.profile("transit", **rules), timetable, **changes)
    return found.table.loc[("p-33", "west")]


def test_two_boats_a_day_make_half_an_hour_a_whole_day():
    row = by_boat(boats(OUT, LATE_OUT, HOME))
    assert row["reason"] == VisitReason.OK
    assert row["leaves_home"] == seconds_of_day("07:40")
    assert row["arrives"] == seconds_of_day("08:30")
    assert (row["begins"], row["ends"]) == (10 * HOUR, 10 * HOUR + HALF)
    assert row["leaves_site"] == row["last_departure"] == seconds_of_day("15:10")
    assert row["home_again"] == seconds_of_day("16:00")
    assert row["minutes_away"] == 500
    assert (row["minutes_there"], row["minutes_back"], row["waiting_min"]) == (50, 50, 370)


@pytest.mark.parametrize(
    ("stay", "reason"),
    [("03:00", VisitReason.OK), ("03:01", VisitReason.NO_WAY_HOME)],
)
def test_a_boat_home_at_one_leaves_three_hours(stay, reason):
    timetable = boats(OUT, ("02", "13:00", "33", "13:50"))
    row = by_boat(timetable, stay_s=seconds_of_day(stay))
    assert row["reason"] == reason
    assert np.isnan(row["minutes_away"]) == (reason != VisitReason.OK)
    assert row["last_departure"] == seconds_of_day("13:00") - seconds_of_day(stay) % 60


def test_why_there_is_no_visit():
    everything = boats(OUT, HOME)
    cases = {
        VisitReason.NO_WAY_THERE: by_boat(boats(LATE_OUT, HOME)),
        VisitReason.NO_WAY_HOME: by_boat(boats(OUT)),
        VisitReason.HOURS_TOO_SHORT: by_boat(everything, stay_s=4 * HOUR + 60),
        VisitReason.BEYOND_LIMIT: by_boat(everything, profile={"limit_min": 49.0}),
        VisitReason.CLOSED: by_boat(
            replace(everything, date=dt.date(2024, 10, 13)),
            profile={"date": dt.date(2024, 10, 13)},
        ),
    }
    assert {reason: row["reason"] for reason, row in cases.items()} == {k: k for k in cases}
    for row in cases.values():
        assert row.drop(["reason", "last_departure"]).isna().all()
    assert np.isnan(cases[VisitReason.NO_WAY_HOME]["last_departure"])
    assert cases[VisitReason.CLOSED]["last_departure"] == seconds_of_day("15:10")
    assert by_boat(everything, earliest_leave=8 * HOUR)["reason"] == VisitReason.NO_WAY_THERE
    assert by_boat(everything, latest_home=15 * HOUR)["reason"] == VisitReason.NO_WAY_HOME


def test_unlinked_ends_and_unknown_hours_are_told():
    table = find(town.profile("transit")).table
    assert (table.loc["p-island", "reason"] == VisitReason.ZONE_NOT_LINKED).all()
    assert (table.loc[("p-11", "mall"), "reason"]) == VisitReason.HOURS_UNKNOWN
    far = town.offices()
    moved = far.table.geometry.translate(yoff=9000.0).where(
        far.table.index == "east", far.table.geometry
    )
    sites = replace(far, table=far.table.set_geometry(moved).rename(index={"east": "far"}),
                    hours=far.hours.replace({"office": {"east": "far"}}))  # fmt: skip
    for mode in ("transit", "car"):
        found = find(town.profile(mode), sites=sites)
        assert found.table.loc[("p-11", "far"), "reason"] == VisitReason.SITE_NOT_LINKED
        assert found.feasible.loc["p-11"].to_dict()["south"]


def test_home_after_midnight_is_the_same_service_day():
    night = boats(OUT, ("02", "23:30", "33", "24:20"))
    assert by_boat(night)["reason"] == VisitReason.NO_WAY_HOME
    row = by_boat(night, latest_home=25 * HOUR)
    assert row["home_again"] == seconds_of_day("24:20")
    assert row["last_departure"] == seconds_of_day("23:30")


def test_a_lunch_break_parts_the_visit_from_the_afternoon():
    offices = town.offices()
    noon = pd.DataFrame(
        {"office": "west", "weekday": "tue", "opens": [10 * HOUR, 12 * HOUR],
         "closes": [11 * HOUR, 13 * HOUR]}
    )  # fmt: skip
    sites = replace(offices, hours=noon)
    timetable = boats(OUT, ("33", "10:10", "02", "11:00"), HOME)
    row = by_boat(timetable, sites=sites)
    assert (row["leaves_home"], row["begins"]) == (seconds_of_day("10:10"), 12 * HOUR)
    assert by_boat(timetable, sites=sites, stay_s=HOUR + 60)["reason"] == (
        VisitReason.HOURS_TOO_SHORT
    )


# --- over the streets ---


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_over_the_streets_it_is_twice_the_way_and_the_stay(mode: Mode):
    found = find(town.profile(mode))
    row = found.table.loc[("p-30", "north")]
    minutes = {"walk": 7 * 800 / 60, "bicycle": 28.0, "car": 14.0}[mode]
    assert row["minutes_away"] == pytest.approx(2 * minutes + 30)
    assert (row["begins"], row["waiting_min"]) == (10 * HOUR, 0)
    assert row["last_departure"] == pytest.approx(24 * HOUR - minutes * 60, abs=60)


def test_one_way_streets_make_the_way_home_another():
    edges = STREETS.edges.copy()
    names = STREETS.nodes.index.to_numpy()
    shut = (names[edges["tail"]] == "p-11") & (names[edges["head"]] == "p-01")
    edges.loc[shut, "car"] = False
    found = visits(
        town.profile("car"), zones=town.zones(), sites=town.offices(),
        streets=replace(STREETS, edges=edges), stay_s=HALF,
    )  # fmt: skip
    row = found.table.loc[("p-01", "south")]
    assert (row["minutes_there"], row["minutes_back"]) == (2.0, 6.0)


@pytest.mark.parametrize(
    ("sails_from", "sails_until", "reason"),
    [(0, 24, VisitReason.OK), (5, 9, VisitReason.OK), (1, 2, VisitReason.NO_WAY_THERE)],
)
def test_over_the_streets_a_ferry_sails_all_day_whatever_the_window(
    sails_from, sails_until, reason
):
    streets = ferry_town.streets(sails_from=sails_from * HOUR, sails_until=sails_until * HOUR)
    found = [
        visits(
            town.profile("car", **window), zones=town.zones(), sites=town.offices(),
            streets=streets, stay_s=HALF, earliest_leave=5 * HOUR, latest_home=23 * HOUR,
        ).table
        for window in (
            {"arrive_from": 10 * HOUR, "arrive_until": 14 * HOUR},
            {"arrive_from": 6 * HOUR, "arrive_until": 8 * HOUR},
            {"depart_from": 28 * HOUR, "depart_until": 28 * HOUR},
        )
    ]  # fmt: skip
    assert [table.loc[("p-30", "north"), "reason"] for table in found] == [reason] * 3
    for table in found[1:]:
        pd.testing.assert_frame_equal(table, found[0])


# --- against trying every visit ---

EIGHT, THIRTEEN, STEP = 8 * HOUR, 13 * HOUR, 600
FEW = ["p-31", "p-12", "p-33", "p-20"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    timetable=random_days.days(first=EIGHT, last=12 * HOUR, plain=True),
    stay_s=st.sampled_from([600, 1700, 6900]),
    walk_min=st.sampled_from([1.0, 14.0]),
    slack=st.sampled_from([0, 60, 150]),
)
def test_random_days_agree_with_trying_every_visit(timetable, stay_s, walk_min, slack):
    rules = {"max_walk_min": walk_min, "change_slack_s": slack, "step_s": STEP}
    profile = town.profile("transit", **rules)
    offices = _open(town.offices(), 10 * HOUR, 12 * HOUR + 77)
    zones = Zones(town.zones().table.loc[FEW])
    found = find(
        profile, timetable, zones=zones, sites=offices, stay_s=stay_s,
        earliest_leave=EIGHT, latest_home=THIRTEEN,
    ).table  # fmt: skip
    for zone in FEW:
        day = _Day(timetable, profile, zone, "west")
        row = found.loc[(zone, "west")]
        best = day.best(range(10 * HOUR, 12 * HOUR + 77 - stay_s + 1, STEP), stay_s)
        assert best == (None if row["reason"] != VisitReason.OK else _plain(row))
        if best is not None:
            at_site = day.arrives(int(row["leaves_home"]))
            assert 0 <= row["arrives"] - at_site < STEP
            assert day.home(int(row["leaves_site"])) == row["home_again"]
        ends = range(EIGHT + stay_s, THIRTEEN + 1, STEP)
        last = max((end for end in ends if day.home(end) <= THIRTEEN), default=np.nan)
        assert row["last_departure"] == pytest.approx(last, nan_ok=True)


def _plain(row: pd.Series) -> tuple[float, float, float, float]:
    return round(row["minutes_away"] * 60), row["begins"], row["leaves_home"], row["home_again"]


def _open(offices: Offices, opens: int, closes: int) -> Offices:
    return replace(offices, hours=offices.hours.assign(opens=opens, closes=closes))


class _Day:
    """One pair, by the plain forward search from one departure."""

    def __init__(self, timetable: Timetable, profile: Profile, zone: str, site: str) -> None:
        wide = replace(profile, arrive_from=EIGHT, arrive_until=20 * HOUR)
        self.trips, self.profile = reference_transit.trips_of(timetable, wide), wide
        self.zone, self.site = zone, site
        corners = reference_transit.corner_of(zone), reference_transit.corner_of(site)
        self.direct = reference_transit.walk(*corners, np.inf)
        most = profile.max_walk_min * 60
        self.leaving = {
            call.departure
            - reference_transit.walk(corners[0], reference_transit.corner_of(call.stop), most)
            for calls in self.trips
            for call in calls
        }
        self.homecomings: dict[int, float] = {}

    def _search(self, start: str, leave: float, end: str) -> float:
        corner = reference_transit.corner_of(start)
        return reference_transit.arrivals(corner, leave, [end], self.trips, self.profile)[end]

    def arrives(self, leave: float) -> float:
        return self._search(self.zone, leave, self.site)

    def home(self, leave: int) -> float:
        if leave not in self.homecomings:
            self.homecomings[leave] = self._search(self.site, leave, self.zone)
        return self.homecomings[leave]

    def best(self, begins: range, stay_s: int) -> tuple[float, ...] | None:
        reached = {leave: self.arrives(leave) for leave in self.leaving if leave >= EIGHT}
        found = []
        for begin in begins:
            in_time = [leave for leave, at in reached.items() if at <= begin]
            in_time += [begin - self.direct] if begin - self.direct >= EIGHT else []
            home = self.home(begin + stay_s)
            if in_time and home <= THIRTEEN:
                found.append((home - max(in_time), begin, max(in_time), home))
        return min(found, default=None)


def test_a_visit_is_two_itineraries():
    profile = town.profile("transit")
    row = find(profile).table.loc[("p-20", "north")]
    table, sites = town.zones().table, town.offices().table
    given = {"streets": STREETS, "timetable": town.timetable()}
    out = itinerary(
        profile, zone=table.loc[["p-20"]], site=sites.loc[["north"]], at=int(row["begins"]), **given
    )
    leaving = replace(profile, depart_from=0, depart_until=0)
    home = itinerary(
        leaving, zone=sites.loc[["north"]], site=table.loc[["p-20"]], at=int(row["ends"]), **given
    )
    assert out.leaves == row["leaves_home"]
    assert home.arrives == row["home_again"]


# --- what cannot be asked ---


def test_faults_come_all_at_once():
    with pytest.raises(InputError) as raised:
        find(
            town.profile("transit", date=dt.date(2024, 10, 16)),
            stay_s=-1, earliest_leave=HOUR, latest_home=HOUR,
        )  # fmt: skip
    text = str(raised.value)
    assert "it is of 2024-10-15" in text
    assert "stay_s" in text
    assert "home by 01:00" in text
