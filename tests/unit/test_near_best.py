"""The near-best structures as a planner reads them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from navplan.errors import InputError
from navplan.locate.median import SumQuestion
from navplan.locate.median.near_best import near_best
from navplan.locate.near_best import NearBest
from navplan.locate.ranking import Ranking

IDS = ("east", "north", "north-too", "south", "west")


def five_sites() -> SumQuestion:
    """Two northern sites a minute apart, and one in each other direction."""
    minutes = np.array(
        [
            [20.0, 3.0, 3.5, 40.0, 20.0],
            [20.0, 4.0, 3.5, 40.0, 20.0],
            [22.0, 40.0, 41.0, 2.0, 22.0],
            [3.0, 20.0, 20.0, 20.0, 30.0],
            [30.0, 20.0, 20.0, 20.0, 9.0],
        ]
    )
    return SumQuestion(minutes, np.array([10.0, 10.0, 10.0, 5.0, 1.0]), 3, 3)


def near(limit: float = 140.0, **kwargs) -> NearBest:
    question = five_sites()
    return NearBest.of_sums(near_best(question, limit), IDS, question, per=36.0, **kwargs)


def test_the_list_is_in_minutes_above_the_best():
    found = near()
    values = {c: five_sites().value(np.array(c)) / 36 for c in combinations(range(5), 3)}
    inside = sorted((v, c) for c, v in values.items() if v <= 140 / 36)
    table = found.table
    assert table["offices"].tolist() == [";".join(IDS[i] for i in c) for _, c in inside]
    assert table["value"].tolist() == pytest.approx([v for v, _ in inside])
    assert table["rank"].tolist() == list(range(1, len(inside) + 1))
    assert table["above_best"].tolist() == pytest.approx([v - inside[0][0] for v, _ in inside])
    assert table["above_best_percent"].iloc[-1] == pytest.approx(
        100 * (inside[-1][0] / inside[0][0] - 1)
    )
    assert found.optimum == pytest.approx(inside[0][0])
    assert found.limit == pytest.approx(140 / 36)
    assert found.complete
    assert found.count == len(inside)
    assert found.head(1).equals(table.head(1))


def test_shares_say_which_sites_are_in_all_and_in_none():
    found = near()
    assert found.table["offices"].tolist() == ["east;north;south", "east;north-too;south"]
    assert found.share.to_dict() == {
        "east": 1.0, "south": 1.0, "north": 0.5, "north-too": 0.5, "west": 0.0,
    }  # fmt: skip
    assert found.must == ("east", "south")
    assert found.never == ("west",)


def test_look_alikes_make_one_group():
    found = near()
    assert found.look_alikes == (("north", "north-too"),)
    assert found.groups["offices"].tolist() == ["east;north|north-too;south"]
    assert found.groups["structures"].tolist() == [2]
    assert found.groups["best"].tolist() == ["east;north;south"]
    assert found.groups["worst"].tolist() == pytest.approx([found.values[1]])


def test_gains_and_losses_do_not_cancel():
    # the exchange changes the mean by nothing, but each by half a minute
    assert near(alike=0.4).look_alikes == ()
    assert near(alike=0.5).look_alikes == (("north", "north-too"),)
    assert near(alike=0.4).groups["structures"].tolist() == [1, 1]


def test_groups_hold_every_structure_once():
    random = np.random.default_rng(3)
    question = SumQuestion(random.uniform(0, 30, (40, 9)), np.ones(40), 4, 4)
    ids = tuple(f"s{i}" for i in range(9))
    limit = min(question.value(np.array(c)) for c in combinations(range(9), 4)) * 1.3
    found = NearBest.of_sums(near_best(question, limit), ids, question, alike=8.0)
    assert len(found.look_alikes) > 0
    assert found.groups["structures"].sum() == found.count
    assert found.groups["value"].is_monotonic_increasing
    assert found.groups["rank"].iloc[0] == 1
    together = [site for alike in found.look_alikes for site in alike]
    assert len(together) == len(set(together))


def test_sites_that_serve_differently_are_no_look_alikes():
    minutes = np.array([[1.0, 30.0], [30.0, 1.0]])
    question = SumQuestion(minutes, np.ones(2), 1, 1)
    found = NearBest.of_sums(near_best(question, 31.0), ("a", "b"), question)
    assert found.count == 2
    assert found.values[0] == found.values[1]
    assert found.look_alikes == ()


def test_fewer_sites_in_some_structures():
    question = SumQuestion(np.array([[1.0, 5.0], [5.0, 1.0]]), np.ones(2), 1, 2)
    found = NearBest.of_sums(near_best(question, 6.0), ("a", "b"), question)
    assert found.table["offices"].tolist() == ["a;b", "a", "b"]
    assert found.share.to_dict() == pytest.approx({"a": 2 / 3, "b": 2 / 3})
    assert found.groups["structures"].sum() == 3


def test_nothing_within_the_limit():
    found = near(limit=1.0)
    assert found.count == 0
    assert found.complete
    assert np.isnan(found.optimum)
    assert found.table.empty
    assert found.groups.empty
    assert found.look_alikes == ()
    assert found.must == found.never == ()


def test_what_was_not_finished_says_so():
    question = five_sites()
    found = NearBest.of_sums(near_best(question, 1e4, most=3), IDS, question)
    assert not found.complete
    assert "count limit" in repr(found)


def ranking() -> Ranking:
    """Every choice of two of three sites, one of which leaves some without a time."""
    choice = np.array([[0, 1], [0, 2], [1, 2]], dtype=np.int16)
    values = np.array([10.05, 10.0, 9.0])
    return Ranking(
        "sites",
        ("here",),
        ("a", "b", "c"),
        choice,
        {"mean_minutes": values, "worst_minutes": values * 3, "ede_minutes": values * 2},
        np.array([0.0, 0.0, 0.1]),
    )


def test_a_complete_ranking_feeds_the_same_tables():
    found = NearBest.of_ranking(ranking(), "mean_minutes", 0.01)
    assert found.table["offices"].tolist() == ["a;c", "a;b"]
    assert found.must == ("a",)
    assert found.complete
    assert found.look_alikes == ()
    assert NearBest.of_ranking(ranking(), "worst_minutes", 0.0).count == 1


def test_a_ranking_knows_look_alikes_by_their_values():
    found = NearBest.of_ranking(ranking(), "mean_minutes", 0.06)
    assert found.look_alikes == (("b", "c"),)
    assert found.groups["offices"].tolist() == ["a;b|c"]


def test_areas_keep_their_allocation():
    areas = Ranking(
        "areas",
        ("p", "q"),
        ("a", "b"),
        np.array([[0, 0], [0, 1], [1, 0]], dtype=np.int16),
        {name: np.array([3.0, 2.0, 2.01]) for name in ranking().values},
        np.zeros(3),
    )
    found = NearBest.of_ranking(areas, "mean_minutes", 1.0)
    assert found.table["offices"].tolist() == ["a;b", "a;b", "a"]
    assert found.table["allocation"].tolist() == ["p=a;q=b", "p=b;q=a", "p=a;q=a"]


def test_faults_are_told():
    question = five_sites()
    listed = near_best(question, 140.0)
    for wrong in (
        {"sites": ("a",)},
        {"per": 0.0},
        {"alike": np.nan},
    ):
        with pytest.raises(InputError):
            NearBest.of_sums(listed, **{"sites": IDS, "question": question, **wrong})
    for within in (-0.1, np.nan):
        with pytest.raises(InputError):
            NearBest.of_ranking(ranking(), "mean_minutes", within)
