"""Helsinki's inner city: real streets, real cells, a real day of trams, metro and buses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks import cases
from navplan.network import edge_seconds
from navplan.nouns import TravelTimes, Zones
from navplan.travel import travel_times
from navplan.units import Reason
from tests.real.reference import ROUNDING_MIN, minutes_between_nodes

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def times(helsinki: cases.Case) -> dict[str, TravelTimes]:
    return {
        name: travel_times(
            profile, zones=helsinki.zones, sites=helsinki.sites, streets=helsinki.streets,
            timetable=helsinki.timetable if name == "transit" else None,
        )
        for name, profile in cases.profiles(cases.TUESDAY_2022).items()
    }  # fmt: skip


def test_what_was_read(helsinki: cases.Case) -> None:
    assert helsinki.timetable is not None
    assert len(helsinki.timetable.trips) > 10_000  # frequencies expanded
    assert {0, 1} <= set(helsinki.timetable.trips["route_type"])
    km = helsinki.streets.edges["length_m"].sum() / 1000
    assert 150 < km < 250
    # Esplanadi's lanes, the station's footways and the cycle lane Baana are all there.
    assert {"primary", "local", "path", "cycleway"} <= set(helsinki.streets.edges["road_class"])


def test_everybody_has_a_time_on_foot_and_by_transit(times: dict[str, TravelTimes]) -> None:
    assert times["walk"].minutes.notna().all(axis=None)
    assert times["transit"].minutes.notna().all(axis=None)


def test_the_cut_extract_leaves_one_way_streets_without_an_end(
    times: dict[str, TravelTimes], helsinki: cases.Case
) -> None:
    people = helsinki.people.people
    for mode, most in (("bicycle", 0.15), ("car", 0.35)):
        missing = times[mode].minutes.isna().any(axis=1)
        assert people[missing].sum() / people.sum() <= most
        reasons = times[mode].reason.to_numpy()[times[mode].minutes.isna().to_numpy()]
        assert set(reasons) <= {Reason.NOT_CONNECTED}


def test_cycling_is_faster_than_walking_and_transit_never_slower(
    times: dict[str, TravelTimes],
) -> None:
    walk, bicycle = times["walk"].minutes, times["bicycle"].minutes
    both = bicycle.notna() & (walk > 5)
    # signals hold up bicycles and not walkers: here and there that eats up the gain
    assert (bicycle[both] < 1.1 * walk[both]).where(both, other=True).all(axis=None)
    assert (bicycle < walk)[both].sum(axis=None) > 0.95 * both.sum(axis=None)
    # Transit counts in whole seconds, and deadlines lie a minute apart.
    assert (times["transit"].minutes <= walk + 5 / 60).all(axis=None)
    saved = walk - times["transit"].minutes
    assert (saved > 1).sum(axis=None) > 5  # and somebody takes a tram


def test_walking_lies_between_the_straight_line_and_twice_it(
    times: dict[str, TravelTimes], helsinki: cases.Case
) -> None:
    speed = times["walk"].profile.walk_m_per_s * 60
    starts = helsinki.zones.table.geometry
    ratios = []
    for site, point in helsinki.sites.geometry.items():
        straight = starts.distance(point)
        metres = times["walk"].minutes[site] * speed
        assert (metres >= straight - 1e-6).all()
        ratios.append(metres[straight > 500] / straight[straight > 500])
    detour = pd.concat(ratios)
    assert 1.1 < detour.median() < 1.5
    assert detour.max() < 2.2


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_same_as_networkx_between_junctions(helsinki: cases.Case, mode: str) -> None:
    # networkx knows no turn bans
    streets = replace(helsinki.streets, bans=())
    profile = cases.profiles(cases.TUESDAY_2022)[mode]
    seconds = edge_seconds(streets, profile)
    usable = streets.edges[~np.isnan(seconds)]
    ends = np.unique(usable[["tail", "head"]].to_numpy())[::40]
    nodes = streets.nodes.iloc[ends]
    zones = Zones(nodes.assign(name=nodes.index, area="x", kommune="091"))
    heads = streets.nodes.iloc[ends[[3, len(ends) // 2]]]
    found = travel_times(profile, zones=zones, sites=heads, streets=streets)
    for head in heads.index:
        known = minutes_between_nodes(streets, seconds, str(head))
        expected = [known.get(str(node), np.nan) for node in nodes.index]
        np.testing.assert_allclose(found.minutes[head], expected, rtol=0, atol=ROUNDING_MIN)
    assert found.minutes.notna().to_numpy().mean() > 0.5
