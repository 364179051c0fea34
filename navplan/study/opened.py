"""An opened study: its zones, people, offices, and the way to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

import geopandas as gpd
import pandas as pd
from shapely import Point

from navplan.errors import Fault, InputError, raise_faults
from navplan.nouns import Offices, Population, Profile, TravelTimes, Zones
from navplan.study.loading import Inputs
from navplan.study.schema import StudyFile
from navplan.study.ways import Ways, ways_of
from navplan.travel import Itinerary, Visits, isochrones, itinerary, visits
from navplan.units import SECONDS_PER_MINUTE, seconds_of_day

SITE_LIMIT_M: Final = 50_000.0
"""A site farther from every zone is taken for a mistake in its coordinates [m]."""


def find_name(name: str, known: Iterable[str], kind: str, study: str) -> str:
    """Give a name back, if it is known.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable of str
        What there is.
    kind : str
        What it names, for the fault.
    study : str
        Name of the study.

    Returns
    -------
    str
        The name.

    Raises
    ------
    InputError
        If it is not known.
    """
    names = list(known)
    if name not in names:
        remedy = f"Known: {', '.join(names)}."
        raise InputError([Fault(f"study {study}", kind, f"there is no {kind} {name!r}.", remedy)])
    return name


def _seconds(clock: str, key: str, study: str) -> int:
    try:
        return seconds_of_day(clock)
    except ValueError as error:
        raise InputError([Fault(f"study {study}", key, str(error))]) from None


@dataclass(frozen=True, repr=False, eq=False)
class OpenedStudy:
    """What a study holds, and how one travels in it; `Study` adds what is decided.

    Parameters
    ----------
    folder : Path
        Where it lies.
    file : StudyFile
        What the study file says.
    inputs : Inputs
        The nouns made of its tables.
    ways : Ways
        Travel times by profile.
    settings : tuple of str
        Changes made on top of the study file.
    """

    folder: Path
    file: StudyFile
    inputs: Inputs
    ways: Ways
    settings: tuple[str, ...] = ()
    _times: dict[Profile, TravelTimes] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        ways, inputs = self.ways, self.inputs
        if ways.zones is not inputs.zones or ways.streets is not inputs.streets:
            # `replace(study, inputs=…)` must not answer with the times of the old network
            object.__setattr__(self, "ways", ways_of(inputs, ways.cache))

    def __repr__(self) -> str:
        file, inputs = self.file, self.inputs
        return (
            f"{type(self).__name__}({self.name!r}: {inputs.zones!r}, {inputs.offices!r}, "
            f"{len(file.profile)} profiles, {len(file.scenario)} scenarios, "
            f"{len(self.notices)} notices)"
        )

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.file.name

    @property
    def zones(self) -> Zones:
        """The places people live."""
        return self.inputs.zones

    @property
    def offices(self) -> Offices:
        """Existing offices and possible sites."""
        return self.inputs.offices

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of the numbers must know."""
        return self.inputs.notices

    @property
    def scenario_names(self) -> tuple[str, ...]:
        """Names of the scenarios, in the study file's order."""
        return tuple(s.name for s in self.file.scenario)

    @property
    def headline_profile(self) -> str:
        """The way to travel that is shown first."""
        return self.file.report.headline_profile

    @property
    def headline_outlook(self) -> str:
        """The population that is shown first."""
        return self.file.report.headline_outlook

    def profile(self, name: str) -> Profile:
        """Give a way to travel.

        Parameters
        ----------
        name : str
            As in the study file.

        Returns
        -------
        Profile
            Frozen; change one with `dataclasses.replace`.

        Raises
        ------
        InputError
            If there is none of the name.
        """
        profiles = {p.name: p for p in self.file.profile}
        return profiles[find_name(name, profiles, "profile", self.name)].noun()

    def population(self, outlook: str | None = None) -> Population:
        """Give the residents under an outlook.

        Parameters
        ----------
        outlook : str, optional
            As in the study file; the headline outlook unless told.

        Returns
        -------
        Population
            Zones × age groups.

        Raises
        ------
        InputError
            If there is none of the name.
        """
        name, known = outlook or self.headline_outlook, self.inputs.populations
        return known[find_name(name, known, "outlook", self.name)]

    def travel_times(self, profile: str | Profile | None = None) -> TravelTimes:
        """Compute minutes from every zone to every site, or take them from the cache.

        Parameters
        ----------
        profile : str or Profile, optional
            The headline profile unless told.

        Returns
        -------
        TravelTimes
            With a reason for every pair that has no time.
        """
        chosen = self._chosen(profile)
        if chosen not in self._times:
            self._times[chosen] = self.ways.times(chosen, self.offices)
        return self._times[chosen]

    def itinerary(
        self,
        zone: str,
        site: str,
        *,
        at: str = "12:00",
        profile: str | Profile | None = None,
    ) -> Itinerary:
        """Find the trip behind one pair, leg by leg, to check it by hand.

        Parameters
        ----------
        zone, site : str
            Ids.
        at : str
            The wished time of arrival, or of departure where the profile's window is one of
            departures: ``"HH:MM"``.
        profile : str or Profile, optional
            The headline profile unless told.

        Returns
        -------
        Itinerary
            Legs and minutes; print it to read it aloud.

        Raises
        ------
        InputError
            If there is no such zone or site, or ``at`` is no time of day.
        """
        chosen = self._chosen(profile)
        find_name(zone, self.zones.table.index, "zone", self.name)
        find_name(site, self.offices.table.index, "site", self.name)
        return itinerary(
            chosen,
            zone=self.zones.table.loc[[zone]],
            site=self.offices.table.loc[[site]],
            streets=self.ways.streets,
            timetable=self.ways.timetable(chosen),
            at=_seconds(at, "at", self.name),
        )

    def isochrones(
        self,
        *sites: str,
        limits_min: Sequence[float] = (15, 30, 45, 60),
        profile: str | Profile | None = None,
        outlook: str | None = None,
    ) -> gpd.GeoDataFrame:
        """Draw the land from which one gets to any of some sites in time, and count its people.

        Parameters
        ----------
        *sites : str
            Ids.
        limits_min : sequence of float
            Minutes [min].
        profile, outlook : str, optional
            The headline ones unless told.

        Returns
        -------
        GeoDataFrame
            One row a limit: ``limit_min``, ``people``, ``share``, ``note``, the land.

        Raises
        ------
        InputError
            If there is no such site, or a limit is beyond the profile's.
        """
        chosen = self._chosen(profile)
        for site in sites:
            find_name(site, self.offices.table.index, "site", self.name)
        return isochrones(
            chosen,
            sites=self.offices.table.loc[list(sites)],
            streets=self.ways.streets,
            timetable=self.ways.timetable(chosen),
            zones=self.zones,
            population=self.population(outlook),
            limits_min=limits_min,
        )

    def visits(
        self,
        *,
        stay_min: float = 30.0,
        profile: str | Profile | None = None,
        earliest_leave: str = "05:00",
        latest_home: str = "24:00",
    ) -> Visits:
        """Find the best visit to every site: within opening hours, and home again the same day.

        Parameters
        ----------
        stay_min : float
            How long one stays [min].
        profile : str or Profile, optional
            The headline profile unless told; its date says which weekday's hours count.
        earliest_leave, latest_home : str
            When the day begins and ends at home: ``"HH:MM"``, hours may pass 24.

        Returns
        -------
        Visits
            Minutes away from home, or why no visit is possible.

        Raises
        ------
        InputError
            If the study has no opening hours, or a time of day is none.
        """
        chosen = self._chosen(profile)
        return visits(
            chosen,
            zones=self.zones,
            sites=self.offices,
            streets=self.ways.streets,
            timetable=self.ways.timetable(chosen),
            stay_s=round(stay_min * SECONDS_PER_MINUTE),
            earliest_leave=_seconds(earliest_leave, "earliest_leave", self.name),
            latest_home=_seconds(latest_home, "latest_home", self.name),
        )

    def with_site(
        self,
        site: str,
        *,
        at: tuple[float, float],
        name: str | None = None,
        area: str | None = None,
    ) -> Self:
        """Give the study one possible site more, to move an office to or to open one at.

        Only the new site's own travel times have to be computed.

        Parameters
        ----------
        site : str
            Its id.
        at : tuple of float
            x and y in the study's coordinate system [m].
        name : str, optional
            What it is called; its id unless told.
        area : str, optional
            The area it lies in; that of the nearest zone unless told.

        Returns
        -------
        Study
            A new one; this one stays as it is.

        Raises
        ------
        InputError
            If the id is taken, there is no such area, or the position lies far from every zone.
        """
        known, zones = self.offices.table, self.zones.table
        point, where = Point(at), f"site {site}"
        away = zones.distance(point)
        faults = []
        if site in known.index or site in zones.index:
            faults.append(Fault(where, "id", "is taken.", "Choose another one."))
        if not away.min() <= SITE_LIMIT_M:
            given = f"{at} does not lie within {SITE_LIMIT_M / 1000:g} km of a zone."
            remedy = f"Give x and y in {zones.crs.to_string()}, in metres."
            faults.append(Fault(where, "at", given, remedy))
        if area is not None and area not in self.zones.areas:
            remedy = f"Known: {', '.join(self.zones.areas)}."
            faults.append(Fault(where, "area", f"no zone lies in {area!r}.", remedy))
        raise_faults(faults)
        row = {
            "name": name or site,
            "kind": "possible",
            "area": area or zones["area"].loc[away.idxmin()],
            "address": "",
            "step_free": "unknown",
            "quality": "assumption",
            "geometry": point,
        }
        more = gpd.GeoDataFrame([row], index=pd.Index([site], name=known.index.name), crs=known.crs)
        table = gpd.GeoDataFrame(pd.concat([known, more]), crs=known.crs)
        scenarios = {
            scenario.name: replace(scenario, sites=tuple(table.index))
            for scenario in self.inputs.scenarios.values()
        }
        offices = Offices(table, self.offices.hours)
        return replace(self, inputs=replace(self.inputs, offices=offices, scenarios=scenarios))

    def _chosen(self, profile: str | Profile | None) -> Profile:
        if isinstance(profile, Profile):
            return profile
        return self.profile(profile or self.headline_profile)
