"""Ferries of the streets that the timetable serves: boarded by timetable only."""

from __future__ import annotations

import itertools
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from navplan.errors import InputError
from navplan.network import streets_from_links
from navplan.network.served import without_served_ferries
from navplan.nouns import Streets, Timetable
from tests import town

FERRY = {"structure": "ferry", "road_class": "ferry", "crossing_min": 5.0, "headway_min": 60.0}


def streets() -> Streets:
    """The town with a ferry from p-31 to p-32 (where the tram stops) and one from p-00 to p-33."""
    rows = [town.link("p-31", "p-32", **FERRY), town.link("p-00", "p-33", km=5.0, **FERRY)]
    links = pd.concat([town.links(), pd.DataFrame(rows)], ignore_index=True)
    return streets_from_links(town.nodes(), links, crs=town.CRS)


def boats(*trips: tuple[str, ...], route_type: int = 1004, shift: float = 0.0) -> Timetable:
    """Boats that call at corners in order, `shift` metres beside them."""
    corners = sorted({corner for trip in trips for corner in trip})
    xy = [town.at(corner) for corner in corners]
    ids = pd.Index([f"quay-{corner}" for corner in corners], name="id")
    stops = gpd.GeoDataFrame(
        {"name": ids}, geometry=[Point(x + shift, y) for x, y in xy], index=ids, crs=town.CRS
    )
    rows = [
        (number, corners.index(corner), 36000 + 600 * place, 36000 + 600 * place, True, True)
        for number, trip in enumerate(trips)
        for place, corner in enumerate(trip)
    ]
    columns = ["trip", "stop", "arrival", "departure", "board", "alight"]
    about = {"line": "B", "trip_id": [str(k) for k in range(len(trips))], "route_type": route_type}
    table = pd.DataFrame(about, index=range(len(trips)))
    times = pd.DataFrame(rows, columns=columns)
    return Timetable(stops=stops, stop_times=times, trips=table, date=town.DATE)


def closed(before: Streets, after: Streets) -> set[tuple[str, str]]:
    """Ends of the edges that are no longer open to walking."""
    gone = before.edges["walk"] & ~after.edges["walk"]
    ids = before.nodes.index
    return {
        (ids[tail], ids[head]) for tail, head in before.edges.loc[gone, ["tail", "head"]].to_numpy()
    }


BOTH_WAYS = {("p-31", "p-32"), ("p-32", "p-31")}


def test_a_served_ferry_is_closed_both_ways_to_those_on_foot_alone():
    before = streets()
    after = without_served_ferries(before, boats(("31", "32")))
    assert closed(before, after) == BOTH_WAYS
    assert (after.edges["wheelchair"] == after.edges["walk"]).all()
    same = [name for name in before.edges if name not in {"walk", "wheelchair"}]
    pd.testing.assert_frame_equal(after.edges[same], before.edges[same])
    told = "2 ferry edges closed to walking: the timetable has their departures."
    assert after.notices == (*before.notices, told)
    assert before.edges.loc[before.edges["road_class"] == "ferry", "walk"].all()


def test_a_boat_that_calls_elsewhere_on_the_way_serves_it_too():
    before = streets()
    assert closed(before, without_served_ferries(before, boats(("31", "00", "32")))) == BOTH_WAYS


@pytest.mark.parametrize(
    "timetable",
    [
        boats(("31", "00"), ("32", "00")),  # a change of boats is no crossing
        boats(("31", "31")),  # round trips
        boats(("31", "32"), route_type=3),  # a bus by the bridge
        boats(("31", "32"), shift=510.0),
        town.timetable(),
    ],
    ids=["two boats", "one quay", "bus", "too far", "no boats"],
)
def test_other_ferries_stay_as_they_are(timetable):
    before = streets()
    assert without_served_ferries(before, timetable) is before


def test_within_reach_is_one_harbour():
    before = streets()
    assert closed(before, without_served_ferries(before, boats(("31", "32"), shift=490.0)))
    assert not closed(before, without_served_ferries(before, boats(("31", "32"), shift=90.0), 80.0))


def test_ferries_closed_to_walking_are_not_counted():
    before = streets()
    car_only = before.edges.assign(walk=False, wheelchair=False)
    shut = replace(before, edges=car_only)
    assert without_served_ferries(shut, boats(("31", "32"))) is shut


def test_streets_without_ferries_are_returned_as_they_are():
    assert without_served_ferries(town.streets(), boats(("31", "32"))).notices == ()


def test_another_coordinate_system_is_refused():
    timetable = boats(("31", "32"))
    elsewhere = replace(timetable, stops=timetable.stops.to_crs("EPSG:25832"))
    with pytest.raises(InputError, match="its CRS is EPSG:25832"):
        without_served_ferries(streets(), elsewhere)


CORNERS = [f"{column}{row}" for column in range(4) for row in range(2)]


@settings(max_examples=40)
@given(
    trips=st.lists(st.lists(st.sampled_from(CORNERS), min_size=2, max_size=4), max_size=4),
    ferries=st.sets(st.tuples(st.sampled_from(CORNERS), st.sampled_from(CORNERS)), max_size=5),
    reach=st.sampled_from([100.0, 1100.0, 1500.0]),
)
def test_the_same_edges_as_by_trying_all(trips, ferries, reach):
    rows = [town.link(f"p-{a}", f"p-{b}", **FERRY) for a, b in ferries if a != b]
    links = pd.concat([town.links(), pd.DataFrame(rows)], ignore_index=True)
    before = streets_from_links(town.nodes(), links, crs=town.CRS)
    after = without_served_ferries(before, boats(*map(tuple, trips)), reach)

    def near(corner: str) -> set[str]:
        x, y = town.at(corner)
        return {c for c in CORNERS if np.hypot(town.at(c)[0] - x, town.at(c)[1] - y) <= reach}

    expected = set()
    for a, b in ferries:
        pairs = [p for p in itertools.product(near(a), near(b)) if p[0] != p[1]]
        if a != b and any(p[0] in trip and p[1] in trip for trip in trips for p in pairs):
            expected |= {(f"p-{a}", f"p-{b}"), (f"p-{b}", f"p-{a}")}
    assert closed(before, after) == expected
