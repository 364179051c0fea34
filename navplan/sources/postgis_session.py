"""One transaction in a PostGIS database, and what its catalogue says of a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from navplan.errors import Fault, InputError
from navplan.sources.postgis_faults import connection_fault, database

if TYPE_CHECKING:
    import psycopg

LONGEST_NAME: Final = 63
"""Bytes; PostgreSQL cuts longer names without a word."""

_CONNECT_S: Final = 10
_STATEMENT_S: Final = 600


def driver() -> Any:
    """Give the module psycopg, which is an extra.

    Returns
    -------
    module
        ``psycopg``.

    Raises
    ------
    InputError
        Where it is not installed, with how to install it.
    """
    try:
        import psycopg  # noqa: PLC0415
    except ImportError:
        remedy = "Install it: pip install navplan[postgis]."
        fault = Fault("PostGIS", "", "reading and writing it needs the package psycopg.", remedy)
        raise InputError([fault]) from None
    return psycopg


def table_name(table: str) -> tuple[str, str]:
    """Split the name of a table; nothing else is taken.

    Parameters
    ----------
    table : str
        ``schema.name``, or ``name`` in the schema ``public``.

    Returns
    -------
    tuple of str
        Schema and name.

    Raises
    ------
    InputError
        If it is no such name.
    """
    parts = table.split(".")
    schema, name = parts if len(parts) == 2 else ("public", parts[0])  # noqa: PLR2004
    good = len(parts) <= 2 and all(  # noqa: PLR2004
        part and "\0" not in part and len(part.encode()) <= LONGEST_NAME for part in (schema, name)
    )
    if not good:
        problem = f"{table[:80]!r} is no name of a table."
        raise InputError([Fault("PostGIS", "table", problem, "Give schema.name; SQL is not run.")])
    return schema, name


@contextmanager
def connected(url: str, *, read_only: bool) -> Iterator[psycopg.Connection[Any]]:
    """Open one transaction: committed at the end, rolled back at any exception.

    Parameters
    ----------
    url : str
        ``postgresql://user@host:5432/database``.
    read_only : bool
        Whether the database refuses all writing in it.

    Yields
    ------
    Connection
        Of psycopg.

    Raises
    ------
    InputError
        If no connection comes about; password and address are not repeated.
    """
    psycopg = driver()
    where = database(url)
    try:
        connection = psycopg.connect(url, connect_timeout=_CONNECT_S, application_name="navplan")
    except psycopg.Error as error:
        # the driver's own words may hold parts of the address, and so of the password
        raise InputError([connection_fault(error, where)]) from None
    with connection:
        connection.read_only = read_only
        limit = str(_STATEMENT_S * 1000)
        connection.execute("SELECT set_config('statement_timeout', %s, true)", [limit])
        # decimal numbers as floats, not as Python's Decimal
        connection.adapters.register_loader("numeric", psycopg.types.numeric.FloatLoader)
        yield connection


def relation_kind(connection: psycopg.Connection[Any], schema: str, name: str) -> str:
    """Tell what stands under a name.

    Parameters
    ----------
    connection : Connection
        Open.
    schema, name : str
        As they are, capital letters counted.

    Returns
    -------
    str
        ``"table"``, ``"view"`` and so on; empty where there is nothing.
    """
    row = connection.execute(
        "SELECT c.relkind FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = %s",
        [schema, name],
    ).fetchone()
    if row is None:
        return ""
    kinds = {"r": "table", "p": "table", "v": "view", "m": "materialized view"}
    # the driver gives the catalogue's one-byte type as text or bytes, by version
    kind = row[0].decode() if isinstance(row[0], bytes) else str(row[0])
    return kinds.get(kind, "foreign table" if kind == "f" else "relation of another kind")


def extension_schema(connection: psycopg.Connection[Any], where: str) -> str:
    """Name the schema that holds PostGIS: it need not be on the search path.

    Parameters
    ----------
    connection : Connection
        Open.
    where : str
        Table for the fault.

    Returns
    -------
    str
        Often ``"public"``.

    Raises
    ------
    InputError
        If the database has no PostGIS.
    """
    row = connection.execute(
        "SELECT n.nspname FROM pg_catalog.pg_extension e "
        "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"
    ).fetchone()
    if row is None:
        remedy = "Ask its administrator for: CREATE EXTENSION postgis."
        raise InputError([Fault(where, "", "the database has no PostGIS.", remedy)])
    return str(row[0])


def columns_of(
    connection: psycopg.Connection[Any], schema: str, name: str
) -> tuple[list[str], list[str], list[str]]:
    """List the columns of a table or view, in its order.

    Parameters
    ----------
    connection : Connection
        Open.
    schema, name : str
        The table or view.

    Returns
    -------
    tuple of list of str
        All columns, those with positions, those of the primary key.
    """
    rows = connection.execute(
        "SELECT a.attname, t.typname, coalesce(a.attnum = ANY (i.indkey), false) "
        "FROM pg_catalog.pg_attribute a "
        "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
        "LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary "
        "WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped "
        "ORDER BY a.attnum",
        [schema, name],
    ).fetchall()
    names = [str(row[0]) for row in rows]
    positions = [str(row[0]) for row in rows if row[1] in {"geometry", "geography"}]
    return names, positions, [str(row[0]) for row in rows if row[2]]


def declared_srid(
    connection: psycopg.Connection[Any], table: tuple[str, str], position: str
) -> int:
    """Give the SRID that a table's geometry column demands.

    Parameters
    ----------
    connection : Connection
        Open.
    table : tuple of str
        Schema and name.
    position : str
        The geometry column.

    Returns
    -------
    int
        0 where it demands none.
    """
    from psycopg import sql  # noqa: PLC0415

    functions = extension_schema(connection, ".".join(table))
    query = sql.SQL(
        "SELECT {}(a.atttypmod) FROM pg_catalog.pg_attribute a "
        "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = %s AND a.attname = %s"
    ).format(sql.Identifier(functions, "postgis_typmod_srid"))
    row = connection.execute(query, [*table, position]).fetchone()
    return int(row[0]) if row is not None else 0
