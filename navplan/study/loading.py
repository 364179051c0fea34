"""A study's folder → checked nouns, or one error with every fault."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa

from navplan import tables as schemas
from navplan.errors import Fault, InputError, raise_faults
from navplan.network import read_gtfs, streets_from_links
from navplan.nouns import Offices, Population, Streets, Timetable, Zones
from navplan.sources import read_table
from navplan.study import checks
from navplan.study.schema import ProfileEntry, StudyFile, read_study_file
from navplan.units import seconds_of_day


@dataclass(frozen=True)
class Inputs:
    """Everything a study loads, checked.

    Parameters
    ----------
    zones : Zones
    offices : Offices
    streets : Streets
    neighbours : tuple of (str, str)
        Pairs of areas that share a border people can cross.
    populations : mapping of str to Population
        By outlook name.
    timetables : mapping of str to Timetable
        By profile name, for the transit profiles.
    tables : mapping of str to DataFrame
        The tables as read, with their source columns.
    digests : mapping of str to str
        sha256 of every file, by name.
    notices : tuple of str
        What a reader of the numbers must know.
    """

    zones: Zones
    offices: Offices
    streets: Streets
    neighbours: tuple[tuple[str, str], ...]
    populations: Mapping[str, Population]
    timetables: Mapping[str, Timetable]
    tables: Mapping[str, pd.DataFrame]
    digests: Mapping[str, str]
    notices: tuple[str, ...]


def load(folder: Path, settings: Sequence[str] = ()) -> tuple[StudyFile, Inputs]:
    """Read a study file and all it names.

    Parameters
    ----------
    folder : Path
        Holds ``study.toml`` and its tables.
    settings : sequence of str
        Changes on top of the study file, as `read_study_file` takes them.

    Returns
    -------
    StudyFile
        The study file.
    Inputs
        The nouns made of its tables.

    Raises
    ------
    InputError
        With the faults of the study file, or else of all tables and names together.
    """
    file = read_study_file(folder / "study.toml", settings)
    faults = checks.check_crs(file.crs, "study.toml")
    raise_faults(faults)
    tables, faults = _read_tables(folder, file)
    faults += checks.check_names(file, tables, "study.toml")
    faults += _cross_check(file, tables)
    timetables, timetable_faults = _timetables(folder, file)
    raise_faults(faults + timetable_faults)
    files = {"study.toml": folder / "study.toml"}
    files |= {name: folder / name for name in _file_names(file).values()}
    if file.timetable is not None:
        files[file.timetable.gtfs] = folder / file.timetable.gtfs
    zones = _zones(tables["places"], file.crs)
    # Stops are nodes of the street network whether or not a line calls there on the day.
    points = pd.concat([tables[name][["id", "x", "y"]] for name in ("nodes", "places", "offices")])
    inputs = Inputs(
        zones=zones,
        offices=_offices(tables["offices"], tables.get("hours"), file.crs),
        streets=streets_from_links(points, tables["links"], crs=file.crs),
        neighbours=tuple(
            zip(tables["neighbours"]["area"], tables["neighbours"]["neighbour"], strict=True)
        ),
        populations=MappingProxyType(_populations(file, tables["people"], zones)),
        timetables=MappingProxyType(timetables),
        tables=MappingProxyType(tables),
        digests=MappingProxyType({name: _digest(path) for name, path in sorted(files.items())}),
        notices=_notices(file, tables, timetables),
    )
    return file, inputs


def _file_names(file: StudyFile) -> dict[str, str]:
    names = {
        "places": file.zones.file,
        "people": file.people.file,
        "nodes": file.streets.nodes,
        "links": file.streets.links,
        "offices": file.offices.file,
        "neighbours": file.neighbours.file,
    }
    return names if file.offices.hours is None else {**names, "hours": file.offices.hours}


def _inside(folder: Path, name: str) -> list[Fault]:
    if not (folder / name).resolve().is_relative_to(folder.resolve()):
        problem = f"{name!r} lies outside the study's folder."
        return [Fault("study.toml", name, problem, "Put the file in the folder.")]
    return []


def _read_tables(folder: Path, file: StudyFile) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    by_name: dict[str, pa.DataFrameSchema] = {str(s.name): s for s in schemas.INPUT_SCHEMAS}
    tables: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    for name, path in _file_names(file).items():
        found = _inside(folder, path)
        if not found:
            table, found = read_table(folder / path, by_name[name])
            if not found and table.empty:
                found = [Fault(path, "", "has no rows.", "Fill in the table.")]
            if not found:
                tables[name] = table
        faults += found
    return tables, faults


def _cross_check(file: StudyFile, tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    faults: list[Fault] = []
    for name, path in _file_names(file).items():
        if name in {"places", "nodes", "offices"} and name in tables:
            faults += checks.check_positions(tables[name], file.crs, path)
    if faults:  # lengths and distances would only repeat them
        return faults
    names = _file_names(file)
    places, offices = tables.get("places"), tables.get("offices")
    if places is not None and "people" in tables:
        faults += checks.check_people(tables["people"], places, names["people"])
    if places is not None and "neighbours" in tables:
        areas = places["area"].unique()
        faults += checks.check_references(
            tables["neighbours"], ["area", "neighbour"], areas, "area of the places table",
            names["neighbours"],
        )  # fmt: skip
    if places is not None and offices is not None:
        faults += checks.check_references(
            offices, ["area"], places["area"].unique(), "area of the places table", names["offices"]
        )
        both = sorted(set(places["id"]) & set(offices["id"]))
        faults += [
            Fault(names["offices"], i, "is also the id of a place.", "Give it another id.")
            for i in both
        ]
        if "nodes" in tables:
            streets = pd.concat([tables["nodes"], places])
            faults += checks.check_sites_lie_near(offices, places, streets, names["offices"])
    if offices is not None and "hours" in tables:
        faults += checks.check_hours(tables["hours"], offices, names["hours"])
    if {"places", "offices", "nodes", "links"} <= set(tables):
        points = pd.concat([tables[n][["id", "x", "y"]] for n in ("nodes", "places", "offices")])
        points = points.drop_duplicates("id").set_index("id")
        links = tables["links"]
        known = links["from"].isin(points.index) & links["to"].isin(points.index)
        # Rows keep their numbers, so that a fault names the row of the file.
        found = checks.check_link_lengths(links.where(known), points, names["links"])
        faults += found
    return faults


def _timetables(folder: Path, file: StudyFile) -> tuple[dict[str, Timetable], list[Fault]]:
    profiles = [p for p in file.profile if p.mode == "transit"]
    if not profiles:
        return {}, []
    if file.timetable is None:
        problem = f"profile {profiles[0].name!r} travels by transit, but there is no timetable."
        return {}, [Fault("study.toml", "timetable", problem, "Add [timetable] gtfs = …")]
    faults = _inside(folder, file.timetable.gtfs)
    timetables: dict[str, Timetable] = {}
    if not faults:
        by_date: dict[object, Timetable] = {}
        for profile in profiles:
            try:
                timetables[profile.name] = _timetable(folder, file, profile, by_date)
            except InputError as error:
                faults += error.faults
    return timetables, faults


def _timetable(
    folder: Path, file: StudyFile, profile: ProfileEntry, by_date: dict[object, Timetable]
) -> Timetable:
    assert file.timetable is not None
    if profile.date not in by_date:
        path = folder / file.timetable.gtfs
        by_date[profile.date] = read_gtfs(path, profile.date, crs=file.crs)
    return by_date[profile.date]


def _points(frame: pd.DataFrame, crs: str) -> gpd.GeoDataFrame:
    table = frame.set_index("id")
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["x"], table["y"]), crs=crs)


def _zones(places: pd.DataFrame, crs: str) -> Zones:
    return Zones(_points(places, crs)[["name", "area", "kommune", "geometry"]])


def _offices(offices: pd.DataFrame, hours: pd.DataFrame | None, crs: str) -> Offices:
    if "address" not in offices.columns:
        offices = offices.assign(address="")
    columns = ["name", "kind", "area", "address", "step_free", "quality", "geometry"]
    if hours is None:
        hours = pd.DataFrame(columns=["office", "weekday", "opens", "closes"])
    seconds = hours.assign(
        opens=[seconds_of_day(t) for t in hours["opens"]],
        closes=[seconds_of_day(t) for t in hours["closes"]],
    )
    return Offices(_points(offices, crs)[columns], seconds)


def _populations(file: StudyFile, people: pd.DataFrame, zones: Zones) -> dict[str, Population]:
    populations = {}
    ages = list(people["age"].unique())
    for outlook in file.outlook:
        same = (people["year"] == outlook.year) & (people["alternative"] == outlook.alternative)
        wide = people[same].pivot(index="place", columns="age", values="people")
        wide = wide.reindex(index=zones.table.index, columns=ages)
        populations[outlook.name] = Population(wide, outlook.name)
    return populations


def _notices(
    file: StudyFile, tables: Mapping[str, pd.DataFrame], timetables: Mapping[str, Timetable]
) -> tuple[str, ...]:
    links, places = tables["links"], tables["places"]
    linked = set(links["from"]) | set(links["to"])
    notices = [
        f"{name} ({i}) has no link: its residents have no travel time in any mode."
        for i, name in zip(places["id"], places["name"], strict=True)
        if i not in linked
    ]
    if "hours" in tables:
        transit = [p for p in file.profile if p.mode == "transit"]
        notices += checks.notes_on_window(transit, tables["hours"], tables["offices"])
    notices += [note for table in timetables.values() for note in table.notices]
    return tuple(dict.fromkeys(notices))


def _digest(path: Path) -> str:
    if path.is_dir():
        parts = "".join(_digest(part) for part in sorted(path.iterdir()) if part.is_file())
        return hashlib.sha256(parts.encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest()
