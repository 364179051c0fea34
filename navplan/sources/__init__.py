"""Files and data sets → nouns: tables, map layers, Norway's main roads, the population grid, OSM.

Nothing here reaches for the network; what is fetched lies in a folder and is read from there.
"""

from __future__ import annotations

from navplan.sources.files import position_faults, read_layer, read_table
from navplan.sources.grid import read_grid
from navplan.sources.n1000 import read_n1000
from navplan.sources.osm import from_osmnx, read_osm

__all__ = [
    "from_osmnx",
    "position_faults",
    "read_grid",
    "read_layer",
    "read_n1000",
    "read_osm",
    "read_table",
]
