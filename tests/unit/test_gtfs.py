"""Reading one service day of a GTFS feed: what runs, what is repaired, what is refused."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import struct
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.network import read_gtfs
from navplan.nouns import Timetable
from tests import town

NEXT_DAY = town.DATE + dt.timedelta(days=1)
HEADER = ["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"]


@pytest.fixture
def files():
    """A feed of one bus: 10:00 at p-31, 10:04 at p-11, 10:08 at p-02."""
    whole = town.gtfs_tables()
    whole["trips.txt"] = [whole["trips.txt"][0], ["r1", "weekdays", "t"]]
    whole["stop_times.txt"] = [
        HEADER,
        ["t", "10:00:00", "10:00:00", "stop-31", 1],
        ["t", "10:04:00", "10:05:00", "stop-11", 2],
        ["t", "10:08:00", "10:08:00", "stop-02", 3],
    ]
    return copy.deepcopy(whole)


@pytest.fixture
def read(tmp_path, files):
    """Write the feed and read its day."""

    def reader(date: dt.date = town.DATE) -> Timetable:
        return read_gtfs(town.write_gtfs(tmp_path / "feed.zip", files), date, crs=town.CRS)

    return reader


def faults_of(reader, date: dt.date = town.DATE) -> str:
    with pytest.raises(InputError) as error:
        reader(date)
    return str(error.value)


def calls(timetable: Timetable) -> list[tuple[str, int, int]]:
    ids = timetable.stops.index
    return [(ids[r.stop], r.arrival, r.departure) for r in timetable.stop_times.itertuples()]


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


# --- service days ---


def test_a_day_without_service_names_the_first_and_last_day(files, read):
    files["calendar.txt"][1][-2:] = ["20241001", "20241231"]
    text = faults_of(read, dt.date(2025, 1, 2))
    assert "nothing runs on 2025-01-02; the feed has service from 2024-10-01 to 2024-12-31" in text


def test_a_sunday_between_names_the_nearest_days(files, read):
    files["calendar.txt"][1][-2:] = ["20241001", "20241231"]
    files["calendar.txt"][1][-4:-2] = [0, 0]
    text = faults_of(read, dt.date(2024, 10, 20))
    assert "nearest days with service are 2024-10-18 and 2024-10-21" in text


def test_single_dates_add_and_cancel(files, read):
    files["calendar_dates.txt"] = [
        ["service_id", "date", "exception_type"],
        ["weekdays", f"{town.DATE:%Y%m%d}", 2],
        ["weekdays", f"{NEXT_DAY:%Y%m%d}", 1],
    ]
    assert len(read(NEXT_DAY).trips) == 1
    assert "nothing runs on 2024-10-15" in faults_of(read)


@pytest.mark.parametrize("keep", ["calendar.txt", "calendar_dates.txt"])
def test_either_calendar_is_enough(files, read, keep):
    files["calendar_dates.txt"] = [
        ["service_id", "date", "exception_type"],
        ["weekdays", f"{town.DATE:%Y%m%d}", 1],
    ]
    for name in {"calendar.txt", "calendar_dates.txt"} - {keep}:
        del files[name]
    assert len(read().trips) == 1


def test_yesterdays_late_trips_run_on_after_midnight(files, read):
    files["calendar.txt"][1][-2:] = [f"{town.DATE:%Y%m%d}", f"{NEXT_DAY:%Y%m%d}"]
    files["trips.txt"].append(["r1", "weekdays", "night"])
    files["stop_times.txt"] += [
        ["night", "23:50:00", "23:50:00", "stop-31", 1],
        ["night", "24:10:00", "24:10:00", "stop-02", 2],
    ]
    first = read()
    assert calls(first)[:2] == [("stop-31", 85800, 85800), ("stop-02", 87000, 87000)]
    second = read(NEXT_DAY)
    night = [c for c in calls(second) if c[1] < 3600 or c[1] > 80000]
    assert night == [
        ("stop-31", -600, -600),
        ("stop-02", 600, 600),
        ("stop-31", 85800, 85800),
        ("stop-02", 87000, 87000),
    ]
    # a day on which only the rest of the night before is left is no service day
    with pytest.raises(InputError, match="nothing runs"):
        read(NEXT_DAY + dt.timedelta(days=1))


def test_a_night_bus_of_yesterdays_service_meets_todays_other_service(files, read):
    files["calendar.txt"].append(["today", *[1] * 7, f"{NEXT_DAY:%Y%m%d}", f"{NEXT_DAY:%Y%m%d}"])
    files["trips.txt"].append(["r1", "today", "u"])
    files["stop_times.txt"][3][1:3] = ["24:08:00", "24:08:00"]
    files["stop_times.txt"] += [
        ["u", "11:00:00", "11:00:00", "stop-31", 1],
        ["u", "11:04:00", "11:04:00", "stop-11", 2],
    ]
    assert read(NEXT_DAY).trips["trip_id"].tolist() == ["t", "u"]


@pytest.mark.parametrize("text", ["2024.10.15", "20241345", "2024-10-15", ""])
def test_a_date_that_is_none_is_a_fault_with_its_row(files, read, text):
    files["calendar.txt"][1][-1] = text
    assert f"calendar.txt, row 2, end_date: {text!r} is no date" in faults_of(read)


# --- times ---


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


# --- stops ---


def stop_row(files, stop: str) -> list[object]:
    return next(row for row in files["stops.txt"] if row[0] == stop)


def test_a_stop_without_position_is_dropped_and_the_trip_keeps_the_others(files, read):
    stop_row(files, "stop-11")[2:] = ["", ""]
    found = read()
    assert [c[0] for c in calls(found)] == ["stop-31", "stop-02"]
    assert any("without position" in notice for notice in found.notices)


def test_a_stop_at_zero_degrees_has_no_position(files, read):
    stop_row(files, "stop-11")[2:] = ["0", "0.0"]
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
    stop_row(files, "stop-11")[2:] = [lat, lon]
    text = faults_of(read)
    assert "1 of 3 stops lie outside" in text
    assert "stop-11" in text


def test_an_unused_stop_may_lie_anywhere(files, read):
    files["stops.txt"].append(["far", "Far", "-33.9", "18.4"])
    assert len(read().stops) == 3


def test_extended_route_types_are_kept(files, read):
    files["routes.txt"][1][2] = 704
    assert read().trips["route_type"].tolist() == [704]


def test_a_line_is_called_by_its_short_name_then_long_then_id(files, read):
    assert read().trips["line"].tolist() == ["1"]
    files["routes.txt"] = [
        ["route_id", "route_short_name", "route_long_name", "route_type"],
        ["r1", "", "East line", 3],
    ]
    assert read().trips["line"].tolist() == ["East line"]
    files["routes.txt"][1][2] = ""
    assert read().trips["line"].tolist() == ["r1"]


# --- references and faults ---


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


def test_a_service_with_two_different_weeks_is_refused(files, read):
    other = list(files["calendar.txt"][1])
    other[1] = 0
    files["calendar.txt"].append(other)
    assert "service weekdays has two rows that differ" in faults_of(read)


# --- bytes ---


def rewritten(path: Path, name: str, change) -> Path:
    """Change the bytes of one member."""
    with zipfile.ZipFile(path) as source:
        members = {n: source.read(n) for n in source.namelist()}
    members[name] = change(members[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b"\xef\xbb\xbf" + b,
        lambda b: b.replace(b"\n", b"\r\n"),
        lambda b: b.replace(b",", b" , "),
        lambda b: b.replace(b"trip_id", b'"trip_id"'),
        lambda b: b + b"\n\n",
    ],
    ids=["byte order mark", "CRLF", "blanks", "quotes", "empty lines"],
)
def test_harmless_bytes_change_nothing(tmp_path, files, read, change):
    plain = read()
    for name in ("stop_times.txt", "trips.txt"):
        path = rewritten(tmp_path / "feed.zip", name, change)
    found = read_gtfs(path, town.DATE, crs=town.CRS)
    pd.testing.assert_frame_equal(found.stop_times, plain.stop_times)
    assert found.notices == ()


def test_latin_1_is_read_with_a_notice(tmp_path, files):
    stop_row(files, "stop-11")[1] = "Åsane"
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "stops.txt", lambda b: b.decode().encode("latin-1"))
    found = read_gtfs(path, town.DATE, crs=town.CRS)
    assert found.stops.loc["stop-11", "name"] == "Åsane"
    assert any("Latin-1" in notice for notice in found.notices)


def test_rows_longer_and_shorter_than_the_header_are_told(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "routes.txt", lambda b: b.replace(b"r1,1,3", b"r1,1,3,9"))
    rewritten(path, "agency.txt", lambda b: b.replace(b",Europe/Oslo", b""))
    found = read_gtfs(path, town.DATE, crs=town.CRS)
    assert found.trips["route_type"].tolist() == [3]
    assert "routes.txt: 1 row with more cells than the header; cut." in found.notices
    assert any(notice.startswith("agency.txt: 1 row shorter") for notice in found.notices)


def test_nul_bytes_are_refused(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "stops.txt", lambda b: b.decode().encode("utf-16"))
    with pytest.raises(InputError, match="NUL bytes"):
        read_gtfs(path, town.DATE, crs=town.CRS)


def test_an_unknown_file_is_named(files, read):
    files["frecuencias.txt"] = [["trip_id"]]
    assert "frecuencias.txt is not a file of GTFS and is not read." in read().notices


# --- archives ---


@pytest.mark.parametrize(
    "name", ["../stops.txt", "/etc/stops.txt", "a/../../stops.txt", "..\\stops.txt", "C:/stops.txt"]
)
def test_paths_out_of_the_archive_are_refused(tmp_path, files, name):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "stop_id\n")
    with pytest.raises(InputError, match="path out of the archive"):
        read_gtfs(path, town.DATE, crs=town.CRS)


def test_a_member_that_stands_twice_is_refused(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("stops.txt", "stop_id\n")
    with pytest.raises(InputError, match=r"stops.txt: stands in the archive more than once"):
        read_gtfs(path, town.DATE, crs=town.CRS)


def test_a_bomb_is_refused_unread(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "stops.txt", lambda b: b + b"\n" * 50_000_000)
    assert path.stat().st_size < 200_000
    with pytest.raises(InputError, match="more than a timetable does"):
        read_gtfs(path, town.DATE, crs=town.CRS)


def test_a_header_that_lies_about_the_size_is_found_out(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "stops.txt", lambda b: b + b"\n" * 3_000_000)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("stops.txt").file_size
    place = content.rfind(struct.pack("<I", size))  # in the central directory
    content[place : place + 4] = struct.pack("<I", 100)
    path.write_bytes(content)
    with pytest.raises(InputError, match="no zip file that can be read"):
        read_gtfs(path, town.DATE, crs=town.CRS)


def test_no_feed_at_all_is_refused(tmp_path):
    (tmp_path / "text.zip").write_text("no zip")
    (tmp_path / "empty").mkdir()
    (tmp_path / "deep" / "gtfs").mkdir(parents=True)
    (tmp_path / "deep" / "gtfs" / "stops.txt").write_text("stop_id\n")
    for name, word in (
        ("text.zip", "no zip file"),
        ("empty", "none of the tables"),
        ("deep", "sub-folder gtfs"),
        ("missing.zip", "there is no file or folder"),
    ):
        with pytest.raises(InputError, match=word):
            read_gtfs(tmp_path / name, town.DATE, crs=town.CRS)


@pytest.mark.parametrize("seed", range(30))
def test_damaged_bytes_are_refused_or_read_but_never_break(tmp_path, files, seed):
    rng = np.random.default_rng(seed)
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    name = str(rng.choice(sorted(files)))

    def damage(content: bytes) -> bytes:
        raw = bytearray(content)
        for place in rng.integers(0, len(raw), 4):
            raw[place] = int(rng.integers(0, 256))
        start, length = rng.integers(0, len(raw)), rng.integers(0, 20)
        del raw[start : start + length]
        return bytes(raw)

    rewritten(path, name, damage)
    with contextlib.suppress(InputError):
        assert len(read_gtfs(path, town.DATE, crs=town.CRS).trips) >= 1
