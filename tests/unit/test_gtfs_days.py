"""Which trips run on a day: calendars, nights, and trips of several days."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.network.gtfs_days import Calendar
from navplan.network.gtfs_feed import Feed
from tests import town
from tests.gtfs_bus import NEXT_DAY, add_trip, bus_files, calls, faults_of, reader_of


@pytest.fixture
def files():
    return bus_files()


@pytest.fixture
def read(tmp_path, files):
    return reader_of(files, tmp_path)


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


def test_a_service_with_two_different_weeks_is_refused(files, read):
    other = list(files["calendar.txt"][1])
    other[1] = 0
    files["calendar.txt"].append(other)
    assert "service weekdays has two rows that differ" in faults_of(read)


def test_a_coastal_ship_of_two_days_ago_still_sails(files, read):
    files["calendar.txt"][1][-2:] = ["20241014", "20241018"]
    add_trip(files, "ship", ("31", "22:00"), ("11", "47:30"), ("33", "51:00"))
    found = read(dt.date(2024, 10, 16))
    ships = found.trips.index[found.trips["trip_id"] == "ship"]
    first = {
        int(k): found.stop_times["departure"][found.stop_times["trip"] == k].iloc[0] for k in ships
    }
    hours = sorted(seconds / 3600 for seconds in first.values())
    assert hours == [22 - 48, 22 - 24, 22]
    # on the first day of the service none is under way yet
    assert (read(dt.date(2024, 10, 14)).trips["trip_id"] == "ship").sum() == 1
    assert not found.notices


def test_headways_past_midnight_come_along_the_day_after(files, read):
    files["calendar.txt"][1][-2:] = ["20241014", "20241018"]
    files["frequencies.txt"] = [
        ["trip_id", "start_time", "end_time", "headway_secs"],
        ["t", "23:00:00", "24:30:00", 1800],
    ]
    starts = [departure for stop, _, departure in calls(read()) if stop == "stop-31"]
    # last night's departure at 23:30 was there by 23:38; that of 24:00 is under way
    assert [seconds / 60 for seconds in starts] == [0, 23 * 60, 23 * 60 + 30, 24 * 60]


def test_what_a_trip_does_after_a_week_is_left_out(files, read):
    add_trip(files, "endless", ("31", "10:00"), ("11", "200:00"))
    told = "Left out: calls more than 7 days past the service day (1 trip)."
    assert told in read().notices


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
near = st.integers(0, 40).map(lambda days: dt.date(2024, 2, 20) + dt.timedelta(days))


@given(
    weeks=st.lists(
        st.tuples(st.lists(st.sampled_from("01"), min_size=7, max_size=7), near, near), max_size=3
    ),
    single=st.lists(st.tuples(st.sampled_from("ABC"), near, st.sampled_from("12")), max_size=6),
    asked=st.sets(st.sampled_from("ABC")),
)
def test_dates_are_the_days_on_which_a_service_runs(weeks, single, asked):
    feed = Feed("made")
    rows = [
        [name, *week, f"{start:%Y%m%d}", f"{end:%Y%m%d}"]
        for name, (week, start, end) in zip("ABC", weeks, strict=False)
    ]
    columns = ["service_id", *DAYS, "start_date", "end_date"]
    feed.tables["calendar"] = pd.DataFrame(rows, columns=columns, dtype=str)
    feed.tables["calendar_dates"] = pd.DataFrame(
        [[name, f"{day:%Y%m%d}", kind] for name, day, kind in single],
        columns=["service_id", "date", "exception_type"],
        dtype=str,
    )
    calendar = Calendar(feed)

    def runs(name: str, day: dt.date) -> bool:
        if (name, day, "2") in single:
            return False
        week = dict(zip("ABC", weeks, strict=False)).get(name)
        weekly = week is not None and week[0][day.weekday()] == "1" and week[1] <= day <= week[2]
        return weekly or (name, day, "1") in single

    days = [dt.date(2024, 2, 20) + dt.timedelta(k) for k in range(41)]
    assert calendar.dates(asked) == [day for day in days if any(runs(n, day) for n in asked)]
    assert calendar.dates() == [day for day in days if any(runs(n, day) for n in "ABC")]
    assert calendar.services(days[7]) == {name for name in "ABC" if runs(name, days[7])}


def test_a_range_of_centuries_takes_no_time(files, read):
    files["calendar.txt"][1][-2:] = ["19000101", "29991231"]
    assert len(read().trips) == 1
    text = faults_of(read, dt.date(2024, 10, 19))
    assert "nothing runs on 2024-10-19" in text
