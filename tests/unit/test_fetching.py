"""`navplan fetch`: from a new study to its report, and what happens when it goes wrong."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import navplan as nav
from navplan.cli import main
from navplan.errors import FetchError
from navplan.sources.ledger import pins_of, read_sources
from navplan.study import FetchReport, fetch_study
from tests.services import ssb_map
from tests.services.fixtures import START, StillClock, WebOf, web_of
from tests.services.server import Reply, Server
from tests.services.study import new_city, new_town, services

__all__ = ["web_of"]
pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")

ONLY_OSM = ('offices = ["office-addresses.csv", "osm"]', 'offices = ["osm"]')
FILES = (
    *("borders.gpkg", "places.csv", "people.csv", "neighbours.csv", "streets.osm.pbf"),
    *("gtfs.zip", "offices.csv"),
)


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refused(*_: object) -> None:
    raise AssertionError("reaches for the network")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return new_town(tmp_path, ONLY_OSM)


def test_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAVPLAN_CACHE", str(tmp_path / "answers"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    town = new_town(tmp_path, ONLY_OSM)
    assert call("check", town).exit_code == 2
    with Server(services()) as server:
        fetched = call("fetch", town, "--mirror", server.address, "--json")
    assert fetched.exit_code == 0, fetched.stderr
    assert tuple(json.loads(fetched.stdout)["written"]) == FILES
    monkeypatch.setattr(socket.socket, "connect", refused)
    people = pd.read_csv(town / "people.csv")
    sums = people.groupby(["year", "alternative"])["people"].sum()
    assert set(sums.index) == {
        (2026, "actual"), (2036, "MMMM"), (2036, "LLML"), (2036, "HHMH"),
        (2036, "MMMM-low"), (2036, "MMMM-high"),
        (2046, "MMMM"), (2046, "LLML"), (2046, "HHMH"),
    }  # fmt: skip
    by_cell = people.groupby(["place", "year", "alternative"])["people"].sum()
    assert by_cell[by_cell > 0].min() >= 10
    shown = call("check", town)
    assert shown.exit_code == 0, shown.stderr
    assert "look through the offices table" in shown.stdout
    assert "several offices of today lie in Bodø" in shown.stdout
    ended = call("run", town, "--out", tmp_path / "out")
    assert ended.exit_code == 0, ended.stderr
    run = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert len(run["fetched"]) == len(pd.read_csv(town / "sources.csv"))
    for language, name, heading, outlook in (
        ("nb", "rapport.html", "Hentet fra åpne tjenester", "Bommer som sist: færre i 2036"),
        ("en", "report-en.html", "Fetched from open services", "As wrong as last time: more in"),
    ):
        assert (
            call("report", town, "--out", tmp_path / "out", "--language", language).exit_code == 0
        )
        page = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert heading in page
        assert outlook in page
        for credit in ("© OpenStreetMap contributors (ODbL 1.0)", "© Kartverket (CC BY 4.0)"):
            assert credit in page
        car, transit = (page.index(title) for title in _MAPS[language])
        assert "Entur (NLOD)" not in page[car:transit]
        assert "Entur (NLOD)" in page[transit:]


_MAPS = {
    "nb": ("<h3>Bil</h3>", "<h3>Kollektivt</h3>"),
    "en": ("<h3>Car</h3>", "<h3>Public transport</h3>"),
}


def test_a_second_fetch_asks_nobody(town: Path, web_of: WebOf) -> None:
    with Server(services()) as server:
        fetch_study(town, web_of(server))
        before, asked = content(town), len(server.asked)
        again = fetch_study(town, web_of(server))
        assert len(server.asked) == asked
    assert again == FetchReport((), FILES, (), again.notices)
    assert content(town) == before


def test_pins_give_the_same_bytes_without_network(
    town: Path, tmp_path: Path, web_of: WebOf
) -> None:
    with Server(services()) as server:
        fetch_study(town, web_of(server))
        before = content(town)
        for name in FILES:
            (town / name).unlink()
        pins = pins_of(read_sources(town / "sources.csv")[0])
        offline = web_of(server, offline=True, pins=pins)
        fetch_study(town, offline)
    assert content(town) == before


def test_other_answers_are_told_and_kept_out_unless_update(
    town: Path, tmp_path: Path, web_of: WebOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(services()) as server:
        fetch_study(town, web_of(server))
        before = content(town)
        cells = {name: None if n is None else n + 1 for name, n in ssb_map.CELLS.items()}
        monkeypatch.setattr(ssb_map, "CELLS", cells)
        pins = pins_of(read_sources(town / "sources.csv")[0])
        (town / "places.csv").unlink()
        with pytest.raises(FetchError, match="--update"):
            fetch_study(town, web_of(server, pins=pins, cache=tmp_path / "empty"))
        assert not (town / "places.csv").exists()
        assert content(town).items() <= before.items()
        next_year = StillClock(START + timedelta(days=365))
        new = fetch_study(
            town, web_of(server, pins=pins, update=True, clock=next_year), update=True
        )
    assert new.written == FILES
    assert content(town)["people.csv"] != before["people.csv"]


def test_own_files_are_left_alone_and_named(town: Path, web_of: WebOf) -> None:
    (town / "places.csv").write_text("mine", encoding="utf-8")
    with Server(services()) as server:
        told = fetch_study(town, web_of(server))
        assert told.kept == ("places.csv",)
        assert (town / "places.csv").read_text(encoding="utf-8") == "mine"
        assert not (town / "people.csv").exists()  # the two belong together
        offices = (town / "offices.csv").read_text(encoding="utf-8")
        (town / "offices.csv").write_text(offices.replace("unknown", "yes"), encoding="utf-8")
        told = fetch_study(town, web_of(server), update=True)
    assert told.kept == ("places.csv", "offices.csv")
    assert "yes" in (town / "offices.csv").read_text(encoding="utf-8")


def test_the_command_says_what_it_left_alone(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAVPLAN_CACHE", str(tmp_path / "answers"))
    (town / "gtfs.zip").write_bytes(b"mine")
    with Server(services()) as server:
        shown = call("fetch", town, "--mirror", server.address)
        only = call("fetch", town, "--mirror", server.address, "--only", "places")
    assert "Left alone, not written by a fetch: gtfs.zip." in shown.stdout
    assert "As fetched before: borders.gpkg, places.csv, people.csv" in only.stdout


def test_only_some_parts(town: Path, web_of: WebOf) -> None:
    with Server(services()) as server:
        told = fetch_study(town, web_of(server), only=["streets"])
        assert told.written == ("streets.osm.pbf",)
        assert not server.asked_of("ssb")
        kept = {row.id for row in read_sources(town / "sources.csv")[0]}
        fetch_study(town, web_of(server), only=["timetable"])
    assert kept < {row.id for row in read_sources(town / "sources.csv")[0]}


def test_a_changed_section_is_fetched_anew(town: Path, web_of: WebOf) -> None:
    with Server(services()) as server:
        fetch_study(town, web_of(server))
        text = (town / "study.toml").read_text(encoding="utf-8")
        (town / "study.toml").write_text(
            text.replace("ages = [0, 18, 30, 67, 80]", "ages = [0, 67]"), encoding="utf-8"
        )
        told = fetch_study(town, web_of(server))
    assert told.written == ("borders.gpkg", "places.csv", "people.csv")
    assert set(pd.read_csv(town / "people.csv")["age"]) == {"0-66", "67+"}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("1850", "It was split between 1806 Narvik, 1875 Hamarøy: choose among them."),
        ("1899", "'1899' is no kommune."),
    ],
)
def test_old_and_unknown_codes_end_it_first(
    tmp_path: Path, web_of: WebOf, code: str, told: str
) -> None:
    town = new_town(tmp_path, ONLY_OSM, ('kommuner = ["1804"]', f'kommuner = ["1804", "{code}"]'))
    with Server(services()) as server:
        with pytest.raises(nav.InputError) as caught:
            fetch_study(town, web_of(server))
        assert {request.service for request in server.asked} == {"klass"}
    assert told in str(caught.value)


def test_one_service_down_does_not_stop_the_others(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAVPLAN_CACHE", str(tmp_path / "answers"))
    all_of = services()
    down = {**all_of, "entur": lambda _: Reply(b"", 403)}
    with Server(down) as server:
        ended = call("fetch", town, "--mirror", server.address)
    assert ended.exit_code == 4
    assert "Not fetched: timetable. The other parts are in place" in ended.stderr
    assert (town / "offices.csv").exists()
    assert not (town / "gtfs.zip").exists()
    told = json.loads(call("fetch", town, "--offline", "--json").stdout)
    assert told["error"] == "unreachable"
    with Server(all_of) as server:
        assert call("fetch", town, "--mirror", server.address).exit_code == 0
        assert {request.service for request in server.asked} == {"entur"}


def test_without_borders_nothing_that_rests_on_them_is_tried(town: Path, web_of: WebOf) -> None:
    with Server({**services(), "kommuneinfo": lambda _: Reply(b"", 403)}) as server:
        with pytest.raises(FetchError) as caught:
            fetch_study(town, web_of(server))
        assert len(server.asked_of("kommuneinfo")) == 1
    said = str(caught.value)
    assert said.startswith("Not fetched: places, neighbours, streets, offices.")
    assert said.count("Kartverket") == 1
    assert (town / "gtfs.zip").exists()


def test_faults_of_several_parts_are_told_together(tmp_path: Path, web_of: WebOf) -> None:
    town = new_town(
        tmp_path, ONLY_OSM,
        ("years = [2026]", "years = [1999]"), ('timetable = "auto"', 'timetable = "xyz"'),
    )  # fmt: skip
    with Server(services()) as server, pytest.raises(FetchError) as caught:
        fetch_study(town, web_of(server))
    said = str(caught.value)
    assert said.startswith("Not fetched: places, timetable.")
    assert "1999" in said
    assert "rb_xyz" in said
    assert content(town).keys() >= {"streets.osm.pbf", "neighbours.csv", "offices.csv"}


def test_every_kommune_of_a_fylke(tmp_path: Path, web_of: WebOf) -> None:
    town = new_town(tmp_path, ONLY_OSM, ('kommuner = ["1804"]', 'fylke = "18"'))
    with Server(services()) as server:
        assert fetch_study(town, web_of(server), only=["timetable"]).written == ("gtfs.zip",)
        with pytest.raises(nav.InputError) as caught:  # the made-up map has one of the three
            fetch_study(town, web_of(server), only=["neighbours"])
    for missing in ("1806", "1875"):
        assert f"kommuner: {missing}: Kartverket knows no kommune" in str(caught.value)


def test_a_study_of_tables_has_nothing_to_fetch(root: Path, web_of: WebOf) -> None:
    with Server({}) as server, pytest.raises(nav.InputError, match=r"has no \[fetch\] section"):
        fetch_study(root / "data" / "bergen", web_of(server))


def test_a_record_that_is_damaged_is_told(town: Path, web_of: WebOf) -> None:
    (town / "fetched.json").write_text('{"version 1": 3}', encoding="utf-8")
    with Server({}) as server, pytest.raises(nav.InputError, match=r"fetched\.json: cannot be"):
        fetch_study(town, web_of(server))


def test_a_study_mixes_fetched_and_own_files(tmp_path: Path, web_of: WebOf) -> None:
    town = new_town(tmp_path, ONLY_OSM, ('timetable = "auto"', '# timetable = "auto"'))
    with Server(services()) as server:
        told = fetch_study(town, web_of(server))
        assert not server.asked_of("entur")
    assert "gtfs.zip" not in told.written
    with pytest.raises(nav.InputError, match=r"gtfs\.zip"):  # said by the check as for any study
        nav.open_study(town)


ADDRESSES = """enhetNr;Navn;Gatenavn;Husnummer;Husbokstav;Postnummer;Poststed;Trinnfri
0101;NAV Øst;Prøvegata;3;;8099;EKSEMPELVIK;ja
0102;NAV Vest;Prøvegata;90;;8099;EKSEMPELVIK;
"""


def with_addresses(folder: Path, text: str) -> Path:
    town = new_town(folder)
    (town / "office-addresses.csv").write_text(text, encoding="latin-1")
    return town


def test_offices_are_found_by_their_addresses(tmp_path: Path, web_of: WebOf) -> None:
    town = with_addresses(tmp_path, ADDRESSES)
    with Server(services()) as server:
        told = fetch_study(town, web_of(server))
        offices = pd.read_csv(town / "offices.csv", dtype={"id": str}).set_index("id")
        today = offices[offices["kind"] == "office"]
        assert list(today.index) == ["0101", "0102"]
        assert today["quality"].tolist() == ["official", "approximate"]
        assert today.loc["0101", ["x", "y"]].tolist() == [479300.0, 7469000.0]
        assert today.loc["0101", "address"] == "Prøvegata 3, 8099 EKSEMPELVIK"
        assert "(street)" in today.loc["0102", "source"]
        assert today["step_free"].tolist() == ["yes", "unknown"]
        assert any("Latin-1" in notice or "Western" in notice for notice in told.notices)
        # another address is another question, although nothing changed in study.toml
        with_new = ADDRESSES.replace("Prøvegata;3;", "Prøvegata;4;")
        (town / "office-addresses.csv").write_text(with_new, encoding="latin-1")
        assert fetch_study(town, web_of(server)).written == ("offices.csv",)


def test_offices_elsewhere_are_left_out_and_named(tmp_path: Path, web_of: WebOf) -> None:
    text = ADDRESSES + "0103;NAV Nabo;Kirkeveien;2;;8098;PRØVEBYGD;\n"
    with Server(services()) as server:
        told = fetch_study(with_addresses(tmp_path, text), web_of(server))
    assert "Offices outside the areas, left out: NAV Nabo." in told.notices
    assert "0103" not in (tmp_path / "town" / "offices.csv").read_text(encoding="utf-8")


def test_no_office_at_all_is_told(tmp_path: Path, web_of: WebOf) -> None:
    town = with_addresses(tmp_path, ADDRESSES.splitlines()[0])
    text = (town / "study.toml").read_text(encoding="utf-8")
    (town / "study.toml").write_text(text.replace(', "osm"]', "]"), encoding="utf-8")
    with Server(services()) as server, pytest.raises(nav.InputError) as caught:
        fetch_study(town, web_of(server))
    assert "offices.csv: no office in any of the areas was found in office-addresses.csv" in str(
        caught.value
    )


def test_an_empty_table_leaves_it_to_openstreetmap(tmp_path: Path, web_of: WebOf) -> None:
    with Server(services()) as server:
        fetch_study(new_town(tmp_path), web_of(server))
    assert "OpenStreetMap" in (tmp_path / "town" / "offices.csv").read_text(encoding="utf-8")


def test_addresses_that_are_not_found_are_all_told(tmp_path: Path, web_of: WebOf) -> None:
    wrong = ADDRESSES.replace("Prøvegata", "Finnesikke").replace("8099", "0001")
    town = with_addresses(tmp_path, wrong)
    with Server(services()) as server, pytest.raises(nav.InputError) as caught:
        fetch_study(town, web_of(server))
    for office in ("0101", "0102"):
        assert f"office-addresses.csv: {office}: 'Finnesikke" in str(caught.value)


def test_possible_sites_lie_apart(town: Path, web_of: WebOf) -> None:
    with Server(services()) as server:
        fetch_study(town, web_of(server))
    offices = pd.read_csv(town / "offices.csv")
    at = offices[["x", "y"]].to_numpy()
    apart = [
        ((at[a] - at[b]) ** 2).sum() ** 0.5
        for a in range(len(at))
        for b in range(a)
        if "possible" in (offices["kind"][a], offices["kind"][b])
    ]
    assert len(offices) > 2
    assert min(apart) >= 3000


@pytest.mark.parametrize(
    "changes", [(), (('shares = "constant"', 'shares = "cohort"'),)], ids=["constant", "cohort"]
)
def test_bydeler_of_a_city(
    tmp_path: Path,
    web_of: WebOf,
    monkeypatch: pytest.MonkeyPatch,
    changes: tuple[tuple[str, str], ...],
) -> None:
    """Grunnkretser dissolved, counts by bydel, a projection of the city shared out."""
    town = new_city(tmp_path, monkeypatch, *changes)
    with Server(services()) as server:
        told = fetch_study(town, web_of(server), only=["places", "neighbours"])
    assert told.written == ("borders.gpkg", "places.csv", "people.csv", "neighbours.csv")
    places = pd.read_csv(town / "places.csv").set_index("id")
    assert set(places["area"]) == {"Arna", "Bergenhus"}
    people = pd.read_csv(town / "people.csv")
    area = people["place"].map(places["area"])
    sums = people.groupby([area, "year", "alternative"])["people"].sum()
    assert (sums > 0).all()
    assert pd.read_csv(town / "neighbours.csv")[["area", "neighbour"]].to_numpy().tolist() == [
        ["Arna", "Bergenhus"]
    ]
