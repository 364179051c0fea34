"""Offices of today with their positions, and possible sites where many people live."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from navplan.errors import Fault, raise_faults
from navplan.nouns.source import Source
from navplan.sources import klass
from navplan.sources.addresses import geocode
from navplan.sources.office_tables import OfficeTable, read_offices
from navplan.sources.osm import read_osm
from navplan.sources.osm_offices import offices_in
from navplan.study.fetching.ground import Ground
from navplan.study.fetching.parts import OSM
from navplan.study.fetching.record import Made, read_ledger, read_record
from navplan.study.fetching.squares import size_said
from navplan.study.fetching.tables import write_table
from navplan.study.networks import street_points
from navplan.study.positions import FAR_JOIN_M
from navplan.study.schema_fetch import Fetch

_COLUMNS: Final = (
    *("id", "name", "kind", "area", "address", "x", "y", "step_free"),
    *("source", "date", "quality"),
)
_FIRST_DAY: Final = "1994-01-01"
_KM: Final = 1000.0
_NO_HOURS: Final = (
    '{file}: opening hours are not taken; add hours = "hours.csv" under [offices] to have them.'
)
_FAR: Final = (
    "Squares whose centre lies more than {km} km from any street, left out as possible sites: "
    "{count}."
)
_FEWER: Final = (
    "Possible sites found: {found} of {asked}. No other square lies at least {km} km from the "
    "offices and from each other; possible_apart_km under [fetch] says how far."
)
_LETTERS: Final = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "đ": "d", "ŧ": "t", "ŋ": "n"})


class _Offices(NamedTuple):
    """Offices with columns of the table but for area, x and y; where from; what to know."""

    rows: gpd.GeoDataFrame
    sources: tuple[Source, ...]
    notices: tuple[str, ...]


def fetch_offices(ground: Ground, folder: Path) -> Made:
    """Write the offices table.

    Parameters
    ----------
    ground : Ground
        Areas and squares.
    folder : Path
        Where the file goes.

    Returns
    -------
    Made
        Offices outside every area are left out, and named in a notice; so are squares far from
        every street, counted, where the study's streets are there to tell.

    Raises
    ------
    InputError
        With the faults of the planner's table and the addresses that are not found; or if no
        office is found in any area.
    FetchError
        Of the services.
    """
    found = _existing(ground)
    sources, notices = found.sources, found.notices
    offices, outside = _in_areas(found.rows, ground)
    if offices.empty:
        asked = " or ".join(ground.fetch.offices)
        problem = f"no office in any of the areas was found in {asked}."
        remedy = "Write the offices' addresses into your table; see docs/sources.md."
        raise_faults([Fault(ground.file.offices.file, "", problem, remedy)])
    if outside:
        notices = (*notices, f"Offices outside the areas, left out: {', '.join(outside)}.")
    parts = [_table(offices)]
    if ground.fetch.possible and ground.fetch.places:
        near, said = _near_streets(ground)
        possible = _possible(ground, near, offices)
        parts.append(possible)
        sources = (*sources, *ground.cells.sources)
        notices = (*notices, *said, *_too_few(len(possible), ground.fetch))
    write_table(pd.concat(parts, ignore_index=True), folder / ground.file.offices.file)
    return Made((*sources, *ground.areas.sources), (*ground.areas.notices, *notices))


def _existing(ground: Ground) -> _Offices:
    """The offices of the first of the named places that has any."""
    found = _none(ground)
    for named in ground.fetch.offices:
        found = _of_osm(ground) if named == OSM else _of_table(ground, ground.folder / named)
        if len(found.rows):
            break
    return found


def _none(ground: Ground) -> _Offices:
    return _Offices(gpd.GeoDataFrame({"name": []}, geometry=[], crs=ground.file.crs), (), ())


def _of_osm(ground: Ground) -> _Offices:
    assert ground.file.streets.osm is not None
    found = offices_in(ground.folder / ground.file.streets.osm, crs=ground.file.crs)
    parts = zip(found["street"], found["number"], found["postcode"], found["place"], strict=True)
    address = [" ".join(filter(None, texts)) for texts in parts]
    rows = found.assign(
        id=_ids(found["name"]),
        address=address,
        step_free="unknown",
        source="© OpenStreetMap contributors, " + found.index.to_series(),
        date=ground.fetch.at.isoformat(),
    )
    known = {source.id: source for source in read_ledger(ground.folder)}
    streets = read_record(ground.folder).get("streets")
    sources = tuple(known[i] for i in (streets.sources if streets else ()) if i in known)
    notice = (
        "Offices were taken from OpenStreetMap, where some may be missing and others closed: look "
        "through the offices table, or give your own addresses."
    )
    return _Offices(rows, sources, (notice,) if len(rows) else ())


def _in_areas(rows: gpd.GeoDataFrame, ground: Ground) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The offices that lie in an area, and the names of those that do not."""
    areas = ground.areas.frame[["area", "geometry"]]
    joined = rows.drop(columns="area", errors="ignore").sjoin(areas, predicate="within", how="left")
    joined = joined[~joined.index.duplicated()]  # on a border: the first area
    outside = joined["area"].isna()
    return joined[~outside], joined.loc[outside, "name"].tolist()


def _table(offices: gpd.GeoDataFrame) -> pd.DataFrame:
    placed = offices.assign(
        kind=offices.get("kind", "office"),
        x=offices.geometry.x.round(1),
        y=offices.geometry.y.round(1),
    )
    return pd.DataFrame(placed[list(_COLUMNS)]).sort_values("id")


def _near_streets(ground: Ground) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """The squares whose centre people can reach, as far as streets are there to tell."""
    cells, osm = ground.cells.frame, ground.file.streets.osm
    if osm is None or not (ground.folder / osm).is_file():
        return cells, ()
    streets = street_points(read_osm(ground.folder / osm, crs=ground.file.crs))
    centres = shapely.get_coordinates(cells.geometry.to_numpy())
    away_m, _ = cKDTree(streets[["x", "y"]].to_numpy(dtype=float)).query(centres)
    near = np.asarray(away_m <= FAR_JOIN_M)
    if near.all():
        return cells, ()
    said = _FAR.format(count=f"{np.count_nonzero(~near):,}", km=f"{FAR_JOIN_M / _KM:g}")
    return cells[near], (said,)


def _too_few(found: int, fetch: Fetch) -> tuple[str, ...]:
    if found == fetch.possible:
        return ()
    return (_FEWER.format(found=found, asked=fetch.possible, km=f"{fetch.possible_apart_km:g}"),)


def _possible(ground: Ground, squares: gpd.GeoDataFrame, offices: gpd.GeoDataFrame) -> pd.DataFrame:
    """The most populated squares, apart from each other and from the offices."""
    cells = squares.sort_values("people", ascending=False, kind="stable")
    at = shapely.get_coordinates(cells.geometry.to_numpy())
    taken = shapely.get_coordinates(offices.geometry.to_numpy())
    apart_m, chosen = ground.fetch.possible_apart_km * _KM, list[int]()
    for row in range(len(cells)):
        if len(chosen) == ground.fetch.possible:
            break
        if np.hypot(*(taken - at[row]).T).min() >= apart_m:
            chosen.append(row)
            taken = np.vstack([taken, at[row]])
    names = dict(zip(ground.areas.frame["code"], ground.areas.frame["area"], strict=True))
    best = cells.iloc[chosen]
    area = best["area"].map(names)
    number = [str(n) for n in range(1, len(best) + 1)]
    return pd.DataFrame(
        {
            "id": [f"possible-{n}" for n in number],
            "name": [f"{name} {n}" for name, n in zip(area, number, strict=True)],
            "kind": "possible",
            "area": area.to_numpy(),
            "address": "",
            "x": best.geometry.x.round(1).to_numpy(),
            "y": best.geometry.y.round(1).to_numpy(),
            "step_free": "unknown",
            "source": [f"SSB, befolkning på rutenett {size_said(m)}" for m in best["side_m"]],
            "date": best["year"].to_numpy(),
            "quality": "assumption",
        }
    )[list(_COLUMNS)]


def _ids(names: pd.Series) -> list[str]:
    """Short names of small letters, numbered where two would be the same."""
    ids: list[str] = []
    for name in names:
        plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
        stem = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
        stem = stem or "office"
        number = 1 + sum(
            one == stem or re.fullmatch(rf"{stem}-\d+", one) is not None for one in ids
        )
        ids.append(stem if number == 1 else f"{stem}-{number}")
    return ids


def _of_table(ground: Ground, path: Path) -> _Offices:
    """The offices of the planner's table, those without a position found by their address."""
    if not is_filled_in(path):
        return _none(ground)
    read, sources = office_table(ground, path)
    rows = read.table.assign(quality="approximate", source=path.name)
    if len(read.unplaced):
        placed, found = geocode(ground.web, read.unplaced, crs=ground.file.crs, where=path.name)
        sources = (*sources, *found)
        said = placed["found"] + " (" + placed["match"] + ")"
        rows.loc[placed.index, "quality"] = placed["quality"]
        rows.loc[placed.index, "source"] = f"{path.name}; Kartverket: " + said
        rows.loc[placed.index, "geometry"] = placed.geometry
    door = (rows["street"] + " " + rows["number"] + rows["letter"]).str.strip()
    whole = (door + ", " + rows["postcode"] + " " + rows["place"]).str.strip(" ,")
    rows = rows.assign(
        id=rows.index,
        address=rows["address"].where(rows["address"] != "", whole),
        kind=rows["kind"].where(rows["kind"] != "", "office"),
        step_free=rows["step_free"].where(rows["step_free"] != "", "unknown"),
        date=ground.fetch.at.isoformat(),
    )
    notices = read.notices
    if len(read.hours) and ground.file.offices.hours is None:
        notices = (*notices, _NO_HOURS.format(file=path.name))
    return _Offices(rows.reset_index(drop=True), sources, notices)


def is_filled_in(path: Path) -> bool:
    """Tell whether a table is there and has more than its headings, as `navplan new` makes it.

    Parameters
    ----------
    path : Path
        Table of the planner's own.

    Returns
    -------
    bool
    """
    if path.suffix.lower() != ".csv":
        return path.is_file()
    lines = path.read_bytes().splitlines() if path.is_file() else []
    return len([line for line in lines if line.strip(b" ,;")]) > 1


def office_table(ground: Ground, path: Path) -> tuple[OfficeTable, tuple[Source, ...]]:
    """Read the planner's table, old kommune numbers changed into those of the study's day.

    Parameters
    ----------
    ground : Ground
        The study's day and coordinate system.
    path : Path
        The table.

    Returns
    -------
    OfficeTable
    tuple of Source
        Where the changes of numbers come from.

    Raises
    ------
    InputError
        With every fault of the table, by row.
    FetchError
        If the register cannot be asked.
    """
    renumbered, sources = _renumbered(ground)
    return read_offices(path, crs=ground.file.crs, renumbered=renumbered), sources


def _renumbered(ground: Ground) -> tuple[dict[str, tuple[str, ...]], tuple[Source, ...]]:
    """Kommune numbers out of use → those of the study's day."""
    day = ground.fetch.at.isoformat()
    changed = klass.changes(ground.web, klass.KOMMUNE, _FIRST_DAY, day)
    old = [code for code in changed.frame["oldCode"].unique() if code not in ground.names]
    new = {code: klass.became(code, changed.frame) for code in old if code}
    return {code: now for code, now in new.items() if now and now != (code,)}, changed.sources
