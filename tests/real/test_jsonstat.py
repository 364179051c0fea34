"""JSON-stat as Statistics Norway serves it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from navplan.sources.jsonstat import read_frame, read_variables

WHERE = "Statistics Norway's table 05300"


@pytest.mark.real
def test_an_answer_of_the_statbank(shared: Path) -> None:
    path = shared / "api_answers" / "ssb_05300_jsonstat2_2022-05-24.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    frame = read_frame(document, where=WHERE, labels=True)
    assert len(frame) == 432
    assert frame["value"].isna().sum() == 28
    assert frame.loc[frame["value"].isna(), "status"].isin([".", ".."]).all()
    assert (frame.loc[frame["value"].notna(), "status"] == "").all()
    cinema = frame[(frame["Avstand1"] == "01") & (frame["Kulturtilbud"] == "01")]
    assert cinema["value"].tolist() == [16, 14, 12, 12, 11, 12, 10, 12, 12]
    assert cinema["Tid"].tolist()[-1] == "2021"
    assert frame["Avstand1 label"].iloc[0] == "Under 1 km"
    # shares of one place and year sum to about a hundred
    whole = frame.groupby(["Kulturtilbud", "Tid"])["value"].sum(min_count=6).dropna()
    assert whole.between(97, 103).all()


@pytest.mark.real
def test_an_answer_and_its_metadata_tell_the_same(shared: Path) -> None:
    folder = shared / "api_answers"
    answer = json.loads((folder / "ssb_05300_jsonstat2_2022-05-24.json").read_text("utf-8"))
    described = json.loads((folder / "ssb_05300_meta.json").read_text("utf-8"))["variables"]
    variables = read_variables(answer, where=WHERE)
    assert [one.code for one in variables] == [one["code"] for one in described]
    for variable, one in zip(variables, described, strict=True):
        assert list(variable.categories) == one["values"]
        assert list(variable.categories.values()) == one["valueTexts"]
    assert {one.role for one in variables} == {"", "time", "metric"}
