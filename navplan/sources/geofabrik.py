"""OpenStreetMap's Norway extract, cut to the kommuner of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import shapely

from navplan.nouns.source import Source
from navplan.sources.clipping import clip_osm
from navplan.sources.web import Service, Web

SERVICE: Final = Service(
    id="geofabrik",
    publisher="OpenStreetMap, extract by Geofabrik",
    address="https://download.geofabrik.de",
    licence="ODbL 1.0",
    attribution="© OpenStreetMap contributors",
    quality="approximate",
)
MOST_BYTES: Final = 4_000_000_000
_NORWAY: Final = "/europe/norway-latest.osm.pbf"


def geofabrik(web: Web, area: shapely.Geometry, target: Path) -> Source:
    """Download the streets of Norway and keep those of an area.

    For a few kommuner `overpass` moves far less, where its server has time; this one always does,
    and one download serves every study.

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
        Of the whole extract.

    Raises
    ------
    FetchError
        If Geofabrik cannot be reached.
    InputError
        If osmium is not installed, or no street lies in the area.
    """
    extract = web.download(SERVICE, _NORWAY, most_bytes=MOST_BYTES, name="the streets of Norway")
    clip_osm(extract.path, target, area=area, form="pbf")
    return extract.source
