"""A named office structure and its edits: each edit makes a new scenario.

Use `Scenario.of` for "each area belongs to the office lying in it" and the edit methods for one
change at a time. `resolve` applies a whole set of edits, as a study file states them, and reports
every fault of the set together. `own_minutes` gives each zone's minutes to its office.
"""

from __future__ import annotations

from navplan.scenario.edits import WORKDAYS, Edits, Merge, Move, Outreach, resolve
from navplan.scenario.minutes import own_minutes
from navplan.scenario.structure import Scenario

__all__ = ["WORKDAYS", "Edits", "Merge", "Move", "Outreach", "Scenario", "own_minutes", "resolve"]
