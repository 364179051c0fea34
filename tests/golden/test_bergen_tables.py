"""Bergen's places, people, nodes and links, as they are committed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from navplan import tables

ROOT = Path(__file__).resolve().parents[2]
BERGEN = ROOT / "data" / "bergen"
sys.path.insert(0, str(ROOT / "scripts"))
from build_links import main as build_links  # noqa: E402
from build_places import main as build_places  # noqa: E402

# SSB, 1 January, residents by bydel.
RESIDENTS = {
    2018: {
        "Arna": 13972, "Bergenhus": 42126, "Fana": 42392, "Fyllingsdalen": 29796,
        "Laksevåg": 39858, "Ytrebygda": 28385, "Årstad": 41226, "Åsane": 41312,
    },
    2026: {
        "Arna": 14168, "Bergenhus": 43156, "Fana": 45420, "Fyllingsdalen": 30866,
        "Laksevåg": 40996, "Ytrebygda": 32394, "Årstad": 44274, "Åsane": 43154,
    },
}  # fmt: skip
PROJECTED_2016_FOR_2026 = 299_282


def table(name: str, schema: object) -> pd.DataFrame:
    texts = pd.read_csv(BERGEN / name, dtype=str, keep_default_na=False, na_values=[""])
    checked, faults = tables.check(texts, schema, where=name)
    assert faults == []
    return checked


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    return table("places.csv", tables.PLACES)


@pytest.fixture(scope="module")
def people(places: pd.DataFrame) -> pd.DataFrame:
    frame = table("people.csv", tables.PEOPLE)
    return frame.assign(area=frame["place"].map(places.set_index("id")["area"]))


@pytest.fixture(scope="module")
def links() -> pd.DataFrame:
    return table("links.csv", tables.LINKS)


@pytest.fixture(scope="module")
def points() -> dict[str, list[str]]:
    names = {"place": "places.csv", "site": "offices.csv", "stop": "timetable/stops.csv"}
    return {kind: list(pd.read_csv(BERGEN / name)["id"]) for kind, name in names.items()}


def chosen(people: pd.DataFrame, year: int, alternative: str) -> pd.DataFrame:
    return people[(people["year"] == year) & (people["alternative"] == alternative)]


@pytest.mark.parametrize("year", [2018, 2026])
def test_every_bydel_has_its_residents_to_the_person(people: pd.DataFrame, year: int) -> None:
    sums = chosen(people, year, "actual").groupby("area")["people"].sum()
    assert sums.to_dict() == RESIDENTS[year]


def test_the_projection_of_2016_sums_to_what_was_published(people: pd.DataFrame) -> None:
    assert chosen(people, 2026, "ssb-2016-main")["people"].sum() == PROJECTED_2016_FOR_2026


def test_every_future_has_every_place_and_age_once(
    people: pd.DataFrame, places: pd.DataFrame
) -> None:
    keys = people[["place", "year", "alternative", "age"]]
    assert not keys.duplicated().any()
    assert len(people) == len(places) * 6 * 4
    assert set(zip(people["year"], people["alternative"], strict=True)) == {
        (2018, "actual"), (2026, "actual"), (2026, "ssb-2016-main"), (2040, "cohort-ratio"),
    }  # fmt: skip


def test_no_figure_below_ten_is_published(people: pd.DataFrame) -> None:
    assert people["people"].min() >= 10


def test_ages_within_a_bydel_are_spread_alike(people: pd.DataFrame) -> None:
    # the split knows no ages: each place has the bydel's shares, to the rounding of one person
    part = chosen(people, 2018, "actual")
    cells = part.pivot(index="place", columns="age", values="people")
    area = part.drop_duplicates("place").set_index("place")["area"]
    for _, own in cells.groupby(area):
        exact = np.outer(own.sum(axis=1), own.sum()) / own.to_numpy().sum()
        assert np.abs(own.to_numpy() - exact).max() < 1


def test_projections_are_called_assumptions(people: pd.DataFrame) -> None:
    quality = people.groupby("alternative")["quality"].unique().map(list).to_dict()
    assert quality == {
        "actual": ["approximate"], "cohort-ratio": ["assumption"], "ssb-2016-main": ["assumption"],
    }  # fmt: skip


def test_there_are_enough_places_in_every_bydel(places: pd.DataFrame) -> None:
    assert 110 <= len(places) <= 140
    assert places["id"].str.fullmatch(r"p-[a-z-]+").all()
    assert places.groupby("area").size().min() >= 10
    assert set(places["area"]) == set(RESIDENTS[2018])
    assert not places.duplicated(["x", "y"]).any()
    assert not places.duplicated("name").any()


def test_links_end_at_known_points(links: pd.DataFrame, points: dict[str, list[str]]) -> None:
    nodes = table("nodes.csv", tables.NODES)
    places_and_sites = {*points["place"], *points["site"]}
    known = {*nodes["id"], *places_and_sites}
    assert {*links["from"], *links["to"]} <= known
    assert not set(nodes["id"]) & places_and_sites
    assert set(nodes["id"]) <= {*links["from"], *links["to"]} | set(points["stop"])
    assert (links["from"] != links["to"]).all()


def graph(links: pd.DataFrame, mode: str) -> nx.Graph:
    usable = links[links[mode] == "yes"]
    return nx.Graph(zip(usable["from"], usable["to"], strict=True))


@pytest.mark.parametrize("mode", ["car", "bicycle", "walk"])
def test_places_and_offices_are_joined(
    links: pd.DataFrame, points: dict[str, list[str]], mode: str
) -> None:
    main = max(nx.connected_components(graph(links, mode)), key=len)
    assert {*points["place"], *points["site"]} <= main


def test_only_the_cycle_tunnel_is_open_on_foot(links: pd.DataFrame) -> None:
    tunnels = links[links["structure"] == "tunnel"]
    slow = tunnels[(tunnels["walk"] == "yes") | (tunnels["bicycle"] == "yes")]
    assert len(tunnels) > 10
    (only,) = slow.to_dict("records")
    assert (only["road_class"], only["opened"], only["km"]) == ("cycleway", "2023-04-15", 2.9)
    assert only["car"] == "no"
    motorways = links[links["road_class"].isin(["motorway", "expressway"])]
    assert len(motorways)
    assert set(motorways["walk"]) == set(motorways["bicycle"]) == {"no"}


def test_the_road_to_svegatjorn_opened_in_2022(links: pd.DataFrame) -> None:
    new = links[(links["road_number"] == "E39") & (links["opened"] == "2022-10-29")]
    assert new["km"].sum() == pytest.approx(14.8, abs=0.3)
    assert set(new["structure"]) == {"tunnel"}


def test_local_ways_are_for_foot_and_bicycle_and_not_for_cars(links: pd.DataFrame) -> None:
    paths = links[(links["road_class"] == "path") & (links["structure"] == "open")]
    assert len(paths) > 100
    assert set(paths["car"]) == {"no"}
    assert set(paths["walk"]) == set(paths["bicycle"]) == {"yes"}


def test_hillside_places_lie_above_their_road(links: pd.DataFrame) -> None:
    heights = pd.read_csv(BERGEN / "hand" / "heights.csv").set_index("place")["height_m"]
    steep = links[(links["structure"] == "connector") & links["from"].isin(heights.index)]
    assert len(steep) == len(heights)
    assert (steep["climb_m"] == -steep["from"].map(heights)).all()


@pytest.mark.real
def test_the_scripts_give_the_committed_tables(shared: Path, tmp_path: Path) -> None:
    study = tmp_path / "bergen"
    shutil.copytree(BERGEN, study)
    for name in ("places", "people", "nodes", "links"):
        (study / f"{name}.csv").unlink()
    for script in (build_places, build_links):
        script([str(study), "--shared", str(shared)], standalone_mode=False)
    for name in ("places", "people", "nodes", "links"):
        made, committed = (folder / f"{name}.csv" for folder in (study, BERGEN))
        assert made.read_bytes() == committed.read_bytes(), name
