"""Norway's road network for route planning (NVDB Ruteplan) → streets with the source's minutes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from navplan.errors import Fault, raise_faults
from navplan.nouns import Streets
from navplan.sources.ferries import CAR_FERRY_HEADWAY_MIN, Leg, between_quays
from navplan.sources.files import NORWAY, read_layer
from navplan.units import SECONDS_PER_MINUTE

COLUMNS: Final = ("ONEWAY", "FT_MINUTES", "TF_MINUTES", "ROADCLASS", "SPECIALVEG")
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
        ``car_s`` are FT_MINUTES along a line and TF_MINUTES against it. Links meet where they end
        within a decimetre.

    Raises
    ------
    InputError
        If the layer or its columns are not as expected; for each row whose ONEWAY is not B, FT or
        TF, or whose minutes are missing or negative in a direction that is open.

    Notes
    -----
    ROADCLASS 4 or a SPECIALVEG with "[FERGE]" is a ferry: its minutes are those on board, and its
    headway is assumed (`ferries.CAR_FERRY_HEADWAY_MIN`). Ferries sail both ways whatever ONEWAY
    says. One in several links becomes one crossing between every two quays.

    *Assumed*, since the columns do not say it: whoever walks or cycles may use, in both
    directions, every road that is no motorway, and motorways are what the minutes make 85 km/h or
    faster; classes go by that speed (`BY_SPEED`); nothing is known of tunnels, so walkers are not
    kept out of them. SHAPE_LENGTH is not read: lines are measured in `crs`.
    """
    links, faults = read_layer(
        path, crs=crs, layer=layer, columns=COLUMNS, geometry=("LineString",), within=within
    )
    raise_faults(faults or _row_faults(links, path.name))
    links = _parts(links)
    ferry = (pd.to_numeric(links["ROADCLASS"], errors="coerce") == FERRY_CLASS) | links[
        "SPECIALVEG"
    ].astype(str).str.contains(FERRY_WORD, regex=False)
    roads = links[~ferry.to_numpy()]
    ashore = set(roads["from"]) | set(roads["to"])
    edges = pd.concat([_road_edges(roads), _ferry_edges(links[ferry.to_numpy()], ashore)])
    return _streets(edges.reset_index(drop=True), crs)


def _row_faults(links: gpd.GeoDataFrame, where: str) -> list[Fault]:
    faults = []
    known = ", ".join(DIRECTIONS)
    for row, word in enumerate(links["ONEWAY"], start=1):
        if word not in DIRECTIONS:
            given = f"{word!r} is no direction; expected {known}."
            faults.append(Fault(where, f"feature {row}, ONEWAY", given, "Correct it."))
    for side, column in enumerate(("FT_MINUTES", "TF_MINUTES")):
        is_open = np.array([DIRECTIONS.get(word, (False,) * 2)[side] for word in links["ONEWAY"]])
        for row in np.flatnonzero(is_open & np.isnan(_minutes(links[column]))).tolist():
            given = f"{links[column].iloc[row]} minutes; expected zero or more."
            remedy = "Fill in the minutes, or close the direction by ONEWAY."
            faults.append(Fault(where, f"feature {row + 1}, {column}", given, remedy))
    return faults


def _parts(links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Single lines, with their share of the minutes, and the points they end at."""
    whole = links.geometry.length.to_numpy()
    links = links.assign(_link=np.arange(len(links))).explode(ignore_index=True)
    number = links["_link"].to_numpy()
    share = links.geometry.length.to_numpy() / np.maximum(whole[number], 1e-9)
    lines = links.geometry.to_numpy()
    parts: gpd.GeoDataFrame = links.assign(
        **{
            name: _minutes(links[column]) * share
            for name, column in (("ft", "FT_MINUTES"), ("tf", "TF_MINUTES"))
        },
        **{"from": _points(lines, 0), "to": _points(lines, -1)},
    )
    return parts


def _minutes(given: pd.Series[Any]) -> Floats:
    """Minutes as numbers; NaN where there is none to go by."""
    minutes = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float)
    return np.asarray(np.where((minutes >= 0) & np.isfinite(minutes), minutes, np.nan))


def _points(lines: npt.NDArray[np.object_], index: int) -> list[_Point]:
    """An end of each line in decimetres: where links meet, they meet exactly."""
    at = shapely.get_coordinates(shapely.get_point(lines, index))
    return [(x, y) for x, y in np.rint(at * 10).astype(int).tolist()]


def _road_edges(roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """Both directions of every road; one that is closed to cars stays for those on foot."""
    lines = roads.geometry.to_numpy()
    length = shapely.length(lines)
    minutes = np.fmin(roads["ft"].to_numpy(), roads["tf"].to_numpy())
    with np.errstate(divide="ignore", invalid="ignore"):  # zero minutes say nothing of the speed
        speed = np.nan_to_num(length / minutes * 60 / 1000, posinf=0.0)
    slow = speed < MOTORWAY_KM_H
    kinds = np.select(
        [speed >= least for least, _ in BY_SPEED], [name for _, name in BY_SPEED], default="local"
    )
    open_to = np.array([DIRECTIONS[word] for word in roads["ONEWAY"]]).reshape(-1, 2)
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
    sea: dict[_Point, dict[_Point, Leg]] = {}
    minutes = links["ft"].fillna(links["tf"]), links["tf"].fillna(links["ft"])
    rows = zip(links["from"], links["to"], *minutes, links.geometry, strict=True)
    for tail, head, there, back, line in rows:
        for start, end, aboard, way in (
            (tail, head, there, line),
            (head, tail, back, line.reverse()),
        ):
            known = sea.setdefault(start, {}).get(end)
            if known is None or known.minutes > aboard:
                sea[start][end] = Leg(aboard, way)
    found = between_quays(sea, ashore)
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


def _streets(edges: pd.DataFrame, crs: str) -> Streets:
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
    return Streets(nodes, edges[[*Streets.COLUMNS, "car_s"]], notices=(notice,))
