"""From what `run` wrote to a document: one report model, one self-contained page a language."""

from __future__ import annotations

from navplan.report.minutes_map import minutes_figure
from navplan.report.page import FILE_NAMES, write_report

__all__ = ["FILE_NAMES", "minutes_figure", "write_report"]
