"""What a street network must hold before anybody travels on it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, Polygon

from navplan.errors import Fault, InputError
from navplan.nouns import Streets
from tests import town


def faults_of(nodes: gpd.GeoDataFrame, edges: pd.DataFrame) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as error:
        Streets(nodes, edges)
    return error.value.faults


@pytest.mark.parametrize(
    "place",
    [None, Point(), Point(np.nan, 1.0), Point(np.inf, -np.inf), Polygon([(0, 0), (1, 0), (1, 1)])],
)
def test_a_node_without_a_position_is_refused(place):
    streets = town.streets()
    places = streets.nodes.geometry.to_numpy(dtype=object)
    places[[3, 5]] = place
    nodes = gpd.GeoDataFrame(geometry=places, index=streets.nodes.index, crs=town.CRS)
    faults = faults_of(nodes, streets.edges)
    assert [(fault.key, fault.problem) for fault in faults] == [
        ("node p-30", "has no position (2 nodes in all).")
    ]


WRONG = {
    "length_m": [np.nan, -1.0, np.inf, "far", None],
    "signals": [np.nan, -1.0, np.inf],
    "crossing_min": [-1.0, np.inf, "5 min"],
    "headway_min": [-1.0, np.inf],
    "speed_km_h": [-1.0, np.inf],
    "car_s": [-1.0, -np.inf],
    "climb_m": [np.inf, -np.inf, "steep"],
    "sails_from": [np.inf],
    "sails_until": [-np.inf, "22:00"],
    "tail": [1.5, np.nan, "p-00", True],
    "head": [1.5, None],
    "car": ["no", np.nan, 1, None],
    "steps": ["no"],
    "wheelchair": [np.nan],
}


@pytest.mark.parametrize(
    ("column", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_value_that_no_edge_can_have_is_refused_once_a_column(column, value):
    streets = town.streets()
    edges = streets.edges.astype({column: object})
    edges.loc[[4, 6], column] = value
    (fault,) = faults_of(streets.nodes, edges)
    assert fault.key == f"edge 4, {column}"
    assert fault.problem.startswith(f"{value!r}; expected ")


def test_every_column_with_a_wrong_value_is_told_at_once():
    streets = town.streets()
    edges = streets.edges.assign(signals=np.nan, headway_min=-1.0, walk="no")
    edges.loc[1, "length_m"] = np.inf
    keys = [fault.key for fault in faults_of(streets.nodes, edges)]
    assert keys == [*("edge 0, walk", "edge 1, length_m", "edge 0, signals", "edge 0, headway_min")]


def test_the_column_s_own_kind_may_be_wrong_where_no_value_is():
    streets = town.streets()
    (fault,) = faults_of(streets.nodes, streets.edges.astype({"tail": float}))
    assert (fault.key, fault.problem) == ("edge 0, tail", "0.0; expected a whole number (int).")
    (fault,) = faults_of(streets.nodes, streets.edges.astype({"car": object}))
    assert (fault.key, fault.problem) == ("car", "the column is of object; expected bool.")


def test_gaps_where_nothing_is_known_and_a_network_without_edges_are_welcome():
    streets = town.streets()
    unknown = ("climb_m", "crossing_min", "headway_min", "speed_km_h", "car_s", "sails_from")
    edges = streets.edges.assign(**dict.fromkeys(unknown, None))
    assert len(Streets(streets.nodes, edges).edges) == len(edges)
    nothing = pd.DataFrame([], columns=[*Streets.COLUMNS])
    assert len(Streets(streets.nodes.iloc[:0], nothing).edges) == 0
