"""What `check` says to do next, on a study whose tables are fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

import navplan as nav
from navplan.nouns import NEAREST
from navplan.scenario import Scenario
from navplan.study.scenarios import notes_on_existing
from navplan.study.schema import ScenarioEntry, Words
from tests.services.study import new_town


def test_a_new_study_is_told_to_fetch(tmp_path: Path) -> None:
    town = new_town(tmp_path)
    with pytest.raises(nav.InputError) as caught:
        nav.open_study(town)
    (fault,) = caught.value.faults
    assert fault.problem.startswith("places.csv, people.csv,")
    assert fault.remedy == f"Run: navplan fetch {town}"


def test_what_fetch_would_leave_alone_is_not_sent_to_fetch(tmp_path: Path) -> None:
    town = new_town(tmp_path)
    (town / "places.csv").write_text("id,name\n", encoding="utf-8")
    with pytest.raises(nav.InputError) as caught:
        nav.open_study(town)
    own, others = caught.value.faults
    assert own.where == "people.csv"
    assert own.problem == "is not there, and fetch will not write it: places.csv is your own."
    assert own.remedy.startswith("Make it too, or move places.csv away")
    assert "people.csv" not in others.problem


def test_areas_without_an_office_are_told_from_areas_with_several() -> None:
    entry = ScenarioEntry(
        name="today", title=Words(nb="I dag", nn="I dag", en="Today"), offices="existing"
    )
    allocation = {"A": "a", "B": NEAREST, "C": NEAREST}
    scenario = Scenario("today", {}, ("a", "c-1", "c-2"), allocation)
    assert notes_on_existing((entry,), {"today": scenario}, {"a": "A", "c-1": "C", "c-2": "C"}) == [
        "Scenario today: no office lies in B: people there use the nearest.",
        "Scenario today: several offices of today lie in C: people there use the nearest.",
    ]
    nearest = entry.model_copy(update={"choice": "nearest"})
    free = Scenario("today", {}, ("a", "c-1", "c-2"), dict.fromkeys("ABC", NEAREST))
    assert not notes_on_existing((nearest,), {"today": free}, {"a": "A", "c-1": "C", "c-2": "C"})
