"""Streets from links, and the seconds each edge takes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.network import CAR_KM_H, edge_seconds, streets_from_links
from navplan.network.speeds import SIGNAL_S
from navplan.tables import ROAD_CLASSES
from tests import town


def one_link(**changes: object):
    """Streets of one link of 1 km from a to b."""
    nodes = pd.DataFrame({"id": ["a", "b"], "x": [0.0, 1000.0], "y": [0.0, 0.0]})
    return streets_from_links(nodes, pd.DataFrame([town.link("a", "b", **changes)]), crs=town.CRS)


def test_every_link_runs_both_ways_with_the_climb_turned():
    streets = one_link(climb_m=30.0)
    assert streets.edges[["tail", "head"]].to_numpy().tolist() == [[0, 1], [1, 0]]
    assert streets.edges["climb_m"].tolist() == [30.0, -30.0]
    assert streets.edges["length_m"].tolist() == [1000.0, 1000.0]


def test_all_faults_of_the_links_are_told_together():
    links = pd.DataFrame(
        [
            town.link("p-00", "nowhere"),
            town.link("p-00", "p-10", structure="ferry", road_class="ferry"),
        ]
    )
    with pytest.raises(InputError) as error:
        streets_from_links(town.nodes(), links, crs=town.CRS)
    keys = [fault.key for fault in error.value.faults]
    assert keys == ["row 2, to", "row 3, crossing_min", "row 3, headway_min"]
    assert "'nowhere'" in str(error.value)


def test_a_node_that_stands_twice_is_refused():
    nodes = pd.concat([town.nodes(), town.nodes().iloc[:1]])
    with pytest.raises(InputError, match="p-00: the id stands more than once"):
        streets_from_links(nodes, town.links(), crs=town.CRS)


@pytest.mark.parametrize("road_class", sorted(set(ROAD_CLASSES) - {"ferry"}))
def test_cars_go_by_class(road_class):
    seconds = edge_seconds(one_link(road_class=road_class), town.profile("car"))
    assert seconds == pytest.approx([3600 / CAR_KM_H[road_class]] * 2)


def test_the_car_factor_scales_roads_but_not_ferries():
    slow = town.profile("car", car_factor=1.5)
    assert edge_seconds(one_link(), slow) == pytest.approx([180.0, 180.0])
    ferry = one_link(structure="ferry", road_class="ferry", crossing_min=10.0, headway_min=30.0)
    assert edge_seconds(ferry, slow).tolist() == [25 * 60.0] * 2


def test_a_posted_speed_goes_before_the_class():
    streets = one_link()
    streets.edges["speed_km_h"] = [80.0, np.nan]
    assert edge_seconds(streets, town.profile("car")) == pytest.approx([3600 / 72, 120.0])


def test_a_connector_is_driven_at_25_and_walked_like_a_street():
    streets = one_link(structure="connector")
    assert edge_seconds(streets, town.profile("car")) == pytest.approx([144.0] * 2)
    assert edge_seconds(streets, town.profile("walk")) == pytest.approx([800.0] * 2)


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_a_street_closed_to_the_mode_has_no_seconds(mode):
    closed = edge_seconds(one_link(**{mode: "no"}), town.profile(mode))
    assert np.isnan(closed).all()
    others = {"walk", "bicycle", "car"} - {mode}
    assert all(
        np.isfinite(edge_seconds(one_link(**{mode: "no"}), town.profile(other))).all()
        for other in others
    )


def test_transit_walks():
    streets = one_link(walk="no")
    assert np.isnan(edge_seconds(streets, town.profile("transit"))).all()


@pytest.mark.parametrize(("day", "open_"), [(14, False), (15, True), (16, True)])
def test_a_link_opens_on_its_day(day, open_):
    profile = town.profile("walk", date=dt.date(2024, 10, day))
    seconds = edge_seconds(one_link(opened="2024-10-15"), profile)
    assert np.isfinite(seconds).all() == open_


def test_walking_follows_tobler():
    up, down = edge_seconds(one_link(climb_m=100.0), town.profile("walk"))
    # |0.10 + 0.05| - 0.05 = 0.10 up; |-0.10 + 0.05| - 0.05 = 0 down: as fast as on the flat
    assert up == pytest.approx(800 * np.exp(0.35))
    assert down == pytest.approx(800.0)
    fastest = edge_seconds(one_link(climb_m=-50.0), town.profile("walk"))[0]
    assert fastest == pytest.approx(800 * np.exp(-0.175))


def test_cycling_follows_parkin_and_rotheram():
    up, down = edge_seconds(one_link(climb_m=50.0), town.profile("bicycle"))
    assert up == pytest.approx(240 / (1 - 5 * 1.44 / 21.6))
    assert down == pytest.approx(240 / (1 + 5 * 0.86 / 21.6))


def test_steep_streets_are_pushed_up_and_braked_down():
    up, down = edge_seconds(one_link(climb_m=300.0), town.profile("bicycle"))
    assert up == pytest.approx(3600 / 4)
    assert down == pytest.approx(3600 / 30)


def test_a_climb_without_length_does_not_break_the_slope():
    assert edge_seconds(one_link(km=0.0, climb_m=3.0), town.profile("walk")).tolist() == [0.0, 0.0]


def test_a_ferry_without_minutes_is_refused_only_where_it_is_open():
    streets = one_link()
    streets.edges["structure"] = "ferry"
    with pytest.raises(InputError, match="ferry a – b"):
        edge_seconds(streets, town.profile("walk"))
    streets.edges["walk"] = False
    assert np.isnan(edge_seconds(streets, town.profile("walk"))).all()


def changed(profile_mode="car", *, link=None, profile=None, **columns):
    """Seconds of one link both ways, with columns of its edges set."""
    streets = one_link(**(link or {}))
    streets = replace(streets, edges=streets.edges.assign(**columns))
    return edge_seconds(streets, town.profile(profile_mode, **(profile or {})))


def test_the_source_s_own_car_seconds_go_before_class_and_posted_speed():
    given = changed(car_s=[42.0, np.nan], speed_km_h=50.0)
    assert given == pytest.approx([42.0, 3600 / 45])
    assert changed(car_s=42.0, profile={"car_factor": 1.3}) == pytest.approx([54.6] * 2)


@pytest.mark.parametrize("wrong", [-1.0, np.inf])
def test_car_seconds_that_cannot_be_are_refused(wrong):
    with pytest.raises(InputError, match="edge 0, car_s"):
        changed(car_s=[wrong, 1.0])


def test_signals_delay_cars_and_bicycles_but_nobody_on_foot():
    assert changed(signals=[2.0, 0.0]) == pytest.approx([120 + 2 * SIGNAL_S, 120])
    factor = changed(signals=[2.0, 0.0], profile={"car_factor": 2.0})
    assert factor == pytest.approx([240 + 4 * SIGNAL_S, 240])
    assert changed("bicycle", signals=[1.0, 0.0]) == pytest.approx([240 + SIGNAL_S, 240])
    assert changed("walk", signals=[1.0, 0.0]) == pytest.approx([800, 800])


def test_several_signals_of_one_junction_count_once():
    short = changed(signals=3.0, link={"km": 0.045})
    assert short == pytest.approx([5.4 + 1.5 * SIGNAL_S] * 2)
    assert changed(signals=1.0, link={"km": 0.0}).tolist() == [0.0, 0.0]


def test_rough_ground_slows_bicycles_only():
    assert changed("bicycle", surface=["rough", "unpaved"]) == pytest.approx([240 / 0.7, 300])
    assert changed("bicycle", surface=["paved", ""]) == pytest.approx([240, 240])
    assert changed("walk", surface="rough") == pytest.approx([800, 800])


def test_a_surface_nobody_knows_is_refused():
    with pytest.raises(InputError, match="'ice' is no surface"):
        changed("bicycle", surface="ice")


def test_stairs_are_walked_at_half_the_speed_whatever_their_climb():
    flat = changed("walk", steps=[True, False])
    assert flat == pytest.approx([1600.0, 800.0])
    assert changed("walk", steps=True, link={"climb_m": 300.0}) == pytest.approx([1600.0] * 2)
    assert changed("bicycle", steps=True) == pytest.approx([1600.0] * 2)


@pytest.mark.parametrize("mode", ["walk", "transit"])
def test_step_free_takes_what_is_unknown_as_asked(mode):
    edges = {"wheelchair": [True, False], "surface": ""}
    anybody = changed(mode, **edges)
    barred = changed(mode, profile={"step_free": "unless-barred"}, **edges)
    known = changed(mode, profile={"step_free": "known"}, **edges)
    paved = changed(mode, profile={"step_free": "known"}, **edges | {"surface": "paved"})
    assert anybody == pytest.approx([800, 800])
    for some in (barred, paved):
        assert some == pytest.approx([800, np.nan], nan_ok=True)
    assert np.isnan(known).all()


@pytest.mark.parametrize(
    ("climb", "seconds"), [(50.0, 800.0), (60.0, 800 / 0.75), (80.0, 1600.0), (84.0, np.nan)]
)
def test_a_wheelchair_is_slower_on_slopes_and_stops_at_1_in_12(climb, seconds):
    found = changed("walk", profile={"step_free": "unless-barred"}, link={"climb_m": climb})
    assert found == pytest.approx([seconds] * 2, nan_ok=True)


FERRY = {"structure": "ferry", "road_class": "ferry", "crossing_min": 10.0, "headway_min": 30.0}


@pytest.mark.parametrize(("wait", "minutes"), [(0.0, 10.0), (0.5, 25.0), (1.0, 40.0)])
def test_the_profile_says_how_much_of_the_headway_is_waited(wait, minutes):
    for mode in ("walk", "bicycle", "car", "transit"):
        found = changed(mode, link=FERRY, profile={"ferry_wait": wait})
        assert found.tolist() == [minutes * 60.0] * 2


def test_who_does_not_wait_needs_no_headway():
    found = changed(link=FERRY, profile={"ferry_wait": 0.0}, headway_min=np.nan)
    assert found.tolist() == [600.0] * 2


HOUR = 3600


@pytest.mark.parametrize(
    ("first", "last", "sails"),
    [
        (6, 22, True),
        (6, 9.9, False),
        (6, 10, True),
        (11, 20, True),
        (11.1, 20, False),
        (np.nan, 9, False),
        (np.nan, 10, True),
        (12, np.nan, False),
        (np.nan, np.nan, True),
        (22, 2, False),  # overnight
        (22, 10.5, True),
        (30, 34.5, True),  # tomorrow by a timetable's clock: 06:00 to 10:30
    ],
)
def test_a_ferry_is_closed_outside_its_hours(first, last, sails):
    # the window is 10 to 11
    found = changed(link=FERRY, sails_from=first * HOUR, sails_until=last * HOUR)
    assert np.isfinite(found).tolist() == [sails, sails]


def test_a_window_of_departures_decides_as_well():
    window = {"depart_from": 20 * HOUR, "depart_until": 21 * HOUR}
    hours = {"sails_from": 6.0 * HOUR, "sails_until": 19.0 * HOUR}
    assert np.isnan(changed("transit", link=FERRY, profile=window, **hours)).all()


def test_hours_close_no_road():
    hours = {"sails_from": 6.0 * HOUR, "sails_until": 7.0 * HOUR}
    assert changed(**hours) == pytest.approx([120.0] * 2)


def test_a_ferry_that_does_not_sail_needs_no_minutes():
    hours = {"sails_from": 6.0 * HOUR, "sails_until": 7.0 * HOUR}
    assert np.isnan(changed(link=FERRY, crossing_min=np.nan, **hours)).all()


def test_an_unknown_class_is_refused_and_not_closed_in_silence():
    streets = one_link()
    streets.edges["road_class"] = "footway"
    with pytest.raises(InputError, match="'footway' is no class of road"):
        edge_seconds(streets, town.profile("car"))
