"""Addresses → positions, each with how well it was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

import geopandas as gpd
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from navplan.errors import Fault, FetchError, raise_faults
from navplan.nouns.source import Source
from navplan.nouns.spreadsheets import on_one_line
from navplan.sources.layer_checks import NORWAY
from navplan.sources.web import Service, Web
from navplan.units import Quality

Match = Literal["address", "street", "postcode"]
"""What a position stands for: the door, the middle of the street, or of the postcode."""

SERVICE: Final = Service(
    id="addresses",
    publisher="Kartverket",
    address="https://ws.geonorge.no/adresser/v1",
    licence="CC BY 4.0",
    attribution="© Kartverket",
)
QUALITY: Final[Mapping[Match, Quality]] = {
    "address": "official",
    "street": "approximate",
    "postcode": "approximate",
}
COLUMNS: Final = ("street", "number", "letter", "postcode", "kommune")
"""Columns of an address; any may be missing or empty."""

_PAGE: Final = 1000
_MOST_PAGES: Final = 20
_MOST_NAMED: Final = 5
_POSTCODE: Final = re.compile(r"\d{4}", re.ASCII)
_WGS84: Final = "EPSG:4326"


class _Hit(NamedTuple):
    """An address of the register."""

    text: str
    postcode: str
    place: str
    kommune: str
    lon: float
    lat: float

    def __str__(self) -> str:
        return f"{self.text}, {self.postcode} {self.place} (kommune {self.kommune})"


@dataclass(frozen=True)
class _Found:
    """Where an address lies, and what was found of it."""

    match: Match
    text: str
    hits: tuple[_Hit, ...]


def geocode(
    web: Web, table: pd.DataFrame, *, crs: str = "EPSG:25833", where: str = "office addresses"
) -> tuple[gpd.GeoDataFrame, tuple[Source, ...]]:
    """Find where addresses lie.

    Use it where a table has no positions; positions measured at the door are better.

    Parameters
    ----------
    web : Web
        Where answers come from.
    table : DataFrame
        One row an address, indexed by id; text columns of `COLUMNS`, of which ``street`` and
        ``postcode`` find most.
    crs : str
        Projected system of the result [m].
    where : str
        What the table is called in faults.

    Returns
    -------
    GeoDataFrame
        Same index; ``match`` ("address", "street", "postcode"), ``quality`` (`QUALITY` of it),
        ``found`` (the register's text), ``hits`` (addresses the point is the mean of) and the
        point.
    tuple of Source
        One row an answer used.

    Raises
    ------
    InputError
        Naming every address that is not found, or that stands in more than one place.
    FetchError
        If Kartverket cannot be reached or answers in another form.

    Notes
    -----
    First the very address is looked for; then, if it is not in the register, all addresses of the
    street with the same postcode, whose mean is taken; then all of the postcode. An address found
    in two places is not guessed: it is named with both, as is a street of the kommune that has
    another postcode.
    """
    faults: list[Fault] = []
    rows: list[dict[str, Any]] = []
    sources: dict[str, Source] = {}
    for name, given in table.iterrows():
        address = {
            key: str(given[key]).strip() if key in table and pd.notna(given[key]) else ""
            for key in COLUMNS
        }
        found = _find(web, address, sources)
        if isinstance(found, str):
            remedy = "Correct the address, or give the position (x and y) in the table."
            faults.append(Fault(where, str(name), found, remedy))
            continue
        lon, lat = (sum(values) / len(found.hits) for values in zip(*_places(found), strict=True))
        rows.append(
            {
                "id": name,
                "match": found.match,
                "quality": QUALITY[found.match],
                "found": found.text,
                "hits": len(found.hits),
                "lon": lon,
                "lat": lat,
            }
        )
    raise_faults(faults)
    columns = ["id", "match", "quality", "found", "hits", "lon", "lat"]
    frame = pd.DataFrame(rows, columns=columns).set_index("id")
    frame.index.name = table.index.name
    points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=_WGS84)
    result = gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points).to_crs(crs)
    return result, tuple(sources.values())


def _places(found: _Found) -> list[tuple[float, float]]:
    return [(hit.lon, hit.lat) for hit in found.hits]


def _find(web: Web, address: Mapping[str, str], sources: dict[str, Source]) -> _Found | str:
    """Where an address lies, or why that cannot be said."""
    street, postcode, kommune = address["street"], address["postcode"], address["kommune"]
    if postcode and _POSTCODE.fullmatch(postcode) is None:
        return f"{postcode!r} is no postcode; expected four digits."
    if not (street or postcode):
        return "has neither street nor postcode."
    within = {"postnummer": postcode, "kommunenummer": kommune}
    if street:
        if doors := _doors(web, address, within, sources):
            return _one_place("address", doors)
        if hits := _search(web, {"adressenavn": street} | within, sources):
            return _one_place("street", hits)
    if street and postcode and kommune:
        elsewhere = {"adressenavn": street, "kommunenummer": kommune}
        if hits := _search(web, elsewhere, sources):
            other = f"{hits[0].postcode} {hits[0].place}"
            return f"{street} is not in postcode {postcode} but in {other}."
    if postcode and (hits := _search(web, within, sources)):
        return _Found("postcode", f"{hits[0].postcode} {hits[0].place}", tuple(hits))
    said = " ".join(filter(None, (street, address["number"] + address["letter"], postcode)))
    return f"{said!r} is not in the address register, nor is its street or postcode."


def _doors(
    web: Web, address: Mapping[str, str], within: Mapping[str, str], sources: dict[str, Source]
) -> list[_Hit]:
    """Find the very address; the search also gives 7A and 7B for 7."""
    street, number, letter = address["street"], address["number"], address["letter"]
    if not number:
        return []
    door = {"adressenavn": street, "nummer": number, "bokstav": letter, **within}
    wanted = _plain(f"{street} {number}{letter}")
    return [hit for hit in _search(web, door, sources) if _plain(hit.text) == wanted]


def _one_place(match: Match, hits: list[_Hit]) -> _Found | str:
    """Take the hits together if they are of one postcode and kommune; else name them."""
    firsts = {(hit.postcode, hit.kommune): hit for hit in reversed(hits)}
    places = list(firsts.values())[::-1]
    if len(places) > 1:
        shown = "; ".join(map(str, places[:_MOST_NAMED]))
        more = f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else ""
        return f"stands in {len(places)} places: {shown}{more}. Give postcode and kommune."
    first = hits[0]
    if match == "address":
        return _Found(match, f"{first.text}, {first.postcode} {first.place}", tuple(hits))
    street = re.sub(r"\s*\d+\s*\w?$", "", first.text)
    return _Found(match, f"{street}, {first.postcode} {first.place}", tuple(hits))


def _plain(text: str) -> str:
    """How two ways of writing an address are compared: no spaces, no capitals."""
    return re.sub(r"[\s.]", "", text).casefold()


def _search(web: Web, asked: Mapping[str, str], sources: dict[str, Source]) -> list[_Hit]:
    """All pages of a search."""
    params = {key: value for key, value in asked.items() if value}
    said = " ".join(params.values())
    hits: list[_Hit] = []
    for page in range(_MOST_PAGES):
        answer = web.get(
            SERVICE,
            "/sok",
            params={**params, "treffPerSide": str(_PAGE), "side": str(page)},
            name=f"the address {said!r}",
        )
        document = answer.json()
        try:
            found = [_hit(one) for one in document["adresser"]]
            total = int(document["metadata"]["totaltAntallTreff"])
        except (KeyError, TypeError, ValueError, CRSError):
            raise FetchError(
                f"Kartverket's answer for {answer.source.address} does not hold addresses with "
                "points (representasjonspunkt). The service may have changed: give positions in "
                "the table for now, and report this."
            ) from None
        hits += found
        if found:
            sources[answer.source.address] = answer.source
        if len(hits) >= total or not found:
            return hits
    problem = f"the address {said!r} has more than {_MOST_PAGES * _PAGE:,} hits."
    raise FetchError(f"Kartverket: {problem} Give the postcode or the kommune.")


def _hit(one: Mapping[str, Any]) -> _Hit:
    point = one["representasjonspunkt"]
    lon, lat = _degrees(str(point["epsg"]), float(point["lon"]), float(point["lat"]))
    return _Hit(
        text=on_one_line(str(one["adressetekst"])),
        postcode=on_one_line(str(one["postnummer"])),
        place=on_one_line(str(one["poststed"])),
        kommune=str(one["kommunenummer"]),
        lon=lon,
        lat=lat,
    )


@lru_cache(maxsize=8)
def _to_degrees(epsg: str) -> Transformer:
    """Kept, since making one takes far longer than using it."""
    said = CRS.from_user_input(int(epsg) if epsg.isdecimal() else epsg)
    return Transformer.from_crs(said, _WGS84, always_xy=True)


def _degrees(epsg: str, lon: float, lat: float) -> tuple[float, float]:
    """The point in WGS84, refused where it is not in Norway."""
    east, north = _to_degrees(epsg).transform(lon, lat)
    west, south, far_east, far_north = NORWAY
    if not (west <= east <= far_east and south <= north <= far_north):
        raise ValueError("lies outside Norway")
    return east, north
