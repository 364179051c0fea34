"""Digests of what a noun holds, so that results can be kept by what they rest on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def digest(parts: Iterable[tuple[str, bytes]]) -> str:
    """Hash named contents.

    Parameters
    ----------
    parts : iterable of (str, bytes)
        Names and contents, in a fixed order.

    Returns
    -------
    str
        sha256, hexadecimal.
    """
    whole = hashlib.sha256()
    for name, content in parts:
        whole.update(f"\n{name} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()


def of_points(name: str, frame: gpd.GeoDataFrame) -> Iterable[tuple[str, bytes]]:
    """Give ids, positions and coordinate system of points.

    Parameters
    ----------
    name : str
        What they are.
    frame : GeoDataFrame
        Points by id.

    Yields
    ------
    tuple of (str, bytes)
        For `digest`.
    """
    yield f"{name} crs", str(frame.crs).encode()
    yield f"{name} ids", "\n".join(map(str, frame.index)).encode()
    yield f"{name} xy", shapely.get_coordinates(frame.geometry.to_numpy()).tobytes()


def of_columns(name: str, table: pd.DataFrame) -> Iterable[tuple[str, bytes]]:
    """Give the contents of every column: numbers, days, words or lines.

    Parameters
    ----------
    name : str
        What the table is.
    table : DataFrame
        Its columns in a fixed order.

    Yields
    ------
    tuple of (str, bytes)
        For `digest`.
    """
    for column in table.columns:
        values = table[column]
        if column == "geometry":
            lines = values.to_numpy(dtype=object)
            there = np.array([line is not None for line in lines], dtype=bool)
            content = there.tobytes() + b"".join(shapely.to_wkb(lines[there]))
        elif pd.api.types.is_datetime64_any_dtype(values):
            content = values.to_numpy(dtype="datetime64[s]").tobytes()
        elif pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
            content = values.to_numpy(dtype=np.float64).tobytes()
        else:
            content = "\n".join(map(str, values)).encode()
        yield f"{name} {column}", content
