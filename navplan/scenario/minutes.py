"""Minutes from every zone to the office its residents use under a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns import NEAREST, TravelTimes, Zones
from navplan.scenario.edits import WORKDAYS, Outreach, did_you_mean
from navplan.scenario.structure import Scenario
from navplan.units import REASONS, Reason

_Minutes = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.intp]
_Words = npt.NDArray[np.object_]

# Where no office has a time, the reason shown is the one that comes first here.
_REASON_ORDER: Final = (
    *(Reason.ZONE_NOT_LINKED, Reason.BEYOND_LIMIT, Reason.NO_SERVICE),
    *(Reason.NOT_CONNECTED, Reason.SITE_NOT_LINKED, Reason.OK),
)
_REASON_WORDS: Final = np.array([str(reason) for reason in REASONS], dtype=object)
_REASON_RANK: Final = np.array([_REASON_ORDER.index(reason) for reason in REASONS])
_OK: Final = REASONS.index(Reason.OK)


@dataclass(frozen=True, eq=False)
class ZoneAreas:
    """The area of each zone by number, made once for many scenarios; see `zone_areas`.

    Parameters
    ----------
    index : Index
        The zones.
    names : tuple of str
        The areas, sorted.
    area : array, shape (zones,)
        Each zone's position in `names`.
    """

    index: pd.Index
    names: tuple[str, ...]
    area: _Numbers


def zone_areas(zones: Zones) -> ZoneAreas:
    """Number the areas of the zones.

    Parameters
    ----------
    zones : Zones
        The zones and their areas.

    Returns
    -------
    ZoneAreas
        For `own_arrays`.
    """
    numbers, names = pd.factorize(zones.table["area"], sort=True, use_na_sentinel=False)
    return ZoneAreas(zones.table.index, tuple(names), numbers)


@dataclass(frozen=True, eq=False)
class OwnMinutes:
    """The columns of `own_minutes` as plain arrays, one value a zone.

    Parameters
    ----------
    office, nearest : array of str
        Own and nearest office.
    minutes, nearest_minutes : array
        Minutes to them [min]; NaN = no time.
    reason : array of str
        Why there is no time to the own office.
    """

    office: _Words
    minutes: _Minutes
    nearest: _Words
    nearest_minutes: _Minutes
    reason: _Words


def _lookup_faults(
    scenario: Scenario, times: TravelTimes, zones: ZoneAreas, rows: _Numbers
) -> list[Fault]:
    where = f"scenario {scenario.name}"
    known = set(zones.names)
    faults = [
        Fault(where, "allocation", f"{area} belongs to no office.", "Allocate every area.")
        for area in zones.names
        if area not in scenario.allocation
    ]
    faults += [
        Fault(where, "allocation", f"no zone lies in {area!r}.", did_you_mean(area, zones.names))
        for area in scenario.allocation
        if area not in known
    ]
    profile = times.profile.name
    sites = dict.fromkeys([*scenario.offices, *(m.at for m in scenario.outreach)])
    for site in sites:
        if site not in times.minutes.columns:
            given = f"the travel times of {profile} have no site {site!r}."
            faults.append(Fault(where, "offices", given, "Compute times to this site too."))
    missing = np.flatnonzero(rows < 0)
    if len(missing):
        given = f"{len(missing)} zones have no row, for example {zones.index[missing[0]]!r}."
        faults.append(Fault(f"travel times {profile}", "minutes", given))
    return faults


def _cells(times: TravelTimes, rows: _Numbers, sites: Sequence[str]) -> tuple[_Minutes, _Numbers]:
    """Minutes (inf where there is no time) and numbers of the reasons, zones × sites."""
    position = {site: number for number, site in enumerate(times.minutes.columns)}
    cells = np.ix_(rows, np.array([position[site] for site in sites], dtype=np.intp))
    minutes = times.minutes.to_numpy()[cells].astype(float)
    minutes[np.isnan(minutes)] = np.inf
    return minutes, times.codes.to_numpy()[cells]


def _with_meetings(
    minutes: _Minutes, meetings: Sequence[tuple[Outreach, _Minutes]], zones: ZoneAreas
) -> _Minutes:
    """Mean over Monday–Friday of the nearer of office and meeting (inf where no time)."""
    timed = np.isfinite(minutes)
    served = [np.isin(zones.names, meeting.serves)[zones.area] & timed for meeting, _ in meetings]
    saved = np.zeros_like(minutes)
    for day in WORKDAYS:
        nearer = minutes.copy()
        for (meeting, there), whom in zip(meetings, served, strict=True):
            if day in meeting.days:
                nearer[whom] = np.minimum(nearer[whom], there[whom])
        saved[timed] += minutes[timed] - nearer[timed]
    # Meetings at the door every day may save more than all the minutes by rounding.
    return np.maximum(minutes - saved / len(WORKDAYS), 0)


def own_arrays(scenario: Scenario, times: TravelTimes, zones: ZoneAreas) -> OwnMinutes:
    """Give the columns of `own_minutes` without making a table, for many scenarios in a row.

    Parameters
    ----------
    scenario : Scenario
        The structure.
    times : TravelTimes
        Minutes to at least the scenario's offices and meeting places.
    zones : ZoneAreas
        From `zone_areas`.

    Returns
    -------
    OwnMinutes
        In the order of the zones; see `own_minutes`.

    Raises
    ------
    InputError
        If areas, sites and zones of the three do not fit.
    """
    rows = times.minutes.index.get_indexer(zones.index)
    raise_faults(_lookup_faults(scenario, times, zones, rows))
    offices = np.array(scenario.offices, dtype=object)
    table, codes = _cells(times, rows, scenario.offices)
    every = np.arange(len(rows))
    nearest = table.argmin(axis=1)
    position = {office: number for number, office in enumerate(scenario.offices)} | {NEAREST: -1}
    of_area = [position[scenario.allocation[area]] for area in zones.names]
    own = np.array(of_area, dtype=np.intp)[zones.area]
    free = own < 0
    own = np.where(free, nearest, own)
    minutes, least = table[every, own], table[every, nearest]
    nearest = np.where(minutes == least, own, nearest)
    none, nowhere = np.isinf(minutes), np.isinf(least)
    telling = np.where(free, _REASON_RANK[codes].argmin(axis=1), own)
    reason = np.where(none, codes[every, telling], _OK)
    if scenario.outreach:
        there, _ = _cells(times, rows, [meeting.at for meeting in scenario.outreach])
        meetings = list(zip(scenario.outreach, there.T, strict=True))
        minutes = _with_meetings(minutes, meetings, zones)
        least = _with_meetings(least, meetings, zones)
    return OwnMinutes(
        office=np.where(free & none, "", offices[own]),
        minutes=np.where(none, np.nan, minutes),
        nearest=np.where(nowhere, "", offices[nearest]),
        nearest_minutes=np.where(nowhere, np.nan, least),
        reason=_REASON_WORDS[reason],
    )


def own_minutes(scenario: Scenario, times: TravelTimes, zones: Zones) -> pd.DataFrame:
    """Minutes from every zone to its own office and to the nearest open one.

    On the days of outreach meetings the residents of the areas served use the nearer in time of
    office and meeting; the minutes are the mean over Monday to Friday (an assumption: visits are
    spread evenly over the week). A zone without a time to its office has none with meetings
    either, since most days would be left out.

    Parameters
    ----------
    scenario : Scenario
        The structure.
    times : TravelTimes
        Minutes to at least the scenario's offices and meeting places.
    zones : Zones
        The zones and their areas.

    Returns
    -------
    DataFrame
        Indexed by zone: ``office`` (empty where the area chooses freely and no office has a
        time), ``minutes`` [min], ``nearest`` (the own office where as near as any; else the
        first in the scenario's order), ``nearest_minutes`` [min], ``reason`` (of the missing
        time to the own office, else ok).

    Raises
    ------
    InputError
        If areas, sites and zones of the three do not fit.
    """
    areas = zone_areas(zones)
    return pd.DataFrame(vars(own_arrays(scenario, times, areas)), index=areas.index)
