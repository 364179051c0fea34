"""Helsinki's and Romerike's real days: every time equals that of a forward range-RAPTOR."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import cases
from navplan.nouns import Profile, Zones
from navplan.travel.lanes import UNREACHED
from navplan.travel.transit import transit_search
from tests import reference_raptor

pytestmark = pytest.mark.real
NINE = 9 * 3600
WINDOWS = {
    "departures": {"depart_from": NINE, "depart_until": NINE + 59 * 60},
    "arrivals": {"arrive_from": NINE, "arrive_until": NINE + 600, "limit_min": 60.0},
    "two rides": {"depart_from": NINE, "depart_until": NINE + 900, "max_rides": 2},
    "no slack": {"depart_from": NINE, "depart_until": NINE + 900, "change_slack_s": 0},
}


def check(case: cases.Case, profile: Profile, every: int) -> None:
    """Compare all sites and all wished times of every so many zones."""
    assert case.timetable is not None
    zones = Zones(case.zones.table.iloc[::every])
    search = transit_search(profile, zones=zones, streets=case.streets, timetable=case.timetable)
    found = search.window_seconds(search.footways.to_sites(case.sites))
    walks = reference_raptor.walks(profile, case.streets, zones.table, case.sites, case.timetable)
    expected = reference_raptor.window_seconds(profile, case.timetable, walks)
    np.testing.assert_array_equal(found, np.minimum(expected, UNREACHED))
    # the comparison is worth something: many go by bus, and some nowhere
    assert (found < walks.direct[:, :, None]).mean() > 0.1


@pytest.mark.parametrize("window", WINDOWS)
def test_romerike(romerike: cases.Case, window: str) -> None:
    profile = replace(cases.profiles(cases.TUESDAY_2017)["transit"], **WINDOWS[window])
    check(romerike, profile, every=100)


@pytest.mark.parametrize("window", WINDOWS)
def test_helsinki(helsinki: cases.Case, window: str) -> None:
    profile = replace(cases.profiles(cases.TUESDAY_2022)["transit"], **WINDOWS[window])
    check(helsinki, profile, every=3)
