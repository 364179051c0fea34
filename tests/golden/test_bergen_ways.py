"""Do Bergen's embedded ways and lines give believable answers?"""

from __future__ import annotations

import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
BERGEN = ROOT / "data" / "bergen"
sys.path.insert(0, str(ROOT / "scripts"))
from build_timetable import read_tables  # noqa: E402

BUS = (700, 702)
CROW = 1.3
# Local streets that N1000 leaves out hide up to this much of a bus's way.
HIDDEN_KM = 4.2
# A bus cannot average more over the roads, hidden streets apart.
FASTEST_KM_H = 80
# The same name for a neighbourhood and a stop: one neighbourhood off at the most.
SAME_NAME_KM = 1.4


def ways(mode: str) -> nx.Graph:
    links = pd.read_csv(BERGEN / "links.csv")
    usable = links[links[mode] == "yes"].sort_values("km", ascending=False)
    graph = nx.Graph()
    for tail, head, km in zip(usable["from"], usable["to"], usable["km"], strict=True):
        graph.add_edge(tail, head, km=km)  # of parallel links the shortest comes last
    return graph


def km(graph: nx.Graph, tail: str, head: str) -> float:
    return float(nx.dijkstra_path_length(graph, tail, head, weight="km"))


@pytest.fixture(scope="module")
def walk() -> nx.Graph:
    return ways("walk")


@pytest.fixture(scope="module")
def car() -> nx.Graph:
    return ways("car")


@pytest.fixture(scope="module")
def hops(car: nx.Graph) -> pd.DataFrame:
    """Each step of a bus between two stops, with the straight line and the way by car."""
    timetable = read_tables(BERGEN / "timetable")
    calls = timetable["line_stops"].sort_values(["line", "order"])
    calls["before"] = calls.groupby("line")["stop"].shift()
    kinds = timetable["lines"].set_index("line")["route_type"]
    calls = calls[calls["before"].notna() & calls["line"].map(kinds).isin(BUS)]
    at = timetable["stops"].set_index("id")[["x", "y"]]
    step = at.loc[calls["stop"]].to_numpy() - at.loc[calls["before"]].to_numpy()
    road = [km(car, a, b) for a, b in zip(calls["before"], calls["stop"], strict=True)]
    return calls.assign(line_km=np.hypot(*step.T) / 1000, road_km=road)


def test_where_a_bus_runs_a_car_finds_a_way_of_about_the_same_length(hops: pd.DataFrame) -> None:
    hidden = hops["road_km"] - CROW * hops["line_km"]
    worst = hops.assign(hidden=hidden)[hidden > HIDDEN_KM]
    # Totland lies behind a hill: the road itself is three times the straight line
    assert set(worst["stop"]) <= {"stop-totland"}, worst[["line", "before", "stop", "hidden"]]


def test_no_bus_crosses_water_or_a_mountain_in_no_time(hops: pd.DataFrame) -> None:
    far = hops[hops["road_km"] > 5]
    speed = far["road_km"] / far["minutes"] * 60
    assert (speed <= FASTEST_KM_H).all(), far[speed > FASTEST_KM_H][["line", "before", "stop"]]


@pytest.mark.parametrize(
    ("place", "site", "most_km"),
    [
        ("p-nipedalen", "laksevag", 4),  # by Lyderhornsveien, not round Fyllingsdalen
        ("p-laksevag", "laksevag", 7.5),
        ("p-damsgard", "laksevag", 8),
        ("p-gravdal", "laksevag", 6.5),
        ("p-fantoft", "paradis", 2),
        ("p-ytre-arna", "arna", 6.5),
        ("p-mathopen", "laksevag", 5),
        ("p-trengereid", "arna", 18),  # by Garnes and the old roads, not by the tunnels
    ],
)
def test_one_walks_from_a_neighbourhood_to_its_centre(
    walk: nx.Graph, place: str, site: str, most_km: float
) -> None:
    assert km(walk, place, site) <= most_km


@pytest.mark.parametrize(
    ("place", "other", "most_km"),
    [
        ("p-landas", "p-sletten", 2.5),
        ("p-landas", "p-fridalen", 2.5),
        ("p-haukeland", "arstad", 4),
        ("p-varden", "oasen", 4),
        ("p-nattland", "p-saedalen", 5),
        ("p-fantoft", "paradis", 2.5),
    ],
)
def test_one_drives_to_the_next_neighbourhood_without_a_tour_of_the_city(
    car: nx.Graph, place: str, other: str, most_km: float
) -> None:
    assert km(car, place, other) <= most_km


@pytest.mark.parametrize(
    ("place", "other", "least_km"),
    [
        ("p-grimstad", "p-mathopen", 8),  # Grimstadfjorden
        ("p-krokeide", "p-milde", 10),  # Fanafjorden
        ("p-nordnes", "sandviken", 2.5),  # Vågen
    ],
)
def test_nobody_walks_over_the_fjord(
    walk: nx.Graph, place: str, other: str, least_km: float
) -> None:
    assert km(walk, place, other) >= least_km


def test_a_neighbourhood_lies_where_the_stop_of_its_name_does() -> None:
    places = pd.read_csv(BERGEN / "places.csv").set_index("id")[["x", "y"]]
    stops = pd.read_csv(BERGEN / "timetable" / "stops.csv").set_index("id")[["x", "y"]]
    stops.index = stops.index.str.replace("stop-", "p-")
    same = places.index.intersection(stops.index)
    assert len(same) > 80
    away = pd.Series(np.hypot(*(places.loc[same] - stops.loc[same]).to_numpy().T) / 1000, same)
    # Løvstakksiden: the stop stands at its northern end
    off = away[away > SAME_NAME_KM].drop("p-lovstakksiden")
    assert off.empty, off
