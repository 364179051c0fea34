"""Questions with too many structures to rank, of which none gives everybody a time."""

from __future__ import annotations

from pathlib import Path

import pytest

import navplan as nav
from navplan.errors import Fault
from navplan.locate import NotFoundError, TooManyError
from navplan.study import locating
from navplan.study.asked import AskedStudy
from tests.tiny_study import with_two_free, write_study

ONE_MEAN = 40.0
"""At halfway B and C have 3 km at 1.25 m/s; A has 7 km, which is beyond an hour [min]."""


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> nav.Study:
    """The tiny study where nobody walks longer than an hour, and one office is asked for."""

    def asked(text: str) -> str:
        text = with_two_free(text).replace("offices = 2\n", "offices = 1\n")
        return text.replace("limit_min = 300\n", "limit_min = 60\n")

    rank = AskedStudy._ranked

    def ranked(study, question, *given):
        if question.name == "two-free":
            return TooManyError([Fault("ranking", "count", "too many structures.")])
        return rank(study, question, *given)

    monkeypatch.setattr(AskedStudy, "_ranked", ranked)
    return nav.open_study(write_study(tmp_path / "tiny", study=asked), cache=False)


def test_a_run_tells_what_there_is_and_why_the_rest_is_not_there(apart: nav.Study) -> None:
    with pytest.warns(nav.NavplanWarning) as told:
        results = apart.compare("three", profiles=["walk"]).results()
    answers = results.answers[results.answers["question"] == "two-free"].set_index("objective")
    assert answers.loc["mean_minutes", ["value", "offices"]].tolist() == [ONE_MEAN, "halfway"]
    assert answers["status"].to_dict() == {
        "mean_minutes": "proved", "worst_minutes": "infeasible", "ede_minutes": "proved"
    }  # fmt: skip
    assert answers.loc["worst_minutes", "reason"].startswith("question two-free: ")
    assert results.prices["question"].tolist() == ["two-free"] * 2
    assert "two-free" not in set(results.near_best["question"]) | set(results.fronts["question"])
    said = [str(one.message) for one in told]
    for what in ("near-best structures", "front"):
        assert any(text.startswith(f"no {what}: question two-free: ") for text in said)


def test_what_is_told_beside_the_best_names_the_question(apart: nav.Study) -> None:
    for ask in (apart.near_best, apart.front, apart.regret):
        with pytest.raises(nav.InfeasibleError, match=r"^question two-free: "):
            ask("two-free")


@pytest.mark.parametrize("within", [-0.5, float("nan"), float("inf")])
def test_how_near_the_best_must_be_a_share(apart: nav.Study, within: float) -> None:
    for question in ("two-free", "one-host"):  # one too large to rank, one ranked
        with pytest.raises(nav.InputError, match=r"within: .*expected a share of the best"):
            apart.near_best(question, within=within)


def test_a_question_none_of_whose_aims_can_be_met_ends_the_run(
    apart: nav.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_):
        raise nav.InfeasibleError("nobody gets there.")

    monkeypatch.setattr(locating, "solve", never)
    with pytest.raises(nav.InfeasibleError, match=r"^question two-free: nobody gets there"):
        apart.run()

    def late(*_):
        raise NotFoundError.of("choice")

    monkeypatch.setattr(locating, "solve", late)
    answers = apart.compare("three", profiles=["walk"]).results().answers
    found = answers[answers["question"] == "two-free"]
    assert found["status"].tolist() == ["not found"] * 3
