"""What PxWebApi v2 tells of itself and of its tables: limits, search, metadata, code lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from navplan.errors import FetchError
from navplan.nouns.source import Source
from navplan.sources.jsonstat import Variable, read_variables
from navplan.sources.pxweb import v1
from navplan.sources.ssb_service import (
    DOCUMENTED_CALLS,
    DOCUMENTED_WINDOW_S,
    SSB,
    V2,
    failed_for_good,
    is_down,
    table_name,
)
from navplan.sources.web import Web

DOCUMENTED_CELLS: Final = 800_000
MOST_WINDOW_S: Final = 3_600
"""A longer window is taken for a mistake: nobody would wait for it [s]."""
_PAGE_SIZE: Final = 100
_MOST_PAGES: Final = 100
_LIMITS: Final = "Statistics Norway's limits (config)"


@dataclass(frozen=True)
class Limits:
    """What the service allows.

    Parameters
    ----------
    most_cells : int
        Most values in one answer.
    calls : int
        Most queries in one window.
    window_s : float
        Length of the window [s].
    licence : str
        Licence of the figures, as the service names it.
    formats : tuple of str
        Data formats on offer.
    """

    most_cells: int = DOCUMENTED_CELLS
    calls: int = DOCUMENTED_CALLS
    window_s: float = float(DOCUMENTED_WINDOW_S)
    licence: str = ""
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableEntry:
    """One table as the list of tables tells of it.

    Parameters
    ----------
    id : str
        Five digits, for example ``"07459"``.
    label : str
        The title.
    updated : str
        When its figures last changed, ISO.
    first_period, last_period : str
        First and last period, for example ``"1986"``.
    variables : tuple of str
        Names of the variables in words.
    discontinued : bool
        Whether it gets no new figures.
    """

    id: str
    label: str
    updated: str
    first_period: str
    last_period: str
    variables: tuple[str, ...]
    discontinued: bool


@dataclass(frozen=True)
class Metadata:
    """What a table can be asked for.

    Parameters
    ----------
    id : str
        The table.
    label : str
        Its title.
    updated : str
        When its figures last changed; empty where v1 told.
    variables : tuple of Variable
        In the table's order.
    source : Source
        The answer it was read from.
    older : bool
        Whether it came from v1.
    """

    id: str
    label: str
    updated: str
    variables: tuple[Variable, ...]
    source: Source
    older: bool = False

    def variable(self, code: str) -> Variable:
        """Find a variable by its code.

        Parameters
        ----------
        code : str
            For example ``"Region"``.

        Returns
        -------
        Variable
            The variable.

        Raises
        ------
        FetchError
            If the table no longer has it, with what it has.
        """
        for variable in self.variables:
            if variable.code == code:
                return variable
        has = ", ".join(f"{one.code} ({one.label})" for one in self.variables)
        raise FetchError(
            f"{table_name(self.id)} has no variable {code}; it has {has}. Statistics Norway has "
            "changed the table: navplan must learn its new form before it can be used."
        )


def config(web: Web) -> Limits:
    """Ask the service for its limits.

    Parameters
    ----------
    web : Web
        The way to the network.

    Returns
    -------
    Limits
        A limit the answer leaves out is the documented one.

    Raises
    ------
    FetchError
        If the service cannot be asked or its answer makes no sense.
    """
    document = web.get(SSB, f"{V2}/config", name="the limits of Statistics Norway's API").json()
    if not isinstance(document, Mapping):
        raise FetchError(f"{_LIMITS}: the answer is no JSON object. Run fetch again later.")
    formats = document.get("dataFormats")
    return Limits(
        most_cells=_positive(document, "maxDataCells", DOCUMENTED_CELLS),
        calls=_positive(document, "maxCallsPerTimeWindow", DOCUMENTED_CALLS),
        window_s=float(_positive(document, "timeWindow", DOCUMENTED_WINDOW_S, most=MOST_WINDOW_S)),
        licence=str(document.get("license", "")),
        formats=tuple(map(str, formats)) if isinstance(formats, list) else (),
    )


def _positive(
    document: Mapping[str, Any], key: str, otherwise: int, *, most: int | None = None
) -> int:
    number = document.get(key, otherwise)
    whole = isinstance(number, int) and not isinstance(number, bool)
    if not whole or number < 1 or (most is not None and number > most):
        span = "above 0" if most is None else f"from 1 to {most:,}"
        raise FetchError(
            f"{_LIMITS}: {key} is {str(number)[:20]!r}, not a whole number {span}. Run fetch "
            "again later."
        )
    return int(number)


def tables(
    web: Web, query: str, *, discontinued: bool = False
) -> tuple[tuple[TableEntry, ...], tuple[Source, ...]]:
    """Search the list of tables, all pages of it.

    Parameters
    ----------
    web : Web
        The way to the network.
    query : str
        Words to look for, for example ``"Framskrevet folkemengde"``.
    discontinued : bool
        Whether tables without new figures are listed too.

    Returns
    -------
    tuple of TableEntry
        In the service's order, each table once.
    tuple of Source
        One for each page.

    Raises
    ------
    FetchError
        If the service cannot be asked, or its list never ends.
    """
    found: dict[str, TableEntry] = {}
    sources: list[Source] = []
    name = f"tables about {query!r}"
    for page in range(1, _MOST_PAGES + 1):
        params = {
            "lang": "no",
            "query": query,
            "includeDiscontinued": "true" if discontinued else "false",
            "pageNumber": str(page),
            "pageSize": str(_PAGE_SIZE),
        }
        fetched = web.get(SSB, f"{V2}/tables", params=params, name=name)
        document = fetched.json()
        sources.append(fetched.source)
        entries = document.get("tables") if isinstance(document, Mapping) else None
        if not isinstance(entries, list):
            raise FetchError(f"Statistics Norway's list of {name}: the answer holds no tables.")
        found |= {entry.id: entry for entry in map(_entry, entries)}
        counts = document.get("page")
        pages = counts.get("totalPages") if isinstance(counts, Mapping) else None
        if not entries or not isinstance(pages, int) or page >= pages:
            return tuple(found.values()), tuple(sources)
    raise FetchError(
        f"Statistics Norway's list of {name} has more than {_MOST_PAGES} pages. Ask more narrowly."
    )


def _entry(entry: Any) -> TableEntry:
    if not isinstance(entry, Mapping) or "id" not in entry:
        raise FetchError("Statistics Norway's list of tables: an entry has no id.")
    names = entry.get("variableNames")
    return TableEntry(
        id=str(entry["id"]),
        label=str(entry.get("label", "")),
        updated=str(entry.get("updated") or ""),
        first_period=str(entry.get("firstPeriod") or ""),
        last_period=str(entry.get("lastPeriod") or ""),
        variables=tuple(map(str, names)) if isinstance(names, list) else (),
        discontinued=entry.get("discontinued") is True,
    )


def metadata(web: Web, table: str) -> Metadata:
    """Ask what a table can be asked for; v1 is asked where v2 does not answer.

    Parameters
    ----------
    web : Web
        The way to the network.
    table : str
        Its id, five digits.

    Returns
    -------
    Metadata
        The variables with their codes and code lists.

    Raises
    ------
    FetchError
        If neither version answers, or the answer is no description of a table.
    """
    try:
        fetched = web.get(
            SSB,
            f"{V2}/tables/{table}/metadata",
            params={"lang": "no"},
            name=f"what {table_name(table)} holds",
        )
    except FetchError as error:
        if not is_down(error):
            raise
        label, variables, source = failed_for_good(error, lambda: v1.metadata(web, table))
        return Metadata(table, label, "", variables, source, older=True)
    document = fetched.json()
    variables = read_variables(document, where=table_name(table))
    updated = str(document.get("updated", ""))
    return Metadata(table, str(document.get("label", "")), updated, variables, fetched.source)


def codelist(web: Web, codelist_id: str) -> tuple[dict[str, str], Source]:
    """Read a code list: a grouping of codes, or another set of values.

    Parameters
    ----------
    web : Web
        The way to the network.
    codelist_id : str
        For example ``"agg_KommSummer"``.

    Returns
    -------
    dict of str to str
        Code → label, in the list's order.
    Source
        The answer it was read from.

    Raises
    ------
    FetchError
        If the service cannot be asked or the answer holds no codes.
    """
    name = f"the code list {codelist_id}"
    fetched = web.get(SSB, f"{V2}/codelists/{codelist_id}", params={"lang": "no"}, name=name)
    document = fetched.json()
    values = document.get("values") if isinstance(document, Mapping) else None
    if not isinstance(values, list) or not all(
        isinstance(value, Mapping) and "code" in value for value in values
    ):
        raise FetchError(f"Statistics Norway gave no codes for {name}.")
    codes = {str(value["code"]): str(value.get("label", value["code"])) for value in values}
    return codes, fetched.source
