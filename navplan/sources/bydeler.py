"""Grunnkretser dissolved to bydeler, of which there is no open national map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from navplan.errors import Fault, raise_faults

_MOST_NAMED: Final = 20
_CODES: Final = {
    "sourceCode": re.compile(r"\d{6}", re.ASCII),
    "targetCode": re.compile(r"\d{8}", re.ASCII),
}
SLIVER_M2: Final = 10.0
"""Overlaps and holes up to this come from rounding [m²]."""


def dissolve_bydeler(
    grunnkretser: gpd.GeoDataFrame,
    correspondence: pd.DataFrame,
    *,
    names: Mapping[str, str] | None = None,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Join grunnkretser into the bydeler they belong to.

    Parameters
    ----------
    grunnkretser : GeoDataFrame
        Column ``grunnkretsnummer`` (8 digits) and polygons in a projected system [m], of one or
        more kommuner with bydeler.
    correspondence : DataFrame
        ``sourceCode`` (bydel, 6 digits) and ``targetCode`` (grunnkrets, 8 digits), as KLASS table
        2815 has them; other kommuner may be in it.
    names : mapping of str to str, optional
        Bydel → name; its number where it has none.

    Returns
    -------
    GeoDataFrame
        Columns ``bydel`` (6 digits), ``name``, ``kommune`` and the polygon, sorted by number; the
        system of `grunnkretser`. Their areas sum to that of the grunnkretser.
    tuple of str
        Notices: grunnkretser of the table that have no polygon.

    Raises
    ------
    InputError
        Naming every grunnkrets that belongs to no bydel or to two, overlaps another or bounds a
        hole; or if columns, codes or the coordinate system are not as told.
    """
    raise_faults(_input_faults(grunnkretser, correspondence))
    shapes = grunnkretser.dissolve(by="grunnkretsnummer").geometry
    raise_faults(_overlaps(shapes) + _holes(shapes))
    pairs = correspondence[["sourceCode", "targetCode"]].astype(str).drop_duplicates()
    kommuner = set(shapes.index.str[:4])
    pairs = pairs[pairs["targetCode"].str[:4].isin(kommuner)]
    bydel = pairs.set_index("targetCode")["sourceCode"]
    raise_faults(_placement_faults(shapes.index, bydel))
    undrawn = bydel.index.difference(shapes.index)
    codes = bydel.reindex(shapes.index).rename("bydel")
    frame = gpd.GeoDataFrame(codes, geometry=shapes.to_numpy(), crs=shapes.crs)
    joined = frame.dissolve(by="bydel").reset_index().sort_values("bydel", ignore_index=True)
    joined.insert(1, "name", [(names or {}).get(code, code) for code in joined["bydel"]])
    joined.insert(2, "kommune", joined["bydel"].str[:4])
    notices: tuple[str, ...] = ()
    if len(undrawn):
        shown = ", ".join(undrawn[:_MOST_NAMED])
        more = f" and {len(undrawn) - _MOST_NAMED} more" if len(undrawn) > _MOST_NAMED else ""
        notices = (f"Grunnkretser without a polygon, left out of the bydeler: {shown}{more}.",)
    return joined[["bydel", "name", "kommune", "geometry"]], notices


def _input_faults(grunnkretser: gpd.GeoDataFrame, correspondence: pd.DataFrame) -> list[Fault]:
    faults = [
        Fault("correspondence", column, "column is missing.", "Give KLASS table 2815.")
        for column in _CODES
        if column not in correspondence
    ]
    if "grunnkretsnummer" not in grunnkretser:
        problem = "column is missing."
        faults.append(Fault("grunnkretser", "grunnkretsnummer", problem, "Fetch them again."))
    if grunnkretser.crs is None or not grunnkretser.crs.is_projected:
        problem = "the coordinate system is not in metres."
        faults.append(Fault("grunnkretser", "crs", problem, "Reproject, e.g. to EPSG:25833."))
    if faults:
        return faults
    columns = {("correspondence", name): correspondence[name].astype(str) for name in _CODES} | {
        ("grunnkretser", "grunnkretsnummer"): grunnkretser["grunnkretsnummer"].astype(str)
    }
    for (where, name), values in columns.items():
        pattern = _CODES.get(name, _CODES["targetCode"])
        odd = values[~values.map(lambda code, p=pattern: p.fullmatch(code) is not None)]
        faults += [
            Fault(where, name, f"{code!r} is no such code.", "Codes keep their leading zeros.")
            for code in odd.unique()[:_MOST_NAMED]
        ]
    flawed = grunnkretser[~grunnkretser.geometry.is_valid | grunnkretser.geometry.is_empty]
    faults += [
        Fault("grunnkretser", str(code), "is no valid polygon.", "Fetch them again.")
        for code in flawed["grunnkretsnummer"][:_MOST_NAMED]
    ]
    return faults


def _placement_faults(codes: pd.Index, bydel: pd.Series[str]) -> list[Fault]:
    remedy = "Take grunnkretser and correspondence of the same year."
    twice = bydel.index[bydel.index.duplicated()].unique()
    faults = [
        Fault("correspondence", code, f"belongs to {' and '.join(bydel[code])}.", remedy)
        for code in twice[:_MOST_NAMED]
    ]
    homeless = codes.difference(bydel.index)
    faults += [
        Fault("grunnkretser", code, "belongs to no bydel in the correspondence.", remedy)
        for code in homeless[:_MOST_NAMED]
    ]
    if len(homeless) > _MOST_NAMED:
        rest = f"{len(homeless) - _MOST_NAMED} more belong to no bydel."
        faults.append(Fault("grunnkretser", "", rest, remedy))
    return faults


def _overlaps(shapes: gpd.GeoSeries) -> list[Fault]:
    first, second = shapes.sindex.query(shapes.to_numpy(), predicate="intersects")
    pairs = [(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True) if a < b]
    if not pairs:
        return []
    one, other = (shapes.to_numpy()[list(rows)] for rows in zip(*pairs, strict=True))
    shared = shapely.area(shapely.intersection(one, other))
    return [
        Fault(
            "grunnkretser",
            f"{shapes.index[a]}, {shapes.index[b]}",
            f"overlap by {m2:,.0f} m².",
            "Fetch them again; one may be of another year.",
        )
        for (a, b), m2 in zip(pairs, shared.tolist(), strict=True)
        if m2 > SLIVER_M2
    ][:_MOST_NAMED]


def _holes(shapes: gpd.GeoSeries) -> list[Fault]:
    """Ground that grunnkretser enclose and none of them has."""
    faults = []
    for part in shapely.get_parts(shapes.union_all()):
        for ring in part.interiors:
            hole = shapely.Polygon(ring)
            if hole.area > SLIVER_M2:
                around = shapes.index[shapes.distance(hole) == 0]
                problem = f"enclose {hole.area:,.0f} m² that no grunnkrets has."
                key = ", ".join(around[:_MOST_NAMED])
                faults.append(Fault("grunnkretser", key, problem, "One may be missing."))
    return faults
