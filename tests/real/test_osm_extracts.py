"""Real OpenStreetMap extracts: nothing is lost on the way, and a peer reads the same."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from pyproj import Geod

from navplan.nouns import Streets
from navplan.sources import from_osmnx, read_osm
from navplan.sources.osm_tags import read_way

pytestmark = pytest.mark.real

osmium = pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

EXTRACTS = [
    ("oslo-east-filtered.osm.pbf", "EPSG:25833"),
    ("andorra.osm.pbf", "EPSG:25831"),
    ("delft-station.pbf", "EPSG:28992"),
]


def raw_metres(path: Path) -> dict[str, float]:
    """Length of all ways open to each mode, each direction by itself, along the ellipsoid."""
    geod = Geod(ellps="WGS84")
    total = {"walk": 0.0, "bicycle": 0.0, "car": 0.0}
    for way in osmium.FileProcessor(str(path)).with_locations():
        if not isinstance(way, osmium.osm.Way):
            continue
        seen = read_way(dict(way.tags))
        if seen is None or seen.road_class == "ferry":
            continue
        at = [(n.location.lon, n.location.lat) for n in way.nodes if n.location.valid()]
        if len(at) > 1 and len(at) == len(way.nodes):
            lon, lat = zip(*at, strict=True)
            metres = geod.line_length(lon, lat)
            for mode in total:
                total[mode] += metres * sum(getattr(seen, mode))
    return total


def walk_graph(streets: Streets) -> nx.Graph[str]:
    graph: nx.Graph[str] = nx.Graph()
    names = streets.nodes.index
    for row in streets.edges[streets.edges["walk"]].itertuples():
        a, b = names[row.tail], names[row.head]
        if not graph.has_edge(a, b) or graph.edges[a, b]["metres"] > row.length_m:
            graph.add_edge(a, b, metres=row.length_m)
    return graph


@pytest.mark.parametrize(("name", "crs"), EXTRACTS)
def test_every_metre_is_kept(shared: Path, name: str, crs: str) -> None:
    path = shared / "osm" / name
    edges = read_osm(path, crs=crs).edges
    roads = edges[edges["structure"] != "ferry"]
    for mode, metres in raw_metres(path).items():
        # Projections stretch by a few parts in ten thousand; ways cut at the edge are few.
        assert roads.loc[roads[mode], "length_m"].sum() == pytest.approx(metres, rel=0.005), mode


@pytest.mark.parametrize(("name", "crs"), EXTRACTS[:2])
def test_junctions_are_real(shared: Path, name: str, crs: str) -> None:
    streets = read_osm(shared / "osm" / name, crs=crs)
    ends = streets.edges[["tail", "head"]].to_numpy()
    straight = streets.nodes.geometry.to_numpy()
    lines = streets.edges["geometry"].to_numpy()
    for row in range(0, len(ends), 997):
        assert lines[row].coords[0] == straight[ends[row, 0]].coords[0]
        assert lines[row].coords[-1] == straight[ends[row, 1]].coords[0]
        assert lines[row].length == pytest.approx(streets.edges["length_m"].iloc[row])
    parts = sorted(map(len, nx.connected_components(walk_graph(streets))), reverse=True)
    assert parts[0] > 0.97 * sum(parts)


def test_oslos_motorways_and_tunnels_are_closed_on_foot(shared: Path) -> None:
    edges = read_osm(shared / "osm" / "oslo-east-filtered.osm.pbf", crs="EPSG:25833").edges
    fast = edges[edges["road_class"].isin(["motorway", "expressway"])]
    assert len(fast) > 50
    assert not fast[["walk", "bicycle"]].any(axis=None)
    assert fast["car"].all()
    tunnels = edges[(edges["structure"] == "tunnel") & (edges["road_class"] == "trunk")]
    assert len(tunnels) > 0
    assert not tunnels["walk"].any()
    posted = edges.loc[edges["road_class"] == "expressway", "speed_km_h"]
    assert posted.notna().mean() > 0.9
    assert posted.dropna().between(30, 110).all()


def test_osmnx_reads_the_same_streets(shared: Path, tmp_path: Path) -> None:
    osmnx = pytest.importorskip("osmnx", reason="osmnx is not installed (extra osm)")
    source = shared / "osm" / "delft-station.pbf"
    plain = tmp_path / "delft.osm"
    with osmium.SimpleWriter(str(plain)) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
    graph = osmnx.graph_from_xml(plain, bidirectional=True, retain_all=True, simplify=False)
    peer = walk_graph(from_osmnx(graph, crs="EPSG:28992"))
    own = walk_graph(read_osm(source, crs="EPSG:28992"))
    common = sorted(set(own) & set(peer))
    assert len(common) == len(own)
    for start in common[::5]:
        mine = nx.single_source_dijkstra_path_length(own, start, weight="metres")
        theirs = nx.single_source_dijkstra_path_length(peer, start, weight="metres")
        assert set(mine) == {node for node in theirs if node in own}
        np.testing.assert_allclose(
            list(mine.values()), [theirs[node] for node in mine], rtol=0.003, atol=0.5
        )
