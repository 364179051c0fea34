"""The bench of location: its instances, what may be compared, and what it writes."""

import itertools
import json

import numpy as np
import pytest

from benchmarks.kept import LOCATION, WHERE, write_part, write_rows
from benchmarks.locate import WORKS
from benchmarks.locate_asking import Case, Pair, differing, paired, row_of
from benchmarks.locate_ours import ASKS
from benchmarks.locate_report import report, row_dict
from benchmarks.locations import Instance, clustered, load, pmed, units
from benchmarks.works import GOAL, Outcome, Row, Table


def small(clients: int = 40, sites: int = 8, seed: int = 3) -> Instance:
    return clustered(clients, sites, seed, np.float64)


def test_clustered_is_what_it_was_for_the_same_seed() -> None:
    one, two, other = clustered(500, 20, 4), clustered(500, 20, 4), clustered(500, 20, 5)
    assert (one.minutes == two.minutes).all()
    assert (one.weights == two.weights).all()
    assert (one.minutes != other.minutes).any()
    assert one.minutes.shape == (500, 20)
    assert one.minutes.dtype == np.float32
    assert (one.weights >= 1).all()
    assert np.isfinite(one.minutes).all()


def test_units_can_be_served_by_p_sites() -> None:
    found = units(80, 12, 5, seed=2)
    most, least = found.more["most"], found.more["least"]
    assert np.sort(most)[:5].sum() >= found.weights.sum()
    assert least.sum() / len(least) * 5 <= found.weights.sum()
    assert (found.weights == np.rint(found.weights)).all()


def test_every_work_is_known_for_one_of_location() -> None:
    assert all(work.startswith(LOCATION) for work in WORKS)


def test_an_instance_is_read_as_it_was_written(tmp_path) -> None:
    found = units(30, 6, 3)
    found.save(tmp_path / "u.npz")
    again = load(tmp_path / "u.npz")
    assert again.name == "u"
    assert (again.minutes == found.minutes).all()
    assert (again.weights == found.weights).all()
    assert set(again.more) == {"most", "least"}


def test_a_subset_has_rows_and_columns_of_the_whole() -> None:
    whole = small()
    part = whole.subset("part", 10, 3)
    assert part.minutes.shape == (10, 3)
    assert np.isin(part.minutes, whole.minutes).all()
    assert np.isin(part.weights, whole.weights).all()


def test_pmed_takes_the_last_of_repeated_edges_and_shortest_paths(tmp_path) -> None:
    folder = tmp_path / "location" / "orlib_pmed"
    folder.mkdir(parents=True)
    (folder / "pmed7.txt").write_text("3 4 1\n1 2 9\n2 3 2\n1 3 50\n1 2 4\n")
    (folder / "optima.csv").write_text(
        "instance,nodes,edges,p,p_median,p_centre\npmed7,3,4,1,6,4\n"
    )
    found, p, optimum = pmed(tmp_path, 7)
    assert p == 1
    assert optimum == 6
    assert found.minutes.tolist() == [[0, 4, 6], [4, 0, 2], [6, 2, 0]]


@pytest.mark.parametrize("ask", ["median", "centre", "cover"])
def test_ours_answers_like_all_choices(ask) -> None:
    given = small()
    case = Case("c", 3, given, more=(("within_min", 60.0), ("own_limit_s", 30.0)))
    best = min(case.value(ask, sites) for sites in itertools.combinations(range(8), 3))
    found = ASKS[ask](case.settings(), given)
    assert found["status"] == "proved"
    assert found["value"] == pytest.approx(best, rel=1e-9)
    assert case.value(ask, found["sites"]) == pytest.approx(best, rel=1e-9)


def test_merging_counts_lists_and_terms() -> None:
    given = small()
    found = ASKS["merging"](Case("c", 3, given, more=(("own_limit_s", 30.0),)).settings(), given)
    assert 0 < found["terms"] <= found["entries"] <= given.minutes.size
    assert found["entries"] >= 2 * len(given.weights)  # the nearest two at least


def answers(case: Case, sites: list[int], **more: object) -> dict[str, object]:
    value = case.value("median", sites)
    return {"seconds": [2.0], "value": value, "sites": sites, "status": "Optimal", **more}


def test_only_the_same_answer_may_be_compared() -> None:
    given = small()
    case = Case("c", 2, given)
    every = itertools.combinations(range(8), 2)
    ordered = sorted(every, key=lambda sites: case.value("median", sites))
    best, worse = list(ordered[0]), list(ordered[-1])
    ours = answers(case, best, status="proved")
    assert differing("median", case, ours, answers(case, best)) == ""
    assert "the optimum is" in differing("median", case, ours, answers(case, worse))
    assert "better than ours" in differing(
        "median", case, answers(case, worse, status="proved"), answers(case, best)
    )
    assert "not proved" in differing("median", case, ours, answers(case, best, proved=False))
    assert "sites that cost" in differing("median", case, ours, answers(case, best, value=1.0))
    assert "ours is not proved" in differing(
        "median", case, answers(case, best, status="time limit"), answers(case, best)
    )
    assert differing("median", case, ours, {"status": "gave up"}) == "gave up"


def test_a_row_is_of_the_cases_that_both_answered_and_names_the_others() -> None:
    given = small()
    cases = [Case("one", 1, given), Case("two", 1, given), Case("three", 1, given)]
    best = min(range(8), key=lambda j: cases[0].value("median", [j]))
    ours = {case.name: answers(case, [best], status="proved", seconds=[0.1]) for case in cases}
    theirs = {
        "one": answers(cases[0], [best], seconds=[1.0]),
        "two": answers(cases[1], [best], seconds=[4.0]),
        "three": {"status": "time limit"},
    }
    pairs = paired("median", cases, ours, theirs)
    summed = row_of("w", "peer", pairs, "sum")
    assert (summed.ours_s, summed.peer_s) == pytest.approx((0.2, 5.0))
    assert summed.ratio == pytest.approx(25.0)
    assert "2 of 3" in summed.missing
    assert "three time limit" in summed.missing
    assert row_of("w", "peer", pairs, "geometric").ratio == pytest.approx(20.0)


def test_a_peer_that_did_not_run_has_a_row_without_a_ratio() -> None:
    case = Case("one", 1, small())
    ours = {"one": answers(case, [0], status="proved")}
    row = row_of("w", "peer", paired("median", [case], ours, "did not install"), "sum")
    assert row.ours_s == 2.0
    assert row.ratio is None
    assert "did not install" in row.missing


def test_rows_have_six_keys() -> None:
    found = row_dict(Row("w", GOAL, 1.0, 2.0))
    assert list(found) == ["work", "peer", "ours_s", "peer_s", "ratio", "missing"]
    assert found["missing"] is None
    assert found["ratio"] == 2.0


def test_both_benches_keep_each_others_rows(tmp_path) -> None:
    path = tmp_path / "results.json"
    write_rows(path, [{"work": "street", "a": 1}], lambda work: work != "where", last=False)
    write_rows(path, [{"work": "where", "a": 2}], lambda work: work == "where", last=True)
    write_rows(path, [{"work": "where", "a": 3}], lambda work: work == "where", last=True)
    write_rows(path, [{"work": "street", "a": 4}], lambda work: work != "where", last=False)
    assert json.loads(path.read_text()) == [{"work": "street", "a": 4}, {"work": "where", "a": 3}]


def test_both_benches_keep_each_others_part(tmp_path) -> None:
    path = tmp_path / "results.md"
    write_part(path, "# Travel\n\none", last=False)
    write_part(path, f"{WHERE}\n\ntwo", last=True)
    write_part(path, "# Travel\n\nthree", last=False)
    assert path.read_text() == f"# Travel\n\nthree\n\n{WHERE}\n\ntwo\n"
    write_part(path, f"{WHERE}\n\nfour", last=True)
    assert path.read_text() == f"# Travel\n\nthree\n\n{WHERE}\n\nfour\n"


def test_the_report_has_every_row_and_table() -> None:
    table = Table("Tables", "Why.", ("a", "b"), [("1", "x|y")])
    outcome = Outcome("w", "What.", (Row("w", "highs", 1.0, 20.0),), tables=(table,))
    found = report([outcome], ["p 1"], "d")
    assert found.startswith(WHERE)
    assert "| `w` | highs | 1 | 20 | 20 |  |" in found
    assert "| 1 | x/y |" in found


def test_a_pair_takes_medians() -> None:
    pair = Pair(Case("c", 1), {"seconds": [3.0, 1.0, 2.0]}, {"seconds": [5.0]})
    assert (pair.ours_s, pair.theirs_s) == (2.0, 5.0)
