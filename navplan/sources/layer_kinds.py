"""Which format a map layer has, and what can be said of the file before GDAL opens it.

GDAL tells formats by content and some of them point to other files or addresses (VRT, for
example). Only formats that hold their data themselves are let through, and only where name and
content agree.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Final

from pyproj import CRS
from pyproj.exceptions import CRSError

from navplan.errors import Fault
from navplan.sources.sosi import sosi_fault

MAX_LAYER_BYTES: Final = 2 * 1024**3
FORMATS: Final = {
    ".gpkg": "GeoPackage",
    ".fgb": "FlatGeobuf",
    ".shp": "Shapefile",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gml": "GML",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
    ".csv": "CSV",
    ".gdb": "FileGDB",
}
"""Formats by the end of the file's name. A FileGDB is a folder."""

_NAMED: Final = "GeoPackage, FlatGeobuf, Shapefile, GeoJSON, GML, GeoParquet, CSV or FileGDB"
_BEGINS: Final = {
    "GeoPackage": (b"SQLite format 3\0",),
    "FlatGeobuf": (b"fgb",),
    "Shapefile": (b"\x00\x00\x27\x0a",),
    "GeoParquet": (b"PAR1",),
    "GeoJSON": (b"{",),
    "GML": (b"<",),
}
_HEAD_BYTES: Final = 65_536
_ROOT: Final = re.compile(rb"<([A-Za-z_][\w.:-]*)[\s>]")
_CRS_MEMBER: Final = re.compile(
    rb'"crs"\s*:\s*\{[^{}]*"properties"\s*:\s*\{[^{}]*"name"\s*:\s*"([^"]*)"'
)
_MAKE_GPKG: Final = "Use GeoPackage (.gpkg)."


def layer_format(path: Path) -> tuple[str, list[Fault]]:
    """Tell the format of a layer and find what keeps it from being opened.

    Parameters
    ----------
    path : Path
        The file, or the folder of a FileGDB.

    Returns
    -------
    str
        One of the values of `FORMATS`; empty where there are faults.
    list of Fault
        Why the file cannot be used: absent, too large, of a format that is not read (SOSI, zip,
        anything that refers to other data), cut short, or with a companion missing.
    """
    where = path.name
    if not path.exists():
        problem = f"there is no such file in {path.parent.name}/."
        return _refused(where, problem, "Put the file there or correct its name.")
    kind = FORMATS.get(path.suffix.lower(), "")
    if path.is_dir():
        return (
            ("FileGDB", [])
            if kind == "FileGDB"
            else _refused(where, "is a folder.", "Name the file.")
        )
    size = path.stat().st_size
    if size > MAX_LAYER_BYTES:
        return _refused(where, "is larger than 2 GB.", "Cut it to the study's area.")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        file.seek(max(0, size - _HEAD_BYTES))
        tail = file.read()
    if (fault := sosi_fault(path.suffix, head, where=where)) is not None:
        return "", [fault]
    if head.startswith(b"PK\x03\x04"):
        remedy = "Unpack it first and name the layer in it (the .shp of a shapefile)."
        return _refused(where, "is a zip file; layers are not read out of zip files.", remedy)
    if not kind:
        return _refused(where, f"its name ends in none of the formats read: {_NAMED}.", _MAKE_GPKG)
    if kind == "FileGDB":
        return _refused(where, "is no FileGDB: that is a folder.", "Unpack the FileGDB.")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if kind in _BEGINS and not text.startswith(_BEGINS[kind]):
        problem = "cannot be read as a map layer: it is empty." if not text else (
            f"is no {kind}, whatever its name says: it is another format or damaged."
        )  # fmt: skip
        return _refused(where, problem, _MAKE_GPKG)
    checks = {"Shapefile": _shapefile_faults, "GML": _gml_faults, "GeoJSON": _geojson_faults}
    faults = checks[kind](path, head, tail) if kind in checks else []
    return ("" if faults else kind), faults


def _refused(where: str, problem: str, remedy: str) -> tuple[str, list[Fault]]:
    return "", [Fault(where, "", problem, remedy)]


def _shapefile_faults(path: Path, head: bytes, _: bytes) -> list[Fault]:
    where = path.name
    beside = {other.name.lower() for other in path.parent.iterdir()}
    companions = {".shx": "the index of its shapes", ".dbf": "the table of its columns"}
    faults = [
        Fault(where, "", f"{path.stem}{suffix} is missing: it holds {what}.",
              "Copy all files of the shapefile (.shp, .shx, .dbf, .prj, .cpg).")
        for suffix, what in companions.items()
        if f"{path.stem}{suffix}".lower() not in beside
    ]  # fmt: skip
    size = path.stat().st_size
    length = 2 * struct.unpack(">i", head[24:28])[0] if len(head) >= 28 else size + 1  # noqa: PLR2004
    if size < length:
        problem = f"is cut short: {size:,} bytes are there, its header says {length:,}."
        faults.append(Fault(where, "", problem, "Copy it again."))
    return faults


def _gml_faults(path: Path, head: bytes, tail: bytes) -> list[Fault]:
    where = path.name
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        return [Fault(where, "", "defines entities, which no GML needs; not opened.", _MAKE_GPKG)]
    root = _ROOT.search(head)
    if root is None or b"opengis.net/gml" not in head:
        return [Fault(where, "", "is XML, but no GML.", _MAKE_GPKG)]
    # GDAL takes a GML that ends too early for an empty layer
    if not re.search(rb"</" + re.escape(root[1]) + rb"\s*>\s*(<!--.*?-->\s*)*$", tail, re.DOTALL):
        problem = f"is cut short: its end (</{root[1].decode()}>) is missing."
        return [Fault(where, "", problem, "Fetch or export it again.")]
    return []


def _geojson_faults(path: Path, head: bytes, tail: bytes) -> list[Fault]:
    # GDAL takes a coordinate system that it does not know for degrees
    found = _CRS_MEMBER.search(head) or _CRS_MEMBER.search(tail)
    if found is None:
        return []
    remedy = "Export it anew, in degrees (WGS 84) as GeoJSON wants, or as GeoPackage."
    name = found[1].decode(errors="replace")
    try:
        CRS.from_user_input(name)
    except CRSError:
        problem = f"names a coordinate system that does not exist: {name!r}."
        return [Fault(path.name, "crs", problem, remedy)]
    return []
