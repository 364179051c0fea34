"""OpenStreetMap → streets: an extract read with osmium."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from navplan.errors import Fault, raise_faults
from navplan.nouns import Streets
from navplan.sources import osm_edges, osm_ferries, osm_turns
from navplan.sources.osm_join import join
from navplan.sources.osm_read import Box, Extract, Floats, read_extract
from navplan.sources.osm_split import Pieces, split

EARTH_M: Final = 6_371_009.0
"""Mean radius of the earth [m]."""
STRETCH: Final = 0.025
"""A street may be this much longer or shorter in the projected system than on the ground."""
_LONG_M: Final = 10.0
"""Shorter streets do not tell how a projection stretches."""


def read_osm(path: Path, *, crs: str, bbox: Box | None = None) -> Streets:
    """Read the streets and ferries of an OpenStreetMap extract for foot, wheelchair, bicycle, car.

    Use it where walking or cycling counts; `read_n1000` is smaller where only car times between
    places do.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``, ``.osm`` or another file that osmium reads, nodes before ways.
    crs : str
        Projected system of the result, for example ``"EPSG:25833"`` [m].
    bbox : tuple of float, optional
        West, south, east, north [°]; ways with a node inside are kept whole.

    Returns
    -------
    Streets
        Nodes are junctions and ends, named by their OSM ids; at barriers there are more, named by
        the barrier and the node beyond. Edges stand in the order of their ends. ``way`` holds the
        ids of an edge's ways, joined by ";", and a name; one more column, ``decided_by``, says of
        tunnels which tag or default opens them (`tunnel_report`). The order of things in the file
        makes no difference.

    Raises
    ------
    InputError
        If the file cannot be read or holds no street, osmium is not installed, the box is turned
        round or not in degrees, or the projected system does not fit the place.

    Notes
    -----
    Ways are split where they share a node, and joined again over nodes of degree two where nothing
    but the way's id or name changes, with their geometry. Which mode may go where follows
    `osm_tags.read_way`, barriers and kerbs `osm_nodes.stopped`, turn restrictions
    `osm_turns.parse` and `osm_turns.bans`. Traffic signals and crossings with signals are counted
    into the edges that pass them or end there; those of one junction are not merged.

    Ferries take their ``duration`` or an assumed speed, their ``interval`` or an assumed headway,
    and simple ``opening_hours``; a line drawn in pieces counts once; lines that are tagged on
    relations lend their tags to their ways. Not read: heights, conditional rules (counted in
    the notices), lanes.

    Streets on both sides of the 180° meridian come out whole in a system that spans it, such as
    EPSG:3460 on Fiji; any system in which streets are more than 2.5 % too long or too short is
    refused.
    """
    raise_faults(_crs_faults(crs))
    extract = read_extract(path, bbox)
    restrictions, turns = osm_turns.parse(extract.restrictions)
    pieces = split(extract, osm_turns.junctions(restrictions, _way_ends(extract)))
    points = _projected(pieces, extract, crs, path)
    at_sea = np.array([way.road_class == "ferry" for way in pieces.table])[pieces.kind]
    keep = pieces.kept.copy()
    keep[pieces.tail[at_sea]] = keep[pieces.head[at_sea]] = True
    chains = join(pieces, ~at_sea, keep)
    ashore = {*chains.tail.tolist(), *chains.head.tolist()}
    sea, notices = osm_ferries.crossings(
        pieces, np.flatnonzero(at_sea).tolist(), extract, points, ashore
    )
    edges, ends = osm_edges.edges(pieces, chains, sea, extract, points)
    rows = osm_edges.turning(edges, ends, extract)
    bans, followed = osm_turns.bans(restrictions, rows, frozenset(extract.ways.tolist()))
    nodes = gpd.GeoDataFrame(
        index=pd.Index(pieces.names[ends], dtype=str),
        geometry=gpd.points_from_xy(*points[ends].T),
        crs=crs,
    )
    told = tuple(
        f"Turn restrictions {text}: {number}."
        for text, number in sorted((turns + followed).items())
    )
    edges = edges.drop(columns=list(osm_edges.INNER))
    return Streets(nodes, edges, bans, (*extract.notices, *pieces.notices, *notices, *told))


def _crs_faults(crs: str) -> list[Fault]:
    try:
        given = CRS.from_user_input(crs)
    except CRSError:
        problem = f"{crs!r} is no coordinate system."
        return [Fault("streets", "crs", problem, "Give one in metres, e.g. EPSG:25833.")]
    if given.is_projected:
        return []
    problem = f"{given.to_string()} is in degrees; metres are needed."
    return [Fault("streets", "crs", problem, "Give one in metres, e.g. EPSG:25833.")]


def _way_ends(extract: Extract) -> dict[int, tuple[int, int]]:
    """First and last node of each way by OSM ids; of one in several runs, those of the whole."""
    ends: dict[int, tuple[int, int]] = {}
    first = extract.nodes[extract.vertices[extract.first[:-1]]].tolist()
    last = extract.nodes[extract.vertices[extract.first[1:] - 1]].tolist()
    for way, a, b in zip(extract.ways.tolist(), first, last, strict=True):
        ends[way] = (ends[way][0] if way in ends else a, b)
    return ends


def _projected(pieces: Pieces, extract: Extract, crs: str, path: Path) -> Floats:
    """Positions of the nodes [m], in a system that fits the place."""
    change = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    points = np.column_stack(change.transform(pieces.lon, pieces.lat))
    run = np.repeat(np.arange(len(extract.ways)), np.diff(extract.first))
    steps = np.diff(run) == 0
    a, b = extract.vertices[:-1][steps], extract.vertices[1:][steps]
    size = len(extract.ways)
    with np.errstate(invalid="ignore"):  # infinite where the system ends; refused below
        drawn = np.hypot(*(points[a] - points[b]).T)
    lon, lat = np.radians(extract.lon), np.radians(extract.lat)
    half = np.sin((lat[a] - lat[b]) / 2) ** 2
    half += np.cos(lat[a]) * np.cos(lat[b]) * np.sin((lon[a] - lon[b]) / 2) ** 2
    ground = np.bincount(run[:-1][steps], 2 * EARTH_M * np.arcsin(np.sqrt(half)), size)
    long = ground > _LONG_M
    stretch = np.bincount(run[:-1][steps], drawn, size)[long] / ground[long] - 1
    if not (np.isfinite(points).all() and (np.abs(stretch) <= STRETCH).all()):
        worst = extract.ways[long][np.argmax(np.nan_to_num(np.abs(stretch), nan=np.inf))]
        problem = f"{crs} does not fit the place: way {worst} gets a wrong length there."
        raise_faults([Fault(path.name, "crs", problem, "Choose a system made for the area.")])
    return points
