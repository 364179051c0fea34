"""Who goes to which office, against sums by hand and plain loops."""

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
    ExponentialDecay,
    GaussianDecay,
    LinearDecay,
    StepDecay,
    huff_choice,
    mean_minutes,
    nearest_choice,
)

NAN = float("nan")
DECAYS = [
    StepDecay(30),
    LinearDecay(45),
    ExponentialDecay(10),
    GaussianDecay(12),
    BandDecay((10, 20, 30), (1, 0.68, 0.22)),
]
tables = hnp.arrays(
    float,
    st.tuples(st.integers(1, 6), st.integers(1, 4)),
    elements=st.one_of(st.just(NAN), st.integers(0, 60).map(float)),
)


@pytest.mark.parametrize("decay", DECAYS, ids=repr)
def test_every_decay_keeps_the_contract(decay):
    minutes = np.concatenate([np.linspace(0, 200, 2001), [1e4, 1e9]])
    shares = decay(minutes)
    assert shares[0] == 1
    assert ((shares >= 0) & (shares <= 1)).all()
    assert (np.diff(shares) <= 0).all()
    assert decay(minutes.reshape(1, -1)).shape == (1, len(minutes))


def test_decays_by_hand():
    assert ExponentialDecay(10)(np.array([20.0])) == 0.25
    assert LinearDecay(40)(np.array([10.0])) == 0.75
    assert StepDecay(10)(np.array([10.0, 10.1])).tolist() == [1, 0]
    assert GaussianDecay(5)(np.array([5.0]))[0] == pytest.approx(np.exp(-0.5))
    bands = BandDecay((10, 20), (1, 0.5))
    assert bands(np.array([0.0, 10.0, 10.1, 20.0, 20.1])).tolist() == [1, 1, 0.5, 0.5, 0]


@pytest.mark.parametrize(
    "bad",
    [
        lambda: StepDecay(0),
        lambda: LinearDecay(-1),
        lambda: ExponentialDecay(NAN),
        lambda: GaussianDecay(float("inf")),
        lambda: BandDecay((), ()),
        lambda: BandDecay((10, 10), (1, 0.5)),
        lambda: BandDecay((10, 20), (1,)),
        lambda: BandDecay((10, 20), (0.9, 0.5)),
        lambda: BandDecay((10, 20), (1, 1.1)),
    ],
)
def test_decays_that_are_none_are_refused(bad):
    with pytest.raises(InputError):
        bad()


def test_nearest_goes_by_time_then_by_text():
    minutes = pd.DataFrame([[5, 5, 9], [7, 3, 3], [NAN, NAN, NAN]], columns=["c", "b", "a"])
    choice = nearest_choice(minutes, pd.Series([1.0, 2.0, 4.0]), visits_per_person=2)
    assert choice.probability.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert choice.visits.tolist() == [0, 2, 4]
    assert choice.minutes.tolist()[:2] == [5, 3]
    assert choice.mean.value == pytest.approx(11 / 3)
    assert choice.mean.share_without_time == pytest.approx(4 / 7)


@given(tables)
def test_nearest_minutes_are_the_row_minima(minutes):
    people = np.arange(1.0, len(minutes) + 1)
    choice = nearest_choice(minutes, people)
    timed = ~np.isnan(minutes).all(axis=1)
    least = np.full(len(minutes), NAN)
    least[timed] = np.nanmin(minutes[timed], axis=1)
    np.testing.assert_array_equal(choice.minutes, least)
    assert choice.visits.sum() == pytest.approx(people[timed].sum())


def test_huff_by_hand():
    minutes = np.array([[0.0, 10.0], [NAN, 10.0], [NAN, NAN]])
    choice = huff_choice(
        minutes,
        np.array([3.0, 1.0, 1.0]),
        decay=ExponentialDecay(10),
        attractiveness=np.array([1.0, 4.0]),
    )
    assert choice.probability[0] == pytest.approx([1 / 3, 2 / 3])
    assert choice.probability[1:].tolist() == [[0, 1], [0, 0]]
    assert choice.minutes[0] == pytest.approx(20 / 3)
    assert choice.visits == pytest.approx([1, 3])
    assert choice.mean.share_without_time == pytest.approx(0.2)


@given(tables, st.sampled_from(DECAYS))
def test_huff_against_loops(minutes, decay):
    people = np.arange(1.0, len(minutes) + 1)
    draw = np.arange(1.0, minutes.shape[1] + 1)
    choice = huff_choice(minutes, people, decay=decay, attractiveness=draw)
    for row, z in enumerate(minutes):
        pull = [
            0.0 if np.isnan(t) else float(a * decay(np.array([t]))[0])
            for t, a in zip(z, draw, strict=True)
        ]
        if sum(pull) == 0:
            assert np.isnan(choice.minutes[row])
            assert not choice.probability[row].any()
            continue
        shares = [p / sum(pull) for p in pull]
        assert choice.probability[row] == pytest.approx(shares)
        spent = sum(s * t for s, t in zip(shares, z, strict=True) if s)
        assert choice.minutes[row] == pytest.approx(spent)
        assert choice.minutes[row] >= nearest_choice(minutes, people).minutes[row] - 1e-9


def test_a_sharper_decay_tends_to_the_nearest():
    minutes, people = np.array([[10.0, 12.0, 30.0]]), np.ones(1)
    means = [
        huff_choice(minutes, people, decay=ExponentialDecay(half)).mean.value
        for half in (100, 10, 1, 0.1)
    ]
    assert means == sorted(means, reverse=True)
    assert means[-1] == pytest.approx(10, abs=1e-4)


def test_the_mean_is_the_same_measure():
    minutes, people = np.array([[10.0, 20.0], [NAN, 5.0]]), np.array([1.0, 2.0])
    choice = nearest_choice(minutes, people)
    assert choice.mean == mean_minutes(choice.minutes, people)


def test_tables_that_do_not_fit_are_refused():
    minutes = pd.DataFrame([[1.0, 2.0]], index=["z"], columns=["a", "b"])
    one = pd.Series([1.0], index=["z"])
    with pytest.raises(InputError, match="people"):
        nearest_choice(minutes, pd.Series([1.0], index=["y"]))
    with pytest.raises(InputError, match="attractiveness"):
        huff_choice(
            minutes, one, decay=StepDecay(9), attractiveness=pd.Series([1.0, 1.0], index=["b", "a"])
        )
    with pytest.raises(InputError, match="minutes"):
        nearest_choice(np.array([[np.inf]]), np.ones(1))
    with pytest.raises(InputError, match="minutes"):
        nearest_choice(np.ones(3), np.ones(3))
    with pytest.raises(InputError, match="visits_per_person"):
        nearest_choice(minutes, one, visits_per_person=-1)
    with pytest.raises(InputError, match="decay"):
        huff_choice(minutes, one, decay=lambda z: z + 2)
