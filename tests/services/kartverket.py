"""Kartverket's services on made-up kommuner: borders, addresses, place names, download orders.

The numbers of kommuner and bydeler are real, everything else is invented: names, shapes, streets.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import shapely
from pyproj import Transformer
from shapely import box

from tests.services.server import Answer, Reply, Request, json_reply

X, Y = 470_000, 7_460_000
KOMMUNER: dict[str, tuple[str, str, shapely.Polygon]] = {
    "1804": ("Eksempelvik", "Eksempelvik", box(X, Y, X + 20_000, Y + 20_000)),
    "1840": ("Prøvebygd - Geahččal", "Prøvebygd", box(X + 20_000, Y, X + 40_000, Y + 20_000)),
    "4601": ("Øvingsby", "Øvingsby", box(-40_000, 6_720_000, -20_000, 6_740_000)),
}
"""Number → kommunenavn, kommunenavnNorsk and border in EPSG:25833."""
NO_SUCH = json_reply({"status": 404, "message": "Ingen treff"}, 404)

TO_DEGREES = Transformer.from_crs("EPSG:25833", "EPSG:4258", always_xy=True)


def kommuneinfo(request: Request) -> Reply:
    """/kommuner/{nr}, /kommuner/{nr}/omrade and /punkt."""
    match request.path.strip("/").split("/"):
        case ["kommuner", number] if number in KOMMUNER:
            return json_reply(_kommune(number))
        case ["kommuner", number, "omrade"] if number in KOMMUNER:
            epsg = int(request.params["utkoordsys"][0])
            shape = gpd.GeoSeries([KOMMUNER[number][2]], crs="EPSG:25833").to_crs(epsg).iloc[0]
            crs = {"type": "name", "properties": {"name": f"EPSG:{epsg}"}}
            return json_reply({**_kommune(number), "omrade": {**_geojson(shape), "crs": crs}})
        case ["punkt"]:
            assert request.params["koordsys"] == ["25833"]
            point = shapely.Point(*(float(request.params[k][0]) for k in ("ost", "nord")))
            for number, (_, _, border) in KOMMUNER.items():
                if border.contains(point):
                    return json_reply(_kommune(number))
    return NO_SUCH


def _kommune(number: str) -> dict[str, Any]:
    name, norwegian, _ = KOMMUNER[number]
    return {"kommunenummer": number, "kommunenavn": name, "kommunenavnNorsk": norwegian,
            "fylkesnummer": number[:2]}  # fmt: skip


def _geojson(shape: shapely.Geometry) -> dict[str, Any]:
    return dict(json.loads(shapely.to_geojson(shape)))


def _address(
    street: str, number: int, letter: str, postcode: str, kommune: str, x: float, y: float
) -> dict[str, Any]:
    lon, lat = TO_DEGREES.transform(x, y)
    return {
        "adressetekst": f"{street} {number}{letter}",
        "adressenavn": street,
        "nummer": number,
        "bokstav": letter,
        "postnummer": postcode,
        "poststed": {"8098": "PRØVEBYGD", "8099": "EKSEMPELVIK"}[postcode],
        "kommunenummer": kommune,
        "representasjonspunkt": {"epsg": "EPSG:4258", "lat": lat, "lon": lon},
    }


ADDRESSES = [
    *(_address("Prøvegata", n, "", "8099", "1804", X + 9_000 + 100 * n, Y + 9_000)
      for n in range(1, 6)),
    _address("Prøvegata", 7, "A", "8099", "1804", X + 9_700, Y + 9_000),
    _address("Prøvegata", 7, "B", "8099", "1804", X + 9_720, Y + 9_000),
    _address("Kirkeveien", 2, "", "8099", "1804", X + 9_000, Y + 9_400),
    _address("Kirkeveien", 2, "", "8098", "1840", X + 29_000, Y + 9_400),
]  # fmt: skip


def addresses(request: Request) -> Reply:
    """/sok with exact fields and paging."""
    assert request.path == "/sok"
    told = {key: values[0] for key, values in request.params.items()}
    size, page = int(told.pop("treffPerSide", "10")), int(told.pop("side", "0"))
    hits = [
        one
        for one in ADDRESSES
        if all(str(one[key]).casefold() == value.casefold() for key, value in told.items())
    ]
    metadata = {"totaltAntallTreff": len(hits), "side": page, "treffPerSide": size}
    return json_reply({"metadata": metadata, "adresser": hits[page * size : (page + 1) * size]})


def place_names(request: Request) -> Reply:
    """/navn: one made-up village, and its name misspelt where the search is fuzzy."""
    assert request.path == "/navn"
    said, fuzzy = request.params["sok"][0], request.params["fuzzy"][0] == "true"
    lon, lat = TO_DEGREES.transform(X + 9_000, Y + 9_000)
    village = {
        "skrivemåte": "Prøvenes",
        "navneobjekttype": "Tettsted",
        "kommuner": [{"kommunenummer": "1804", "kommunenavn": "Eksempelvik"}],
        "representasjonspunkt": {"nord": lat, "øst": lon, "koordsys": 4258},
    }
    found = said == "Prøvenes" or (fuzzy and said[:3] == "Prø")
    return json_reply({"metadata": {"totaltAntallTreff": int(found)}, "navn": [village] * found})


GRUNNKRETSER: Mapping[str, shapely.Polygon] = {
    "46010101": box(-40_000, 6_720_000, -30_000, 6_730_000),
    "46010102": box(-30_000, 6_720_000, -20_000, 6_730_000),
    "46010201": box(-40_000, 6_730_000, -35_000, 6_740_000),
    "46010202": box(-35_000, 6_730_000, -20_000, 6_740_000),
}
"""Together the kommune 4601; the first two are bydel 460101, the others 460102."""


def layer(shapes: Mapping[str, shapely.Polygon] = GRUNNKRETSER, epsg: int = 25833) -> bytes:
    """Grunnkretser as GeoJSON, as the download service writes them."""
    features = [
        {
            "type": "Feature",
            "properties": {"grunnkretsnummer": code, "grunnkretsnavn": f"Krets {code[-4:]}"},
            "geometry": _geojson(shape),
        }
        for code, shape in shapes.items()
    ]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    document = {"type": "FeatureCollection", "name": "Grunnkrets", "crs": crs, "features": features}
    return json.dumps(document).encode()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip archive, the same for the same members."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


class Geonorge:
    """Orders: ready after some questions; each has another link."""

    def __init__(self, *, waits: int = 0, content: bytes | None = None) -> None:
        self.waits = waits
        self.content = zipped({"krets.geojson": layer()}) if content is None else content
        self.orders: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Reply:
        if request.method == "POST" and request.path == "/order":
            self.orders.append(request.json())
            self.left = self.waits
            return self._state()
        match request.path.strip("/").split("/"):
            case ["order", _]:
                self.left -= 1
                return self._state()
            case ["download", number] if number == f"made-up-{len(self.orders)}":
                return Reply(self.content, kind="application/zip")
        return NO_SUCH

    def _state(self) -> Reply:
        number = f"made-up-{len(self.orders)}"
        ready = self.left <= 0
        link = f"https://nedlasting.geonorge.no/api/download/{number}" if ready else None
        status = "ReadyForDownload" if ready else "WaitingForProcessing"
        file = {"name": "../../evil.zip", "downloadUrl": link, "status": status}
        return json_reply({"referenceNumber": number, "files": [file]})


def services() -> dict[str, Answer]:
    """All of Kartverket's, for a server."""
    return {
        "kommuneinfo": kommuneinfo,
        "addresses": addresses,
        "place-names": place_names,
        "geonorge": Geonorge(),
    }
