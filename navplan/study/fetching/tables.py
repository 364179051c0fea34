"""Fetched frames → files that come out the same, byte for byte, each time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio

from navplan.nouns.spreadsheets import neutralise
from navplan.sources.writing import writing

_DATE: Final = "OGR_CURRENT_DATE"
_NO_DATE: Final = "2000-01-01T00:00:00.000Z"


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV.

    Parameters
    ----------
    table : DataFrame
        Its index is left out.
    path : Path
        Where to.

    Raises
    ------
    InputError
        If there is no room or no right to write it.
    """
    texts = table.select_dtypes(exclude="number").columns
    safe = table.assign(**{name: [neutralise(str(v)) for v in table[name]] for name in texts})
    with writing(path):
        safe.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def write_borders(areas: gpd.GeoDataFrame, path: Path) -> None:
    """Write polygons as a GeoPackage without the time it was written at.

    Parameters
    ----------
    areas : GeoDataFrame
        Names and polygons.
    path : Path
        Where to.

    Raises
    ------
    InputError
        If there is no room or no right to write it.
    """
    pyogrio.set_gdal_config_options({_DATE: _NO_DATE})
    try:
        with writing(path):
            areas.to_file(path, layer="areas", driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options({_DATE: None})
