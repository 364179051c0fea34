"""Decide where NAV offices should lie: travel times, location, comparison, report.

>>> import navplan as nav
>>> study = nav.open_study("bergen")
"""

from __future__ import annotations

from navplan.errors import Fault, InfeasibleError, InputError, NavplanError, NavplanWarning
from navplan.nouns import (
    NEAREST,
    Offices,
    Population,
    Profile,
    Streets,
    Timetable,
    TravelTimes,
    Zones,
)
from navplan.report import write_report
from navplan.scenario import Scenario
from navplan.study import Study, StudyComparison, list_studies, new_study, open_study
from navplan.units import LANGUAGES, Reason

__all__ = [
    "LANGUAGES",
    "NEAREST",
    "Fault",
    "InfeasibleError",
    "InputError",
    "NavplanError",
    "NavplanWarning",
    "Offices",
    "Population",
    "Profile",
    "Reason",
    "Scenario",
    "Streets",
    "Study",
    "StudyComparison",
    "Timetable",
    "TravelTimes",
    "Zones",
    "list_studies",
    "new_study",
    "open_study",
    "write_report",
]
