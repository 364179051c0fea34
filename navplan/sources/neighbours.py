"""Which areas share a border on land."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from navplan.errors import Fault, raise_faults
from navplan.units import Quality

LEAST_M: Final = 100.0
"""A shared border must be longer than this [m]; areas that meet at a corner do not count."""
_APART_M: Final = 1.0
"""Borders this close are one border: drawings differ by rounding [m]."""


def neighbours(
    borders: gpd.GeoDataFrame,
    *,
    area: str = "area",
    least_m: float = LEAST_M,
    land: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Find the pairs of areas whose borders meet.

    Where people cross water by bridge or tunnel, write the table by hand instead: a border in the
    sea tells nothing of crossings.

    Parameters
    ----------
    borders : GeoDataFrame
        Polygons in a projected system [m].
    area : str
        Column with the name of the area.
    least_m : float
        Borders shared over no more than this do not count [m].
    land : GeoDataFrame, optional
        Polygons of dry land; borders in water do not count then.

    Returns
    -------
    DataFrame
        Columns ``area``, ``neighbour`` (each pair once, in the order of names), ``connection``
        ("land"; "border" where no land was given), ``shared_m`` [m] and ``quality``: official
        with land, approximate without, since kommuner reach out into the sea.

    Raises
    ------
    InputError
        If the column is missing or the system is in degrees or not given.
    """
    faults = []
    if area not in borders:
        faults.append(Fault("borders", area, "column is missing.", "Name the column of areas."))
    if borders.crs is None or not borders.crs.is_projected:
        problem = "the coordinate system is not in metres."
        faults.append(Fault("borders", "crs", problem, "Reproject, e.g. to EPSG:25833."))
    raise_faults(faults)
    shapes = borders.dissolve(by=area).geometry.sort_index()
    dry = None if land is None else land.to_crs(borders.crs).geometry.union_all()
    quality: Quality = "approximate" if land is None else "official"
    first, second = shapes.sindex.query(shapes.to_numpy(), predicate="dwithin", distance=_APART_M)
    rows = []
    for one, other in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if one >= other:
            continue
        shared_m = _shared_m(shapes.iloc[one], shapes.iloc[other], dry)
        if shared_m > least_m:
            names = {"area": str(shapes.index[one]), "neighbour": str(shapes.index[other])}
            rows.append({**names, "shared_m": shared_m})
    frame = pd.DataFrame(rows, columns=["area", "neighbour", "shared_m"])
    frame.insert(2, "connection", "border" if land is None else "land")
    return frame.assign(quality=quality)


def _shared_m(
    one: shapely.Geometry, other: shapely.Geometry, dry: shapely.Geometry | None
) -> float:
    """Length of the border that two areas share [m]; in water it is left out."""
    reach = shapely.buffer(shapely.box(*shapely.bounds(other)), _APART_M)
    line = shapely.intersection(shapely.boundary(one), reach)
    shared = shapely.intersection(line, shapely.buffer(other, _APART_M))
    if dry is not None:
        shared = shapely.intersection(shared, dry)
    return float(shared.length)
