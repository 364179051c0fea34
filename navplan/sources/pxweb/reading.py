"""Figures of a table: the query checked, split below the limit, asked and put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

import pandas as pd

from navplan.errors import FetchError
from navplan.nouns.source import Source
from navplan.sources.extracts import Extract
from navplan.sources.jsonstat import read_frame, read_variables
from navplan.sources.pxweb import v1
from navplan.sources.pxweb.selection import Selection, bracketed, cells, expand, parts
from navplan.sources.pxweb.tables import (
    DOCUMENTED_CELLS,
    Limits,
    Metadata,
    codelist,
    config,
    metadata,
)
from navplan.sources.ssb_service import SSB, V2, failed_for_good, is_down, table_name
from navplan.sources.web import Fetched, Service, Web

LONGEST_ADDRESS: Final = 2_000
"""A longer GET address is asked as a POST instead [characters]."""
MOST_QUERIES: Final = 300
"""A table that takes more is refused: at the documented pace this many take ten minutes."""


def read_table(
    web: Web,
    table: Metadata | str,
    selection: Selection,
    *,
    codelists: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Extract:
    """Ask a table for figures.

    Parameters
    ----------
    web : Web
        The way to the network.
    table : Metadata or str
        The table, or its id.
    selection : mapping of str to sequence of str
        Variable → codes or expressions (see `selection.expand`). A variable that the table can
        sum over may be left out.
    codelists : mapping of str to str, optional
        Variable → id of the code list its codes are from.
    limits : Limits, optional
        What the service allows; asked for where not given.

    Returns
    -------
    Extract
        Columns of `jsonstat.read_frame`, rows in the table's order whether or not the query had
        to be split. A notice where the figures came by the older v1.

    Raises
    ------
    InputError
        For unknown variables and codes, before any figure is asked for.
    FetchError
        If neither version answers, or the answer is not what was asked for.
    """
    known = metadata(web, table) if isinstance(table, str) else table
    lists = dict(codelists or {})
    labels, list_sources = _lists(web, known, lists, selection)
    chosen = expand(selection, known.variables, lists=labels, where=table_name(known.id))
    limits, notice = (limits, "") if limits else _limits(web, known)
    frames: list[pd.DataFrame] = []
    sources: list[Source] = [known.source, *list_sources]
    older = known.older
    # as many as the service itself allows, which its documents may not have caught up with
    service = replace(SSB, calls=limits.calls, window_s=limits.window_s)
    for part in _few_parts(known, chosen, limits):
        frame, source, older = _part(web, service, known, part, lists, older)
        frames.append(frame)
        sources.append(source)
    notices = [notice] if notice else []
    if older:
        notices.append(
            f"{table_name(known.id)}: PxWebApi v2 did not answer, so the figures were taken from "
            "the older v1."
        )
    frame = _in_order(pd.concat(frames, ignore_index=True), chosen)
    return Extract(frame, tuple(dict.fromkeys(sources)), tuple(notices))


def _limits(web: Web, known: Metadata) -> tuple[Limits, str]:
    """The limits of the service, or the documented ones where it does not tell."""
    if known.older:  # v2 is down: it was asked often enough
        return Limits(), ""
    try:
        return config(web), ""
    except FetchError as error:
        if not is_down(error):
            raise
        return Limits(), (
            "Statistics Norway did not tell its limits; the documented ones were kept "
            f"({DOCUMENTED_CELLS:,} values an answer)."
        )


def _few_parts(
    known: Metadata, chosen: Mapping[str, Sequence[str]], limits: Limits
) -> list[dict[str, list[str]]]:
    """The queries to ask, refused where they are more than anybody would wait for."""
    asked = list(islice(parts(chosen, limits.most_cells), MOST_QUERIES + 1))
    if len(asked) > MOST_QUERIES:
        raise FetchError(
            f"{table_name(known.id)}: {cells(chosen):,} values at {limits.most_cells:,} an answer "
            f"take more than {MOST_QUERIES} queries. Ask for fewer kommuner or years."
        )
    return asked


def _lists(
    web: Web, known: Metadata, codelists: Mapping[str, str], selection: Selection
) -> tuple[dict[str, dict[str, str]], tuple[Source, ...]]:
    """The codes of the code lists asked for."""
    if known.older:  # v1 tells nothing of its code lists: codes go to it as they were given
        given = {variable: selection.get(variable, ()) for variable in codelists}
        return {one: dict(zip(codes, codes, strict=True)) for one, codes in given.items()}, ()
    labels: dict[str, dict[str, str]] = {}
    sources = []
    for variable, codelist_id in codelists.items():
        offered = known.variable(variable).codelists
        if codelist_id not in offered:
            has = ", ".join(offered) or "none"
            raise FetchError(
                f"{table_name(known.id)} has no code list {codelist_id} for {variable}; it has "
                f"{has}."
            )
        labels[variable], source = codelist(web, codelist_id)
        sources.append(source)
    return labels, tuple(sources)


def _part(
    web: Web,
    service: Service,
    known: Metadata,
    part: Mapping[str, Sequence[str]],
    codelists: Mapping[str, str],
    older: bool,
) -> tuple[pd.DataFrame, Source, bool]:
    """One answer within the limit, checked to be what was asked for; whether v1 gave it."""
    fetched, older = _answer(web, service, known, part, codelists, older)
    where = table_name(known.id)
    document = fetched.json()
    answered = {one.code: list(one.categories) for one in read_variables(document, where=where)}
    for code, codes in part.items():
        if code not in answered:
            raise FetchError(f"{where}: the answer has no {code}, which was asked for.")
        if missing := [one for one in codes if one not in answered[code]]:
            raise FetchError(
                f"{where}: the answer leaves out {len(missing)} of {len(codes)} codes of {code}, "
                f"for example {missing[0]!r}. Run fetch again; if it stays so, the table has "
                "changed."
            )
    if extra := [code for code in answered if code not in part and len(answered[code]) > 1]:
        raise FetchError(f"{where}: the answer is divided by {extra[0]}, which was not asked for.")
    frame = read_frame(document, where=where)
    asked = pd.concat([frame[code].isin(list(codes)) for code, codes in part.items()], axis=1)
    return _in_order(frame.loc[asked.all(axis=1)], part), fetched.source, older


def _answer(
    web: Web,
    service: Service,
    known: Metadata,
    part: Mapping[str, Sequence[str]],
    codelists: Mapping[str, str],
    older: bool,
) -> tuple[Fetched, bool]:
    def ask_v1() -> Fetched:
        return v1.data(web, known.id, known.variables, part, codelists)

    if older:
        return ask_v1(), True
    try:
        return _ask(web, service, known.id, part, codelists), False
    except FetchError as error:
        if not is_down(error):
            raise
        return failed_for_good(error, ask_v1), True


def _ask(
    web: Web,
    service: Service,
    table: str,
    part: Mapping[str, Sequence[str]],
    codelists: Mapping[str, str],
) -> Fetched:
    """Ask v2: by GET where the address is short enough, else by POST."""
    name = f"figures of {table_name(table)}"
    path = f"{V2}/tables/{table}/data"
    fixed = {"lang": "no", "outputFormat": "json-stat2"}
    params = fixed | {
        f"valueCodes[{code}]": ",".join(map(bracketed, codes)) for code, codes in part.items()
    }
    params |= {f"codelist[{code}]": codelists[code] for code in part if code in codelists}
    if len(service.url(path, params)) <= LONGEST_ADDRESS:
        return web.get(service, path, params=params, name=name)
    body = {
        "selection": [
            {"variableCode": code, "valueCodes": list(codes)}
            | ({"codelist": codelists[code]} if code in codelists else {})
            for code, codes in part.items()
        ]
    }
    return web.get(service, path, params=fixed, body=body, name=name)


def _in_order(frame: pd.DataFrame, chosen: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The asked columns, rows in the order of the codes, the last variable changing fastest."""
    ranks = pd.DataFrame(
        {
            code: pd.Categorical(frame[code], categories=list(codes)).codes
            for code, codes in chosen.items()
        }
    )
    rows = ranks.sort_values(list(chosen), kind="stable").index
    return frame.iloc[rows][[*chosen, "value", "status"]].reset_index(drop=True)
