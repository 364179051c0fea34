"""Visits: there within opening hours, a stay, and home again the same day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.network import edge_seconds
from navplan.network.linking import Linker, linker_of
from navplan.nouns import Offices, Profile, Streets, Timetable, Zones
from navplan.travel.checks import input_faults
from navplan.travel.visit_grid import REASONS, Bounds, Grid, VisitReason, grid_of
from navplan.travel.visit_search import VisitDay, by_timetable, over_streets
from navplan.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE, clock

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EARLIEST_LEAVE: Final = 5 * SECONDS_PER_HOUR
_OK: Final = REASONS.index(VisitReason.OK)
_UNLINKED: Final = [
    REASONS.index(VisitReason.ZONE_NOT_LINKED),
    REASONS.index(VisitReason.SITE_NOT_LINKED),
]
_WORDS: Final = pd.CategoricalDtype([str(reason) for reason in REASONS])
_TIMES: Final = ("leaves_home", "arrives", "begins", "ends", "leaves_site", "home_again")


@dataclass(frozen=True, repr=False)
class Visits:
    """The best visit from every zone to every site on one day, or why there is none.

    Parameters
    ----------
    table : DataFrame
        Indexed by ``zone`` and ``site``. ``reason`` (words of `VisitReason`); ``minutes_away``
        from leaving home to being home again, of which ``minutes_there`` on the way there,
        ``minutes_back`` on the way home and ``waiting_min`` at the site before and after the
        stay [min]; ``leaves_home``, ``arrives``, ``begins``, ``ends``, ``leaves_site`` and
        ``home_again`` [s after midnight]; ``last_departure``, the latest one can leave the site
        and still be home the same day, whether or not a visit is possible [s after midnight].
        NaN where there is none.
    stay_s : int
        Length of the visit [s].
    profile : Profile
        The way to travel, and the day.
    """

    table: pd.DataFrame
    stay_s: int
    profile: Profile

    @property
    def feasible(self) -> pd.DataFrame:
        """Whether a visit is possible: zones × sites, bool."""
        return (self.table["reason"] == VisitReason.OK).unstack("site", sort=False)

    @property
    def minutes_away(self) -> pd.DataFrame:
        """Minutes away from home: zones × sites, NaN where no visit is possible [min]."""
        return self.table["minutes_away"].unstack("site", sort=False)

    def __repr__(self) -> str:
        possible = int((self.table["reason"] == VisitReason.OK).sum())
        return (
            f"Visits({self.profile.name!r}, {self.stay_s // SECONDS_PER_MINUTE} min on "
            f"{self.profile.date}, {possible} of {len(self.table)} pairs possible)"
        )


def visits(
    profile: Profile,
    *,
    zones: Zones,
    sites: Offices,
    streets: Streets,
    timetable: Timetable | None = None,
    stay_s: int,
    earliest_leave: int = EARLIEST_LEAVE,
    latest_home: int = SECONDS_PER_DAY,
) -> Visits:
    """Find the best visit: within opening hours, and home again the same day.

    Where buses run all day, minutes one way say how far an office is. Where two boats leave a
    day they do not: the boat may come after the office closes, or the last one home leave before
    a stay is over; and where a visit is possible, most of the time away may be spent waiting.
    So this asks for the whole day out. A visit begins on a clock time that is a multiple of the
    profile's ``step_s`` (so many seconds after midnight), lies wholly within one stretch of the
    site's opening hours on the weekday of the profile's date, and the best one takes the least
    time from leaving home to being home again; of equals, the one that begins first.

    The profile's window and percentile play no part. Each way is the one that leaves home last,
    or comes home first. Over the streets a ferry counts as open all day if it sails at any time
    between `earliest_leave` and `latest_home`, so that one that has stopped may be taken home:
    where hours of ferries matter, search by a timetable that has them.

    By transit, times at the site are known to the step: ``arrives`` is the first of its clock
    times by which one is there, ``leaves_site`` the last at which one may still go (counted from
    the end of the stay), so that waiting is told up to two steps too short;
    `navplan.travel.itinerary` tells such a trip to the second.

    Parameters
    ----------
    profile : Profile
        The way to travel; neither way may take longer than ``limit_min``, waiting at the site
        apart.
    zones : Zones
        Where people live.
    sites : Offices
        With opening hours.
    streets : Streets
        The network.
    timetable : Timetable, optional
        The service day; needed for transit.
    stay_s : int
        Length of the visit [s].
    earliest_leave : int
        Nobody leaves home before; five o'clock [s after midnight].
    latest_home : int
        Everybody is home by then; may pass midnight, since trips of a service day do [s after
        midnight].

    Returns
    -------
    Visits
        One row a pair.

    Raises
    ------
    InputError
        If coordinate systems differ, an id stands twice, transit lacks a timetable or has one of
        another date, the stay is negative, or everybody is to be home before anybody leaves.

    See Also
    --------
    navplan.travel.travel_times : Minutes one way.
    """
    where = f"visits {profile.name}"
    points = {"zones": zones.table, "sites": sites.table}
    faults = input_faults(where, profile, points=points, streets=streets, timetable=timetable)
    if stay_s < 0:
        faults.append(Fault(where, "stay_s", f"{stay_s}; expected zero or more."))
    if latest_home <= earliest_leave:
        given = f"home by {clock(latest_home)}, but nobody leaves before {clock(earliest_leave)}."
        faults.append(Fault(where, "latest_home", given, "Give a later one."))
    raise_faults(faults)
    bounds = Bounds(earliest_leave, latest_home, stay_s, profile.limit_min * SECONDS_PER_MINUTE)
    hours = {site: _hours_of(sites, site, profile.weekday) for site in sites.table.index}
    last = max((closes - stay_s for rows in hours.values() for _, closes in rows), default=0)
    grid = grid_of(bounds, last_begin=last, step_s=profile.step_s)
    all_day = replace(profile, depart_from=earliest_leave, depart_until=latest_home)
    day = VisitDay(
        profile=all_day,
        zones=zones,
        sites=sites,
        streets=streets,
        grid=grid,
        open_at=tuple(_open_at(rows, grid, stay_s) for rows in hours.values()),
    )
    if profile.mode == "transit" and timetable is not None:
        search = by_timetable(day, timetable)
    else:
        search = over_streets(day)
    shape = (len(zones), len(sites))
    found = {name: np.full(shape, np.nan) for name in (*_TIMES, "last_departure")}
    codes = np.full(shape, _OK, dtype=np.int8)
    for cells, best, last_departure in search:
        found["last_departure"][cells] = last_departure
        if best is not None:
            codes[cells] = best.code
            for name in _TIMES:
                found[name][cells] = getattr(best, name)
    for column, site in enumerate(sites.table.index):
        if (reason := _closed(sites, site, hours[site], grid, stay_s)) != VisitReason.OK:
            codes[:, column] = REASONS.index(reason)
    linker = linker_of(streets, edge_seconds(streets, all_day), all_day)
    codes[:, ~_linked(linker, sites.table)] = REASONS.index(VisitReason.SITE_NOT_LINKED)
    codes[~_linked(linker, zones.table)] = REASONS.index(VisitReason.ZONE_NOT_LINKED)
    return Visits(_table(zones, sites, found, codes, stay_s), stay_s, profile)


def _hours_of(sites: Offices, site: str, weekday: str) -> list[tuple[int, int]]:
    hours = sites.hours
    rows = hours[(hours["office"] == site) & (hours["weekday"] == weekday)]
    opens, closes = (rows[name].to_numpy(dtype=np.int64).tolist() for name in ("opens", "closes"))
    return list(zip(opens, closes, strict=True))


def _open_at(hours: list[tuple[int, int]], grid: Grid, stay_s: int) -> Longs:
    """Places of the begins from which a whole stay lies within a stretch of opening hours."""
    fits = np.zeros(len(grid.begins), dtype=bool)
    for opens, closes in hours:
        fits |= (grid.begins >= opens) & (grid.begins + stay_s <= closes)
    return np.flatnonzero(fits)


def _closed(
    sites: Offices, site: str, hours: list[tuple[int, int]], grid: Grid, stay_s: int
) -> VisitReason:
    """Why nobody can visit a site on the day, wherever they live."""
    if not (sites.hours["office"] == site).any():
        return VisitReason.HOURS_UNKNOWN
    if not hours:
        return VisitReason.CLOSED
    return VisitReason.OK if len(_open_at(hours, grid, stay_s)) else VisitReason.HOURS_TOO_SHORT


def _table(
    zones: Zones, sites: Offices, found: dict[str, Floats], codes: npt.NDArray[np.int8], stay_s: int
) -> pd.DataFrame:
    times = {name: np.where(codes == _OK, found[name], np.nan) for name in _TIMES}
    away = times["home_again"] - times["leaves_home"]
    there = times["arrives"] - times["leaves_home"]
    back = times["home_again"] - times["leaves_site"]
    minutes = {
        "minutes_away": away,
        "minutes_there": there,
        "minutes_back": back,
        "waiting_min": away - there - back - stay_s,
    }
    linked = ~np.isin(codes, _UNLINKED)
    columns = {
        **{name: value / SECONDS_PER_MINUTE for name, value in minutes.items()},
        **times,
        "last_departure": np.where(linked, found["last_departure"], np.nan),
    }
    index = pd.MultiIndex.from_product(
        [zones.table.index, sites.table.index], names=["zone", "site"]
    )
    reason = pd.Categorical.from_codes(codes.ravel().tolist(), dtype=_WORDS)
    values = {name: value.ravel() for name, value in columns.items()}
    return pd.DataFrame({"reason": reason, **values}, index=index)


def _linked(linker: Linker, points: gpd.GeoDataFrame) -> Flags:
    return linker.attach(points)["linked"].to_numpy(dtype=bool)
