"""What OpenStreetMap's tags mean: access by mode, directions, speeds, surfaces, hours."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.sources.osm_tags import Sides, Way, read_way
from navplan.sources.osm_values import sailing_hours, speed_km_h, surface

YES, NO = (True, True), (False, False)
ALONG, AGAINST = (True, False), (False, True)


def way_of(tags: dict[str, str]) -> Way:
    way = read_way(tags)
    assert way is not None
    return way


@pytest.mark.parametrize(
    ("tags", "walk", "bicycle", "car"),
    [
        ({"highway": "trunk"}, YES, YES, YES),
        ({"highway": "primary", "foot": "no"}, NO, YES, YES),
        ({"highway": "primary", "motorroad": "yes"}, NO, NO, YES),
        ({"highway": "motorway_link"}, NO, NO, YES),
        ({"highway": "motorway", "bicycle": "yes"}, NO, ALONG, ALONG),
        ({"highway": "service", "access": "private", "foot": "yes"}, YES, NO, NO),
        ({"highway": "service", "access": "no", "vehicle": "yes"}, NO, YES, YES),
        ({"highway": "service", "access": "yes", "motor_vehicle": "private"}, YES, YES, NO),
        ({"highway": "service", "motor_vehicle": "no", "motorcar": "yes"}, YES, YES, YES),
        ({"highway": "service", "access": "customers"}, YES, YES, YES),
        ({"highway": "service", "access": "delivery"}, NO, NO, NO),
        ({"highway": "service", "access": "permit;destination"}, YES, YES, YES),
        ({"highway": "service", "access": "on_tuesdays"}, YES, YES, YES),
        ({"highway": "pedestrian", "access": "yes"}, YES, YES, NO),
        ({"highway": "track", "vehicle": "yes"}, YES, YES, NO),
        ({"highway": "residential", "motor_vehicle:backward": "no"}, YES, YES, ALONG),
        ({"highway": "residential", "access:forward": "no", "foot": "yes"}, YES, AGAINST, AGAINST),
        ({"highway": "residential", "oneway": "reversible"}, YES, NO, NO),
        ({"highway": "residential", "oneway": "alternating"}, YES, YES, YES),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "-1"}, YES, AGAINST, ALONG),
        ({"highway": "residential", "oneway": "yes", "cycleway:right": "track",
          "cycleway:right:oneway": "no"}, YES, YES, ALONG),
        ({"highway": "residential", "oneway": "yes", "cycleway:right": "no",
          "cycleway:right:oneway": "no"}, YES, ALONG, ALONG),
        ({"highway": "footway", "oneway:foot": "yes"}, ALONG, YES, NO),
        ({"highway": "steps", "conveying": "backward"}, AGAINST, NO, NO),
        ({"highway": "steps", "ramp:bicycle": "yes"}, YES, YES, NO),
        ({"highway": "steps", "ramp": "yes", "ramp:wheelchair": "yes"}, YES, NO, NO),
        ({"route": "ferry", "vehicle": "yes"}, YES, YES, YES),
        ({"route": "ferry", "vehicle": "yes", "motor_vehicle": "no"}, YES, YES, NO),
        ({"route": "ferry", "foot": "no", "motorcar": "yes"}, NO, YES, YES),
    ],
)  # fmt: skip
def test_who_may_go_where(tags: dict[str, str], walk: Sides, bicycle: Sides, car: Sides) -> None:
    way = way_of(tags)
    assert (way.walk, way.bicycle, way.car) == (walk, bicycle, car)


CHAINS = {
    "walk": ("access", "foot"),
    "bicycle": ("access", "vehicle", "bicycle"),
    "car": ("access", "vehicle", "motor_vehicle", "motorcar"),
}


@given(
    st.dictionaries(
        st.sampled_from(sorted({key for chain in CHAINS.values() for key in chain})),
        st.sampled_from(["yes", "no", "private", "destination", "unheard_of"]),
    )
)
def test_the_most_special_tag_that_says_anything_decides(tags: dict[str, str]) -> None:
    way = way_of({"highway": "residential", **tags})
    for mode, chain in CHAINS.items():
        said = [tags[key] for key in chain if tags.get(key, "unheard_of") != "unheard_of"]
        expected = said[-1] in {"yes", "destination"} if said else True
        assert getattr(way, mode) == (expected, expected), mode


@pytest.mark.parametrize(
    ("tags", "passable"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "footway", "wheelchair": "no"}, False),
        ({"highway": "footway", "wheelchair": "limited"}, True),
        ({"highway": "path", "smoothness": "very_bad"}, False),
        ({"highway": "path", "smoothness": "bad"}, True),
        ({"highway": "steps"}, False),
        ({"highway": "steps", "wheelchair": "yes"}, True),
        ({"highway": "steps", "ramp": "yes"}, True),
        ({"highway": "steps", "ramp": "yes", "ramp:bicycle": "yes"}, False),
        ({"highway": "steps", "ramp:wheelchair": "yes"}, True),
        ({"highway": "motorway", "wheelchair": "yes"}, False),
        ({"route": "ferry", "wheelchair": "no"}, False),
        ({"route": "ferry"}, True),
    ],
)
def test_where_a_wheelchair_passes(tags: dict[str, str], passable: bool) -> None:
    assert way_of(tags).wheelchair == (passable, passable)


def test_a_cyclist_who_pushes_the_bicycle_aboard_sails() -> None:
    assert way_of({"route": "ferry", "bicycle": "dismount"}).bicycle == (True, True)
    told = {"route": "ferry", "access": "private", "bicycle": "dismount"}
    assert way_of(told).bicycle == (False, False)
    assert way_of({"highway": "footway", "bicycle": "dismount"}).bicycle == (False, False)


def test_steps_are_told() -> None:
    assert way_of({"highway": "steps"}).steps
    assert not way_of({"highway": "footway"}).steps


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({}, ""),
        ({"surface": "asphalt"}, "paved"),
        ({"surface": "concrete:plates"}, "paved"),
        ({"surface": "paving_stones:30"}, "paved"),
        ({"surface": "asphalt", "smoothness": "bad"}, "rough"),
        ({"surface": "asphalt", "wheelchair": "limited"}, "rough"),
        ({"surface": "sett"}, "rough"),
        ({"surface": "gravel"}, "unpaved"),
        ({"surface": "gravel", "smoothness": "bad"}, "unpaved"),
        ({"surface": "gravel;asphalt"}, "unpaved"),
        ({"surface": "moon_dust"}, ""),
        ({"tracktype": "grade3"}, "unpaved"),
        ({"tracktype": "grade3", "surface": "asphalt"}, "paved"),
        ({"tracktype": "grade1"}, ""),
        ({"wheelchair": "yes"}, "paved"),
        ({"wheelchair": "designated", "surface": "compacted"}, "paved"),
    ],
)
def test_surfaces(tags: dict[str, str], kind: str) -> None:
    assert surface(tags) == kind


@pytest.mark.parametrize(
    ("text", "speed"),
    [
        ("50", 50), ("50;60", 50), ("60 ; 50", 50), ("NO:urban", 50), ("NO:rural", 80), ("walk", 7),
        ("NO:zone30", 30), ("zone:40", 40), ("20 mph", 32.18688), ("20mph;none", 32.18688),
        ("80 km/h", 80), ("NO:30", 30), ("DE:50;60", 50),
    ],
)  # fmt: skip
def test_speeds(text: str, speed: float) -> None:
    assert speed_km_h(text) == pytest.approx(speed)


@pytest.mark.parametrize("text", ["", "none", "signals", "variable", "0", "-50", "1000", "50,60"])
def test_no_speeds(text: str) -> None:
    assert math.isnan(speed_km_h(text))


def test_speeds_by_direction_and_by_zone() -> None:
    told = {"highway": "tertiary", "maxspeed": "50", "maxspeed:forward": "60"}
    assert way_of(told).speed_km_h == (60, 50)
    assert way_of({"highway": "tertiary", "maxspeed:type": "NO:urban"}).speed_km_h == (50, 50)
    both = {"highway": "tertiary", "maxspeed": "signals", "source:maxspeed": "NO:zone30"}
    assert way_of(both).speed_km_h == (30, 30)
    assert way_of(told).turned().speed_km_h == (50, 60)


def test_ways_with_unknown_speeds_are_alike() -> None:
    assert way_of({"highway": "path"}) == way_of({"highway": "path", "maxspeed": "none"})


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("06:00-22:30", (6, 22.5)),
        ("Mo-Fr 06:00-22:00; Sa,Su 08:00-23:00", (6, 23)),
        ("Mo-Fr,PH 07:00-09:00,15:00-18:00; Sa-Su off", (7, 18)),
        ("18:00-01:30", (18, 25.5)),
        ("Mo 05:00-24:00", (5, 24)),
    ],
)
def test_hours_of_sailing(text: str, hours: tuple[float, float]) -> None:
    assert sailing_hours(text) == (hours[0] * 3600, hours[1] * 3600)


def test_hours_that_say_all_day_or_nothing() -> None:
    whole = sailing_hours("24/7")
    assert whole is not None
    assert all(map(math.isnan, whole))
    unclear = ("", "on demand", "May-Sep 08:00-18:00", "06:00+", "Mo-Fr 25:00-26:99",
               "sunrise-20:00", "Mo off")  # fmt: skip
    assert [sailing_hours(text) for text in unclear] == [None] * len(unclear)
