"""A study's folder → checked nouns, or one error with every fault."""

from __future__ import annotations

import datetime as dt
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
from navplan.network import read_gtfs, without_served_ferries
from navplan.nouns import Offices, Population, Streets, Timetable, Zones
from navplan.nouns.source import Source
from navplan.population import check_people, population_from_table
from navplan.scenario import Scenario
from navplan.sources import read_table
from navplan.study import checks, networks, positions
from navplan.study.fetching.parts import BORDERS, fetch_faults, files_by_part
from navplan.study.fetching.record import own_files, read_fetched, read_record, sha256
from navplan.study.reading import read_study_file
from navplan.study.scenarios import notes_on_existing, resolve_scenarios
from navplan.study.schema import ProfileEntry, ScenarioEntry, StudyFile
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
    scenarios : mapping of str to Scenario
        By name, those that need no travel times.
    waiting : mapping of str to ScenarioEntry
        By name, those that stand for the answer to a question.
    tables : mapping of str to DataFrame
        The tables as read, with their source columns.
    digests : mapping of str to str
        sha256 of every file, by name.
    sources : tuple of Source
        Where fetched files came from; empty where nothing was fetched.
    notices : tuple of str
        What a reader of the numbers must know.
    """

    zones: Zones
    offices: Offices
    streets: Streets
    neighbours: tuple[tuple[str, str], ...]
    populations: Mapping[str, Population]
    timetables: Mapping[str, Timetable]
    scenarios: Mapping[str, Scenario]
    waiting: Mapping[str, ScenarioEntry]
    tables: Mapping[str, pd.DataFrame]
    digests: Mapping[str, str]
    sources: tuple[Source, ...]
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
        With the faults of the study file, or else of all tables, names and scenarios together.
    """
    file = read_study_file(folder / "study.toml", settings)
    raise_faults(positions.check_crs(file.crs, "study.toml") + networks.street_faults(file.streets))
    raise_faults(fetch_faults(file))
    raise_faults(_not_fetched(folder, file))
    tables, faults = _read_tables(folder, file)
    faults += checks.check_names(file, tables, "study.toml")
    extract, found = _extract(folder, file)
    faults += found
    points = tables.get("nodes") if extract is None else networks.street_points(extract)
    found, streets = _cross_check(file, tables, extract, points)
    faults += found
    timetables, timetable_faults = _timetables(folder, file)
    faults += timetable_faults
    if timetables and file.timetable is not None and points is not None:
        stops = next(iter(timetables.values())).stops
        faults += positions.check_stops(stops, points, file.timetable.gtfs)
    scenarios, waiting, scenario_faults = _scenarios(file, tables)
    raise_faults(faults + scenario_faults)
    assert streets is not None
    named = ["study.toml", *_table_names(file).values(), *_other_names(file)]
    zones = _zones(tables["places"], file.crs)
    offices = _offices(tables["offices"], tables.get("hours"), file.crs)
    populations = {
        outlook.name: population_from_table(
            tables["people"],
            name=outlook.name,
            year=outlook.year,
            alternative=outlook.alternative,
            places=zones.table.index,
        )
        for outlook in file.outlook
    }
    sources, fetched = (
        read_fetched(folder, files_by_part(file)) if file.fetch is not None else ((), ())
    )
    inputs = Inputs(
        zones=zones,
        offices=offices,
        streets=streets,
        neighbours=_neighbours(tables.get("neighbours")),
        populations=MappingProxyType(populations),
        timetables=MappingProxyType(timetables),
        scenarios=MappingProxyType(scenarios),
        waiting=MappingProxyType(waiting),
        tables=MappingProxyType(tables),
        digests=MappingProxyType({name: _digest(folder / name) for name in sorted(set(named))}),
        sources=sources,
        notices=tuple(
            dict.fromkeys(
                (
                    *fetched,
                    *_notices(
                        file, tables, timetables, zones=zones, offices=offices, streets=streets
                    ),
                    *notes_on_existing(file.scenario, scenarios, offices.table["area"]),
                )
            )
        ),
    )
    return file, inputs


def _table_names(file: StudyFile) -> dict[str, str]:
    names = {
        "places": file.zones.file,
        "people": file.people.file,
        "nodes": file.streets.nodes,
        "links": file.streets.links,
        "offices": file.offices.file,
        "neighbours": None if file.neighbours is None else file.neighbours.file,
        "hours": file.offices.hours,
    }
    return {table: name for table, name in names.items() if name is not None}


def _other_names(file: StudyFile) -> list[str]:
    gtfs = None if file.timetable is None else file.timetable.gtfs
    named = (gtfs, file.streets.osm, file.streets.heights)
    return [name for name in named if name is not None]


def _not_fetched(folder: Path, file: StudyFile) -> list[Fault]:
    """One fault for all that a fetch would write and that is not there, instead of one each."""
    faults, missing, done = [], [], read_record(folder)
    for part, names in files_by_part(file).items():
        # borders are for maps of the planner's own; nothing is computed from them
        gone = [name for name in names if name != BORDERS and not (folder / name).exists()]
        own = own_files(folder, names, done.get(part)) if gone else []
        if own:
            problem = f"is not there, and fetch will not write it: {', '.join(own)} is your own."
            remedy = f"Make it too, or move {', '.join(own)} away and run: navplan fetch {folder}"
            faults.append(Fault(", ".join(gone), "", problem, remedy))
        else:
            missing += gone
    if missing:
        problem = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not there yet."
        faults.append(Fault("study.toml", "fetch", problem, f"Run: navplan fetch {folder}"))
    return faults


def _extract(folder: Path, file: StudyFile) -> tuple[Streets | None, list[Fault]]:
    named = [name for name in (file.streets.osm, file.streets.heights) if name is not None]
    faults = [fault for name in named for fault in _inside(folder, name)]
    return (None, faults) if faults else networks.read_extract(folder, file.streets, file.crs)


def _neighbours(table: pd.DataFrame | None) -> tuple[tuple[str, str], ...]:
    if table is None:
        return ()
    return tuple(zip(table["area"], table["neighbour"], strict=True))


def _inside(folder: Path, name: str) -> list[Fault]:
    try:
        inside = (folder / name).resolve().is_relative_to(folder.resolve())
        (folder / name).exists()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a NUL byte, a circle of links
        problem = f"{name[:80]!r} cannot be a file ({error})."
        return [Fault("study.toml", name[:80], problem, "Correct the file's name.")]
    if not inside:
        problem = f"{name!r} lies outside the study's folder."
        return [Fault("study.toml", name, problem, "Put the file in the folder.")]
    return []


def _read_tables(folder: Path, file: StudyFile) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    by_name: dict[str, pa.DataFrameSchema] = {str(s.name): s for s in schemas.INPUT_SCHEMAS}
    tables: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    for name, path in _table_names(file).items():
        found = _inside(folder, path)
        if not found:
            table, found = read_table(folder / path, by_name[name])
            if not found and table.empty and name != "neighbours":  # islands have none
                found = [Fault(path, "", "has no rows.", "Fill in the table.")]
            if not found:
                tables[name] = table
        faults += found
    return tables, faults


def _cross_check(
    file: StudyFile,
    tables: Mapping[str, pd.DataFrame],
    extract: Streets | None,
    points: pd.DataFrame | None,
) -> tuple[list[Fault], Streets | None]:
    """Check the tables against each other, as far as each is sound; the streets come of it."""
    names = _table_names(file)
    faults = _check_references(tables, names)
    found = networks.check_positions(tables, names, file.crs)
    if found or points is None or not {"places", "offices"} <= set(tables):
        return faults + found, None  # distances would only repeat them
    faults += networks.check_sites(tables, names, points)
    if extract is not None or "links" not in tables:
        return faults, extract
    found, streets = networks.streets_of_tables(tables, names, file.crs)
    return faults + found, streets


def _check_references(tables: Mapping[str, pd.DataFrame], names: Mapping[str, str]) -> list[Fault]:
    places, offices, people = (tables.get(name) for name in ("places", "offices", "people"))
    faults: list[Fault] = []
    if people is not None:
        faults += checks.check_ages(people, names["people"])
    if places is not None:
        faults += checks.check_ids(places, names["places"])
        faults += checks.check_kommuner(places, names["places"])
        areas = places["area"].unique()
        if people is not None:
            faults += check_people(people, places=places["id"], where=names["people"])
        referring = [("neighbours", ["area", "neighbour"]), ("offices", ["area"])]
        for name, columns in referring:
            if name in tables:
                faults += checks.check_references(
                    tables[name], columns, areas, "area of the places table", names[name]
                )
    if offices is not None:
        faults += checks.check_ids(offices, names["offices"])
        if "hours" in tables:
            faults += checks.check_hours(tables["hours"], offices, names["hours"])
    if places is not None and offices is not None:
        faults += [
            Fault(names["offices"], i, "is also the id of a place.", "Give it another id.")
            for i in sorted(set(places["id"]) & set(offices["id"]))
        ]
    return faults


def _scenarios(
    file: StudyFile, tables: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, Scenario], dict[str, ScenarioEntry], list[Fault]]:
    if not {"places", "offices"} <= set(tables):
        return {}, {}, []
    offices = tables["offices"]
    try:
        scenarios, waiting = resolve_scenarios(
            file.scenario,
            areas=sorted(tables["places"]["area"].unique()),
            office_area=dict(zip(offices["id"], offices["area"], strict=True)),
            existing=offices.loc[offices["kind"] == "office", "id"].tolist(),
        )
    except InputError as error:
        return {}, {}, list(error.faults)
    if file.base not in waiting:
        return scenarios, waiting, []
    problem = f"{file.base!r} waits for a question's answer; all others are compared with it."
    remedy = "Choose a scenario that begins with offices."
    return scenarios, waiting, [Fault("study.toml", "base", problem, remedy)]


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
        by_date: dict[dt.date, Timetable] = {}
        for profile in profiles:
            try:
                timetables[profile.name] = _timetable(folder, file, profile, by_date)
            except InputError as error:
                faults += error.faults
    return timetables, faults


def _timetable(
    folder: Path, file: StudyFile, profile: ProfileEntry, by_date: dict[dt.date, Timetable]
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


def _notices(
    file: StudyFile,
    tables: Mapping[str, pd.DataFrame],
    timetables: Mapping[str, Timetable],
    *,
    zones: Zones,
    offices: Offices,
    streets: Streets,
) -> list[str]:
    points = pd.concat([zones.table[["name", "geometry"]], offices.table[["name", "geometry"]]])
    profiles = [profile.noun() for profile in file.profile]
    if file.streets.osm is None:
        notices = positions.notes_on_links(points, streets, profiles)
    else:
        notices = positions.notes_on_joins(points, streets, profiles)
        notices += streets.notices
    notices += checks.notes_on_quality(file, tables["people"])
    notices += checks.notes_on_kommuner(tables["places"], file.zones.file)
    if "hours" in tables:
        transit = [p for p in file.profile if p.mode == "transit"]
        notices += checks.notes_on_window(transit, tables["hours"], tables["offices"])
    for table in timetables.values():
        notices += [*without_served_ferries(streets, table).notices, *table.notices]
    return notices


def _digest(path: Path) -> str:
    if path.is_dir():
        parts = "".join(_digest(part) for part in sorted(path.iterdir()) if part.is_file())
        return hashlib.sha256(parts.encode()).hexdigest()
    return sha256(path)
