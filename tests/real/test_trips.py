"""Single trips on real days: what a planner checks by hand is what the tables say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks import cases
from navplan.nouns import Offices, Zones
from navplan.travel import VisitReason, isochrones, itinerary, travel_times, visits
from navplan.travel.transit import transit_search
from navplan.units import Reason

pytestmark = pytest.mark.real
HOUR = 3600


@pytest.mark.parametrize("by_departure", [False, True])
def test_itineraries_agree_with_every_minute_of_the_window(
    romerike: cases.Case, by_departure: bool
) -> None:
    assert romerike.timetable is not None
    zones = Zones(romerike.zones.table.iloc[::150])
    profile = cases.profiles(cases.TUESDAY_2017)["transit"]
    ends = {"from": 10 * HOUR, "until": 11 * HOUR}
    kind = "depart" if by_departure else "arrive"
    profile = replace(profile, **{f"{kind}_{end}": time for end, time in ends.items()})
    given = {"streets": romerike.streets, "timetable": romerike.timetable}
    search = transit_search(profile, zones=zones, **given)
    seconds = search.window_seconds(search.footways.to_sites(romerike.sites))
    times = search.reading.window.times
    rng = np.random.default_rng(11)
    rides = 0
    for zone, site, time in zip(
        *(rng.integers(0, size, 40) for size in seconds.shape), strict=True
    ):
        found = itinerary(
            profile,
            zone=zones.table.iloc[[zone]],
            site=romerike.sites.iloc[[site]],
            at=int(times[time]),
            **given,
        )
        expected = int(seconds[zone, site, time])
        if found.reason == Reason.OK:
            assert round(found.minutes * 60) == expected
            rides += found.rides
        else:
            assert expected > profile.limit_min * 60 or found.reason == Reason.ZONE_NOT_LINKED
    assert rides > 5


def test_drives_agree_with_the_matrix(bergen: cases.Case) -> None:
    zones = Zones(bergen.zones.table.iloc[::200])
    times = travel_times(cases.car(), zones=zones, sites=bergen.sites, streets=bergen.streets)
    for zone in zones.table.index:
        found = itinerary(
            cases.car(),
            zone=zones.table.loc[[zone]],
            site=bergen.sites.iloc[[3]],
            streets=bergen.streets,
            at=10 * HOUR,
        )
        expected = times.minutes.loc[zone].iloc[3]
        assert found.minutes == pytest.approx(expected, abs=1 / 60, nan_ok=True)


def test_a_visit_is_two_itineraries(romerike: cases.Case) -> None:
    table = romerike.sites.assign(kind="office", address="", step_free="", quality="official")
    hours = pd.DataFrame(
        {"office": table.index, "weekday": "tue", "opens": 10 * HOUR, "closes": 14 * HOUR}
    )
    zones = Zones(romerike.zones.table.iloc[::100])
    profile = cases.profiles(cases.TUESDAY_2017)["transit"]
    given = {"streets": romerike.streets, "timetable": romerike.timetable}
    found = visits(profile, zones=zones, sites=Offices(table, hours), stay_s=1800, **given)
    possible = found.table[found.table["reason"] == VisitReason.OK]
    assert 0.2 < len(possible) / len(found.table) < 0.9
    assert (possible["waiting_min"] >= 0).all()
    assert (possible["begins"].between(10 * HOUR, 13.5 * HOUR)).all()
    # of an itinerary the limit counts the wait at the office, too
    arriving = replace(profile, limit_min=24 * 60.0, max_direct_walk_min=profile.limit_min)
    leaving = replace(arriving, depart_from=0, depart_until=0)
    for (zone, site), row in possible.sample(12, random_state=1).iterrows():
        home, office = zones.table.loc[[zone]], table.loc[[site]]
        out = itinerary(arriving, zone=home, site=office, at=int(row["begins"]), **given)
        back = itinerary(leaving, zone=office, site=home, at=int(row["ends"]), **given)
        assert out.leaves == row["leaves_home"]
        assert back.arrives == row["home_again"]


def test_isochrones_of_bergen_count_what_the_matrix_counts(bergen: cases.Case) -> None:
    given = {"sites": bergen.sites, "streets": bergen.streets, "zones": bergen.zones}
    table = isochrones(cases.car(), **given, population=bergen.people)
    least = travel_times(cases.car(), **given).minutes.min(axis=1)
    for row in table.itertuples():
        if not np.isnan(row.people):
            assert row.people == bergen.people.people[least <= row.limit_min].sum()
    assert table.geometry.is_valid.all()
    assert (np.diff(table.area) >= 0).all()
