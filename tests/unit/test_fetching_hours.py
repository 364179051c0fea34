"""Opening hours from the planner's office table, and the planner's own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import navplan as nav
from navplan.study import fetch_study
from tests.services.fixtures import WebOf, web_of
from tests.services.server import Server
from tests.services.study import new_town, services

__all__ = ["web_of"]

HOURS = ('# hours = "hours.csv"', 'hours = "hours.csv"')
OFFICES = """id;navn;gatenavn;husnummer;postnummer;poststed;mandag;tirsdag;onsdag
ost;NAV Øst;Prøvegata;3;8099;EKSEMPELVIK;10:00-14:00;stengt;9-11.30
vest;NAV Vest;Prøvegata;4;8099;EKSEMPELVIK;12-15;;
nabo;NAV Nabo;Kirkeveien;2;8098;PRØVEBYGD;10-14;10-14;10-14
"""
WITHOUT = """id;navn;gatenavn;husnummer;postnummer;poststed
ost;NAV Øst;Prøvegata;3;8099;EKSEMPELVIK
"""
PARTS = ("places", "offices", "hours")


def with_offices(folder: Path, text: str, *changes: tuple[str, str]) -> Path:
    town = new_town(folder, *changes)
    (town / "office-addresses.csv").write_text(text, encoding="utf-8")
    return town


def test_hours_of_the_table_go_into_the_file_that_is_named(tmp_path: Path, web_of: WebOf) -> None:
    town = with_offices(tmp_path, OFFICES, HOURS)
    with Server(services()) as server:
        told = fetch_study(town, web_of(server), only=PARTS)
        assert told.written[-2:] == ("offices.csv", "hours.csv")
        assert not any("opening hours" in notice for notice in told.notices)
        again = fetch_study(town, web_of(server), only=PARTS)
        assert again.written == ()
        (town / "office-addresses.csv").write_text(
            OFFICES.replace("12-15", "12-16"), encoding="utf-8"
        )
        assert fetch_study(town, web_of(server)).written[-1] == "hours.csv"
    hours = pd.read_csv(town / "hours.csv")
    assert hours[["office", "weekday", "opens", "closes"]].to_numpy().tolist() == [
        ["ost", "mon", "10:00", "14:00"],
        ["ost", "wed", "09:00", "11:30"],
        ["vest", "mon", "12:00", "16:00"],  # the office outside the kommune is left out
    ]
    assert set(hours["source"]) == {"office-addresses.csv"}


def test_a_study_with_fetched_hours_opens(tmp_path: Path, web_of: WebOf) -> None:
    pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")
    town = with_offices(tmp_path, OFFICES, HOURS)
    with Server(services()) as server:
        fetch_study(town, web_of(server))
    opened = nav.open_study(town)
    assert len(opened.offices.hours) == 3


def test_hours_that_no_file_is_named_for_are_told(tmp_path: Path, web_of: WebOf) -> None:
    town = with_offices(tmp_path, OFFICES)
    with Server(services()) as server:
        told = fetch_study(town, web_of(server), only=["offices"])
    assert (
        'office-addresses.csv: opening hours are not taken; add hours = "hours.csv" under '
        "[offices] to have them." in told.notices
    )
    assert not (town / "hours.csv").exists()


def test_own_hours_are_left_alone_and_offices_still_fetched(tmp_path: Path, web_of: WebOf) -> None:
    town = with_offices(tmp_path, OFFICES, HOURS)
    (town / "hours.csv").write_text("mine", encoding="utf-8")
    with Server(services()) as server:
        told = fetch_study(town, web_of(server), only=PARTS)
    assert told.kept == ("hours.csv",)
    assert told.written[-1] == "offices.csv"
    assert (town / "hours.csv").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (WITHOUT, "hours.csv: no office of offices.csv has hours in office-addresses.csv."),
        (
            WITHOUT.splitlines()[0],
            "hours.csv: office-addresses.csv has no office whose hours could be taken.",
        ),
    ],
    ids=["no hours", "no offices"],
)
def test_no_hours_are_told(tmp_path: Path, web_of: WebOf, table: str, said: str) -> None:
    pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")
    town = with_offices(tmp_path, table, HOURS)
    with Server(services()) as server, pytest.raises(nav.InputError) as caught:
        fetch_study(town, web_of(server))
    assert said in str(caught.value)
    assert "Fill in the columns mon … sun, as in 10:00-14:00, or remove hours" in str(caught.value)
    assert (town / "offices.csv").exists()


def test_faults_of_the_office_table_are_told_once(tmp_path: Path, web_of: WebOf) -> None:
    town = with_offices(tmp_path, OFFICES.replace("10:00-14:00", "ten to two"), HOURS)
    with Server(services()) as server, pytest.raises(nav.InputError) as caught:
        fetch_study(town, web_of(server), only=PARTS)
    assert str(caught.value).count("ten to two") == 1


def test_hours_without_an_offices_table(tmp_path: Path, web_of: WebOf) -> None:
    town = with_offices(tmp_path, OFFICES, HOURS)
    with Server(services()) as server, pytest.raises(nav.InputError) as caught:
        fetch_study(town, web_of(server), only=["hours"])
    assert "offices.csv: there is no such file" in str(caught.value)


def test_openstreetmap_gives_no_hours(tmp_path: Path, web_of: WebOf) -> None:
    only_osm = ('offices = ["office-addresses.csv", "osm"]', 'offices = ["osm"]')
    town = new_town(tmp_path, HOURS, only_osm)
    with (
        Server(services()) as server,
        pytest.raises(nav.InputError, match=r"no part of this study"),
    ):
        fetch_study(town, web_of(server), only=["hours"])
