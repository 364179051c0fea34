"""SSB's map service with a made-up population grid of 1 km cells in the made-up kommuner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.services.kartverket import X, Y
from tests.services.server import Reply, Request, json_reply

COLLECTIONS = [
    {"id": "befolkning_5000m_2026", "title": "Befolkning på rutenett 5 km 2026"},
    {"id": "befolkning_1000m_2025", "title": "Befolkning på rutenett 1 km 2025"},
    {"id": "befolkning_1000m_2026", "title": "Befolkning på rutenett 1 km 2026"},
]


def cell_id(column: int, row: int) -> str:
    """Of the cell so many kilometres east and north of the corner of 1804."""
    return f"{(X + 1000 * column + 2_000_000) * 10_000_000 + Y + 1000 * row:014d}"


CELLS: dict[str, int | None] = {
    **{cell_id(6 + n % 8, 7 + n // 8): 12 + 7 * n for n in range(40)},
    **{cell_id(26 + n, 8): 20 + n for n in range(5)},
    cell_id(1, 1): None,  # too few to be told
    cell_id(2, 1): 0,
}
"""40 inhabited cells in 1804, five in 1840."""


def answer(request: Request) -> Reply:
    """/collections and /collections/{id}/items, in pages."""
    match request.path.strip("/").split("/"):
        case ["collections"]:
            return json_reply({"collections": COLLECTIONS})
        case ["collections", name, "items"] if name in {one["id"] for one in COLLECTIONS}:
            limit, offset = (int(request.params[key][0]) for key in ("limit", "offset"))
            return json_reply(page(list(CELLS.items())[offset : offset + limit], len(CELLS)))
    return json_reply({"code": "NotFound"}, 404)


def page(cells: Sequence[tuple[str, int | None]], matched: int) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": {"ssbid1000m": int(i), "pop_tot": n, "pop_ave": None},
            "geometry": None,
        }
        for i, n in cells
    ]
    return {
        "type": "FeatureCollection",
        "features": features,
        "numberMatched": matched,
        "numberReturned": len(features),
    }
