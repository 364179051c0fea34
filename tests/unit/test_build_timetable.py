"""The timetable builder on a town with one tram and one bus."""

from __future__ import annotations

import datetime as dt
import io
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from navplan.errors import InputError

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from _timetable_tables import vehicle
from build_timetable import feed, holidays, main, read_tables, write_zip

TOWN = {
    "lines": """line,number,name,route_type,operator,from_date,to_date,source,date,quality
t,1,West–East,900,Town Trams,2022-11-21,,made up,2026,assumption
b,20,East–North,700,Town Buses,,2022-11-20,made up,2026,assumption
""",
    "line_stops": """line,order,stop,minutes,source,date,quality
t,1,stop-w,0,made up,2026,assumption
t,2,stop-m,3,made up,2026,assumption
t,3,stop-e,4.5,made up,2026,assumption
b,1,stop-e,0,made up,2026,assumption
b,2,stop-n,6,made up,2026,assumption
""",
    "headways": """line,days,from,until,headway_min,offset_min,direction,source,date,quality
t,weekdays,06:00,09:00,10,,,made up,2026,assumption
t,weekdays,09:00,25:00,15,5,,made up,2026,assumption
t,sunday,10:00,20:00,30,,,made up,2026,assumption
b,weekdays,07:10,07:10,60,,out,made up,2026,assumption
b,weekdays,16:40,16:40,60,,back,made up,2026,assumption
""",
    "stops": """id,name,x,y,opened,source,date,quality
stop-w,West,0,6700000,,made up,2026,assumption
stop-m,Middle,1000,6700000,2022-11-21,made up,2026,assumption
stop-e,East,3000,6700000,,made up,2026,assumption
stop-n,North,3000,6702000,,made up,2026,assumption
""",
}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "town" / "timetable"
    folder.mkdir(parents=True)
    for name, text in TOWN.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path / "town"


def change(study: Path, table: str, old: str, new: str) -> None:
    path = study / "timetable" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def faults(study: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_tables(study / "timetable")
    return str(caught.value)


def test_both_directions_run_with_the_same_minutes(study: Path) -> None:
    calls = feed(read_tables(study / "timetable"))["stop_times"].set_index("trip_id")
    out, back = calls.loc["t-weekdays-out"], calls.loc["t-weekdays-back"]
    assert list(out["stop_id"]) == ["stop-w", "stop-m", "stop-e"]
    assert list(out["arrival_time"]) == ["06:00:00", "06:03:00", "06:07:30"]
    assert list(back["stop_id"]) == ["stop-e", "stop-m", "stop-w"]
    assert list(back["departure_time"]) == ["06:00:00", "06:04:30", "06:07:30"]


def test_periods_become_frequencies_that_begin_after_their_offset(study: Path) -> None:
    made = feed(read_tables(study / "timetable"))["frequencies"].set_index("trip_id")
    rows = made.loc["t-weekdays-out"].to_numpy().tolist()
    assert rows == [
        ["06:00:00", "09:00:00", 600, 0],
        ["09:05:00", "25:00:00", 900, 0],
    ]
    assert not any(made.index.str.startswith("b-"))


def test_a_single_departure_is_a_trip_of_its_own_in_its_direction(study: Path) -> None:
    made = feed(read_tables(study / "timetable"))
    trips = made["trips"].set_index("trip_id")
    assert trips.loc["b-weekdays-out-0710", "trip_headsign"] == "North"
    assert trips.loc["b-weekdays-back-1640", "trip_headsign"] == "East"
    calls = made["stop_times"].set_index("trip_id").loc["b-weekdays-out-0710"]
    assert list(calls["departure_time"]) == ["07:10:00", "07:16:00"]


def test_dates_and_holidays_decide_what_runs(study: Path) -> None:
    made = feed(read_tables(study / "timetable"))
    weeks = made["calendar"].set_index("service_id")
    trips = made["trips"].set_index("trip_id")
    tram = weeks.loc[trips.loc["t-weekdays-out", "service_id"]]
    assert (tram["start_date"], tram["end_date"]) == ("20221121", "20261231")
    assert (tram["friday"], tram["saturday"]) == ("1", "0")
    bus = weeks.loc[trips.loc["b-weekdays-out-0710", "service_id"]]
    assert (bus["start_date"], bus["end_date"]) == ("20180101", "20221120")
    changed = made["calendar_dates"].set_index(["service_id", "date"])["exception_type"]
    weekdays, sunday = (trips.loc[f"t-{d}-out", "service_id"] for d in ("weekdays", "sunday"))
    assert changed[(weekdays, "20250501")] == "2"  # a Thursday
    assert changed[(sunday, "20250501")] == "1"
    assert (sunday, "20250608") not in changed.index  # Whit Sunday runs as it is
    assert (weekdays, "20220517") not in changed.index  # before the tram


def test_holidays_of_a_year_are_those_of_the_almanac() -> None:
    assert [f"{day:%m-%d}" for day in holidays(2025)] == [
        *("01-01", "04-17", "04-18", "04-20", "04-21", "05-01", "05-17", "05-29"),
        *("06-08", "06-09", "12-25", "12-26"),
    ]
    assert dt.date(2018, 4, 1) in holidays(2018)
    assert dt.date(2024, 3, 31) in holidays(2024)


def test_the_same_tables_give_the_same_bytes(study: Path, tmp_path: Path) -> None:
    tables = read_tables(study / "timetable")
    write_zip(feed(tables), tmp_path / "one.zip")
    shuffled = {name: table.sample(frac=1, random_state=1) for name, table in tables.items()}
    write_zip(feed(shuffled), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_command_writes_a_feed_that_says_it_is_no_official_timetable(study: Path) -> None:
    result = CliRunner().invoke(main, [str(study)])
    assert result.exit_code == 0, result.output
    assert "2 routes" in result.output
    with zipfile.ZipFile(study / "gtfs.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(texts) == {
        *("agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"),
        *("calendar.txt", "calendar_dates.txt", "frequencies.txt", "feed_info.txt"),
    }
    assert "not an official timetable" in texts["feed_info.txt"]
    stops = pd.read_csv(io.StringIO(texts["stops.txt"]), index_col="stop_id")
    # x = 0 in zone 33 lies 500 km west of 15° E
    assert stops.loc["stop-w", "stop_lon"] == pytest.approx(5.9, abs=0.2)
    assert stops.loc["stop-n", "stop_lat"] > stops.loc["stop-e", "stop_lat"]


def test_all_faults_are_told_at_once(study: Path) -> None:
    change(study, "line_stops", "t,2,stop-m,3,", "t,2,stop-x,3,")
    change(study, "line_stops", "b,1,stop-e,0,", "b,1,stop-e,2,")
    change(study, "headways", "t,weekdays,09:00,25:00", "t,weekdays,08:00,25:00")
    change(study, "lines", "b,20,East–North,700", "b,20,East–North,1700")
    told = faults(study)
    assert told.startswith("5 faults")
    assert "no such stop: 'stop-x'" in told
    assert "line_stops.csv: line b: minutes at the first stop must be 0." in told
    assert "lines.csv: row 3, line b: route type 1700" in told
    assert "headways.csv: line t, weekdays, out: its periods overlap." in told


@pytest.mark.parametrize(
    ("table", "old", "new", "expected"),
    [
        ("headways", "07:10,07:10", "07:10,06:10", "until is not after from"),
        ("headways", "b,weekdays,07:10", "c,weekdays,07:10", "headways.csv: line c: no such line"),
        ("headways", "07:10,07:10,60", "07:10,07:10,0", "must be more than 0"),
        ("headways", "b,weekdays,16:40,16:40,60,,back", "b,weekdays,7:10,7:10,9,,out", "row above"),
        ("headways", "t,sunday", "t,holiday", "must be one of weekdays, saturday, sunday"),
        ("line_stops", "b,2,stop-n,6", "b,3,stop-n,6", "order is 1, 3; expected 1 to 2"),
        ("line_stops", "b,2,stop-n,6", "b,2,stop-n,1", "over 90 km/h"),
        ("line_stops", "b,2,stop-n,6", "b,2,stop-n,0", "expected more than 0"),
        ("line_stops", "b,2,stop-n,6", "t,4,stop-n,6", "line b: has one stop"),
        ("lines", "Trams,2022-11-21", "Trams,2022-11-01", "but stop-m opened 2022-11-21"),
        ("lines", "Trams,2022-11-21,", "Trams,2022-11-21,2022-01-01", "before it begins"),
        ("lines", "Trams,2022-11-21", "Trams,2022-13-21", "lines.csv: row 2, line t"),
        ("lines", "Town Buses,,2022-11-20", "Town Buses,2030-01-01,", "outside the feed"),
        ("stops", "Middle,1000,6700000,2022-11-21", "Middle,1000,6700000,2022-02-30", "row 3"),
        ("stops", "stop-n,North", "stop-e,North", "more than once"),
    ],
)
def test_each_fault_says_where_and_what(
    study: Path, table: str, old: str, new: str, expected: str
) -> None:
    change(study, table, old, new)
    assert expected in faults(study)


def test_a_missing_table_is_named_with_the_faults_of_the_others(study: Path) -> None:
    (study / "timetable" / "stops.csv").unlink()
    change(study, "lines", ",700,", ",bus,")
    told = faults(study)
    assert "stops.csv: is not in" in told
    assert "lines.csv: row 3, route_type" in told


def test_the_command_ends_with_2_and_tells_the_faults(study: Path) -> None:
    change(study, "line_stops", "stop-m", "stop-x")
    result = CliRunner().invoke(main, [str(study)])
    assert result.exit_code == 2
    assert "stop-x" in result.output
    assert not (study / "gtfs.zip").exists()


@pytest.mark.parametrize(
    ("route_type", "kind"),
    [(2, "rail"), (106, "rail"), (0, "tram"), (900, "tram"), (702, "bus"), (1000, "water")],
)
def test_route_types_are_understood(route_type: int, kind: str) -> None:
    assert vehicle(route_type) == kind


def test_a_route_type_of_no_use_here_has_no_vehicle() -> None:
    assert vehicle(1300) is None
