"""What the parts of a fetch share: kommuner and their names, areas with borders, squares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from navplan.nouns.source import Source
from navplan.sources import klass
from navplan.sources.bydeler import dissolve_bydeler
from navplan.sources.geonorge import grunnkretser
from navplan.sources.grid import cells_in_areas
from navplan.sources.kommuneinfo import borders
from navplan.sources.ssb_map import grid_1km
from navplan.sources.web import Web
from navplan.study.fetching.squares import NO_YEAR, Squares, read_squares, size_said, squares_source
from navplan.study.schema import StudyFile
from navplan.study.schema_fetch import Fetch

ACTUAL: Final = "actual"
"""What the people table calls residents who were counted, not projected."""
_AT_CENTRE: Final = "Everyone in a square of {size} is taken to live at its centre."


@dataclass(frozen=True)
class Found:
    """A frame that several parts rest on, with where it came from.

    Parameters
    ----------
    frame : GeoDataFrame
        The areas, or the squares.
    sources : tuple of Source
    notices : tuple of str
    """

    frame: gpd.GeoDataFrame
    sources: tuple[Source, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Ground:
    """A study's kommuner, and what is found out about them once for all parts.

    Parameters
    ----------
    web : Web
        How the services are asked.
    file : StudyFile
        The study file.
    fetch : Fetch
        Its section.
    folder : Path
        The study's folder.
    names : mapping of str to str
        Kommune number → name, in the order asked for.
    sources : tuple of Source
        Where codes and names come from.
    notices : tuple of str
    """

    web: Web
    file: StudyFile
    fetch: Fetch
    folder: Path
    names: dict[str, str]
    sources: tuple[Source, ...]
    notices: tuple[str, ...] = ()

    @property
    def kommuner(self) -> tuple[str, ...]:
        """Kommune numbers."""
        return tuple(self.names)

    @cached_property
    def areas(self) -> Found:
        """What an office serves: ``code``, ``area`` (name), ``kommune`` and the polygon."""
        if self.fetch.area == "bydel":
            frame, sources, notices = self._bydeler()
        else:
            frame, sources = borders(self.web, self.kommuner, crs=self.file.crs)
            frame = frame.assign(code=frame["kommune"], area=frame["kommune"].map(self.names))
            notices = ()
        twice = frame["area"].duplicated(keep=False)
        numbered = frame["area"] + " (" + frame["code"] + ")"
        frame = frame.assign(area=frame["area"].where(~twice, numbered))
        frame = frame[["code", "area", "kommune", "geometry"]].reset_index(drop=True)
        return Found(frame, (*self.sources, *sources), notices)

    def _bydeler(self) -> tuple[gpd.GeoDataFrame, tuple[Source, ...], tuple[str, ...]]:
        drawn, sources = grunnkretser(self.web, self.names)
        pairs = klass.bydel_grunnkretser(self.web, self.kommuner, self.fetch.at.isoformat())
        names = dict(zip(pairs.frame["sourceCode"], pairs.frame["sourceName"], strict=True))
        frame, notices = dissolve_bydeler(drawn, pairs.frame, names=names)
        frame = frame.to_crs(self.file.crs).rename(columns={"bydel": "code", "name": "area"})
        return frame, (*sources, *pairs.sources), (*pairs.notices, *notices)

    @cached_property
    def cells(self) -> Found:
        """Inhabited squares by id.

        ``people``, ``area`` (its code), ``kommune``, ``year``, ``side_m`` and the centre.
        """
        areas = self.areas
        coded = areas.frame.assign(area=areas.frame["code"])
        if self.fetch.cells is None:
            grid, counted, sources, notices = grid_1km(self.web)
            where, year = f"grid of {counted}", str(counted)
            found = cells_in_areas(grid, areas=coded, name=ACTUAL, where=where)
            zones, people, side = Squares(*found, self.fetch.cell_m)
        else:
            path, year, notices = self.folder / self.fetch.cells, NO_YEAR, ()
            zones, people, side = read_squares(path, areas=coded, name=ACTUAL)
            sources = (squares_source(path, self.fetch.at.isoformat()),)
        frame = zones.table.assign(people=people.people, year=year, side_m=side)
        notices = (*areas.notices, *notices, _AT_CENTRE.format(size=size_said(side)))
        return Found(frame.to_crs(self.file.crs), (*areas.sources, *sources), notices)


def ground_of(web: Web, file: StudyFile, folder: Path) -> Ground:
    """Look up the kommuner of a study; nothing else is asked yet.

    Parameters
    ----------
    web : Web
        How the services are asked.
    file : StudyFile
        With a ``[fetch]`` section.
    folder : Path
        The study's folder.

    Returns
    -------
    Ground

    Raises
    ------
    InputError
        For every code that is old, with what it became, or unknown.
    FetchError
        If the register cannot be asked.
    """
    fetch = file.fetch
    assert fetch is not None
    day = fetch.at.isoformat()
    found = []
    if fetch.fylke is not None:
        found.append(klass.kommuner_of_fylke(web, fetch.fylke, day))
    if fetch.kommuner:
        found.append(klass.kommune_names(web, fetch.kommuner, day))
    frame = pd.concat([one.frame for one in found])
    return Ground(
        web=web,
        file=file,
        fetch=fetch,
        folder=folder,
        names=dict(zip(frame["code"], frame["name"], strict=True)),
        sources=tuple(dict.fromkeys(s for one in found for s in one.sources)),
        notices=tuple(n for one in found for n in one.notices),
    )
