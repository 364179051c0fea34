"""Streets and timetables: reading them, how fast one moves on them, and linking points to them."""

from __future__ import annotations

from navplan.network.graph import Graph, graph_of
from navplan.network.gtfs import read_gtfs
from navplan.network.gtfs_means import is_ferry, means_of
from navplan.network.gtfs_report import feed_report
from navplan.network.linking import Linker, attach, linker_of
from navplan.network.served import without_served_ferries
from navplan.network.slopes import with_slopes
from navplan.network.speeds import CAR_KM_H, edge_seconds
from navplan.network.streets import streets_from_links
from navplan.network.terminals import Terminals, along_edges, origins_of, targets_of

__all__ = [
    "CAR_KM_H",
    "Graph",
    "Linker",
    "Terminals",
    "along_edges",
    "attach",
    "edge_seconds",
    "feed_report",
    "graph_of",
    "is_ferry",
    "linker_of",
    "means_of",
    "origins_of",
    "read_gtfs",
    "streets_from_links",
    "targets_of",
    "with_slopes",
    "without_served_ferries",
]
