"""What is read off complete rankings, against plain loops over their rows."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navplan.errors import InfeasibleError, InputError
from navplan.locate import OBJECTIVES, Ranking
from navplan.locate.ranked import (
    INFEASIBLE,
    MORE_WITHOUT,
    ROBUST,
    Blend,
    ranked_front,
    ranked_prices,
    ranked_regret,
    ranked_stability,
)
from navplan.scenario import Scenario

SITES = ("a", "b", "c", "d", "e")
AREAS = ("East", "North", "West")
NAN = float("nan")


def made(seed: int, kind: str, *, most_without: int = 1) -> Ranking:
    """A ranking with values on a coarse grid, so that there are ties, and some without a time."""
    rng = np.random.default_rng(seed)
    if kind == "sites":
        rows = list(combinations(range(len(SITES)), 2))
    else:
        rows = [row for row in product(range(len(SITES)), repeat=3) if len(set(row)) == 2]
        rows = sorted(rng.permutation(rows)[:40].tolist())
    mean = rng.integers(10, 20, len(rows)).astype(float)
    worst = rng.integers(20, 30, len(rows)).astype(float)
    share = rng.integers(0, most_without + 1, len(rows)) / 10
    values = {"mean_minutes": mean, "worst_minutes": worst, "ede_minutes": mean + 1.0}
    return Ranking(kind, AREAS, SITES, np.array(rows, dtype=np.int16), values, share)


rankings = st.builds(made, st.integers(0, 10**6), st.sampled_from(["sites", "areas"]))
objectives = st.sampled_from(OBJECTIVES)


def open_sites(ranking: Ranking, row: int) -> set[str]:
    return {SITES[i] for i in ranking.choice[row]}


def key(ranking: Ranking, row: int, objective: str) -> tuple:
    order = [objective, *(o for o in OBJECTIVES if o != objective)]
    values = (float(ranking.values[o][row]) for o in order)
    return (float(ranking.share_without_time[row]), *values, row)


def same(narrow: Ranking, wide: Ranking, rows: list[int]) -> None:
    np.testing.assert_array_equal(narrow.choice, wide.choice[rows])
    for objective in OBJECTIVES:
        np.testing.assert_array_equal(narrow.values[objective], wide.values[objective][rows])
    np.testing.assert_array_equal(narrow.share_without_time, wide.share_without_time[rows])


@settings(max_examples=60)
@given(rankings, st.lists(st.sampled_from(SITES), min_size=1, max_size=2, unique=True))
def test_keeping_and_without_split_a_ranking(ranking, sites):
    rows = range(ranking.count)
    kept = [row for row in rows if open_sites(ranking, row) & set(sites)]
    rest = [row for row in rows if row not in kept]
    for narrow, expected in ((ranking.keeping, kept), (ranking.without, rest)):
        if expected:
            same(narrow(*sites), ranking, expected)
        else:
            with pytest.raises(InfeasibleError):
                narrow(*sites)


@settings(max_examples=60)
@given(rankings, st.integers(15, 30))
def test_within_keeps_what_nobody_exceeds(ranking, limit):
    least = ranking.share_without_time.min()
    expected = [
        row
        for row in range(ranking.count)
        if ranking.share_without_time[row] == least
        and ranking.values["worst_minutes"][row] <= limit
    ]
    if expected:
        same(ranking.within(limit), ranking, expected)
    else:
        with pytest.raises(InfeasibleError, match="shortest longest way"):
            ranking.within(limit)


def test_what_no_structure_has_is_told():
    ranking = made(1, "sites")
    with pytest.raises(InputError, match="'x' is no site that could be chosen"):
        ranking.keeping("x")
    with pytest.raises(InfeasibleError, match="no structure has an office in a"):
        ranking.without("a").keeping("a")
    with pytest.raises(InfeasibleError, match="every structure has an office in a or b"):
        ranking.without("c", "d").keeping("a").without("a", "b")


@settings(max_examples=60)
@given(rankings, objectives, st.integers(1, 12))
def test_the_order_is_the_one_stated(ranking, objective, first):
    rows = sorted(range(ranking.count), key=lambda row: key(ranking, row, objective))
    assert ranking.best_rows(objective, first).tolist() == rows[:first]
    for rank, row in enumerate(rows, start=1):
        assert ranking.rank_of_row(row, objective) == rank
        scenario = ranking.scenario_of(row, name="it")
        assert ranking.row_of(scenario) == row


@settings(max_examples=60)
@given(rankings, objectives)
def test_a_price_is_the_best_with_less_the_best_of_all(ranking, objective):
    demands = {"a": ["a"], "north": ["b", "c"], "nowhere": ["x"]}
    table = ranked_prices(ranking, demands, objective).set_index("demand")
    rows = sorted(range(ranking.count), key=lambda row: key(ranking, row, objective))
    values, share = ranking.values[objective], ranking.share_without_time
    for demand, sites in demands.items():
        told = table.loc[demand]
        assert told["best"] == values[rows[0]]
        having = [row for row in rows if open_sites(ranking, row) & set(sites)]
        if not having:
            assert told["status"] == INFEASIBLE
            assert np.isnan(told["price_minutes"])
            continue
        assert told["value"] == values[having[0]]
        assert told["offices"] == ";".join(sorted(open_sites(ranking, having[0])))
        if share[having[0]] > share[rows[0]]:
            assert told["status"] == MORE_WITHOUT
            assert np.isnan(told["price_minutes"])
        else:
            price = values[having[0]] - values[rows[0]]
            assert (told["least_price"], told["price_minutes"], told["most_price"]) == (price,) * 3
            assert price >= 0


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(["sites", "areas"]), objectives)
def test_the_robust_structure_has_the_least_largest_regret(seed, kind, objective):
    first = made(seed, kind)
    outlooks = {"now": first}
    for number in (1, 2):
        other = made(seed + number, "sites").values
        rng = np.random.default_rng(seed + number)
        values = {o: rng.integers(10, 20, first.count).astype(float) for o in other}
        outlooks[f"then-{number}"] = Ranking(
            kind, AREAS, SITES, first.choice, values, first.share_without_time
        )
    least = first.share_without_time.min()
    rows = [row for row in range(first.count) if first.share_without_time[row] == least]
    best = {o: min(r.values[objective][row] for row in rows) for o, r in outlooks.items()}
    regret = {
        row: max(r.values[objective][row] - best[o] for o, r in outlooks.items()) for row in rows
    }
    named = [first.scenario_of(row, name=f"s{row}") for row in (0, 1)]
    found = ranked_regret(outlooks, objective, named=named)
    robust = found.table[found.table["structure"] == ROBUST]
    assert robust["outlook"].tolist() == list(outlooks)
    assert robust["regret"].max() == min(regret.values())
    assert robust["best"].tolist() == list(best.values())
    assert first.row_of(found.scenario) in rows
    for row in (0, 1):
        told = found.table[found.table["structure"] == f"s{row}"]
        assert (len(told) == 3) == (row in rows)
        if row in rows:
            assert told["regret"].max() == regret[row]


def test_outlooks_with_other_structures_are_set_beside_each_other_by_structure():
    whole = made(3, "sites", most_without=0)
    part = whole.only(np.array([2, 5, 7]))
    found = ranked_regret({"now": whole, "then": part})
    shared = {row: whole.values["mean_minutes"][row] for row in (2, 5, 7)}
    assert found.table["value"].tolist() == [min(shared.values())] * 2
    with pytest.raises(InfeasibleError, match="no structure satisfies the question in every case"):
        ranked_regret({"now": whole.only(np.array([0])), "then": part})
    with pytest.raises(InputError, match="rankings of different questions"):
        ranked_regret({"now": whole, "then": made(3, "areas")})


def test_nobody_with_a_time_is_no_regret():
    ranking = made(5, "sites", most_without=0)
    nothing = {o: np.full(ranking.count, NAN) for o in OBJECTIVES}
    lost = Ranking("sites", AREAS, SITES, ranking.choice, nothing, np.ones(ranking.count))
    found = ranked_regret({"now": lost, "then": lost})
    assert found.table["value"].isna().all()
    assert ranked_front(lost).empty
    assert lost.best_rows("mean_minutes", 2).tolist() == [0, 1]


@settings(max_examples=60)
@given(rankings)
def test_no_structure_is_better_than_the_front_in_both(ranking):
    named = [ranking.scenario_of(row, name=f"s{row}") for row in range(ranking.count)]
    table = ranked_front(ranking, named=named)
    least = ranking.share_without_time.min()
    rows = [row for row in range(ranking.count) if ranking.share_without_time[row] == least]
    points = {
        row: (ranking.values["mean_minutes"][row], ranking.values["worst_minutes"][row])
        for row in rows
    }
    best = {
        p
        for p in points.values()
        if not any(q[0] <= p[0] and q[1] <= p[1] and q != p for q in points.values())
    }
    front = table[table["kind"] == "front"]
    ours = list(zip(front["mean_minutes"], front["worst_minutes"], strict=True))
    assert ours == sorted(best)
    assert front["place"].tolist() == list(range(1, len(best) + 1))
    beside = table[table["kind"] == "named"].set_index("scenario")
    assert sorted(beside.index) == sorted(f"s{row}" for row in rows)
    for row in rows:
        place = ours.index(points[row]) + 1 if points[row] in best else 0
        assert beside.loc[f"s{row}", "place"] == place
    assert set(front["knee"]) <= {"", "knee", "compromise"}
    assert (front["knee"] == "knee").sum() <= 1
    assert len(front) > 2 or (front["knee"] == "").all()


def test_the_knee_lies_farthest_below_the_line_between_the_ends():
    ranking = made(0, "sites", most_without=0)
    mean = np.array([10.0, 11.0, 14.0, 20.0] + [30.0] * (ranking.count - 4))
    worst = np.array([40.0, 22.0, 21.0, 20.0] + [50.0] * (ranking.count - 4))
    values = {"mean_minutes": mean, "worst_minutes": worst, "ede_minutes": mean}
    found = ranked_front(
        Ranking("sites", AREAS, SITES, ranking.choice, values, ranking.share_without_time)
    )
    assert found["knee"].tolist() == ["", "knee", "", ""]


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(["sites", "areas"]))
def test_stability_tells_what_staying_costs(seed, kind):
    base = made(seed, kind, most_without=0)
    rng = np.random.default_rng(seed)
    values = {o: rng.integers(10, 20, base.count).astype(float) for o in OBJECTIVES}
    other = Ranking(kind, AREAS, SITES, base.choice, values, base.share_without_time)
    settings_ = {("mix:car", f"{w:g}"): Blend(((1 - w, base), (w, other))) for w in (0.0, 0.5, 1.0)}
    table = ranked_stability(base, settings_)
    stays = int(base.best_rows("mean_minutes", 1)[0])
    for row, weight in zip(table.to_dict("records"), (0.0, 0.5, 1.0), strict=True):
        one, two = base.values["mean_minutes"], other.values["mean_minutes"]
        mixed = [(1 - weight) * one[r] + weight * two[r] for r in range(base.count)]
        assert row["value"] == pytest.approx(min(mixed))
        assert row["base_value"] == pytest.approx(mixed[stays])
        assert row["loss"] == pytest.approx(mixed[stays] - min(mixed))
    assert table["loss"].iloc[0] == 0


def test_a_mix_judges_nobody_who_is_without_a_time():
    base = made(2, "sites", most_without=0)
    some = np.zeros(base.count)
    some[int(base.best_rows("mean_minutes", 1)[0])] = 0.1
    lacking = Ranking("sites", AREAS, SITES, base.choice, base.values, some)
    every = Ranking("sites", AREAS, SITES, base.choice, base.values, np.full(base.count, 0.2))
    settings_ = {
        ("mix:bus", "0.5"): Blend(((0.5, base), (0.5, lacking))),
        ("mix:car", "0.5"): Blend(((0.5, base), (0.5, every))),
        ("outlook", "then"): Blend(((1.0, every),)),
    }
    assert ranked_stability(base, settings_)["parameter"].tolist() == ["outlook"]


def test_a_scenario_that_is_no_structure_is_left_out():
    ranking = made(4, "sites", most_without=0)
    strange = Scenario("odd", {}, ("a",), dict.fromkeys(AREAS, "a"))
    found = ranked_regret({"now": ranking}, named=[strange])
    assert set(found.table["structure"]) == {ROBUST}
    assert "odd" not in set(ranked_front(ranking, named=[strange])["scenario"])
