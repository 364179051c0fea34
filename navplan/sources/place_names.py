"""Kartverket's place names → points."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from navplan.errors import FetchError
from navplan.nouns.source import Source
from navplan.nouns.spreadsheets import on_one_line
from navplan.sources.layer_checks import NORWAY, position_faults
from navplan.sources.web import Service, Web

SERVICE: Final = Service(
    id="place-names",
    publisher="Kartverket",
    address="https://ws.geonorge.no/stedsnavn/v1",
    licence="CC BY 4.0",
    attribution="© Kartverket",
)
_USUAL_EPSG: Final = 4258
"""The system of the answer where it names none."""


def places_named(
    web: Web, text: str, *, fuzzy: bool = False, crs: str = "EPSG:25833"
) -> tuple[gpd.GeoDataFrame, Source]:
    """Search place names.

    For the doors of offices use `geocode`: a place name stands for a whole place.

    Parameters
    ----------
    web : Web
        Where answers come from.
    text : str
        What to search for.
    fuzzy : bool
        Also take names that are spelt differently.
    crs : str
        Projected system of the points [m].

    Returns
    -------
    GeoDataFrame
        Columns ``name``, ``kind``, ``kommune`` (numbers joined by ";") and the point, best first;
        empty where nothing is found.
    Source
        Where it came from.

    Raises
    ------
    FetchError
        If Kartverket cannot be reached, or its answer holds no points in Norway.
    """
    params = {"sok": text, "fuzzy": "true" if fuzzy else "false"}
    answer = web.get(SERVICE, "/navn", params=params, name=f"places named {text!r}")
    document = answer.json()
    try:
        rows = [_row(found, crs) for found in document["navn"]]
    except (AttributeError, KeyError, TypeError, ValueError, CRSError):
        raise FetchError(
            f"Kartverket's answer for {answer.source.address} does not hold places with points "
            "(representasjonspunkt with nord and øst). The service may have changed: report this."
        ) from None
    table = pd.DataFrame(rows, columns=["name", "kind", "kommune", "x", "y"])
    points = gpd.points_from_xy(table["x"], table["y"])
    frame = gpd.GeoDataFrame(table[["name", "kind", "kommune"]], geometry=points, crs=crs)
    faults = position_faults(frame, within=NORWAY, where="place names") if len(frame) else []
    if faults:
        raise FetchError(f"{faults[0]} The places are not used.")
    return frame, answer.source


def _row(found: Any, crs: str) -> dict[str, Any]:
    point = found["representasjonspunkt"]
    said = CRS.from_user_input(int(point.get("koordsys", _USUAL_EPSG)))
    change = Transformer.from_crs(said, crs, always_xy=True)
    x, y = change.transform(float(point["øst"]), float(point["nord"]))
    kommuner = [str(kommune["kommunenummer"]) for kommune in found.get("kommuner", [])]
    return {
        "name": on_one_line(str(found.get("skrivemåte") or found["stedsnavn"])),
        "kind": on_one_line(str(found.get("navneobjekttype", ""))),
        "kommune": ";".join(kommuner),
        "x": x,
        "y": y,
    }
