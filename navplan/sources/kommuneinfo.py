"""Kartverket's register of kommuner: borders and names, and which kommune a point lies in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from navplan.errors import Fault, FetchError, raise_faults
from navplan.nouns.source import Source
from navplan.nouns.spreadsheets import on_one_line
from navplan.sources.layer_checks import NORWAY, position_faults
from navplan.sources.web import Fetched, Service, Web

SERVICE: Final = Service(
    id="kommuneinfo",
    publisher="Kartverket",
    address="https://api.kartverket.no/kommuneinfo/v1",
    licence="CC BY 4.0",
    attribution="© Kartverket",
)
_EPSG: Final = 25833
_NO_SUCH: Final = 404
_SHAPES: Final = ("Polygon", "MultiPolygon")
_MOST_BYTES: Final = 20_000_000
_MOST_POINTS: Final = 500_000
_MOST_MEETINGS: Final = 1_000
"""A border that touches or crosses itself more often is not repaired: the work grows with the
square, so that an answer of 30 KB could keep a computer busy for minutes."""
_RUN: Final = 16


def borders(
    web: Web, kommuner: Sequence[str], *, crs: str = "EPSG:25833"
) -> tuple[gpd.GeoDataFrame, tuple[Source, ...]]:
    """Get the borders of kommuner as they are today, out to the sea border.

    For borders of another year, or of bydeler, use a file or `dissolve_bydeler`.

    Parameters
    ----------
    web : Web
        Where answers come from.
    kommuner : sequence of str
        Kommune numbers, four digits.
    crs : str
        Projected system of the result [m].

    Returns
    -------
    GeoDataFrame
        Columns ``kommune`` (number), ``name`` (Norwegian) and the polygon, in the order asked for.
    tuple of Source
        Two rows a kommune: its name and its border.

    Raises
    ------
    InputError
        Naming every kommune number that Kartverket does not know.
    FetchError
        If Kartverket cannot be reached, or its answer is no border in Norway.
    """
    rows, sources, faults = [], [], []
    for kommune in dict.fromkeys(kommuner):
        try:
            told = web.get(SERVICE, f"/kommuner/{kommune}", name=f"the name of kommune {kommune}")
            drawn = web.get(
                SERVICE,
                f"/kommuner/{kommune}/omrade",
                params={"utkoordsys": str(_EPSG)},
                most_bytes=_MOST_BYTES,
                name=f"the border of kommune {kommune}",
            )
        except FetchError as error:
            if error.status != _NO_SUCH:
                raise
            problem = "Kartverket knows no kommune with this number today."
            remedy = "Give today's number; mergers and splits have changed many."
            faults.append(Fault("kommuner", kommune, problem, remedy))
            continue
        rows.append({"kommune": kommune, "name": _name(told), "geometry": _border(drawn, kommune)})
        sources += [told.source, drawn.source]
    raise_faults(faults)
    frame = gpd.GeoDataFrame(rows, columns=["kommune", "name", "geometry"], crs=f"EPSG:{_EPSG}")
    _in_norway(frame)
    return frame.to_crs(crs), tuple(sources)


def kommune_at(web: Web, x: float, y: float, *, crs: str = "EPSG:25833") -> tuple[str, str, Source]:
    """Find the kommune a point lies in.

    Parameters
    ----------
    web : Web
        Where answers come from.
    x, y : float
        Easting and northing [m], or longitude and latitude [°], as `crs` has it.
    crs : str
        Coordinate system of the point.

    Returns
    -------
    str
        Kommune number.
    str
        Its name.
    Source
        Where it came from.

    Raises
    ------
    InputError
        If the point lies in no kommune.
    FetchError
        If Kartverket cannot be reached.
    """
    east, north = Transformer.from_crs(crs, f"EPSG:{_EPSG}", always_xy=True).transform(x, y)
    params = {"nord": f"{north:.2f}", "ost": f"{east:.2f}", "koordsys": str(_EPSG)}
    try:
        answer = web.get(SERVICE, "/punkt", params=params, name="the kommune of a point")
    except FetchError as error:
        if error.status != _NO_SUCH:
            raise
        problem = f"{x:.10g}, {y:.10g} in {crs} lies in no kommune."
        raise_faults([Fault("point", "", problem, "Easting first; check the coordinate system.")])
    document = _object(answer)
    number = document.get("kommunenummer")
    if not isinstance(number, str):
        raise FetchError(_changed(answer, "a kommunenummer"))
    return number, _name(answer), answer.source


def _object(answer: Fetched) -> Mapping[str, Any]:
    document = answer.json()
    if not isinstance(document, dict):
        raise FetchError(_changed(answer, "a kommune"))
    return document


def _name(answer: Fetched) -> str:
    """The Norwegian name: others have names in Sámi and Kven beside it."""
    document = _object(answer)
    name = document.get("kommunenavnNorsk") or document.get("kommunenavn")
    name = on_one_line(name) if isinstance(name, str) else ""
    if not name:
        raise FetchError(_changed(answer, "a name (kommunenavn)"))
    return name


def _border(answer: Fetched, kommune: str) -> shapely.Geometry:
    shape = _object(answer).get("omrade")
    if not isinstance(shape, dict) or shape.get("type") not in _SHAPES:
        raise FetchError(_changed(answer, "a polygon under omrade"))
    try:
        said = CRS.from_user_input(shape["crs"]["properties"]["name"]) if "crs" in shape else None
        border = shapely.geometry.shape(shape)
    except (CRSError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError, RecursionError):
        raise FetchError(_changed(answer, "a polygon under omrade")) from None
    if said is not None and said.to_epsg() != _EPSG:
        problem = f"came in {said.to_string()}; EPSG:{_EPSG} was asked for"
        raise FetchError(f"The border of kommune {kommune} {problem}. It is not used.")
    if shapely.get_num_coordinates(border) > _MOST_POINTS:
        problem = f"has more than {_MOST_POINTS:,} points"
        raise FetchError(f"The border of kommune {kommune} {problem}. It is not used.")
    if not border.is_valid:
        if _tangled(border):
            problem = "touches or crosses itself at more than a thousand places"
            raise FetchError(f"The border of kommune {kommune} {problem}. It is not used.")
        border = shapely.make_valid(border, method="structure", keep_collapsed=False)
    if border.is_empty or border.geom_type not in _SHAPES:
        raise FetchError(_changed(answer, "a polygon with an area"))
    return border


def _tangled(border: shapely.Geometry) -> bool:
    """Whether a border meets itself too often to be repaired."""
    lines = [
        np.stack([points[:-1], points[1:]], axis=1)
        for part in shapely.get_parts(border)
        for points in map(shapely.get_coordinates, (part.exterior, *part.interiors))
    ]
    pieces = np.asarray(shapely.linestrings(np.concatenate(lines)))
    tree = shapely.STRtree(pieces)
    meetings = 0
    for start in range(0, len(pieces), _RUN):  # few at a time: the answer is clear early
        run = pieces[start : start + _RUN]
        # each piece meets itself and its two neighbours
        meetings += tree.query(run, predicate="intersects").shape[1] - 3 * len(run)
        if meetings > 2 * _MOST_MEETINGS:
            return True
    return False


def _in_norway(frame: gpd.GeoDataFrame) -> None:
    if frame.empty:
        return
    faults = position_faults(frame, within=NORWAY, where="borders from Kartverket")
    if faults:
        raise FetchError(f"{faults[0]} The borders are not used.")


def _changed(answer: Fetched, expected: str) -> str:
    return (
        f"Kartverket's answer for {answer.source.address} does not hold {expected}. The service "
        "may have changed: use a file of borders for now, and report this."
    )
