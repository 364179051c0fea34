"""Map layers to PostGIS: in one transaction that renames the finished table.

Nobody sees half a table, and what was there before stays until the new one is whole.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from navplan.errors import Fault, InputError, raise_faults
from navplan.sources.postgis_faults import write_fault
from navplan.sources.postgis_session import (
    LONGEST_NAME,
    columns_of,
    connected,
    declared_srid,
    driver,
    extension_schema,
    relation_kind,
    table_name,
)

if TYPE_CHECKING:
    import psycopg

IfExists = Literal["fail", "replace", "append"]

_GEOMETRY: Final = "geom"
_KEY: Final = "fid"


def write_postgis(
    frame: gpd.GeoDataFrame, url: str, table: str, *, if_exists: IfExists = "fail"
) -> None:
    """Write a layer to a table, whole or not at all.

    Parameters
    ----------
    frame : GeoDataFrame
        With an EPSG coordinate system and at least one feature. Columns of numbers, yes/no, times
        and text; missing values become NULL.
    url : str
        As in `read_postgis`.
    table : str
        ``schema.name``, or ``name`` in the schema ``public``; the schema must be there.
    if_exists : {"fail", "replace", "append"}
        What to do where the table is there already. ``replace`` makes a new one in its place:
        rights given on the old one must be given again, and views that use it keep it from being
        replaced. ``append`` adds rows; columns and SRID must agree.

    Raises
    ------
    InputError
        With the fault in plain words; the database is then as it was before.

    Notes
    -----
    A new table gets the geometry column ``geom`` with its SRID and an index on it, and a primary
    key ``fid`` where the frame has no such column, since map programs want one. Heights of
    positions are left out; Polygon and MultiPolygon together become MultiPolygon.
    """
    schema, name = table_name(table)
    where = f"{schema}.{name}"
    if if_exists not in {"fail", "replace", "append"}:
        problem = f"if_exists is {if_exists!r}; expected fail, replace or append."
        raise_faults([Fault(where, "", problem)])
    srid = _srid_to_write(frame, where)
    raise_faults(_frame_faults(frame, where))
    try:
        with connected(url, read_only=False) as connection:
            _write(connection, frame, (schema, name), srid, if_exists)
    except driver().Error as error:
        raise InputError([write_fault(error, where)]) from None


def _write(
    connection: psycopg.Connection[Any],
    frame: gpd.GeoDataFrame,
    table: tuple[str, str],
    srid: int,
    if_exists: IfExists,
) -> None:
    where = ".".join(table)
    there = relation_kind(connection, *table)
    if there and if_exists == "fail":
        problem = f"a {there} of this name is there already."
        remedy = "Choose another name, or replace or append to it on purpose."
        raise InputError([Fault(where, "", problem, remedy)])
    if there and there != "table":
        raise InputError([Fault(where, "", f"is a {there}, not a table; it is not written to.")])
    if there and if_exists == "append":
        _append(connection, frame, table, srid)
    else:
        _make(connection, frame, table, srid, replace=bool(there))


def _srid_to_write(frame: gpd.GeoDataFrame, where: str) -> int:
    if frame.empty:
        raise InputError([Fault(where, "", "there is nothing to write: no features.")])
    if frame.crs is None:
        problem = "the layer has no coordinate system."
        raise InputError([Fault(where, "crs", problem, "Set it before writing (set_crs).")])
    code = frame.crs.to_epsg()
    if code is None:
        problem = f"{frame.crs.name} has no EPSG number, which the table's SRID is made of."
        raise InputError([Fault(where, "crs", problem, "Reproject it, e.g. to EPSG:25833.")])
    return int(code)


def _frame_faults(frame: gpd.GeoDataFrame, where: str) -> list[Fault]:
    names = [name for name in frame.columns if name != frame.geometry.name]
    if not all(isinstance(name, str) for name in names):
        return [Fault(where, "columns", "names of columns must be texts.")]
    faults = [
        Fault(where, name, "the column stands more than once.", "Keep one.")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    for name in names:
        if not name or "\0" in name or len(name.encode()) > LONGEST_NAME:
            faults.append(Fault(where, name, "cannot be the name of a column.", "Shorten it."))
        if name == _GEOMETRY:
            faults.append(Fault(where, name, "the name is taken by the positions.", "Rename it."))
    if faults:
        return faults
    faults = [
        Fault(where, name, problem, "Mend the values before writing.")
        for name in names
        if (problem := _value_problem(frame[name]))
    ]
    if np.isinf(frame.geometry.bounds.to_numpy(dtype=float)).any():
        faults.append(Fault(where, "geometry", "has a coordinate that is no finite number."))
    return faults


def _value_problem(values: pd.Series[Any]) -> str:
    kind = _sql_type(values)
    if kind == "double precision":
        infinite = np.isinf(values.to_numpy(dtype=float, na_value=np.nan)).any()
        return "holds infinite values; the map programs know none." if infinite else ""
    if kind != "text":
        return ""
    texts = values.dropna()
    others = sorted({type(value).__name__ for value in texts} - {"str"})
    if others:
        return f"holds {', '.join(others)}; expected text, numbers, times or yes/no."
    return "holds a NUL character." if any("\0" in text for text in texts) else ""


def _sql_type(values: pd.Series[Any]) -> str:
    kind = values.dtype
    if pd.api.types.is_bool_dtype(kind):
        return "boolean"
    if pd.api.types.is_integer_dtype(kind):
        return "bigint"
    if pd.api.types.is_float_dtype(kind):
        return "double precision"
    if isinstance(kind, pd.DatetimeTZDtype):
        return "timestamp with time zone"
    if pd.api.types.is_datetime64_any_dtype(kind):
        return "timestamp without time zone"
    return "text"


def _make(
    connection: psycopg.Connection[Any],
    frame: gpd.GeoDataFrame,
    table: tuple[str, str],
    srid: int,
    *,
    replace: bool,
) -> None:
    from psycopg import sql  # noqa: PLC0415

    functions = extension_schema(connection, ".".join(table))
    # Under a name of its own until it is whole: readers of the old table wait for the rename only.
    schema, draft = table[0], f"navplan_{secrets.token_hex(8)}"
    shapes, kind = _of_one_kind(frame.geometry)
    others = [column for column in frame.columns if column != frame.geometry.name]
    fields = [
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(_sql_type(frame[column])))
        for column in others
    ]
    if _KEY not in others:
        key = sql.SQL("{} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
        fields.insert(0, key.format(sql.Identifier(_KEY)))
    position = sql.SQL("{} {}({}, {})").format(
        sql.Identifier(_GEOMETRY),
        sql.Identifier(functions, "geometry"),
        sql.SQL(kind),
        sql.Literal(srid),
    )
    target = sql.Identifier(schema, draft)
    body = sql.SQL(", ").join([*fields, position])
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(target, body))
    _copy(connection, frame[others], shapes, (schema, draft), _GEOMETRY, srid)
    index = sql.SQL("CREATE INDEX ON {} USING gist ({})")
    connection.execute(index.format(target, sql.Identifier(_GEOMETRY)))
    if replace:
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(*table)))
    rename = sql.SQL("ALTER TABLE {} RENAME TO {}")
    connection.execute(rename.format(target, sql.Identifier(table[1])))


def _of_one_kind(shapes: gpd.GeoSeries) -> tuple[np.ndarray, str]:
    """Bring Polygon and MultiPolygon (and so on) together, since a column holds one kind."""
    flat = shapely.force_2d(np.asarray(shapes.array))
    kinds = {shape.geom_type for shape in flat if shape is not None}
    single = {kind.removeprefix("Multi") for kind in kinds}
    if len(single) != 1 or single == {"GeometryCollection"}:
        return flat, "Geometry"
    if len(kinds) == 1:
        return flat, next(iter(kinds))
    make: dict[str, Callable[[list[Any]], Any]] = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    (name,) = single
    many = [make[name]([one]) if one is not None and one.geom_type == name else one for one in flat]
    return np.array(many, dtype=object), f"Multi{name}"


def _append(
    connection: psycopg.Connection[Any],
    frame: gpd.GeoDataFrame,
    table: tuple[str, str],
    srid: int,
) -> None:
    where = ".".join(table)
    names, positions, _ = columns_of(connection, *table)
    if len(positions) != 1:
        problem = f"has {len(positions) or 'no'} geometry columns; one is needed to add rows."
        raise InputError([Fault(where, "", problem)])
    others = [column for column in frame.columns if column != frame.geometry.name]
    unknown = sorted(set(others) - set(names))
    if unknown:
        problem = f"has no column {', '.join(unknown)}; it has {', '.join(names)}."
        raise InputError([Fault(where, "", problem, "Rename or leave out the column.")])
    there = declared_srid(connection, table, positions[0])
    if there != srid:
        problem = f"is in SRID {there}, the rows to add in {srid}."
        raise InputError([Fault(where, "crs", problem, "Reproject them first (to_crs).")])
    shapes = shapely.force_2d(np.asarray(frame.geometry.array))
    _copy(connection, frame[others], shapes, table, positions[0], srid)


def _copy(
    connection: psycopg.Connection[Any],
    values: pd.DataFrame,
    shapes: np.ndarray,
    table: tuple[str, str],
    position: str,
    srid: int,
) -> None:
    from psycopg import sql  # noqa: PLC0415

    fields = sql.SQL(", ").join(map(sql.Identifier, [*values.columns, position]))
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*table), fields)
    texts = shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True)
    columns = [
        values[name].astype(object).where(values[name].notna(), None) for name in values.columns
    ]
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in zip(*columns, texts, strict=True):
            copy.write_row(row)
