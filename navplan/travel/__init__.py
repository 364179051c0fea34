"""Minutes from every zone to every site: over the streets, or by timetable."""

from __future__ import annotations

from navplan.travel.times import street_times, transit_times, travel_times

__all__ = ["street_times", "transit_times", "travel_times"]
