"""Statistics Norway's population: kommuner, bydeler and projections, by year, age and sex."""

from __future__ import annotations

from navplan.sources.ssb.bydeler import bydel_population
from navplan.sources.ssb.population import population
from navplan.sources.ssb.projections import (
    ALTERNATIVES,
    Edition,
    newest_projection,
    projection,
)

__all__ = [
    "ALTERNATIVES",
    "Edition",
    "bydel_population",
    "newest_projection",
    "population",
    "projection",
]
