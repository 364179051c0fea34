"""transfers.txt between stops: what takes longer, waits, or cannot be done."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.network import gtfs_changes
from navplan.network.gtfs_changes import changes_of
from navplan.network.gtfs_feed import Feed
from navplan.nouns import Timetable
from tests.gtfs_bus import add_column, bus_files, faults_of, reader_of

HEADER = ["from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time"]


@pytest.fixture
def files():
    """One bus at three stops; 31 and 11 lie in the station *east*."""
    made = bus_files()
    made["stops.txt"].append(["east", "East", "59.9", "10.7"])
    add_column(made, "stops.txt", "location_type", {"east": 1})
    add_column(made, "stops.txt", "parent_station", {"stop-31": "east", "stop-11": "east"})
    return made


@pytest.fixture
def read(tmp_path, files):
    return reader_of(files, tmp_path)


def rules(timetable: Timetable) -> dict[tuple[str, str], object]:
    """From, to (corners) → "timed", "no", or the least seconds."""
    ids = [stop.removeprefix("stop-") for stop in timetable.stops.index]
    found = {}
    for row in timetable.changes.itertuples():
        assert not (row.timed and not row.allowed)
        value = "timed" if row.timed else row.least_s if row.allowed else "no"
        assert (not isinstance(value, float)) == np.isnan(row.least_s)
        found[ids[row.from_stop], ids[row.to_stop]] = value
    assert len(found) == len(timetable.changes)
    return found


def test_a_feed_without_transfers_has_no_rules(read):
    changes = read().changes
    assert list(changes.columns) == list(Timetable.CHANGES)
    assert changes.empty
    assert changes.dtypes["from_stop"] == np.int64
    assert changes.dtypes["allowed"] == np.bool_


def test_each_type_says_what_it_says(files, read):
    files["transfers.txt"] = [
        HEADER,
        ["stop-31", "stop-11", 1, ""],
        ["stop-31", "stop-02", 2, 240],
        ["stop-11", "stop-02", 3, ""],
        ["stop-02", "stop-11", 0, 99],
        ["stop-02", "stop-31", "", ""],
        ["stop-02", "stop-02", 2, 0],
    ]
    found = read()
    assert rules(found) == {
        ("31", "11"): "timed",
        ("31", "02"): 240.0,
        ("11", "02"): "no",
        ("02", "02"): 0.0,
    }
    assert found.notices == ()


def test_a_station_stands_for_its_platforms_and_a_stop_counts_more(files, read):
    files["transfers.txt"] = [
        HEADER,
        ["east", "east", 2, 300],
        ["east", "stop-02", 3, ""],
        ["stop-31", "stop-11", 0, ""],
        ["stop-11", "east", 1, ""],
        ["stop-31", "stop-02", 2, 60],
    ]
    found = read()
    assert rules(found) == {
        ("31", "31"): 300.0,
        ("11", "31"): "timed",
        ("11", "11"): "timed",
        ("31", "02"): 60.0,
        ("11", "02"): "no",
    }
    assert found.notices == ()


def test_of_two_rows_alike_the_first_counts_and_is_told_where_they_differ(files, read):
    files["transfers.txt"] = [
        HEADER,
        ["stop-31", "stop-11", 2, 120],
        ["stop-31", "stop-11", 2, 120],
    ]
    assert read().notices == ()
    files["transfers.txt"].append(["stop-31", "stop-11", 3, ""])
    found = read()
    assert rules(found) == {("31", "11"): 120.0}
    told = "transfers.txt: 1 row at odds with a row before; the first counts."
    assert found.notices == (told,)


@pytest.mark.parametrize("seconds", ["", "-60", "soon", "inf", "nan"])
def test_a_least_time_that_is_none_is_left_out(files, read, seconds):
    files["transfers.txt"] = [HEADER, ["stop-31", "stop-11", 2, seconds]]
    found = read()
    assert found.changes.empty
    told = "Left out: 1 row of transfers.txt of type 2 without a proper min_transfer_time."
    assert found.notices == (told,)


@pytest.mark.parametrize("stops", [("stop-99", "stop-11"), ("stop-31", ""), ("", "")])
def test_rows_of_unknown_stops_are_left_out(files, read, stops):
    files["transfers.txt"] = [HEADER, [*stops, 3, ""]]
    found = read()
    assert found.changes.empty
    told = "Left out: 1 row of transfers.txt with a stop that stops.txt lacks."
    assert found.notices == (told,)


def test_stops_without_service_that_day_have_no_rules(files, read):
    files["transfers.txt"] = [HEADER, ["stop-33", "stop-11", 3, ""]]
    found = read()
    assert found.changes.empty
    assert found.notices == ()


def test_unknown_types_are_left_out_and_named(files, read):
    files["transfers.txt"] = [
        HEADER,
        ["stop-31", "stop-11", 9, ""],
        ["stop-31", "stop-11", "x", ""],
    ]
    found = read()
    assert found.changes.empty
    told = "Left out: 2 rows of transfers.txt of unknown transfer_type (9, x)."
    assert found.notices == (told,)


@pytest.mark.parametrize("column", ["from_route_id", "to_trip_id"])
def test_rows_for_single_lines_or_trips_are_not_used(files, read, column):
    files["transfers.txt"] = [
        [*HEADER, column],
        ["stop-31", "stop-11", 3, "", "r1"],
        ["stop-31", "stop-02", 3, "", ""],
    ]
    found = read()
    assert rules(found) == {("31", "02"): "no"}
    told = "Left out: 1 row of transfers.txt for single lines or trips only."
    assert found.notices == (told,)


def test_a_table_without_columns_says_nothing(files, read):
    files["transfers.txt"] = [["transfer_type"], [3]]
    assert read().changes.empty
    files["transfers.txt"] = [["from_stop_id", "to_stop_id"], ["stop-31", "stop-11"]]
    assert read().changes.empty


def test_rules_for_countless_pairs_are_refused(files, read, monkeypatch):
    monkeypatch.setattr(gtfs_changes, "_MAX_PAIRS", 3)
    files["transfers.txt"] = [HEADER, ["east", "east", 3, ""]]
    assert "transfers.txt: its rows hold for more than 3 pairs of stops" in faults_of(read)


PLACES = ("a", "b", "c", "one", "two")
STATIONS = {"a": "one", "b": "one", "c": "two"}


@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES), st.sampled_from("0123")),
        max_size=8,
    )
)
def test_the_most_special_row_wins_as_by_hand(rows):
    feed = Feed("made")
    feed.tables["stops"] = pd.DataFrame({"stop_id": PLACES})
    feed.tables["transfers"] = pd.DataFrame(
        [[a, b, kind, str(60 * n)] for n, (a, b, kind) in enumerate(rows)],
        columns=HEADER,
        dtype=str,
    )
    stops = pd.Index(list("abc"))
    found = changes_of(feed, stops, pd.Series(STATIONS))
    expected = {}
    for a, b in itertools.product("abc", repeat=2):
        fitting = [
            ((x != a) + (y != b), n, kind)
            for n, (x, y, kind) in enumerate(rows)
            if x in (a, STATIONS[a]) and y in (b, STATIONS[b])
        ]
        if fitting and min(fitting)[2] != "0":
            _, n, kind = min(fitting)
            least = 60.0 * n if kind == "2" else None
            expected[a, b] = (kind == "1", kind != "3", least)
    made = {
        (stops[r.from_stop], stops[r.to_stop]): (
            r.timed,
            r.allowed,
            None if np.isnan(r.least_s) else r.least_s,
        )
        for r in found.itertuples()
    }
    assert made == expected
