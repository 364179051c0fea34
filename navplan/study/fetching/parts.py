"""The parts of a fetch: which files of a study each writes, and what its section must say."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from navplan.errors import Fault
from navplan.study.schema import StudyFile
from navplan.study.schema_fetch import BYDEL_CITIES, Fetch

BORDERS: Final = "borders.gpkg"
OSM: Final = "osm"
MAIN: Final = "MMMM"
"""The projection's main alternative."""
PARTS: Final = ("places", "neighbours", "streets", "timetable", "offices", "hours")
"""In the order they are fetched; "places" brings the people and the borders along."""
_ALTERNATIVE: Final = re.compile(r"[LMHK0]{4}")
_CODESPACE: Final = re.compile(r"[a-z]{3}|norway|auto")


def files_by_part(file: StudyFile) -> dict[str, tuple[str, ...]]:
    """Say which files of a study are fetched; all others are the planner's own.

    Parameters
    ----------
    file : StudyFile
        The study file.

    Returns
    -------
    dict of str to tuple of str
        Part → file names, only the parts that ``[fetch]`` names.
    """
    fetch = file.fetch
    if fetch is None:
        return {}
    found: dict[str, tuple[str | None, ...]] = {
        "places": (BORDERS, file.zones.file, file.people.file) if fetch.places else (),
        "neighbours": (file.neighbours.file,) if fetch.neighbours and file.neighbours else (),
        "streets": (file.streets.osm,) if fetch.streets else (),
        "timetable": (file.timetable.gtfs,) if fetch.timetable and file.timetable else (),
        "offices": (file.offices.file,) if fetch.offices else (),
        "hours": (file.offices.hours,) if set(fetch.offices) - {OSM} else (),
    }
    named = {part: tuple(n for n in names if n is not None) for part, names in found.items()}
    return {part: names for part, names in named.items() if names}


def fetch_faults(file: StudyFile) -> list[Fault]:
    """Find everything in ``[fetch]`` that no service can answer.

    Parameters
    ----------
    file : StudyFile
        The study file.

    Returns
    -------
    list of Fault
    """
    if file.fetch is None:
        return []
    found = (
        *(*_codes(file.fetch), *_areas(file), *_people(file.fetch)),
        *(*_own_tables(file.fetch), *_sources(file)),
    )
    return [Fault("study.toml", f"fetch.{key}", problem, remedy) for key, problem, remedy in found]


def _codes(fetch: Fetch) -> Iterator[tuple[str, str, str]]:
    if not fetch.kommuner and fetch.fylke is None:
        yield "kommuner", "names no kommune.", "Write the numbers, or fylke = …"
    for code in fetch.kommuner:
        if re.fullmatch(r"\d{4}", code, re.ASCII) is None:
            yield "kommuner", f"{code!r} is no kommune number.", "Write four digits in quotes."
    for code in sorted({c for c in fetch.kommuner if fetch.kommuner.count(c) > 1}):
        yield "kommuner", f"{code!r} stands more than once.", "Name it once."
    if fetch.fylke is not None and re.fullmatch(r"\d{2}", fetch.fylke, re.ASCII) is None:
        yield "fylke", f"{fetch.fylke!r} is no fylke number.", "Write two digits in quotes."


def _areas(file: StudyFile) -> Iterator[tuple[str, str, str]]:
    fetch = file.fetch
    assert fetch is not None
    if fetch.area != file.area_word:
        problem = f"is {fetch.area!r}, but area_word is {file.area_word!r}."
        yield "area", problem, "Let both be the same."
    if fetch.area == "bydel":
        whole = [code for code in fetch.kommuner if code not in BYDEL_CITIES]
        cities = "0301 Oslo, 1103 Stavanger, 4601 Bergen and 5001 Trondheim"
        if whole or fetch.fylke is not None:
            given = ", ".join(whole) or f"fylke {fetch.fylke}"
            yield "area", f"{given} has no bydeler.", f"Bydeler there are in {cities}."


def _people(fetch: Fetch) -> Iterator[tuple[str, str, str]]:
    if fetch.places is not None and not fetch.years:
        yield "years", "names no year.", "Write years = [2026]: places come with their people."
    if fetch.ages[0] != 0 or any(b <= a for a, b in itertools.pairwise(fetch.ages)):
        yield "ages", f"{list(fetch.ages)}; expected to rise from 0.", "For example [0, 18, 67]."
    for name in fetch.alternatives:
        if _ALTERNATIVE.fullmatch(name) is None:
            remedy = "Write four letters of L, M, H, K and 0; MMMM is the main alternative."
            yield "alternatives", f"{name!r} is no alternative.", remedy
    if fetch.as_wrong_as_last_time and MAIN not in fetch.alternatives:
        problem = f"rests on the main alternative, {MAIN}, which is not among the alternatives."
        yield "as_wrong_as_last_time", problem, f'Add "{MAIN}" to alternatives.'
    if fetch.shares == "dwellings" and fetch.area != "bydel":
        problem = "is dwellings, but only bydeler take shares of a kommune."
        yield "shares", problem, "Remove the line."
    elif fetch.shares == "dwellings" and fetch.dwellings is None:
        problem = "is dwellings, but no table says how many there are."
        yield "shares", problem, 'Add dwellings = "dwellings.csv": area, year, dwellings.'


def _own_tables(fetch: Fetch) -> Iterator[tuple[str, str, str]]:
    named = [("offices", name) for name in fetch.offices if name != OSM]
    for key, own in (("cells", fetch.cells), ("dwellings", fetch.dwellings), *named):
        if own is not None and (not own or Path(own).name != own):
            yield key, f"{own!r} is no name of a file in the study's folder.", "Write a name."


def _sources(file: StudyFile) -> Iterator[tuple[str, str, str]]:
    fetch = file.fetch
    assert fetch is not None
    wanted = {
        "neighbours": (fetch.neighbours, file.neighbours, "[neighbours] file"),
        "streets": (fetch.streets, file.streets.osm, "[streets] osm"),
        "timetable": (fetch.timetable, file.timetable, "[timetable] gtfs"),
    }
    for key, (asked, named, where) in wanted.items():
        if asked and named is None:
            problem = f"is asked for, but no {where} says which file it goes to."
            yield key, problem, f"Add {where} = …, or remove the line."
    if fetch.timetable is not None and _CODESPACE.fullmatch(fetch.timetable) is None:
        remedy = 'Three small letters, as in "nor"; "norway"; or "auto".'
        yield "timetable", f"{fetch.timetable!r} is no codespace.", remedy
    if OSM in fetch.offices and file.streets.osm is None:
        remedy = "Add [streets] osm = …, or take the word out."
        yield "offices", "osm is asked for, but [streets] has no OpenStreetMap file.", remedy
