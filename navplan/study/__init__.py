"""A study: its file, its checks, and everything a planner asks of it."""

from __future__ import annotations

from navplan.study.comparison import StudyComparison
from navplan.study.creating import new_study
from navplan.study.fetching.fetch import FetchReport, fetch_study
from navplan.study.finding import find_study, list_studies, read_title
from navplan.study.schema_fetch import ADDRESSES
from navplan.study.study import Study, open_study

__all__ = [
    "ADDRESSES",
    "FetchReport",
    "Study",
    "StudyComparison",
    "fetch_study",
    "find_study",
    "list_studies",
    "new_study",
    "open_study",
    "read_title",
]
