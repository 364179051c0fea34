"""Minutes from every zone to every site: over the streets, or by timetable."""

from __future__ import annotations

from navplan.travel.isochrones import isochrones
from navplan.travel.itinerary import Itinerary, itinerary
from navplan.travel.router import Progress, Router, quiet, travel_times
from navplan.travel.threads import in_threads
from navplan.travel.visit_grid import VisitReason
from navplan.travel.visits import Visits, visits

__all__ = [
    "Itinerary",
    "Progress",
    "Router",
    "VisitReason",
    "Visits",
    "in_threads",
    "isochrones",
    "itinerary",
    "quiet",
    "travel_times",
    "visits",
]
