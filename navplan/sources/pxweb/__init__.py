"""PxWebApi, the way to Statistics Norway's tables: limits, search, metadata, figures.

Use `read_table` for figures: it checks a query before it is asked, splits what is above the limit,
and turns to the older v1 where v2 does not answer. The clients in `navplan.sources.ssb` know the
tables that navplan needs.
"""

from __future__ import annotations

from navplan.sources.pxweb.reading import read_table
from navplan.sources.pxweb.selection import Selection
from navplan.sources.pxweb.tables import (
    Limits,
    Metadata,
    TableEntry,
    codelist,
    config,
    metadata,
    tables,
)

__all__ = [
    "Limits",
    "Metadata",
    "Selection",
    "TableEntry",
    "codelist",
    "config",
    "metadata",
    "read_table",
    "tables",
]
