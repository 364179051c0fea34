"""One vehicle, several trips: blocks and in-seat transfers."""

from __future__ import annotations

import geopandas as gpd
import pytest

from navplan.nouns import Timetable
from tests import town
from tests.gtfs_bus import NEXT_DAY, add_column, add_trip, bus_files, reader_of, row_of

SEATS = ["from_trip_id", "to_trip_id", "transfer_type"]


@pytest.fixture
def files():
    """Trip t ends at 02 at 10:08; u goes on from there at 10:10."""
    made = bus_files()
    add_trip(made, "u", ("02", "10:10"), ("12", "10:12"), block_id="1")
    add_column(made, "trips.txt", "block_id", {"t": "1"})
    return made


@pytest.fixture
def read(tmp_path, files):
    return reader_of(files, tmp_path)


def onward(timetable: Timetable) -> dict[str, str]:
    """Trip id → id of the trip it goes on as."""
    ids = timetable.trips["trip_id"]
    return {
        ids[number]: ids[after]
        for number, after in enumerate(timetable.trips["continues"])
        if after >= 0
    }


def test_trips_of_a_block_follow_each_other(files, read):
    add_trip(files, "v", ("12", "10:20"), ("02", "10:22"), block_id="1")
    add_trip(files, "w", ("02", "10:30"), ("12", "10:32"), block_id="2")
    add_trip(files, "x", ("02", "10:40"), ("12", "10:42"))
    found = read()
    assert onward(found) == {"t": "u", "u": "v"}
    assert found.notices == ()


def test_without_blocks_every_trip_ends(files, read):
    add_column(files, "trips.txt", "block_id", {"t": "", "u": ""})
    assert (read().trips["continues"] == -1).all()


def test_a_vehicle_that_starts_elsewhere_lets_its_passengers_out(files, read):
    row_of(files, "stop_times.txt", "u")[3] = "stop-32"
    found = read()
    assert onward(found) == {}
    told = "of trips of one block that end and start over 100 m apart."
    assert found.notices == (f"Left out: staying seated between 1 pair {told}",)


@pytest.mark.parametrize(("metres", "seated"), [(90, True), (110, False)])
def test_the_next_platform_is_the_same_place(files, read, metres, seated):
    x, y = town.at("02")
    point = gpd.GeoSeries.from_xy([x + metres], [y], crs=town.CRS).to_crs("EPSG:4326").iloc[0]
    files["stops.txt"].append(["stop-B", "Platform B", point.y, point.x])
    row_of(files, "stop_times.txt", "u")[3] = "stop-B"
    assert onward(read()) == ({"t": "u"} if seated else {})


def test_platforms_of_one_station_are_the_same_place(files, read):
    files["stops.txt"].append(["station", "Station", "59.9", "10.7"])
    add_column(files, "stops.txt", "location_type", {"station": 1})
    parents = {"stop-02": "station", "stop-32": "station"}
    add_column(files, "stops.txt", "parent_station", parents)
    row_of(files, "stop_times.txt", "u")[3] = "stop-32"
    assert onward(read()) == {"t": "u"}


def test_trips_of_a_block_that_overlap_are_told(files, read):
    row_of(files, "stop_times.txt", "u")[1:3] = ["10:07:00", "10:07:00"]
    found = read()
    assert onward(found) == {}
    told = "Left out: staying seated between 1 pair of trips of one block that overlap."
    assert found.notices == (told,)


def test_only_trips_of_the_same_day_follow_each_other(files, read):
    files["calendar.txt"][1][-1] = f"{NEXT_DAY:%Y%m%d}"
    add_trip(files, "late", ("02", "23:30"), ("12", "24:30"), block_id="9")
    add_trip(files, "later", ("12", "24:40"), ("02", "24:50"), block_id="9")
    add_trip(files, "early", ("12", "06:00"), ("02", "06:10"), block_id="9")
    found = read(NEXT_DAY)
    night = found.trips.index[found.trips["trip_id"].isin(["late", "later"])][:2]
    # last night's pair, and today's chain of three
    assert found.trips.loc[night[0], "continues"] == night[1]
    assert found.trips.loc[night[1], "continues"] == -1
    assert onward(found).keys() >= {"early", "late"}
    links = found.trips["continues"]
    starts = found.stop_times.groupby("trip")["departure"].first()
    ends = found.stop_times.groupby("trip")["arrival"].last()
    for before, after in links[links >= 0].items():
        assert ends[before] <= starts[after]


def test_a_block_with_headways_says_nothing_of_vehicles(files, read):
    files["frequencies.txt"] = [
        ["trip_id", "start_time", "end_time", "headway_secs"],
        ["t", "08:00:00", "08:30:00", 600],
    ]
    found = read()
    assert onward(found) == {}
    told = "Left out: the blocks of 1 trip with headways: changing there counts as a change."
    assert found.notices == (told,)


def test_staying_seated_can_be_forbidden(files, read):
    files["transfers.txt"] = [SEATS, ["t", "u", 5]]
    found = read()
    assert onward(found) == {}
    assert found.notices == ()


def test_staying_seated_goes_before_the_block(files, read):
    add_trip(files, "v", ("33", "10:20"), ("32", "10:22"))
    files["transfers.txt"] = [SEATS, ["t", "v", 4]]
    found = read()
    assert onward(found) == {"t": "v"}
    assert found.changes.empty


def test_a_train_that_splits_goes_on_as_the_first_named(files, read):
    add_trip(files, "v", ("02", "10:20"), ("12", "10:22"))
    files["transfers.txt"] = [SEATS, ["t", "v", 4], ["t", "u", 4]]
    found = read()
    assert onward(found) == {"t": "v"}
    assert any("staying seated between 1 pair" in notice for notice in found.notices)


def test_two_trains_that_are_joined_go_on_as_one(files, read):
    add_trip(files, "s", ("11", "10:00"), ("02", "10:09"))
    files["transfers.txt"] = [SEATS, ["s", "u", 4]]
    assert onward(read()) == {"t": "u", "s": "u"}


def test_nobody_stays_seated_back_in_time(files, read):
    files["transfers.txt"] = [SEATS, ["u", "t", 4], ["t", "t", 4]]
    found = read()
    assert onward(found) == {"t": "u"}
    assert any("the second starts before the first ends" in notice for notice in found.notices)


def test_trips_without_duration_never_go_round_in_a_circle(files, read):
    for trip in ("a", "b", "c"):
        add_trip(files, trip, ("32", "12:00"), ("33", "12:00"), block_id="3")
    pairs = [["a", "b"], ["b", "c"], ["c", "a"], ["a", "a"]]
    files["transfers.txt"] = [SEATS, *[[*pair, 4] for pair in pairs]]
    found = read()
    continues = found.trips["continues"].to_numpy()
    for start in range(len(continues)):
        seen, trip = set(), start
        while trip >= 0:
            assert trip not in seen
            seen.add(trip)
            trip = continues[trip]


def test_rows_of_unknown_trips_are_told_and_of_other_days_not(files, read):
    files["transfers.txt"] = [SEATS, ["t", "gone", 4], ["t", "", 5]]
    told = "2 rows of transfers.txt on staying seated with a trip that trips.txt lacks."
    assert read().notices == (f"Left out: {told}",)
    add_trip(files, "sunday", ("02", "10:20"), ("12", "10:22"))
    files["trips.txt"][-1][1] = "another"
    files["transfers.txt"] = [SEATS, ["t", "sunday", 4]]
    found = read()
    assert onward(found) == {"t": "u"}
    assert found.notices == ()
