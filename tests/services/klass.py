"""KLASS with a few kommuner: real numbers and names, made-up neighbours left out."""

from __future__ import annotations

from typing import Any

from tests.services.server import Reply, Request, json_reply

KOMMUNER = {  # code → (name, first day, first day after)
    "0301": ("Oslo", "1994-01-01", None),
    "1201": ("Bergen", "1994-01-01", "2020-01-01"),
    "4601": ("Bergen", "2020-01-01", None),
    "1804": ("Bodø", "1994-01-01", None),
    "1805": ("Narvik", "1994-01-01", "2020-01-01"),
    "1806": ("Narvik", "2020-01-01", None),
    "1850": ("Divtasvuodna Tysfjord", "1994-01-01", "2020-01-01"),
    "1875": ("Hamarøy", "2020-01-01", None),
    "1504": ("Ålesund", "1994-01-01", "2020-01-01"),
    "1507": ("Ålesund", "2020-01-01", "2024-01-01"),
    "1508": ("Ålesund", "2024-01-01", None),
    "1580": ("Haram", "2024-01-01", None),
    "9999": ("Uoppgitt", "1994-01-01", None),
}
FYLKER = {
    "03": ("Oslo", "1994-01-01", None),
    "15": ("Møre og Romsdal", "1994-01-01", None),
    "18": ("Nordland", "1994-01-01", None),
    "46": ("Vestland", "2020-01-01", None),
    "99": ("Uoppgitt", "1994-01-01", None),
}
CHANGES = (
    ("1201", "4601", "2020-01-01"),
    ("1805", "1806", "2020-01-01"),
    ("1850", "1806", "2020-01-01"),
    ("1850", "1875", "2020-01-01"),
    ("1504", "1507", "2020-01-01"),
    ("1507", "1508", "2024-01-01"),
    ("1507", "1580", "2024-01-01"),
)
BYDELER = {"460101": "Arna", "460102": "Bergenhus"}
PAIRS = (
    ("460101", "46010101"),
    ("460101", "46010102"),
    ("460102", "46010201"),
    ("460102", "46010202"),
    ("030101", "03010101"),
)


def answer(request: Request) -> Reply:
    assert request.headers["accept"] == "application/json"
    assert request.params["language"] == ["nb"]
    place = request.path.strip("/").split("/")
    params = {key: values[0] for key, values in request.params.items()}
    if place == ["correspondencetables", "2815"]:
        return json_reply({"id": 2815, "correspondenceMaps": [_pair(*pair) for pair in PAIRS]})
    codes = {"131": KOMMUNER, "104": FYLKER}.get(place[1] if len(place) > 1 else "", {})
    match place:
        case ["classifications", _, "codesAt"]:
            day = params["date"]
            found = {c: v for c, v in codes.items() if v[1] <= day and (v[2] or "9") > day}
            return json_reply({"codes": [_item(code, found[code]) for code in found]})
        case ["classifications", _, "codes"]:
            first, end = params["from"], params["to"]
            found = {c: v for c, v in codes.items() if v[1] < end and (v[2] or "9") > first}
            return json_reply({"codes": [_item(code, found[code]) for code in found]})
        case ["classifications", "131", "changes"]:
            items = [_change(*one) for one in CHANGES if params["from"] <= one[2] < params["to"]]
            return json_reply({"codeChanges": items})
        case ["classifications", "103", "correspondsAt"] if params["date"] >= "2026":
            assert params["targetClassificationId"] == "1"
            return json_reply({"correspondenceItems": [_pair(*pair) for pair in PAIRS]})
    return json_reply({"status": 404, "error": "Not Found"}, 404)


def _item(code: str, value: tuple[str, str, str | None]) -> dict[str, Any]:
    name, first, end = value
    return {
        "code": code,
        "parentCode": None,
        "level": "1",
        "name": name,
        "shortName": "",
        "presentationName": "",
        "validFrom": first,
        "validTo": end,
        "notes": None,
    }


def _change(old: str, new: str, day: str) -> dict[str, Any]:
    return {
        "oldCode": old,
        "oldName": KOMMUNER[old][0],
        "oldShortName": None,
        "newCode": new,
        "newName": KOMMUNER[new][0],
        "newShortName": None,
        "changeOccurred": day,
    }


def _pair(source: str, target: str) -> dict[str, Any]:
    return {
        "sourceCode": source,
        "sourceName": BYDELER.get(source, ""),
        "sourceShortName": "",
        "targetCode": target,
        "targetName": f"Krets {target[-2:]}",
        "targetShortName": "",
        "validFrom": None,
        "validTo": None,
    }
