"""Which structure is best: complete enumeration, so that every structure has its rank."""

from __future__ import annotations

from navplan.locate.areas import rank_area_structures
from navplan.locate.choices import rank_site_choices
from navplan.locate.ranking import MOST, OBJECTIVES, PROVED, Objective, Ranking, Solution

__all__ = [
    "MOST",
    "OBJECTIVES",
    "PROVED",
    "Objective",
    "Ranking",
    "Solution",
    "rank_area_structures",
    "rank_site_choices",
]
