"""Legs of one trip by timetable."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import geopandas as gpd
import numpy as np
from shapely import LineString

from navplan.network import edge_seconds, without_served_ferries
from navplan.network.graph import graph_of
from navplan.network.linking import linker_of
from navplan.network.links import Links
from navplan.nouns import Profile, Streets, Timetable
from navplan.travel.foot import Walks
from navplan.travel.lanes import UNREACHED
from navplan.travel.legs import Leg, course_of, street_legs
from navplan.travel.rides import Rides, changes_of, rides_of, window_of
from navplan.travel.street_way import StreetWays, linked, unlinked
from navplan.travel.timetable_way import Journey, earliest_arrival, latest_departure
from navplan.travel.transit import Footways
from navplan.units import SECONDS_PER_MINUTE, Reason


def transit_legs(
    profile: Profile,
    zone: gpd.GeoDataFrame,
    site: gpd.GeoDataFrame,
    streets: Streets,
    timetable: Timetable,
) -> tuple[Reason, list[Leg]]:
    """Legs of the best trip for one wished time, with the waits at both ends.

    Parameters
    ----------
    profile : Profile
        Mode transit; its window is the wished arrival or the wished departure alone.
    zone, site : GeoDataFrame
        One point each.
    streets : Streets
        The network walked on.
    timetable : Timetable
        The service day.

    Returns
    -------
    Reason
        ``ok``, or why there is no trip.
    list of Leg
        In order of time; none without a trip.

    Raises
    ------
    InputError
        If the timetable cannot be searched; see `navplan.travel.rides.rides_of`.
    """
    at, _ = profile.window
    rides = rides_of(timetable, step_free=profile.step_free)
    streets = without_served_ferries(streets, timetable)
    seconds = edge_seconds(streets, profile)
    linker = linker_of(streets, seconds, profile)
    here, there = linked(zone, linker), linked(site, linker)
    stops = linked(timetable.stops, linker)
    stops = stops.assign(name=timetable.stops["name"].to_numpy())
    if (reason := unlinked(here, there)) != Reason.OK:
        return reason, []
    graph = graph_of(streets, seconds, profile)
    ends = (Links.of(here), Links.of(stops))
    footways = Footways(profile, streets, seconds, graph, *ends, homeward=False, linker=linker)
    to_site = footways.to_sites(site)
    window = window_of(profile)
    trip = _Trip(
        profile=profile,
        timetable=timetable,
        ways=StreetWays(streets, graph),
        ends=(here, there),
        stops=stops,
        rides=rides.within(window.earliest, window.latest),
        access=_by_stop(footways.access()),
        egress=_by_stop(to_site.walks),
        changes=changes_of(footways.near(stops, stops), timetable, profile.change_slack_s),
    )
    walk_s = int(to_site.direct[0, 0])
    journey = trip.journey(at)
    ride_s = UNREACHED
    if journey is not None:
        ride_s = journey.arrives - at if profile.by_departure else at - journey.leaves
    least = min(walk_s, ride_s)
    if least >= UNREACHED:
        return Reason.NO_SERVICE, []
    if least > profile.limit_min * SECONDS_PER_MINUTE:
        return Reason.BEYOND_LIMIT, []
    if journey is None or walk_s <= ride_s:
        departs = at if profile.by_departure else at - walk_s
        return Reason.OK, trip.walk(here, there, departs, departs + walk_s)
    return Reason.OK, trip.legs(journey, at)


def _by_stop(walks: Walks) -> dict[int, int]:
    """Seconds by stop, of the walks of a single point."""
    return dict(zip(walks.target.tolist(), walks.seconds.tolist(), strict=True))


@dataclass(frozen=True)
class _Trip:
    """What a trip is made from."""

    profile: Profile
    timetable: Timetable
    ways: StreetWays
    ends: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]
    stops: gpd.GeoDataFrame
    rides: Rides
    access: dict[int, int]
    egress: dict[int, int]
    changes: Walks

    def journey(self, at: int) -> Journey | None:
        """The best one for a wished time."""
        ends, most = (self.access, self.egress), self.profile.max_rides
        if self.profile.by_departure:
            return earliest_arrival(self.rides, at, *ends, self.changes, max_rides=most)
        return latest_departure(self.rides, at, *ends, self.changes, max_rides=most)

    def walk(
        self, start: gpd.GeoDataFrame, end: gpd.GeoDataFrame, departs: int, arrives: int
    ) -> list[Leg]:
        """Legs on foot between two linked points."""
        pieces = self.ways.between(start, end)
        names = self._name(start), self._name(end)
        return street_legs(
            pieces, self.ways.streets, self.profile, ends=names, departs=departs, arrives=arrives
        )

    def legs(self, journey: Journey, at: int) -> list[Leg]:
        """Legs of a journey, and the wait for a wished arrival."""
        rides, (here, there) = self.rides, self.ends
        boarding = int(rides.start[journey.rides[0][0]])
        leaves = at if self.profile.by_departure else journey.leaves
        legs = self.walk(here, self._stop(boarding), leaves, leaves + self.access[boarding])
        now = leaves + self.access[boarding]
        before: int | None = None
        for ride in journey.rides:
            start = int(rides.start[ride[0]])
            if before is not None:
                legs.append(self._change(before, start, now))
                now = round(legs[-1].arrives)
            departs = int(rides.departure[ride[0]])
            legs += self._wait(self._stop(start), now, departs)
            legs += self._seated(ride)
            before, now = int(rides.end[ride[-1]]), int(rides.arrival[ride[-1]])
        alighting = int(rides.end[journey.rides[-1][-1]])
        legs += self.walk(self._stop(alighting), there, now, now + self.egress[alighting])
        if not self.profile.by_departure:
            legs += self._wait(there, now + self.egress[alighting], at)
        return legs

    def _change(self, before: int, after: int, now: int) -> Leg:
        """From the stop alighted at to the next one, with the slack."""
        first, last = self.changes.pointers[before : before + 2]
        place = first + np.searchsorted(self.changes.target[first:last], after)
        start, end = self._stop(before), self._stop(after)
        pieces = () if before == after else self.ways.between(start, end)
        metres, arrives = sum(p.metres for p in pieces), now + int(self.changes.seconds[place])
        names = self._name(start), self._name(end)
        return Leg("change", *names, "", now, arrives, metres, course_of(pieces))

    def _wait(self, at: gpd.GeoDataFrame, now: int, until: int) -> list[Leg]:
        name, point = self._name(at), at.geometry.iloc[0]
        return [Leg("wait", name, name, "", now, until, geometry=point)] if until > now else []

    def _seated(self, ride: tuple[int, ...]) -> list[Leg]:
        """Legs of one ride, one for each trip that it goes on as."""
        rides = self.rides
        by_trip = [list(rows) for _, rows in groupby(ride, key=lambda row: int(rides.trip[row]))]
        legs: list[Leg] = []
        for kind, rows in zip(["ride"] + ["seated"] * len(by_trip), by_trip, strict=False):
            calls = [int(rides.start[rows[0]]), *(int(rides.end[row]) for row in rows)]
            line = str(self.timetable.trips["line"].to_numpy()[rides.trip[rows[0]]])
            # what passes while standing where the trips meet belongs to the later one
            departs = legs[-1].arrives if legs else int(rides.departure[rows[0]])
            names = self._name(self._stop(calls[0])), self._name(self._stop(calls[-1]))
            course = LineString([self.stops.geometry.iloc[stop] for stop in calls])
            arrives = int(rides.arrival[rows[-1]])
            legs.append(Leg(kind, *names, line, departs, arrives, geometry=course))
        return legs

    def _stop(self, stop: int) -> gpd.GeoDataFrame:
        return self.stops.iloc[[stop]]

    def _name(self, point: gpd.GeoDataFrame) -> str:
        """Id of a zone or site; name of a stop."""
        return str(point["name"].iloc[0]) if "name" in point else str(point.index[0])
