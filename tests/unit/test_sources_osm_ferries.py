"""Ferries of OpenStreetMap: minutes, headways, hours, and lines tagged on relations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from navplan.nouns import Streets
from navplan.sources import read_osm
from navplan.sources.ferries import CAR_FERRY_HEADWAY_MIN, CAR_FERRY_KM_H
from tests.osm_files import CRS, ROAD, Relation, Way, connected, write_osm

pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

# Streets 1–2 and 3–4 on either side of the water, an island with 6–7 between them.
NODES = {1: (15.0, 60.0), 2: (15.01, 60.0), 5: (15.05, 60.0), 3: (15.09, 60.0), 4: (15.1, 60.0),
         6: (15.05, 60.01), 7: (15.05, 60.02)}  # fmt: skip
SHORES = [([1, 2], ROAD), ([3, 4], ROAD)]
BOAT = {"route": "ferry", "motor_vehicle": "yes"}


def sailings(streets: Streets, tail: str, head: str) -> list[dict[str, object]]:
    """The crossings from one quay to another, the fastest first."""
    names = streets.nodes.index
    rows = streets.edges[streets.edges["structure"] == "ferry"]
    ends = zip(rows["tail"], rows["head"], strict=True)
    chosen = rows[[(names[a], names[b]) == (tail, head) for a, b in ends]]
    return [
        {str(key): value for key, value in row.items()}
        for row in chosen.sort_values("crossing_min").to_dict("records")
    ]


def ferries(streets: Streets) -> dict[tuple[str, str], dict[str, object]]:
    names = streets.nodes.index
    rows = streets.edges[streets.edges["structure"] == "ferry"].to_dict("records")
    return {(names[row["tail"]], names[row["head"]]): row for row in rows}


def read(folder: Path, *ways: Way, lines: Sequence[Relation] = ()) -> Streets:
    return read_osm(write_osm(folder, NODES, [*SHORES, *ways], relations=lines), crs=CRS)


def test_no_speed_is_too_fast_or_too_slow(tmp_path: Path) -> None:
    for text, minutes in (("00:01", 1), ("10:00", 600)):
        streets = read(tmp_path, ([2, 5, 3], {**BOAT, "duration": text}))
        assert ferries(streets)["2", "3"]["crossing_min"] == minutes


def test_what_is_not_tagged_is_assumed_and_told(tmp_path: Path) -> None:
    streets = read(tmp_path, ([2, 3], BOAT))
    found = ferries(streets)["3", "2"]
    km = 0.08 * 55.8  # °, at 60° north
    assert found["crossing_min"] == pytest.approx(km / CAR_FERRY_KM_H * 60, rel=0.01)
    assert found["headway_min"] == CAR_FERRY_HEADWAY_MIN
    assert streets.notices == ("Crossings without an interval, assumed 60 minutes: 1.",)


def test_hours_of_service(tmp_path: Path) -> None:
    told = {**BOAT, "interval": "30", "opening_hours": "Mo-Fr 06:00-22:00; Sa 08:00-20:00"}
    found = ferries(read(tmp_path, ([2, 3], told)))["2", "3"]
    assert (found["sails_from"], found["sails_until"]) == (6 * 3600, 22 * 3600)
    del told["opening_hours"]
    found = ferries(read(tmp_path, ([2, 3], {**told, "service_times": "07:00-19:00"})))["2", "3"]
    assert (found["sails_from"], found["sails_until"]) == (7 * 3600, 19 * 3600)


def test_hours_that_are_not_simple_mean_all_day_and_are_told(tmp_path: Path) -> None:
    told = {**BOAT, "interval": "soon", "duration": "a while", "opening_hours": "Jun-Aug 08:00+"}
    streets = read(tmp_path, ([2, 3], told))
    found = ferries(streets)["2", "3"]
    assert math.isnan(found["sails_from"])
    assert math.isnan(found["sails_until"])
    assert [notice.split(",")[0] for notice in streets.notices] == [
        "Ferries whose duration is not understood", "Ferries whose hours are not simple",
        "Ferries whose interval is not understood", "Crossings without an interval",
    ]  # fmt: skip


def test_line_tagged_on_a_relation_lends_its_tags(tmp_path: Path) -> None:
    line = {"type": "route", "route": "ferry", "motor_vehicle": "yes", "duration": "00:30",
            "interval": "00:45", "opening_hours": "06:00-22:00"}  # fmt: skip
    members = [("way", "", 3), ("way", "", 4), ("node", "stop", 2)]
    streets = read(
        tmp_path,
        ([2, 5], {}),  # only the line says what this is
        ([5, 3], {"route": "ferry", "interval": "00:20"}),
        lines=[(members, line)],
    )
    found = ferries(streets)
    assert found.keys() == {("2", "3"), ("3", "2")}
    assert found["2", "3"]["crossing_min"] == pytest.approx(30, abs=0.01)
    assert found["2", "3"]["car"]
    assert found["2", "3"]["headway_min"] == 45  # the rarer of the two
    assert found["2", "3"]["sails_until"] == 22 * 3600


def test_a_way_contradicts_its_line(tmp_path: Path) -> None:
    line = {"type": "route", "route": "ferry", "motor_vehicle": "yes", "interval": "00:45"}
    streets = read(
        tmp_path,
        ([2, 3], {"route": "ferry", "motor_vehicle": "no", "interval": "00:20"}),
        lines=[([("way", "", 3)], line)],
    )
    found = ferries(streets)["2", "3"]
    assert (found["car"], found["headway_min"]) == (False, 20)


def test_line_with_ways_alike_is_one_crossing(tmp_path: Path) -> None:
    line = {"type": "route", "route": "ferry", "motor_vehicle": "yes", "duration": "00:30",
            "interval": "00:45"}  # fmt: skip
    members = [("way", "", 3), ("way", "", 4)]
    streets = read(tmp_path, ([2, 5], {}), ([5, 3], {}), lines=[(members, line)])
    assert ferries(streets).keys() == {("2", "3"), ("3", "2")}
    assert ferries(streets)["2", "3"]["crossing_min"] == pytest.approx(30)
    assert ferries(streets)["2", "3"]["way"] == "3;4"


def test_a_piers_footway_stays_a_footway(tmp_path: Path) -> None:
    line = {"type": "route", "route": "ferry", "duration": "00:30"}
    streets = read(
        tmp_path,
        ([2, 5], {"highway": "construction"}),
        ([5, 3], {"highway": "footway"}),
        lines=[([("way", "", 3), ("way", "", 4)], line)],
    )
    assert ferries(streets) == {}
    assert ("5", "4") in connected(streets, "walk")  # over the footway, which goes on as a street


def test_another_lines_headway_at_the_same_quay_does_not_count(tmp_path: Path) -> None:
    streets = read(
        tmp_path,
        ([6, 7], ROAD),
        ([2, 3], {**BOAT, "interval": "60", "opening_hours": "06:00-20:00"}),
        ([2, 6], {**BOAT, "interval": "10"}),
    )
    found = ferries(streets)
    assert (found["2", "3"]["headway_min"], found["2", "6"]["headway_min"]) == (60, 10)
    assert math.isnan(found["2", "6"]["sails_from"])


def test_the_rarest_piece_of_a_crossing_gives_headway_and_hours(tmp_path: Path) -> None:
    streets = read(
        tmp_path,
        ([2, 5], {**BOAT, "interval": "30", "opening_hours": "06:00-20:00"}),
        ([5, 3], {**BOAT, "interval": "60", "opening_hours": "07:00-22:00"}),
    )
    found = ferries(streets)["2", "3"]
    assert found["headway_min"] == 60
    assert (found["sails_from"], found["sails_until"]) == (7 * 3600, 20 * 3600)


def test_a_ship_for_few_sails_over_pieces_that_are_open_to_more(tmp_path: Path) -> None:
    streets = read(
        tmp_path,
        ([6, 7], ROAD),
        ([2, 5], {**BOAT, "interval": "30"}),
        ([5, 3], {**BOAT, "interval": "30"}),
        ([5, 6], {"route": "ferry", "motor_vehicle": "no", "interval": "40"}),
    )
    assert {("1", "7"), ("7", "1"), ("1", "4"), ("3", "7")} <= connected(streets, "walk")
    assert ("1", "7") not in connected(streets, "car")
    assert ("1", "4") in connected(streets, "car")
    assert [row["headway_min"] for row in sailings(streets, "2", "6")] == [40]


def test_a_ship_that_some_may_not_board_all_the_way_is_one_crossing_for_the_rest(
    tmp_path: Path,
) -> None:
    streets = read(tmp_path, ([2, 5], BOAT), ([5, 3], {**BOAT, "bicycle": "no"}))
    (row,) = sailings(streets, "2", "3")
    assert (row["walk"], row["bicycle"], row["car"]) == (True, False, True)
    assert ferries(streets).keys() == {("2", "3"), ("3", "2")}


def test_a_boat_more_takes_no_crossing_away(tmp_path: Path) -> None:
    often = {**BOAT, "duration": "30", "interval": "20", "opening_hours": "06:00-22:00"}
    rare = {**BOAT, "duration": "29", "interval": "240", "opening_hours": "08:00-09:00"}
    slow = {**BOAT, "duration": "31", "interval": "20", "opening_hours": "06:00-22:00"}
    streets = read(tmp_path, ([2, 3], often), ([2, 5, 3], rare), ([2, 3], slow))
    for ends in (("2", "3"), ("3", "2")):
        rows = sailings(streets, *ends)
        assert [(row["crossing_min"], row["headway_min"]) for row in rows] == [(29, 240), (30, 20)]


def test_pieces_whose_hours_never_meet_are_no_crossing(tmp_path: Path) -> None:
    streets = read(
        tmp_path,
        ([2, 5], {**BOAT, "interval": "30", "opening_hours": "06:00-10:00"}),
        ([5, 3], {**BOAT, "interval": "30", "opening_hours": "15:00-20:00"}),
    )
    assert ferries(streets) == {}
    assert streets.notices == (
        "Pairs of quays without a crossing, since no ship sails all the way between them: 1.",
    )


def test_hours_meet_after_midnight(tmp_path: Path) -> None:
    streets = read(
        tmp_path,
        ([2, 5], {**BOAT, "interval": "30", "opening_hours": "18:00-02:00"}),
        ([5, 3], {**BOAT, "interval": "30", "opening_hours": "00:00-06:00"}),
    )
    (row,) = sailings(streets, "2", "3")
    assert (row["sails_from"], row["sails_until"]) == (0, 2 * 3600)


def test_no_ship_goes_round_at_sea_to_learn_a_headway(tmp_path: Path) -> None:
    streets = read(
        tmp_path,
        ([2, 5, 3], BOAT),
        ([5, 6, 7, 5], {**BOAT, "interval": "10"}),
    )
    assert [row["headway_min"] for row in sailings(streets, "2", "3")] == [CAR_FERRY_HEADWAY_MIN]
