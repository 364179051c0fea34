"""Fixtures that the unit tests share."""

from __future__ import annotations

from tests.report_pages import report_pages, report_results, undrawn
from tests.services.fixtures import web_of

__all__ = ["report_pages", "report_results", "undrawn", "web_of"]
