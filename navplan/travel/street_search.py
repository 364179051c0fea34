"""Minutes over the streets from all zones to any sites, prepared once for a way to travel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from navplan.network.graph import Graph, graph_of
from navplan.network.linking import Linker, linker_of
from navplan.network.links import Links
from navplan.network.speeds import edge_seconds
from navplan.network.terminals import Terminals as Ties
from navplan.network.terminals import along_edges, origins_of, targets_of
from navplan.nouns import Profile, Streets, Zones
from navplan.travel.hierarchy import Customised, Hierarchy, customised, hierarchy_of
from navplan.travel.lanes import UNREACHED
from navplan.travel.store import Columns
from navplan.travel.sweeping import Terminals, sweep
from navplan.units import REASONS, SECONDS_PER_MINUTE, Reason

MS: Final = 1000
"""Searches count whole milliseconds: each edge and connector is rounded to the nearest."""
Ints = npt.NDArray[np.int32]
OK, NOT_CONNECTED, BEYOND_LIMIT, ZONE_NOT_LINKED, SITE_NOT_LINKED, NO_SERVICE = (
    REASONS.index(reason)
    for reason in (
        *(Reason.OK, Reason.NOT_CONNECTED, Reason.BEYOND_LIMIT),
        *(Reason.ZONE_NOT_LINKED, Reason.SITE_NOT_LINKED, Reason.NO_SERVICE),
    )
)


@dataclass(frozen=True, repr=False, eq=False)
class StreetSearch:
    """The streets of one way to travel, with the zones linked to them.

    Parameters
    ----------
    profile : Profile
        Mode walk, bicycle or car; speeds and limits.
    linker : Linker
        Ties points to the streets.
    graph : Graph
        What is searched.
    ways : Customised
        The graph, ordered and with its times.
    zones : Links
        The zones', from ``linker``.
    origins : Terminals
        Where the zones enter the graph.
    """

    profile: Profile
    linker: Linker
    graph: Graph
    ways: Customised
    zones: Links
    origins: Terminals

    @classmethod
    def prepared(cls, profile: Profile, *, zones: Zones, streets: Streets) -> StreetSearch:
        """Do all that does not depend on the sites.

        Parameters
        ----------
        profile : Profile
            Mode walk, bicycle or car.
        zones : Zones
            Where people start.
        streets : Streets
            The network.

        Returns
        -------
        StreetSearch
            Profiles over the same open streets share their order: other speeds cost only what
            `hierarchy.customised` does.
        """
        seconds = edge_seconds(streets, profile)
        linker = linker_of(streets, seconds, profile)
        graph = graph_of(streets, seconds, profile)
        ways = customised(_order(graph), milliseconds(graph.seconds))
        links = linker.link(zones.table)
        return cls(profile, linker, graph, ways, links, _terminals(origins_of(links, graph)))

    def to_sites(self, sites: gpd.GeoDataFrame) -> Columns:
        """Minutes from every zone to some sites.

        Parameters
        ----------
        sites : GeoDataFrame
            Points by id.

        Returns
        -------
        Columns
            One for each site.
        """
        links = self.linker.link(sites)
        found = sweep(self.ways, self.origins, _terminals(targets_of(links, self.graph)))
        origin, target, seconds = along_edges(self.zones, links)
        np.minimum.at(found, (origin, target), milliseconds(seconds))
        limit = min(self.profile.limit_min * SECONDS_PER_MINUTE * MS, UNREACHED - 1)
        codes = (found > limit).astype(np.int8) * np.int8(BEYOND_LIMIT)
        codes[found >= UNREACHED] = NOT_CONNECTED
        minutes = found / (SECONDS_PER_MINUTE * MS)
        return with_links(minutes, codes, self.zones, links)


def with_links(
    minutes: npt.NDArray[np.float64],
    codes: npt.NDArray[np.int8],
    zones: Links,
    sites: Links,
) -> Columns:
    """Say which pairs have no time because an end is not linked; leave out every other time.

    Parameters
    ----------
    minutes : ndarray of float
        Zones × sites [min]; changed in place.
    codes : ndarray of int8
        Zones × sites; changed in place.
    zones, sites : Links
        Where they meet the streets.

    Returns
    -------
    Columns
        Minutes are NaN exactly where the code is not ok.
    """
    codes[:, ~sites["linked"]] = SITE_NOT_LINKED
    codes[~zones["linked"], :] = ZONE_NOT_LINKED
    minutes[codes != OK] = np.nan
    return Columns(minutes, codes, zones["snap_m"])


def milliseconds(seconds: npt.NDArray[np.float64]) -> Ints:
    """Whole milliseconds; `UNREACHED` for anything as long or longer.

    Parameters
    ----------
    seconds : ndarray of float
        Not negative [s].

    Returns
    -------
    ndarray of int32
        [ms].
    """
    return np.minimum(np.rint(seconds * MS), UNREACHED).astype(np.int32)


def _terminals(ties: Ties) -> Terminals:
    return Terminals(ties.pointers, ties.states.astype(np.int32), milliseconds(ties.seconds))


def _order(graph: Graph) -> Hierarchy:
    return _ordered(graph.tail.tobytes(), graph.head.tobytes(), graph.count)


@lru_cache(maxsize=8)
def _ordered(tail: bytes, head: bytes, count: int) -> Hierarchy:
    tails, heads = (np.frombuffer(ends, dtype=np.int32) for ends in (tail, head))
    return hierarchy_of(tails, heads, count)
