"""Statistics Norway's population grid from its map service: 1 km cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from navplan.errors import Fault, FetchError, raise_faults
from navplan.nouns.source import Source
from navplan.sources.grid import cells_at
from navplan.sources.ssb_service import SSB
from navplan.sources.web import Fetched, Service, Web

SERVICE: Final = Service(
    id="ssb-map",
    publisher=SSB.publisher,
    address="https://kart.ssb.no/api/ogc/v1/befolkning_paa_rutenett_ogc_api",
    licence=SSB.licence,
    attribution=SSB.attribution,
)
CELL_M: Final = 1000
MOST_PEOPLE: Final = 1_000_000
"""In one cell; more is a mistake of the service."""
_PAGE: Final = 1000
_MOST_PAGES: Final = 400
_KILOMETRE: Final = re.compile(r"1000\s?m|\b1\s?km", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ID: Final = re.compile(r"\d{14}", re.ASCII)


def grid_1km(
    web: Web, *, year: int | None = None
) -> tuple[gpd.GeoDataFrame, int, tuple[Source, ...], tuple[str, ...]]:
    """Get all inhabited 1 km cells of Norway.

    Use `cells_in_areas` for those of a study. The 250 m grid, which `read_grid` reads, is far
    better for walking; it is ordered from SSB as a file.

    Parameters
    ----------
    web : Web
        Where answers come from.
    year : int, optional
        Year of the figures; the newest unless told.

    Returns
    -------
    GeoDataFrame
        As `cells_at` makes it.
    int
        Year of the figures.
    tuple of Source
        One row a page of the answer.
    tuple of str
        Notices: cells without a count.

    Raises
    ------
    FetchError
        If SSB cannot be reached, has no such year, answers in another form, or changes its figures
        while they are read.
    InputError
        Naming cells whose id or count cannot be.
    """
    collection, found, listed = _collection(web, year)
    rows, sources = _pages(web, collection)
    where = f"grid of {found}"
    table = pd.DataFrame(rows, columns=["ssbid1000m", "pop_tot"], dtype=object)
    raise_faults(_faults(table, where))
    untold = table["pop_tot"].isna()
    notices: tuple[str, ...] = ()
    if untold.any():
        notices = (f"Grid cells without a count, left out: {int(untold.sum())}.",)
    table = table[~untold].sort_values("ssbid1000m", ignore_index=True)
    people = table["pop_tot"].astype("int64")
    cells = cells_at(table["ssbid1000m"], people, cell_m=CELL_M)
    return cells[cells["people"] > 0], found, (listed, *sources), notices


def _collection(web: Web, year: int | None) -> tuple[str, int, Source]:
    """Id and year of the collection of 1 km cells, found by what it is called."""
    answer = web.get(SERVICE, "/collections", name="the years of its population grid")
    document = answer.json()
    try:
        named = {str(one["id"]): f"{one['id']} {one.get('title', '')}".replace("_", " ")
                 for one in document["collections"]}  # fmt: skip
    except (KeyError, TypeError, AttributeError):
        raise FetchError(_unlike(answer, "a list of collections")) from None
    if any(_KILOMETRE.search(text) for text in named.values()):
        named = {key: text for key, text in named.items() if _KILOMETRE.search(text)}
    years = {int(found[-1]): key for key, text in named.items() if (found := _YEAR.findall(text))}
    wanted = max(years, default=0) if year is None else year
    if wanted not in years:
        has = ", ".join(map(str, sorted(years))) or "none with a year in its name"
        raise FetchError(
            f"SSB's map service has no population grid of {year or 'any year'}; it has {has}. "
            "Choose one of these, or use a file of the grid."
        )
    return years[wanted], wanted, answer.source


def _pages(web: Web, collection: str) -> tuple[list[dict[str, Any]], list[Source]]:
    rows: list[dict[str, Any]] = []
    sources: list[Source] = []
    told: set[int] = set()
    for page in range(_MOST_PAGES):
        answer = web.get(
            SERVICE,
            f"/collections/{collection}/items",
            params={"limit": str(_PAGE), "offset": str(page * _PAGE)},
            name=f"the population grid, cells {page * _PAGE:,} and on",
        )
        document = answer.json()
        try:
            features = [_cell(feature["properties"]) for feature in document["features"]]
            total = document.get("numberMatched")
        except (KeyError, TypeError, AttributeError):
            raise FetchError(_unlike(answer, "cells with ssbid1000m and pop_tot")) from None
        rows += features
        sources.append(answer.source)
        told |= {total} if isinstance(total, int) else set()
        if len(told) > 1:
            break
        if len(features) < _PAGE or len(rows) in told:
            if told and len(rows) not in told:
                break
            if not rows:
                raise FetchError(f"SSB's map service gave no cell for {answer.source.address}.")
            return rows, sources
    raise FetchError(
        f"SSB's population grid changed while it was read ({len(rows):,} cells came, "
        f"{' or '.join(f'{n:,}' for n in sorted(told)) or 'no number'} were promised). Run fetch "
        "again."
    )


def _cell(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"ssbid1000m": str(properties["ssbid1000m"]), "pop_tot": properties["pop_tot"]}


def _faults(table: pd.DataFrame, where: str) -> list[Fault]:
    ids, people = table["ssbid1000m"], table["pop_tot"]
    checks = [
        (~ids.map(lambda text: _ID.fullmatch(text) is not None), ids, "is no cell id (14 digits)."),
        (ids.duplicated(), ids, "stands more than once."),
        (~people.map(_is_count), people, "is no number of people."),
    ]
    return [
        Fault(
            where, f"cell {table.index[row] + 1}", f"{values[row]!r} {problem}", "Run fetch again."
        )
        for bad, values, problem in checks
        for row in table.index[bad][:5]
    ]


def _is_count(value: object) -> bool:
    """Whether something is a number of people, or nothing."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return 0 <= value <= MOST_PEOPLE and value % 1 == 0
    return value is None


def _unlike(answer: Fetched, expected: str) -> str:
    return (
        f"SSB's answer for {answer.source.address} does not hold {expected}. The service may have "
        "changed: use a file of the grid for now, and report this."
    )
