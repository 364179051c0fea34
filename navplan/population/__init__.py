"""Residents: tables, codes through time, shares of projections, grid cells, error bands."""

from __future__ import annotations

from navplan.population.ages import group_ages
from navplan.population.cells import merge_small_cells, people_of_cells
from navplan.population.codes import CodeWeights, code_weights, join_areas
from navplan.population.cohorts import cohort_ratio
from navplan.population.fitting import fit_table, round_table
from navplan.population.forecast_errors import (
    forecast_errors,
    forecast_interval,
    low_and_high,
    past_errors,
    size_class,
    summarise_errors,
)
from navplan.population.rounding import controlled_rounding, largest_remainder
from navplan.population.shares import ASSUMED, cohort_share, constant_share, dwelling_share
from navplan.population.tables import check_people, population_from_table

__all__ = [
    "ASSUMED",
    "CodeWeights",
    "check_people",
    "code_weights",
    "cohort_ratio",
    "cohort_share",
    "constant_share",
    "controlled_rounding",
    "dwelling_share",
    "fit_table",
    "forecast_errors",
    "forecast_interval",
    "group_ages",
    "join_areas",
    "largest_remainder",
    "low_and_high",
    "merge_small_cells",
    "past_errors",
    "people_of_cells",
    "population_from_table",
    "round_table",
    "size_class",
    "summarise_errors",
]
