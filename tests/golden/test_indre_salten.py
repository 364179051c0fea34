"""The embedded study of Indre Salten: its tables, its timetable, and what it finds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest

import navplan
from navplan import tables
from navplan.network import read_gtfs
from navplan.study import Study
from navplan.units import seconds_of_day

ROOT = Path(__file__).resolve().parents[2]
SALTEN = ROOT / "data" / "indre-salten"
AREAS = ("Beiarn", "Fauske", "Hamarøy", "Saltdal", "Sørfold")
HOSTS = ("fauske", "saltdal", "sorfold", "beiarn", "hamaroy")
# SSB, 1 January, borders of 2024 (2018: Tysfjord halved between Hamarøy and Narvik)
PEOPLE_2018 = {"Fauske": 9775, "Saltdal": 4691, "Sørfold": 1979, "Beiarn": 1029, "Hamarøy": 2774}
PEOPLE_2026 = {"Fauske": 9707, "Saltdal": 4865, "Sørfold": 1819, "Beiarn": 1032, "Hamarøy": 2808}
# SSB's main alternative of 2016 for 2026; Hamarøy: 1903 and half of Tysfjord's 1879
PROJECTED_2026 = {"Fauske": 9595, "Saltdal": 4588, "Sørfold": 1867, "Beiarn": 927, "Hamarøy": 2842}


def table(name: str, schema: pa.DataFrameSchema) -> pd.DataFrame:
    texts = pd.read_csv(SALTEN / name, dtype=str, keep_default_na=False, na_values=[""])
    checked, faults = tables.check(texts, schema, where=name)
    assert faults == []
    return checked


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    return table("places.csv", tables.PLACES).set_index("id")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return table("people.csv", tables.PEOPLE)


@pytest.fixture(scope="module")
def links() -> pd.DataFrame:
    return table("links.csv", tables.LINKS)


@pytest.fixture(scope="module")
def offices() -> pd.DataFrame:
    return table("offices.csv", tables.OFFICES).set_index("id")


@pytest.fixture(scope="module")
def study() -> Study:
    return navplan.open_study(SALTEN, cache=False)


def totals(people: pd.DataFrame, places: pd.DataFrame, year: int, alternative: str) -> dict:
    rows = people[(people["year"] == year) & (people["alternative"] == alternative)]
    return rows.groupby(rows["place"].map(places["area"]))["people"].sum().to_dict()


def test_residents_add_up_to_the_official_figures(
    people: pd.DataFrame, places: pd.DataFrame
) -> None:
    assert totals(people, places, 2018, "actual") == PEOPLE_2018
    assert totals(people, places, 2026, "actual") == PEOPLE_2026
    assert totals(people, places, 2026, "ssb-2016-main") == PROJECTED_2026
    later = totals(people, places, 2040, "cohort-ratio")
    assert set(later) == set(AREAS)
    assert all(0.7 < later[area] / PEOPLE_2026[area] < 1.3 for area in AREAS)


def test_nothing_below_ten_people_is_published(people: pd.DataFrame) -> None:
    assert people["people"].min() >= 10


def test_every_kommune_has_several_places_and_its_own_office(
    places: pd.DataFrame, offices: pd.DataFrame
) -> None:
    assert 25 <= len(places) <= 45
    assert set(places["area"]) == set(offices["area"]) == set(AREAS)
    assert (places.groupby("area").size() >= 3).all()
    old = offices[offices["kind"] == "office"]
    assert dict(zip(old.index, old["area"], strict=True)) == {
        "fauske": "Fauske",
        "saltdal": "Saltdal",
        "sorfold": "Sørfold",
        "beiarn": "Beiarn",
        "hamaroy": "Hamarøy",
    }


def test_hours_are_those_of_june_2019() -> None:
    hours = table("hours.csv", tables.HOURS)
    assert (hours["quality"] == "official").all()
    length = hours["closes"].map(seconds_of_day) - hours["opens"].map(seconds_of_day)
    assert (length / 3600).groupby(hours["office"]).sum().to_dict() == {
        "fauske": 10,
        "saltdal": 12,
        "sorfold": 6,
        "beiarn": 16,
        "hamaroy": 8,
    }


def test_the_five_kommuner_lie_on_one_string() -> None:
    rows = table("neighbours.csv", tables.NEIGHBOURS)
    string = nx.Graph(list(zip(rows["area"], rows["neighbour"], strict=True)))
    assert nx.shortest_path(string, "Beiarn", "Hamarøy") == [
        *("Beiarn", "Saltdal", "Fauske", "Sørfold", "Hamarøy")
    ]
    assert string.number_of_edges() == 4


def test_everyone_can_drive_to_every_site(
    places: pd.DataFrame, offices: pd.DataFrame, links: pd.DataFrame
) -> None:
    open_to_cars = links[links["car"] == "yes"]
    roads = nx.Graph(list(zip(open_to_cars["from"], open_to_cars["to"], strict=True)))
    ends = [*places.index, *offices.index]
    assert set(ends) <= nx.node_connected_component(roads, "fauske")


def test_every_end_of_a_link_is_known(
    places: pd.DataFrame, offices: pd.DataFrame, links: pd.DataFrame
) -> None:
    nodes = table("nodes.csv", tables.NODES)["id"]
    stops = pd.read_csv(SALTEN / "timetable" / "stops.csv")["id"]
    names = [*places.index, *offices.index, *nodes]
    assert len(set(names)) == len(names)
    assert set(stops) <= set(nodes)
    ends = set(links["from"]) | set(links["to"])
    assert ends <= set(names)
    assert set(stops) | set(places.index) | set(offices.index) <= ends


def test_the_sea_is_crossed_by_ferry_only(links: pd.DataFrame) -> None:
    ferries = links[links["structure"] == "ferry"]
    ends = {frozenset(pair) for pair in zip(ferries["from"], ferries["to"], strict=True)}
    assert frozenset({"stop-bognes", "stop-skarberget"}) in ends
    assert frozenset({"stop-drag", "stop-kjopsvik"}) in ends
    assert ferries[["crossing_min", "headway_min"]].notna().all(axis=None)
    dry = links[(links["structure"] != "ferry") & (links["car"] == "yes")]
    land = nx.Graph(list(zip(dry["from"], dry["to"], strict=True)))
    assert not nx.has_path(land, "stop-bognes", "stop-skarberget")


def test_long_road_tunnels_are_closed_on_foot(links: pd.DataFrame) -> None:
    tunnels = links[(links["structure"] == "tunnel") & (links["km"] > 1)]
    assert len(tunnels) >= 5
    assert (tunnels[["walk", "bicycle"]] == "no").all(axis=None)
    assert {"E6"} <= set(tunnels["road_number"].dropna())


def test_a_tuesday_has_the_departures_of_the_tables() -> None:
    rows = pd.read_csv(SALTEN / "timetable" / "headways.csv")
    assert (rows["from"] == rows["until"]).all()  # single departures only
    day = read_gtfs(SALTEN / "gtfs.zip", dt.date(2025, 10, 14), crs="EPSG:25833")
    first = day.stop_times.groupby("trip")["departure"].min()
    today = first.between(0, 24 * 3600 - 1)
    assert day.trips.loc[first[today].index, "line"].size == len(rows)
    train = day.stop_times[
        day.stop_times["trip"].isin(day.trips.index[day.trips["line"] == "Saltenpendelen"])
    ]
    bodo_rognan = train.groupby("trip")["departure"].agg(lambda at: at.max() - at.min())
    assert (bodo_rognan == 65 * 60).all()  # SJ's own trips take 60 to 71 minutes


def test_no_vehicle_is_faster_than_it_can_be() -> None:
    at = pd.read_csv(SALTEN / "timetable" / "stops.csv").set_index("id")[["x", "y"]]
    calls = pd.read_csv(SALTEN / "timetable" / "line_stops.csv").join(at, on="stop")
    step = calls.groupby("line")[["x", "y"]].diff()
    speed = np.hypot(step["x"], step["y"]) / 1000 / calls["minutes"] * 60
    rail = calls["line"].isin(["saltenpendelen", "nordlandsbanen"])
    assert speed[rail & (calls["order"] > 1)].between(40, 80).all()
    assert speed[~rail & (calls["order"] > 1)].between(9, 62).all()  # ferry wait, town streets


def test_the_study_says_the_same_in_three_languages(study: Study) -> None:
    titles = [s.title for s in study.file.scenario] + [study.file.summary]
    assert all(len({words.nb, words.nn, words.en}) >= 2 for words in titles)
    assert {f"host-{name}" for name in HOSTS} <= set(study.scenario_names)
    assert study.file.decided == "host-fauske"


def test_five_hosts_and_twenty_pairs_are_ranked(study: Study) -> None:
    one = study.ranking("one-host", profile="car")
    two = study.ranking("two-hosts", profile="car")
    assert one.count == 5
    assert two.count == 4 + 2 * 3 + 3 * 2 + 4  # four cuts of the string, any host on each side
    # What came has the shortest mean journey; Sørfold, nearer to Hamarøy, the shortest longest.
    assert one.best("mean_minutes").scenario.offices == ("fauske",)
    assert one.best("worst_minutes").scenario.offices == ("sorfold",)
    pair = study.scenario("best-pair-car")
    assert dict(pair.allocation) == dict(study.scenario("fauske-and-hamaroy").allocation)


def test_driving_takes_what_driving_takes(study: Study) -> None:
    minutes = study.travel_times("car").minutes["fauske"]
    assert minutes.notna().all()
    # round figures from general knowledge: half an hour, an hour and a half, two and a quarter
    assert 22 < minutes["p-rognan"] < 32
    assert 70 < minutes["p-moldjord"] < 95
    assert 120 < minutes["p-oppeid"] < 150


def test_local_days_never_lengthen_a_journey(study: Study) -> None:
    compared = study.compare("host-fauske", "fauske-local-days", profiles=["car"])
    table = compared.table("mean_minutes", by="kommune", outlook="actual-2026")
    host, days = table["host-fauske"], table["fauske-local-days"]
    assert set(table.index) == set(AREAS)
    assert days["Fauske"] == host["Fauske"]
    assert (days.drop("Fauske") < host.drop("Fauske")).all()


@pytest.mark.real
def test_places_and_sites_lie_in_their_kommune(
    places: pd.DataFrame, offices: pd.DataFrame, shared: Path
) -> None:
    kommuner = gpd.read_file(shared / "national" / "kommuner_2024_with_sea.geojson").to_crs(25833)
    both = pd.concat([places[["area", "x", "y"]], offices[["area", "x", "y"]]])
    points = gpd.GeoDataFrame(both, geometry=gpd.points_from_xy(both["x"], both["y"]), crs=25833)
    found = points.sjoin(kommuner[["kommune_name", "geometry"]], how="left")
    assert all(a in k for a, k in zip(found["area"], found["kommune_name"], strict=True))
