"""One trip leg by leg, so that a planner can check a minute of the matrix by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np

from navplan.errors import Fault, raise_faults
from navplan.network import edge_seconds
from navplan.network.graph import graph_of
from navplan.network.linking import linker_of
from navplan.nouns import Profile, Streets, Timetable
from navplan.travel.checks import input_faults
from navplan.travel.legs import Leg, clock_s, street_legs, table_of
from navplan.travel.street_way import StreetWays, linked, unlinked
from navplan.travel.transit_legs import transit_legs
from navplan.units import SECONDS_PER_MINUTE, Reason

_METRES_PER_KM: Final = 1000


@dataclass(frozen=True, repr=False)
class Itinerary:
    """A trip from a zone to a site at one wished time.

    Parameters
    ----------
    legs : GeoDataFrame
        In order of time: ``kind`` (one of `navplan.travel.legs.KINDS`), ``from``, ``to``,
        ``line``, ``departs`` and ``arrives`` [s after midnight], ``minutes`` [min], ``metres``
        [m, NaN for rides and waits], and its course. Each leg departs when the one before
        arrives. Empty where there is no way.
    zone, site : str
        Ids of the ends.
    at : int
        The wished time [s after midnight].
    profile : Profile
        The way to travel; by its window, `at` is a wished arrival or departure.
    reason : Reason
        ``ok``, or why there is no way.
    """

    legs: gpd.GeoDataFrame
    zone: str
    site: str
    at: int
    profile: Profile
    reason: Reason

    @property
    def minutes(self) -> float:
        """All minutes, as in the matrix: waiting at either end counts; NaN = no way [min]."""
        if self.reason != Reason.OK:
            return np.nan
        return float(self.arrives - self.leaves) / SECONDS_PER_MINUTE

    @property
    def leaves(self) -> float:
        """When it leaves the zone; NaN = no way [s after midnight]."""
        return float(self.legs["departs"].min()) if len(self.legs) else self._still

    @property
    def arrives(self) -> float:
        """When it ends at the site, the wait for a wished arrival included [s after midnight]."""
        return float(self.legs["arrives"].max()) if len(self.legs) else self._still

    @property
    def _still(self) -> float:
        """Who lives at the site leaves and arrives at once."""
        return float(self.at) if self.reason == Reason.OK else np.nan

    @property
    def waiting_min(self) -> float:
        """Minutes of standing at stops and at the site [min]."""
        return float(self.legs.loc[self.legs["kind"] == "wait", "minutes"].sum())

    @property
    def rides(self) -> int:
        """Vehicles of the timetable boarded."""
        return int((self.legs["kind"] == "ride").sum())

    def __str__(self) -> str:
        wish = "leave at" if self.profile.by_departure else "arrive by"
        head = f"{self.zone} → {self.site}, {self.profile.name}, {wish} {clock_s(self.at)}"
        if self.reason != Reason.OK:
            return f"{head}: no way ({self.reason})"
        lines = [f"{head}: {self.minutes:.1f} min, of which {self.waiting_min:.1f} min waiting"]
        rows = [_words(leg) for leg in self.legs.itertuples(index=False, name=None)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)

    def __repr__(self) -> str:
        wish = "leaving" if self.profile.by_departure else "arriving by"
        return (
            f"Itinerary({self.zone} → {self.site}, {self.profile.name}, {wish} "
            f"{clock_s(self.at)}, {len(self.legs)} legs, {self.minutes:.1f} min)"
        )


def _words(leg: tuple[object, ...]) -> tuple[str, ...]:
    kind, start, end, line, departs, arrives, minutes, metres, *_ = leg
    far = float(str(metres))
    length = "" if np.isnan(far) else f"{far / _METRES_PER_KM:.1f} km"
    if not np.isnan(far) and far < _METRES_PER_KM:
        length = f"{far:.0f} m"
    times = (clock_s(float(str(departs))), clock_s(float(str(arrives))))
    ends = f"{start} → {end}" if start != end else str(start)
    return (*times, f"{float(str(minutes)):6.1f} min", str(kind), str(line), length, ends)


def itinerary(
    profile: Profile,
    *,
    zone: gpd.GeoDataFrame,
    site: gpd.GeoDataFrame,
    streets: Streets,
    timetable: Timetable | None = None,
    at: int,
) -> Itinerary:
    """Find the trip behind one minute of the matrix.

    Its minutes are those that `navplan.travel.travel_times` has for this pair when the profile's
    window is `at` alone. Of a window, the matrix gives a percentile: ask for several times to see
    what lies behind it. Of several trips equally good, one with the fewest rides is given.

    Parameters
    ----------
    profile : Profile
        The way to travel; by its window, `at` is a wished arrival or a wished departure.
    zone, site : GeoDataFrame
        One row each: a point indexed by its id, as ``zones.table.loc[["z1"]]``.
    streets : Streets
        The network, in the same CRS.
    timetable : Timetable, optional
        The service day; needed for transit.
    at : int
        The wished time [s after midnight].

    Returns
    -------
    Itinerary
        Its legs, or why there is none.

    Raises
    ------
    InputError
        If a point is not one row, coordinate systems differ, transit lacks a timetable or has
        one of another date, a call lacks its trip, stop or time, times go backwards, or trips
        continue each other in a ring.
    """
    where = f"itinerary {profile.name}"
    ends = {"zone": zone, "site": site}
    faults = input_faults(where, profile, points=ends, streets=streets, timetable=timetable)
    faults += [
        Fault(where, name, f"{len(frame)} rows are given; expected one.", "Choose one id.")
        for name, frame in ends.items()
        if len(frame) != 1
    ]
    raise_faults(faults)
    at_once = _only(profile, at)
    if profile.mode == "transit" and timetable is not None:
        reason, legs = transit_legs(at_once, zone, site, streets, timetable)
    else:
        reason, legs = _way_over_streets(at_once, zone, site, streets)
    names = str(zone.index[0]), str(site.index[0])
    return Itinerary(table_of(legs, streets), *names, at, profile, reason)


def _only(profile: Profile, at: int) -> Profile:
    """The profile with a window of one wished time."""
    if profile.by_departure:
        return replace(profile, depart_from=at, depart_until=at)
    return replace(profile, arrive_from=at, arrive_until=at)


def _way_over_streets(
    profile: Profile, zone: gpd.GeoDataFrame, site: gpd.GeoDataFrame, streets: Streets
) -> tuple[Reason, list[Leg]]:
    at, _ = profile.window
    seconds = edge_seconds(streets, profile)
    linker = linker_of(streets, seconds, profile)
    here, there = linked(zone, linker), linked(site, linker)
    if (reason := unlinked(here, there)) != Reason.OK:
        return reason, []
    pieces = StreetWays(streets, graph_of(streets, seconds, profile)).between(here, there)
    if not pieces:
        return Reason.NOT_CONNECTED, []
    spent = sum(piece.seconds for piece in pieces)
    if spent > profile.limit_min * SECONDS_PER_MINUTE:
        return Reason.BEYOND_LIMIT, []
    departs = at if profile.by_departure else at - spent
    ends = str(zone.index[0]), str(site.index[0])
    return Reason.OK, street_legs(pieces, streets, profile, ends=ends, departs=departs)
