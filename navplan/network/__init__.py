"""Streets and timetables: reading them, how fast one moves on them, and linking points to them."""

from __future__ import annotations

from navplan.network.gtfs import read_gtfs
from navplan.network.linking import attach
from navplan.network.speeds import CAR_KM_H, edge_seconds
from navplan.network.streets import streets_from_links

__all__ = ["CAR_KM_H", "attach", "edge_seconds", "read_gtfs", "streets_from_links"]
