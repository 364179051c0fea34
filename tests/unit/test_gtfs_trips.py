"""Times and calls of trips: gaps, order, headways, flags."""

from __future__ import annotations

import pandas as pd
import pytest

from navplan.network.gtfs_trips import seconds_of
from tests.gtfs_bus import bus_files, calls, faults_of, reader_of


@pytest.fixture
def files():
    return bus_files()


@pytest.fixture
def read(tmp_path, files):
    return reader_of(files, tmp_path)


def test_headways_are_departures_before_the_end(files, read):
    files["frequencies.txt"] = [
        ["trip_id", "start_time", "end_time", "headway_secs"],
        ["t", "08:00:00", "08:30:00", 600],
        ["t", "08:20:00", "08:41:00", 1200],
    ]
    found = read()
    starts = sorted(c[2] for c in calls(found) if c[0] == "stop-31")
    assert starts == [28800, 29400, 30000, 31200]  # 08:20 stands in both rows, 10:00 in none
    assert [c for c in calls(found) if c[0] != "stop-31"][:2] == [
        ("stop-11", 28800 + 240, 28800 + 300),
        ("stop-02", 28800 + 480, 28800 + 480),
    ]
    assert any("overlapping" in notice for notice in found.notices)


@pytest.mark.parametrize("column", ["arrival_time", "departure_time"])
def test_headways_count_from_the_first_stop_also_when_it_is_left_out(files, read, column):
    header, *rows = files["stop_times.txt"]
    first = dict(zip(header, rows[0], strict=True)) | {"stop_id": "nowhere", column: ""}
    files["stop_times.txt"] = [header, [first[name] for name in header], *rows[1:]]
    files["frequencies.txt"] = [
        ["trip_id", "start_time", "end_time", "headway_secs"],
        ["t", "08:00:00", "08:30:00", 1800],
    ]
    assert calls(read()) == [("stop-11", 29040, 29100), ("stop-02", 29280, 29280)]


def test_an_absurd_headway_is_refused_before_it_fills_the_memory(files, read):
    files["frequencies.txt"] = [["trip_id", "start_time", "end_time", "headway_secs"]] + [
        ["t", f"{k:02d}:00:00", "99:00:00", 1] for k in range(24)
    ]
    assert "departures a day" in faults_of(read)


def test_a_headway_of_nothing_is_left_out_and_told(files, read):
    files["frequencies.txt"] = [
        ["trip_id", "start_time", "end_time", "headway_secs"],
        ["t", "08:00:00", "08:30:00", 600],
        ["t", "09:00:00", "09:30:00", 0],
    ]
    found = read()
    assert len(found.trips) == 3
    assert any("headway" in notice for notice in found.notices)


def test_a_middle_call_without_time_is_spread_evenly(files, read):
    files["stop_times.txt"][2][1:3] = ["", ""]
    files["stop_times.txt"].insert(3, ["t", "", "", "stop-12", 2.5])
    found = read()
    assert [c[1] for c in calls(found)] == [36000, 36160, 36320, 36480]
    assert "2 middle calls without a time; spread evenly between the neighbours." in found.notices


def test_an_arrival_alone_is_also_the_departure(files, read):
    files["stop_times.txt"][2][2] = ""
    assert calls(read())[1] == ("stop-11", 36240, 36240)


@pytest.mark.parametrize(
    ("row", "left"), [(1, ["stop-11", "stop-02"]), (3, ["stop-31", "stop-11"])]
)
def test_ends_without_a_time_are_cut(files, read, row, left):
    files["stop_times.txt"][row][1:3] = ["", ""]
    # the trip after it in the file lends it no time
    files["trips.txt"].append(["r1", "weekdays", "u"])
    files["stop_times.txt"] += [
        ["u", "11:00:00", "11:00:00", "stop-31", 1],
        ["u", "11:04:00", "11:04:00", "stop-11", 2],
    ]
    found = read()
    assert [c[0] for c in calls(found)] == [*left, "stop-31", "stop-11"]
    assert any("without time at the end" in notice for notice in found.notices)


def test_a_trip_that_goes_back_in_time_is_left_out(files, read):
    files["trips.txt"].append(["r1", "weekdays", "back"])
    files["stop_times.txt"] += [
        ["back", "10:00:00", "10:00:00", "stop-31", 1],
        ["back", "09:00:00", "09:00:00", "stop-11", 2],
    ]
    found = read()
    assert found.trips["trip_id"].tolist() == ["t"]
    assert "Left out: 1 trip going back in time." in found.notices


def test_calls_are_ordered_by_sequence_and_not_by_row(files, read):
    files["stop_times.txt"][1:] = files["stop_times.txt"][:0:-1]
    assert [c[0] for c in calls(read())] == ["stop-31", "stop-11", "stop-02"]


def test_a_sequence_is_a_number_and_no_text(files, read):
    for row, order in zip(files["stop_times.txt"][1:], (9, 10, 100), strict=True):
        row[4] = order
    assert [c[0] for c in calls(read())] == ["stop-31", "stop-11", "stop-02"]


def test_boarding_and_alighting_flags(files, read):
    files["stop_times.txt"] = [
        row + extra
        for row, extra in zip(
            files["stop_times.txt"],
            (["pickup_type", "drop_off_type"], [0, 1], [2, ""], [1, 3]),
            strict=True,
        )
    ]
    found = read()
    assert found.stop_times["board"].tolist() == [True, True, False]
    assert found.stop_times["alight"].tolist() == [False, True, True]
    assert any("booked" in notice for notice in found.notices)


def test_times_are_hours_minutes_and_seconds():
    known = {
        "0:00:00": 0,
        "9:05:07": 32707,
        "24:00:00": 86400,
        "99:59:59": 359999,
        "144:00:00": 518400,
    }
    odd = ["", "9:5:7", "10:00", "10:60:00", "ten", "1000:00:00", "-1:00:00", "１０:00:00"]
    found = seconds_of(pd.Series([*known, *odd]))
    assert found[: len(known)].tolist() == list(known.values())
    assert found[len(known) :].isna().all()


def test_a_text_that_is_no_time_counts_as_none(files, read):
    files["stop_times.txt"][2][1:3] = ["soon", "10:05:00"]
    found = read()
    assert calls(found)[1] == ("stop-11", 36300, 36300)
    assert "1 text in arrival_time taken as empty, being no time ('soon')." in found.notices


def test_headways_keep_the_times_between_the_calls_whatever_the_trip_starts_at(files, read):
    files["frequencies.txt"] = [
        ["trip_id", "start_time", "end_time", "headway_secs"],
        ["t", "08:00:00", "08:00:01", 71760],
    ]
    assert calls(read()) == [
        ("stop-31", 28800, 28800),
        ("stop-11", 29040, 29100),
        ("stop-02", 29280, 29280),
    ]
