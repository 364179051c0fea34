"""The p-median family, exactly: sums over clients of a cost of the nearest chosen site."""

from navplan.locate.median.bounds import (
    Bound,
    decided,
    even_usage,
    forcing_losses,
    likely_multipliers,
    raise_bound,
)
from navplan.locate.median.growing import tree_within
from navplan.locate.median.near_best import NO_SITE, NearSums, near_best
from navplan.locate.median.question import SumQuestion
from navplan.locate.median.search import solve_sum
from navplan.locate.median.tree import PrefixTree

__all__ = [
    "NO_SITE",
    "Bound",
    "NearSums",
    "PrefixTree",
    "SumQuestion",
    "decided",
    "even_usage",
    "forcing_losses",
    "likely_multipliers",
    "near_best",
    "raise_bound",
    "solve_sum",
    "tree_within",
]
