"""Norway's road network for route planning (NVDB Ruteplan) → streets with the source's minutes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from navplan.errors import Fault, raise_faults
from navplan.nouns import Streets
from navplan.sources.ferries import (
    CAR_FERRY_HEADWAY_MIN,
    CAR_FERRY_KM_H,
    Leg,
    between_quays,
    both_ways,
)
from navplan.sources.layer_checks import NORWAY
from navplan.sources.layers import read_layer
from navplan.units import SECONDS_PER_MINUTE

_MINUTES: Final = ("FT_MINUTES", "TF_MINUTES")
COLUMNS: Final = ("ONEWAY", *_MINUTES, "ROADCLASS", "SPECIALVEG")
DIRECTIONS: Final[Mapping[str, tuple[bool, bool]]] = {
    "B": (True, True),
    "FT": (True, False),
    "TF": (False, True),
}
"""ONEWAY → open along the line as drawn, and against it."""
FERRY_CLASS: Final = 4
FERRY_WORD: Final = "[FERGE]"
MOTORWAY_KM_H: Final = 85.0
"""Roads whose minutes mean this speed or more are taken for motorways: no walking or cycling."""
BY_SPEED: Final = ((MOTORWAY_KM_H, "motorway"), (70.0, "trunk"), (45.0, "secondary"))
"""Least speed by the minutes [km/h] → road class, else local. An assumption: no column tells."""

Floats = npt.NDArray[np.float64]
_Point = tuple[int, int]


def read_ruteplan(
    path: Path,
    *,
    crs: str = "EPSG:25833",
    layer: str | None = None,
    within: tuple[float, float, float, float] = NORWAY,
) -> Streets:
    """Read the links of NVDB Ruteplan as streets, with the car minutes that they carry.

    Use it for car times that agree with Norwegian route planners; `read_osm` where walking or
    cycling counts.

    Parameters
    ----------
    path : Path
        GeoPackage, shapefile or another layer of lines that GDAL reads, with `COLUMNS`.
    crs : str
        Projected system of the result [m].
    layer : str, optional
        Name of the layer; needed where the file has several.
    within : tuple of float
        West, south, east, north [°] that everything must lie in. The default is Norway.

    Returns
    -------
    Streets
        ``car_s`` are FT_MINUTES along a line and TF_MINUTES against it; zero is taken for not told,
        and the other direction's minutes count, or else the road's class. Links meet where they end
        within a decimetre. Links with negative minutes in both directions are left out, which a
        notice tells.

    Raises
    ------
    InputError
        If the layer or its columns are not as expected; for each row whose ONEWAY is not B, FT or
        TF, or whose minutes are missing or negative in a direction that is open.

    Notes
    -----
    ROADCLASS 4 or a SPECIALVEG with "[FERGE]" is a ferry: its minutes are those on board, or where
    there are none those at an assumed speed (`ferries.CAR_FERRY_KM_H`), and its headway is assumed
    (`ferries.CAR_FERRY_HEADWAY_MIN`). Ferries sail both ways whatever ONEWAY says. One in several
    links becomes one crossing between every two quays.

    *Assumed*, since the columns do not say it: whoever walks or cycles may use, in both
    directions, every road that is no motorway, and motorways are what the minutes make 85 km/h or
    faster; classes go by that speed (`BY_SPEED`); nothing is known of tunnels, so walkers are not
    kept out of them. SHAPE_LENGTH is not read: lines are measured in `crs`.
    """
    links, faults = read_layer(
        path, crs=crs, layer=layer, columns=COLUMNS, geometry=("LineString",), within=within
    )
    raise_faults(faults)
    links, notices = _with_minutes(links, path.name)
    raise_faults(_row_faults(links, path.name))
    links = _parts(links)
    ferry = (pd.to_numeric(links["ROADCLASS"], errors="coerce") == FERRY_CLASS) | links[
        "SPECIALVEG"
    ].astype(str).str.contains(FERRY_WORD, regex=False)
    roads = links[~ferry.to_numpy()]
    ashore = set(roads["from"]) | set(roads["to"])
    edges = pd.concat([_road_edges(roads), _ferry_edges(links[ferry.to_numpy()], ashore)])
    return _streets(edges.reset_index(drop=True), crs, notices)


def _with_minutes(links: gpd.GeoDataFrame, where: str) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Links but those that have negative minutes both ways; the rest keep their row numbers."""
    given = [pd.to_numeric(links[column], errors="coerce") for column in _MINUTES]
    never = ((given[0] < 0) & (given[1] < 0)).to_numpy()
    if never.any() and never.all():
        problem = "no link has minutes: all are negative in both directions."
        raise_faults([Fault(where, ", ".join(_MINUTES), problem, "Fill in the minutes.")])
    told = f"Links left out for negative minutes in both directions: {int(never.sum())}."
    return links[~never], (told,) if never.any() else ()


def _row_faults(links: gpd.GeoDataFrame, where: str) -> list[Fault]:
    faults = []
    known = ", ".join(DIRECTIONS)
    for row, word in links["ONEWAY"].items():
        if word not in DIRECTIONS:
            given = f"{word!r} is no direction; expected {known}."
            faults.append(Fault(where, f"feature {row + 1}, ONEWAY", given, "Correct it."))
    is_open = _open_to_cars(links)
    for side, column in enumerate(_MINUTES):
        minutes = pd.to_numeric(links[column], errors="coerce").to_numpy(dtype=float)
        wrong = is_open[:, side] & ~(np.isfinite(minutes) & (minutes >= 0))
        for row, value in links.loc[wrong, column].items():
            given = f"{value} minutes; expected zero or more."
            remedy = "Fill in the minutes, or close the direction by ONEWAY."
            faults.append(Fault(where, f"feature {row + 1}, {column}", given, remedy))
    return faults


def _open_to_cars(links: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Whether each link is open along its line, and against it (two columns)."""
    sides = [DIRECTIONS.get(word, (False, False)) for word in links["ONEWAY"]]
    return np.array(sides, dtype=bool).reshape(-1, 2)


def _parts(links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Single lines, with their share of the minutes, and the points they end at."""
    whole = links.geometry.length.to_numpy()
    links = links.assign(_link=np.arange(len(links))).explode(ignore_index=True)
    number = links["_link"].to_numpy()
    share = links.geometry.length.to_numpy() / np.maximum(whole[number], 1e-9)
    lines = links.geometry.to_numpy()
    there, back = _minutes(links).T * share
    parts: gpd.GeoDataFrame = links.assign(
        ft=there, tf=back, **{"from": _points(lines, 0), "to": _points(lines, -1)}
    )
    return parts


def _minutes(links: gpd.GeoDataFrame) -> Floats:
    """Minutes along and against (two columns); NaN where there are none to go by.

    What a closed direction tells is no car's time, and zero is none told: then the other
    direction's minutes count.
    """
    told = [pd.to_numeric(links[column], errors="coerce") for column in _MINUTES]
    minutes = np.column_stack(told).astype(float)
    minutes[~(_open_to_cars(links) & (minutes > 0))] = np.nan
    return np.asarray(np.where(np.isnan(minutes), minutes[:, ::-1], minutes))


def _points(lines: npt.NDArray[np.object_], index: int) -> list[_Point]:
    """An end of each line in decimetres: where links meet, they meet exactly."""
    at = shapely.get_coordinates(shapely.get_point(lines, index))
    return [(x, y) for x, y in np.rint(at * 10).astype(int).tolist()]


def _road_edges(roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """Both directions of every road; one that is closed to cars stays for those on foot."""
    lines = roads.geometry.to_numpy()
    length = shapely.length(lines)
    minutes = np.fmin(roads["ft"].to_numpy(), roads["tf"].to_numpy())
    speed = np.nan_to_num(length / minutes * 60 / 1000)  # no minutes: the lowest class
    slow = speed < MOTORWAY_KM_H
    kinds = np.select(
        [speed >= least for least, _ in BY_SPEED], [name for _, name in BY_SPEED], default="local"
    )
    open_to = _open_to_cars(roads)
    sides = []
    for side, (tail, head, column) in enumerate((("from", "to", "ft"), ("to", "from", "tf"))):
        car = open_to[:, side]
        edge = pd.DataFrame(
            {
                "tail": roads[tail],
                "head": roads[head],
                "length_m": length,
                "road_class": kinds.astype(object),
                "structure": "open",
                "walk": slow,
                "bicycle": slow,
                "car": car,
                "crossing_min": np.nan,
                "headway_min": np.nan,
                "car_s": np.where(car, roads[column], np.nan) * SECONDS_PER_MINUTE,
                "geometry": shapely.reverse(lines) if side else lines,
            }
        )
        sides.append(edge[car | slow])
    both: pd.DataFrame = pd.concat(sides)
    return both


def _ferry_edges(links: gpd.GeoDataFrame, ashore: set[_Point]) -> pd.DataFrame:
    ties = []
    rows = zip(links["from"], links["to"], links["ft"], links["tf"], links.geometry, strict=True)
    for tail, head, there, back, line in rows:
        sailed = line.length / 1000 / CAR_FERRY_KM_H * 60
        aboard, returning = (sailed if np.isnan(told) else told for told in (there, back))
        ties += both_ways(tail, head, Leg(aboard, line), returning)
    found, _ = between_quays(ties, ashore)
    return pd.DataFrame(
        {
            "tail": [quay for quay, _, _ in found],
            "head": [other for _, other, _ in found],
            "length_m": [leg.line.length for _, _, leg in found],
            "road_class": "ferry",
            "structure": "ferry",
            "walk": True,
            "bicycle": True,
            "car": True,
            "crossing_min": [leg.minutes for _, _, leg in found],
            "headway_min": CAR_FERRY_HEADWAY_MIN,
            "car_s": np.nan,
            "geometry": [leg.line for _, _, leg in found],
        }
    )


def _streets(edges: pd.DataFrame, crs: str, notices: tuple[str, ...]) -> Streets:
    ends = sorted({*edges["tail"], *edges["head"]})
    number = {end: position for position, end in enumerate(ends)}
    at = np.array(ends, dtype=float).reshape(-1, 2) / 10
    nodes = gpd.GeoDataFrame(
        index=pd.Index([f"n{x}-{y}" for x, y in ends], dtype=str),
        geometry=gpd.points_from_xy(at[:, 0], at[:, 1]),
        crs=crs,
    )
    edges = edges.assign(
        tail=[number[end] for end in edges["tail"]],
        head=[number[end] for end in edges["head"]],
        climb_m=np.nan,
        speed_km_h=np.nan,
        opened=pd.Series(pd.NaT, index=edges.index, dtype="datetime64[ns]"),
    )
    notice = (
        "The roads table says nothing of walking and cycling: roads slower than "
        f"{MOTORWAY_KM_H:g} km/h are taken to be open to both, tunnels too."
    )
    return Streets(nodes, edges[[*Streets.COLUMNS, "car_s"]], notices=(notice, *notices))
