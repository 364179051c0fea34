"""Fixtures that the tests in a browser share."""

from __future__ import annotations

from tests.report_pages import report_pages, report_results

__all__ = ["report_pages", "report_results"]
