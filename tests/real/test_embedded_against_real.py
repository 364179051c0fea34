"""The embedded study says what the real cells and roads say, by bydel."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import cases
from benchmarks.embedded_against_real import AIM_MEDIAN_MIN, AIM_MOST_MIN, against_real

pytestmark = pytest.mark.real


def test_bergens_car_minutes_agree_by_bydel(root: Path, bergen: cases.Case) -> None:
    table = against_real(root / "data" / "bergen", bergen)
    assert len(table) == 8
    assert (table["without_time_embedded"] == 0).all()
    assert (table["without_time_real"] < 0.01).all()
    off = table["difference"].abs()
    assert off.median() < AIM_MEDIAN_MIN, table
    assert off.max() <= AIM_MOST_MIN, table
