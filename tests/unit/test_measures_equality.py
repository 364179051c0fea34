"""Gini, Jain and the mean of the worst-off share against plain formulas."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.measures import (
    Distribution,
    Groups,
    gini,
    jain,
    mean_minutes,
    tail_mean_minutes,
    worst_minutes,
)

NAN = float("nan")
rows = st.lists(
    st.tuples(
        st.one_of(st.just(NAN), st.integers(0, 60).map(float)), st.integers(0, 40).map(float)
    ),
    min_size=1,
    max_size=9,
)


def columns(table):
    minutes, people = (np.array(column) for column in zip(*table, strict=True))
    return minutes, people


def crowd(minutes, people):
    """One entry a person with a time."""
    timed = ~np.isnan(minutes)
    return np.repeat(minutes[timed], people[timed].astype(int))


@given(rows)
def test_gini_and_jain_are_those_of_the_persons(table):
    minutes, people = columns(table)
    persons = crowd(minutes, people)
    if not len(persons):
        assert np.isnan(gini(minutes, people).value)
        assert np.isnan(jain(minutes, people).value)
        return
    n, total = len(persons), persons.sum()
    apart = np.abs(persons[:, np.newaxis] - persons).sum()
    plain = apart / (2 * n * total) if total else 0.0
    fair = total**2 / (n * (persons**2).sum()) if total else 1.0
    assert gini(minutes, people).value == pytest.approx(plain, abs=1e-12)
    assert jain(minutes, people).value == pytest.approx(fair, rel=1e-12)


@given(rows, st.integers(1, 20))
def test_the_tail_is_the_mean_of_the_last_persons(table, twentieths):
    minutes, people = columns(table)
    people *= 20  # so that every twentieth is whole persons
    persons = np.sort(crowd(minutes, people))
    value = tail_mean_minutes(minutes, people, share=twentieths / 20).value
    if not len(persons):
        assert np.isnan(value)
        return
    worst_off = persons[len(persons) - len(persons) * twentieths // 20 :]
    assert value == pytest.approx(worst_off.mean(), abs=1e-9)


@given(rows, st.floats(0.001, 1))
def test_the_tail_is_the_least_of_its_linear_program(table, share):
    """Rockafellar and Uryasev: the least over η, which is at one of the times."""
    minutes, people = columns(table)
    timed = ~np.isnan(minutes)
    z, w = minutes[timed], people[timed]
    value = tail_mean_minutes(minutes, people, share=share).value
    if not w.sum():
        assert np.isnan(value)
        return
    each = [eta + w @ np.maximum(z - eta, 0) / (share * w.sum()) for eta in z]
    assert value == pytest.approx(min(each), abs=1e-9)


@given(rows)
def test_the_tail_lies_between_mean_and_worst(table):
    minutes, people = columns(table)
    values = [tail_mean_minutes(minutes, people, share=s).value for s in (1.0, 0.4, 0.1, 1e-9)]
    mean, worst = mean_minutes(minutes, people).value, worst_minutes(minutes, people).value
    if np.isnan(mean):
        assert np.isnan(values).all()
        return
    assert values[0] == pytest.approx(mean, abs=1e-9)
    assert values[-1] == pytest.approx(worst, abs=1e-9)
    assert all(a <= b + 1e-9 for a, b in pairwise(values))


def test_by_hand_with_the_share_left_out():
    minutes, people = np.array([0.0, 30.0, NAN, 99.0]), np.array([1.0, 1.0, 2.0, 0.0])
    value = gini(minutes, people)
    assert (value.value, value.unit, value.share_without_time) == (0.5, "1", 0.5)
    assert jain(minutes, people).value == 0.5
    boundary = tail_mean_minutes(minutes, people, share=0.75)  # 1 of 30 and half of one of 0
    assert boundary.value == pytest.approx(20)
    assert (boundary.unit, boundary.people, boundary.share_without_time) == ("min", 4.0, 0.5)


def test_levelling_down_improves_gini_and_jain_but_not_the_tail():
    people = np.ones(4)
    fair, levelled = np.array([10.0, 10.0, 40.0, 40.0]), np.full(4, 40.0)
    assert gini(levelled, people).value < gini(fair, people).value
    assert jain(levelled, people).value > jain(fair, people).value
    assert tail_mean_minutes(levelled, people).value >= tail_mean_minutes(fair, people).value


def test_groups_beside_each_other_do_not_disturb_each_other():
    minutes = np.array([10.0, NAN, 20.0, 50.0])
    groups = np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 5.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    together = Distribution(minutes, Groups(groups))
    assert together.gini().value[0] == gini(minutes, groups[0]).value
    assert together.jain().value[0] == jain(minutes, groups[0]).value
    assert together.tail_mean(0.1).value[0] == tail_mean_minutes(minutes, groups[0]).value
    for measured in (together.gini(), together.jain(), together.tail_mean(0.1)):
        assert np.isnan(measured.value[1:]).all()


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, NAN])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(InputError, match="share"):
        tail_mean_minutes(np.ones(2), np.ones(2), share=share)


@pytest.mark.parametrize("measure", [gini, jain, tail_mean_minutes])
def test_columns_that_do_not_fit_are_refused(measure):
    with pytest.raises(InputError, match="people"):
        measure(np.ones(2), np.array([1.0, -1.0]))
    with pytest.raises(InputError, match="minutes"):
        measure(np.array([1.0, np.inf]), np.ones(2))
    with pytest.raises(InputError, match="zones"):
        measure(pd.Series([1.0], index=["a"]), pd.Series([1.0], index=["b"]))
