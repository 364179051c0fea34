"""Romerike: the real timetable of Upper Romerike, real cells and real offices."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import cases
from navplan.nouns import TravelTimes
from navplan.travel import travel_times

pytestmark = pytest.mark.real

UPPER = ("Eidsvoll", "Gjerdrum", "Nannestad", "Nes (Akershus)", "Ullensaker")


@pytest.fixture(scope="module")
def times(romerike: cases.Case) -> dict[str, TravelTimes]:
    known = cases.profiles(cases.TUESDAY_2017)
    return {
        name: travel_times(
            known[name], zones=romerike.zones, sites=romerike.sites, streets=romerike.streets,
            timetable=romerike.timetable if name == "transit" else None,
        )
        for name in ("walk", "car", "transit")
    }  # fmt: skip


def test_the_day_has_the_trips_of_its_source(romerike: cases.Case, shared: Path) -> None:
    with zipfile.ZipFile(shared / "romerike" / "gtfs.zip") as feed:
        dates = pd.read_csv(feed.open("calendar_dates.txt"), dtype=str)
        trips = pd.read_csv(feed.open("trips.txt"), dtype=str)
    running = dates["service_id"][dates["date"] == "20170905"]
    known = set(trips["trip_id"][trips["service_id"].isin(running)])
    assert len(known) == 890
    assert romerike.timetable is not None
    assert set(romerike.timetable.trips["trip_id"]) >= known
    # Monday's trips past midnight come on top; their last call is after midnight, before dawn.
    calls = romerike.timetable.stop_times.groupby("trip")
    first, last = calls["departure"].first(), calls["arrival"].last()
    night = (first < 0) | (last < 2 * 3600)
    assert len(romerike.timetable.trips) - len(known) == night.sum() == 19


def test_almost_everybody_is_linked(romerike: cases.Case, times: dict[str, TravelTimes]) -> None:
    people = romerike.people.people
    share = people[times["car"].minutes.isna().any(axis=1)].sum() / people.sum()
    assert share < 0.005


def test_transit_is_never_slower_than_walking(times: dict[str, TravelTimes]) -> None:
    walk, transit = times["walk"].minutes, times["transit"].minutes
    assert transit[walk.notna()].notna().where(walk.notna(), other=True).all(axis=None)
    both = walk.notna()
    assert (transit <= walk + 5 / 60).where(both, other=True).all(axis=None)


def test_the_bus_helps_where_the_feed_has_lines(
    romerike: cases.Case, times: dict[str, TravelTimes]
) -> None:
    reached = {
        mode: cases.mean_by_area(
            cases.own_minutes(times[mode], romerike.zones, romerike.sites),
            romerike.people, romerike.zones,
        )
        for mode in ("walk", "car", "transit")
    }  # fmt: skip
    for area in UPPER:
        walk, transit = (reached[mode].loc[area, "minutes"] for mode in ("walk", "transit"))
        assert transit < 0.9 * walk, area
        assert reached["car"].loc[area, "minutes"] < transit, area
    # The feed is of Upper Romerike: no line of it runs to the offices of the lower kommuner.
    for area in ("Skedsmo", "Rælingen"):
        walk, transit = (reached[mode].loc[area, "minutes"] for mode in ("walk", "transit"))
        assert transit == pytest.approx(walk, abs=0.2), area


def test_a_direct_bus_is_found(romerike: cases.Case, times: dict[str, TravelTimes]) -> None:
    """From Nannestad's centre to Jessheim: some 20 km by bus, far beyond walking."""
    at = romerike.sites.geometry.loc["0238"]
    near = romerike.zones.table.geometry.distance(at).idxmin()
    minutes = times["transit"].minutes.loc[near, "0235"]
    drive = times["car"].minutes.loc[near, "0235"]
    assert drive < minutes < 90
    assert times["walk"].minutes.isna().loc[near, "0235"] or (
        times["walk"].minutes.loc[near, "0235"] > 2 * minutes
    )


def test_offices_that_serve_merged_kommuner_in_2024(
    cases_shared: dict[str, tuple[str, ...]],
) -> None:
    assert cases_shared == {"0231": ("Skedsmo", "Sørum"), "0238": ("Gjerdrum", "Nannestad")}
