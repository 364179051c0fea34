"""Pure measures over minutes and people; each value carries the share it leaves out."""

from __future__ import annotations

from navplan.measures.change import (
    gainers_more_than,
    losers_more_than,
    losing_zones,
    mean_change_minutes,
)
from navplan.measures.disclosure import mask_parts, mask_small, mask_table
from navplan.measures.groups import Change, Distribution, Groups, is_flat
from navplan.measures.measured import Measured, MeasuredGroups
from navplan.measures.minutes import (
    ede_minutes,
    kolm_pollak_kappa,
    mean_minutes,
    median_minutes,
    percentile_minutes,
    worst_minutes,
)
from navplan.measures.reach import people_within, person_hours_year

__all__ = [
    "Change",
    "Distribution",
    "Groups",
    "Measured",
    "MeasuredGroups",
    "ede_minutes",
    "gainers_more_than",
    "is_flat",
    "kolm_pollak_kappa",
    "losers_more_than",
    "losing_zones",
    "mask_parts",
    "mask_small",
    "mask_table",
    "mean_change_minutes",
    "mean_minutes",
    "median_minutes",
    "people_within",
    "percentile_minutes",
    "person_hours_year",
    "worst_minutes",
]
