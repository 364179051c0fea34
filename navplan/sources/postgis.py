"""Map layers from PostGIS, where municipal GIS departments keep them.

Needs the extra ``postgis`` (psycopg). Only names of tables and views are taken, never SQL: names
are quoted by the driver, and reading is done in a read-only transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from navplan.errors import Fault, InputError
from navplan.sources.layer_checks import NORWAY, layer_faults
from navplan.sources.postgis_faults import read_fault
from navplan.sources.postgis_session import (
    columns_of,
    connected,
    driver,
    extension_schema,
    relation_kind,
    table_name,
)

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

MOST_ROWS: Final = 2_000_000


def read_postgis(
    url: str,
    table: str,
    *,
    crs: str,
    columns: Iterable[str] = (),
    geometry: Iterable[str] = ("Point",),
    within: tuple[float, float, float, float] = NORWAY,
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Read a table or view with positions and check it as `read_layer` checks a file.

    Parameters
    ----------
    url : str
        ``postgresql://user@host:5432/database``. The password is better kept in ``~/.pgpass`` or
        ``$PGPASSWORD`` than in the address; it never stands in a message. Add
        ``?sslmode=verify-full`` where the server has a certificate.
    table : str
        Table or view: ``schema.name``, or ``name`` in the schema ``public``.
    crs : str
        Projected system of the result, for example ``"EPSG:25833"`` [m].
    columns : iterable of str
        Columns that must be there.
    geometry : iterable of str
        Allowed kinds of geometry; ``Multi…`` of a kind is allowed with it.
    within : tuple of float
        West, south, east, north [°] that everything must lie in. The default is Norway.

    Returns
    -------
    GeoDataFrame
        All columns of the table, the geometry under ``geometry``, reprojected from the system of
        its SRID to `crs`; as read, or empty, where there are faults. Ordered by the primary key
        where there is one, else in no order that would hold.
    list of Fault
        All that is wrong, in plain words: no such table, no right to read it, no geometry column
        or several, no SRID or an unknown one, and what `read_layer` finds.
    """
    empty = gpd.GeoDataFrame(geometry=[], crs=crs)
    try:
        schema, name = table_name(table)
        with connected(url, read_only=True) as connection:
            frame = _read(connection, schema, name)
    except InputError as error:
        return empty, list(error.faults)
    except driver().Error as error:
        return empty, [read_fault(error, table)]
    where = f"{schema}.{name}"
    faults = layer_faults(
        frame, columns=tuple(columns), geometry=tuple(geometry), within=within, where=where
    )
    return (frame, faults) if faults else (frame.to_crs(crs), [])


def _read(connection: psycopg.Connection[Any], schema: str, name: str) -> gpd.GeoDataFrame:
    from psycopg import sql  # noqa: PLC0415

    where = f"{schema}.{name}"
    if not relation_kind(connection, schema, name):
        problem = "there is no such table or view."
        raise InputError([Fault(where, "", problem, "Check schema, name and capital letters.")])
    functions = extension_schema(connection, where)
    names, positions, key = columns_of(connection, schema, name)
    if len(positions) != 1:
        problem = "has no geometry column."
        remedy = "Give a table or view with positions."
        if positions:
            problem = f"has {len(positions)} geometry columns: {', '.join(positions)}."
            remedy = "Make a view that keeps one of them."
        raise InputError([Fault(where, "", problem, remedy)])
    (shape,) = positions
    others = [column for column in names if column != shape]
    at, source = sql.Identifier(shape), sql.Identifier(schema, name)
    as_geometry = sql.SQL("{}::{}").format(at, sql.Identifier(functions, "geometry"))
    ordered = sql.SQL(", ").join(map(sql.Identifier, key))
    order = sql.SQL(" ORDER BY {}").format(ordered) if key else sql.Composed([])
    query = sql.SQL("SELECT {fields} FROM {source}{order} LIMIT {most}").format(
        fields=sql.SQL(", ").join(
            [
                *map(sql.Identifier, others),
                sql.SQL("{}({})").format(sql.Identifier(functions, "st_asewkb"), as_geometry),
            ]
        ),
        source=source,
        order=order,
        most=sql.Literal(MOST_ROWS + 1),
    )
    rows = connection.execute(query).fetchall()
    if not rows:
        raise InputError([Fault(where, "", "has no rows.", "Give the table that holds them.")])
    if len(rows) > MOST_ROWS:
        problem = f"has more than {MOST_ROWS:,} rows."
        raise InputError([Fault(where, "", problem, "Make a view of the study's area.")])
    table = pd.DataFrame([row[:-1] for row in rows], columns=others)
    shapes = shapely.from_wkb([None if row[-1] is None else bytes(row[-1]) for row in rows])
    crs = _crs(connection, shapes, sql.Identifier(functions, "spatial_ref_sys"), where)
    return gpd.GeoDataFrame(table, geometry=shapely.set_srid(shapes, 0), crs=crs)


def _crs(
    connection: psycopg.Connection[Any], shapes: np.ndarray, systems: sql.Identifier, where: str
) -> CRS:
    """Take the coordinate system from the rows themselves: a view may not declare one."""
    from psycopg import sql  # noqa: PLC0415

    found = sorted({int(srid) for srid in shapely.get_srid(shapes[~shapely.is_missing(shapes)])})
    if len(found) > 1:
        problem = (
            f"its rows are in different coordinate systems: SRID {', '.join(map(str, found))}."
        )
        remedy = "Bring them into one (ST_Transform)."
        raise InputError([Fault(where, "crs", problem, remedy)])
    if not found or found == [0]:
        remedy = "Ask its owner to set the SRID (UpdateGeometrySRID), for example 25833."
        raise InputError([Fault(where, "crs", "says no coordinate system (SRID 0).", remedy)])
    query = sql.SQL("SELECT auth_name, auth_srid, srtext FROM {} WHERE srid = %s").format(systems)
    row = connection.execute(query, [found[0]]).fetchone()
    try:
        if row is not None and row[0]:
            return CRS.from_authority(row[0], row[1])
        return CRS.from_user_input(row[2] if row is not None and row[2] else f"EPSG:{found[0]}")
    except CRSError:
        problem = f"its coordinate system is unknown (SRID {found[0]})."
        raise InputError([Fault(where, "crs", problem, "Use a known one, e.g. 25833.")]) from None
