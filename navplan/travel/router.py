"""Travel times column by column: what is known is kept, what is new is searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from navplan.errors import raise_faults
from navplan.nouns import Offices, Profile, Streets, Timetable, TravelTimes, Zones
from navplan.travel.checks import input_faults
from navplan.travel.lanes import LANES
from navplan.travel.store import Columns, Store, inputs_digest, site_keys, times_digest
from navplan.travel.street_search import StreetSearch
from navplan.travel.threads import threads
from navplan.travel.transit import transit_search

Progress: TypeAlias = Callable[[str], None]
"""Told in a few words what comes next."""


def quiet(text: str) -> None:
    """Say nothing.

    Parameters
    ----------
    text : str
        What a talkative one would print.
    """


class Search(Protocol):
    """A way to travel, prepared for any sites."""

    def to_sites(self, sites: gpd.GeoDataFrame) -> Columns:
        """Times from every zone to some sites.

        Parameters
        ----------
        sites : GeoDataFrame
            Points by id.

        Returns
        -------
        Columns
            One for each site.
        """


@dataclass(frozen=True, repr=False, eq=False)
class Router:
    """All that travel times depend on but the sites; nothing is searched when it is made.

    Ask it for other sites as often as you like: the network is prepared once, when first needed,
    and sites asked for before cost nothing. Adding or moving a site costs one column. For one
    matrix, `travel_times` is simpler.

    Parameters
    ----------
    profile : Profile
        The way to travel.
    zones : Zones
        Where people start.
    streets : Streets
        The network, in the same CRS.
    timetable : Timetable, optional
        The service day; needed for transit.
    cache : Path, optional
        Folder that keeps columns by a digest of all they depend on. They are kept block by
        block, so that a run that was interrupted goes on where it was.
    remember : bool
        Whether columns stay in memory, too.

    Raises
    ------
    InputError
        If coordinate systems differ, or transit lacks a timetable or has one of another date.
    """

    profile: Profile
    zones: Zones
    streets: Streets
    timetable: Timetable | None = None
    cache: Path | None = None
    remember: bool = True
    _columns: dict[str, Columns] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._check(zones=self.zones.table)

    @cached_property
    def digest(self) -> str:
        """Hash of all that the times depend on but the sites."""
        return inputs_digest(
            self.profile, zones=self.zones, streets=self.streets, timetable=self.timetable
        )

    @cached_property
    def search(self) -> Search:
        """The prepared network."""
        if self.profile.mode == "transit" and self.timetable is not None:
            return transit_search(
                self.profile, zones=self.zones, streets=self.streets, timetable=self.timetable
            )
        return StreetSearch.prepared(self.profile, zones=self.zones, streets=self.streets)

    def times(
        self, sites: Offices | gpd.GeoDataFrame, *, progress: Progress = quiet
    ) -> TravelTimes:
        """Minutes from every zone to every site, with a reason where there is no time.

        Parameters
        ----------
        sites : Offices or GeoDataFrame
            Where people go: points by id.
        progress : callable
            Told before each block that is searched.

        Returns
        -------
        TravelTimes
            Zones × sites.

        Raises
        ------
        InputError
            If the coordinate system differs, an id stands twice or a site has no position.
        """
        points = _points(sites)
        self._check(sites=points)
        keys = site_keys(points)
        shape = (len(self.zones), len(points))
        minutes, codes = np.empty(shape), np.empty(shape, dtype=np.int8)
        snap_m = np.full(len(self.zones), np.nan)
        for rows, columns in self._found(points, keys, progress):
            minutes[:, rows], codes[:, rows], snap_m = (
                columns.minutes,
                columns.codes,
                columns.snap_m,
            )
        ids = {"index": self.zones.table.index, "columns": points.index}
        return TravelTimes(
            pd.DataFrame(minutes, copy=False, **ids),
            pd.DataFrame(codes, copy=False, **ids),
            pd.Series(snap_m, index=self.zones.table.index, name="snap_m"),
            self.profile,
            times_digest(self.digest, keys),
        )

    def _found(
        self, points: gpd.GeoDataFrame, keys: list[str], progress: Progress
    ) -> Iterator[tuple[list[int], Columns]]:
        """Blocks of columns with their positions: known ones first, then those searched."""
        store = None if self.cache is None else Store(self.cache / self.digest)
        known = dict(self._columns)
        new = [key for key in keys if key not in known]
        if store is not None and new:
            known |= store.read(new)
        if self.remember:
            self._columns.update((key, known[key]) for key in keys if key in known)
        for row, key in enumerate(keys):
            if key in known:
                yield [row], known[key]
        todo = [row for row, key in enumerate(keys) if key not in known]
        block = threads() * LANES
        for first in range(0, len(todo), block):
            rows = todo[first : first + block]
            progress(f"{self.profile.name}: sites {first + 1}–{first + len(rows)} of {len(todo)}")
            columns = self.search.to_sites(points.iloc[rows])
            names = [keys[row] for row in rows]
            if store is not None:
                store.keep(names, columns)
            if self.remember:
                self._columns.update((name, columns.one(i)) for i, name in enumerate(names))
            yield rows, columns

    def _check(self, **points: gpd.GeoDataFrame) -> None:
        where = f"travel times {self.profile.name}"
        raise_faults(
            input_faults(
                where, self.profile, points=points, streets=self.streets, timetable=self.timetable
            )
        )


def travel_times(
    profile: Profile,
    *,
    zones: Zones,
    sites: Offices | gpd.GeoDataFrame,
    streets: Streets,
    timetable: Timetable | None = None,
    cache: Path | None = None,
    progress: Progress = quiet,
) -> TravelTimes:
    """Minutes from every zone to every site, with a reason where there is no time.

    Walking, cycling and driving follow the streets (`StreetSearch`); transit the timetable, and
    the streets on foot (`TransitSearch`). To ask again for other sites, keep a `Router`.

    Parameters
    ----------
    profile : Profile
        The way to travel.
    zones : Zones
        Where people start.
    sites : Offices or GeoDataFrame
        Where they go: points by id.
    streets : Streets
        The network, in the same CRS.
    timetable : Timetable, optional
        The service day; needed for transit.
    cache : Path, optional
        Folder that keeps times by a digest of all they depend on. Times found there are read,
        others are made and kept.
    progress : callable
        Told before each block of sites that is searched.

    Returns
    -------
    TravelTimes
        Zones × sites.

    Raises
    ------
    InputError
        If coordinate systems differ, an id stands twice, a point has no position, transit lacks a
        timetable or has one of another date.
    """
    points = {"zones": zones.table, "sites": _points(sites)}
    where = f"travel times {profile.name}"
    faults = input_faults(where, profile, points=points, streets=streets, timetable=timetable)
    raise_faults(faults)  # all at once; the router would tell of the zones alone first
    router = Router(profile, zones, streets, timetable, cache, remember=False)
    return router.times(sites, progress=progress)


def _points(sites: Offices | gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return sites.table if isinstance(sites, Offices) else sites
