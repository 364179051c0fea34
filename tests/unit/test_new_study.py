"""`navplan new` with kommuner: a study file that is sound before anything is fetched."""

from __future__ import annotations

import datetime as dt
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

import navplan as nav
from navplan.cli import main
from navplan.study import new_study
from navplan.study.fetching.parts import fetch_faults, files_by_part
from navplan.study.reading import read_study_file

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is downloaded by any verb but fetch."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("reaches for the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize(
    ("kommuner", "fylke", "area", "title"),
    [
        (["1804"], None, "kommune", "NAV-kontor i kommune 1804"),
        (["1804", "1841", "1840"], None, "kommune", "NAV-kontor i kommunene 1804, 1841 og 1840"),
        ([], "18", "kommune", "NAV-kontor i fylke 18"),
        (["4601"], None, "bydel", "NAV-kontor i kommune 4601"),
        (["4601", "4631"], None, "kommune", "NAV-kontor i kommunene 4601 og 4631"),
    ],
)
def test_the_study_file_is_sound(
    tmp_path: Path, kommuner: list[str], fylke: str | None, area: str, title: str
) -> None:
    made = new_study("ny", folder=tmp_path, kommuner=kommuner, fylke=fylke, today=TODAY)
    file = read_study_file(made / "study.toml")
    assert file.fetch is not None
    assert (list(file.fetch.kommuner), file.fetch.fylke) == (kommuner, fylke)
    assert file.fetch.area == file.area_word == area
    assert file.title.nb == title
    assert "@" not in (made / "study.toml").read_text(encoding="utf-8")
    assert sorted(path.name for path in made.iterdir()) == [
        "COLUMNS.md",
        "office-addresses.csv",
        "study.toml",
    ]


def test_years_and_day_follow_from_today(tmp_path: Path) -> None:
    file = read_study_file(
        new_study("a", folder=tmp_path, kommuner=["1804"], today=TODAY) / "study.toml"
    )
    assert file.fetch is not None
    assert (file.fetch.years, file.fetch.projection_years) == ((2026,), (2036, 2046))
    known = {(o.year, o.alternative) for o in file.outlook}
    asked = {(year, "actual") for year in file.fetch.years}
    assert known >= asked
    assert {(2036, "MMMM"), (2046, "MMMM"), (2046, "LLML"), (2046, "HHMH")} <= known
    assert {p.date for p in file.profile} == {dt.date(2026, 11, 24)}  # a Tuesday
    february = dt.date(2027, 2, 3)  # the figures of 2027 come later in the month
    file = read_study_file(
        new_study("b", folder=tmp_path, kommuner=["1804"], today=february) / "study.toml"
    )
    assert file.fetch is not None
    assert file.fetch.years == (2026,)


def test_the_outlooks_as_wrong_as_last_time(tmp_path: Path) -> None:
    made = new_study("a", folder=tmp_path, kommuner=["1804"], today=TODAY)
    file = read_study_file(made / "study.toml")
    assert file.fetch is not None
    assert file.fetch.as_wrong_as_last_time
    low, high = (o for o in file.outlook if o.alternative in {"MMMM-low", "MMMM-high"})
    assert (low.name, low.year, low.quality) == ("as-wrong-low-2036", 2036, "assumption")
    assert low.title.nb == "Bommer som sist: færre i 2036"
    assert high.title.nn == "Bommar som sist: fleire i 2036"
    assert high.title.en == "As wrong as last time: more in 2036"
    assert "åtte av ti kommuner på samme størrelse" in low.method.nb
    # nothing is known twenty years ahead
    assert {o.alternative for o in file.outlook if o.year == 2046} == {"MMMM", "LLML", "HHMH"}


def test_what_stands_commented_out_can_be_taken_in(tmp_path: Path) -> None:
    made = new_study("a", folder=tmp_path, kommuner=["4601"], today=TODAY)
    text = (made / "study.toml").read_text(encoding="utf-8")
    for key in ('cells = "NOR0250M.csv"', 'dwellings = "dwellings.csv"', 'hours = "hours.csv"'):
        assert f"\n# {key}" in text
        text = text.replace(f"\n# {key}", f"\n{key}")
    text = text.replace('shares = "constant"', 'shares = "dwellings"')
    (made / "study.toml").write_text(text, encoding="utf-8")
    file = read_study_file(made / "study.toml")
    assert not fetch_faults(file)
    assert files_by_part(file)["hours"] == ("hours.csv",)


def test_check_tells_one_thing_before_the_fetch(tmp_path: Path) -> None:
    made = new_study("ny", folder=tmp_path, kommuner=["1804"], today=TODAY)
    ended = CliRunner().invoke(main, ["check", str(made)], catch_exceptions=False)
    assert ended.exit_code == 2
    assert ended.stderr.splitlines() == [
        "1 fault in the inputs:",
        (
            "- study.toml: fetch: places.csv, people.csv, neighbours.csv, "
            "streets.osm.pbf, gtfs.zip, offices.csv are not there yet. "
            f"Run: navplan fetch {made}"
        ),
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--kommune", "180"], "--kommune: '180' is no kommune number. Give four digits."),
        (["--kommune", "1804", "--kommune", "1804"], "1804 stands more than once."),
        (["--kommune", "1201"], "1201 is no longer in use. It is now 4601 Bergen."),
        (["--kommune", "1850"], "It is now 1806 Narvik and 1875 Hábmer - Hamarøy."),
        (["--kommune", "1299"], "1299: there is no fylke 12 from 2024."),
        (["--fylke", "12"], "12: there is no fylke 12 from 2024."),
        (["--kommune", "١٨٠٤"], "is no kommune number"),
    ],
)
def test_codes_that_can_be_none_are_refused(tmp_path: Path, words: list[str], told: str) -> None:
    ended = CliRunner().invoke(main, ["new", "ny", "--folder", str(tmp_path), *words])
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert not (tmp_path / "ny").exists()


def test_new_says_what_comes_next(tmp_path: Path) -> None:
    words = ["new", "ny", "--folder", str(tmp_path), "--kommune", "1804"]
    shown = CliRunner().invoke(main, words, catch_exceptions=False)
    assert shown.exit_code == 0
    assert f"navplan fetch {tmp_path / 'ny'}" in shown.stdout
    heading = (tmp_path / "ny" / "office-addresses.csv").read_text(encoding="utf-8")
    assert heading.startswith("id,name,street,number,letter,postcode,place")


FAULTS = {
    "unknown key": ('places = "grid"', 'places = "grid"\ncolour = "red"', "fetch.colour (line"),
    "no codes": ('kommuner = ["1804"]', "kommuner = []", "fetch.kommuner: names no kommune."),
    "short code": ('["1804"]', '["804"]', "fetch.kommuner: '804' is no kommune number."),
    "code twice": ('["1804"]', '["1804", "1804"]', "'1804' stands more than once."),
    "a number": ('["1804"]', "[1804]", "fetch.kommuner"),
    "bydel": ('area = "kommune"\n', 'area = "bydel"\n', "1804 has no bydeler. Bydeler there are"),
    "no year": ("years = [2026]", "years = []", "fetch.years: names no year."),
    "ages": ("ages = [0, 18", "ages = [18, 0", "expected to rise from 0"),
    "alternative": ('["MMMM", ', '["MMM", ', "'MMM' is no alternative."),
    "as wrong as what": (
        'alternatives = ["MMMM", ', "alternatives = [",
        "fetch.as_wrong_as_last_time: rests on the main alternative, MMMM, which is not among the",
    ),
    "dwellings of kommuner": (
        'shares = "constant"', 'shares = "dwellings"\ndwellings = "d.csv"',
        "fetch.shares: is dwellings, but only bydeler take shares of a kommune. Remove the line.",
    ),
    "squares elsewhere": (
        '# cells = "NOR0250M.csv"', 'cells = "../NOR0250M.csv"',
        "fetch.cells: '../NOR0250M.csv' is no name of a file in the study's folder.",
    ),
    "dwellings elsewhere": (
        '# dwellings = "dwellings.csv"', 'dwellings = ""',
        "fetch.dwellings: '' is no name of a file in the study's folder.",
    ),
    "offices elsewhere": (
        'offices = ["office-addresses.csv", ', 'offices = ["../office-addresses.csv", ',
        "fetch.offices: '../office-addresses.csv' is no name of a file in the study's folder.",
    ),
    "codespace": ('timetable = "auto"', 'timetable = "Nordland"', "'Nordland' is no codespace."),
    "no file for it": (
        ('[neighbours]                # which areas share a border; look whether people can cross '
        'it\nfile = "neighbours.csv"'),
        "",
        "fetch.neighbours: is asked for, but no [neighbours] file says which file it goes to.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), FAULTS.values(), ids=list(FAULTS))
def test_what_the_section_cannot_say(tmp_path: Path, old: str, new: str, told: str) -> None:
    made = new_study("ny", folder=tmp_path, kommuner=["1804"], today=TODAY)
    text = (made / "study.toml").read_text(encoding="utf-8")
    assert old in text
    (made / "study.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(nav.InputError) as caught:
        nav.open_study(made)
    assert told in str(caught.value)


def test_shares_of_dwellings_need_a_table(tmp_path: Path) -> None:
    made = new_study("ny", folder=tmp_path, kommuner=["4601"], today=TODAY)
    text = (made / "study.toml").read_text(encoding="utf-8")
    text = text.replace('shares = "constant"', 'shares = "dwellings"')
    (made / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(nav.InputError) as caught:
        nav.open_study(made)
    assert (
        "fetch.shares: is dwellings, but no table says how many there are. "
        'Add dwellings = "dwellings.csv": area, year, dwellings.'
    ) in str(caught.value)
