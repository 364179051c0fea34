"""What a database answers, in a planner's words and without the password."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from navplan.errors import Fault, InputError

_ADDRESS: Final = "Write postgresql://user@host:5432/database; special letters as %40 and so on."
_REFUSALS: Final = (
    (r"password authentication failed", "refused the user or the password.",
     "Check both; the password is best kept in ~/.pgpass."),
    (r"no password supplied", "wants a password.", "Put it into ~/.pgpass or $PGPASSWORD."),
    (r"no pg_hba\.conf entry", "does not let this user in from this machine.",
     "Ask its administrator for access."),
    (r'database ".*" does not exist', "has no such database.", "Check the database's name."),
    (r"permission denied for database", "does not let this user into the database.",
     "Ask its administrator for: GRANT CONNECT."),
    (r'role ".*" does not exist', "knows no such user.", "Check the user's name."),
    (r"certificate", "showed a certificate that is not trusted.",
     "Give the authority's certificate (sslrootcert)."),
    (r"connection refused", "does not answer: the connection was refused.",
     "Check host and port, and that the database runs."),
    (r"timeout|timed out", "does not answer in time.", "Check the host and the network (VPN)."),
    (r"resolve|translate host", "is on a host that is not found.",
     "Check the host's name and the network."),
)  # fmt: skip


def database(url: str) -> str:
    """Name the database of an address, without user and password.

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host:port/database``.

    Returns
    -------
    str
        ``"PostGIS host/database"``.

    Raises
    ------
    InputError
        If it is no such address; the message does not repeat it.
    """
    try:
        parts = urlsplit(url)
        host, name = parts.hostname, unquote(parts.path.removeprefix("/"))
        _ = parts.port
        query = parse_qs(parts.query)
    except ValueError:
        raise InputError([Fault("PostGIS", "address", "cannot be read.", _ADDRESS)]) from None
    # an unescaped @ or / of a password would be taken for a part of the host or of the path
    if (
        parts.scheme not in {"postgresql", "postgres"}
        or not name
        or parts.netloc.count("@") > 1
        or "@" in parts.path
        or parts.fragment
    ):
        problem = "is no address of a database."
        raise InputError([Fault("PostGIS", "address", problem, _ADDRESS)])
    return f"PostGIS {host or query.get('host', ['localhost'])[0]}/{name}"


def connection_fault(error: Exception, where: str) -> Fault:
    """Say why no connection came about.

    Parameters
    ----------
    error : Exception
        The driver's.
    where : str
        The database, as `database` names it.

    Returns
    -------
    Fault
        In words of ours: the driver's own may hold parts of the address.
    """
    said = str(error).lower()
    for words, problem, remedy in _REFUSALS:
        if re.search(words, said):
            return Fault(where, "", problem, remedy)
    return Fault(where, "", "no connection came about.", "Check the address and the network.")


def read_fault(error: Exception, where: str) -> Fault:
    """Say why a table could not be read.

    Parameters
    ----------
    error : Exception
        The driver's, with ``sqlstate``.
    where : str
        Schema and table.

    Returns
    -------
    Fault
        With what the server said first, where it is none of the usual reasons.
    """
    state = getattr(error, "sqlstate", None)
    if state == "42501":
        remedy = "Ask its owner for: GRANT SELECT (and USAGE on the schema)."
        return Fault(where, "", "this user has no right to read it.", remedy)
    if state == "57014":
        return Fault(where, "", "was not read in time.", "Make a view of the study's area.")
    if state is None:
        return Fault(where, "", "the connection broke off while reading.", "Try again.")
    return Fault(where, "", f"cannot be read: the database says {_said(error)}")


def write_fault(error: Exception, where: str) -> Fault:
    """Say why a table could not be written; the database is then as it was.

    Parameters
    ----------
    error : Exception
        The driver's, with ``sqlstate``.
    where : str
        Schema and table.

    Returns
    -------
    Fault
        With what the server said first, where it is none of the usual reasons.
    """
    state = getattr(error, "sqlstate", None)
    known = {
        "42501": ("this user has no right to write there.",
                  "Ask its owner for: GRANT CREATE on the schema, INSERT on the table."),
        "3F000": ("there is no such schema.", "Make it first, or name another one."),
        "2BP01": ("other things in the database (views) use the table; it is not replaced.",
                  "Drop them first, append instead, or choose another name."),
        "42P07": ("a table of this name is there already.", "Choose another name."),
        "23505": ("a row with this key is there already.", "Leave out the rows that are there."),
        "23502": ("a column that must be filled is empty.", "Give it a value."),
        "53100": ("the server's disk is full.", "Ask its administrator."),
        "57014": ("was not written in time.", "Try again when the database is less busy."),
    }  # fmt: skip
    if state in known:
        problem, remedy = known[state]
        return Fault(where, "", problem, remedy)
    if state is None:
        problem = "the connection broke off while writing; nothing was written."
        return Fault(where, "", problem, "Try again.")
    return Fault(where, "", f"was not written: the database says {_said(error)}")


def _said(error: Exception) -> str:
    lines = str(error).splitlines()
    return repr(lines[0][:200]) + "." if lines else "nothing more."
