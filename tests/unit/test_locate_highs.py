"""The wrapper of HiGHS against every 0/1 vector, and its honesty about limits."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import sparse

from navplan.locate.highs import Answer, Program, rows_of, solve_program
from navplan.locate.setcover import find_cover
from navplan.locate.signatures import distinct_words, merge_clients, pack_rows, unpack_rows
from navplan.locate.watch import Gap, Watch


def binary(cost, rows, row_lower, row_upper=None, offset=0.0) -> Program:
    rows = np.asarray(rows, dtype=np.float64)
    count, columns = rows.shape
    upper = np.full(count, np.inf) if row_upper is None else np.asarray(row_upper, np.float64)
    return Program(
        cost=np.asarray(cost, dtype=np.float64),
        lower=np.zeros(columns),
        upper=np.ones(columns),
        integer=np.ones(columns, dtype=bool),
        rows=sparse.csr_array(rows),
        row_lower=np.asarray(row_lower, dtype=np.float64),
        row_upper=upper,
        offset=offset,
    )


def random_program(random: np.random.Generator) -> tuple[Program, np.ndarray]:
    """A program, and the values of its solutions."""
    columns, count = int(random.integers(1, 9)), int(random.integers(1, 6))
    rows = random.integers(-3, 4, (count, columns)) * (random.random((count, columns)) < 0.6)
    cost = random.integers(-5, 6, columns).astype(np.float64)
    if random.random() < 0.5:
        cost = random.normal(size=columns) * 10 ** random.uniform(-3, 6)
    least = rows @ random.integers(0, 2, columns) - random.integers(0, 2, count)
    offset = float(random.choice([0, 7, -2.5]))
    every = np.array(list(product((0, 1), repeat=columns)))
    values = (every @ cost + offset)[(every @ rows.T >= least).all(axis=1)]
    return binary(cost, rows, least, offset=offset), values


def close(a: float, b: float) -> bool:
    return a == pytest.approx(b, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_programs_agree_with_every_vector(seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(150):
        program, values = random_program(random)
        answer = solve_program(program, Watch())
        if len(values):
            assert answer.status == "proved"
            assert close(answer.value, values.min())
            assert answer.bound <= answer.value
            assert close(answer.bound, answer.value)
        else:
            assert (answer.status, answer.columns) == ("infeasible", None)


@pytest.mark.parametrize("seed", range(4))
def test_ceilings_and_targets_agree_with_every_vector(seed: int) -> None:
    random = np.random.default_rng(100 + seed)
    for _ in range(100):
        program, values = random_program(random)
        if not len(values):
            continue
        best, limit = values.min(), float(random.choice(values)) + float(random.choice([0, -1]))
        below = solve_program(program, Watch(), at_most=limit)
        if best > limit + 1e-8:
            assert (below.status, below.value, below.bound) == ("infeasible", np.inf, limit)
        else:
            assert close(below.value, best)
        target = solve_program(program, Watch(), enough=limit)
        assert target.status == "proved"
        assert target.value <= max(best, limit) + 1e-8
        assert target.bound <= best + 1e-8


def hard_cover(rows: int = 250, columns: int = 200) -> Program:
    random = np.random.default_rng(5)
    table = random.random((rows, columns)) < 0.06
    table[:, 0] |= ~table.any(axis=1)
    return binary(random.random(columns), table, np.ones(rows))


def test_a_limit_between_two_whole_values_keeps_the_lower() -> None:
    program = binary([10, 11], [[1, 1]], [1])
    dearer = np.array([0.0, 1.0])
    for limit in (10.0, 10.4, 10.6, 10.99):
        answer = solve_program(program, Watch(), start=dearer, at_most=limit, enough=limit)
        assert (answer.status, answer.value) == ("proved", 10.0)
    assert solve_program(program, Watch(), at_most=9.9, enough=9.9).status == "infeasible"


def test_a_target_below_every_solution_changes_nothing() -> None:
    # Larger than what presolve solves: a start, a ceiling and a target together.
    random = np.random.default_rng(1)
    for _ in range(5):
        table = random.random((60, 50)) < 0.1
        table[:, 0] |= ~table.any(axis=1)
        program = binary(np.ones(50), table, np.ones(60))
        best = solve_program(program, Watch()).value
        every = np.ones(50)
        for options in ({"at_most": best}, {"enough": best}, {"enough": 0.0}):
            answer = solve_program(program, Watch(), start=every, **options)
            assert (answer.status, answer.value) == ("proved", best)
        worse = solve_program(program, Watch(), start=every, at_most=best - 1)
        assert (worse.status, worse.bound) == ("infeasible", best - 1)
        some = solve_program(program, Watch(), start=every, enough=best + 2)
        assert some.bound <= best <= some.value <= best + 2


def test_a_time_limit_is_never_proved() -> None:
    told: list[Gap] = []
    answer = solve_program(hard_cover(), Watch(limit_s=1.2, tell=told.append))
    assert answer.status == "time limit"
    assert answer.bound < answer.value < np.inf
    assert told
    assert all(gap.step == "program" and gap.bound <= gap.value for gap in told)
    late = solve_program(hard_cover(), Watch(limit_s=0))
    assert (late.status, late.columns, late.bound) == ("time limit", None, 0.0)


def test_an_interrupt_keeps_the_best_so_far() -> None:
    def stop(gap: Gap) -> None:
        raise KeyboardInterrupt

    answer = solve_program(hard_cover(), Watch(tell=stop))
    assert answer.status == "interrupted"
    assert answer.bound < answer.value < np.inf


def test_a_fault_of_who_is_told_is_not_swallowed() -> None:
    def fail(gap: Gap) -> None:
        raise LookupError("nobody listens")

    with pytest.raises(LookupError, match="nobody"):
        solve_program(hard_cover(), Watch(tell=fail))


def test_the_same_program_gives_the_same_answer() -> None:
    program = hard_cover(60, 60)
    first, second = (solve_program(program, Watch(seed=3)) for _ in range(2))
    assert first.columns is not None
    assert np.array_equal(first.columns, second.columns)
    assert (first.value, first.bound, first.nodes) == (second.value, second.bound, second.nodes)


def test_a_small_value_among_large_costs_is_proved_sharply() -> None:
    # Two choices differ by a millionth of a value that is a millionth of the largest cost.
    cost = np.array([1e6, 1.0, 1.0 + 1e-6])
    answer = solve_program(binary(cost, [[1, 1, 1]], [1]), Watch())
    assert answer.value == 1.0
    assert answer.value - answer.bound <= 1e-9


def test_duals_of_a_linear_program() -> None:
    rows = sparse.csr_array(np.array([[1.0, 1.0], [1.0, 0.0]]))
    program = Program(
        np.array([2.0, 3.0]), np.zeros(2), np.full(2, np.inf), np.zeros(2, bool),
        rows, np.array([4.0, -np.inf]), np.array([np.inf, 1.0]),
    )  # fmt: skip
    answer = solve_program(program, Watch())
    assert (answer.value, answer.status) == (pytest.approx(11), "proved")
    assert answer.row_duals == pytest.approx([3, -1])


def test_programs_without_columns_or_rows() -> None:
    free = solve_program(binary([], np.zeros((1, 0)), [0.0], offset=4.0), Watch())
    assert (free.value, free.status) == (4.0, "proved")
    assert solve_program(binary([], np.zeros((1, 0)), [1.0]), Watch()).status == "infeasible"
    unbound = solve_program(binary([2, -1], np.zeros((0, 2)), []), Watch())
    assert (unbound.value, unbound.status) == (-1.0, "proved")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cost": [np.nan, 1]}, "cost is not finite"),
        ({"cost": [1e16, 1]}, "cost is not finite or above"),
        ({"rows": [[np.inf, 1]]}, "rows is not finite"),
        ({"rows": [[1e-12, 1]]}, "would be dropped"),
        ({"row_lower": [np.nan]}, "row is NaN"),
        ({"row_lower": [np.inf]}, "wrong side"),
        ({"row_lower": [3.0], "row_upper": [2.0]}, "above its upper"),
        ({"row_lower": [1.0, 2.0], "row_upper": [9.0, 9.0]}, "than there are rows"),
        ({"cost": [1.0]}, "cost has another length"),
        ({"offset": np.nan}, "offset"),
    ],
)
def test_what_would_crash_it_is_refused(change: dict, words: str) -> None:
    given = {"cost": [1, 1], "rows": [[1, 1]], "row_lower": [1], "row_upper": [2]} | change
    with pytest.raises(ValueError, match=words):
        binary(**given)


def test_a_value_that_could_fall_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="cheap side"):
        Program(
            np.array([1.0]), np.array([-np.inf]), np.array([np.inf]), np.zeros(1, bool),
            sparse.csr_array((0, 1)), np.zeros(0), np.zeros(0),
        )  # fmt: skip


def test_rows_are_joined_in_order() -> None:
    terms = [(np.array([2]), np.array([5.0])), (np.array([], int), np.array([]))]
    assert rows_of(terms, 3).toarray().tolist() == [[0, 0, 5], [0, 0, 0]]
    assert rows_of([], 2).shape == (0, 2)
    assert Answer(None, np.inf, 0.0, "time limit").nodes == 0


@pytest.mark.parametrize("seed", range(3))
def test_covers_agree_with_every_choice(seed: int) -> None:
    random = np.random.default_rng(seed)
    for trial in range(300):
        rows, columns = int(random.integers(0, 12)), int(random.integers(1, 9))
        covers = random.random((rows, columns)) < random.uniform(0.1, 0.7)
        every = np.array(list(product((False, True), repeat=columns)))
        complete = ((every[:, None] & covers).any(axis=2)).all(axis=1)
        best = every[complete].sum(axis=1).min(initial=columns + 1)
        most = int(random.integers(0, columns + 1))
        cover = find_cover(covers, most, Watch(), fewest=trial % 2 == 0)
        if best > most:
            assert (cover.status, cover.chosen) == ("infeasible", None)
            assert most < cover.least <= best
        else:
            assert cover.status == "proved"
            assert cover.chosen is not None
            assert covers[:, cover.chosen].any(axis=1).all()
            assert cover.least <= best <= len(cover.chosen) <= most
            if trial % 2 == 0:
                assert cover.least == best == len(cover.chosen)


def test_merging_loses_nothing() -> None:
    random = np.random.default_rng(8)
    for sites in (1, 7, 8, 64, 65, 130):
        minutes = random.integers(0, 3, (200, sites)).astype(np.float32)
        minutes[:, 2:] = 9
        weights = random.random(200)
        order = random.permutation(sites)
        kinds = merge_clients(minutes, weights, 1.0, order)
        assert len({row.tobytes() for row in kinds.table}) == len(kinds.table)
        rows = [row.tobytes() for row in (minutes <= 1)[:, order]]
        for row, weight in zip(kinds.table, kinds.weights, strict=True):
            alike = [k for k, other in enumerate(rows) if other == row.tobytes()]
            assert weight == pytest.approx(weights[alike].sum())


def test_kinds_with_the_same_hash_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.random.default_rng(2).random((40, 70)) < 0.5
    words = pack_rows(np.concatenate([table, table]))
    monkeypatch.setattr("navplan.locate.signatures._hashes", lambda w: np.zeros(len(w), np.uint64))
    first, kind = distinct_words(words)
    assert first.tolist() == list(range(40))
    assert kind.tolist() == [*range(40), *range(40)]
    assert np.array_equal(unpack_rows(words[:40], 70), table)


def test_a_limit_is_compared_exactly_in_single_precision() -> None:
    minutes = np.array([[np.float32(0.1)]])  # a little more than 0.1
    assert merge_clients(minutes, np.ones(1), 0.1, np.array([0])).table.tolist() == [[False]]
    wide = merge_clients(minutes, np.ones(1), float(np.float32(0.1)), np.array([0]))
    assert wide.table.tolist() == [[True]]


def test_a_value_that_is_but_rounding_is_solved_too() -> None:
    # 0.1 + 0.2 - 0.3 is no zero: scaling that up would leave the range of HiGHS.
    cost = np.array([0.1, 0.2, -0.3])
    answer = solve_program(binary(cost, [[1, 1, 0], [0, 1, 1]], [2, 2]), Watch())
    assert answer.status == "proved"
    assert 0 < answer.value < 1e-15
