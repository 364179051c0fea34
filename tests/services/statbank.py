"""A statistical service that speaks PxWebApi v2 and v1, over tables held in memory."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.services.server import Reply, Request, json_reply

Figure = Callable[[Mapping[str, str]], float | str | None]
"""Codes of one cell → its value, or the sign that stands there instead."""


@dataclass(frozen=True)
class Grouping:
    """A code list: label of each code, and the plain codes it sums."""

    label: str
    codes: Mapping[str, tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Axis:
    code: str
    label: str
    codes: Mapping[str, str]
    elimination: bool = False
    groupings: Mapping[str, Grouping] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    id: str
    label: str
    axes: tuple[Axis, ...]
    figure: Figure
    updated: str = "2026-02-25T07:00:00Z"
    discontinued: bool = False
    geo: bool = True


class Statbank:
    """Answers for its tables; refuses as the service does what is too large or unknown."""

    def __init__(
        self, tables: Sequence[Table], *, most_cells: int = 800_000, page_size: int | None = None
    ) -> None:
        self.tables = {table.id: table for table in tables}
        self.most_cells = most_cells
        self.page_size = page_size
        self.v2 = True

    def __call__(self, request: Request) -> Reply:
        place = request.path.strip("/").split("/")
        if place[:1] == ["v0"]:
            return self._v1(request, place[3])
        if not self.v2:
            return _problem(404, "Not Found")
        match place[2:]:
            case ["config"]:
                return json_reply(
                    {
                        "apiVersion": "2.2.0",
                        "maxDataCells": self.most_cells,
                        "maxCallsPerTimeWindow": 30,
                        "timeWindow": 60,
                        "license": "https://creativecommons.org/licenses/by/4.0/",
                        "dataFormats": ["json-stat2", "csv"],
                    }
                )
            case ["tables"]:
                return self._list(request)
            case ["codelists", name]:
                return self._codelist(name)
            case ["tables", name, what] if name in self.tables:
                table = self.tables[name]
                if what == "metadata":
                    every = {axis.code: list(axis.codes) for axis in table.axes}
                    return json_reply(_described(table, every))
                return self._data(table, *_asked(request))
        return _problem(404, "Non-existent table")

    def _list(self, request: Request) -> Reply:
        words = request.params["query"][0].casefold().split()
        found = [
            table
            for table in self.tables.values()
            if all(word in table.label.casefold() for word in words)
            and (not table.discontinued or request.params["includeDiscontinued"] == ["true"])
        ]
        size = self.page_size or int(request.params["pageSize"][0])
        number = int(request.params["pageNumber"][0])
        part = found[(number - 1) * size : number * size]
        return json_reply(
            {
                "language": "no",
                "tables": [_entry(table) for table in part],
                "page": {
                    "pageNumber": number,
                    "pageSize": size,
                    "totalElements": len(found),
                    "totalPages": math.ceil(len(found) / size),
                },
            }
        )

    def _codelist(self, name: str) -> Reply:
        for table in self.tables.values():
            for axis in table.axes:
                if grouping := axis.groupings.get(name):
                    values = [
                        {"code": code, "label": label, "valueMap": list(members)}
                        for code, (label, members) in grouping.codes.items()
                    ]
                    return json_reply({"id": name, "label": grouping.label, "values": values})
        return _problem(404, "Non-existent codelist")

    def _data(self, table: Table, chosen: dict[str, list[str]], lists: dict[str, str]) -> Reply:
        for axis in table.axes:
            if axis.code not in chosen and not axis.elimination:
                return _problem(400, "Missing selection for mandantory variable")
            known = axis.groupings[lists[axis.code]].codes if axis.code in lists else axis.codes
            if any(code not in known for code in chosen.get(axis.code, [])):
                return _problem(400, "Non-existent value")
        if math.prod(map(len, chosen.values())) > self.most_cells:
            return _problem(403, "Too many cells selected")
        return json_reply(_dataset(table, chosen, lists))

    def _v1(self, request: Request, name: str) -> Reply:
        if name not in self.tables:
            return _problem(404, "Non-existent table")
        table = self.tables[name]
        if request.method == "GET":
            return json_reply(
                {"title": table.label, "variables": [_v1_axis(a) for a in table.axes]}
            )
        chosen, lists = {}, {}
        for part in request.json()["query"]:
            kind, values = part["selection"]["filter"], part["selection"]["values"]
            axis = next(axis for axis in table.axes if axis.code == part["code"])
            chosen[axis.code] = list(axis.codes) if kind == "all" else values
            if kind.startswith(("agg:", "vs:")):
                lists[axis.code] = kind.replace(":", "_")
        return self._data(table, chosen, lists)


def _asked(request: Request) -> tuple[dict[str, list[str]], dict[str, str]]:
    chosen, lists = {}, {}
    if request.method == "POST":
        for part in request.json()["selection"]:
            chosen[part["variableCode"]] = part["valueCodes"]
            if part.get("codelist"):
                lists[part["variableCode"]] = part["codelist"]
        return chosen, lists
    for key, values in request.params.items():
        if match := re.fullmatch(r"valueCodes\[(.+)\]", key):
            codes = re.findall(r"\[([^\]]*)\]|([^,\[\]]+)", values[0])
            chosen[match[1]] = [bracketed or plain for bracketed, plain in codes]
        elif match := re.fullmatch(r"codelist\[(.+)\]", key):
            lists[match[1]] = values[0]
    return chosen, lists


def _dataset(
    table: Table, chosen: Mapping[str, list[str]], lists: Mapping[str, str] | None = None
) -> dict[str, Any]:
    lists = lists or {}
    axes = [axis for axis in table.axes if axis.code in chosen]
    members = {axis.code: _members(axis, lists.get(axis.code)) for axis in table.axes}
    summed = [axis.code for axis in table.axes if axis.code not in chosen]
    values: list[float | None] = []
    status: dict[str, str] = {}
    for cell in itertools.product(*(chosen[axis.code] for axis in axes)):
        plain = [members[axis.code][code] for axis, code in zip(axes, cell, strict=True)]
        plain += [tuple(next(a for a in table.axes if a.code == code).codes) for code in summed]
        names = [axis.code for axis in axes] + summed
        found = [
            table.figure(dict(zip(names, codes, strict=True)))
            for codes in itertools.product(*plain)
        ]
        numbers = [one for one in found if one is not None and not isinstance(one, str)]
        if signs := [one for one in found if isinstance(one, str)]:
            status[str(len(values))] = signs[0]
        values.append(sum(numbers) if numbers else None)
    document = _described(table, chosen, lists) | {"value": values}
    return document | ({"status": status} if status else {})


def _described(
    table: Table, chosen: Mapping[str, list[str]], lists: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A data set without figures, as metadata are."""
    axes = [axis for axis in table.axes if axis.code in chosen]
    lists = lists or {}
    return {
        "version": "2.0",
        "class": "dataset",
        "label": table.label,
        "source": "Statistisk sentralbyrå",
        "updated": table.updated,
        "id": [axis.code for axis in axes],
        "size": [len(chosen[axis.code]) for axis in axes],
        "dimension": {
            axis.code: _dimension(axis, chosen[axis.code], lists.get(axis.code)) for axis in axes
        },
        "role": {"time": ["Tid"], "metric": ["ContentsCode"]}
        | ({"geo": ["Region"]} if table.geo else {}),
    }


def _members(axis: Axis, grouping: str | None) -> Mapping[str, tuple[str, ...]]:
    if grouping is None:
        return {code: (code,) for code in axis.codes}
    return {code: members for code, (_, members) in axis.groupings[grouping].codes.items()}


def _dimension(axis: Axis, codes: list[str], grouping: str | None) -> dict[str, Any]:
    labels = (
        {code: label for code, (label, _) in axis.groupings[grouping].codes.items()}
        if grouping
        else axis.codes
    )
    return {
        "label": axis.label,
        "category": {
            "index": {code: position for position, code in enumerate(codes)},
            "label": {code: labels[code] for code in codes},
        },
        "extension": {
            "elimination": axis.elimination,
            "codelists": [
                {"id": name, "label": one.label, "type": "Aggregation", "links": []}
                for name, one in axis.groupings.items()
            ],
        },
    }


def _entry(table: Table) -> dict[str, Any]:
    periods = list(next(axis for axis in table.axes if axis.code == "Tid").codes)
    return {
        "id": table.id,
        "label": table.label,
        "updated": table.updated,
        "firstPeriod": periods[0],
        "lastPeriod": periods[-1],
        "variableNames": [axis.label for axis in table.axes],
        "discontinued": table.discontinued,
        "timeUnit": "Annual",
    }


def _v1_axis(axis: Axis) -> dict[str, Any]:
    document = {
        "code": axis.code,
        "text": axis.label,
        "values": list(axis.codes),
        "valueTexts": list(axis.codes.values()),
    }
    document |= {"elimination": True} if axis.elimination else {}
    return document | ({"time": True} if axis.code == "Tid" else {})


def _problem(status: int, title: str) -> Reply:
    return json_reply({"type": "Parameter error", "title": title, "status": status}, status)
