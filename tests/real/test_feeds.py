"""Real feeds, and 51 faulty ones from three projects, each judged as its index expects."""

from __future__ import annotations

import csv
import datetime as dt
import re
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.network import read_gtfs
from navplan.network.gtfs_means import means_of
from navplan.network.gtfs_report import feed_report
from navplan.nouns import Timetable
from navplan.sources import read_layer

pytestmark = pytest.mark.real

LONG_AGO = dt.date(1900, 1, 1)
HONG_KONG = (113.0, 21.0, 115.0, 23.0)
FEEDS = {  # name: what the index expects, and a part of what a planner is told ("": nothing)
    "r5_fake-agency_zip": ("warn", "no service with a usable trip runs on any day"),
    "r5_fiji-ferry": ("accept", ""),
    "r5_flex_multipolygon": ("refuse", "On-demand trips within time windows alone"),
    "r5_flex_nowindow": ("warn", "on-demand calls within a time window, 4 trips"),
    "r5_flex_pointstop": ("warn", "on-demand calls within a time window, 1 trip"),
    "r5_flex_threestops": ("warn", "on-demand calls within a time window, 2 trips"),
    "r5_minimal-test": ("accept", ""),
    "r5_null-island-ferry": ("warn", "1 stop at 0° N 0° E"),
    "transitfeed_bad_date_format": ("refuse", "start_date: '2007.01.01' is no date"),
    "transitfeed_bad_eol_zip": ("warn", "routes.txt has line ends of more than one kind"),
    "transitfeed_bad_utf8": ("warn", "stops.txt is not UTF-8 (byte 105); read as Latin-1"),
    "transitfeed_duplicate_schedule_id": ("warn", "calendar.txt: 1 row twice word for word"),
    "transitfeed_duplicate_stop": ("warn", "stops.txt: 20 cells missing at the end of rows"),
    "transitfeed_duplicate_stop_sequence": ("warn", "a stop_sequence the trip has already"),
    "transitfeed_extra_row_cells": ("warn", "routes.txt: 1 row with more cells than the header"),
    "transitfeed_flatten_feed": ("warn", "2 trips with fewer than two usable calls"),
    "transitfeed_missing_calendar": ("refuse", "neither calendar.txt nor calendar_dates.txt"),
    "transitfeed_missing_column": ("warn", "agency.txt lacks the column agency_name"),
    "transitfeed_missing_endpoint_times": ("warn", "2 calls without time at the end of a trip"),
    "transitfeed_missing_stop_times": ("refuse", "stop_times.txt: is missing"),
    "transitfeed_missing_weekday_column": ("refuse", "lacks the column thursday"),
    "transitfeed_negative_stop_sequence": ("warn", "1 stop time with a negative stop_sequence"),
    "transitfeed_only_calendar_dates": ("accept", ""),
    "transitfeed_same_short_long_name": ("accept", ""),
    "transitfeed_undefined_stop": ("warn", "no place to board (NADAR)"),
    "transitfeed_unknown_file": ("warn", "frecuencias.txt, which is not a file of GTFS"),
    "transitfeed_unknown_format_zip": ("refuse", "is no zip file that can be read"),
    "transitfeed_unused_stop": ("accept", ""),
    "transitfeed_utf8bom": ("accept", ""),
    "validator_accessibility": ("refuse", "stop_times.txt: has no rows"),
    "validator_agency": ("refuse", "6 trips of no route that routes.txt has"),
    "validator_agency_single": ("refuse", "6 trips of no route that routes.txt has"),
    "validator_arrange_by_phone_stops": ("refuse", "1 trip of no route that routes.txt has"),
    "validator_check_id": ("refuse", "1 row of stops.txt without stop_id"),
    "validator_duplicate_stop_sequence": ("warn", "2 stop times with a stop_sequence the trip"),
    "validator_duplicate_stops": ("warn", "the parent station of 1 stop"),
    "validator_fare_attributes": ("refuse", "1 trip of no route that routes.txt has"),
    "validator_feed_info": ("refuse", "6 trips of no route that routes.txt has"),
    "validator_interpolated_stop_times": ("refuse", "2 trips of no route that routes.txt has"),
    "validator_invalid_references": ("warn", "which stops.txt lacks (unknown_parent)"),
    "validator_no_optional_files": ("refuse", "1 trip of no route that routes.txt has"),
    "validator_shapes": ("warn", "4 trips of no route that routes.txt has"),
    "validator_sub_folder": ("refuse", "the tables lie in the sub-folder gtfs"),
    "validator_unusable_trip": ("refuse", "neither calendar.txt nor calendar_dates.txt"),
    "validator_unused_stop": ("warn", "1 row of routes.txt without route_id"),
}
NOTHING_LEFT = {"r5_fake-agency_zip", "r5_null-island-ferry"}
"""Feeds that ask for a warning, but of which no trip is left."""

LAYERS = {  # name: what the index expects, features read, and a part of the fault
    "r5_geo_empty_geojson": ("refuse", 0, "cannot be read as a map layer"),
    "r5_geo_hkzones-mixed-geometries_geojson": ("refuse", 0, "is a LineString; expected Polygon"),
    "r5_geo_hkzones-no-collection_geojson": ("accept", 1, ""),
    "r5_geo_hkzones-type-mismatch_geojson": ("warn", 3, ""),
    "r5_geo_valid-polygon-projected_geojson": ("warn", 3, ""),
    "r5_geo_valid-polygon-projected_shp": ("accept", 3, ""),
}


def index(shared: Path) -> dict[str, dict[str, str]]:
    with (shared / "gtfs_faults" / "index.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def zone_of(path: Path) -> str:
    """The UTM zone of the feed's middle stop; Fiji's own system on both sides of 180°."""
    if path.name == "r5_fiji-ferry":
        return "EPSG:3460"
    if path.is_dir():
        text = next(iter(sorted(path.rglob("stops.txt")))).read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            text = archive.read("stops.txt")
    else:
        return "EPSG:32611"
    lines = list(csv.DictReader(text.decode("utf-8-sig", errors="replace").splitlines()))
    table = pd.DataFrame(lines)[["stop_lat", "stop_lon"]]
    lat, lon = (pd.to_numeric(table[c], errors="coerce").median() for c in table)
    return f"EPSG:{326 if lat >= 0 else 327}{int(lon // 6 + 31):02d}"


def first_day(path: Path, crs: str) -> dt.date:
    """A day on which the feed runs, as its own refusal of a day long ago says."""
    with pytest.raises(InputError) as error:
        read_gtfs(path, LONG_AGO, crs=crs)
    found = re.search(r"has service from (\d{4}-\d\d-\d\d) to", str(error.value))
    return dt.date.fromisoformat(found[1]) if found else LONG_AGO


def test_every_row_of_the_index_has_a_test(shared: Path) -> None:
    expected = {name: row["expected"] for name, row in index(shared).items()}
    assert len(expected) == 51
    assert expected == {name: case[0] for name, case in (FEEDS | LAYERS).items()}


@pytest.mark.parametrize("name", FEEDS)
def test_a_faulty_feed_is_judged_as_expected(shared: Path, name: str) -> None:
    path = shared / "gtfs_faults" / index(shared)[name]["path"]
    judged, words = FEEDS[name]
    crs = zone_of(path)
    day = first_day(path, crs)
    report = feed_report(path, day, crs=crs)
    if judged == "refuse" or name in NOTHING_LEFT:
        with pytest.raises(InputError) as error:
            read_gtfs(path, day, crs=crs)
        assert words in str(error.value)
        assert "## Refused\n\nNothing." not in report
        return
    timetable = read_gtfs(path, day, crs=crs)
    sound(timetable)
    assert "## Refused\n\nNothing." in report
    if judged == "accept":
        assert timetable.notices == ()
    else:
        assert any(words in notice for notice in timetable.notices)
        assert words.casefold() in report.casefold()


@pytest.mark.parametrize("name", LAYERS)
def test_a_faulty_layer_is_judged_as_expected(shared: Path, name: str) -> None:
    path = shared / "gtfs_faults" / index(shared)[name]["path"]
    _, count, words = LAYERS[name]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Could not parse column 'TypeMismatch'")
        layer, faults = read_layer(path, crs="EPSG:2326", geometry=("Polygon",), within=HONG_KONG)
    if words:
        assert any(words in str(fault) for fault in faults)
        return
    assert faults == []
    assert len(layer) == count
    assert layer.crs.to_epsg() == 2326


def sound(timetable: Timetable) -> None:
    """What every timetable keeps, whatever it was read from."""
    calls = timetable.stop_times
    assert set(calls["trip"]) == set(range(len(timetable.trips)))
    assert calls["trip"].is_monotonic_increasing
    assert calls["stop"].between(0, len(timetable.stops) - 1).all()
    assert set(calls["stop"]) == set(range(len(timetable.stops)))
    assert (calls["arrival"] <= calls["departure"]).all()
    same = calls["trip"].eq(calls["trip"].shift())
    assert (calls["arrival"] >= calls["departure"].shift())[same].all()
    assert np.isfinite(timetable.stops.geometry.x).all()
    trips = calls.groupby("trip")
    assert (trips.size() >= 2).all()
    onward = timetable.trips["continues"]
    onward = onward[onward >= 0]
    ends, starts = trips["arrival"].last(), trips["departure"].first()
    assert (ends[onward.index].to_numpy() <= starts[onward].to_numpy()).all()
    changes = timetable.changes
    assert not changes.duplicated(["from_stop", "to_stop"]).any()
    assert changes[["from_stop", "to_stop"]].isin(range(len(timetable.stops))).all(axis=None)


def test_googles_sample_bus_goes_on_through_its_block(shared: Path) -> None:
    path = shared / "gtfs_faults" / "transitfeed_utf8bom"
    timetable = read_gtfs(path, dt.date(2007, 1, 1), crs="EPSG:32611")
    trips = timetable.trips
    pairs = {
        (trips["trip_id"][number], trips["trip_id"][after])
        for number, after in trips["continues"].items()
        if after >= 0
    }
    assert pairs == {("AB1", "BFC1"), ("BFC2", "AB2")}


def test_googles_sample_transfers_are_rules(shared: Path) -> None:
    path = shared / "gtfs_faults" / "transitfeed_unknown_file"
    timetable = read_gtfs(path, dt.date(2007, 1, 1), crs="EPSG:32611")
    ids = timetable.stops.index
    changes = timetable.changes.assign(
        from_stop=ids[timetable.changes["from_stop"]], to_stop=ids[timetable.changes["to_stop"]]
    ).set_index(["from_stop", "to_stop"])
    assert not changes.loc[("NADAV", "NANAA"), "allowed"]
    assert changes.loc[("EMSI", "NANAA"), "least_s"] == 1200
    assert len(changes) == 2


def test_helsinki_as_it_is(shared: Path) -> None:
    path, day = shared / "helsinki" / "hsl_gtfs_crop.zip", dt.date(2022, 2, 22)
    timetable = read_gtfs(path, day, crs="EPSG:3067")
    sound(timetable)
    # the longest headway, 71 760 s, stands for a trip that runs once
    assert len(timetable.trips) == 12_788
    assert timetable.notices == (
        "Left out: 8 trips with fewer than two usable calls.",
        "wheelchair_boarding is not said for 520 of 1,359 stops; taken as unknown.",
    )
    assert set(timetable.trips["route_type"].map(means_of)) >= {"tram", "metro", "bus", "rail"}
    assert "unknown" not in set(timetable.trips["route_type"].map(means_of))
    timed = timetable.changes
    assert timed["timed"].all()
    assert (timed["from_stop"] == timed["to_stop"]).all()
    report = feed_report(path, day, crs="EPSG:3067")
    assert "- Dates with service: 2022-02-22 to 2022-02-22, 1 day\n" in report


@pytest.mark.parametrize(
    ("day", "trips"),
    [((2017, 7, 11), 601), ((2017, 7, 13), 599), ((2017, 8, 17), 884), ((2017, 9, 2), 360),
     ((2017, 9, 3), 307), ((2017, 9, 5), 890)],
)  # fmt: skip
def test_romerike_has_the_trips_that_its_source_counts(
    shared: Path, day: tuple[int, int, int], trips: int
) -> None:
    date = dt.date(*day)
    timetable = read_gtfs(shared / "romerike" / "gtfs.zip", date, crs="EPSG:25833")
    sound(timetable)
    last = timetable.stop_times.groupby("trip")["arrival"].last()
    first = timetable.stop_times.groupby("trip")["departure"].first()
    # last night's trips are over by two; none of the day's own has begun by then
    own = ~((first < 0) | (last < 2 * 3600))
    assert own.sum() == trips


def test_romerike_outside_its_dates_names_them(shared: Path) -> None:
    path = shared / "romerike" / "gtfs.zip"
    with pytest.raises(InputError, match="has service from 2017-07-10 to 2017-10-01"):
        read_gtfs(path, dt.date(2025, 10, 14), crs="EPSG:25833")


@pytest.mark.parametrize("study", ["bergen", "indre-salten"])
def test_the_embedded_feeds_need_no_repair(root: Path, study: str) -> None:
    day = dt.date(2025, 10, 14)
    timetable = read_gtfs(root / "data" / study / "gtfs.zip", day, crs="EPSG:25833")
    sound(timetable)
    assert timetable.notices == ()
    assert "unknown" not in set(timetable.trips["route_type"].map(means_of))
