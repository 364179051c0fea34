"""Measures against hand sums and plain formulas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.measures import (
    Change,
    Distribution,
    Groups,
    ede_minutes,
    gainers_more_than,
    kolm_pollak_kappa,
    losers_more_than,
    losing_zones,
    mean_change_minutes,
    mean_minutes,
    median_minutes,
    people_within,
    percentile_minutes,
    person_hours_year,
    worst_minutes,
)

NAN = float("nan")
MINUTES = np.array([10.0, 20.0, NAN, 60.0, 90.0])
PEOPLE = np.array([1.0, 2.0, 4.0, 8.0, 0.0])  # powers of two: a sum names its zones

rows = st.lists(
    st.tuples(
        st.one_of(st.just(NAN), st.floats(0, 300, allow_subnormal=False)),
        st.integers(0, 5000).map(float),
    ),
    min_size=1,
    max_size=12,
)


def test_each_value_by_hand_with_the_share_it_leaves_out():
    mean = mean_minutes(MINUTES, PEOPLE)
    assert mean.value == pytest.approx((10 + 2 * 20 + 8 * 60) / 11)
    assert mean.share_without_time == pytest.approx(4 / 15)
    assert (mean.people, mean.unit) == (15.0, "min")
    # 11 people have a time: the sixth of them, and the tenth (90 %), need 60 minutes.
    assert median_minutes(MINUTES, PEOPLE).value == 60
    assert percentile_minutes(MINUTES, PEOPLE, percent=3 / 11 * 100).value == 20
    assert percentile_minutes(MINUTES, PEOPLE, percent=3 / 11 * 100 + 0.1).value == 60
    assert worst_minutes(MINUTES, PEOPLE).value == 60  # nobody lives 90 minutes off
    within = people_within(MINUTES, PEOPLE, limit=20)
    assert (within.value, within.unit) == (3, "persons")
    assert within.share_without_time == pytest.approx(4 / 15)
    hours = person_hours_year(MINUTES, PEOPLE, visits_per_person=1.5)
    assert hours.value == pytest.approx(530 * 2 * 1.5 / 60)
    assert hours.unit == "h"


@pytest.mark.parametrize(("people", "median"), [([1, 1], 10), ([1, 1.1], 20), ([2, 1], 10)])
def test_the_median_is_the_least_time_half_do_not_exceed(people, median):
    assert median_minutes(np.array([10.0, 20.0]), np.array(people, dtype=float)).value == median


def test_changes_by_hand():
    before = np.array([10.0, 10.0, 10.0, NAN, NAN, 30.0])
    after = np.array([20.0, 15.0, NAN, 10.0, NAN, 10.0])
    people = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    change = mean_change_minutes(before, after, people)
    assert change.value == pytest.approx((10 + 2 * 5 - 32 * 20) / 35)
    assert change.share_without_time == pytest.approx(28 / 63)
    assert losers_more_than(before, after, people, limit=5).value == 1 + 4  # 5 is not more than 5
    assert losers_more_than(before, after, people, limit=15).value == 4  # the one without a time
    assert gainers_more_than(before, after, people, limit=5).value == 8 + 32
    assert losers_more_than(before, after, people, limit=5).share_without_time == 16 / 63
    assert losing_zones(before, after, limit=5).tolist() == [True, False, True] + [False] * 3


def test_rounding_in_a_sum_makes_no_loser():
    before, after, people = (np.array([v]) for v in (3.3, 8.3, 1.0))
    assert after[0] - before[0] > 5
    assert losers_more_than(before, after, people, limit=5).value == 0


def test_the_equal_equivalent_by_hand():
    minutes, people = np.array([10.0, 30.0]), np.array([3.0, 1.0])
    kappa = kolm_pollak_kappa(minutes, people)
    assert kappa == pytest.approx(60 / (3 * 100 + 900))
    expected = math.log((3 * math.exp(kappa * 10) + math.exp(kappa * 30)) / 4) / kappa
    assert ede_minutes(minutes, people, kappa=kappa).value == pytest.approx(expected)
    assert kolm_pollak_kappa(minutes, people, epsilon=2) == pytest.approx(2 * kappa)
    assert kolm_pollak_kappa(np.zeros(2), people) == 0


def test_the_equal_equivalent_goes_from_the_mean_to_the_worst_without_overflow():
    minutes, people = np.array([10.0, 30.0]), np.array([3.0, 1.0])
    values = [ede_minutes(minutes, people, kappa=k).value for k in (0, 1e-12, 1e-6, 0.1, 10, 1e6)]
    assert values[:2] == [15.0, 15.0]
    assert values[2] == pytest.approx(15.0, abs=1e-3)
    assert values == sorted(values)
    assert values[-1] == pytest.approx(30.0, abs=1e-3)


@given(rows)
def test_measures_against_plain_formulas(pairs):
    minutes, people = (np.array(column) for column in zip(*pairs, strict=True))
    timed = [(z, w) for z, w in pairs if not math.isnan(z) and w > 0]
    total, reached = sum(w for _, w in pairs), sum(w for _, w in timed)
    mean = mean_minutes(minutes, people)
    if total == 0:
        assert math.isnan(mean.share_without_time)
    else:
        assert mean.share_without_time == pytest.approx(1 - reached / total)
    if not timed:
        assert math.isnan(mean.value)
        assert math.isnan(worst_minutes(minutes, people).value)
        assert math.isnan(median_minutes(minutes, people).value)
        assert math.isnan(ede_minutes(minutes, people, kappa=0.1).value)
        return
    assert mean.value == pytest.approx(sum(z * w for z, w in timed) / reached)
    each = sorted(z for z, w in timed for _ in range(int(w)))
    assert median_minutes(minutes, people).value == each[(len(each) - 1) // 2]
    p90 = each[math.ceil(0.9 * len(each)) - 1]
    assert percentile_minutes(minutes, people, percent=90).value == p90
    assert worst_minutes(minutes, people).value == each[-1]
    direct = math.log(sum(w * math.exp(0.1 * z) for z, w in timed) / reached) / 0.1
    ede = ede_minutes(minutes, people, kappa=0.1).value
    assert ede == pytest.approx(direct, abs=1e-6)
    assert mean.value - 1e-6 <= ede <= each[-1] + 1e-6
    assert people_within(minutes, people, limit=30).value == sum(z <= 30 for z in each)


@given(rows)
def test_no_change_has_no_losers_and_no_gainers(pairs):
    minutes, people = (np.array(column) for column in zip(*pairs, strict=True))
    assert losers_more_than(minutes, minutes, people, limit=0).value == 0
    assert gainers_more_than(minutes, minutes, people, limit=0).value == 0
    change = mean_change_minutes(minutes, minutes, people).value
    assert change == 0 or math.isnan(change)


@given(rows, st.integers(0, 99))
def test_losers_of_one_direction_gain_in_the_other(pairs, seed):
    before, people = (np.array(column) for column in zip(*pairs, strict=True))
    after = np.random.default_rng(seed).permutation(before)
    lost = losers_more_than(before, after, people, limit=10)
    gained = gainers_more_than(after, before, people, limit=10)
    np.testing.assert_equal(vars(lost), vars(gained))


@given(rows, st.integers(1, 4), st.integers(0, 99))
def test_several_groups_at_once_are_each_measured_as_if_alone(pairs, count, seed):
    minutes = np.array([z for z, _ in pairs])
    draw = np.random.default_rng(seed)
    before = draw.permutation(minutes)
    people = draw.choice([0.0, 0.0, 0.3, 1.0, 17.0], (count, len(minutes)))
    kappa = draw.uniform(0, 0.2, count)
    groups = Groups(people)
    own, change = Distribution(minutes, groups), Change(before, minutes, groups)
    for row, (k, w) in enumerate(zip(kappa, people, strict=True)):
        here = w > 0  # alone: without the zones where nobody of the group lives
        y, z, w_here = before[here], minutes[here], w[here]
        assert own.kappa()[row] == pytest.approx(kolm_pollak_kappa(z, w_here))
        for together, alone in (
            (own.mean(), mean_minutes(z, w_here)),
            (own.percentile(50), median_minutes(z, w_here)),
            (own.worst(), worst_minutes(z, w_here)),
            (own.ede(kappa), ede_minutes(z, w_here, kappa=k)),
            (own.within(30), people_within(z, w_here, limit=30)),
            (own.person_hours_year(2), person_hours_year(z, w_here, visits_per_person=2)),
            (change.mean(), mean_change_minutes(y, z, w_here)),
            (change.losers(5), losers_more_than(y, z, w_here, limit=5)),
            (change.gainers(5), gainers_more_than(y, z, w_here, limit=5)),
        ):
            assert together.unit == alone.unit
            for key in ("value", "share_without_time", "people"):
                expected = pytest.approx(getattr(alone, key), nan_ok=True)
                assert getattr(together, key)[row] == expected


def test_a_groups_value_does_not_hang_on_which_others_are_beside_it():
    draw = np.random.default_rng(1)
    minutes, people = draw.uniform(0, 90, 333), draw.uniform(0, 9, (7, 333))
    together = Distribution(minutes, Groups(people))
    for row in range(7):
        alone = Distribution(minutes, Groups(people[row : row + 1]))
        assert together.mean().value[row] == alone.mean().value[0]
        assert together.within(45).value[row] == alone.within(45).value[0]


def test_hours_are_unknown_where_nobody_has_a_time_and_none_where_nobody_lives():
    minutes = np.array([NAN, 10.0])
    assert math.isnan(person_hours_year(minutes, np.array([3.0, 0.0])).value)
    assert person_hours_year(minutes, np.array([0.0, 0.0])).value == 0


def test_who_lost_or_got_a_time_counts_whatever_the_limit():
    before, after, people = np.array([10.0, NAN]), np.array([NAN, 10.0]), np.array([1.0, 2.0])
    assert losers_more_than(before, after, people, limit=math.inf).value == 1
    assert gainers_more_than(before, after, people, limit=math.inf).value == 2


@pytest.mark.parametrize(
    ("minutes", "people", "message"),
    [
        ([1.0, 2.0], [1.0], "values"),
        ([1.0], [-1.0], "a count is negative or missing"),
        ([1.0], [NAN], "a count is negative or missing"),
        ([-1.0], [1.0], "a time is negative or infinite"),
        ([float("inf")], [1.0], "never a large number"),
    ],
)
def test_columns_that_do_not_fit_are_refused(minutes, people, message):
    with pytest.raises(InputError) as error:
        mean_minutes(np.array(minutes), np.array(people))
    assert message in str(error.value)


def test_series_of_other_zones_are_refused():
    minutes, people = (
        pd.Series([1.0, 2.0], index=["a", "b"]),
        pd.Series([1.0, 2.0], index=["b", "a"]),
    )
    with pytest.raises(InputError, match="different zones"):
        mean_minutes(minutes, people)


@pytest.mark.parametrize(
    "call",
    [
        lambda z, w: percentile_minutes(z, w, percent=0),
        lambda z, w: ede_minutes(z, w, kappa=-1),
        lambda z, w: ede_minutes(z, w, kappa=NAN),
        lambda z, w: ede_minutes(z, w, kappa=math.inf),
        lambda z, w: kolm_pollak_kappa(z, w, epsilon=-1),
        lambda z, w: person_hours_year(z, w, visits_per_person=-1),
    ],
)
def test_settings_out_of_range_are_refused(call):
    with pytest.raises(InputError, match="expected"):
        call(MINUTES, PEOPLE)
