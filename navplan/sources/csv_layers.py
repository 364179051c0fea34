"""CSV tables with positions → map layers: lon and lat, x and y, or wkt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from navplan.errors import Fault
from navplan.sources.csv_text import MOST_ROWS_NAMED, read_csv_rows

EAST: Final = ("x", "easting", "east", "øst", "aust")
NORTH: Final = ("y", "northing", "north", "nord")
LON: Final = ("lon", "lng", "long", "longitude", "lengdegrad")
LAT: Final = ("lat", "latitude", "breddegrad", "breiddegrad")
WKT: Final = ("wkt", "geometry", "geom", "the_geom")

_WGS84: Final = "EPSG:4326"
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d*)?", re.ASCII)
_EWKT: Final = re.compile(r"SRID=(\d{4,6});(.*)", re.IGNORECASE | re.DOTALL)
_REMEDY: Final = "Name the columns lon and lat (degrees), x and y (metres), or wkt."


def read_csv_layer(path: Path) -> tuple[gpd.GeoDataFrame | None, list[Fault]]:
    """Read a CSV table whose rows have a position.

    Parameters
    ----------
    path : Path
        CSV as `navplan.sources.read_table` takes it. Positions stand in two columns of degrees
        (`LON`, `LAT`), in two of metres (`EAST`, `NORTH`), or as WKT (`WKT`), which may say its
        system (``SRID=25833;POINT (…)``). Where several are there, the first of these is taken:
        degrees name their own system. Capital letters do not matter.

    Returns
    -------
    GeoDataFrame or None
        The other columns as text, and the geometry; WGS 84 where the positions are degrees in
        two columns, without a system where the file names none. None where there are faults.
    list of Fault
        All that is wrong, by row of the file.
    """
    read = read_csv_rows(path)
    if read.faults:
        return None, read.faults
    header, *body = read.rows
    where = path.name
    columns = _position_columns([name.lower() for name in header])
    if not columns:
        problem = f"has no position columns. Found: {', '.join(header)}."
        return None, [Fault(where, "row 1", problem, _REMEDY)]
    others = [number for number in range(len(header)) if number not in columns]
    frame = pd.DataFrame(body, columns=header, dtype=object).iloc[:, others]
    if len(columns) == 1:
        shapes, crs, faults = _shapes([row[columns[0]] for row in body], header[columns[0]], where)
    else:
        shapes, faults = _points(body, columns, header, where)
        crs = _WGS84 if header[columns[0]].lower() in LON else None
    if faults:
        return None, faults
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs), []


def _position_columns(names: list[str]) -> tuple[int, ...]:
    """Find where the positions stand: (easting, northing) or (wkt,); empty where nowhere."""
    for wanted in ((LON, LAT), (EAST, NORTH), (WKT,)):
        found = [[at for at, name in enumerate(names) if name in words] for words in wanted]
        if all(len(places) == 1 for places in found):
            return tuple(places[0] for places in found)
    return ()


def _points(
    body: list[list[str]], columns: tuple[int, ...], header: list[str], where: str
) -> tuple[np.ndarray, list[Fault]]:
    faults = [
        Fault(where, f"row {number}, {header[column]}", f"{row[column][:40]!r} is no number.",
              "Write digits and a point.")
        for number, row in enumerate(body, start=2)
        for column in columns
        if _NUMBER.fullmatch(row[column]) is None
    ]  # fmt: skip
    if faults:
        return np.empty(0, dtype=object), _first(faults, where)
    at = np.array([[float(row[column]) for column in columns] for row in body]).reshape(-1, 2)
    return np.asarray(shapely.points(at)), []


def _shapes(
    texts: list[str], column: str, where: str
) -> tuple[np.ndarray, str | None, list[Fault]]:
    matches = [_EWKT.fullmatch(text) for text in texts]
    systems = {m[1] if m else "" for m, text in zip(matches, texts, strict=True) if text}
    if len(systems) > 1:
        problem = "the rows are in different coordinate systems (SRID)."
        return np.empty(0), None, [Fault(where, column, problem, "Bring them into one.")]
    plain = [match[2] if match else text for match, text in zip(matches, texts, strict=True)]
    shapes = shapely.from_wkt(plain, on_invalid="ignore")
    faults = [
        Fault(where, f"row {row + 2}, {column}", f"{texts[row][:40]!r} is no WKT.", "Export anew.")
        for row, shape in enumerate(shapes)
        if shape is None and texts[row]
    ]
    (srid,) = systems or {""}
    crs = f"EPSG:{srid}" if srid else None
    try:
        CRS.from_user_input(crs or _WGS84)
    except CRSError:
        problem = f"names a coordinate system that does not exist: {crs}."
        faults.append(Fault(where, column, problem, "Correct the SRID."))
    return shapes, crs, _first(faults, where)


def _first(faults: list[Fault], where: str) -> list[Fault]:
    if len(faults) <= MOST_ROWS_NAMED:
        return faults
    rest = f"{len(faults) - MOST_ROWS_NAMED} more positions are wrong in the same way."
    return [*faults[:MOST_ROWS_NAMED], Fault(where, "", rest)]
