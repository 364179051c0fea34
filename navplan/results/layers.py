"""Map layers as files, whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd

from navplan.errors import Fault, raise_faults


def write_layer(frame: gpd.GeoDataFrame, path: Path, *, name: str) -> Path:
    """Write one layer as a GeoPackage; an older file of the name is replaced.

    Parameters
    ----------
    frame : GeoDataFrame
        What is drawn, with its columns.
    path : Path
        Ends in ``.gpkg``; its folder is made if it is not there.
    name : str
        Name of the layer.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the path does not end in ``.gpkg``.
    """
    if path.suffix != ".gpkg":
        problem = "is no name of a GeoPackage."
        raise_faults([Fault(str(path), "", problem, "Let it end in .gpkg.")])
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        part = Path(folder) / path.name
        frame.to_file(part, layer=name, driver="GPKG", engine="pyogrio")
        part.replace(path)
    return path
