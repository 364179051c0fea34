"""Hiding small counts: what is hidden, and that the rest does not give it away."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from navplan.measures import mask_parts, mask_small, mask_table

NAN = float("nan")
counts = st.lists(st.integers(0, 40).map(float), min_size=2, max_size=7)


def test_one_to_nine_are_hidden_zero_and_ten_are_not():
    shown = mask_small(np.array([0.0, 1.0, 9.0, 9.6, 10.0, NAN]))
    np.testing.assert_array_equal(shown, [0, NAN, NAN, NAN, 10, NAN])


def test_a_small_rest_of_the_whole_is_hidden_too():
    shown = mask_small(np.array([95.0, 100.0, 90.0, 0.0]), whole=np.array([100.0, 100, 100, 5]))
    np.testing.assert_array_equal(shown, [NAN, 100, 90, NAN])


def test_a_single_hidden_part_takes_the_smallest_other_with_it():
    np.testing.assert_array_equal(mask_parts(np.array([5.0, 100, 30, 0])), [NAN, 100, NAN, 0])
    np.testing.assert_array_equal(mask_parts(np.array([50.0, 100.0])), [50, 100])
    # 2 + 3 = 5 would follow from the sum: a third is hidden.
    np.testing.assert_array_equal(mask_parts(np.array([2.0, 3, 80, 90])), [NAN, NAN, NAN, 90])


def test_parts_hidden_for_other_reasons_keep_their_weight():
    marks = np.array([True, False, False])
    shown = mask_parts(np.array([500.0, 20.0, 30.0]), hidden=marks)
    np.testing.assert_array_equal(shown, [NAN, NAN, 30])


@given(counts)
def test_no_part_follows_from_the_sum(parts):
    values = np.array(parts)
    shown = mask_parts(values)
    hidden = np.isnan(shown)
    np.testing.assert_array_equal(shown[~hidden], values[~hidden])
    assert not ((shown > 0) & (shown < 10)).any()
    if hidden.any() and values.sum() >= 10:
        # The hidden ones can be told from the sum together, but neither alone nor as a few people.
        assert hidden.sum() >= 2
        assert values[hidden].sum() >= 10


@given(st.lists(counts.map(lambda row: (row * 4)[:4]), min_size=2, max_size=5))
def test_no_cell_follows_from_the_sums_of_rows_and_columns(table):
    values = np.array(table)
    shown = mask_table(values)
    hidden = np.isnan(shown)
    np.testing.assert_array_equal(shown[~hidden], values[~hidden])
    assert not ((shown > 0) & (shown < 10)).any()
    assert (hidden.sum(axis=0) != 1).all()
    assert (hidden.sum(axis=1) != 1).all()


def test_a_hidden_cell_takes_a_square_with_it():
    table = np.array([[5.0, 100, 200], [50, 60, 70], [80, 90, 20]])
    expected = [[NAN, NAN, 200], [NAN, NAN, 70], [80, 90, 20]]
    np.testing.assert_array_equal(mask_table(table), expected)
