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
from navplan.network import read_gtfs, streets_from_links, without_served_ferries
from navplan.nouns import Offices, Population, Streets, Timetable, Zones
from navplan.population import check_people, population_from_table
from navplan.scenario import Scenario
from navplan.sources import read_table
from navplan.study import checks, positions
from navplan.study.reading import read_study_file
from navplan.study.scenarios import resolve_scenarios
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
    raise_faults(positions.check_crs(file.crs, "study.toml"))
    tables, faults = _read_tables(folder, file)
    faults += checks.check_names(file, tables, "study.toml")
    found, streets = _cross_check(file, tables)
    faults += found
    timetables, timetable_faults = _timetables(folder, file)
    faults += timetable_faults
    if timetables and file.timetable is not None and "nodes" in tables:
        stops = next(iter(timetables.values())).stops
        faults += positions.check_stops(stops, tables["nodes"], file.timetable.gtfs)
    scenarios, waiting, scenario_faults = _scenarios(file, tables)
    raise_faults(faults + scenario_faults)
    assert streets is not None
    files = {"study.toml": folder / "study.toml"}
    files |= {name: folder / name for name in _file_names(file).values()}
    if file.timetable is not None:
        files[file.timetable.gtfs] = folder / file.timetable.gtfs
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
        digests=MappingProxyType({name: _digest(path) for name, path in sorted(files.items())}),
        notices=_notices(file, tables, timetables, zones=zones, offices=offices, streets=streets),
    )
    return file, inputs


def _file_names(file: StudyFile) -> dict[str, str]:
    names = {
        "places": file.zones.file,
        "people": file.people.file,
        "nodes": file.streets.nodes,
        "links": file.streets.links,
        "offices": file.offices.file,
    }
    if file.neighbours is not None:
        names["neighbours"] = file.neighbours.file
    return names if file.offices.hours is None else {**names, "hours": file.offices.hours}


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
    for name, path in _file_names(file).items():
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
    file: StudyFile, tables: Mapping[str, pd.DataFrame]
) -> tuple[list[Fault], Streets | None]:
    """Check the tables against each other, as far as each is sound; the streets come of it."""
    names = _file_names(file)
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
    found, streets = _check_positions(file, tables)
    return faults + found, streets


def _check_positions(
    file: StudyFile, tables: Mapping[str, pd.DataFrame]
) -> tuple[list[Fault], Streets | None]:
    names = _file_names(file)
    known = [name for name in ("nodes", "places", "offices") if name in tables]
    faults = [
        f for name in known for f in positions.check_positions(tables[name], file.crs, names[name])
    ]
    faults = faults or [
        f for name in known for f in positions.check_stretch(tables[name], file.crs, "study.toml")
    ]
    if faults or len(known) < len(("nodes", "places", "offices")):
        return faults, None  # lengths and distances would only repeat them
    # Stops are nodes of the street network whether or not a line calls there on the day.
    points = pd.concat([tables[name][["id", "x", "y"]] for name in known])
    on_streets = points.iloc[: len(tables["nodes"]) + len(tables["places"])]
    faults += positions.check_sites_lie_near(
        tables["offices"], tables["places"], on_streets, names["offices"]
    )
    if "links" not in tables:
        return faults, None
    links = tables["links"]
    at = points.drop_duplicates("id").set_index("id")
    both = links["from"].isin(at.index) & links["to"].isin(at.index)
    # Rows keep their numbers, so that a fault names the row of the file.
    faults += positions.check_link_lengths(links.where(both), at, names["links"])
    undated = checks.check_opened(links, names["links"])
    if undated:
        links = links.assign(opened="")
    try:
        streets = streets_from_links(points, links, crs=file.crs)
    except InputError as error:
        faults += [
            Fault(names.get(f.where, f.where), f.key, f.problem, f.remedy) for f in error.faults
        ]
        return faults + undated, None
    return faults + undated, streets


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


def _notices(
    file: StudyFile,
    tables: Mapping[str, pd.DataFrame],
    timetables: Mapping[str, Timetable],
    *,
    zones: Zones,
    offices: Offices,
    streets: Streets,
) -> tuple[str, ...]:
    points = pd.concat([zones.table[["name", "geometry"]], offices.table[["name", "geometry"]]])
    profiles = [profile.noun() for profile in file.profile]
    notices = positions.notes_on_links(points, streets, profiles)
    notices += checks.notes_on_quality(file, tables["people"])
    notices += checks.notes_on_kommuner(tables["places"], file.zones.file)
    if "hours" in tables:
        transit = [p for p in file.profile if p.mode == "transit"]
        notices += checks.notes_on_window(transit, tables["hours"], tables["offices"])
    for table in timetables.values():
        notices += [*without_served_ferries(streets, table).notices, *table.notices]
    return tuple(dict.fromkeys(notices))


def _digest(path: Path) -> str:
    if path.is_dir():
        parts = "".join(_digest(part) for part in sorted(path.iterdir()) if part.is_file())
        return hashlib.sha256(parts.encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest()
