"""Sites with capacities and minimum sizes: every unit goes whole to one of them."""

from __future__ import annotations

from navplan.locate.capacity.feasible import check_capacity
from navplan.locate.capacity.question import LOAD_TOLERANCE, CapacityQuestion
from navplan.locate.capacity.search import solve_capacity

__all__ = ["LOAD_TOLERANCE", "CapacityQuestion", "check_capacity", "solve_capacity"]
