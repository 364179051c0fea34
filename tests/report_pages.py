"""The made-up results of a run and their report in every language, written once a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from navplan.report import FILE_NAMES, drawing, write_report
from navplan.units import LANGUAGES, Language
from tests.made_once import made_once
from tests.report_results import build


@pytest.fixture(scope="session")
def report_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder with everything in it; to be changed only in a copy."""
    return made_once("report-results", build, tmp_path_factory)


@pytest.fixture(scope="session")
def report_pages(
    report_results: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[Language, Path]:
    """The report on `report_results`, by language."""

    def write(out: Path) -> None:
        for language in LANGUAGES:
            write_report(report_results, out, language=language)

    out = made_once("report-pages", write, tmp_path_factory)
    return {language: out / FILE_NAMES[language] for language in LANGUAGES}


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are put together but not painted, which takes half of the time of a report.

    For tests that read the words alone; `report_pages` is painted in full.
    """
    monkeypatch.setattr(drawing, "svg", lambda sheet: "<svg/>")
