"""Pure measures over minutes and people; each value carries the share it leaves out."""

from __future__ import annotations

from navplan.measures.catchment import (
    Catchment,
    enhanced_two_step_catchment,
    two_step_catchment,
)
from navplan.measures.change import (
    Change,
    gainers_more_than,
    losers_more_than,
    losing_zones,
    mean_change_minutes,
)
from navplan.measures.choice import Choice, huff_choice, nearest_choice
from navplan.measures.decays import (
    BandDecay,
    Decay,
    ExponentialDecay,
    GaussianDecay,
    LinearDecay,
    StepDecay,
)
from navplan.measures.disclosure import mask_parts, mask_small, mask_table
from navplan.measures.equality import gini, jain, tail_mean_minutes
from navplan.measures.groups import Distribution, Groups, is_flat
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
    "BandDecay",
    "Catchment",
    "Change",
    "Choice",
    "Decay",
    "Distribution",
    "ExponentialDecay",
    "GaussianDecay",
    "Groups",
    "LinearDecay",
    "Measured",
    "MeasuredGroups",
    "StepDecay",
    "ede_minutes",
    "enhanced_two_step_catchment",
    "gainers_more_than",
    "gini",
    "huff_choice",
    "is_flat",
    "jain",
    "kolm_pollak_kappa",
    "losers_more_than",
    "losing_zones",
    "mask_parts",
    "mask_small",
    "mask_table",
    "mean_change_minutes",
    "mean_minutes",
    "median_minutes",
    "nearest_choice",
    "people_within",
    "percentile_minutes",
    "person_hours_year",
    "tail_mean_minutes",
    "two_step_catchment",
    "worst_minutes",
]
