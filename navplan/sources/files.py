"""Tables and map layers from files: read whole, checked whole, every fault with its row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyogrio
from pyproj import CRS, Transformer

from navplan.errors import Fault
from navplan.tables import check

MAX_TABLE_BYTES: Final = 200 * 1024 * 1024
MAX_LAYER_BYTES: Final = 2 * 1024**3
NORWAY: Final = (-10.0, 55.0, 35.0, 82.0)
"""West, south, east, north [°], with Svalbard and Jan Mayen."""

_MOST_ROWS_NAMED: Final = 20
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d{1,3}(\s?\d{3})*,\d+")
_NUMBER: Final = re.compile(
    r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE
)
_WHOLE: Final = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_CSV_REMEDY: Final = "Save it as CSV: UTF-8, comma between columns, point in decimals."


def read_table(path: Path, schema: pa.DataFrameSchema) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV table and check it against its schema.

    For the tables of a study. For map layers use `read_layer`, for the population grid
    `read_grid`.

    Parameters
    ----------
    path : Path
        CSV file: UTF-8 with or without byte order mark, comma, one header row.
    schema : DataFrameSchema
        One of the schemas of `navplan.tables`.

    Returns
    -------
    DataFrame
        With the schema's types; as read, or empty, where there are faults.
    list of Fault
        All that is wrong, with the row numbers of the file (the header is row 1). Where the file
        is no readable table nothing further is checked.

    Notes
    -----
    Spaces around a value are dropped. An empty field is missing in number columns and empty text
    elsewhere. ``nan`` and ``inf`` are no numbers here: what is missing is left empty.
    """
    where = path.name
    text, faults = _text(path)
    if faults:
        return pd.DataFrame(), faults
    rows, faults = _rows(text, where)
    if not rows:
        return pd.DataFrame(), faults
    header, *body = rows
    faults += _header_faults(header, where)
    if faults:
        return pd.DataFrame(), faults
    frame = pd.DataFrame(body, columns=header, dtype=object)
    faults = _mend_numbers(frame, schema, where)
    checked, found = check(frame, schema, where=where)
    told = {fault.key for fault in faults}
    faults += [fault for fault in found if fault.key not in told]
    return checked, faults


def _text(path: Path) -> tuple[str, list[Fault]]:
    where = path.name
    if not path.is_file():
        problem = (
            "is a folder." if path.is_dir() else f"there is no such file in {path.parent.name}/."
        )
        return "", [Fault(where, "", problem, "Put the file there or correct its name.")]
    size = path.stat().st_size
    if size > MAX_TABLE_BYTES:
        problem = f"is {size / 1e6:,.0f} MB; tables are read up to {MAX_TABLE_BYTES / 1e6:,.0f} MB."
        return "", [Fault(where, "", problem, "Keep only the rows the study needs.")]
    raw = path.read_bytes()
    if raw.startswith(b"PK\x03\x04"):
        return "", [Fault(where, "", "is a workbook or zip file, no CSV text.", _CSV_REMEDY)]
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", [Fault(where, "", "is UTF-16 text (“Unicode text”).", _CSV_REMEDY)]
    if (nul := raw.find(b"\0")) >= 0:
        row = _row_at(raw, nul)
        return "", [
            Fault(where, row, "holds a NUL byte: it is no text or is damaged.", _CSV_REMEDY)
        ]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = _row_at(raw, error.start)
        near = raw[max(0, error.start - 12) : error.start + 12].decode("cp1252", errors="replace")
        word = near.splitlines()[-1]
        problem = f"is not UTF-8; read as Western European (Latin-1) it says {word!r}."
        return "", [Fault(where, row, problem, _CSV_REMEDY)]
    return text, []


def _row_at(raw: bytes, position: int) -> str:
    newline = b"\n"
    return f"row {raw.count(newline, 0, position) + 1}"


def _rows(text: str, where: str) -> tuple[list[list[str]], list[Fault]]:
    """Split into rows of one length; none where that cannot be done."""
    try:
        rows = [
            [field.strip() for field in row] for row in csv.reader(io.StringIO(text), strict=True)
        ]
    except csv.Error as error:
        return [], [Fault(where, "", f"cannot be split into columns ({error}).", _CSV_REMEDY)]
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        return [], [Fault(where, "", "is empty; expected a header row and rows.", _CSV_REMEDY)]
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(rows[0]) == 1 and mark in rows[0][0]:
            return [], [Fault(where, "row 1", f"the columns are split by {name}.", _CSV_REMEDY)]
    width = len(rows[0])
    ragged = [number for number, row in enumerate(rows, start=1) if len(row) != width]
    faults = [
        Fault(where, f"row {number}", f"{_count(rows[number - 1])}; the header has {width}.",
              "Quote values that hold a comma; leave out empty rows.")
        for number in ragged[:_MOST_ROWS_NAMED]
    ]  # fmt: skip
    if len(ragged) > _MOST_ROWS_NAMED:
        rest = f"{len(ragged) - _MOST_ROWS_NAMED} more rows have another number of values."
        faults.append(Fault(where, f"rows after {ragged[_MOST_ROWS_NAMED - 1]}", rest))
    return ([] if faults else rows), faults


def _count(row: list[str]) -> str:
    if not any(row):
        return "is empty"
    return "has 1 value" if len(row) == 1 else f"has {len(row)} values"


def _header_faults(header: list[str], where: str) -> list[Fault]:
    faults = [
        Fault(where, f"row 1, column {number}", "has no name.", "Name the column or remove it.")
        for number, name in enumerate(header, start=1)
        if not name
    ]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    faults += [
        Fault(where, f"row 1, {name}", "the column stands more than once.", "Keep one.")
        for name in twice
    ]
    return faults


def _mend_numbers(frame: pd.DataFrame, schema: pa.DataFrameSchema, where: str) -> list[Fault]:
    """Tell of each value that is no number, and put 0 there so that the other checks still run."""
    faults: list[Fault] = []
    for name, column in schema.columns.items():
        kind = str(column.dtype)
        if kind not in {"float64", "int64"} or name not in frame.columns:
            continue
        if kind == "float64":  # an empty field is a missing number
            frame[name] = frame[name].where(frame[name] != "", np.nan)
        for row, value in enumerate(frame[name]):
            fault = _number_fault(value, whole=kind == "int64") if isinstance(value, str) else None
            if fault is not None:
                problem, remedy = fault
                if column.description:
                    remedy = f"{remedy} Expected: {column.description}."
                faults.append(Fault(where, f"row {row + 2}, {name}", problem, remedy))
                frame.loc[row, name] = "0"
    return faults


def _number_fault(value: str, *, whole: bool) -> tuple[str, str] | None:
    if not value:
        return "is empty; a value is needed.", "Write 0 if it is none."
    if _DECIMAL_COMMA.fullmatch(value):
        plain = re.sub(r"\s", "", value).replace(",", ".")
        return f"{value!r} has a decimal comma.", f"Write {plain}."
    if whole and _WHOLE.fullmatch(value) is None:
        return f"{value[:40]!r} is no whole number.", "Write digits only."
    if _NUMBER.fullmatch(value) is None:
        return f"{value[:40]!r} is no number.", "Write digits and a point, or leave it empty."
    return None


def read_layer(
    path: Path,
    *,
    crs: str,
    layer: str | None = None,
    columns: Iterable[str] = (),
    geometry: Iterable[str] = ("Point",),
    within: tuple[float, float, float, float] = NORWAY,
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Read a map layer and check its coordinate system, positions and shapes.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON or another file that GDAL reads.
    crs : str
        Projected system of the result, for example ``"EPSG:25833"`` [m].
    layer : str, optional
        Name of the layer; needed where the file has several.
    columns : iterable of str
        Columns that must be there.
    geometry : iterable of str
        Allowed kinds of geometry; ``Multi…`` of a kind is allowed with it.
    within : tuple of float
        West, south, east, north [°] that everything must lie in. The default is Norway.

    Returns
    -------
    GeoDataFrame
        Reprojected to `crs`; as read, or empty, where there are faults.
    list of Fault
        All that is wrong; features are numbered from 1.
    """
    where = path.name
    empty = gpd.GeoDataFrame(geometry=[], crs=crs)
    if not path.exists():
        problem = f"there is no such file in {path.parent.name}/."
        return empty, [Fault(where, "", problem, "Put the file there or correct its name.")]
    if path.is_file() and path.stat().st_size > MAX_LAYER_BYTES:
        return empty, [Fault(where, "", "is larger than 2 GB.", "Cut it to the study's area.")]
    try:
        names = [str(row[0]) for row in pyogrio.list_layers(path)]
        if layer is None and len(names) != 1:
            problem = f"has {len(names)} layers: {', '.join(names)}."
            return empty, [Fault(where, "", problem, "Name the layer to read.")]
        if layer is not None and layer not in names:
            problem = f"has no layer {layer!r}; it has {', '.join(names) or 'none'}."
            return empty, [Fault(where, "", problem, "Correct the layer's name.")]
        frame = pyogrio.read_dataframe(path, layer=layer)
    except pyogrio.errors.DataSourceError as error:
        problem = f"cannot be read as a map layer ({error})."
        return empty, [Fault(where, "", problem, "Use GeoPackage or GeoJSON.")]
    if not isinstance(frame, gpd.GeoDataFrame):
        return empty, [Fault(where, "", "has no geometry.", "Give a layer with positions.")]
    missing = [name for name in columns if name not in frame.columns]
    faults = [
        Fault(where, name, f"column {name} is missing.", f"Found: {', '.join(frame.columns)}.")
        for name in missing
    ]
    faults += _geometry_faults(frame, set(geometry), where)
    if frame.crs is None:
        remedy = "Store the layer with its coordinate system, or assign it (e.g. EPSG:25833)."
        return frame, [*faults, Fault(where, "crs", "no coordinate system is given.", remedy)]
    if not faults:
        faults += position_faults(frame, within=within, where=where)
    return (frame, faults) if faults else (frame.to_crs(crs), [])


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
    frame: gpd.GeoDataFrame, *, within: tuple[float, float, float, float], where: str
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
    for row in outside[:_MOST_ROWS_NAMED]:
        given = f"{x[row]:.6g}, {y[row]:.6g} in {name}"
        if swapped[row]:
            problem = f"{given}: the two coordinates seem to be swapped."
            remedy = "Put the easting (longitude) first, the northing (latitude) second."
        elif known.is_geographic and max(abs(x[row]), abs(y[row])) > 180:  # noqa: PLR2004
            problem = f"{given}: these are metres, but the file says degrees."
            remedy = "Assign the right coordinate system to the layer (e.g. EPSG:25833)."
        elif known.is_projected and max(abs(x[row]), abs(y[row])) <= 180:  # noqa: PLR2004
            problem = f"{given}: these are degrees, but the file says metres."
            remedy = "Assign EPSG:4326 to the layer; it is reprojected on reading."
        else:
            problem = f"{given} lies outside the area expected."
            remedy = "Check the positions and the coordinate system of the file."
        faults.append(Fault(where, f"feature {row + 1}", problem, remedy))
    if len(outside) > _MOST_ROWS_NAMED:
        rest = f"{len(outside) - _MOST_ROWS_NAMED} more features lie outside the area expected."
        faults.append(Fault(where, "", rest))
    return faults
