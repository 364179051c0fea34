"""Questions of a study: what may be asked, how it is answered, and what is told beside the best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import navplan as nav
from navplan.errors import Fault
from navplan.locate import (
    OBJECTIVES,
    LocationProblem,
    NotFoundError,
    Solution,
    TooManyError,
    Watch,
    solve,
)
from navplan.locate.front import Front
from navplan.locate.front_search import worst_front
from navplan.results import ANSWERS, Results
from navplan.study import locating, solved
from navplan.study.asked import AskedStudy
from tests.tiny_study import swap, with_two_free, write_study

MIN_A_KM = 1000 / 1.25 / 60
"""Minutes a kilometre on foot. A ── 4 km ── B ── 3 km ── halfway ── 3 km ── C."""


def opened(
    folder: Path, *, study: Callable[[str], str] = str, **tables: Callable[[str], str]
) -> nav.Study:
    asked = write_study(folder, study=lambda text: study(with_two_free(text)), **tables)
    return nav.open_study(asked, cache=False)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> nav.Study:
    return opened(tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture
def unranked(study: nav.Study, monkeypatch: pytest.MonkeyPatch) -> nav.Study:
    """The study, where every question has too many structures to rank."""
    fault = Fault("ranking", "count", "too many structures.")
    monkeypatch.setattr(AskedStudy, "_ranked", lambda *_: TooManyError([fault]))
    return nav.Study(study.folder, study.file, study.inputs, study.ways)


def test_two_of_four_sites_by_hand(study: nav.Study) -> None:
    # 120 live in A, 240 in B, 480 in C: b and c leave A with 4 km, 120 × 4 / 840.
    best = study.locate(question="two-free")
    assert best.scenario.offices == ("b", "c")
    assert best.value == pytest.approx(120 * 4 * MIN_A_KM / 840)
    assert (best.status, best.gap, best.ranking.count) == ("proved", 0, 6)


def test_sites_are_kept_and_closed_and_nobody_has_longer(study: nav.Study) -> None:
    def ask(**rules: object) -> nav.Scenario:
        return study.locate(question="two-free", **rules).scenario  # type: ignore[arg-type]

    assert ask(keep=["a"]).offices == ("a", "c")
    assert ask(keep="a").offices == ("a", "c")
    assert ask(close=["c"]).offices == ("b", "halfway")
    assert ask(keep=["a"], close=["c"]).offices == ("a", "halfway")
    # From B it is 4 km to a and 3 km to halfway; from A to halfway it is 7 km.
    assert ask(limit_min=4.5 * MIN_A_KM, keep=["halfway"]).offices == ("b", "halfway")
    with pytest.raises(nav.InfeasibleError, match=r"question two-free: .* longer than 20 minutes"):
        ask(limit_min=20)


def test_a_question_keeps_its_own_rules(tmp_path: Path) -> None:
    rules = 'offices = 2\nkeep = ["a"]\nclose = ["c"]\nlimit_min = 100\n'
    study = opened(tmp_path / "tiny", study=swap("offices = 2\n", rules))
    assert study.locate(question="two-free").scenario.offices == ("a", "halfway")
    ranking = study.ranking("two-free")
    assert [set(text.split(";")) for text in ranking.table["offices"]] == [
        {"a", "b"},
        {"a", "halfway"},
    ]
    assert study.asked(question="two-free", keep=["b"]).keep == ("a", "b")


BAD = {
    "sites": ('sites = ["a", "x"]', "question two-free, sites: there is no site 'x'"),
    "keep": ('keep = ["x"]', "question two-free, keep: there is no site 'x'"),
    "close": ('close = ["x"]', "question two-free, close: there is no site 'x'"),
    "both": ('keep = ["a"]\nclose = ["a"]', "question two-free, keep: 'a' is closed too"),
    "elsewhere": (
        'sites = ["a", "b"]\nkeep = ["c"]', "keep: 'c' is not among the question's sites"
    ),
    "not existing": (
        'sites = "existing"\nkeep = ["halfway"]', "'halfway' is not among the question's sites"
    ),
    "more than offices": ('keep = ["a", "b", "c"]', "3 sites must be open, but 2 offices"),
    "no limit": ("limit_min = 0", "limit_min"),
    "no time": ("time_limit_s = -1", "time_limit_s"),
    "percent": ("near_best_percent = 101", "near_best_percent"),
    "key": ("nearest = 3", "nearest"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_asked_is_told(tmp_path: Path, case: str) -> None:
    text, told = BAD[case]
    change = swap("offices = 2\nnear_best_percent = 20\n", f"offices = 2\n{text}\n")
    with pytest.raises(nav.InputError, match=told):
        opened(tmp_path / "tiny", study=change)


def test_names_are_told_all_at_once(tmp_path: Path) -> None:
    change = swap('price = ["a", "Cdal"]', 'price = ["x", "Y"]\nkeep = ["z"]')
    with pytest.raises(nav.InputError) as caught:
        opened(tmp_path / "tiny", study=change)
    said = str(caught.value)
    for name in ("site or area 'x'", "site or area 'Y'", "site 'z'"):
        assert f"there is no {name}" in said


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"offices": 0}, "offices: 0; expected at least 1"),
        ({"offices": 2.5}, r"offices: 2\.5; expected a whole number"),
        ({"offices": "two"}, "offices: 'two'; expected a whole number"),
        ({"offices": 2, "areas": "nonsense"}, "areas: 'nonsense'; expected 'whole' or 'split'"),
        ({"question": "two-free", "areas": "whle"}, "areas: 'whle'; expected 'whole' or 'split'"),
        ({"offices": 2, "keep": ["x"]}, "there is no site 'x'"),
        ({"offices": 2, "limit_min": 0}, "limit_min: 0; expected more than 0"),
        ({"offices": 2, "time_limit_s": float("nan")}, "time_limit_s: nan"),
        ({}, "Give offices=5, or question="),
        ({"question": "two-free", "offices": 1}, "offices: 1, but question two-free asks for 2"),
        ({"offices": 2, "minimise": "tail_minutes"}, "Ask with areas 'split'"),
    ],
)
def test_own_questions_are_checked(study: nav.Study, rules: dict, told: str) -> None:
    with pytest.raises(nav.InputError, match=told):
        study.locate(**rules)


@pytest.mark.parametrize("verb", ["near_best", "prices", "regret", "stability"])
def test_an_aim_that_is_not_told_is_refused(study: nav.Study, verb: str) -> None:
    with pytest.raises(nav.InputError, match="there is no objective 'tail_minutes'"):
        getattr(study, verb)("two-free", minimise="tail_minutes")


def test_one_name_is_a_list_of_one(study: nav.Study) -> None:
    assert study.prices("two-free", demands="a").table["demand"].tolist() == ["a"]
    named = study.front("two-free", scenarios="three").table
    assert named.equals(study.front("two-free", scenarios=["three"]).table)
    outlook = study.headline_outlook
    assert set(study.regret("two-free", outlooks=outlook).table["outlook"]) == {outlook}
    with pytest.raises(nav.InputError, match="outlooks: none is given"):
        study.regret("two-free", outlooks=[])


def test_how_few_offices_needs_no_number(study: nav.Study) -> None:
    found = study.locate(areas="split", minimise="offices", limit_min=45)
    assert found.value == 2
    assert study.most_offices("existing", ["a"]) == 2


def test_a_front_says_whether_it_is_proved(
    study: nav.Study, unranked: nav.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(study.front("two-free").table["status"]) == {"proved"}
    assert set(unranked.front("two-free").table["status"]) == {"proved"}

    def late(*given: Any, **more: Any) -> Front:
        return replace(worst_front(*given, **more), status="time limit")

    monkeypatch.setattr("navplan.study.solved.worst_front", late)
    assert set(unranked.front("two-free").table["status"]) == {"time limit"}


def test_prices_by_hand(study: nav.Study) -> None:
    told = study.prices("two-free")
    table = told.table.set_index("demand")
    # a and c leave B with 4 km instead of A: 240 × 4 against 120 × 4.
    assert table.loc["a", "price_minutes"] == pytest.approx(120 * 4 * MIN_A_KM / 840)
    assert table.loc["a", "offices"] == "a;c"
    assert table.loc["Cdal", ["sites", "price_minutes"]].tolist() == ["c;halfway", 0]
    assert len(told.figure().axes[0].patches) == 2
    with pytest.raises(nav.InputError, match="there is no site or area 'Xdal'"):
        study.prices("two-free", demands=["Xdal"])


def test_the_front_by_hand(study: nav.Study) -> None:
    told = study.front("two-free", scenarios=["three"])
    front = told.table[told.table["kind"] == "front"]
    # b and c are best in the mean; with a and halfway nobody has longer than 3 km.
    assert front["offices"].tolist() == ["b;c", "a;halfway"]
    assert front["worst_minutes"].tolist() == pytest.approx([4 * MIN_A_KM, 3 * MIN_A_KM])
    assert told.figure().axes[0].get_xlabel() == "mean travel time, minutes"
    assert "two-free" in repr(told)
    assert "<table" in told._repr_html_()


TWO_OUTLOOKS = """[[outlook]]
name = "later"
title = { nb = "Seinere", nn = "Seinare", en = "Later" }
year = 2040
alternative = "guess"
quality = "assumption"
method = { nb = "Diktet.", nn = "Dikta.", en = "Made up." }
[[profile]]
name = "car"
"""


@pytest.fixture(scope="module")
def futures(tmp_path_factory: pytest.TempPathFactory) -> nav.Study:
    """In 2040 everybody but 84 has moved to A."""

    def later(text: str) -> str:
        people = {"p-a": 1000, "p-b": 40, "p-c": 44}
        return text + "".join(
            f"{place},2040,guess,{age},{many},made up,2026-01-01,assumption\n"
            for place, count in people.items()
            for age, many in (("0-66", count), ("67+", 0))
        )

    change = swap('[[profile]]\nname = "car"\n', TWO_OUTLOOKS)
    folder = tmp_path_factory.mktemp("futures") / "tiny"
    return opened(folder, study=change, people=later)


def test_regret_by_hand(futures: nav.Study) -> None:
    told = futures.regret("two-free", scenarios=["three"])
    # now {b, c}; later {a, b}, {a, c} or {a, halfway}: a and c lose least in the worse case.
    assert told.scenario.offices == ("a", "c")
    regret = told.table.set_index("outlook")["regret"]
    assert regret["now"] == pytest.approx((240 - 120) * 4 * MIN_A_KM / 840)
    later = futures.ranking("two-free", outlook="later")
    assert regret["later"] == pytest.approx(later.value_of(told.scenario) - later.best().value)
    compared = futures.compare(told.scenario, profiles=["walk"])
    assert "robust" in compared.table().columns


def test_stability_over_outlooks_and_modes(futures: nav.Study) -> None:
    table = futures.stability("two-free", mixed_with=["car", "walk"]).table
    assert table["parameter"].tolist() == ["outlook"] * 2 + ["mix:car"] * 4
    by = table.set_index(["parameter", "setting"])
    assert by.loc[("outlook", "now"), "loss"] == 0
    assert by.loc[("outlook", "later"), "loss"] > 0
    assert by.loc[("mix:car", "0.25"), "offices"] == "b;c"
    walk, car = (futures.ranking("two-free", profile=p).best().value for p in ("walk", "car"))
    assert by.loc[("mix:car", "0.25"), "value"] == pytest.approx(0.75 * walk + 0.25 * car)
    worst = futures.stability("two-free", mixed_with=["car"], minimise="worst_minutes")
    assert set(worst.table["parameter"]) == {"outlook"}


@pytest.mark.parametrize("question", ["two-free", "one-host"])
def test_stability_of_the_solver(
    futures: nav.Study, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = futures.stability(question, mixed_with=["car"]).table
    fault = Fault("ranking", "count", "too many structures.")
    monkeypatch.setattr(AskedStudy, "_ranked", lambda *_: TooManyError([fault]))
    unranked = nav.Study(futures.folder, futures.file, futures.inputs, futures.ways)
    ours = unranked.stability(question, mixed_with=["car"]).table
    # Later there are equals, of which either may stand.
    clear = theirs["setting"] != "later"
    assert ours["offices"][clear].tolist() == theirs["offices"][clear].tolist()
    beside = ["offices", "allocation"]
    pd.testing.assert_frame_equal(ours.drop(columns=beside), theirs.drop(columns=beside))
    with pytest.raises(nav.InputError, match="only mean_minutes is searched"):
        unranked.stability(question, minimise="worst_minutes")


def test_near_best_by_hand(study: nav.Study) -> None:
    # b and c cost 120 × 4 km, b and halfway, a and c, … at least twice as much.
    near = study.near_best("two-free", within=1.0)
    assert near.table["offices"].tolist() == ["b;c", "a;c"]
    assert near.table["above_best_percent"].tolist() == pytest.approx([0, 100])
    assert near.share.to_dict() == {"c": 1.0, "a": 0.5, "b": 0.5, "halfway": 0.0}
    assert (near.count, near.complete) == (2, True)
    assert study.near_best("two-free").count == 1


def test_near_best_of_the_solver(study: nav.Study, unranked: nav.Study) -> None:
    ours, theirs = (s.near_best("two-free", within=1.0) for s in (unranked, study))
    assert ours.complete
    pd.testing.assert_frame_equal(ours.groups, theirs.groups)
    pd.testing.assert_series_equal(ours.share, theirs.share)
    with pytest.raises(nav.InputError, match="only mean_minutes is searched"):
        unranked.near_best("two-free", minimise="worst_minutes")


def test_the_solver_answers_what_cannot_be_ranked(study: nav.Study, unranked: nav.Study) -> None:
    assert not unranked.can_rank("two-free")
    with pytest.raises(nav.InputError, match="too many structures"):
        unranked.ranking("two-free")
    for objective in OBJECTIVES:
        ours = unranked.locate(question="two-free", minimise=objective, keep=["a"])
        best = study.locate(question="two-free", minimise=objective, keep=["a"])
        assert ours.ranking is None
        assert ours.proved
        assert ours.value == pytest.approx(best.value)
        assert "a" in ours.scenario.offices
    assert unranked.compare(ours.scenario, profiles=["walk"]).table().notna().all(axis=None)


def test_aims_a_ranking_does_not_have(study: nav.Study) -> None:
    # On foot 3 km are 40 minutes: within 30 there is nobody but who has an office at hand.
    beyond = study.locate(question="two-free", minimise="people_beyond", limit_min=30, close=["c"])
    assert beyond.scenario.offices == ("a", "b")
    assert (beyond.value, beyond.unit, beyond.proved) == (480, "persons", True)
    # Within 45 minutes halfway serves B and C.
    fewest = study.locate(question="two-free", minimise="offices", limit_min=45)
    assert (fewest.value, fewest.unit, fewest.proved) == (2, "offices", True)


def test_prices_front_and_regret_of_the_solver(
    futures: nav.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked = {
        "prices": futures.prices("two-free").table,
        "front": futures.front("two-free").table,
        "regret": futures.regret("two-free").table,
    }
    fault = Fault("ranking", "count", "too many structures.")
    monkeypatch.setattr(AskedStudy, "_ranked", lambda *_: TooManyError([fault]))
    bare = nav.Study(futures.folder, futures.file, futures.inputs, futures.ways)
    searched = {
        "prices": bare.prices("two-free").table,
        "front": bare.front("two-free").table,
        "regret": bare.regret("two-free").table,
    }
    ranked["front"] = ranked["front"][ranked["front"]["kind"] == "front"]
    for name, table in searched.items():
        pd.testing.assert_frame_equal(table, ranked[name], check_dtype=False, rtol=1e-9)
    lonely = bare.question("two-free").model_copy(update={"close": ("c", "halfway")})
    assert bare.prices(lonely, demands=["Cdal"]).table["status"].tolist() == ["infeasible"]


def test_whole_areas_are_searched_as_they_are_ranked(
    futures: nav.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = futures.question("one-host").model_copy(update={"offices": 2})

    def told(study: nav.Study) -> list[pd.DataFrame]:
        front = study.front(question).table
        return [front, study.prices(question, demands=["a"]).table, study.regret(question).table]

    ranked, near = told(futures), futures.near_best(question, within=0.5).groups
    fault = Fault("ranking", "count", "too many structures.")
    monkeypatch.setattr(AskedStudy, "_ranked", lambda *_: TooManyError([fault]))
    bare = nav.Study(futures.folder, futures.file, futures.inputs, futures.ways)
    for ours, theirs in zip(told(bare), ranked, strict=True):
        expected = theirs[theirs["kind"] == "front"] if "kind" in theirs else theirs
        pd.testing.assert_frame_equal(ours, expected, check_dtype=False, rtol=1e-9)
    pd.testing.assert_frame_equal(bare.near_best(question, within=0.5).groups, near)


def test_what_a_search_did_not_find_is_not_called_impossible(
    unranked: nav.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(problem: LocationProblem, watch: Watch) -> Solution:
        if problem.keep != ("a",):
            return solve(problem, watch)
        raise NotFoundError.of("choice")

    monkeypatch.setattr(solved, "solve", late)
    monkeypatch.setattr(locating, "solve", late)
    assert unranked.prices("two-free", demands=[]).table.empty
    row = unranked.prices("two-free", demands=["a", "b"]).table.set_index("demand")
    assert row["status"].tolist() == ["not found", "proved"]
    assert row.loc["a", ["value", "price_minutes"]].isna().all()
    told = "question two-free: no choice was found before the search ended; there may be one"
    with pytest.raises(NotFoundError, match=told):
        unranked.locate(question="two-free", keep=["a"])
    question = unranked.question("two-free").model_copy(update={"keep": ("a",), "price": ()})
    others = tuple(q for q in unranked.file.question if q.name != "two-free")
    file = unranked.file.model_copy(update={"question": (*others, question)})
    answers = replace(unranked, file=file).run().answers
    # Of whole areas only the mean is searched, and found here.
    of_areas = answers[answers["question"] == "one-host"]
    assert set(zip(of_areas["objective"], of_areas["status"], strict=True)) == {
        ("mean_minutes", "proved")
    }
    with pytest.raises(nav.InputError, match="minimise one of mean_minutes"):
        unranked.locate(question="one-host", minimise="worst_minutes")
    answers = answers[answers["question"] == "two-free"]
    assert set(answers["status"]) == {"not found"}
    assert answers["reason"].str.contains("there may be one").all()


def test_a_run_answers_every_question(futures: nav.Study, tmp_path: Path) -> None:
    results = futures.run()
    results.write(tmp_path / "out")
    back = Results.read(tmp_path / "out")
    for name in ANSWERS:
        assert len(getattr(back, name)), name
    answers = back.answers
    cases = 2 * 2 * 2 * len(OBJECTIVES)  # questions × profiles × outlooks
    assert len(answers) == cases
    assert (answers["status"] == "proved").all()
    assert (answers["bound"] == answers["value"]).all()
    assert set(back.prices["demand"]) == {"a", "Cdal"}
    near = back.near_best[
        (back.near_best["question"] == "two-free") & (back.near_best["rank"] == 1)
    ]
    assert set(near["outlook"]) == {"now"}
    assert near["above_percent"].tolist() == [0, 0]
    counts = back.near_best.groupby(["question", "profile"], sort=False).size()
    told = back.site_shares.groupby(["question", "profile"], sort=False)["count"].first()
    assert counts.tolist() == told.tolist()
    held = back.site_shares.groupby(["question", "profile"])["share"].sum()
    assert held["two-free"].tolist() == pytest.approx([2, 2])
    one = back.near_best[back.near_best["question"] == "one-host"]
    assert "one" in set(one["scenario"])
    assert set(back.regrets["question"]) == {"two-free"}
    seconds = {entry["question"] for entry in back.run["searches"]}
    assert seconds == {"one-host", "two-free"}
    again = tmp_path / "again"
    futures.run().write(again)
    for path in (tmp_path / "out").glob("*.csv"):
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_what_one_way_to_travel_rules_out_is_told_and_the_rest_answered(tmp_path: Path) -> None:
    # nobody walks 4 km in 20 minutes, but all drive it
    change = swap("near_best_percent = 20\n", "limit_min = 20\n")
    study = opened(tmp_path / "tiny", study=change)
    answers = study.run().answers
    mine = answers[answers["question"] == "two-free"].set_index("profile")
    assert (mine.loc["walk", "status"] == "infeasible").all()
    assert mine.loc["walk", "reason"].str.contains("longer than 20 minutes").all()
    assert mine.loc["walk", "value"].isna().all()
    assert (mine.loc["car", "status"] == "proved").all()
