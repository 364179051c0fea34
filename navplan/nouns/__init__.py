"""The nouns that travel between the floors: frozen, checked when made, plain tables inside."""

from __future__ import annotations

from typing import Final

from navplan.nouns.networks import Streets, Timetable
from navplan.nouns.places import Offices, Population, Zones
from navplan.nouns.travelling import Profile, TravelTimes

NEAREST: Final = "nearest"
"""Allocation word: every zone of the area goes to the office nearest in time."""

__all__ = [
    "NEAREST",
    "Offices",
    "Population",
    "Profile",
    "Streets",
    "Timetable",
    "TravelTimes",
    "Zones",
]
