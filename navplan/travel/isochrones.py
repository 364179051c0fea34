"""Isochrones: the land from which one gets to a site within a limit, and who lives there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from navplan.errors import Fault, raise_faults
from navplan.network import attach, edge_seconds, without_served_ferries
from navplan.network.graph import graph_of
from navplan.network.linking import NO_LANDING, NO_LANDING_CLASSES, lines_of
from navplan.network.reverses import reverse_rows
from navplan.network.terminals import targets_of
from navplan.nouns import Offices, Population, Profile, Streets, Timetable, Zones
from navplan.travel.checks import input_faults
from navplan.travel.one_search import tree_from
from navplan.travel.router import travel_times
from navplan.units import LEAST_PEOPLE, SECONDS_PER_MINUTE

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

LIMITS_MIN: Final = (10.0, 20.0, 30.0, 45.0, 60.0)
WIDTH_M: Final = 150.0
"""Land this near a street counts as on it: about half a block of houses, and a farm's drive."""
_DRAWN_PER_WIDTH: Final = 15
"""Lines are drawn to a fifteenth of the width."""


def isochrones(
    profile: Profile,
    *,
    sites: Offices | gpd.GeoDataFrame,
    streets: Streets,
    timetable: Timetable | None = None,
    zones: Zones | None = None,
    population: Population | None = None,
    limits_min: Sequence[float] = LIMITS_MIN,
    width_m: float = WIDTH_M,
) -> gpd.GeoDataFrame:
    """Draw the land from which one gets to any of the sites within each limit.

    Every street is followed away from the sites until the time runs out, within an edge where it
    does; the land within `width_m` of what was reached is inside. Tunnels, bridges, ferries and
    motorways are passed but are no land. By transit the time at a street node is that of a zone
    there, and between nodes one walks to the next. Use the drawing to see, and the people to
    count: they are counted by their own zones' minutes, as `travel_times` has them, and not by
    the land they are drawn on.

    Parameters
    ----------
    profile : Profile
        The way to travel; by transit also the window and the percentile.
    sites : Offices or GeoDataFrame
        Where one goes: points by id. Pass a single row for a single site.
    streets : Streets
        The network, in the same CRS.
    timetable : Timetable, optional
        The service day; needed for transit.
    zones : Zones, optional
        Where people live.
    population : Population, optional
        How many, of the same zones; both or neither.
    limits_min : sequence of float
        None beyond the profile's ``limit_min`` [min].
    width_m : float
        Half the width of a street's land [m].

    Returns
    -------
    GeoDataFrame
        One row a limit, in rising order: ``limit_min`` [min]; ``people`` within and their
        ``share`` of all [0–1], NaN where not told; ``note``, why not; the land, each within the
        next, empty where no street is reached.

    Raises
    ------
    InputError
        If coordinate systems differ, an id stands twice, transit lacks a timetable or has one of
        another date, a limit is not positive or beyond the profile's, or zones and population do
        not fit each other.

    Notes
    -----
    A count of 1 to 9 people is not told, and neither is one that differs from another told count,
    or from all people, by 1 to 9.
    """
    where = f"isochrones {profile.name}"
    points = sites.table if isinstance(sites, Offices) else sites
    layers = {"sites": points} | ({} if zones is None else {"zones": zones.table})
    faults = input_faults(where, profile, points=layers, streets=streets, timetable=timetable)
    faults += _limit_faults(where, profile, limits_min, width_m)
    faults += _people_faults(where, zones, population)
    raise_faults(faults)
    if profile.mode == "transit" and timetable is not None:
        streets = without_served_ferries(streets, timetable)
    limits = sorted(set(map(float, limits_min)))
    reach = _Reach(profile, points, streets, timetable)
    table = pd.DataFrame({"limit_min": limits})
    if zones is None or population is None:
        table = table.assign(people=np.nan, share=np.nan, note="no population given")
    else:
        times = travel_times(
            profile, zones=zones, sites=points, streets=streets, timetable=timetable
        )
        minutes = times.minutes.min(axis=1).to_numpy()
        people = population.people.reindex(zones.table.index).to_numpy()
        within = np.array([people[minutes <= limit].sum() for limit in limits])
        total = people.sum()
        told = _told(within, total)
        note = np.where(np.isnan(told), f"would tell of fewer than {LEAST_PEOPLE} people", "")
        share = told / total if total > 0 else np.nan
        table = table.assign(people=told, share=share, note=note)
    land = list(_land(reach, limits, width_m))
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(land, crs=streets.nodes.crs))


def _limit_faults(
    where: str, profile: Profile, limits_min: Sequence[float], width_m: float
) -> list[Fault]:
    faults = [
        Fault(where, "limits_min", f"{limit:g}; expected more than zero.")
        for limit in limits_min
        if not limit > 0
    ]
    faults += [
        Fault(
            where,
            "limits_min",
            f"{limit:g} is beyond the profile's limit of {profile.limit_min:g} min.",
            "Raise limit_min, or ask for less.",
        )
        for limit in limits_min
        if limit > profile.limit_min
    ]
    if not 0 < width_m < np.inf:
        faults.append(Fault(where, "width_m", f"{width_m:g}; expected more than zero."))
    return faults


def _people_faults(where: str, zones: Zones | None, population: Population | None) -> list[Fault]:
    if (zones is None) != (population is None):
        given = "only one of zones and population is given."
        return [Fault(where, "population", given, "Give both or neither.")]
    if zones is None or population is None:
        return []
    missing = zones.table.index.difference(population.table.index)
    return [
        Fault(where, f"population {zone}", "the zone has no row.", "Count zero where nobody lives.")
        for zone in missing
    ]


def _told(within: Floats, total: float) -> Floats:
    """Counts that may be told of rising ones: no step between told ones is small."""
    told = np.full(len(within), np.nan)
    last = 0.0
    for place, count in enumerate(within):
        steps = count - last, total - count
        if all(step <= 0 or step >= LEAST_PEOPLE for step in steps):
            told[place] = last = count
    return told


class _Reach:
    """How much of each street leads to a site in how many seconds.

    Attributes
    ----------
    edges : ndarray of int
        Rows of usable edges that are land.
    whole : ndarray of float
        Seconds along each of them.
    after : ndarray of float
        Seconds to the nearest site from its end.
    """

    def __init__(
        self,
        profile: Profile,
        sites: gpd.GeoDataFrame,
        streets: Streets,
        timetable: Timetable | None,
    ) -> None:
        seconds = edge_seconds(streets, profile)
        graph = graph_of(streets, seconds, profile)
        links = attach(sites, streets, seconds, profile)
        self.streets = streets
        self.edges = np.flatnonzero(~np.isnan(seconds) & _is_land(streets))
        self.whole = seconds[self.edges]
        if profile.mode == "transit":
            nodes = _node_seconds(profile, sites, streets, timetable, seconds)
            self.after = nodes[streets.edges["head"].to_numpy()[self.edges]]
        else:
            tree = tree_from(graph, targets_of(links, graph), backwards=True)
            self.after = tree.seconds[graph.arrived[self.edges]]
        self.links = links[(links["edge"] >= 0)]
        most = profile.max_direct_walk_min if profile.mode == "transit" else None
        self._most_s = np.inf if most is None else most * SECONDS_PER_MINUTE

        self._twin = _twins(reverse_rows(streets, seconds), self.edges)

    def once(self, whole: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Which of the edges reached as a whole are to be drawn: of two directions one."""
        return whole & ~(whole[self._twin] & (self._twin < np.arange(len(whole))))

    def begin(self, limit_s: float) -> Floats:
        """Fraction along each edge from which on one gets to a site by its end; 1 = nowhere."""
        left = limit_s - self.after
        with np.errstate(divide="ignore", invalid="ignore"):
            begin = 1.0 - left / self.whole
        begin = np.where((self.whole == 0) & (left >= 0), 0.0, begin)
        return np.where(left < 0, 1.0, np.clip(np.nan_to_num(begin, nan=1.0), 0.0, 1.0))

    def beside_sites(self, limit_s: float) -> list[tuple[int, float, float]]:
        """Edges that sites are linked to, with the fractions between which one gets there."""
        left = min(limit_s, self._most_s) - self.links["connector_s"].to_numpy(dtype=float)
        links = self.links[left > 0]
        edge, fraction, forward, backward = (
            links[name].to_numpy() for name in ("edge", "fraction", "forward", "backward")
        )
        left = left[left > 0]
        # a closed direction (inf) leads nowhere, an edge that takes no time all the way
        with np.errstate(divide="ignore"):
            begin = np.maximum(fraction - left / forward, 0.0)
            end = np.minimum(fraction + left / backward, 1.0)
        return list(zip(edge.tolist(), begin.tolist(), end.tolist(), strict=True))


def _twins(reverse: Longs, edges: Longs) -> Longs:
    """Position of the other direction of each edge among them; its own where there is none."""
    place = np.full(len(reverse) + 1, -1, dtype=np.int64)
    place[edges] = np.arange(len(edges))
    twin = place[reverse[edges]]
    return np.where(twin >= 0, twin, np.arange(len(edges)))


def _is_land(streets: Streets) -> npt.NDArray[np.bool_]:
    edges = streets.edges
    barred = edges["structure"].isin(NO_LANDING) | edges["road_class"].isin(NO_LANDING_CLASSES)
    return ~barred.to_numpy(dtype=bool)


def _node_seconds(
    profile: Profile,
    sites: gpd.GeoDataFrame,
    streets: Streets,
    timetable: Timetable | None,
    seconds: Floats,
) -> Floats:
    """Seconds by transit from every street node that can be walked from; inf elsewhere."""
    ends = streets.edges.loc[~np.isnan(seconds), ["tail", "head"]].to_numpy()
    used = np.unique(ends)
    nodes = streets.nodes.iloc[used]
    table = nodes[[nodes.geometry.name]].assign(name="", area="", kommune="")
    times = travel_times(
        profile, zones=Zones(table), sites=sites, streets=streets, timetable=timetable
    )
    found = np.full(len(streets.nodes), np.inf)
    least = times.minutes.min(axis=1).to_numpy() * SECONDS_PER_MINUTE
    found[used] = np.where(np.isnan(least), np.inf, least)
    return found


def _land(reach: _Reach, limits: Sequence[float], width_m: float) -> Iterator[BaseGeometry]:
    """Land within each limit: that of the limit before, and what is new."""
    land: BaseGeometry = Polygon()
    before = np.ones(len(reach.edges))
    for limit in limits:
        limit_s = limit * SECONDS_PER_MINUTE
        begin = reach.begin(limit_s)
        whole = (begin == 0) & (before == 1)
        cut = np.flatnonzero((begin < before) & ~whole)
        stretches = [
            *zip(reach.edges[cut].tolist(), begin[cut].tolist(), before[cut].tolist(), strict=True),
            *reach.beside_sites(limit_s),
        ]
        rows = np.array([edge for edge, _, _ in stretches], dtype=np.int64)
        parts = [
            substring(line, first, last, normalized=True)
            for line, (_, first, last) in zip(lines_of(reach.streets, rows), stretches, strict=True)
        ]
        lines = [*lines_of(reach.streets, reach.edges[reach.once(whole)]), *parts]
        drawn = shapely.simplify(np.array(lines, dtype=object), width_m / _DRAWN_PER_WIDTH)
        land = shapely.union_all([land, *shapely.buffer(drawn, width_m, quad_segs=4)])
        before = begin
        yield land
