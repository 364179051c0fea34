"""Options and fixtures that every test folder shares."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

mpl.use("Agg")  # no test opens a window
FIRST = (
    *("unit/test_capacity.py", "unit/test_near_best_search.py"),
    *("unit/test_transit_search.py", "unit/test_report.py"),
    *("unit/test_study_questions.py", "unit/test_itineraries.py"),
    *("real/test_transit_raptor.py", "invariant/test_transit_service.py"),
    *("real/test_capacity_known.py", "web/test_report_page.py", "unit/test_report_answer.py"),
)
"""Files that take longest, in pairs that compile different kernels.

Two workers who take files in this order neither compile the same at once, nor does one of them
begin a long file when the other has nothing left to do.
"""

# No test measures time: a busy machine must not fail a property that holds.
settings.register_profile("navplan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("navplan")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shared",
        type=Path,
        default=ROOT.parent / "shared" / "data",
        help="folder of the fetched data (see tests/real)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of `FIRST` first, and leave the rest in their order."""
    places = {ROOT / "tests" / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(FIRST)))


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> Path:
    """The folder of fetched data; skips where it is absent."""
    folder = Path(request.config.getoption("--shared")).resolve()
    if not (folder / "national").is_dir():
        pytest.skip(f"the fetched data are not here: no folder {folder.name}/national (--shared)")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT
