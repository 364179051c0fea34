"""Statistics Norway as a service, and when its API v2 counts as not answering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from navplan.errors import FetchError
from navplan.sources.web import Service

V2: Final = "pxwebapi/v2"
V1: Final = "v0"
"""The first version of the API has 0 in its address."""

DOCUMENTED_CALLS: Final = 30
DOCUMENTED_WINDOW_S: Final = 60
"""So many queries in so many seconds, by Statistics Norway's own word [s]."""

LICENCE: Final = "CC BY 4.0"
PUBLISHER: Final = "Statistics Norway (SSB)"

# Both versions lie under one service, since the limit counts their queries together.
SSB: Final = Service(
    id="ssb",
    publisher=PUBLISHER,
    address="https://data.ssb.no/api",
    licence=LICENCE,
    attribution="Statistisk sentralbyrå (SSB)",
    calls=DOCUMENTED_CALLS,
    window_s=float(DOCUMENTED_WINDOW_S),
)

_NOT_FOUND: Final = 404
_SERVER_FAULT: Final = 500

Answer = TypeVar("Answer")


def table_name(table: str) -> str:
    """Name a table for messages.

    Parameters
    ----------
    table : str
        Its id.

    Returns
    -------
    str
        For example ``"Statistics Norway's table 07459"``.
    """
    return f"Statistics Norway's table {table}"


def is_down(error: FetchError) -> bool:
    """Whether a failure means that v2 does not have or cannot give what was asked.

    Parameters
    ----------
    error : FetchError
        As the web layer raised it, after its retries.

    Returns
    -------
    bool
        True for status 404 and 5xx: then v1 is worth asking.
    """
    return error.status is not None and (
        error.status == _NOT_FOUND or error.status >= _SERVER_FAULT
    )


def failed_for_good(first: FetchError, ask_again: Callable[[], Answer]) -> Answer:
    """Ask the older version; where that fails too, tell of both.

    Parameters
    ----------
    first : FetchError
        Why v2 did not answer.
    ask_again : callable
        Asks v1.

    Returns
    -------
    object
        What v1 answered.

    Raises
    ------
    FetchError
        If v1 fails too.
    """
    try:
        return ask_again()
    except FetchError as second:
        raise FetchError(f"{first} The older v1 was asked too: {second}") from second
