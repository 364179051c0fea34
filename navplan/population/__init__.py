"""Tables of residents → `Population`: checks, outlooks, age groups."""

from __future__ import annotations

from navplan.population.ages import group_ages
from navplan.population.tables import check_people, population_from_table

__all__ = ["check_people", "group_ages", "population_from_table"]
