"""Files and data sets → nouns: tables, map layers, roads, the population grid, OpenStreetMap.

Only `navplan.sources.web` reaches for the network, and only when a client is handed a `Web`; what
is fetched lies in a folder and is read from there.
"""

from __future__ import annotations

from navplan.sources.files import read_table
from navplan.sources.grid import read_grid
from navplan.sources.layer_checks import position_faults
from navplan.sources.layers import read_layer
from navplan.sources.n1000 import read_n1000
from navplan.sources.osm import read_osm
from navplan.sources.osmnx_graphs import from_osmnx, to_osmnx
from navplan.sources.ruteplan import read_ruteplan
from navplan.sources.tunnels import tunnel_report

__all__ = [
    "from_osmnx",
    "position_faults",
    "read_grid",
    "read_layer",
    "read_n1000",
    "read_osm",
    "read_ruteplan",
    "read_table",
    "to_osmnx",
    "tunnel_report",
]
