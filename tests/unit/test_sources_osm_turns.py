"""Turn restrictions: on a crossing of a few nodes, and along via ways."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

from navplan.nouns import Streets
from navplan.sources import read_osm
from tests.osm_files import CRS, ROAD, Member, bans, row_of_nodes, write_osm

pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

# A crossing at 5: west 1, east 2, south 3, north 4; ways W 11, E 12, S 13, N 14.
CROSSING = {1: (14.999, 60.0), 2: (15.001, 60.0), 3: (15.0, 59.999), 4: (15.0, 60.001),
            5: (15.0, 60.0)}  # fmt: skip
ARMS = {11: ([1, 5], ROAD), 12: ([5, 2], ROAD), 13: ([3, 5], ROAD), 14: ([5, 4], ROAD)}


def turn(source: int, via: int, target: int, kind: str = "node") -> list[Member]:
    return [("way", "from", source), (kind, "via", via), ("way", "to", target)]


def read(
    folder: Path, members: list[Member], ways: dict | None = None, nodes: dict | None = None,
    **tags: str,
) -> Streets:  # fmt: skip
    told = {"type": "restriction", **{key.replace("__", ":"): v for key, v in tags.items()}}
    path = write_osm(folder, nodes or CROSSING, ways or ARMS, relations=[(members, told)])
    return read_osm(path, crs=CRS)


def counted(streets: Streets) -> dict[str, int]:
    told = [n.removeprefix("Turn restrictions ") for n in streets.notices if "Turn" in n]
    return {text.split()[0].rstrip(":"): int(text.rpartition(" ")[2][:-1]) for text in told}


def test_no_left_turn(tmp_path: Path) -> None:
    streets = read(tmp_path, turn(11, 5, 14), restriction="no_left_turn")
    assert bans(streets) == {("1", "5", "4")}
    assert counted(streets) == {"followed": 1}


def test_only_straight_on_bans_every_other_exit(tmp_path: Path) -> None:
    streets = read(tmp_path, turn(11, 5, 12), restriction="only_straight_on")
    assert bans(streets) == {("1", "5", "3"), ("1", "5", "4"), ("1", "5", "1")}


def test_u_turn_on_the_same_street(tmp_path: Path) -> None:
    streets = read(tmp_path, turn(11, 5, 11), restriction="no_u_turn")
    assert bans(streets) == {("1", "5", "1")}


def test_u_turn_where_the_way_runs_on_bans_each_half(tmp_path: Path) -> None:
    ways = {11: ([1, 5, 2], ROAD), 13: ([3, 5], ROAD)}
    streets = read(tmp_path, turn(11, 5, 11), ways, restriction="no_u_turn")
    assert bans(streets) == {("1", "5", "1"), ("2", "5", "2")}


def test_the_junction_of_a_restriction_stays_though_only_two_streets_meet(tmp_path: Path) -> None:
    ways = {11: ([1, 5], ROAD), 12: ([5, 2], ROAD)}
    streets = read(tmp_path, turn(11, 5, 12), ways, restriction="no_straight_on")
    assert bans(streets) == {("1", "5", "2")}
    assert list(streets.nodes.index) == ["1", "2", "5"]


def test_members_are_pieces_of_longer_streets(tmp_path: Path) -> None:
    nodes = {**CROSSING, 6: (14.998, 60.0), 7: (15.0, 60.002)}
    ways = {**ARMS, 15: ([6, 1], ROAD), 14: ([5, 4, 7], ROAD)}  # 15 joins 11, named by one edge
    streets = read(tmp_path, turn(11, 5, 14), ways, nodes, restriction="no_left_turn")
    assert bans(streets) == {("6", "5", "7")}


def test_one_way_street_through_the_junction_is_clear(tmp_path: Path) -> None:
    one_way = {**ROAD, "oneway": "yes"}
    ways = {11: ([1, 5, 2], one_way), 13: ([3, 5], ROAD), 14: ([5, 4], ROAD)}
    streets = read(tmp_path, turn(11, 5, 14), ways, restriction="no_left_turn")
    assert bans(streets) == {("1", "5", "4")}
    only = read(tmp_path, turn(11, 5, 11), ways, restriction="only_straight_on")
    assert bans(only) == {("1", "5", "3"), ("1", "5", "4")}


def test_two_way_street_through_the_junction_is_not(tmp_path: Path) -> None:
    ways = {11: ([1, 5, 2], ROAD), 13: ([3, 5], ROAD), 14: ([5, 4], ROAD)}
    streets = read(tmp_path, turn(11, 5, 14), ways, restriction="no_left_turn")
    assert bans(streets) == set()
    assert counted(streets) == {"broken": 1}


def test_no_entry_from_several_streets(tmp_path: Path) -> None:
    members: list[Member] = [("way", "from", 11), ("way", "from", 13), ("node", "via", 5),
                             ("way", "to", 14)]  # fmt: skip
    streets = read(tmp_path, members, restriction="no_entry")
    assert bans(streets) == {("1", "5", "4"), ("3", "5", "4")}


@pytest.mark.parametrize(
    ("tags", "number"),
    [
        ({"restriction": "no_left_turn", "except": "psv;motorcar"}, 0),
        ({"restriction": "no_left_turn", "except": "psv"}, 1),
        ({"restriction:motorcar": "no_left_turn"}, 1),
        ({"restriction:hgv": "no_u_turn", "restriction": "no_left_turn"}, 1),
    ],
)
def test_for_whom(tmp_path: Path, tags: dict[str, str], number: int) -> None:
    streets = read(tmp_path, turn(11, 5, 14), **tags)
    assert len(streets.bans) == number
    assert counted(streets) == ({"followed": 1} if number else {"not": 1})


def test_for_lorries_alone_is_of_no_interest(tmp_path: Path) -> None:
    streets = read(tmp_path, turn(11, 5, 14), **{"restriction:hgv": "no_left_turn"})
    assert (streets.bans, counted(streets)) == ((), {})


@pytest.mark.parametrize(
    "tags",
    [
        {"restriction:conditional": "no_left_turn @ (07:00-09:00)"},
        {"type": "restriction:conditional", "restriction": "no_left_turn"},
        {"restriction": "no_left_turn", "hour_on": "07:00", "hour_off": "09:00"},
    ],
)
def test_by_the_hour(tmp_path: Path, tags: dict[str, str]) -> None:
    streets = read(tmp_path, turn(11, 5, 14), **tags)
    assert streets.bans == ()
    assert counted(streets) == {"for": 1}


@pytest.mark.parametrize(
    "members",
    [
        [],
        turn(11, 5, 99),
        turn(11, 99, 14),
        turn(11, 2, 14),
        turn(11, 5, 14)[:2],
        turn(11, 5, 14)[1:],
        [*turn(11, 5, 14), ("node", "via", 4)],
        [*turn(11, 5, 14), ("way", "via", 12)],
        turn(11, 13, 99, "way"),
        [("relation", "from", 11), *turn(11, 5, 14)[1:]],
    ],
)
def test_broken_ones_are_counted(tmp_path: Path, members: list[Member]) -> None:
    streets = read(tmp_path, members, restriction="no_left_turn")
    assert streets.bans == ()
    assert counted(streets) == {"broken": 1}


def test_words_that_are_no_restriction_are_broken(tmp_path: Path) -> None:
    assert counted(read(tmp_path, turn(11, 5, 14), restriction="give_way")) == {"broken": 1}


def test_restriction_about_a_one_way_street_nobody_may_enter_is_moot(tmp_path: Path) -> None:
    ways = {**ARMS, 14: ([4, 5], {**ROAD, "oneway": "yes"})}
    streets = read(tmp_path, turn(11, 5, 14), ways, restriction="no_left_turn")
    assert streets.bans == ()
    assert counted(streets) == {"about": 1}


# A ladder: 1 – 2 – 3 – 4 along the bottom, 5 above 2, 6 above 3. Ways 21, 22, 23 and 24 (2–5),
# 25 (3–6), 26 (5–6), and a dead end at each of 5 and 6.
LADDER = {1: (15.0, 60.0), 2: (15.001, 60.0), 3: (15.002, 60.0), 4: (15.003, 60.0),
          5: (15.001, 60.001), 6: (15.002, 60.001), 98: (15.001, 60.002),
          99: (15.002, 60.002)}  # fmt: skip
RUNGS = {21: ([1, 2], ROAD), 22: ([2, 3], ROAD), 23: ([3, 4], ROAD), 24: ([2, 5], ROAD),
         25: ([3, 6], ROAD), 26: ([5, 6], ROAD), 98: ([5, 98], ROAD),
         99: ([6, 99], ROAD)}  # fmt: skip


def test_no_turn_by_way_of_another_street(tmp_path: Path) -> None:
    streets = read(tmp_path, turn(21, 22, 25, "way"), RUNGS, LADDER, restriction="no_left_turn")
    assert bans(streets) == {("1", "2", "3", "6")}


def test_only_by_way_of_another_street_bans_all_that_leave_it(tmp_path: Path) -> None:
    streets = read(tmp_path, turn(21, 22, 23, "way"), RUNGS, LADDER, restriction="only_straight_on")
    assert bans(streets) == {
        ("1", "2", "5"), ("1", "2", "1"), ("1", "2", "3", "6"), ("1", "2", "3", "2"),
    }  # fmt: skip


def test_via_way_split_by_a_junction_on_it(tmp_path: Path) -> None:
    ways = {21: ([1, 2], ROAD), 22: ([2, 3, 4], ROAD), 25: ([3, 6], ROAD), 24: ([4, 6], ROAD),
            99: ([6, 99], ROAD)}  # fmt: skip
    streets = read(tmp_path, turn(21, 22, 24, "way"), ways, LADDER, restriction="no_left_turn")
    assert bans(streets) == {("1", "2", "3", "4", "6")}


def test_several_via_ways_in_any_order(tmp_path: Path) -> None:
    members: list[Member] = [("way", "from", 21), ("way", "via", 25), ("way", "via", 22),
                             ("way", "to", 26)]  # fmt: skip
    streets = read(tmp_path, members, RUNGS, LADDER, restriction="no_u_turn")
    assert bans(streets) == {("1", "2", "3", "6", "5")}


def test_via_way_that_the_target_does_not_touch_is_broken(tmp_path: Path) -> None:
    streets = read(tmp_path, turn(21, 22, 26, "way"), RUNGS, LADDER, restriction="no_left_turn")
    assert streets.bans == ()
    assert counted(streets) == {"broken": 1}


def test_the_order_of_things_in_the_file_makes_no_difference(tmp_path: Path) -> None:
    relations = [
        (turn(21, 22, 25, "way"), {"type": "restriction", "restriction": "no_left_turn"}),
        (turn(21, 2, 24), {"type": "restriction", "restriction": "only_left_turn"}),
    ]
    ways = {**RUNGS, 27: ([4, 8, 7], ROAD), 28: ([9, 7], ROAD), 29: ([9, 10, 4], ROAD)}
    nodes = {**LADDER, **{i: (15.003 + i / 5000, 60.0 + (i % 3) / 900) for i in range(7, 11)}}
    first = read_osm(write_osm(tmp_path, nodes, ways, relations=relations), crs=CRS)
    assert len(first.bans) == 3
    for seed in range(5):
        shuffled = list(ways.items())
        random.Random(seed).shuffle(shuffled)
        turned = [(relations[seed % 2]), relations[1 - seed % 2]]
        mixed = dict(sorted(nodes.items(), reverse=bool(seed % 2)))
        path = write_osm(tmp_path, mixed, dict(shuffled), relations=turned)
        again = read_osm(path, crs=CRS)
        pd.testing.assert_frame_equal(again.edges, first.edges)
        assert again.nodes.equals(first.nodes)
        assert again.bans == first.bans


def test_streets_without_restrictions_say_nothing_of_them(tmp_path: Path) -> None:
    streets = read_osm(write_osm(tmp_path, row_of_nodes(2), [([1, 2], ROAD)]), crs=CRS)
    assert (streets.bans, streets.notices) == ((), ())
