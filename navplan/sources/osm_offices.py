"""NAV offices that stand in OpenStreetMap, for planners who have no table of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from navplan.errors import raise_faults
from navplan.nouns.spreadsheets import on_one_line
from navplan.sources.osm_files import file_faults, unreadable

NEAR_M: Final = 150.0
"""Of two objects with one name this close, the map means one office [m]."""
_NAV: Final = re.compile(r"nav\b(?!-?(senteret|igasjon))", re.IGNORECASE)
_NAMES: Final = ("name", "official_name", "short_name", "alt_name", "operator", "brand")
_TAGGINGS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("office", frozenset({"government"})),
    ("government", frozenset()),
    ("amenity", frozenset({"social_facility"})),
)
"""Key → values that count; none means any."""


def offices_in(path: Path, *, crs: str = "EPSG:25833") -> gpd.GeoDataFrame:
    """List what an OpenStreetMap file tags as an office of NAV.

    A stand-in for an office table: volunteers keep it, closed offices stay and open ones are
    missing. Show it to someone who knows before a number is built on it. Mark it approximate.

    Parameters
    ----------
    path : Path
        ``.osm.pbf`` or ``.osm``, for example one that `clip_osm` wrote.
    crs : str
        Projected system of the result [m].

    Returns
    -------
    GeoDataFrame
        Indexed by ``osm`` ("node/1", "way/2"), sorted by name; columns ``name``, ``tagging`` (the
        tag that told), ``street``, ``number``, ``postcode``, ``place``, ``quality`` and the point:
        the node, or the middle of the building. Empty where there is none.

    Raises
    ------
    InputError
        If the file cannot be read or osmium is not installed.

    Notes
    -----
    Taken are nodes and ways named NAV or Nav … (also by operator or brand) with
    ``office=government``, ``government=*`` or ``amenity=social_facility``.
    """
    raise_faults(file_faults(path))
    import osmium  # noqa: PLC0415  an extra, and there by now

    keys = osmium.filter.KeyFilter(*(key for key, _ in _TAGGINGS))
    rows: list[dict[str, Any]] = []
    try:
        reader: Any = osmium.FileProcessor(str(path)).with_locations().with_filter(keys)
        for thing in reader:
            tagging = "" if thing.is_relation() else _tagging(thing.tags)
            if tagging and (place := _place(thing)) is not None:
                rows.append(_row(thing, tagging, place))
    except (RuntimeError, UnicodeDecodeError) as error:
        raise_faults([unreadable(path.name, error, "Give a whole .osm.pbf or .osm file.")])
    columns = ["osm", "name", "tagging", "street", "number", "postcode", "place", "lon", "lat"]
    frame = pd.DataFrame(rows, columns=columns).sort_values(["name", "osm"]).set_index("osm")
    points = gpd.points_from_xy(frame["lon"], frame["lat"], crs="EPSG:4326")
    offices = gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points).to_crs(crs)
    return _once(offices.assign(quality="approximate"))


def _tagging(tags: Any) -> str:
    """The tag that makes something an office of NAV; empty where it is none."""
    if not any(_NAV.match(tags.get(key, "").strip()) for key in _NAMES):
        return ""
    for key, values in _TAGGINGS:
        value = tags.get(key, "")
        if value and (value in values or not values):
            return f"{key}={value}"
    return ""


def _place(thing: Any) -> tuple[float, float] | None:
    if thing.is_node():
        return (thing.lon, thing.lat) if thing.location.valid() else None
    corners = {(node.lon, node.lat) for node in thing.nodes if node.location.valid()}
    if not corners:
        return None
    lon, lat = np.mean(sorted(corners), axis=0).tolist()
    return lon, lat


def _row(thing: Any, tagging: str, place: tuple[float, float]) -> dict[str, Any]:
    tags = {key: on_one_line(value) for key, value in dict(thing.tags).items()}
    return {
        "osm": f"{'node' if thing.is_node() else 'way'}/{thing.id}",
        "name": tags.get("name", "NAV"),
        "tagging": tagging,
        "street": tags.get("addr:street", ""),
        "number": tags.get("addr:housenumber", ""),
        "postcode": tags.get("addr:postcode", ""),
        "place": tags.get("addr:city", ""),
        "lon": place[0],
        "lat": place[1],
    }


def _once(offices: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep one of several objects for one office: nodes, which come first, stand at the door."""
    kept: list[int] = []
    for row in range(len(offices)):
        same = [
            other
            for other in kept
            if offices["name"].iloc[other].casefold() == offices["name"].iloc[row].casefold()
            and offices.geometry.iloc[other].distance(offices.geometry.iloc[row]) <= NEAR_M
        ]
        if not same:
            kept.append(row)
    return offices.iloc[kept]
