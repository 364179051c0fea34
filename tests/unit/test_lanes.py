"""Rows of lanes: the vectors do exactly what the loops say, and the loops what numpy says."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numba import njit, prange

from navplan.travel import lanes, lanes_plain, lanes_vector
from navplan.travel.lanes import CACHED, LANES, UNREACHED, fold

KINDS = pytest.mark.parametrize("kind", [lanes_plain, lanes_vector])


def table(seed: int, rows: int, low: int = -UNREACHED) -> np.ndarray:
    made = np.random.default_rng(seed).integers(low, UNREACHED + 1, rows * LANES)
    made[::7] = UNREACHED
    return made.astype(np.int32)


@st.composite
def folds(draw):
    rows = draw(st.integers(1, 6))
    places = st.integers(0, rows - 1)
    arcs = draw(st.lists(places, max_size=9))
    numbers = st.integers(-UNREACHED, UNREACHED)
    weights = draw(st.lists(numbers, min_size=len(arcs), max_size=len(arcs)))
    ends = sorted(draw(st.tuples(*[st.integers(0, len(arcs))] * 2)))
    return {
        "table": table(draw(st.integers(0, 99)), rows),
        "out_row": draw(places),
        "base_row": draw(st.integers(-1, rows - 1)),
        "add": draw(numbers),
        "rows": np.array(arcs, np.int32),
        "weights": np.array(weights, np.int32),
        "begin": ends[0],
        "end": ends[1],
        "shift": draw(st.integers(-UNREACHED, UNREACHED)),
    }


def by_numpy(case: dict, *, weighted: bool) -> np.ndarray:
    rows = case["table"].reshape(-1, LANES).astype(np.int64)
    taken = slice(case["begin"], case["end"])
    candidates = [np.full(LANES, UNREACHED)]
    if case["base_row"] >= 0:
        candidates.append(rows[case["base_row"]] + case["add"])
    for row, weight in zip(case["rows"][taken], case["weights"][taken], strict=True):
        candidates.append(rows[row] + (weight if weighted else 0))
    least = np.min(candidates, axis=0) + (0 if weighted else case["shift"])
    rows[case["out_row"]] = least
    return rows.astype(np.int32).ravel()


@KINDS
@given(case=folds())
def test_a_fold_is_the_least_of_base_and_rows(kind, case):
    found = case["table"].copy()  # read and written: one table for all three
    kind.fold(
        found, case["out_row"], found, case["base_row"], case["add"], found,
        case["rows"], case["weights"], case["begin"], case["end"],
    )  # fmt: skip
    np.testing.assert_array_equal(found, by_numpy(case, weighted=True))


@KINDS
@given(case=folds())
def test_a_plain_fold_has_no_weights_but_a_shift(kind, case):
    found = case["table"].copy()
    kind.fold_plain(
        found, case["out_row"], found, case["base_row"], case["add"], found,
        case["rows"], case["begin"], case["end"], case["shift"],
    )  # fmt: skip
    np.testing.assert_array_equal(found, by_numpy(case, weighted=False))


@KINDS
def test_a_fold_of_nothing_is_unreached(kind):
    nothing = np.empty(0, np.int32)
    out = np.zeros(2 * LANES, np.int32)
    kind.fold(out, 1, nothing, -1, 0, nothing, nothing, nothing, 0, 0)
    assert (out.reshape(2, LANES) == [[0], [UNREACHED]]).all()
    kind.fold_plain(out, 0, nothing, -1, 0, nothing, nothing, 0, 0, -5)
    assert (out.reshape(2, LANES) == [[UNREACHED - 5], [UNREACHED]]).all()


@KINDS
def test_three_tables_may_differ_and_only_the_row_asked_for_is_written(kind):
    out, base, rows = table(1, 3), table(2, 2, low=0), table(3, 4, low=0)
    before = out.copy()
    arcs, weights = np.array([[3, 0], [1, 2]], np.int32)
    kind.fold(out, 1, base, 1, 7, rows, arcs, weights, 0, 2)
    b, t = (part.reshape(-1, LANES).astype(np.int64) for part in (base, rows))
    least = np.minimum(np.minimum(b[1] + 7, UNREACHED), np.minimum(t[3] + 1, t[0] + 2))
    np.testing.assert_array_equal(out.reshape(3, LANES)[1], least)
    np.testing.assert_array_equal(out.reshape(3, LANES)[[0, 2]], before.reshape(3, LANES)[[0, 2]])


@KINDS
@given(seed=st.integers(0, 99), one=st.integers(0, 4), other=st.integers(0, 4))
def test_an_exchange_sorts_two_rows(kind, seed, one, other):
    assume(one != other)
    before = table(seed, 5)
    found = before.copy()
    kind.exchange(found, one, other)
    rows = before.reshape(5, LANES).copy()
    rows[[one, other]] = np.sort(rows[[one, other]], axis=0)
    np.testing.assert_array_equal(found.reshape(5, LANES), rows)


@njit(parallel=True)
def _in_threads(out, source, rows, weights, count):
    for row in prange(count):
        fold(out, row, source, row, 0, source, rows, weights, row, row + 2)


def test_folds_run_in_threads():
    count = 50
    source = table(5, count + 2, low=0)
    rows = np.arange(count + 2, dtype=np.int32)[::-1].copy()
    weights = np.arange(count + 2, dtype=np.int32)
    out = np.zeros(count * LANES, np.int32)
    _in_threads(out, source, rows, weights, count)
    labels = source.reshape(-1, LANES).astype(np.int64)
    for row in range(count):
        ways = [labels[rows[i]] + weights[i] for i in (row, row + 1)]
        expected = np.minimum(np.minimum(*ways), labels[row]).clip(max=UNREACHED)
        np.testing.assert_array_equal(out.reshape(-1, LANES)[row], expected)


def test_the_module_offers_one_of_the_two():
    chosen = lanes_vector if CACHED else lanes_plain
    names: list[str] = ["fold", "fold_plain", "exchange"]
    offered: list[Callable] = [getattr(lanes, name) for name in names]
    assert offered == [getattr(chosen, name) for name in names]
