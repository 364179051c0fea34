"""PxWebApi: queries checked, split, asked by GET or POST, by v2 or v1, and put together again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from navplan.errors import FetchError, InputError
from navplan.sources import pxweb
from tests.services import ssb
from tests.services.fixtures import StillClock, WebOf
from tests.services.server import Reply, Request, Server, json_reply
from tests.services.statbank import Axis, Statbank, Table

SMALL = Table(
    "00001",
    "00001: Oppdiktet, etter region, vare og år",
    (
        Axis("Region", "region", {f"{n:04d}": f"Sted {n}" for n in range(1, 31)}, elimination=True),
        Axis("Vare", "vare", {"a,b": "Med komma", "c": "Uten", "d": "Annet"}),
        Axis("Tid", "år", {str(year): str(year) for year in range(2020, 2027)}),
    ),
    lambda cell: int(cell["Region"]) * 100 + len(cell["Vare"]) * 10 + int(cell["Tid"]) % 10,
)
LONG = Table(
    "00002",
    "00002: Oppdiktet, mange steder",
    (
        Axis("Place", "sted", {f"{n:04d}": f"Sted {n}" for n in range(1, 601)}),
        Axis("Tid", "år", {"2026": "2026"}),
    ),
    lambda cell: int(cell["Place"]),
)
EVERYTHING = {"Region": ["*"], "Vare": ["*"], "Tid": ["*"]}


@pytest.fixture
def statbank() -> Statbank:
    return Statbank([SMALL, LONG, *ssb.tables()])


@pytest.fixture
def server(statbank: Statbank) -> Iterator[Server]:
    with Server({"ssb": statbank}) as running:
        yield running


def methods(server: Server) -> list[str]:
    return [one.method for one in server.asked if one.path.endswith("/data")]


def test_limits_are_read_from_the_service(server: Server, web_of: WebOf) -> None:
    limits = pxweb.config(web_of(server))
    assert (limits.most_cells, limits.calls, limits.window_s) == (800_000, 30, 60.0)
    assert limits.formats == ("json-stat2", "csv")


@pytest.mark.parametrize("most", ["many", 0, -1, True, 2.5])
def test_limits_that_are_none_are_refused(most: object, web_of: WebOf) -> None:
    def answer(request: Request) -> Reply:
        return json_reply({"maxDataCells": most})

    with Server({"ssb": answer}) as server, pytest.raises(FetchError, match="maxDataCells is"):
        pxweb.config(web_of(server))


def test_a_window_nobody_would_wait_for_is_refused(web_of: WebOf) -> None:
    with (
        Server({"ssb": lambda _: json_reply({"timeWindow": 10**9})}) as server,
        pytest.raises(FetchError, match=r"timeWindow is '1000000000', .* from 1 to 3,600"),
    ):
        pxweb.config(web_of(server))


def test_the_pace_is_the_one_the_service_tells(web_of: WebOf) -> None:
    clock = StillClock()
    with Server({"ssb": Statbank([SMALL])}) as server:
        web = web_of(server, clock=clock)
        limits = pxweb.Limits(most_cells=100, calls=2, window_s=50.0)
        pxweb.read_table(web, SMALL.id, EVERYTHING, limits=limits)
        figures = len(methods(server))
    asked = figures + 1  # what the table holds comes before
    assert asked > 5
    assert clock.passed == pytest.approx(50.0 * ((asked - 1) // 2), rel=0.01)


def test_more_queries_than_anybody_waits_for_are_refused(server: Server, web_of: WebOf) -> None:
    with pytest.raises(FetchError, match=r"600 values at 1 an answer take more than 300 queries"):
        pxweb.read_table(
            web_of(server), LONG.id, {"Place": ["*"], "Tid": ["*"]}, limits=pxweb.Limits(1)
        )
    assert methods(server) == []


def test_tables_are_listed_over_all_pages(web_of: WebOf) -> None:
    with Server({"ssb": Statbank(ssb.tables(), page_size=1)}) as server:
        found, sources = pxweb.tables(web_of(server), "framskrevet folkemengde")
    assert [entry.id for entry in found] == ["13883", "14288", "14746"]
    assert len(sources) == 3
    assert found[2].first_period == "2026"
    assert found[2].variables == ("region", "kjønn", "alder", "statistikkvariabel", "år")


@pytest.mark.parametrize("document", [{}, [], {"tables": None}, {"tables": [{"label": "x"}]}])
def test_a_list_of_tables_that_is_none_is_refused(document: object, web_of: WebOf) -> None:
    with (
        Server({"ssb": lambda request: json_reply(document)}) as server,
        pytest.raises(FetchError, match="list of table"),
    ):
        pxweb.tables(web_of(server), "folkemengde")


@pytest.mark.parametrize("page", [None, [], {}, {"totalPages": None}, {"totalPages": "many"}])
def test_a_list_that_does_not_tell_its_pages_is_one(page: object, web_of: WebOf) -> None:
    document = {"tables": [{"id": "00001"}], "page": page}
    with Server({"ssb": lambda request: json_reply(document)}) as server:
        found, sources = pxweb.tables(web_of(server), "folkemengde")
    assert (len(found), len(sources)) == (1, 1)


def test_a_list_of_tables_without_end_is_given_up(web_of: WebOf) -> None:
    document = {"tables": [{"id": "1"}], "page": {"totalPages": 10**9}}
    with (
        Server({"ssb": lambda request: json_reply(document)}) as server,
        pytest.raises(FetchError, match="more than 100 pages"),
    ):
        pxweb.tables(web_of(server), "folkemengde")


def test_metadata(server: Server, web_of: WebOf) -> None:
    table = pxweb.metadata(web_of(server), "07459")
    region = table.variable("Region")
    assert region.elimination
    assert region.categories["4601"] == "Bergen"
    assert list(region.codelists) == ["agg_KommSummer"]
    assert table.source.licence == "CC BY 4.0"
    assert not table.older
    with pytest.raises(FetchError, match="no variable Landsdel; it has Region \\(region\\), Kjonn"):
        table.variable("Landsdel")


def test_figures_come_in_the_order_of_the_table(server: Server, web_of: WebOf) -> None:
    extract = pxweb.read_table(
        web_of(server), "00001", {"Tid": ["2026", "2020"], "Vare": ["c", "a,b"], "Region": ["0002"]}
    )
    frame = extract.frame
    assert list(frame.columns) == ["Region", "Vare", "Tid", "value", "status"]
    assert frame["Vare"].tolist() == ["a,b", "a,b", "c", "c"]
    assert frame["Tid"].tolist() == ["2020", "2026"] * 2
    assert frame["value"].tolist() == [230, 236, 210, 216]
    assert extract.notices == ()


def test_a_variable_that_is_left_out_is_summed(server: Server, web_of: WebOf) -> None:
    frame = pxweb.read_table(web_of(server), "00001", {"Vare": ["c"], "Tid": ["2020"]}).frame
    assert list(frame.columns) == ["Vare", "Tid", "value", "status"]
    assert frame["value"].tolist() == [sum(n * 100 + 10 for n in range(1, 31))]


def test_values_with_a_comma_go_in_brackets(server: Server, web_of: WebOf) -> None:
    pxweb.read_table(web_of(server), "00001", {"Vare": ["a,b", "c"], "Tid": ["2026"]})
    asked = server.asked[-1].params
    assert asked["valueCodes[Vare]"] == ["[a,b],c"]
    assert asked["outputFormat"] == ["json-stat2"]
    assert asked["lang"] == ["no"]


def test_a_long_address_becomes_a_post(server: Server, web_of: WebOf) -> None:
    web = web_of(server)
    few = {"Place": ["0001", "0002"], "Tid": ["2026"]}
    assert pxweb.read_table(web, "00002", few).frame["value"].tolist() == [1, 2]
    assert methods(server) == ["GET"]
    frame = pxweb.read_table(web, "00002", few | {"Place": ["*"]}).frame
    assert methods(server) == ["GET", "POST"]
    assert frame["value"].tolist() == list(range(1, 601))
    selection = server.asked[-1].json()["selection"]
    assert [one["variableCode"] for one in selection] == ["Place", "Tid"]
    assert selection[0]["valueCodes"] == [f"{n:04d}" for n in range(1, 601)]


def test_a_query_above_the_limit_equals_the_unsplit(web_of: WebOf, tmp_path: Path) -> None:
    with Server({"ssb": Statbank([SMALL])}) as server:
        whole = pxweb.read_table(web_of(server), "00001", EVERYTHING).frame
        assert len(methods(server)) == 1
    for most in (629, 210, 50, 11):
        with Server({"ssb": Statbank([SMALL], most_cells=most)}) as server:
            web = web_of(server, cache=tmp_path / str(most))
            split = pxweb.read_table(web, "00001", EVERYTHING).frame
            assert split.equals(whole)
            assert len(methods(server)) >= math.ceil(630 / most)


def test_the_pace_is_kept_over_split_queries(web_of: WebOf) -> None:
    clock = StillClock()
    with Server({"ssb": Statbank([SMALL], most_cells=7)}) as server:
        pxweb.read_table(web_of(server, clock=clock), "00001", EVERYTHING)
        assert len(server.asked) == 92  # metadata, limits, 90 answers
    assert clock.passed >= 180.0  # four windows of 30 queries


def test_code_lists(server: Server, web_of: WebOf) -> None:
    web = web_of(server)
    asked = {"Alder": ["040"], "ContentsCode": ["Personer1"], "Tid": ["2019", "2026"]}
    summed = pxweb.read_table(
        web, "07459", asked | {"Region": ["K-46*"]}, codelists={"Region": "agg_KommSummer"}
    ).frame
    plain = pxweb.read_table(web, "07459", asked | {"Region": ["1201", "4601"]}).frame
    assert summed["Region"].unique().tolist() == ["K-4601"]
    assert summed["value"].tolist() == plain.groupby("Tid")["value"].sum().tolist()
    with pytest.raises(FetchError, match="no code list agg_Fylker for Region; it has agg_KommS"):
        pxweb.read_table(web, "07459", asked, codelists={"Region": "agg_Fylker"})


def test_every_fault_of_a_query_is_told_before_it_is_asked(server: Server, web_of: WebOf) -> None:
    with pytest.raises(InputError) as caught:
        pxweb.read_table(
            web_of(server),
            "07459",
            {"Regoin": ["4601"], "Region": ["4602", "Narvik"], "Tid": ["2030"], "Alder": []},
        )
    text = str(caught.value)
    assert "Regoin: there is no such variable in the table. Nearest: Region." in text
    assert "Region: '4602' is no code of the table. Nearest: 4601 (Bergen)" in text
    assert "Region: 'Narvik' is no code of the table. Nearest: 1806 (Narvik)." in text
    assert "Tid: '2030' is no code of the table. It has 2018 to 2026." in text
    assert "Alder: no code is asked for. Give at least one, for example '000'." in text
    assert "ContentsCode: no code is asked for." in text
    assert methods(server) == []


@pytest.mark.parametrize("status", [404, 503])
def test_v1_is_asked_where_v2_fails(
    status: int, statbank: Statbank, server: Server, web_of: WebOf, tmp_path: Path
) -> None:
    asked = {"Region": ["K-4601"], "Alder": ["*"], "ContentsCode": ["*"], "Tid": ["2019", "2026"]}
    lists = {"Region": "agg_KommSummer"}
    by_v2 = pxweb.read_table(web_of(server), "07459", asked, codelists=lists)

    def down(request: Request) -> Reply:
        if request.path.startswith("/pxwebapi"):
            return json_reply({"title": "Down"}, status)
        return statbank(request)

    with Server({"ssb": down}) as broken:
        web = web_of(broken, cache=tmp_path / "other")
        by_v1 = pxweb.read_table(web, "07459", asked, codelists=lists)
        queries = {one["code"]: one["selection"] for one in broken.asked[-1].json()["query"]}
    assert by_v1.frame.equals(by_v2.frame)
    assert queries["Region"] == {"filter": "agg:KommSummer", "values": ["K-4601"]}
    assert queries["Alder"] == {"filter": "all", "values": ["*"]}
    assert queries["Tid"] == {"filter": "item", "values": ["2019", "2026"]}
    (notice,) = by_v1.notices
    assert notice == (
        "Statistics Norway's table 07459: PxWebApi v2 did not answer, so the figures were taken "
        "from the older v1."
    )


def test_v1_takes_over_where_only_figures_fail(
    statbank: Statbank, web_of: WebOf, tmp_path: Path
) -> None:
    def down(request: Request) -> Reply:
        v2_figures = request.path.startswith("/pxwebapi") and request.path.endswith("/data")
        return json_reply({}, 500) if v2_figures else statbank(request)

    with Server({"ssb": statbank}) as server:
        whole = pxweb.read_table(web_of(server), "00001", EVERYTHING).frame
    statbank.most_cells = 100
    with Server({"ssb": down}) as server:
        extract = pxweb.read_table(web_of(server, cache=tmp_path / "x"), "00001", EVERYTHING)
        failed = [one for one in server.asked if one.path.endswith("/data")]
        assert len([one for one in server.asked if one.path.startswith("/v0")]) > 1
    assert extract.frame.equals(whole)
    assert len(extract.notices) == 1
    assert len({str(one.params) for one in failed}) == 1  # v2 is not tried for the other parts


def test_both_versions_failing_is_told_with_both(web_of: WebOf) -> None:
    with (
        Server({"ssb": lambda request: json_reply({}, 404)}) as server,
        pytest.raises(FetchError) as caught,
    ):
        pxweb.metadata(web_of(server), "07459")
    assert "The older v1 was asked too:" in str(caught.value)
    assert str(caught.value).count("table 07459") == 2


def test_a_refusal_is_no_reason_for_v1(server: Server, web_of: WebOf) -> None:
    web = web_of(server)
    pxweb.metadata(web, "00001")
    pxweb.config(web)
    server.trouble("ssb", 400)
    with pytest.raises(FetchError) as caught:
        pxweb.read_table(web, "00001", EVERYTHING)
    assert caught.value.status == 400
    assert not any(one.path.startswith("/v0") for one in server.asked)


def test_limits_that_cannot_be_read_are_the_documented_ones(
    statbank: Statbank, web_of: WebOf
) -> None:
    def no_config(request: Request) -> Reply:
        return json_reply({}, 404) if request.path.endswith("config") else statbank(request)

    with Server({"ssb": no_config}) as server:
        extract = pxweb.read_table(web_of(server), "00001", EVERYTHING)
    assert len(extract.frame) == 630
    assert extract.notices[0].startswith("Statistics Norway did not tell its limits")


@pytest.mark.parametrize(
    ("replace", "message"),
    [
        ({"Tid": ["2026"]}, "leaves out 6 of 7 codes of Tid, for example '2020'"),
        ({"Tid": None}, "the answer has no Tid, which was asked for"),
    ],
)
def test_an_answer_to_something_else_is_refused(
    replace: dict[str, list[str] | None], message: str, statbank: Statbank, web_of: WebOf
) -> None:
    def other(request: Request) -> Reply:
        if not request.path.endswith("/data"):
            return statbank(request)
        return json_reply(
            {
                "version": "2.0",
                "class": "dataset",
                "id": ["Region", "Vare"] + (["Tid"] if replace["Tid"] else []),
                "size": [30, 3] + ([1] if replace["Tid"] else []),
                "dimension": {
                    "Region": {"category": {"index": list(SMALL.axes[0].codes)}},
                    "Vare": {"category": {"index": list(SMALL.axes[1].codes)}},
                    "Tid": {"category": {"index": replace["Tid"]}},
                },
                "value": [1] * 90,
            }
        )

    with Server({"ssb": other}) as server, pytest.raises(FetchError, match=message):
        pxweb.read_table(web_of(server), "00001", EVERYTHING)


@pytest.mark.parametrize("trouble", ["garbage", "empty", "half", "drop"])
def test_bad_weather_passes(trouble: str, server: Server, web_of: WebOf) -> None:
    server.trouble("ssb", trouble, 429, trouble)
    assert len(pxweb.read_table(web_of(server), "00001", EVERYTHING).frame) == 630
