"""Bergen's real cells, real offices and real main roads, by car."""

from __future__ import annotations

from pathlib import Path

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
def times(bergen: cases.Case) -> TravelTimes:
    return travel_times(cases.car(), zones=bergen.zones, sites=bergen.sites, streets=bergen.streets)


def test_cells_hold_bergens_people(bergen: cases.Case) -> None:
    assert len(bergen.zones) == 2992
    assert bergen.people.people.sum() == 279_068
    assert set(bergen.sites["area"]) == set(bergen.zones.areas)
    assert len(bergen.sites) == 8


def test_cells_agree_with_the_register(bergen: cases.Case, shared: Path) -> None:
    register = pd.read_csv(
        shared / "bergen" / "population_age_sex_2005_2026.csv", dtype={"location": str}
    )
    bydeler = register[(register["year"] == 2018) & (register["location"].str.len() == 6)]
    known = bydeler.groupby("location_name")["people"].sum()
    cells = bergen.people.people.groupby(bergen.zones.table["area"]).sum()
    assert set(known.index) == set(cells.index)
    assert ((cells / known).between(0.99, 1.01)).all()


def test_nearly_everybody_has_a_time(bergen: cases.Case, times: TravelTimes) -> None:
    people = bergen.people.people
    missing = times.minutes.isna().all(axis=1)
    assert people[missing].sum() / people.sum() < 0.001
    # Who has none lives far from every main road, and is told so.
    assert set(times.reason[missing].to_numpy().ravel()) == {Reason.ZONE_NOT_LINKED}
    assert times.snap_m[~missing].max() <= times.profile.snap_limit_m


def test_times_are_as_one_knows_them(bergen: cases.Case, times: TravelTimes) -> None:
    own = cases.own_minutes(times, bergen.zones, bergen.sites)
    means = cases.mean_by_area(own, bergen.people, bergen.zones)["minutes"]
    assert means.between(3, 15).all()
    site = {area: site for site, area in bergen.sites["area"].items()}
    area = bergen.zones.table["area"]

    def mean(start: str, end: str) -> float:
        rows = area.index[area == start]
        return float(times.minutes.loc[rows, site[end]].mean())

    # Round the mountain: Arna is farther from the centre than Årstad, Åsane nearer to Arna than
    # Ytrebygda is.
    assert mean("Årstad", "Bergenhus") < mean("Fana", "Bergenhus") < mean("Arna", "Bergenhus")
    assert mean("Arna", "Åsane") < mean("Arna", "Ytrebygda")
    assert mean("Laksevåg", "Fyllingsdalen") < mean("Laksevåg", "Åsane")


def test_driving_takes_longer_than_flying_at_the_fastest_class(
    bergen: cases.Case, times: TravelTimes
) -> None:
    starts = bergen.zones.table.geometry
    for site, point in bergen.sites.geometry.items():
        straight = starts.distance(point) / 1000 / 90 * 60
        assert (times.minutes[site].dropna() >= straight[times.minutes[site].notna()]).all()


def test_there_and_back_take_the_same_where_nothing_is_one_way(bergen: cases.Case) -> None:
    sample = bergen.zones.table.iloc[::120]
    there = travel_times(
        cases.car(), zones=Zones(sample), sites=bergen.sites, streets=bergen.streets
    )
    offices = bergen.sites.assign(kommune="4601")
    back = travel_times(
        cases.car(), zones=Zones(offices), sites=sample[["geometry"]], streets=bergen.streets
    )
    pd.testing.assert_frame_equal(
        there.minutes, back.minutes.T, check_names=False, rtol=0, atol=1e-9
    )


def test_same_as_networkx_between_junctions(bergen: cases.Case) -> None:
    streets, profile = bergen.streets, cases.car()
    nodes = streets.nodes.iloc[::25]
    zones = Zones(nodes.assign(name=nodes.index, area="x", kommune="4601"))
    head = str(streets.nodes.index[100])
    found = travel_times(profile, zones=zones, sites=streets.nodes.loc[[head]], streets=streets)
    known = minutes_between_nodes(streets, edge_seconds(streets, profile), head)
    timed = found.minutes[head].dropna()
    assert len(timed) > 5
    np.testing.assert_allclose(
        timed, [known[str(i)] for i in timed.index], rtol=0, atol=ROUNDING_MIN
    )
    for node in found.minutes.index.difference(timed.index):
        assert known.get(str(node), np.inf) > profile.limit_min
