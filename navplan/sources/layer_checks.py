"""What every map layer is checked for: kinds of shapes, and positions that can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
from pyproj import CRS, Transformer

from navplan.errors import Fault

NORWAY: Final = (-10.0, 55.0, 35.0, 82.0)
"""West, south, east, north [°], with Svalbard and Jan Mayen."""

_MOST_NAMED: Final = 20
_FULL_TURN: Final = 180


def layer_faults(
    frame: gpd.GeoDataFrame,
    *,
    columns: Sequence[str],
    geometry: Sequence[str],
    within: tuple[float, float, float, float],
    where: str,
) -> list[Fault]:
    """Check a layer's columns, shapes, coordinate system and positions.

    Parameters
    ----------
    frame : GeoDataFrame
        As read.
    columns : sequence of str
        Columns that must be there.
    geometry : sequence of str
        Allowed kinds of geometry; ``Multi…`` of a kind is allowed with it.
    within : tuple of float
        West, south, east, north [°] that everything must lie in.
    where : str
        File or table for the faults.

    Returns
    -------
    list of Fault
        All that is wrong; features are numbered from 1. Positions are looked at only where the
        rest is sound.
    """
    faults = [
        Fault(where, name, f"column {name} is missing.", f"Found: {', '.join(frame.columns)}.")
        for name in columns
        if name not in frame.columns
    ]
    faults += _geometry_faults(frame, set(geometry), where)
    if frame.crs is None:
        remedy = "Store the layer with its coordinate system, or assign it (e.g. EPSG:25833)."
        return [*faults, Fault(where, "crs", "no coordinate system is given.", remedy)]
    return faults or position_faults(frame, within=within, where=where)


def _geometry_faults(frame: gpd.GeoDataFrame, kinds: set[str], where: str) -> list[Fault]:
    faults = []
    for number, shape in enumerate(frame.geometry, start=1):
        key = f"feature {number}"
        if shape is None or shape.is_empty:
            faults.append(Fault(where, key, "has no geometry.", "Draw it or remove the feature."))
        elif shape.geom_type.removeprefix("Multi") not in kinds:
            problem = f"is a {shape.geom_type}; expected {' or '.join(sorted(kinds))}."
            faults.append(Fault(where, key, problem, "Give the right layer."))
        elif shape.geom_type.endswith("Polygon") and not shape.is_valid:
            problem = "is no valid polygon (its border crosses itself)."
            faults.append(Fault(where, key, problem, "Mend the geometry in a map program."))
    return faults


def position_faults(
    frame: gpd.GeoDataFrame,
    *,
    within: tuple[float, float, float, float],
    where: str,
    keys: Sequence[str] | None = None,
) -> list[Fault]:
    """Find features outside a box, and say whether they look swapped or wrongly labelled.

    Parameters
    ----------
    frame : GeoDataFrame
        With a coordinate system.
    within : tuple of float
        West, south, east, north [°].
    where : str
        File name for the faults.
    keys : sequence of str, optional
        What each feature is called, for example ``"row 2"``; else ``"feature 1"`` and on.

    Returns
    -------
    list of Fault
        The first twenty features outside, and how many more there are.
    """
    bounds = frame.geometry.bounds.to_numpy(dtype=float)
    x = (bounds[:, 0] + bounds[:, 2]) / 2
    y = (bounds[:, 1] + bounds[:, 3]) / 2
    known = CRS(frame.crs)
    change = Transformer.from_crs(known, "EPSG:4326", always_xy=True)

    def inside(east: np.ndarray, north: np.ndarray) -> np.ndarray:
        """Tell which points lie in the box of degrees."""
        lon, lat = change.transform(east, north)
        west, south, far_east, far_north = within
        return np.asarray(
            (lon >= west) & (lon <= far_east) & (lat >= south) & (lat <= far_north), dtype=bool
        )

    good, swapped = inside(x, y), inside(y, x)
    faults = []
    outside = np.flatnonzero(~good)
    name = known.to_string()
    for row in outside[:_MOST_NAMED]:
        given = f"{x[row]:.10g}, {y[row]:.10g} in {name}"
        if swapped[row]:
            problem = f"{given}: the two coordinates seem to be swapped."
            remedy = "Put the easting (longitude) first, the northing (latitude) second."
        elif known.is_geographic and max(abs(x[row]), abs(y[row])) > _FULL_TURN:
            problem = f"{given}: these are metres, but the file says degrees."
            remedy = "Assign the right coordinate system to the layer (e.g. EPSG:25833)."
        elif known.is_projected and max(abs(x[row]), abs(y[row])) <= _FULL_TURN:
            problem = f"{given}: these are degrees, but the file says metres."
            remedy = "Assign EPSG:4326 to the layer; it is reprojected on reading."
        else:
            problem = f"{given} lies outside the area expected."
            remedy = "Check the positions and the coordinate system of the file."
        key = f"feature {row + 1}" if keys is None else keys[row]
        faults.append(Fault(where, key, problem, remedy))
    if len(outside) > _MOST_NAMED:
        rest = f"{len(outside) - _MOST_NAMED} more features lie outside the area expected."
        faults.append(Fault(where, "", rest))
    return faults
