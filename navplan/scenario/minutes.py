"""Minutes from every zone to the office its residents use under a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns import NEAREST, TravelTimes, Zones
from navplan.scenario.edits import WORKDAYS, Outreach, did_you_mean
from navplan.scenario.structure import Scenario
from navplan.units import Reason

_Minutes = npt.NDArray[np.float64]

# Where no office has a time, the reason shown is the one that comes first here.
_REASON_ORDER: Final = (
    *(Reason.ZONE_NOT_LINKED, Reason.BEYOND_LIMIT, Reason.NO_SERVICE),
    *(Reason.NOT_CONNECTED, Reason.SITE_NOT_LINKED, Reason.OK),
)


def _lookup_faults(scenario: Scenario, times: TravelTimes, zones: Zones) -> list[Fault]:
    where = f"scenario {scenario.name}"
    areas = set(zones.table["area"])
    faults = [
        Fault(where, "allocation", f"{area} belongs to no office.", "Allocate every area.")
        for area in sorted(areas - set(scenario.allocation))
    ]
    faults += [
        Fault(where, "allocation", f"no zone lies in {area!r}.", did_you_mean(area, areas))
        for area in scenario.allocation
        if area not in areas
    ]
    profile = times.profile.name
    sites = dict.fromkeys([*scenario.offices, *(m.at for m in scenario.outreach)])
    for site in sites:
        if site not in times.minutes.columns:
            given = f"the travel times of {profile} have no site {site!r}."
            faults.append(Fault(where, "offices", given, "Compute times to this site too."))
    missing = zones.table.index.difference(times.minutes.index)
    if len(missing):
        given = f"{len(missing)} zones have no row, for example {missing[0]!r}."
        faults.append(Fault(f"travel times {profile}", "minutes", given))
    return faults


def _with_meetings(
    minutes: _Minutes, meetings: Sequence[tuple[Outreach, _Minutes]], area: npt.NDArray[np.object_]
) -> _Minutes:
    """Mean over Monday–Friday of the nearer of office and meeting (inf where no time)."""
    timed = np.isfinite(minutes)
    saved = np.zeros_like(minutes)
    for day in WORKDAYS:
        nearer = minutes.copy()
        for meeting, there in meetings:
            if day in meeting.days:
                served = timed & np.isin(area, list(meeting.serves))
                nearer[served] = np.minimum(nearer[served], there[served])
        saved[timed] += minutes[timed] - nearer[timed]
    return minutes - saved / len(WORKDAYS)


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
    raise_faults(_lookup_faults(scenario, times, zones))
    index = zones.table.index
    area = zones.table["area"].to_numpy(dtype=object)
    offices = np.array(scenario.offices, dtype=object)
    table = times.minutes.loc[index, list(offices)].to_numpy(dtype=float)
    reasons = times.reason.loc[index, list(offices)].to_numpy(dtype=object)
    table = np.where(np.isnan(table), np.inf, table)
    rows = np.arange(len(index))
    nearest = table.argmin(axis=1)
    position = {office: number for number, office in enumerate(scenario.offices)} | {NEAREST: -1}
    own = np.array([position[scenario.allocation[a]] for a in area], dtype=int)
    free = own < 0
    own = np.where(free, nearest, own)
    minutes, least = table[rows, own], table[rows, nearest]
    nearest = np.where(minutes == least, own, nearest)
    none, nowhere = ~np.isfinite(minutes), ~np.isfinite(least)
    codes = np.array([_REASON_ORDER.index(Reason(word)) for word in reasons.ravel()], dtype=int)
    first = reasons[rows, codes.reshape(reasons.shape).argmin(axis=1)]
    reason = np.where(none, np.where(free, first, reasons[rows, own]), Reason.OK.value)
    meetings = [
        (m, times.minutes.loc[index, m.at].fillna(np.inf).to_numpy(dtype=float))
        for m in scenario.outreach
    ]
    if meetings:
        minutes = _with_meetings(minutes, meetings, area)
        least = _with_meetings(least, meetings, area)
    return pd.DataFrame(
        {
            "office": np.where(free & none, "", offices[own]),
            "minutes": np.where(none, np.nan, minutes),
            "nearest": np.where(nowhere, "", offices[nearest]),
            "nearest_minutes": np.where(nowhere, np.nan, least),
            "reason": [str(r) for r in reason],
        },
        index=index,
    )
