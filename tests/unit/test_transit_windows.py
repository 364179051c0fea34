"""Reading percentiles: the network of exchanges and the rank it brings to its place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from navplan.travel.lanes import LANES, exchange
from navplan.travel.windows import rank_of, selection


@njit
def exchanged(rows, network):
    for number in range(len(network)):
        exchange(rows, network[number, 0], network[number, 1])


@given(
    count=st.integers(1, 130), share=st.floats(0, 1), seed=st.integers(0, 2**32 - 1),
    most=st.sampled_from([3, 1000]),
)  # fmt: skip
def test_the_exchanges_bring_the_rank_to_its_place(count, share, seed, most):
    rank = round(share * (count - 1))
    values = np.random.default_rng(seed).integers(-most, most, (count, LANES), dtype=np.int32)
    rows = values.ravel().copy()
    exchanged(rows, selection(count, rank))
    np.testing.assert_array_equal(rows.reshape(count, LANES)[rank], np.sort(values, axis=0)[rank])


def test_a_rank_needs_fewer_exchanges_than_an_order():
    everything = 543  # Batcher's network for 60
    assert len(selection(60, 29)) < everything
    assert len(selection(60, 0)) == 59
    assert len(selection(1, 0)) == 0


@pytest.mark.parametrize(
    ("percentile", "count", "rank"),
    [(0, 10, 0), (10, 10, 0), (10.1, 10, 1), (50, 10, 4), (50, 11, 5), (90, 10, 8), (100, 10, 9),
     (50, 1, 0), (33.333333333333336, 3, 0)],
)  # fmt: skip
def test_the_rank_is_the_least_that_enough_values_do_not_exceed(percentile, count, rank):
    assert rank_of(percentile, count) == rank
