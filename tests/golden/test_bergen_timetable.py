"""Bergen's offices, hours, neighbours and timetable, as they are committed."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from navplan import tables
from navplan.network import read_gtfs
from navplan.units import seconds_of_day

ROOT = Path(__file__).resolve().parents[2]
BERGEN = ROOT / "data" / "bergen"
sys.path.insert(0, str(ROOT / "scripts"))
from build_timetable import feed, read_tables, write_zip  # noqa: E402

BYDELER = {
    *("Arna", "Bergenhus", "Fana", "Fyllingsdalen"),
    *("Laksevåg", "Ytrebygda", "Årstad", "Åsane"),
}
# On the straight line between the ends of a hop [km/h]: hills and bends make a bus look slow.
SLOWEST_FASTEST = {700: (5, 45), 702: (15, 45), 900: (12, 50), 106: (50, 75)}
LINE_MEAN = {700: (7, 36), 702: (20, 36), 900: (20, 35), 106: (50, 75)}


def table(name: str, schema: object) -> pd.DataFrame:
    texts = pd.read_csv(BERGEN / name, dtype=str, keep_default_na=False, na_values=[""])
    checked, faults = tables.check(texts, schema, where=name)
    assert faults == []
    return checked


@pytest.fixture(scope="module")
def offices() -> pd.DataFrame:
    return table("offices.csv", tables.OFFICES).set_index("id")


@pytest.fixture(scope="module")
def timetable() -> dict[str, pd.DataFrame]:
    return read_tables(BERGEN / "timetable")


@pytest.fixture(scope="module")
def hops(timetable: dict[str, pd.DataFrame]) -> pd.DataFrame:
    at = timetable["stops"].set_index("id")[["x", "y"]]
    calls = timetable["line_stops"].sort_values(["line", "order"]).join(at, on="stop")
    step = calls.groupby("line")[["x", "y"]].diff()
    calls["km"] = np.hypot(step["x"], step["y"]) / 1000
    lines = timetable["lines"].set_index("line")["route_type"]
    return calls[calls["order"] > 1].join(lines, on="line")


def polygons(shared: Path) -> gpd.GeoDataFrame:
    bydeler = gpd.read_file(shared / "national" / "bydeler_2020.geojson")
    return bydeler[bydeler["kommune_no"] == "4601"].to_crs(25833)


def bydel_of(frame: pd.DataFrame, shared: Path) -> pd.Series:
    points = gpd.GeoSeries(gpd.points_from_xy(frame["x"], frame["y"]), frame.index, crs=25833)
    joined = points.to_frame("geometry").sjoin(polygons(shared)[["bydel_name", "geometry"]])
    return joined["bydel_name"].reindex(frame.index)


def test_every_bydel_has_its_office_and_another_site(offices: pd.DataFrame) -> None:
    assert set(offices.loc[offices["kind"] == "office", "area"]) == BYDELER
    assert offices["kind"].value_counts().to_dict() == {"possible": 18, "office": 8}
    assert (offices.groupby("area").size() >= 2).all()
    assert set(offices["area"]) == BYDELER
    assert not offices.index.str.startswith(("stop-", "p-", "j")).any()


def test_hours_are_those_of_june_2019(offices: pd.DataFrame) -> None:
    hours = table("hours.csv", tables.HOURS)
    assert set(hours["office"]) == set(offices.index[offices["kind"] == "office"])
    assert not hours.duplicated(["office", "weekday"]).any()
    assert set(hours["weekday"]) == {"mon", "tue", "wed", "thu", "fri"}
    length = hours["closes"].map(seconds_of_day) - hours["opens"].map(seconds_of_day)
    assert (length > 0).all()
    hours_a_week = (length / 3600).groupby(hours["office"]).sum()
    assert hours_a_week.to_dict() == {
        "arna": 12.5,
        "fyllingsdalen": 12.5,
        "ytrebygda": 12.5,
        "laksevag": 15.0,
        "arstad": 17.5,
        "fana": 22.5,
        "asane": 22.5,
        "bergenhus": 25.0,
    }


def test_neighbours_stand_once_and_join_the_whole_city() -> None:
    rows = table("neighbours.csv", tables.NEIGHBOURS)
    pairs = [frozenset(pair) for pair in zip(rows["area"], rows["neighbour"], strict=True)]
    assert all(len(pair) == 2 for pair in pairs)
    assert len(set(pairs)) == len(pairs) == 13
    assert set().union(*pairs) == BYDELER
    assert set(rows["connection"]) == {"land", "bridge", "tunnel"}
    known = dict(zip(pairs, rows["connection"], strict=True))
    assert known[frozenset({"Bergenhus", "Laksevåg"})] == "bridge"
    assert known[frozenset({"Arna", "Åsane"})] == "land"
    assert frozenset({"Laksevåg", "Ytrebygda"}) not in known  # Grimstadfjorden


def test_every_table_of_the_timetable_is_sourced_and_none_calls_itself_official(
    timetable: dict[str, pd.DataFrame],
) -> None:
    for name, rows in timetable.items():
        assert set(rows["quality"]) <= {"approximate", "assumption"}, name
        assert rows["source"].str.len().min() > 10, name
    assert timetable["stops"]["id"].str.fullmatch(r"stop-[a-z0-9-]+").all()
    assert set(timetable["line_stops"]["stop"]) == set(timetable["stops"]["id"])


def test_every_line_runs_at_a_speed_its_vehicle_can_keep(hops: pd.DataFrame) -> None:
    speed = hops["km"] / hops["minutes"] * 60
    for route_type, (slowest, fastest) in SLOWEST_FASTEST.items():
        own = speed[hops["route_type"] == route_type]
        assert own.between(slowest, fastest).all(), own[~own.between(slowest, fastest)]
    lines = hops.groupby("line").agg(km=("km", "sum"), minutes=("minutes", "sum"))
    mean = lines["km"] / lines["minutes"] * 60
    kind = hops.groupby("line")["route_type"].first()
    for line, value in mean.items():
        least, most = LINE_MEAN[kind[line]]
        assert least <= value <= most, (line, value)


def test_minutes_that_are_published_are_kept(hops: pd.DataFrame) -> None:
    total = hops.groupby("line")["minutes"].sum()
    assert total["arnatoget"] == 8
    assert total["1"] == 44
    assert total["2"] == 15
    tram = hops[hops["line"] == "1"].set_index("stop")["minutes"].cumsum()
    assert tram["stop-lagunen"] == 31
    assert tram["stop-birkelandsskiftet"] == 39


def test_the_committed_feed_is_what_the_tables_give(
    timetable: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    write_zip(feed(timetable), tmp_path / "gtfs.zip")
    assert (tmp_path / "gtfs.zip").read_bytes() == (BERGEN / "gtfs.zip").read_bytes()


def test_the_second_light_rail_line_runs_from_its_opening_day() -> None:
    before = read_gtfs(BERGEN / "gtfs.zip", dt.date(2022, 11, 20), crs="EPSG:25833")
    opened = read_gtfs(BERGEN / "gtfs.zip", dt.date(2022, 11, 21), crs="EPSG:25833")
    assert "2" not in set(before.trips["line"])
    assert "2" in set(opened.trips["line"])
    assert {"21", "25"} <= set(before.trips["line"])
    # the day after, when the last trips begun on the 20th have reached their ends
    after = read_gtfs(BERGEN / "gtfs.zip", dt.date(2022, 11, 22), crs="EPSG:25833")
    assert not {"21", "25"} & set(after.trips["line"])


def test_a_tuesday_has_the_trains_and_trams_its_headways_say() -> None:
    day = read_gtfs(BERGEN / "gtfs.zip", dt.date(2025, 10, 14), crs="EPSG:25833")
    first = day.stop_times.groupby("trip").first()
    first = first.join(day.trips[["line"]])
    late_morning = first["departure"].between(10 * 3600, 12 * 3600 - 1)
    counts = first[late_morning].groupby("line").size()
    assert counts["R40"] == 2 * 4  # both ways, every half hour
    assert counts["1"] == 2 * 16  # every 7.5 minutes
    assert counts["3"] == 2 * 12  # every 10 minutes


@pytest.mark.real
def test_sites_lie_inside_their_bydel(offices: pd.DataFrame, shared: Path) -> None:
    found = bydel_of(offices, shared)
    assert found.to_dict() == offices["area"].to_dict()


@pytest.mark.real
def test_every_bydel_and_nearly_everybody_is_served(
    timetable: dict[str, pd.DataFrame], shared: Path
) -> None:
    stops = timetable["stops"].set_index("id")
    counts = bydel_of(stops, shared).value_counts()
    assert set(counts.index) == BYDELER
    assert counts.min() >= 12
    cells = pd.read_csv(shared / "national" / "cells_250m_2018.csv")
    cells["x"] = cells["ssbid250m"] // 10**7 - 2_000_000 + 125
    cells["y"] = cells["ssbid250m"] % 10**7 + 125
    west, south, east, north = polygons(shared).total_bounds
    cells = cells[cells["x"].between(west, east) & cells["y"].between(south, north)]
    cells = cells[bydel_of(cells, shared).notna()]
    far, _ = cKDTree(stops[["x", "y"]]).query(cells[["x", "y"]])
    share = cells["people"][far <= 1000].sum() / cells["people"].sum()
    assert share > 0.97
