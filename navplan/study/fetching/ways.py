"""Neighbours, streets and timetable of a study's kommuner."""

from __future__ import annotations

import shutil
from pathlib import Path

from navplan.sources.clipping import clip_area
from navplan.sources.entur import NORWAY, codespaces_of, timetables
from navplan.sources.geofabrik import geofabrik
from navplan.sources.neighbours import neighbours
from navplan.sources.overpass import overpass
from navplan.sources.writing import writing
from navplan.study.fetching.ground import Ground
from navplan.study.fetching.record import Made
from navplan.study.fetching.tables import write_table

_IN_THE_SEA = (
    "Neighbours were taken from borders that reach out into the sea: look through {file}, and "
    "remove the pairs that people cannot cross between."
)
_KM = 1000.0


def fetch_neighbours(ground: Ground, folder: Path) -> Made:
    """Write which areas border on each other.

    Parameters
    ----------
    ground : Ground
        The areas.
    folder : Path
        Where the file goes.

    Returns
    -------
    Made

    Raises
    ------
    InputError, FetchError
        Of the services.
    """
    assert ground.file.neighbours is not None
    areas, name = ground.areas, ground.file.neighbours.file
    found = neighbours(areas.frame)
    table = found[["area", "neighbour", "connection"]].assign(
        source="Kartverket, grenser", date=ground.fetch.at.isoformat(), quality=found["quality"]
    )
    write_table(table, folder / name)
    notices = (_IN_THE_SEA.format(file=name),) if (found["quality"] != "official").any() else ()
    return Made(areas.sources, (*areas.notices, *notices))


def fetch_streets(ground: Ground, folder: Path) -> Made:
    """Write the streets of the areas and their margin.

    Parameters
    ----------
    ground : Ground
        The areas.
    folder : Path
        Where the file goes.

    Returns
    -------
    Made

    Raises
    ------
    InputError, FetchError
        Of the services; if osmium is not installed, or no street lies there.
    """
    assert ground.file.streets.osm is not None
    areas = ground.areas
    around = clip_area(areas.frame, margin_m=ground.fetch.margin_km * _KM)
    ask = geofabrik if ground.fetch.streets == "geofabrik" else overpass
    source = ask(ground.web, around, folder / ground.file.streets.osm)
    return Made((*areas.sources, source), areas.notices)


def fetch_timetable(ground: Ground, folder: Path) -> Made:
    """Write the timetable that serves the kommuner.

    Parameters
    ----------
    ground : Ground
        The kommuner.
    folder : Path
        Where the file goes.

    Returns
    -------
    Made

    Raises
    ------
    InputError, FetchError
        Of the service; if there is no room or no right to write the file.
    """
    assert ground.file.timetable is not None
    asked = ground.fetch.timetable
    notices: tuple[str, ...] = ()
    if asked == "auto":
        codespaces, notices = codespaces_of(ground.kommuner)
        if len(codespaces) > 1:
            several = ", ".join(codespaces)
            notices = (f"The kommuner are served by {several}: all of Norway was taken instead.",)
            codespaces = (NORWAY,)
    else:
        assert asked is not None
        codespaces = (asked,)
    (feed,) = timetables(ground.web, codespaces)
    target = folder / ground.file.timetable.gtfs
    with writing(target):
        shutil.copyfile(feed.path, target)
    return Made((feed.source,), notices)
