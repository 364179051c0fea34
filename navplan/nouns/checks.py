"""What every noun's constructor checks: columns, ids, coordinate system."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from navplan.errors import Fault


def missing_columns(frame: pd.DataFrame, columns: tuple[str, ...], noun: str) -> list[Fault]:
    """List the columns a table lacks.

    Parameters
    ----------
    frame : DataFrame
        The table.
    columns : tuple of str
        Those it needs.
    noun : str
        What it is, for the faults.

    Returns
    -------
    list of Fault
        Empty where all is well.
    """
    return [
        Fault(noun, name, f"column {name} is missing; found {', '.join(map(str, frame.columns))}.")
        for name in columns
        if name not in frame.columns
    ]


def index_faults(index: pd.Index, noun: str) -> list[Fault]:
    """List ids that stand more than once.

    Parameters
    ----------
    index : Index
        The ids.
    noun : str
        What it is, for the faults.

    Returns
    -------
    list of Fault
        Empty where all is well.
    """
    twice = index[index.duplicated()].unique()
    return [Fault(noun, str(i), "the id stands more than once.", "Ids must differ.") for i in twice]


def unplaced(frame: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    """Find what has no position.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer.

    Returns
    -------
    ndarray of int
        Rows whose geometry is no point, an empty one, or not finite.
    """
    places = frame.geometry.to_numpy()
    placed = (shapely.get_type_id(places) == shapely.GeometryType.POINT) & ~shapely.is_empty(places)
    # GEOS may refuse to tell x and y of a point that is empty
    placed[placed] = np.isfinite(shapely.get_coordinates(places[placed])).all(axis=1)
    return np.asarray(np.flatnonzero(~placed), dtype=np.int64)


def position_faults(frame: gpd.GeoDataFrame, noun: str, prefix: str = "") -> list[Fault]:
    """List ids that have no position.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer.
    noun : str
        What it is, for the faults.
    prefix : str
        Stands before each id, for the faults.

    Returns
    -------
    list of Fault
        Empty where all is well.
    """
    ids = frame.index[unplaced(frame)]
    return [Fault(noun, f"{prefix}{i}", "has no position.", "Give it a point [m].") for i in ids]


def crs_faults(frame: gpd.GeoDataFrame, noun: str) -> list[Fault]:
    """Say what is wrong with the coordinate system.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer.
    noun : str
        What it is, for the faults.

    Returns
    -------
    list of Fault
        Empty where all is well.
    """
    if frame.crs is None:
        return [Fault(noun, "crs", "no coordinate system is given.", "Set it, e.g. EPSG:25833.")]
    if not CRS(frame.crs).is_projected:
        given = f"{frame.crs.to_string()} is in degrees; metres are needed."
        return [Fault(noun, "crs", given, "Reproject, e.g. to EPSG:25833.")]
    return []
