"""Map layers from and to files: every format gives the same checked frame."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyogrio

from navplan.errors import Fault, raise_faults
from navplan.sources.csv_layers import read_csv_layer
from navplan.sources.csv_text import broken_letters
from navplan.sources.layer_checks import NORWAY, layer_faults
from navplan.sources.layer_kinds import layer_format
from navplan.sources.writing import writing

WRITTEN: Final = (".gpkg", ".fgb", ".geojson", ".parquet")
"""Ends of the names that `write_layer` takes."""

_WGS84: Final = "EPSG:4326"
# Schemas are not fetched, and no file is left beside the one that was read.
_OPEN_OPTIONS: Final[dict[str, dict[str, str]]] = {
    "GML": {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO"},
}


def read_layer(
    path: Path,
    *,
    crs: str,
    layer: str | None = None,
    columns: Iterable[str] = (),
    geometry: Iterable[str] = ("Point",),
    within: tuple[float, float, float, float] = NORWAY,
    given_crs: str | None = None,
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Read a map layer and check its coordinate system, positions and shapes.

    For layers in a database use `navplan.sources.postgis.read_postgis`, which checks the same.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoParquet, FlatGeobuf, Shapefile, GeoJSON, GML, FileGDB, or CSV with lon and
        lat, x and y, or wkt.
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
    given_crs : str, optional
        System of the positions where the file itself names none (a CSV with x and y, a shapefile
        without .prj). A file that names its own keeps that.

    Returns
    -------
    GeoDataFrame
        Reprojected to `crs`; as read, or empty, where there are faults.
    list of Fault
        All that is wrong; features are numbered from 1.

    Notes
    -----
    A CSV's values stay text. SOSI, zip files and formats that only point to other data are
    refused with a word on what to do.
    """
    empty = gpd.GeoDataFrame(geometry=[], crs=crs)
    kind, faults = layer_format(path)
    if faults:
        return empty, faults
    if layer is not None and kind in {"CSV", "GeoParquet"}:
        problem = f"{kind} has no layers with names; {layer!r} was asked for."
        return empty, [Fault(path.name, "", problem, "Leave the layer's name out.")]
    if kind == "CSV":
        frame, faults = read_csv_layer(path)
    elif kind == "GeoParquet":
        frame, faults = _read_parquet(path)
    else:
        frame, faults = _read_with_gdal(path, kind, layer)
    if frame is None or faults:
        return empty, faults
    where = path.name
    if frame.empty:
        problem = "the layer has no features."
        return empty, [Fault(where, "", problem, "Give the layer that holds them.")]
    if frame.crs is None and given_crs is not None:
        frame = frame.set_crs(given_crs)
    faults = layer_faults(
        frame, columns=tuple(columns), geometry=tuple(geometry), within=within, where=where
    )
    return (frame, faults) if faults else (frame.to_crs(crs), [])


def _read_with_gdal(
    path: Path, kind: str, layer: str | None
) -> tuple[gpd.GeoDataFrame | None, list[Fault]]:
    where = path.name
    options = _OPEN_OPTIONS.get(kind, {})
    try:
        names = [str(row[0]) for row in pyogrio.list_layers(path)]
        if layer is None and len(names) != 1:
            problem = f"has {len(names)} layers: {', '.join(names)}."
            return None, [Fault(where, "", problem, "Name the layer to read.")]
        if layer is not None and layer not in names:
            problem = f"has no layer {layer!r}; it has {', '.join(names) or 'none'}."
            return None, [Fault(where, "", problem, "Correct the layer's name.")]
        frame = pyogrio.read_dataframe(path, layer=layer, **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        problem = f"cannot be read as a map layer ({_one_line(error, path)})."
        return None, [Fault(where, "", problem, "Fetch or export it again, as GeoPackage.")]
    except UnicodeDecodeError:
        problem = "its texts are not in the encoding it names (the .cpg of a shapefile)."
        remedy = "Write the right one into the .cpg (ISO-8859-1 for older Norwegian files)."
        return None, [Fault(where, "encoding", problem, remedy)]
    if not isinstance(frame, gpd.GeoDataFrame):
        return None, [Fault(where, "", "has no geometry.", "Give a layer with positions.")]
    return frame, _letter_faults(frame, where) if kind == "Shapefile" else []


def _read_parquet(path: Path) -> tuple[gpd.GeoDataFrame | None, list[Fault]]:
    where = path.name
    try:
        return gpd.read_parquet(path), []
    except ImportError:
        remedy = "Install it (pip install navplan[parquet]), or use GeoPackage."
        return None, [Fault(where, "", "GeoParquet needs the package pyarrow.", remedy)]
    except (ValueError, OSError) as error:  # pyarrow's own errors are kinds of these
        problem = f"cannot be read as a map layer ({_one_line(error, path)})."
        remedy = "Give a GeoParquet file with positions, or GeoPackage."
        return None, [Fault(where, "", problem, remedy)]


def _one_line(error: Exception, path: Path) -> str:
    said = " ".join(str(error).replace(str(path.parent) + os.sep, "").split())
    return said[:200].rstrip(".")


def _letter_faults(frame: gpd.GeoDataFrame, where: str) -> list[Fault]:
    """Find a shapefile in UTF-8 that does not say so: GDAL reads it as Western European."""
    for name in frame.columns.drop(frame.geometry.name):
        for text in frame[name]:
            if isinstance(text, str) and (word := broken_letters(text)):
                problem = f"its letters come out wrong: {word!r}."
                remedy = f"Put a file {Path(where).stem}.cpg beside it that says UTF-8."
                return [Fault(where, str(name), problem, remedy)]
    return []


def write_layer(frame: gpd.GeoDataFrame, path: Path, *, layer: str | None = None) -> None:
    """Write a map layer whole or not at all; what stood there before is replaced.

    Parameters
    ----------
    frame : GeoDataFrame
        With a coordinate system and at least one feature.
    path : Path
        Its end tells the format: one of `WRITTEN`. GeoJSON is written in degrees (WGS 84), as
        the format demands (RFC 7946); the others in the frame's own system. A shapefile is
        several files that cannot be replaced at once, and its names and texts are cut: it is
        read, but not written.
    layer : str, optional
        Name of the layer in a GeoPackage; the file's name without its end otherwise.

    Raises
    ------
    InputError
        On another format, no features, no coordinate system, or coordinates that are no numbers;
        and where the file cannot be written.
    """
    where, suffix = path.name, path.suffix.lower()
    faults = []
    if suffix not in WRITTEN:
        problem = f"layers are written as {', '.join(WRITTEN)}."
        faults.append(Fault(where, "", problem, "Choose one of these ends for its name."))
    if frame.empty:
        faults.append(Fault(where, "", "there is nothing to write: the layer has no features."))
    elif frame.crs is None:
        remedy = "Set it before writing (set_crs)."
        faults.append(Fault(where, "crs", "the layer has no coordinate system.", remedy))
    bounds = frame.geometry.bounds.to_numpy(dtype=float)
    wrong = np.flatnonzero(np.isinf(bounds).any(axis=1))
    faults += [
        Fault(where, f"feature {row + 1}", "has a coordinate that is no finite number.")
        for row in wrong[:20]
    ]
    if not path.parent.is_dir():
        faults.append(Fault(where, "", f"there is no folder {path.parent}.", "Make it first."))
    raise_faults(faults)
    # In a folder of its own: SQLite's side files must not lie beside the finished layer.
    with (
        writing(path),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}-") as folder,
    ):
        draft = Path(folder) / path.name
        _write(frame, draft, suffix, layer or path.stem)
        draft.replace(path)


def _write(frame: gpd.GeoDataFrame, path: Path, suffix: str, layer: str) -> None:
    if suffix == ".parquet":
        try:
            frame.to_parquet(path)
        except ImportError:
            remedy = "Install it (pip install navplan[parquet]), or write GeoPackage."
            fault = Fault(path.name, "", "GeoParquet needs the package pyarrow.", remedy)
            raise_faults([fault])
        return
    options: dict[str, Any] = {}
    if suffix == ".geojson":
        frame, options = frame.to_crs(_WGS84), {"RFC7946": "YES"}
    elif suffix == ".fgb":
        options = {"SPATIAL_INDEX": "NO"}  # with one the features would change their order
    pyogrio.write_dataframe(frame, path, layer=layer, **options)
