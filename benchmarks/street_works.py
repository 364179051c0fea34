"""Works over streets: a city by car, with and without turn costs, and a million nodes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from benchmarks import cases
from benchmarks.exchange import roads_of, write_arrays, write_osm
from benchmarks.tiling import grid_for, largest_part, tiled
from benchmarks.works import GOAL, Agreement, Bench, Outcome, Row, compared, median_s, run_peer
from navplan.network import edge_seconds
from navplan.network.graph import graph_of
from navplan.network.linking import NO_LANDING_CLASSES, linker_of
from navplan.network.terminals import Terminals as Ties
from navplan.network.terminals import along_edges, origins_of, targets_of
from navplan.network.turns import LEFT_TURN_S, RIGHT_TURN_S, STRAIGHT_DEG, U_TURN_S
from navplan.nouns import Streets
from navplan.sources import read_osm
from navplan.travel.hierarchy import Customised, Hierarchy, customised, hierarchy_of
from navplan.travel.lanes import UNREACHED
from navplan.travel.sweeping import Terminals, sweep

CITY_NODES: Final = 65_000
MILLION: Final = 1_000_000
SEED: Final = 1
POINTS: Final = 2000
PLACES: Final = {"andorra": ("andorra.osm.pbf", "EPSG:25831")} | {
    "oslo-east": ("oslo-east-filtered.osm.pbf", cases.UTM33)
}
"""Real extracts by name: file, CRS."""
MILLION_GOAL_S: Final = 2.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Whole = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Network:
    """Streets and their seconds by car.

    Parameters
    ----------
    streets : Streets
        One strongly connected part.
    seconds : ndarray of float
        By edge [s].
    """

    streets: Streets
    seconds: Floats

    @classmethod
    def of(cls, streets: Streets) -> Network:
        """Give the streets the seconds of a car on a Tuesday.

        Parameters
        ----------
        streets : Streets
            The network.

        Returns
        -------
        Network
            Ready for searches.
        """
        return cls(streets, edge_seconds(streets, cases.car()))

    @property
    def size(self) -> str:
        """Nodes and directed edges in words."""
        return f"{len(self.streets.nodes):,} nodes, {len(self.streets.edges):,} directed edges"


def place(bench: Bench, name: str) -> Streets:
    """The largest part of a real extract that a car can drive through.

    Parameters
    ----------
    bench : Bench
        Where the extracts lie.
    name : str
        One of `PLACES`.

    Returns
    -------
    Streets
        Strongly connected.
    """
    file, crs = PLACES[name]
    return largest_part(read_osm(bench.shared / "osm" / file, crs=crs), cases.car())


def tiles(bench: Bench, nodes: int) -> tuple[Network, str]:
    """Copies of eastern Oslo with about so many nodes.

    Parameters
    ----------
    bench : Bench
        Where the extracts lie.
    nodes : int
        Wished for.

    Returns
    -------
    Network
        Of the copies.
    str
        How it was made.
    """
    base = place(bench, "oslo-east")
    columns, rows = grid_for(base, nodes)
    network = Network.of(tiled(base, columns, rows, SEED))
    made = f"{columns} × {rows} copies of eastern Oslo ({len(base.nodes):,} nodes), seed {SEED}"
    return network, f"{made}: {network.size}"


def at_nodes(nodes: Ints) -> Terminals:
    """Points that stand at nodes.

    Parameters
    ----------
    nodes : ndarray of int
        One a point.

    Returns
    -------
    Terminals
        At no cost.
    """
    zeros = np.zeros(len(nodes), dtype=np.int32)
    return Terminals(np.arange(len(nodes) + 1), nodes.astype(np.int32), zeros)


def in_seconds(milliseconds: npt.NDArray[np.int32]) -> Floats:
    """Seconds, NaN where there is no way.

    Parameters
    ----------
    milliseconds : ndarray of int32
        From a sweep [ms].

    Returns
    -------
    ndarray of float
        [s].
    """
    return np.where(milliseconds >= UNREACHED, np.nan, milliseconds / 1000.0)


@dataclass(frozen=True)
class Prepared:
    """A hierarchy with times, and what making it took.

    Parameters
    ----------
    ways : Customised
        For sweeps.
    order_s, customise_s : float
        Medians [s].
    """

    ways: Customised
    order_s: float
    customise_s: float

    @property
    def facts(self) -> dict[str, str]:
        """In words."""
        return {"order [s]": f"{self.order_s:.2f}", "customise [s]": f"{self.customise_s:.3f}"}


def prepare(
    bench: Bench, tail: Whole, head: Whole, count: int, milliseconds: Whole, *, repeats: int = 3
) -> Prepared:
    """Order and customise, timed.

    Parameters
    ----------
    bench : Bench
        How often.
    tail, head : ndarray of int
        By arc.
    count : int
        Nodes.
    milliseconds : ndarray of int
        By arc [ms].
    repeats : int
        How often the order is made.

    Returns
    -------
    Prepared
        The last one.
    """
    times = 1 if bench.quick else repeats
    ends = tail.astype(np.int32), head.astype(np.int32)
    order: Hierarchy
    order, order_s = median_s(partial(hierarchy_of, *ends, count), times)
    weights = milliseconds.astype(np.int32)
    ways, customise_s = median_s(partial(customised, order, weights), times)
    return Prepared(ways, order_s, customise_s)


def _settings(bench: Bench, folder: Path, **more: Any) -> None:
    given = {"trees": POINTS, "repetitions": 1 if bench.quick else 3} | more
    (folder / "settings.json").write_text(json.dumps(given), encoding="utf-8")


def _lon_lat(kind: str, lon: Floats, lat: Floats) -> dict[str, Floats]:
    return {f"{kind}_lon": lon, f"{kind}_lat": lat}


def _apart(rng: np.random.Generator, nodes: int, count: int) -> Ints:
    return rng.permutation(nodes)[:count].astype(np.int64)


def node_work(
    bench: Bench, work: str, network: Network, made: str, *, peers: tuple[str, ...]
) -> Outcome:
    """2000 sites × 2000 cells at nodes, by car.

    Parameters
    ----------
    bench : Bench
        Who takes part.
    work : str
        Its id.
    network : Network
        The streets.
    made : str
        How they were made.
    peers : tuple of str
        Of ``scipy``, ``pyroutingkit``, ``cafein``, ``osrm``, ``valhalla``.

    Returns
    -------
    Outcome
        Rows of the search and of the preparation.
    """
    rng = np.random.default_rng(SEED)
    roads = roads_of(network.streets, network.seconds)
    nodes = len(roads.lon)
    origins, targets = _apart(rng, nodes, POINTS), _apart(rng, nodes, POINTS)
    folder = bench.folder(work)
    points: dict[str, npt.NDArray[Any]] = {"origins": origins, "targets": targets}
    for kind, at in (("origin", origins), ("target", targets)):
        points |= _lon_lat(kind, roads.lon[at], roads.lat[at])
    write_arrays(folder / "roads.npz", roads, points)
    if {"cafein", "osrm", "valhalla"}.intersection(peers):
        write_osm(folder / "roads.osm.pbf", roads)
    ours = prepare(bench, roads.tail, roads.head, nodes, roads.milliseconds)
    search = partial(sweep, ours.ways, at_nodes(origins), at_nodes(targets))
    found, ours_s = median_s(search, bench.repeats)
    ready = ours.order_s + ours.customise_s
    rows: list[Row] = []
    agreements: list[Agreement] = []
    for peer in peers:
        _settings(bench, folder, **_share(bench, peer))
        ran = run_peer(bench, _SCRIPT[peer], folder)
        row, agreement = compared(work, peer, ran, ours_s, in_seconds(found), _WHY.get(peer, ""))
        rows.append(row)
        agreements += agreement
        rows += _preparation(work, peer, ran, ready)
    text = (
        f"{made}. {POINTS:,} origins and {POINTS:,} targets at random nodes, car, free flow, no"
        " turn costs. Timed: the search of all pairs with the network ready. Not timed: reading,"
        " and the preparation, which has rows of its own (ours: order and customisation)."
    )
    facts = {"network": network.size} | ours.facts
    return Outcome(work, text, tuple(rows), tuple(agreements), facts)


_SCRIPT: Final = {
    "scipy": "scipy_dijkstra",
    "pyroutingkit": "routingkit",
    "cafein": "cafein_car",
    "osrm": "osrm_table",
    "valhalla": "valhalla_matrix",
}
_WHY: Final = {
    "cafein": "lengths on its own sphere; whole seconds",
    "osrm": "whole tenths of a second an edge",
    "valhalla": "its turn costs cannot be switched off; speeds in whole km/h, and not the slowest",
}
_NO_TURNS: Final = {"TURNS": 0}
_TURNS: Final = {
    "U_TURN_S": U_TURN_S,
    "LEFT_S": LEFT_TURN_S,
    "RIGHT_S": RIGHT_TURN_S,
    "STRAIGHT_DEG": STRAIGHT_DEG,
}


def _share(bench: Bench, peer: str) -> dict[str, Any]:
    """How much of the work a slow peer does."""
    some = {"scipy": 100, "cafein": 200}
    given: dict[str, Any] = {"turns": _NO_TURNS, "valhalla_trees": 10 if bench.quick else 40,
                             "valhalla_repetitions": 1}  # fmt: skip
    if peer in some:
        given["trees"] = some[peer] // (10 if bench.quick else 1)
    return given


def _preparation(work: str, peer: str, ran: Any, ours_s: float) -> list[Row]:
    """Rows of what peers of the same kind do before the first search."""
    if isinstance(ran, str):
        return []
    if peer == "pyroutingkit":
        theirs = ran.found["order_s"] + ran.found["customise_s"]
        return [Row(f"{work}-preparation", peer, ours_s, theirs, note="order and customisation")]
    if peer == "osrm":
        note = "osrm-contract alone, of its graph of edges; reading and osrm-extract not counted"
        return [Row(f"{work}-preparation", peer, ours_s, ran.found["contract_s"], note=note)]
    return []


def turn_work(bench: Bench, work: str, network: Network, made: str) -> Outcome:
    """2000 sites × 2000 cells in the middle of streets, by car with turn costs.

    Parameters
    ----------
    bench : Bench
        Who takes part.
    work : str
        Its id.
    network : Network
        The streets.
    made : str
        How they were made.

    Returns
    -------
    Outcome
        Rows of the search and of the preparation, against OSRM.
    """
    rng = np.random.default_rng(SEED)
    profile = replace(cases.car(), turn_costs=True)
    streets = network.streets
    graph, graph_s = median_s(
        partial(graph_of, streets, network.seconds, profile), 1 if bench.quick else 3
    )
    milliseconds = np.rint(graph.seconds * 1000).astype(np.int64)
    ours = prepare(bench, graph.tail, graph.head, graph.count, milliseconds)
    linker = linker_of(streets, network.seconds, profile)
    origins, targets = _middles(streets, rng), _middles(streets, rng)
    origin_links, target_links = linker.attach(origins), linker.attach(targets)
    ends = _tied(origins_of(origin_links, graph)), _tied(targets_of(target_links, graph))
    found, ours_s = median_s(partial(sweep, ours.ways, *ends), bench.repeats)
    near = along_edges(origin_links, target_links)
    np.minimum.at(found, near[:2], np.rint(near[2] * 1000).astype(np.int32))

    folder = bench.folder(work)
    roads = roads_of(streets, network.seconds)
    points: dict[str, Floats] = {}
    for kind, table in (("origin", origins), ("target", targets)):
        degrees = table.geometry.to_crs("EPSG:4326")
        points |= _lon_lat(kind, degrees.x.to_numpy(), degrees.y.to_numpy())
    write_arrays(folder / "roads.npz", roads, points)
    write_osm(folder / "roads.osm.pbf", roads)
    _settings(bench, folder, turns=_TURNS)
    ran = run_peer(bench, "osrm_table", folder)
    why = "OSRM turns back in dead ends only and measures angles in its own way"
    row, agreements = compared(work, "osrm", ran, ours_s, in_seconds(found), why)
    ready = graph_s + ours.order_s + ours.customise_s
    rows = [row, *_preparation(work, "osrm", ran, ready)]
    text = (
        f"{made}. {POINTS:,} origins and {POINTS:,} targets in the middle of random streets; turns"
        f" cost {U_TURN_S:g} s back, {LEFT_TURN_S:g} s left and {RIGHT_TURN_S:g} s right at"
        " junctions in both. Timed: the search of all pairs. OSRM's table includes finding the"
        " street of each point and building its answer; ours has both linked before (see facts)."
    )
    facts = {"states": f"{graph.count:,}", "arcs": f"{len(graph.tail):,}"} | ours.facts
    facts["graph [s]"] = f"{graph_s:.2f}"
    return Outcome(work, text, tuple(rows), agreements, facts)


def _middles(streets: Streets, rng: np.random.Generator) -> gpd.GeoDataFrame:
    edges = streets.edges
    usable = (edges["structure"] == "open") & ~edges["road_class"].isin(NO_LANDING_CLASSES)
    rows = rng.permutation(np.flatnonzero(usable))[:POINTS]
    at = streets.nodes.get_coordinates().to_numpy()
    middle = at[edges[["tail", "head"]].to_numpy()[rows]].mean(axis=1)
    index = [f"p{row}" for row in rows]
    return gpd.GeoDataFrame(
        index=index, geometry=gpd.points_from_xy(*middle.T), crs=streets.nodes.crs
    )


def _tied(ties: Ties) -> Terminals:
    milliseconds = np.rint(ties.seconds * 1000).astype(np.int32)
    return Terminals(ties.pointers, ties.states.astype(np.int32), milliseconds)


def million_work(bench: Bench, work: str) -> Outcome:
    """512 sites × 100 000 cells over a million nodes.

    Parameters
    ----------
    bench : Bench
        Who takes part.
    work : str
        Its id.

    Returns
    -------
    Outcome
        Rows against the goal and against scipy.
    """
    network, made = tiles(bench, MILLION // (10 if bench.quick else 1))
    rng = np.random.default_rng(SEED)
    roads = roads_of(network.streets, network.seconds)
    nodes = len(roads.lon)
    cells, sites = _apart(rng, nodes, 100_000), _apart(rng, nodes, 512)
    ours = prepare(bench, roads.tail, roads.head, nodes, roads.milliseconds, repeats=1)
    search = partial(sweep, ours.ways, at_nodes(cells), at_nodes(sites))
    found, ours_s = median_s(search, min(bench.repeats, 5))
    rows = [Row(work, GOAL, ours_s, MILLION_GOAL_S)]
    # scipy grows a tree from each site on the reversed network: the same pairs the other way round
    back = replace(roads, tail=roads.head, head=roads.tail)
    folder = bench.folder(work)
    write_arrays(folder / "roads.npz", back, {"origins": sites, "targets": cells})
    _settings(bench, folder, trees=2 if bench.quick else 6)
    ran = run_peer(bench, "scipy_dijkstra", folder)
    row, agreements = compared(work, "scipy", ran, ours_s, in_seconds(found).T)
    text = (
        f"{made}. 512 sites and 100 000 cells at random nodes. Timed: the search of all pairs with"
        " the network ready."
    )
    return Outcome(work, text, (*rows, row), agreements, {"network": network.size} | ours.facts)
