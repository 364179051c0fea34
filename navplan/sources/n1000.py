"""Norway's main roads at 1:1 million (Kartverket N1000) → streets."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from scipy.spatial import cKDTree

from navplan.errors import Fault, NavplanWarning, raise_faults
from navplan.nouns import Streets
from navplan.sources.ferries import (
    CAR_FERRY_HEADWAY_MIN,
    CAR_FERRY_KM_H,
    PASSENGER_FERRY_HEADWAY_MIN,
    PASSENGER_FERRY_KM_H,
    Leg,
    between_quays,
    both_ways,
)

CRS: Final = "EPSG:25833"
COLUMNS: Final = ("typeVeg", "vegkategori", "motorvegtype", "medium", "vegfase")
BY_CATEGORY: Final = {"E": "trunk", "R": "trunk", "F": "secondary", "K": "local", "P": "local"}
"""vegkategori → road class: European, national, county, kommune and private roads."""
JOIN_M: Final = 500.0
"""A quay without a road is joined to the nearest road end within this [m]."""
DETOUR: Final = 1.2
"""Length of such a joint over its straight line: an assumption."""

_Floats = npt.NDArray[np.float64]
_Point = tuple[int, int]


class _Edge(NamedTuple):
    """One undirected edge on its way into `Streets`."""

    tail: _Point
    head: _Point
    length_m: float
    road_class: str
    structure: str
    walk: bool
    bicycle: bool
    car: bool
    crossing_min: float
    headway_min: float
    geometry: shapely.LineString


def read_n1000(path: Path, *, box: tuple[float, float, float, float] | None = None) -> Streets:
    """Read the road links of N1000 as streets for foot, bicycle and car.

    Good for car times between kommuner and across a city; too coarse for walking within one, since
    it holds main roads only. Use `read_osm` for that.

    Parameters
    ----------
    path : Path
        GeoPackage with the road links: ``typeVeg``, ``vegkategori``, ``motorvegtype``,
        ``medium``, ``vegfase``; EPSG:25833.
    box : tuple of float, optional
        West, south, east, north [m, EPSG:25833]; links that touch it are kept. Everything if
        absent.

    Returns
    -------
    Streets
        Every link in both directions, since N1000 knows no one-way streets.

    Raises
    ------
    InputError
        If the file, its columns or its coordinate system are not as expected, or nothing is left.

    Notes
    -----
    Classes: motorveg → motorway, motortrafikkveg → expressway, then by vegkategori E and R →
    trunk, F → secondary, K and P → local; sti → path. Tunnels are ``medium`` U, bridges L. Foot and
    bicycle are closed to motorways, expressways and road tunnels; N1000 does not tell the few
    tunnels that are open to them. Its
    paths (sti) are mountain trails, open on foot only. Planned links (``vegfase`` P) and
    barmarksløyper are left out.

    A ferry becomes one edge between every two quays it ties together, so that its headway counts
    once however many links draw it; where a passenger boat is faster but rarer than a car ferry,
    there are both, and one that goes on over links of a car ferry sails all the way. Minutes on
    board are length over an assumed speed.
    """
    links = _read(path)
    is_ferry = links["typeVeg"].isin(["bilferje", "passasjerferje"])
    edges = _roads(links[~is_ferry])
    road_ends = {end for edge in edges for end in (edge.tail, edge.head)}
    edges += _ferries(links[is_ferry], road_ends)
    if box is not None:  # cut last, so that a ferry is whole or absent
        touched = shapely.intersects(np.array([edge.geometry for edge in edges]), shapely.box(*box))
        edges = [edge for edge, kept in zip(edges, touched, strict=True) if kept]
    if not edges:
        problem = "no road link lies in the box."
        raise_faults([Fault(path.name, "box", problem, f"Check the box: metres in {CRS}.")])
    afloat = [edge for edge in edges if edge.structure == "ferry"]
    joints, far = _joints({end for e in afloat for end in (e.tail, e.head)} - road_ends, road_ends)
    if far:
        warnings.warn(
            f"{path.name}: {far} quays lie more than {JOIN_M:g} m from every road; only other "
            "ferries lead there.",
            NavplanWarning,
            stacklevel=2,
        )
    return _streets([*edges, *joints])


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise_faults([Fault(path.name, "", "there is no such file.", "Fetch the roads first.")])
    try:
        links = pyogrio.read_dataframe(path)
    except pyogrio.errors.DataSourceError as error:
        raise_faults([Fault(path.name, "", f"cannot be read as a map layer ({error}).")])
    faults = [
        Fault(path.name, name, f"column {name} is missing.", "Give the road links of N1000.")
        for name in COLUMNS
        if name not in links.columns
    ]
    if links.crs is None or links.crs.to_epsg() != 25833:  # noqa: PLR2004
        given = "none" if links.crs is None else links.crs.to_string()
        problem = f"the coordinate system is {given}; expected {CRS}."
        faults.append(Fault(path.name, "crs", problem, f"Reproject to {CRS}."))
    raise_faults(faults)
    links = links[(links["vegfase"] != "P") & (links["typeVeg"] != "barmarksløype")]
    links = links.explode(ignore_index=True)
    unknown = links[(links["typeVeg"] == "enkelBilveg") & ~links["vegkategori"].isin(BY_CATEGORY)]
    raise_faults(
        Fault(path.name, "vegkategori", f"{value!r} is not known.", "Expected E, R, F, K or P.")
        for value in unknown["vegkategori"].astype(str).unique()
    )
    return links


def _ends(line: shapely.LineString) -> tuple[_Point, _Point]:
    """Both ends in whole metres: where links meet, they meet exactly."""
    (x1, y1), *_, (x2, y2) = line.coords
    return (round(x1), round(y1)), (round(x2), round(y2))


def _roads(links: gpd.GeoDataFrame) -> list[_Edge]:
    edges = []
    structures = {"U": "tunnel", "L": "bridge"}
    for row in links.itertuples(index=False):
        path = row.typeVeg == "sti"
        by_type = {"motorveg": "motorway", "motortrafikkveg": "expressway"}
        road_class = by_type.get(str(row.motorvegtype), "")
        if not road_class:
            road_class = "path" if path else BY_CATEGORY[str(row.vegkategori)]
        structure = structures.get(str(row.medium), "open")
        slow = road_class not in by_type.values() and (structure != "tunnel" or path)
        tail, head = _ends(row.geometry)
        edges.append(
            _Edge(tail, head, row.geometry.length, road_class, structure, slow, slow and not path,
                  not path, np.nan, np.nan, row.geometry)
        )  # fmt: skip
    return edges


def _ferries(links: gpd.GeoDataFrame, road_ends: set[_Point]) -> list[_Edge]:
    """Edges for every two quays that are tied without another quay between them."""
    ties = []
    for kind, line in zip(links["typeVeg"], links.geometry, strict=True):
        car = kind == "bilferje"
        minutes = line.length / 1000 / (CAR_FERRY_KM_H if car else PASSENGER_FERRY_KM_H) * 60
        headway = CAR_FERRY_HEADWAY_MIN if car else PASSENGER_FERRY_HEADWAY_MIN
        modes = frozenset({"walk", "bicycle", "car"} if car else {"walk", "bicycle"})
        ties += both_ways(*_ends(line), Leg(minutes, line, headway, modes=modes))
    return [
        _Edge(quay, other, leg.line.length, "ferry", "ferry", True, True, "car" in leg.modes,
              leg.minutes, leg.headway_min, leg.line)
        for quay, other, leg in between_quays(ties, road_ends)[0]
        if quay < other
    ]  # fmt: skip


def _joints(quays: set[_Point], road_ends: set[_Point]) -> tuple[list[_Edge], int]:
    if not quays or not road_ends:
        return [], len(quays)
    ends = sorted(road_ends)
    alone = sorted(quays)
    tree = cKDTree(np.array(ends, dtype=float))
    joints = []
    for quay in alone:
        straight, at = tree.query(np.array(quay, dtype=float))
        if straight <= JOIN_M:
            line = shapely.LineString([quay, ends[int(at)]])
            length = float(straight) * DETOUR
            joints.append(
                _Edge(quay, ends[int(at)], length, "local", "connector", True, True, True, np.nan,
                      np.nan, line)
            )  # fmt: skip
    return joints, len(alone) - len(joints)


def _streets(edges: list[_Edge]) -> Streets:
    ends = sorted({end for edge in edges for end in (edge.tail, edge.head)})
    number = {end: position for position, end in enumerate(ends)}
    at: _Floats = np.array(ends, dtype=float)
    nodes = gpd.GeoDataFrame(
        index=pd.Index([f"n{x}-{y}" for x, y in ends], dtype=str),
        geometry=gpd.points_from_xy(at[:, 0], at[:, 1]),
        crs=CRS,
    )
    there = pd.DataFrame(edges, columns=list(_Edge._fields))
    there["tail"] = [number[end] for end in there["tail"]]
    there["head"] = [number[end] for end in there["head"]]
    back = there.assign(
        tail=there["head"], head=there["tail"], geometry=[line.reverse() for line in there.geometry]
    )
    both = pd.concat([there, back], ignore_index=True).assign(
        climb_m=np.nan,
        opened=pd.Series(pd.NaT, index=range(2 * len(there)), dtype="datetime64[ns]"),
        speed_km_h=np.nan,
    )
    return Streets(nodes, both[list(Streets.COLUMNS)])
