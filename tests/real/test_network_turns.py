"""Turns and linking on real streets: eastern Oslo, and Norway's main roads."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from navplan.errors import NavplanWarning
from navplan.network import (
    along_edges,
    attach,
    edge_seconds,
    graph_of,
    linker_of,
    origins_of,
    targets_of,
)
from navplan.nouns import Profile, Streets
from navplan.sources import read_n1000, read_osm

pytestmark = pytest.mark.real

CAR = Profile("car", "car", dt.date(2025, 10, 14))


def scattered(streets: Streets, count: int) -> gpd.GeoSeries:
    """Points anywhere over the network."""
    west, south, east, north = streets.nodes.total_bounds
    rng = np.random.default_rng(1)
    xy = rng.uniform(west, east, count), rng.uniform(south, north, count)
    names = [f"point {number}" for number in range(count)]
    return gpd.GeoSeries.from_xy(*xy, index=names, crs=streets.nodes.crs)


def matrix(streets, seconds, links, profile):
    """Seconds between all points, by scipy's Dijkstra with a node more for each point and way."""
    graph = graph_of(streets, seconds, profile)
    origins, targets = origins_of(links, graph), targets_of(links, graph)
    starts = graph.count + np.repeat(np.arange(len(links)), np.diff(origins.pointers))
    ends = graph.count + len(links) + np.repeat(np.arange(len(links)), np.diff(targets.pointers))
    tail = np.concatenate([graph.tail, starts, targets.states])
    head = np.concatenate([graph.head, origins.states, ends])
    cost = np.concatenate([graph.seconds, origins.seconds, targets.seconds])
    order = np.lexsort((cost, head, tail))
    _, first = np.unique(np.column_stack([tail, head])[order], axis=0, return_index=True)
    kept = order[first]
    size = (graph.count + 2 * len(links),) * 2
    arcs = sparse.csr_array((cost[kept], (tail[kept], head[kept])), shape=size)
    found = dijkstra(arcs, indices=graph.count + np.arange(len(links)))
    found = found[:, graph.count + len(links) :]
    origin, target, direct = along_edges(links, links)
    found[origin, target] = np.minimum(found[origin, target], direct)
    return found


def test_bans_and_turns_never_make_a_way_shorter(shared: Path):
    pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")
    streets = read_osm(shared / "osm" / "oslo-east-filtered.osm.pbf", crs="EPSG:25832")
    assert len(streets.bans) > 50
    seconds = edge_seconds(streets, CAR)
    links = attach(scattered(streets, 150), streets, seconds, CAR)
    assert links["linked"].mean() > 0.9
    plain = matrix(replace(streets, bans=()), seconds, links, CAR)
    banned = matrix(streets, seconds, links, CAR)
    turning = matrix(streets, seconds, links, replace(CAR, turn_costs=True))
    reached = np.isfinite(plain)
    assert (np.isfinite(banned) == reached).all()
    assert (np.isfinite(turning) == reached).all()
    assert (banned[reached] >= plain[reached] - 1e-6).all()
    assert (turning[reached] >= banned[reached] - 1e-6).all()
    assert 0.01 < (banned[reached] > plain[reached] + 1.0).mean() < 0.2
    long = reached & (plain > 300)
    assert 1.01 < np.median(turning[long] / banned[long]) < 1.15


def test_norway_s_main_roads_are_linked_as_by_a_plain_look_at_whole_lines(shared: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NavplanWarning)  # quays without a road
        streets = read_n1000(shared / "national" / "roads_n1000.gpkg")
    seconds = edge_seconds(streets, CAR)
    points = scattered(streets, 3000)
    linker = linker_of(streets, seconds, CAR)
    links = linker.attach(points)
    near = links[links["linked"]]
    at = points[near.index].to_numpy()
    lines = streets.edges["geometry"].to_numpy(dtype=object)
    line = lines[near["edge"]]
    assert near["snap_m"].to_numpy() == pytest.approx(shapely.distance(at, line), abs=1e-6)
    along = shapely.line_locate_point(line, at, normalized=True)
    assert near["fraction"].to_numpy() == pytest.approx(along, abs=1e-9)
    edges = streets.edges
    landing = edges["car"] & edges["structure"].isin(["open", "connector"])
    landing &= ~edges["road_class"].isin(["motorway", "expressway", "ferry"])
    tree = shapely.STRtree(lines[landing])
    which, away = tree.query_nearest(
        points.to_numpy(), max_distance=CAR.snap_limit_m, all_matches=False, return_distance=True
    )
    assert links["linked"].to_numpy().nonzero()[0].tolist() == which[0].tolist()
    # a nearer scrap of road that leads nowhere is passed over
    assert (near["snap_m"].to_numpy() >= away - 1e-6).all()
    assert np.isclose(near["snap_m"].to_numpy(), away, atol=1e-6).mean() > 0.95
