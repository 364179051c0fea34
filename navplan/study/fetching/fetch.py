"""Fetch the parts of a study that are due, and leave the planner's own files alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from navplan.errors import Fault, FetchError, InputError, raise_faults
from navplan.sources.web import Web
from navplan.sources.web.locking import held
from navplan.study import positions
from navplan.study.fetching.ground import Ground, ground_of
from navplan.study.fetching.hours import fetch_hours
from navplan.study.fetching.offices import fetch_offices
from navplan.study.fetching.parts import OSM, PARTS, fetch_faults, files_by_part
from navplan.study.fetching.people import fetch_places
from navplan.study.fetching.record import (
    Made,
    is_done,
    own_files,
    put,
    read_record,
    sha256,
)
from navplan.study.fetching.ways import fetch_neighbours, fetch_streets, fetch_timetable
from navplan.study.networks import street_faults
from navplan.study.reading import read_study_file
from navplan.study.schema import StudyFile

Tell = Callable[[str], None]
_STEPS: Final[Mapping[str, Callable[[Ground, Path], Made]]] = {
    "places": fetch_places,
    "neighbours": fetch_neighbours,
    "streets": fetch_streets,
    "timetable": fetch_timetable,
    "offices": fetch_offices,
    "hours": fetch_hours,
}
_WITHOUT_AREAS: Final = ("timetable", "hours")
_LOCK: Final = ".fetching"
_ALL: Final = ("kommuner", "fylke", "at", "area")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "places": (
        *("places", "cell_m", "cells", "years", "projection_years", "alternatives"),
        *("as_wrong_as_last_time", "shares", "dwellings", "ages"),
    ),
    "neighbours": ("neighbours",),
    "streets": ("streets", "margin_km"),
    "timetable": ("timetable",),
    "offices": ("offices", "possible", "possible_apart_km", "places", "cell_m", "cells"),
    "hours": ("offices",),
}


class NotFetchedError(InputError):
    """Faults of the inputs kept some parts from being fetched; the others are in place.

    Parameters
    ----------
    faults : iterable of Fault
        At least one.
    parts : iterable of str
        The parts that are missing.
    """

    def __init__(self, faults: Iterable[Fault], parts: Iterable[str]) -> None:
        super().__init__(faults)
        self.parts = tuple(parts)

    def __str__(self) -> str:
        head = f"Not fetched: {', '.join(self.parts)}. The other parts are in place."
        return f"{head}\n{super().__str__()}"


@dataclass(frozen=True)
class FetchReport:
    """What a fetch did.

    Parameters
    ----------
    written, unchanged : tuple of str
        Files of the study that were written, and that were there from an earlier fetch.
    kept : tuple of str
        The planner's own files that stand where a fetch would write; left alone.
    notices : tuple of str
        What a reader of the numbers must know.
    """

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]
    notices: tuple[str, ...]


def fetch_study(
    folder: Path,
    web: Web,
    *,
    only: Sequence[str] = (),
    update: bool = False,
    tell: Tell | None = None,
) -> FetchReport:
    """Fetch the parts of a study that its ``[fetch]`` section names.

    Each part is written as a whole when it is there; what was fetched before, for the same
    section, is left as it is. A file that no fetch wrote is the planner's own and never touched.

    Parameters
    ----------
    folder : Path
        The study's folder.
    web : Web
        How the services are asked.
    only : sequence of str, optional
        Parts: places, neighbours, streets, timetable, offices, hours. All unless told.
    update : bool
        Fetch anew what was fetched before.
    tell : callable, optional
        Gets a few words before each part.

    Returns
    -------
    FetchReport

    Raises
    ------
    InputError
        With the faults of the section and the codes; or (`NotFetchedError`), after all other
        parts are written, with those of the answers and the planner's own tables.
    FetchError
        If services could not be reached, after all other parts are written.
    """
    file = read_study_file(folder / "study.toml")
    parts = _parts(file, only)
    say = tell or _quiet
    with held(folder / _LOCK, partial(say, "Another fetch of this study is at work: waiting.")):
        return _fetch(folder, web, file, parts, update=update, tell=say)


def _fetch(
    folder: Path,
    web: Web,
    file: StudyFile,
    parts: Mapping[str, tuple[str, ...]],
    *,
    update: bool,
    tell: Tell,
) -> FetchReport:
    record = read_record(folder)
    asked = {part: _asked(file, part, names, folder) for part, names in parts.items()}
    own = {part: own_files(folder, names, record.get(part)) for part, names in parts.items()}
    done = {
        part
        for part, names in parts.items()
        if not update and is_done(folder, names, record.get(part), asked[part])
    }
    todo = [part for part in parts if not own[part] and part not in done]
    notices = [notice for part in parts if part in done for notice in record[part].notices]
    errors: dict[str, InputError | FetchError] = {}
    if todo:
        ground = ground_of(web, file, folder)  # wrong codes end it here, before anything is asked
        notices += ground.notices
        errors |= _without_areas(ground, todo)
        for number, part in enumerate(todo, start=1):
            before = _held_up_by(part, file, folder)
            if before in errors:
                errors.setdefault(part, errors[before])
            if part in errors:
                continue
            tell(f"{number}/{len(todo)} {part}: {', '.join(parts[part])}")
            try:
                made = put(folder, part, parts[part], partial(_STEPS[part], ground), asked[part])
            except (InputError, FetchError) as error:
                errors[part] = error
                continue
            notices += made.notices
    _raise(errors)
    return FetchReport(
        written=tuple(name for part in todo for name in parts[part]),
        unchanged=tuple(name for part in parts if part in done for name in parts[part]),
        kept=tuple(name for names in own.values() for name in names),
        notices=tuple(dict.fromkeys(notices)),
    )


def _without_areas(ground: Ground, todo: Sequence[str]) -> dict[str, InputError | FetchError]:
    """Ask for the areas once: where there are none, no part that rests on them is tried."""
    resting = [part for part in todo if part not in _WITHOUT_AREAS]
    try:
        if resting:
            _ = ground.areas
    except (InputError, FetchError) as error:
        return dict.fromkeys(resting, error)
    return {}


def _held_up_by(part: str, file: StudyFile, folder: Path) -> str:
    """Name the part whose failure would only be told once more by this one."""
    fetch, extract = file.fetch, file.streets.osm
    assert fetch is not None
    if part == "hours":
        return "offices"
    rests_on_streets = part == "offices" and bool(OSM in fetch.offices or fetch.possible)
    return "streets" if rests_on_streets and extract and not (folder / extract).is_file() else ""


def _parts(file: StudyFile, only: Sequence[str]) -> dict[str, tuple[str, ...]]:
    if file.fetch is None:
        problem = "has no [fetch] section: all its files are the planner's own."
        remedy = "Add one, or begin with: navplan new NAME --kommune 1804."
        raise_faults([Fault("study.toml", "fetch", problem, remedy)])
    parts = files_by_part(file)
    faults = positions.check_crs(file.crs, "study.toml")
    faults += street_faults(file.streets) + fetch_faults(file)
    faults += [
        Fault("fetch", "--only", f"{name!r} is no part of this study's fetch.",
              f"It has: {', '.join(parts) or 'none'}.")
        for name in only
        if name not in parts
    ]  # fmt: skip
    faults += [
        Fault("study.toml", name, "is no name of a file in the study's folder.", "Write a name.")
        for names in parts.values()
        for name in names
        if Path(name).name != name
    ]
    raise_faults(faults)
    return {part: parts[part] for part in PARTS if part in parts and part in (only or PARTS)}


def _asked(file: StudyFile, part: str, names: Sequence[str], folder: Path) -> str:
    """Digest of all that decides what a part comes to, but for the services' answers."""
    assert file.fetch is not None
    fields = file.fetch.model_dump(mode="json", include={*_ALL, *_FIELDS[part]})
    own = [name for name in _own_tables(file, part) if (folder / name).is_file()]
    tables = {name: sha256(folder / name) for name in own}
    text = json.dumps([fields, file.crs, list(names), tables], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _own_tables(file: StudyFile, part: str) -> tuple[str, ...]:
    """Tables of the planner's own that a part is made of; others' answers are pinned."""
    fetch = file.fetch
    assert fetch is not None
    named: Mapping[str, tuple[str | None, ...]] = {
        "places": (fetch.cells, fetch.dwellings if fetch.shares == "dwellings" else None),
        "offices": (*fetch.offices, fetch.cells),
        "hours": fetch.offices,
    }
    return tuple(name for name in named.get(part, ()) if name is not None)


def _raise(errors: Mapping[str, InputError | FetchError]) -> None:
    """One error for all parts; a service that cannot be reached weighs most."""
    if not errors:
        return
    lost = [error for error in errors.values() if isinstance(error, FetchError)]
    if not lost:
        faults = [f for e in errors.values() if isinstance(e, InputError) for f in e.faults]
        raise NotFetchedError(faults, errors)
    texts: dict[str, list[str]] = {}
    for part, error in errors.items():
        texts.setdefault(str(error), []).append(part)
    lines = [f"- {', '.join(parts)}: {text}" for text, parts in texts.items()]
    head = f"Not fetched: {', '.join(errors)}. The other parts are in place; fetch again later."
    raise FetchError("\n".join([head, *lines]), status=lost[0].status)


def _quiet(_: str) -> None:
    """Say nothing."""
