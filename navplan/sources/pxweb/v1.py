"""PxWebApi v1, asked where v2 does not answer: metadata by GET, figures by POST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from navplan.errors import FetchError
from navplan.nouns.source import Source
from navplan.sources.jsonstat import Variable
from navplan.sources.ssb_service import SSB, V1, table_name
from navplan.sources.web import Fetched, Web


def metadata(web: Web, table: str) -> tuple[str, tuple[Variable, ...], Source]:
    """Ask what a table can be asked for.

    Parameters
    ----------
    web : Web
        The way to the network.
    table : str
        Its id, five digits.

    Returns
    -------
    str
        The title.
    tuple of Variable
        In the table's order; v1 does not tell code lists.
    Source
        The answer they were read from.

    Raises
    ------
    FetchError
        If the service cannot be asked or the answer describes no table.
    """
    name = f"what {table_name(table)} holds (v1)"
    fetched = web.get(SSB, f"{V1}/no/table/{table}", name=name)
    document = fetched.json()
    variables = document.get("variables") if isinstance(document, Mapping) else None
    if not isinstance(variables, list) or not variables:
        raise FetchError(f"{table_name(table)}: the answer of v1 describes no variables.")
    title = str(document.get("title", ""))
    return title, tuple(_variable(table, one) for one in variables), fetched.source


def data(
    web: Web,
    table: str,
    variables: Sequence[Variable],
    chosen: Mapping[str, Sequence[str]],
    codelists: Mapping[str, str],
) -> Fetched:
    """Ask for figures as JSON-stat 2.

    Parameters
    ----------
    web : Web
        The way to the network.
    table : str
        Its id.
    variables : sequence of Variable
        The table's.
    chosen : mapping of str to sequence of str
        Variable → codes.
    codelists : mapping of str to str
        Variable → code list in the spelling of v2, for example ``"agg_KommSummer"``.

    Returns
    -------
    Fetched
        The answer.

    Raises
    ------
    FetchError
        If the service cannot be asked.
    """
    plain = {variable.code: list(variable.categories) for variable in variables}
    query = [
        {"code": code, "selection": _filter(codes, plain.get(code, []), codelists.get(code, ""))}
        for code, codes in chosen.items()
    ]
    body = {"query": query, "response": {"format": "json-stat2"}}
    name = f"figures of {table_name(table)} (v1)"
    return web.get(SSB, f"{V1}/no/table/{table}", body=body, name=name)


def _filter(codes: Sequence[str], every: Sequence[str], codelist: str) -> dict[str, Any]:
    if codelist:  # v1 writes a colon where v2 has an underscore
        kind, _, name = codelist.partition("_")
        return {"filter": f"{kind}:{name}", "values": list(codes)}
    if list(codes) == list(every):
        return {"filter": "all", "values": ["*"]}
    return {"filter": "item", "values": list(codes)}


def _variable(table: str, variable: Any) -> Variable:
    where = table_name(table)
    if not isinstance(variable, Mapping) or "code" not in variable:
        raise FetchError(f"{where}: the answer of v1 has a variable without a code.")
    code, codes, texts = str(variable["code"]), variable.get("values"), variable.get("valueTexts")
    if not isinstance(codes, list) or not isinstance(texts, list) or len(codes) != len(texts):
        raise FetchError(f"{where}: the answer of v1 has no codes and texts for {code}.")
    return Variable(
        code=code,
        label=str(variable.get("text", code)),
        categories=dict(zip(map(str, codes), map(str, texts), strict=True)),
        role="time" if variable.get("time") is True else "",
        elimination=variable.get("elimination") is True,
    )
