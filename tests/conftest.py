"""Options and fixtures that every test folder shares."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

mpl.use("Agg")  # no test opens a window
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
