"""KLASS: codes on a day, what became of them, and which belong together."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import FetchError, InputError
from navplan.sources import klass
from navplan.sources.web import Web
from tests.services import klass as register
from tests.services.fixtures import WebOf
from tests.services.server import Reply, Request, Server, json_reply

TODAY = "2026-01-01"


@pytest.fixture
def web(web_of: WebOf) -> Iterator[Web]:
    with Server({"klass": register.answer}) as server:
        yield web_of(server)


def says(document: object) -> Server:
    return Server({"klass": lambda request: json_reply(document)})


def test_codes_on_a_day(web: Web) -> None:
    extract = klass.codes_at(web, klass.KOMMUNE, TODAY)
    assert list(extract.frame.columns) == [
        "code", "parentCode", "level", "name", "shortName", "validFrom", "validTo",
    ]  # fmt: skip
    assert "4601" in set(extract.frame["code"])
    assert "1201" not in set(extract.frame["code"])
    assert (extract.frame["parentCode"] == "").all()
    (source,) = extract.sources
    assert source.licence == "CC BY 4.0"
    assert source.address.startswith("https://data.ssb.no/api/klass/v1/classifications/131/codesAt")


def test_codes_between_two_days_hold_old_and_new(web: Web) -> None:
    frame = klass.codes_between(web, klass.KOMMUNE, "2019-01-01", "2021-01-01").frame
    assert {"1201", "4601"} <= set(frame["code"])
    ended = frame.set_index("code").loc["1201"]
    assert (ended["validFrom"], ended["validTo"]) == ("1994-01-01", "2020-01-01")
    # the last day is not included
    before = klass.codes_between(web, klass.KOMMUNE, "2019-01-01", "2020-01-01").frame
    assert "4601" not in set(before["code"])


def test_changes_come_by_date(web: Web) -> None:
    frame = klass.changes(web, klass.KOMMUNE, "2019-01-01", "2025-01-01").frame
    assert list(frame.columns) == ["oldCode", "oldName", "newCode", "newName", "changeOccurred"]
    assert frame["changeOccurred"].is_monotonic_increasing
    assert frame[frame["oldCode"] == "1850"]["newCode"].tolist() == ["1806", "1875"]


def test_new_and_ended_units_have_an_empty_code(web_of: WebOf) -> None:
    items = [
        {"oldCode": None, "newCode": "9001", "newName": "Ny", "changeOccurred": "2020-01-01"},
        {"oldCode": "9002", "oldName": "Slutt", "changeOccurred": "2021-01-01"},
    ]
    with says({"codeChanges": items}) as server:
        frame = klass.changes(web_of(server), klass.KOMMUNE, "2020-01-01", "2022-01-01").frame
    assert frame["oldCode"].tolist() == ["", "9002"]
    assert frame["newCode"].tolist() == ["9001", ""]
    assert klass.became("9002", frame) == ()


@pytest.mark.parametrize(
    ("code", "now"),
    [
        ("1201", ("4601",)),
        ("1805", ("1806",)),
        ("1850", ("1806", "1875")),
        ("1504", ("1508", "1580")),  # through 1507
        ("1507", ("1508", "1580")),
        ("1804", ("1804",)),
    ],
)
def test_what_became_of_a_code(code: str, now: tuple[str, ...], web: Web) -> None:
    frame = klass.changes(web, klass.KOMMUNE, "2016-01-01", "2027-01-01").frame
    assert klass.became(code, frame) == now


def changed(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["oldCode", "newCode", "changeOccurred"])
    return frame.assign(oldName="", newName="")


def test_a_new_name_is_no_new_code_and_numbers_are_used_again() -> None:
    renamed = changed(("5001", "5001", "2020-01-01"))
    assert klass.became("5001", renamed) == ("5001",)
    again = changed(("1", "2", "2000-01-01"), ("9", "1", "2005-01-01"), ("1", "3", "2010-01-01"))
    assert klass.became("1", again) == ("3",)
    assert klass.became("9", again) == ("3",)
    swapped = changed(("a", "b", "2020-01-01"), ("b", "a", "2020-01-01"))
    assert klass.became("a", swapped) == ("b",)


@given(st.permutations(range(6)), st.integers(1, 6))
def test_renumberings_in_a_chain_end_at_the_last(order: list[int], length: int) -> None:
    codes = [str(one) for one in order][:length]
    rows = [
        (old, new, f"20{year:02d}-01-01")
        for year, (old, new) in enumerate(itertools.pairwise(codes))
    ]
    frame = changed(*reversed(rows))
    assert klass.became(codes[0], frame) == (codes[-1],)


def test_kommuner_are_named_in_the_order_given(web: Web) -> None:
    frame = klass.kommune_names(web, ["4601", "1804", "4601"], TODAY).frame
    assert frame.to_dict("list") == {"code": ["4601", "1804"], "name": ["Bergen", "Bodø"]}


def test_old_and_unknown_kommuner_are_told_all_at_once(web: Web) -> None:
    wanted = ["1804", "1201", "1805", "1850", "1504", "1840", "Bodo", "9999"]
    with pytest.raises(InputError) as caught:
        klass.kommune_names(web, wanted, TODAY)
    ended, pick = " went out of use on 2020-01-01.", "choose among them."
    faults = [f"{fault.problem} {fault.remedy}" for fault in caught.value.faults]
    assert faults == [
        f"1201 Bergen{ended} It is now 4601 Bergen: write that number.",
        f"1805 Narvik{ended} It is now part of 1806 Narvik: write that number.",
        f"1850 Divtasvuodna Tysfjord{ended} It was split between 1806 Narvik, 1875 Hamarøy: {pick}",
        f"1504 Ålesund{ended} It was split between 1508 Ålesund, 1580 Haram: {pick}",
        "'1840' is no kommune. Nearest: 1806 Narvik, 1804 Bodø, 1580 Haram.",
        "'Bodo' is no kommune. Nearest: 1804 Bodø.",
        "'9999' is no kommune. Give the four-digit number.",
    ]


def test_a_number_not_yet_in_use_is_no_kommune(web: Web) -> None:
    with pytest.raises(InputError, match="'1508' is no kommune"):
        klass.kommune_names(web, ["1508"], "2022-01-01")


def test_an_ended_kommune_that_nothing_follows() -> None:
    frame = changed(("7", "", "2020-01-01")).assign(oldName="Øde")
    (fault,) = klass.check_codes(["7"], {"8": "Annet"}, frame, where="study.toml")
    assert fault.problem == "7 Øde went out of use on 2020-01-01 and nothing follows it."


def test_kommuner_of_a_fylke(web: Web) -> None:
    frame = klass.kommuner_of_fylke(web, "18", TODAY).frame
    assert frame["code"].tolist() == ["1804", "1806", "1875"]
    before = klass.kommuner_of_fylke(web, "18", "2019-01-01").frame
    assert before["code"].tolist() == ["1804", "1805", "1850"]
    with pytest.raises(InputError, match=r"'20' is no fylke on 2026-01-01. There are 03 Oslo, 15"):
        klass.kommuner_of_fylke(web, "20", TODAY)


def test_bydeler_and_their_grunnkretser(web: Web) -> None:
    extract = klass.bydel_grunnkretser(web, ["4601"], TODAY)
    assert extract.frame["sourceCode"].tolist() == ["460101", "460101", "460102", "460102"]
    assert extract.frame["targetCode"].str.len().eq(8).all()
    assert extract.notices == ()


def test_bydeler_of_another_year_are_those_of_2026_and_told(web: Web) -> None:
    extract = klass.bydel_grunnkretser(web, ["4601"], "2024-01-01")
    assert extract.frame.equals(klass.bydel_grunnkretser(web, ["4601"], TODAY).frame)
    (notice,) = extract.notices
    assert notice.startswith("KLASS has no bydeler and grunnkretser of 2024-01-01; those of 2026")


def test_a_correspondence_drawn_up_the_other_way_is_turned(web_of: WebOf) -> None:
    pairs = [{"sourceCode": "46010101", "targetCode": "460101", "targetName": "Arna"}]
    with says({"correspondenceItems": pairs}) as server:
        frame = klass.bydel_grunnkretser(web_of(server), ["4601"], TODAY).frame
    assert frame.iloc[0].to_dict() == {
        "sourceCode": "460101",
        "sourceName": "Arna",
        "targetCode": "46010101",
        "targetName": "",
    }


def test_a_kommune_without_bydeler(web: Web) -> None:
    with pytest.raises(FetchError, match=r"no grunnkretser of bydeler for 1804\. Only Oslo"):
        klass.bydel_grunnkretser(web, ["4601", "1804"], TODAY)


@pytest.mark.parametrize("document", [{}, [], {"codes": None}, {"codes": ["4601"]}])
def test_another_form_is_refused(document: object, web_of: WebOf) -> None:
    with says(document) as server, pytest.raises(FetchError, match="the answer has no list codes"):
        klass.codes_at(web_of(server), klass.KOMMUNE, TODAY)


def test_an_entry_without_a_code_is_refused(web_of: WebOf) -> None:
    with (
        says({"codes": [{"name": "Bergen"}]}) as server,
        pytest.raises(FetchError, match=r"an entry of codes has no code: \{'name': 'Bergen'\}"),
    ):
        klass.codes_at(web_of(server), klass.KOMMUNE, TODAY)


def test_no_codes_on_a_day(web_of: WebOf) -> None:
    with (
        says({"codes": []}) as server,
        pytest.raises(FetchError, match="no codes of 1890-01-01 in classification 131"),
    ):
        klass.codes_at(web_of(server), klass.KOMMUNE, "1890-01-01")


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (("1.1.2020", "2021-01-01"), "'1.1.2020' is no date"),
        (("20200101", "2021-01-01"), "'20200101' is no date"),
        (("2021-01-01", "2020-01-01"), "2021-01-01 is after 2020-01-01"),
    ],
)
def test_days_are_checked_before_anything_is_asked(
    days: tuple[str, str], message: str, web: Web
) -> None:
    with pytest.raises(InputError, match=message):
        klass.changes(web, klass.KOMMUNE, *days)


def test_a_server_that_fails_is_no_missing_correspondence(web_of: WebOf) -> None:
    def answer(request: Request) -> Reply:
        return json_reply({}, 500)

    with Server({"klass": answer}) as server, pytest.raises(FetchError) as caught:
        klass.bydel_grunnkretser(web_of(server), ["4601"], TODAY)
    assert caught.value.status == 500


def test_a_changed_register_is_no_missing_correspondence(web_of: WebOf) -> None:
    with says({"pairs": []}) as server, pytest.raises(FetchError, match="has no list corresp"):
        klass.bydel_grunnkretser(web_of(server), ["4601"], TODAY)


def test_a_pinned_correspondence_is_not_replaced_by_another(
    web: Web, web_of: WebOf, tmp_path: Path
) -> None:
    (source,) = klass.bydel_grunnkretser(web, ["4601"], TODAY).sources
    pairs = [{"sourceCode": "460101", "targetCode": "46010101"}]
    with says({"correspondenceItems": pairs}) as server:
        later = web_of(server, pins={source.id: source}, cache=tmp_path / "later")
        with pytest.raises(FetchError, match="has changed this since"):
            klass.bydel_grunnkretser(later, ["4601"], TODAY)


def test_names_come_on_one_line(web_of: WebOf) -> None:
    with says({"codes": [{"code": "1804", "name": " Bo\n=1\x00dø\u202e "}]}) as server:
        frame = klass.codes_at(web_of(server), klass.KOMMUNE, TODAY).frame
    assert frame["name"].tolist() == ["Bo =1 dø"]
