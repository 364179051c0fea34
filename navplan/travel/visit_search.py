"""Ways there and home again for visits: by timetable for every clock time, over the streets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from navplan.nouns import Offices, Profile, Streets, Timetable, Zones
from navplan.travel.foot import whole_seconds
from navplan.travel.lanes import LANES
from navplan.travel.router import travel_times
from navplan.travel.transit import transit_search
from navplan.travel.visit_grid import (
    Best,
    Grid,
    best_visits,
    last_departures,
    steady_last_departures,
    steady_visits,
)
from navplan.units import SECONDS_PER_MINUTE

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_MOST_CELLS: Final = 40_000_000
"""Zones × sites × clock times held at once, each way (160 MB)."""
_NEVER_S: Final = 2**28


@dataclass(frozen=True)
class VisitDay:
    """What visits are searched among.

    Parameters
    ----------
    profile : Profile
        The way to travel; its window is from the first departure to the last homecoming.
    zones : Zones
        Where people live.
    sites : Offices
        Where they go.
    streets : Streets
        The network.
    grid : Grid
        When it may begin, when it then ends, and what it must keep.
    open_at : tuple of ndarray of int
        By site: places of the begins from which a whole stay lies within opening hours.
    """

    profile: Profile
    zones: Zones
    sites: Offices
    streets: Streets
    grid: Grid
    open_at: tuple[Longs, ...]


class Found(NamedTuple):
    """Visits of some zones to one site.

    Parameters
    ----------
    cells : tuple of slice and int
        The zones, and the site.
    best : Best or None
        None where the site is never open long enough.
    last_departure : ndarray of float
        By zone, the latest departure from the site that leads home; NaN where none does [s].
    """

    cells: tuple[slice, int]
    best: Best | None
    last_departure: Floats


def by_timetable(day: VisitDay, timetable: Timetable) -> Iterator[Found]:
    """Search the ways out by wished arrivals, and the ways home by wished departures.

    Parameters
    ----------
    day : VisitDay
        Of mode transit.
    timetable : Timetable
        The service day.

    Yields
    ------
    Found
        A part of the zones and one site, block by block, so that memory is bounded.
    """
    profile, grid = day.profile, day.grid
    most = profile.limit_min
    if profile.max_direct_walk_min is not None:
        most = min(most, profile.max_direct_walk_min)
    # rides before the first time, or after the last, lead nowhere in time: a step is enough
    step_min = profile.step_s / SECONDS_PER_MINUTE
    near = replace(profile, limit_min=step_min, max_direct_walk_min=most)
    first, last = int(grid.begins[0]), int(grid.begins[-1])
    out = replace(near, depart_from=None, depart_until=None, arrive_from=first, arrive_until=last)
    home = replace(near, depart_from=int(grid.ends[0]), depart_until=int(grid.ends[-1]))
    there, back = (
        transit_search(
            way, zones=day.zones, streets=day.streets, timetable=timetable, homeward=way is home
        )
        for way in (out, home)
    )
    for some_zones, some_sites in _blocks(len(day.zones), len(day.sites), len(grid.ends)):
        table = day.sites.table.iloc[some_sites]
        leave = there.window_seconds(there.footways.to_sites(table), zones=some_zones)
        homeward = back.window_seconds(back.footways.to_sites(table), zones=some_zones)
        for number, site in enumerate(range(some_sites.start, some_sites.stop)):
            leaves, again = grid.begins - leave[:, number], grid.ends + homeward[:, number]
            open_at = day.open_at[site]
            best = best_visits(leaves, again, grid, open_at) if len(open_at) else None
            yield Found((some_zones, site), best, last_departures(again, grid))


def _blocks(zones: int, sites: int, times: int) -> Iterator[tuple[slice, slice]]:
    """Zones and sites read at once: rather few sites of all zones than few zones of all sites."""
    some_sites = min(max(_MOST_CELLS // max(zones * times, 1), 1), LANES)
    some_zones = max(_MOST_CELLS // (some_sites * times), 1)
    for site in range(0, sites, some_sites):
        for zone in range(0, zones, some_zones):
            yield (
                slice(zone, min(zone + some_zones, zones)),
                slice(site, min(site + some_sites, sites)),
            )


def over_streets(day: VisitDay) -> Iterator[Found]:
    """Search the ways on foot, by bicycle or by car, which take as long at any time of day.

    A ferry counts as open all day if it sails at any time between the first departure and the
    last homecoming, so that one that has stopped may be taken home; use a timetable for that.

    Parameters
    ----------
    day : VisitDay
        Of one of these modes.

    Yields
    ------
    Found
        All zones and one site.
    """
    # the limit is for what is chosen, and why not is to be told
    far = replace(day.profile, limit_min=_NEVER_S / SECONDS_PER_MINUTE)
    places = day.sites.table
    out = travel_times(far, zones=day.zones, sites=places, streets=day.streets)
    home = travel_times(
        far, zones=Zones(places.assign(kommune="")), sites=day.zones.table, streets=day.streets
    )
    there_s = _seconds(out.minutes.to_numpy())
    back_s = _seconds(home.minutes.to_numpy().T)
    for site, open_at in enumerate(day.open_at):
        there, back = there_s[:, site], back_s[:, site]
        best = steady_visits(there, back, day.grid, open_at) if len(open_at) else None
        yield Found((slice(None), site), best, steady_last_departures(back, day.grid))


def _seconds(minutes: Floats) -> Ints:
    """Whole seconds, rounded up; beyond any day where there is no way."""
    seconds = np.nan_to_num(minutes * SECONDS_PER_MINUTE, nan=_NEVER_S)
    return np.asarray(whole_seconds(seconds), dtype=np.int32)
