"""The words of the report: the same keys in three languages, and numbers as each writes them."""

from __future__ import annotations

import math
import re
import string
from typing import get_args

import pytest

from navplan.report.words import read_words
from navplan.units import LANGUAGES, Language, Mode, Reason

NB, NN, EN = (read_words(language) for language in LANGUAGES)
NOT_NYNORSK = (
    *("ikke", "fra", "hvor", "hvem", "hver", "jeg", "reisetiden", "innbyggere", "bydeler"),
    *("kontoret er", "en annen", "noen", "bare", "uten", "mellom de", "gjennomsnittlig", "til å"),
)
NOT_BOKMAL = ("ikkje", "frå", "kor", "kven", "kvar", "reisetida", "innbyggjarar", "bydelar", "ein")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def words_of(texts: list[str]) -> str:
    return " ".join(re.sub(r"\{.*?\}", "", text).lower() for text in texts)


@pytest.mark.parametrize("other", [NN, EN], ids=["nn", "en"])
def test_every_language_has_the_same_keys_and_placeholders(other):
    assert set(other.texts) == set(NB.texts)
    different = [k for k in NB.texts if placeholders(NB.texts[k]) != placeholders(other.texts[k])]
    assert different == []


def test_nynorsk_is_nynorsk_and_bokmal_is_bokmal():
    nynorsk, bokmal = words_of(list(NN.texts.values())), words_of(list(NB.texts.values()))
    found = [w for w in NOT_NYNORSK if w != "til å" and re.search(rf"\b{w}\b", nynorsk)]
    assert found == []
    assert [w for w in NOT_BOKMAL if re.search(rf"\b{w}\b", bokmal)] == []


def test_no_sentence_is_left_in_another_language():
    long = [key for key, text in NB.texts.items() if len(text.split()) > 4 and text[-1] == "."]
    assert len(long) > 60
    # These words are right in both.
    alike = {"rank.best", "rank.limit", "rank.infeasible", "near.sites_always"}
    assert {k for k in long if NB.texts[k] == NN.texts[k]} == alike
    assert [k for k in long if NB.texts[k] == EN.texts[k]] == []


@pytest.mark.parametrize("words", [NB, NN, EN], ids=LANGUAGES)
def test_modes_reasons_and_qualities_all_have_a_word(words):
    wanted = [f"mode.{mode}" for mode in get_args(Mode)]
    wanted += [f"reason.{reason}" for reason in Reason]
    wanted += [f"quality.{q}" for q in ("official", "approximate", "assumption")]
    assert [key for key in wanted if not words.texts.get(key)] == []


@pytest.mark.parametrize(
    ("language", "number", "change", "share"),
    [
        ("nb", "1\u00a0234,6", "\u22121\u00a0234,6", "34\u00a0%"),
        ("nn", "1\u00a0234,6", "\u22121\u00a0234,6", "34\u00a0%"),
        ("en", "1,234.6", "\u22121,234.6", "34%"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    language: Language, number: str, change: str, share: str
):
    words = read_words(language)
    assert words.minutes(1234.56) == number
    assert words.change(-1234.56) == change
    assert words.share(0.339) == share


def test_changes_carry_a_sign_and_zero_none():
    assert NB.change(6.84) == "+6,8"
    assert NB.change(0.04) == "0,0"
    assert NB.change(-0.04) == "0,0"


def test_a_few_are_never_nought_per_cent_nor_nearly_all_a_hundred():
    assert NB.share(0.001) == "under 1\u00a0%"
    assert NB.share(0.005) == "under 1\u00a0%"
    assert NB.share(0.999) == "over 99\u00a0%"
    assert NB.share(0.0) == "0\u00a0%"
    assert NB.share(1.0) == "100\u00a0%"
    assert NB.short_share(0.001) == "<1\u00a0%"
    assert NB.short_share(0.999) == ">99\u00a0%"
    assert EN.short_share(0.34) == "34%"


def test_per_cent_need_not_be_whole():
    assert [NB.percent(n) for n in (1.0, 0.5, 12.25)] == ["1\u00a0%", "0,5\u00a0%", "12,25\u00a0%"]
    assert EN.percent(2.0) == "2%"


def test_people_are_rounded_in_sentences_and_withheld_where_absent():
    assert NB.about(34_126) == "34\u00a0100"
    assert NB.about(8_026) == "8\u00a0030"
    assert [NB.about(n) for n in (365, 5_365, 50_350)] == ["370", "5\u00a0370", "50\u00a0400"]
    assert NB.people(34_126) == "34\u00a0126"
    assert NB.people(math.nan) == NB.about(math.nan) == NB("number.withheld")


def test_lists_and_dates_are_in_the_language():
    assert NB.listing(["Arna", "Fana", "Åsane"]) == "Arna, Fana og Åsane"
    assert NB.listing([]) == ""
    assert NN.date("2025-10-14T12:00:00+00:00") == "14. oktober 2025"
    assert NB.date("spring") == "spring"
    assert [w.date("2019-06") for w in (NB, EN)] == ["juni 2019", "June 2019"]
    assert NB.date("2018–2026") == "2018–2026"


def test_few_are_told_in_letters_and_many_in_digits():
    assert [NB.counted(n) for n in (1, 2, 7, 12, 13)] == ["1", "to", "sju", "tolv", "13"]
    assert EN.counted(5.0) == "five"


def test_the_time_of_day_has_a_point_in_norwegian():
    assert [w.clock("12:30") for w in (NB, NN, EN)] == ["12.30", "12.30", "12:30"]


def test_a_missing_title_falls_back_to_another_language():
    assert NN.title({"nb": "Kontor", "nn": "", "en": "Office"}) == "Kontor"
    assert EN.title(None) == ""
