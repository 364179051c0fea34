"""Scenarios × outlooks × profiles × groups in one tidy table, and who loses where."""

from __future__ import annotations

from navplan.compare.comparing import GAINS, LIMITS, LOSSES, base_kappa, compare
from navplan.compare.comparison import ALL, COLUMNS, By, Comparison

__all__ = [
    "ALL",
    "COLUMNS",
    "GAINS",
    "LIMITS",
    "LOSSES",
    "By",
    "Comparison",
    "base_kappa",
    "compare",
]
