"""Where offices should lie: rankings of every structure, and exact searches with their proof."""

from __future__ import annotations

from navplan.locate.areas import rank_area_structures
from navplan.locate.choices import rank_site_choices
from navplan.locate.found import NotFoundError
from navplan.locate.inputs import TooManyError
from navplan.locate.near_best import NearBest
from navplan.locate.problem import AIMS, Aim, Budget, LocationProblem, Staff, Together, WholeAreas
from navplan.locate.ranking import MOST, OBJECTIVES, PROVED, Objective, Ranking
from navplan.locate.solution import Solution
from navplan.locate.solve import solve
from navplan.locate.watch import Gap, Watch

__all__ = [
    "AIMS",
    "MOST",
    "OBJECTIVES",
    "PROVED",
    "Aim",
    "Budget",
    "Gap",
    "LocationProblem",
    "NearBest",
    "NotFoundError",
    "Objective",
    "Ranking",
    "Solution",
    "Staff",
    "Together",
    "TooManyError",
    "Watch",
    "WholeAreas",
    "rank_area_structures",
    "rank_site_choices",
    "solve",
]
