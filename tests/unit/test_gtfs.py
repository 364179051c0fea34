"""Reading one service day of a GTFS feed: what runs, and what is missing or repeated."""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest

from navplan.network import read_gtfs
from navplan.nouns import Timetable
from tests import town
from tests.gtfs_bus import add_column, add_trip, bus_files, faults_of, reader_of


@pytest.fixture
def files():
    return bus_files()


@pytest.fixture
def read(tmp_path, files):
    return reader_of(files, tmp_path)


def test_the_town_comes_back_from_its_feed(tmp_path):
    made = town.timetable()
    found = read_gtfs(town.write_gtfs(tmp_path / "town.zip"), town.DATE, crs=town.CRS)
    assert found.notices == ()
    lines = found.trips.set_index("trip_id")

    def rows(table: Timetable) -> list[list[object]]:
        frame = table.stop_times.assign(
            trip=table.trips["trip_id"].to_numpy()[table.stop_times["trip"]],
            stop=table.stops.index[table.stop_times["stop"]],
        )
        columns = ["trip", "stop", "arrival", "departure"]
        return frame.sort_values(["trip", "arrival"])[columns].to_numpy().tolist()

    assert rows(found) == rows(made)
    assert lines.loc[made.trips["trip_id"], "line"].tolist() == made.trips["line"].tolist()
    assert lines.loc[made.trips["trip_id"], "route_type"].tolist() == (
        made.trips["route_type"].tolist()
    )
    apart = found.stops.distance(made.stops.loc[found.stops.index])
    assert (apart < 0.01).all()


def test_a_folder_gives_the_same_as_a_zip(tmp_path, files, read):
    archive = read()
    with zipfile.ZipFile(tmp_path / "feed.zip") as source:
        source.extractall(tmp_path / "folder")
    folder = read_gtfs(tmp_path / "folder", town.DATE, crs=town.CRS)
    pd.testing.assert_frame_equal(folder.stop_times, archive.stop_times)
    pd.testing.assert_frame_equal(folder.stops, archive.stops)


def test_a_line_is_called_by_its_short_name_then_long_then_id(files, read):
    assert read().trips["line"].tolist() == ["1"]
    files["routes.txt"] = [
        ["route_id", "route_short_name", "route_long_name", "route_type"],
        ["r1", "", "East line", 3],
    ]
    assert read().trips["line"].tolist() == ["East line"]
    files["routes.txt"][1][2] = ""
    assert read().trips["line"].tolist() == ["r1"]


def test_extended_route_types_are_kept(files, read):
    files["routes.txt"][1][2] = 704
    assert read().trips["route_type"].tolist() == [704]


def test_all_faults_are_told_together(files, read):
    del files["routes.txt"]
    files["trips.txt"][0][1] = "service"
    files["stop_times.txt"] = files["stop_times.txt"][:1]
    text = faults_of(read)
    assert "routes.txt: is missing" in text
    assert "trips.txt: lacks the column service_id" in text
    assert "stop_times.txt: has no rows" in text


def test_only_trips_of_unknown_routes_leave_nothing(files, read):
    files["trips.txt"][1][0] = "other"
    text = faults_of(read)
    assert "no service with a usable trip" in text
    assert "of no route" in text


def test_repeated_ids_count_once(files, read):
    files["stops.txt"].append(list(files["stops.txt"][1]))
    files["routes.txt"].append(list(files["routes.txt"][1]))
    files["trips.txt"].append(list(files["trips.txt"][1]))
    found = read()
    assert len(found.trips) == 1
    assert sum("used before" in notice for notice in found.notices) == 3


def test_trips_without_or_with_one_call_are_left_out(files, read):
    files["trips.txt"] += [["r1", "weekdays", "none"], ["r1", "weekdays", "one"]]
    files["stop_times.txt"].append(["one", "10:00:00", "10:00:00", "stop-31", 1])
    found = read()
    assert found.trips["trip_id"].tolist() == ["t"]
    assert "Left out: 1 trip without stop times." in found.notices
    assert "Left out: 1 trip with fewer than two usable calls." in found.notices


def test_unknown_route_types_are_kept_and_told(files, read):
    files["routes.txt"][1][2] = 42
    found = read()
    assert found.trips["route_type"].tolist() == [42]
    assert "1 trip of unknown route_type (42); kept." in found.notices


@pytest.mark.parametrize("text", ["", "bus", "1e30", "inf"])
def test_a_route_without_a_proper_type_is_a_bus(files, read, text):
    files["routes.txt"][1][2] = text
    found = read()
    assert found.trips["route_type"].tolist() == [3]
    assert "1 trip without route_type; taken for buses." in found.notices


@pytest.mark.parametrize("file", ["routes.txt", "stop_times.txt"])
def test_boarding_between_stops_is_left_out_and_told(files, read, file):
    for number, row in enumerate(files[file]):
        row.append("continuous_pickup" if number == 0 else 1)
    assert read().notices == ()
    files[file][1][-1] = 0
    told = "Left out: boarding and alighting between stops, which is allowed on 1 trip."
    assert told in read().notices


def test_walks_in_stations_follow_the_streets(files, read):
    files["pathways.txt"] = files["levels.txt"] = [["pathway_id"]]
    told = "Left out: levels.txt and pathways.txt; walks in stations follow the streets."
    assert read().notices == (told,)


def test_files_without_bearing_on_travel_are_not_mentioned(files, read):
    files["shapes.txt"] = files["feed_info.txt"] = files["booking_rules.txt"] = [["shape_id"]]
    assert read().notices == ()


def test_trips_say_whether_a_wheelchair_can_board(files, read):
    assert read().trips["step_free"].isna().all()
    assert not any("wheelchair" in notice for notice in read().notices)
    for trip in ("u", "v", "w"):
        add_trip(files, trip, ("31", "11:00"), ("11", "11:04"))
    answers = {"t": 1, "u": 2, "v": 0}
    add_column(files, "trips.txt", "wheelchair_accessible", answers)
    found = read()
    known = found.trips.set_index("trip_id")["step_free"]
    assert known[["t", "u"]].tolist() == [1.0, 0.0]
    assert known[["v", "w"]].isna().all()
    told = "wheelchair_accessible is not said for 2 of 4 trips; taken as unknown."
    assert told in found.notices


def test_a_feed_of_on_demand_trips_alone_is_no_timetable(files, read):
    for number, row in enumerate(files["stop_times.txt"]):
        row[3] = "location_id" if number == 0 else "zone"
    assert "lacks the column stop_id. On-demand trips within time windows" in faults_of(read)
