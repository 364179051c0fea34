"""How one gets about in a study: its streets, its service days, and a router for each profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from navplan.errors import Fault, InputError
from navplan.nouns import Offices, Profile, Streets, Timetable, TravelTimes, Zones
from navplan.study.loading import Inputs
from navplan.travel import Progress, Router, quiet


def ways_of(inputs: Inputs, cache: Path | None) -> Ways:
    """Make the ways of a study's inputs; nothing is computed yet.

    Parameters
    ----------
    inputs : Inputs
        The nouns of the study.
    cache : Path or None
        Folder that keeps travel times.

    Returns
    -------
    Ways
        Over all service days that were read.
    """
    days = {timetable.date: timetable for timetable in inputs.timetables.values()}
    return Ways(inputs.zones, inputs.streets, days, cache)


@dataclass(frozen=True, repr=False, eq=False)
class Ways:
    """Travel times of a study, prepared once for each profile and kept for any sites.

    Parameters
    ----------
    zones : Zones
        Where people start.
    streets : Streets
        The network.
    timetables : mapping of date to Timetable
        The service days that were read.
    cache : Path or None
        Folder that keeps travel times.
    """

    zones: Zones
    streets: Streets
    timetables: Mapping[dt.date, Timetable]
    cache: Path | None
    _routers: dict[Profile, Router] = field(init=False, default_factory=dict)

    def timetable(self, profile: Profile) -> Timetable | None:
        """Give the service day of a profile.

        Parameters
        ----------
        profile : Profile
            The way to travel.

        Returns
        -------
        Timetable or None
            None for modes that need none.

        Raises
        ------
        InputError
            If no timetable was read for the profile's date.
        """
        if profile.mode != "transit":
            return None
        if profile.date not in self.timetables:
            days = ", ".join(sorted(map(str, self.timetables))) or "none"
            remedy = f"The study's transit profiles are for: {days}."
            problem = f"no timetable was read for {profile.date}."
            raise InputError([Fault(f"profile {profile.name}", "date", problem, remedy)])
        return self.timetables[profile.date]

    def times(self, profile: Profile, sites: Offices, *, progress: Progress = quiet) -> TravelTimes:
        """Minutes from every zone to every site; what was asked for before costs nothing.

        Parameters
        ----------
        profile : Profile
            The way to travel.
        sites : Offices
            Where people go.
        progress : callable
            Told before each block of sites that is searched.

        Returns
        -------
        TravelTimes
            Zones × sites.

        Raises
        ------
        InputError
            If no timetable was read for the profile's date.
        """
        if profile not in self._routers:
            timetable = self.timetable(profile)
            self._routers[profile] = Router(
                profile, self.zones, self.streets, timetable, self.cache
            )
        return self._routers[profile].times(sites, progress=progress)
