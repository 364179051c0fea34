"""OpenStreetMap's streets of a small area, asked of an Overpass server."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import shapely

from navplan.errors import Fault, FetchError, raise_faults
from navplan.nouns.source import Source
from navplan.sources.clipping import clip_osm
from navplan.sources.web import Fetched, Service, Web

SERVICE: Final = Service(
    id="overpass",
    publisher="OpenStreetMap, by Overpass",
    address="https://overpass-api.de/api",
    licence="ODbL 1.0",
    attribution="© OpenStreetMap contributors",
    calls=2,
    quality="approximate",
    silence_s=200.0,
)
"""The pace is ours: the server is run by volunteers for everybody. It may think for three minutes
(`_TIMEOUT_S`) before it says anything."""
MOST_KM2: Final = 10_000.0
"""Larger boxes are refused: the server would give up, and Geofabrik's file is there [km²]."""
MOST_BYTES: Final = 1_000_000_000
_TIMEOUT_S: Final = 180
_TAIL: Final = 4096


def overpass(web: Web, area: shapely.Geometry, target: Path) -> Source:
    """Get the streets of an area from OpenStreetMap as it stands now.

    For a bydel or a few kommuner. The result is that of `geofabrik` for the same day's map: both
    are cut by `clip_osm`.

    Parameters
    ----------
    web : Web
        Where answers come from.
    area : Polygon or MultiPolygon
        In degrees, from `clip_area`.
    target : Path
        ``.osm.pbf`` to write, for `read_osm`; there whole or not at all.

    Returns
    -------
    Source
        Of the answer.

    Raises
    ------
    InputError
        If the area is too large, osmium is not installed, or no street lies in the area.
    FetchError
        If the server cannot be reached, gave up, or gave something else.
    """
    km2 = _box_km2(area)
    if km2 > MOST_KM2:
        problem = f"the box around the area has {km2:,.0f} km²; Overpass is asked up to"
        remedy = 'Write streets = "geofabrik" in the study.'
        raise_faults([Fault("streets", "overpass", f"{problem} {MOST_KM2:,.0f} km².", remedy)])
    answer = _ask(web, area)
    if _problem(answer):
        answer = _ask(web, area, always=True)  # the server was busy, now or when last asked
    problem = _problem(answer)
    if problem:
        raise FetchError(
            f'Overpass {problem}. Try again later, or write streets = "geofabrik" in the study.'
        )
    clip_osm(answer.path, target, area=area, form="osm")
    return answer.source


def query(area: shapely.Geometry) -> str:
    """Write the question in Overpass's language.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        In degrees; its box is asked for.

    Returns
    -------
    str
        Asks for streets and ferries with all their nodes, ferry lines with their ways, turn
        restrictions of these, and what may be a public office.
    """
    west, south, east, north = shapely.bounds(area).tolist()
    box = f"({south:.6f},{west:.6f},{north:.6f},{east:.6f})"
    offices = "".join(
        f"{kind}{tag}{box};"
        for kind in ("node", "way")
        for tag in ("[office]", "[government]", "[amenity=social_facility]")
    )
    return (
        f"[out:xml][timeout:{_TIMEOUT_S}];"
        f"(way[highway]{box};way[route=ferry]{box};)->.streets;"
        f"relation[route=ferry]{box}->.lines;"
        f"(.streets;way(r.lines);)->.streets;"
        f'relation(bw.streets)[type~"^restriction"]->.rules;'
        f"({offices})->.offices;"
        "(.streets;node(w.streets);.lines;.rules;.offices;node(w.offices);)->.all;"
        ".all out body;"
    )


def _box_km2(area: shapely.Geometry) -> float:
    box = gpd.GeoSeries([shapely.box(*shapely.bounds(area))], crs="EPSG:4326")
    return float(box.to_crs("EPSG:3035").area.iloc[0]) / 1e6


def _ask(web: Web, area: shapely.Geometry, *, always: bool = False) -> Fetched:
    return web.get(
        SERVICE,
        "/interpreter",
        body=query(area).encode(),
        accept="application/osm3s+xml",
        most_bytes=MOST_BYTES,
        name="the streets of the study's area",
        always=always,
    )


def _problem(answer: Fetched) -> str:
    """What is wrong with an answer: a server that gives up half way sends that as if all was well.

    Empty where nothing is wrong.
    """
    with answer.path.open("rb") as file:
        start = file.read(_TAIL)
        file.seek(max(0, answer.path.stat().st_size - _TAIL))
        end = file.read()
    remark = end.partition(b"<remark>")[2].partition(b"</remark>")[0]
    if remark:
        said = " ".join(remark.decode("utf-8", errors="replace").split())[:200]
        return f"gave up half way: “{said}”"
    if b"<osm" not in start or not end.rstrip().endswith(b"</osm>"):
        return "gave no whole OpenStreetMap file"
    return ""
