"""A plain timetable search to compare with: forward, one departure at a time, no arrays.

It shares nothing with `navplan.travel` but the definition: walks come from the hand sum
`town.blocks`, arrivals from repeating "who can board what" until nothing changes, and the latest
departure from trying every moment at which leaving could make a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from navplan.nouns import Profile, Timetable
from tests import town

NEVER = float("inf")
WALK_S = 800  # one link at 1.25 m/s


@dataclass(frozen=True)
class Call:
    """One call of a trip."""

    stop: str
    arrival: int
    departure: int
    board: bool
    alight: bool


def trips_of(timetable: Timetable, profile: Profile) -> list[list[Call]]:
    """Trips as lists of calls, without what lies outside the searched hours."""
    ids = timetable.stops.index
    earliest = profile.arrive_from - profile.limit_min * 60
    found = []
    for _, rows in timetable.stop_times.groupby("trip", sort=True):
        calls = [
            Call(ids[r.stop], int(r.arrival), int(r.departure), bool(r.board), bool(r.alight))
            for r in rows.itertuples()
        ]
        found.append(
            [c for c in calls if c.departure >= earliest and c.arrival <= profile.arrive_until]
        )
    return found


def walk(one: str, other: str, most_s: float) -> float:
    """Seconds between two corners."""
    seconds = town.blocks(one, other) * WALK_S
    return seconds if seconds <= most_s else NEVER


def corner_of(name: str) -> str:
    """The corner of a zone, site or stop."""
    return town.SITES[name][0] if name in town.SITES else name.split("-")[1]


def arrivals(
    start: str, leave: float, sites: list[str], trips: list[list[Call]], profile: Profile
) -> dict[str, float]:
    """Earliest arrival at each site when leaving a corner at a moment."""
    most = profile.max_walk_min * 60
    stops = sorted({call.stop for calls in trips for call in calls})
    alighted = dict.fromkeys(stops, NEVER)

    def can_board(call: Call) -> bool:
        if leave + walk(start, corner_of(call.stop), most) <= call.departure:
            return True
        return any(
            alighted[stop]
            + (0 if stop == call.stop else walk(corner_of(stop), corner_of(call.stop), most))
            + profile.change_slack_s
            <= call.departure
            for stop in stops
        )

    changed = True
    while changed:
        changed = False
        for calls in trips:
            aboard = False
            for call in calls:
                if aboard and call.alight and call.arrival < alighted[call.stop]:
                    alighted[call.stop] = call.arrival
                    changed = True
                aboard = aboard or (call.board and can_board(call))
    return {
        site: min(
            [leave + walk(start, corner_of(site), NEVER)]
            + [alighted[stop] + walk(corner_of(stop), corner_of(site), most) for stop in stops]
        )
        for site in sites
    }


def minutes(
    zones: list[str], sites: list[str], timetable: Timetable, profile: Profile
) -> pd.DataFrame:
    """Zones × sites: the percentile over wished arrivals, as `transit_search` defines it."""
    trips = trips_of(timetable, profile)
    wished = range(profile.arrive_from, profile.arrive_until + 1, profile.step_s)
    table = pd.DataFrame(np.nan, index=zones, columns=sites)
    for zone in zones:
        start = corner_of(zone)
        moments = {
            call.departure - walk(start, corner_of(call.stop), profile.max_walk_min * 60)
            for calls in trips
            for call in calls
        }
        reached = {
            leave: arrivals(start, leave, sites, trips, profile)
            for leave in moments
            if leave > -NEVER
        }
        for site in sites:
            direct = town.blocks(start, corner_of(site)) * WALK_S
            spent = sorted(
                t - max([t - direct, *(m for m, at in reached.items() if at[site] <= t)])
                for t in wished
            )
            enough = [
                s
                for s in spent
                if sum(other <= s for other in spent) * 100 >= profile.percentile * len(spent)
            ]
            if enough and min(enough) <= profile.limit_min * 60:
                table.loc[zone, site] = min(enough) / 60
    return table
