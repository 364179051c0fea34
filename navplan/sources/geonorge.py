"""Geonorge's download service: map data ordered, waited for, fetched and read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio

from navplan.errors import Fault, FetchError, raise_faults
from navplan.nouns.source import Source
from navplan.sources.layer_checks import NORWAY, position_faults
from navplan.sources.web import Fetched, Service, Web
from navplan.sources.zips import read_members

SERVICE: Final = Service(
    id="geonorge",
    publisher="Kartverket (Geonorge)",
    address="https://nedlasting.geonorge.no/api",
    licence="CC BY 4.0",
    attribution="© Kartverket",
    calls=1,
    window_s=5.0,
)
"""The pace is ours: an order that is being made is asked after every five seconds."""
GRUNNKRETSER: Final = "51d279f8-e2be-4f5e-9f72-1a53f7535ec1"
"""Data set, by the UUID of its metadata."""
MOST_BYTES: Final = 500_000_000

_EPSG: Final = "25833"
_FORM: Final = "GeoJSON"
_TRIES: Final = 24
_AGAIN: Final = "Run fetch with --update."
_READY: Final = "ReadyForDownload"
_BROKEN: Final = frozenset({"error", "failed", "cancelled"})


def order(
    web: Web, dataset: str, area: Mapping[str, str], *, form: str = _FORM, name: str = ""
) -> Fetched:
    """Order a data set for an area and download it.

    Parameters
    ----------
    web : Web
        Where answers come from.
    dataset : str
        UUID of its metadata, for example `GRUNNKRETSER`.
    area : mapping
        ``code``, ``type`` ("kommune", "fylke", "landsdekkende") and ``name``.
    form : str
        Format, as Geonorge calls it.
    name : str
        What is asked for, for the messages.

    Returns
    -------
    Fetched
        The zip file, in EPSG:25833.

    Raises
    ------
    FetchError
        If the order is refused, is not ready in two minutes, or gives no file, or several.
    """
    asked = {
        "email": "",
        "orderLines": [
            {
                "metadataUuid": dataset,
                "areas": [dict(area)],
                "projections": [{"code": _EPSG}],
                "formats": [{"name": form}],
            }
        ],
    }
    name = name or f"data set {dataset} for {area['name']}"
    return web.download(
        SERVICE,
        lambda: _link(web, asked, name),
        most_bytes=MOST_BYTES,
        name=name,
        identity=json.dumps(asked, sort_keys=True),
    )


def _link(web: Web, asked: Mapping[str, Any], name: str) -> str:
    """Place the order, and wait until its file has a link that lives."""
    answer = web.get(SERVICE, "/order", body=asked, name=f"an order of {name}", always=True)
    for _ in range(_TRIES):
        document = answer.json()
        files = document.get("files") if isinstance(document, dict) else None
        if not isinstance(files, list) or not all(isinstance(file, dict) for file in files):
            raise FetchError(_unlike(answer, "a list of files"))
        if len(files) != 1:
            raise FetchError(
                f"Geonorge gave {len(files)} files for {name}; one was ordered. Order it by hand "
                "at https://nedlasting.geonorge.no and name the file in the study."
            )
        link, status = files[0].get("downloadUrl"), str(files[0].get("status", ""))
        if status.casefold() in _BROKEN:
            raise FetchError(f"Geonorge could not make {name} (status {status}). Try tomorrow.")
        if link and status in {"", _READY}:
            return str(link)
        number = document.get("referenceNumber")
        if not isinstance(number, str) or not number.replace("-", "").isalnum():
            raise FetchError(_unlike(answer, "a file with a link"))
        answer = web.get(SERVICE, f"/order/{number}", name=f"the order of {name}", always=True)
    raise FetchError(
        f"Geonorge is still making {name} after two minutes. Run fetch again a little later."
    )


def _unlike(answer: Fetched, expected: str) -> str:
    return (
        f"Geonorge's answer for {answer.source.address} does not hold {expected}. The service may "
        "have changed: order the data by hand at https://nedlasting.geonorge.no, and report this."
    )


def grunnkretser(
    web: Web, kommuner: Mapping[str, str]
) -> tuple[gpd.GeoDataFrame, tuple[Source, ...]]:
    """Get the grunnkretser (basic statistical units) of kommuner.

    Parameters
    ----------
    web : Web
        Where answers come from.
    kommuner : mapping of str to str
        Kommune number → name.

    Returns
    -------
    GeoDataFrame
        Columns ``grunnkretsnummer`` (8 digits), ``grunnkretsnavn`` and the polygon, EPSG:25833.
    tuple of Source
        One row a kommune.

    Raises
    ------
    FetchError
        If Geonorge cannot be reached or does not give what was ordered.
    InputError
        If the archive cannot be read or does not hold grunnkretser of the kommune.
    """
    frames, sources = [], []
    for number, title in kommuner.items():
        area = {"code": number, "type": "kommune", "name": title}
        fetched = order(web, GRUNNKRETSER, area, name=f"the grunnkretser of {title} ({number})")
        frame = read_zipped_layer(
            fetched.path,
            columns=("grunnkretsnummer", "grunnkretsnavn"),
            where=f"grunnkretser of {number}",
        )
        others = frame[~frame["grunnkretsnummer"].str.startswith(number)]
        if len(others) or frame.empty:
            problem = f"{len(others)} grunnkretser are of other kommuner."
            problem = problem if len(frame) else "holds none."
            raise_faults([Fault(f"grunnkretser of {number}", "", problem, _AGAIN)])
        frames.append(frame)
        sources.append(fetched.source)
    return pd.concat(frames, ignore_index=True), tuple(sources)


def read_zipped_layer(path: Path, *, columns: Sequence[str], where: str = "") -> gpd.GeoDataFrame:
    """Read the GeoJSON layer with certain columns out of a zip from Geonorge.

    Parameters
    ----------
    path : Path
        Zip file; nothing of it is unpacked to disk.
    columns : sequence of str
        Text columns the layer has, which tell it from others in the archive.
    where : str
        What the archive is called in faults.

    Returns
    -------
    GeoDataFrame
        The columns and the geometry, EPSG:25833.

    Raises
    ------
    InputError
        If the archive is unsafe or damaged, no layer has the columns, its coordinate system is
        missing, or anything lies outside Norway.
    """
    where = where or path.name
    kept = []
    for name, content in read_members(path, suffixes=(".geojson", ".json"), where=where).items():
        # GDAL goes by content, and some of its formats point to other files (VRT)
        if not content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            raise_faults([Fault(where, name, "is no GeoJSON, whatever its name says.", _AGAIN)])
        try:
            frame = pyogrio.read_dataframe(content)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            problem = f"cannot be read as GeoJSON ({error})."
            raise_faults([Fault(where, name, problem, _AGAIN)])
        if set(columns) <= set(frame.columns) and isinstance(frame, gpd.GeoDataFrame):
            kept.append(frame[[*columns, "geometry"]])
    if not kept:
        problem = f"no layer in it has the columns {', '.join(columns)}."
        raise_faults([Fault(where, "", problem, "The data set may have changed: report this.")])
    frame = pd.concat(kept, ignore_index=True)
    if frame.crs is None:
        raise_faults([Fault(where, "crs", "no coordinate system is given.", _AGAIN)])
    raise_faults(position_faults(frame, within=NORWAY, where=where))
    frame = frame.to_crs(f"EPSG:{_EPSG}")
    for column in columns:
        frame[column] = frame[column].astype(str).str.strip()
    return frame
