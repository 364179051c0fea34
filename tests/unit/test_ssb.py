"""Statistics Norway's population, bydeler and projections, against made-up figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from navplan.errors import FetchError, InputError
from navplan.sources.extracts import Extract
from navplan.sources.ssb import bydel_population, newest_projection, population, projection
from navplan.sources.web import Web
from tests.services import ssb
from tests.services.fixtures import WebOf
from tests.services.server import Reply, Request, Server, json_reply
from tests.services.statbank import Axis, Statbank, Table

Ask = Callable[..., Extract]


@pytest.fixture
def ask(web_of: WebOf, tmp_path: Path) -> Iterator[Ask]:
    """Asks one of the functions of a statbank with the given tables, fresh each time."""
    servers: list[Server] = []

    def of(function: Callable[..., Extract], *what: Any, tables: Any = None, **options: Any) -> Any:
        server = Server({"ssb": Statbank(ssb.tables() if tables is None else tables)})
        servers.append(server)
        web: Web = web_of(server.__enter__(), cache=tmp_path / str(len(servers)))
        return function(web, *what, **options)

    yield of
    for server in servers:
        server.__exit__(None, None, None)


def expected(table: Table, regions: list[str], years: list[int], **fixed: str) -> int:
    """Sum of the made-up figures, straight from where they are made."""
    ages = next(axis for axis in table.axes if axis.code == "Alder").codes
    return sum(
        int(table.figure({"Region": r, "Tid": str(y), "Alder": a, "Kjonn": s, **fixed}) or 0)
        for r in regions
        for y in years
        for a in ages
        for s in ("1", "2")
    )


def test_population_by_kommune_year_age_and_sex(ask: Ask) -> None:
    extract = ask(population, ["4601", "1804"], [2025, 2026])
    frame = extract.frame
    assert list(frame.columns) == ["code", "year", "age", "sex", "people"]
    assert len(frame) == 2 * 2 * 106 * 2
    assert frame["code"].unique().tolist() == ["1804", "4601"]
    assert sorted(frame["age"].unique()) == list(range(106))
    assert set(frame["sex"]) == {"male", "female"}
    assert frame["people"].dtype == "int64"
    assert not frame.duplicated(["code", "year", "age", "sex"]).any()
    assert frame["people"].sum() == expected(ssb.POPULATION, ["1804", "4601"], [2025, 2026])
    oldest_women = frame.query("code == '4601' and year == 2026 and age == 105 and sex == 'female'")
    # digit sum 11, three times 105, the year, the sex: 11 + 315 + 2026 + 2 = 2354 = 63 · 37 + 23
    assert oldest_women["people"].item() == 23
    assert extract.notices == ()
    assert {source.publisher for source in extract.sources} == {"Statistics Norway (SSB)"}


def test_earlier_years_are_summed_to_the_kommune_of_today(ask: Ask) -> None:
    today = ask(population, ["4601"], [2018, 2026]).frame
    then = ask(population, ["1201"], [2018], borders="then").frame
    assert today["code"].unique().tolist() == ["4601"]
    assert today[today["year"] == 2018]["people"].tolist() == then["people"].tolist()


def test_a_kommune_without_residents_in_a_year_is_told(ask: Ask) -> None:
    with pytest.raises(FetchError) as caught:
        ask(population, ["1806", "1804"], [2018, 2019, 2025, 2026])
    assert "no residents for kommune 1806 in 2018, 2019 (it has 2025–2026). Numbers change" in str(
        caught.value
    )
    with pytest.raises(FetchError, match=r"4601 in 2019 \(nor in any other year asked for\)"):
        ask(population, ["4601"], [2019], borders="then")


def test_missing_signs_tell_the_same_as_zeros(ask: Ask) -> None:
    table = ssb.with_figure(ssb.POPULATION, {"Region": "1804", "Tid": "2025"}, ".")
    with pytest.raises(FetchError, match=r"no residents for kommune 1804 in 2025 \(it has 2026\)"):
        ask(population, ["1804"], [2025, 2026], tables=[table])


def test_unknown_kommuner_and_years_are_named_with_the_nearest(ask: Ask) -> None:
    with pytest.raises(InputError) as caught:
        ask(population, ["4602", "1804"], [2026, 2030])
    text = str(caught.value)
    assert "'K-4602' is no code of the table. Nearest: K-4601 (Bergen)" in text
    assert "Tid: '2030' is no code of the table. It has 2018 to 2026." in text


def test_no_kommune_is_not_the_whole_country(ask: Ask) -> None:
    with pytest.raises(InputError, match="Region: no code is asked for"):
        ask(population, [], [2026])
    with pytest.raises(InputError, match="Tid: no code is asked for"):
        ask(population, ["1804"], [])


CELL = {"Region": "1804", "Tid": "2026", "Alder": "041", "Kjonn": "1"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-3, "1 figure is negative: code 1804, year 2026, age 41, sex male."),
        (2.5, "1 figure is no whole number: code 1804"),
        (1e30, "1 figure is above 10,000,000: code 1804"),
        ("..", "1 figure is missing: code 1804, year 2026, age 41, sex male."),
        (":", "1 figure is held back to protect people (“:”): code 1804"),
        (None, "1 figure is missing: code 1804"),
    ],
)
def test_figures_that_cannot_be_are_named(value: Any, message: str, ask: Ask) -> None:
    table = ssb.with_figure(ssb.POPULATION, CELL, value)
    with pytest.raises(FetchError) as caught:
        ask(population, ["1804"], [2026], tables=[table])
    assert message in str(caught.value)


def test_many_wrong_figures_are_counted(ask: Ask) -> None:
    table = ssb.with_figure(ssb.POPULATION, {"Alder": "041", "Region": "1804"}, -1)
    with pytest.raises(FetchError, match=r"4 figures are negative: .* and 1 more"):
        ask(population, ["1804"], [2025, 2026], tables=[table])


@pytest.mark.parametrize(("each", "told"), [(4, "fewer than 10"), (5, "10")])
def test_people_of_unknown_age_are_left_out_and_told(ask: Ask, each: int, told: str) -> None:
    with_unknown = ssb.with_codes(
        ssb.with_figure(ssb.POPULATION, {"Alder": "999"}, each),
        "Alder",
        {**ssb.AGES, "999": "Uoppgitt alder"},
    )
    extract = ask(population, ["1804"], [2026], tables=[with_unknown])
    assert extract.frame["people"].sum() == expected(ssb.POPULATION, ["1804"], [2026])
    assert extract.left_out["people"].tolist() == [each, each]
    assert extract.left_out["reason"].unique().tolist() == ["unknown age"]
    (notice,) = extract.notices
    assert notice == f"Statistics Norway's table 07459: {told} people of unknown age were left out."


@pytest.mark.parametrize("axis", ["Region", "Kjonn", "Alder", "ContentsCode", "Tid"])
def test_a_variable_that_is_gone_is_named(axis: str, ask: Ask) -> None:
    with pytest.raises(FetchError, match=rf"has no variable {axis}; it has .* has changed the tab"):
        ask(population, ["1804"], [2026], tables=[ssb.without_axis(ssb.POPULATION, axis)])


def test_a_variable_that_is_new_is_named(ask: Ask) -> None:
    landbakgrunn = Axis("Landbakgrunn", "landbakgrunn", {"0": "Norge", "1": "Andre"})
    wider = replace(ssb.POPULATION, axes=(*ssb.POPULATION.axes, landbakgrunn))
    with pytest.raises(FetchError, match=r"a new variable, Landbakgrunn \(landbakgrunn\)"):
        ask(population, ["1804"], [2026], tables=[wider])


@pytest.mark.parametrize(
    ("axis", "codes", "message"),
    [
        ("Alder", {"000-004": "0-4 år", "005+": "5 år eller eldre"}, "expected by single years"),
        ("Alder", {"000": "0", "002": "2", "003+": "3 og over"}, "expected by single years"),
        ("Alder", {"000": "0", "001": "1"}, "expected by single years"),
        ("Kjonn", {"M": "Menn", "K": "Kvinner"}, "Kjonn has no code 1; it has M, K"),
        ("ContentsCode", {"A": "Andel", "B": "Bosatte"}, "none of its figures is Personer1"),
    ],
)
def test_codes_of_another_form_are_refused(
    axis: str, codes: dict[str, str], message: str, ask: Ask
) -> None:
    with pytest.raises(FetchError, match=message):
        ask(population, ["1804"], [2026], tables=[ssb.with_codes(ssb.POPULATION, axis, codes)])


def test_groups_of_ages_beside_single_years_are_not_asked_for(ask: Ask) -> None:
    codes = {"999A": "Alle aldre", **ssb.AGES, "000-005": "0-5 år"}
    table = ssb.with_codes(ssb.POPULATION, "Alder", codes)
    assert len(ask(population, ["1804"], [2026], tables=[table]).frame) == 212


def test_population_by_v1(web_of: WebOf, tmp_path: Path) -> None:
    statbank = Statbank(ssb.tables())
    with Server({"ssb": statbank}) as server:
        by_v2 = population(web_of(server), ["4601"], [2018, 2026])
        statbank.v2 = False
        by_v1 = population(web_of(server, cache=tmp_path / "v1"), ["4601"], [2018, 2026])
    assert by_v1.frame.equals(by_v2.frame)
    assert "taken from the older v1" in by_v1.notices[0]


def test_bydeler_without_city_unknown_and_old_division(ask: Ask) -> None:
    extract = ask(bydel_population, ["0301", "4601"], [2025, 2026])
    frame = extract.frame
    assert frame["code"].unique().tolist() == ["030101", "030117", "460101", "460102"]
    assert len(frame) == 4 * 2 * 106 * 2
    kept = ["030101a", "030117a", "460101", "460102"]
    assert frame["people"].sum() == expected(ssb.BYDELER, kept, [2025, 2026])
    left = extract.left_out.set_index(["code", "year"])
    assert left["reason"].groupby("code").first().to_dict() == {
        "030100aa": "the whole city",
        "030101": "a division no longer in use",
        "030102": "a division no longer in use",
        "030199a": "unknown bydel",
        "460100": "the whole city",
        "460199": "unknown bydel",
    }
    unknown = expected(ssb.BYDELER, ["460199"], [2026])
    assert left.loc[("460199", 2026), "people"] == unknown
    assert (
        f"Statistics Norway's table 10826: {unknown} residents of 4601 in 2026 have no known "
        "bydel; they are in none of the bydeler." in extract.notices
    )
    bydeler = frame.query("year == 2026 and code.str.startswith('4601')")["people"].sum()
    assert left.loc[("460100", 2026), "people"] == bydeler + unknown
    assert len(extract.notices) == 4


def test_bydeler_that_do_not_sum_to_the_city_are_told(ask: Ask) -> None:
    table = ssb.with_figure(ssb.BYDELER, {"Region": "460102", "Alder": "030", "Kjonn": "1"}, 1000)
    table = ssb.with_figure(table, {"Region": "460100"}, 10)
    extract = ask(bydel_population, ["4601"], [2026], tables=[table])
    assert any("the city itself to 2120." in notice for notice in extract.notices)


@pytest.mark.parametrize(("value", "word"), [(-3, "negative"), (1e30, "above"), (0.5, "whole")])
def test_figures_of_the_rows_left_out_are_checked_too(value: float, word: str, ask: Ask) -> None:
    cell = {"Region": "460199", "Alder": "001", "Kjonn": "1"}
    table = ssb.with_figure(ssb.BYDELER, cell, value)
    with pytest.raises(FetchError, match=rf"1 figure is .*{word}.*: region 460199, year 2026"):
        ask(bydel_population, ["4601"], [2026], tables=[table])


def test_a_bydel_that_did_not_exist_has_no_rows(ask: Ask) -> None:
    extract = ask(bydel_population, ["0301"], [2018, 2026])
    marka = extract.frame[extract.frame["code"] == "030117"]
    assert marka["year"].unique().tolist() == [2026]
    assert (
        "Statistics Norway's table 10826: 030117 has no residents in 2018; it was no bydel then."
        in extract.notices
    )


def test_a_kommune_without_bydeler_is_refused(ask: Ask) -> None:
    with pytest.raises(InputError) as caught:
        ask(bydel_population, ["1804", "4601"], [2026])
    assert "1804: has no bydeler in the table. Only these have: 0301, 1201, 4601." in str(
        caught.value
    )


def test_bydeler_of_years_before_the_number_are_refused(ask: Ask) -> None:
    with pytest.raises(FetchError, match=r"bydeler of 4601 in 2019 \(it has 2026\)"):
        ask(bydel_population, ["4601"], [2019, 2026])


def test_two_rows_for_one_bydel_are_refused(ask: Ask) -> None:
    codes = {**ssb.BYDEL_REGIONS, "030101b": "Gamle Oslo, ny grense"}
    table = ssb.with_codes(ssb.BYDELER, "Region", codes)
    with pytest.raises(FetchError, match=r"two rows for the bydel 030101: 030101a .* 030101b"):
        ask(bydel_population, ["0301"], [2026], tables=[table])


def test_the_newest_projection_is_found_by_its_title(web_of: WebOf) -> None:
    with Server({"ssb": Statbank(ssb.tables())}) as server:
        edition = newest_projection(web_of(server))
    assert edition.entry.id == "14746"
    assert edition.entry.first_period == "2026"


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ([ssb.NATIONAL_PROJECTION], "nearest: '13883: Framskrevet folkemengde 1. januar"),
        ([ssb.POPULATION], "nearest: none with these words"),
    ],
)
def test_no_projection_by_kommune(tables: list[Table], message: str, ask: Ask) -> None:
    with pytest.raises(FetchError) as caught:
        ask(projection, ["1804"], [2030], tables=tables)
    assert message in str(caught.value)


def test_projection_in_all_alternatives(ask: Ask) -> None:
    extract = ask(projection, ["4601", "1804"], [2030, 2040])
    frame = extract.frame
    assert list(frame.columns) == ["code", "year", "alternative", "age", "sex", "people"]
    assert len(frame) == 2 * 2 * 3 * 106 * 2
    wide = frame.pivot_table(
        index=["code", "year", "age", "sex"], columns="alternative", values="people"
    )
    assert (wide["MMMM"] - wide["LLML"] == 1).all()
    assert (wide["HHMH"] - wide["MMMM"] == 1).all()
    main = frame[frame["alternative"] == "MMMM"]["people"].sum()
    table = ssb.newer_projection()
    assert main == expected(table, ["1804", "4601"], [2030, 2040], ContentsCode="Personer")
    assert extract.notices == ()


def test_the_older_edition_has_alternatives_of_their_own_and_other_codes(ask: Ask) -> None:
    tables = [ssb.OLDER_PROJECTION, ssb.NATIONAL_PROJECTION]
    frame = ask(projection, ["4601"], [2030], ["MMMM", "HHMH"], tables=tables).frame
    assert frame["code"].unique().tolist() == ["4601"]
    assert frame["alternative"].unique().tolist() == ["HHMH", "MMMM"]
    assert frame["age"].max() == 99
    high = frame[frame["alternative"] == "HHMH"]["people"].sum()
    assert high == expected(
        ssb.OLDER_PROJECTION, ["4601gml"], [2030], Framskriv="3", ContentsCode="Personer"
    )


def test_a_projection_without_the_region_names_those_of_the_fylke(ask: Ask) -> None:
    with pytest.raises(FetchError) as caught:
        ask(projection, ["1899", "4601", "2001"], [2030])
    assert (
        "table 14746 (projection from 2026) has no region 1899 (for fylke 18 it has 1804, 1806, "
        "1875); 2001 (it has none in fylke 20, only in 18, 46)." in str(caught.value)
    )


def test_unknown_alternatives_and_years_of_a_projection(ask: Ask) -> None:
    with pytest.raises(InputError, match=r"no alternative 'main'\. It has MMMM, LLML, HHMH"):
        ask(projection, ["1804"], [2030], ["main"])
    with pytest.raises(
        InputError, match=r"Tid: '2051' is no code of the table\. It has 2026 to 205"
    ):
        ask(projection, ["1804"], [2051])


def test_alternatives_without_letters_are_taken_as_documented_and_told(ask: Ask) -> None:
    plain = {"Personer": "Personer", "Personer1": "Lav", "Personer2": "Høy"}
    tables = [ssb.newer_projection(contents=plain)]
    extract = ask(projection, ["1804"], [2030], tables=tables)
    assert extract.frame.equals(ask(projection, ["1804"], [2030]).frame)
    assert "names its alternatives without their letters" in extract.notices[0]


def test_alternatives_that_nothing_tells_apart_are_refused(ask: Ask) -> None:
    tables = [ssb.newer_projection(contents={"A": "Personer", "B": "Flere"})]
    with pytest.raises(FetchError, match=r"not tell which .* A \(Personer\), B \(Flere\)"):
        ask(projection, ["1804"], [2030], tables=tables)


def test_figures_of_a_projection_are_checked(ask: Ask) -> None:
    wrong = ssb.with_figure(ssb.newer_projection(), {**CELL, "Tid": "2030"}, -2)
    with pytest.raises(FetchError, match="negative: code 1804, year 2030, alternative"):
        ask(projection, ["1804"], [2030], tables=[wrong])


@pytest.mark.parametrize("document", [{}, [], {"class": "dataset"}, {"value": None}])
def test_metadata_that_are_none_are_refused(document: object, web_of: WebOf) -> None:
    def answer(request: Request) -> Reply:
        return json_reply(document)

    with Server({"ssb": answer}) as server, pytest.raises(FetchError, match="table 07459"):
        population(web_of(server), ["1804"], [2026])


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ((403,), "403"),
        ((429,) * 9, "429"),
        (("empty",) * 9, "empty"),
        (("garbage",) * 9, "no JSON"),
        (("half",) * 9, "half way"),
    ],
)
def test_weather_that_does_not_pass(trouble: tuple[Any, ...], message: str, web_of: WebOf) -> None:
    with Server({"ssb": Statbank(ssb.tables())}) as server:
        server.trouble("ssb", *trouble)
        with pytest.raises(FetchError) as caught:
            population(web_of(server), ["1804"], [2026])
    assert message in str(caught.value)
    assert "Statistics Norway" in str(caught.value)


def test_asking_again_needs_no_network(web_of: WebOf) -> None:
    with Server({"ssb": Statbank(ssb.tables())}) as server:
        first = projection(web_of(server), ["1804"], [2030])
        asked = len(server.asked)
        again = projection(web_of(server, offline=True), ["1804"], [2030])
        assert len(server.asked) == asked
    pd.testing.assert_frame_equal(first.frame, again.frame)
    assert first.sources == again.sources
