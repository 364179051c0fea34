"""The texts of the embedded studies: the language they say they are, and one form for each word."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[2] / "data"
STUDIES = ("bergen", "indre-salten")
UNWANTED = {
    "nb": "ikkje frå kor kvar reisevei reiseveien veg flyt ruteplanen",
    "nn": "ikke fra hvor hver noen bare uten reiseveg reisevegen gjev gjeve vart ruteplanen",
    "en": "bydel bydeler ikke og",
}


def texts(node: Any) -> Iterator[dict[str, str]]:
    """Every table of a text in three languages."""
    if isinstance(node, dict):
        if set(node) == {"nb", "nn", "en"}:
            yield node
        else:
            for child in node.values():
                yield from texts(child)
    elif isinstance(node, list):
        for child in node:
            yield from texts(child)


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name / "study.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", UNWANTED)
@pytest.mark.parametrize("name", STUDIES)
def test_texts_are_in_their_language_and_in_plain_words(name: str, language: str) -> None:
    found = [table[language].lower() for table in texts(read(name))]
    assert len(found) > 20
    unwanted = UNWANTED[language].split()
    hits = [(w, t) for w in unwanted for t in found if re.search(rf"\b{w}\b", t)]
    assert hits == []


@pytest.mark.parametrize("name", STUDIES)
def test_titles_do_not_repeat_the_word_for_population(name: str) -> None:
    for outlook in read(name)["outlook"]:
        assert not outlook["title"]["nb"].startswith("Folketall")
        assert not outlook["title"]["en"].startswith("Population")


def test_the_first_words_of_a_report_say_what_was_assumed() -> None:
    told = read("bergen")["summary"]["nb"]
    assert "Adressene til de tre sammenslåtte kontorene er ikke kjent" in told
    assert "Slik ble det ikke" in read("indre-salten")["summary"]["nb"]


def test_people_without_a_known_district_are_said_to_be_left_out() -> None:
    # 279 792 and 294 860 in the kommune less the sums of the eight bydeler.
    said = {o["name"]: o["method"]["nb"] for o in read("bergen")["outlook"]}
    assert "725" in said["actual-2018"]
    assert "432" in said["actual-2026"]


@pytest.mark.parametrize("name", STUDIES)
def test_a_best_structure_says_by_which_way_to_travel(name: str) -> None:
    word = {"transit": "kollektivt", "car": "bil"}
    for scenario in read(name)["scenario"]:
        if located := scenario.get("locate"):
            assert word[located["profile"]] in scenario["title"]["nb"]
