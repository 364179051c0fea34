"""Stops: where they lie, what is no stop, and who can board."""

from __future__ import annotations

import numpy as np
import pytest

from tests.gtfs_bus import add_column, bus_files, calls, faults_of, reader_of, row_of


@pytest.fixture
def files():
    return bus_files()


@pytest.fixture
def read(tmp_path, files):
    return reader_of(files, tmp_path)


def test_a_stop_without_position_is_dropped_and_the_trip_keeps_the_others(files, read):
    row_of(files, "stops.txt", "stop-11")[2:] = ["", ""]
    found = read()
    assert [c[0] for c in calls(found)] == ["stop-31", "stop-02"]
    assert any("without position" in notice for notice in found.notices)


def test_a_stop_at_zero_degrees_has_no_position(files, read):
    row_of(files, "stops.txt", "stop-11")[2:] = ["0", "0.0"]
    found = read()
    assert [c[0] for c in calls(found)] == ["stop-31", "stop-02"]
    assert any("0° N 0° E" in notice for notice in found.notices)


def test_nobody_boards_at_a_parent_station(files, read):
    for row in files["stops.txt"]:
        row.append("location_type" if row[0] == "stop_id" else int(row[0] == "stop-11"))
    found = read()
    assert [c[0] for c in calls(found)] == ["stop-31", "stop-02"]
    assert "stop-11" not in found.stops.index


def test_swapped_degrees_are_refused_with_the_remedy(files, read):
    for row in files["stops.txt"][1:]:
        row[2], row[3] = row[3], row[2]
    assert "turn them round" in faults_of(read)


@pytest.mark.parametrize(("lat", "lon"), [(97.6, 10.4), (60.0, 200.0), (-33.9, 18.4)])
def test_absurd_degrees_are_refused(files, read, lat, lon):
    row_of(files, "stops.txt", "stop-11")[2:] = [lat, lon]
    text = faults_of(read)
    assert "1 of 3 stops lie outside" in text
    assert "stop-11" in text


def test_an_unused_stop_may_lie_anywhere(files, read):
    files["stops.txt"].append(["far", "Far", "-33.9", "18.4"])
    assert len(read().stops) == 3


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "5,3"])
def test_degrees_that_are_no_number_never_pass(files, read, text):
    row_of(files, "stops.txt", "stop-11")[2] = text
    assert [c[0] for c in calls(read())] == ["stop-31", "stop-02"]
    assert "Left out: 1 stop without position." in read().notices


def stations(files):
    """Stops 31 and 11 lie in the station *east*, 02 in one that is missing."""
    files["stops.txt"].append(["east", "East", "59.9", "10.7"])
    add_column(files, "stops.txt", "location_type", {"east": 1})
    parents = {"stop-31": "east", "stop-11": "east", "stop-02": "gone"}
    add_column(files, "stops.txt", "parent_station", parents)


@pytest.mark.parametrize(
    ("own", "station", "expected"),
    [("", 1, 1), (0, 2, 0), (1, 2, 1), (2, 1, 0), ("", "", np.nan), (0, 0, np.nan), (7, 1, 1)],
)
def test_a_stop_that_does_not_say_is_as_step_free_as_its_station(
    files, read, own, station, expected
):
    stations(files)
    add_column(files, "stops.txt", "wheelchair_boarding", {"stop-31": own, "east": station})
    found = read().stops["step_free"]
    np.testing.assert_equal(found["stop-31"], expected)
    assert np.isnan(found["stop-02"])


def test_the_share_of_stops_that_do_not_say_is_told(files, read):
    stations(files)
    add_column(files, "stops.txt", "wheelchair_boarding", {"stop-31": 1, "stop-11": 2})
    found = read()
    told = "wheelchair_boarding is not said for 1 of 3 stops; taken as unknown."
    assert told in found.notices


def test_a_missing_parent_station_is_told(files, read):
    stations(files)
    told = "Left out: the parent station of 1 stop, which stops.txt lacks (gone)."
    assert read().notices == (told,)
