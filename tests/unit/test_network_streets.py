"""Streets from links, and the seconds each edge takes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.network import CAR_KM_H, edge_seconds, streets_from_links
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


def test_an_unknown_class_is_refused_and_not_closed_in_silence():
    streets = one_link()
    streets.edges["road_class"] = "footway"
    with pytest.raises(InputError, match="'footway' is no class of road"):
        edge_seconds(streets, town.profile("car"))
