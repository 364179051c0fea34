"""Minutes by timetable and on foot: a search prepared once and asked for any sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from navplan.network.graph import Graph, graph_of
from navplan.network.linking import Linker, linker_of
from navplan.network.links import Links
from navplan.network.served import without_served_ferries
from navplan.network.speeds import edge_seconds
from navplan.nouns import Profile, Streets, Timetable, Zones
from navplan.travel.backward import room_for, swept
from navplan.travel.departures import Departures, departures_of
from navplan.travel.foot import Walks, walk_seconds, walks_within
from navplan.travel.lanes import LANES, UNREACHED
from navplan.travel.rides import changes_of, rides_of, window_of
from navplan.travel.store import Columns
from navplan.travel.street_search import BEYOND_LIMIT, NO_SERVICE, with_links
from navplan.travel.threads import in_threads, slices, threads
from navplan.travel.windows import Reading, rank_of, reading, selection
from navplan.units import SECONDS_PER_MINUTE

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_PARTS_PER_THREAD: Final = 4


@dataclass(frozen=True)
class Footways:
    """Walks on the streets that do not depend on sites.

    Parameters
    ----------
    profile : Profile
        Speeds and limits.
    streets : Streets
        The network.
    seconds : ndarray of float
        By edge [s].
    graph : Graph
        What can be walked of it.
    zones, stops : Links
        From `navplan.network.attach`.
    homeward : bool
        Whether the ways lead from the sites to the zones.
    linker : Linker, optional
        Links sites to the streets; made here where there is none yet.
    """

    profile: Profile
    streets: Streets
    seconds: npt.NDArray[np.float64]
    graph: Graph
    zones: Links
    stops: Links
    homeward: bool
    linker: Linker | None = None

    def near(self, origins: Links, targets: Links) -> Walks:
        """Walks between linked points, none longer than ``max_walk_min``.

        Parameters
        ----------
        origins, targets : Links
            From `navplan.network.attach`.

        Returns
        -------
        Walks
            Origins × targets.
        """
        limit = self.profile.max_walk_min * SECONDS_PER_MINUTE
        return walks_within(self.graph, origins, targets, limit_s=limit)

    def access(self) -> Walks:
        """Walks between zones and stops, by zone."""
        if self.homeward:
            return self.near(self.stops, self.zones).transposed()
        return self.near(self.zones, self.stops)

    def to_sites(self, sites: gpd.GeoDataFrame) -> SiteWalks:
        """Walks between sites and stops, and between zones and sites.

        Parameters
        ----------
        sites : GeoDataFrame
            Points by id, in the CRS of the streets.

        Returns
        -------
        SiteWalks
            For `TransitSearch`.
        """
        linker = self.linker or linker_of(self.streets, self.seconds, self.profile)
        links = linker.link(sites)
        if self.homeward:
            walks, direct = self.near(links, self.stops), self._direct(links, self.zones).T
        else:
            walks = self.near(self.stops, links).transposed()
            direct = self._direct(self.zones, links)
        return SiteWalks(links, walks, np.ascontiguousarray(direct))

    def _direct(self, origins: Links, targets: Links) -> Ints:
        most = self.profile.max_direct_walk_min
        limit = np.inf if most is None else most * SECONDS_PER_MINUTE
        return walk_seconds(self.graph, origins, targets, limit_s=limit)


@dataclass(frozen=True)
class SiteWalks:
    """Walks to sites, or from them where the search leads home.

    Parameters
    ----------
    links : Links
        The sites, from `navplan.network.attach`.
    walks : Walks
        Site × stop, by site.
    direct : ndarray of int32
        Zones × sites: the walk all the way, `navplan.travel.lanes.UNREACHED` where none [s].
    """

    links: Links
    walks: Walks
    direct: Ints

    @property
    def linked(self) -> npt.NDArray[np.bool_]:
        """Whether each site is linked to the streets."""
        return np.asarray(self.links["linked"])

    def __len__(self) -> int:
        return len(self.links)


@dataclass(frozen=True)
class TransitSearch:
    """A search by timetable with all that does not depend on sites.

    Parameters
    ----------
    footways : Footways
        Walks on the streets.
    departures : Departures
        The rides within the profile's window, in the order searched.
    reading : Reading
        How zones and wished times read what was found.
    """

    footways: Footways
    departures: Departures
    reading: Reading

    def to_sites(self, sites: gpd.GeoDataFrame) -> Columns:
        """Minutes at the profile's percentile, from every zone to some sites.

        Parameters
        ----------
        sites : GeoDataFrame
            Points by id, in the CRS of the streets.

        Returns
        -------
        Columns
            One for each site. ``no_service`` where too few wished times have any way at all,
            ``beyond_limit`` where the way takes too long.
        """
        walks = self.footways.to_sites(sites)
        seconds = self.seconds(walks)
        minutes = seconds / SECONDS_PER_MINUTE
        codes = np.zeros(seconds.shape, dtype=np.int8)
        codes[minutes > self.footways.profile.limit_min] = BEYOND_LIMIT
        codes[seconds == UNREACHED] = NO_SERVICE
        return with_links(minutes, codes, self.footways.zones, walks.links)

    def seconds(self, to_sites: SiteWalks) -> Ints:
        """Seconds at the profile's percentile.

        Parameters
        ----------
        to_sites : SiteWalks
            From ``footways.to_sites``.

        Returns
        -------
        ndarray of int32
            Zones × sites [s]; `navplan.travel.lanes.UNREACHED` where too few wished times have a
            way.
        """
        count = len(self.reading.window.times)
        rank = rank_of(self.footways.profile.percentile, count)
        places = np.array([rank], dtype=np.int64)
        return self._read(to_sites, selection(count, rank), places, slice(None))[:, :, 0]

    def window_seconds(self, to_sites: SiteWalks, *, zones: slice = slice(None)) -> Ints:
        """Seconds at every wished time.

        Each call searches anew, but only from these sites: to go through many zones and sites,
        take few sites at a time rather than few zones.

        Parameters
        ----------
        to_sites : SiteWalks
            From ``footways.to_sites``.
        zones : slice
            Neighbouring zones; all by default.

        Returns
        -------
        ndarray of int32
            Zones × sites × wished times [s]; `navplan.travel.lanes.UNREACHED` where there is no
            way. Where the search leads home, the wished times are those at the site or the zone
            just the same.
        """
        places = np.arange(len(self.reading.window.times), dtype=np.int64)
        if self.footways.homeward:
            places = places[::-1].copy()
        return self._read(to_sites, np.empty((0, 2), dtype=np.int64), places, zones)

    def _read(self, to_sites: SiteWalks, network: Longs, places: Longs, zones: slice) -> Ints:
        """Sweep for all sites, as many blocks at once as there are processors, and read each."""
        start, stop, _ = zones.indices(len(self.footways.zones))
        parts = slices(stop - start, _PARTS_PER_THREAD * threads())
        sites = len(to_sites)
        blocks = [slice(first, min(first + LANES, sites)) for first in range(0, sites, LANES)]
        out = np.empty((max(stop - start, 0), sites, len(places)), dtype=np.int32)

        spaces = [room_for(self.departures) for _ in blocks[: threads()]]
        most = self.footways.profile.max_rides

        def sweep(job: tuple[slice, Ints]) -> Ints:
            """Search from the sites of a block."""
            block, space = job
            walks = to_sites.walks.part(block)
            return swept(self.departures, walks, max_rides=most, space=space)

        def read(job: tuple[slice, Ints, Ints, slice]) -> None:
            """Read some zones of a block."""
            block, labels, direct, part = job
            wanted = slice(part.start + start, part.stop + start)
            found = self.reading.read(labels, direct, network, places, wanted)
            out[part, block] = found[:, : block.stop - block.start]

        for first in range(0, len(blocks), threads()):
            wave = blocks[first : first + threads()]
            labels = in_threads(sweep, zip(wave, spaces, strict=False))
            direct = [_in_lanes(to_sites.direct[:, block]) for block in wave]
            jobs = [
                (*job, part) for job in zip(wave, labels, direct, strict=True) for part in parts
            ]
            in_threads(read, jobs)
        out[out > UNREACHED // 2] = UNREACHED
        return out


def _in_lanes(direct: Ints) -> Ints:
    rows = np.full((len(direct), LANES), UNREACHED, dtype=np.int32)
    rows[:, : direct.shape[1]] = direct
    return rows.ravel()


def transit_search(
    profile: Profile,
    *,
    zones: Zones,
    streets: Streets,
    timetable: Timetable,
    homeward: bool = False,
) -> TransitSearch:
    """Prepare a search by timetable and on foot: a percentile over wished times, for any sites.

    For each wished arrival t from ``arrive_from`` to ``arrive_until``, each ``step_s``, the
    minutes are t less the latest departure from the zone that reaches the site by t; a wait at
    the site before t counts, and so does walking all the way, up to ``max_direct_walk_min`` (or
    the profile's limit where none is set). With ``depart_from`` and ``depart_until`` the wished
    times are departures, and the minutes are the earliest arrival less t. The result is the
    smallest number of minutes that at least ``percentile`` % of the wished times do not exceed.

    Walks to, between and from stops follow the streets, each at most ``max_walk_min``, in whole
    seconds, rounded up; boarding another trip takes ``change_slack_s`` beside the walk, or what
    the timetable says of the change; staying seated takes nothing. At most ``max_rides`` vehicles
    are boarded. Rides from ``limit_min`` before the first wished arrival on, or until
    ``limit_min`` after the last wished departure, are searched.

    Use arrivals for visits with a fixed hour (an appointment, drop-in hours), departures for
    people who go when it suits them; over a whole day of regular service both have the same
    distribution. For one trip in all its legs use `navplan.travel.itinerary`, for there and back
    `navplan.travel.visits`; by car, by bicycle and on foot alone `StreetSearch`.

    Parameters
    ----------
    profile : Profile
        Mode transit.
    zones : Zones
        Where people start.
    streets : Streets
        The network walked on.
    timetable : Timetable
        The service day.
    homeward : bool
        Search the ways from the sites to the zones; wished arrivals are then those at the zone,
        wished departures those from the site.

    Returns
    -------
    TransitSearch
        Each site costs a lane of 64.

    Raises
    ------
    InputError
        If the times of a trip go backwards, or trips continue each other in a ring.
    """
    rides = rides_of(timetable, step_free=profile.step_free)
    streets = without_served_ferries(streets, timetable)
    seconds = edge_seconds(streets, profile)
    linker = linker_of(streets, seconds, profile)
    footways = Footways(
        profile=profile,
        streets=streets,
        seconds=seconds,
        graph=graph_of(streets, seconds, profile),
        zones=linker.link(zones.table),
        stops=linker.link(timetable.stops),
        homeward=homeward,
        linker=linker,
    )
    between = footways.near(footways.stops, footways.stops)
    changes = changes_of(between, timetable, profile.change_slack_s)
    window = window_of(profile)
    if homeward:
        rides, changes, window = rides.turned(), changes.transposed(), window.turned()
    departures = departures_of(rides.within(window.earliest, window.latest), changes)
    return TransitSearch(footways, departures, reading(departures, footways.access(), window))
