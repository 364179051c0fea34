"""Romerike's real day: every minute found is the latest departure, by a plain forward search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks import cases
from navplan.network import attach, edge_seconds
from navplan.travel import travel_times
from tests.reference_streets import graph_of, link_seconds

pytestmark = pytest.mark.real
NOON = 12 * 3600


def arrival(leave: float, rides: pd.DataFrame, walks: dict[str, np.ndarray], slack: int) -> float:
    """Earliest arrival at the site: the connection scan forwards, one departure, plain Python."""
    ready = leave + walks["access"]  # by walking from the zone alone: no slack
    aboard: set[int] = set()
    best = leave + walks["direct"]
    for ride in rides.itertuples():
        if ride.departure < leave or ride.departure >= best:
            continue
        if ride.trip not in aboard and not (ride.board and ready[ride.start] <= ride.departure):
            continue
        aboard.add(ride.trip)
        if ride.alight:
            ready = np.minimum(ready, ride.arrival + walks["between"][ride.end] + slack)
            best = min(best, ride.arrival + walks["egress"][ride.end])
    return float(best)


def test_nobody_could_leave_later(romerike: cases.Case) -> None:
    timetable = romerike.timetable
    assert timetable is not None
    profile = replace(
        cases.profiles(cases.TUESDAY_2017)["transit"], arrive_from=NOON, arrive_until=NOON
    )
    zones, sites = romerike.zones.table, romerike.sites
    times = travel_times(
        profile, zones=romerike.zones, sites=sites, streets=romerike.streets, timetable=timetable
    )

    seconds = edge_seconds(romerike.streets, profile)
    graph = graph_of(romerike.streets, seconds)
    ends = {
        name: attach(frame, romerike.streets, seconds, profile)
        for name, frame in (("zone", zones), ("site", sites), ("stop", timetable.stops))
    }

    def walk(one: str, other: str, *, limited: bool = True) -> np.ndarray:
        way = np.ceil(link_seconds(graph, ends[one], ends[other]) - 1e-6)
        return np.where(way <= profile.max_walk_min * 60, way, np.inf) if limited else way

    access, egress, between = walk("zone", "stop"), walk("stop", "site"), walk("stop", "stop")
    np.fill_diagonal(between, 0)
    direct = walk("zone", "site", limited=False)
    calls = timetable.stop_times
    first, after = calls.iloc[:-1].reset_index(drop=True), calls.iloc[1:].reset_index(drop=True)
    rides = pd.DataFrame(
        {
            **first[["trip", "departure", "board"]],
            "start": first["stop"],
            "end": after["stop"],
            **after[["arrival", "alight"]],
        }
    )[(first["trip"] == after["trip"]) & (after["arrival"] <= NOON)]
    rides = rides[rides["departure"] >= NOON - 5 * 3600].sort_values("departure", kind="stable")

    minutes = times.minutes.to_numpy()
    rng = np.random.default_rng(7)
    by_bus, others = minutes * 60 < direct - 1, ~(minutes * 60 < direct - 1)
    assert by_bus.sum() > 500
    pairs = [*rng.permutation(np.argwhere(by_bus))[:15], *rng.permutation(np.argwhere(others))[:9]]
    for zone, site in pairs:
        walks = {
            "access": access[zone],
            "egress": egress[:, site],
            "between": between,
            "direct": direct[zone, site],
        }
        found = minutes[zone, site]
        spent = profile.limit_min * 60 if np.isnan(found) else round(found * 60)
        assert arrival(NOON - spent + 1, rides, walks, profile.change_slack_s) > NOON
        if not np.isnan(found):
            assert arrival(NOON - spent, rides, walks, profile.change_slack_s) <= NOON
