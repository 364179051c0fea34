"""Floating catchments against sums by hand and plain loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from navplan.errors import InputError
from navplan.measures import (
    BandDecay,
    GaussianDecay,
    StepDecay,
    enhanced_two_step_catchment,
    two_step_catchment,
)

NAN = float("nan")
BANDS = BandDecay((10, 20, 30), (1, 0.68, 0.22))


def test_two_step_by_hand():
    minutes = np.array([[5.0, 20.0], [10.0, 10.0], [NAN, 31.0]])
    found = two_step_catchment(
        minutes, np.array([10.0, 30.0, 60.0]), np.array([4.0, 3.0]), limit=10
    )
    assert found.supply_per_person.tolist() == [0.1, 0.1]
    assert found.access == pytest.approx([0.1, 0.2, 0])
    assert found.share_without_office == pytest.approx(0.6)


def test_enhanced_by_hand():
    minutes = np.array([[5.0], [15.0], [25.0], [35.0]])
    found = enhanced_two_step_catchment(
        minutes, np.array([100.0, 50.0, 100.0, 7.0]), np.array([1.56]), decay=BANDS
    )
    assert found.supply_per_person[0] == pytest.approx(0.01)  # 100 + 34 + 22 people
    assert found.access == pytest.approx([0.01, 0.0068, 0.0022, 0])


tables = hnp.arrays(
    float,
    st.tuples(st.integers(1, 6), st.integers(1, 4)),
    elements=st.one_of(st.just(NAN), st.integers(0, 40).map(float)),
)


@given(tables, st.sampled_from([BANDS, StepDecay(15), GaussianDecay(9)]), st.data())
def test_against_loops_and_nothing_is_lost(minutes, decay, data):
    zones, offices = minutes.shape
    numbers = st.integers(0, 50).map(float)
    people = np.array(data.draw(st.lists(numbers, min_size=zones, max_size=zones)))
    supply = np.array(data.draw(st.lists(numbers, min_size=offices, max_size=offices)))
    found = enhanced_two_step_catchment(minutes, people, supply, decay=decay)

    def f(z):
        return 0.0 if np.isnan(z) else float(decay(np.array([z]))[0])

    access = [0.0] * zones
    handed_out = 0.0
    for j in range(offices):
        demand = sum(people[i] * f(minutes[i, j]) for i in range(zones))
        if demand > 0:
            handed_out += supply[j]
            for i in range(zones):
                access[i] += supply[j] / demand * f(minutes[i, j])
    assert found.access == pytest.approx(access)
    assert people @ found.access == pytest.approx(handed_out)
    if people.sum():
        lost = sum(p for p, row in zip(people, minutes, strict=True) if not any(map(f, row)))
        assert found.share_without_office == pytest.approx(lost / people.sum())
    else:
        assert np.isnan(found.share_without_office)


def test_supply_that_does_not_fit_is_refused():
    minutes = pd.DataFrame([[1.0, 2.0]], index=["z"], columns=["a", "b"])
    people = pd.Series([1.0], index=["z"])
    with pytest.raises(InputError, match="supply"):
        two_step_catchment(minutes, people, pd.Series([1.0, 1.0], index=["b", "a"]), limit=10)
    with pytest.raises(InputError, match="supply"):
        two_step_catchment(minutes, people, np.array([1.0, -1.0]), limit=10)
    with pytest.raises(InputError, match="limit"):
        two_step_catchment(minutes, people, np.ones(2), limit=0)
