"""``sources.csv`` and the rows in it."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.nouns.source import Source
from navplan.sources.ledger import pins_of, read_sources, write_sources

SOURCE = Source(
    id="ssb-0123456789ab",
    publisher="SSB",
    address="https://data.ssb.no/api/t?a=1,2",
    retrieved="2026-11-22",
    sha256="ab" * 32,
    licence="CC BY 4.0",
    attribution="Kilde: SSB, «Folkemengde»",
    quality="official",
)
OTHER = replace(SOURCE, id="osm", publisher="=cmd()", attribution="© OpenStreetMap", licence="")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    write_sources(path, [SOURCE, OTHER, SOURCE])
    assert read_sources(path) == ((SOURCE, OTHER), [])
    assert pins_of([SOURCE, OTHER])["osm"] is OTHER
    first = path.read_bytes()
    write_sources(path, [SOURCE, OTHER])
    assert path.read_bytes() == first
    assert [one.name for one in tmp_path.iterdir()] == ["sources.csv"]


words = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12
)


@settings(max_examples=30)
@given(publisher=words, attribution=words | st.just(""))
def test_any_text_comes_back_and_none_is_a_formula(
    tmp_path_factory: pytest.TempPathFactory, publisher: str, attribution: str
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "sources.csv"
    row = replace(SOURCE, publisher=publisher, attribution=attribution)
    write_sources(path, [row])
    assert read_sources(path) == ((row,), [])
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sources\.csv: osm: two different sources have this id"):
        write_sources(tmp_path / "sources.csv", [OTHER, replace(OTHER, publisher="Other")])


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("ab" * 32, "AB" * 32, "row 2, sha256: "),
        ("ab" * 32, "ab", "row 2, sha256: "),
        ("2026-11-22", "22.11.2026", "row 2, retrieved: '22.11.2026' is not written as expected"),
        ("2026-11-22", "2026-02-30", "row 2, retrieved: '2026-02-30' is no day. Write it like"),
        ("official", "sure", "row 2, quality: 'sure' must be one of official, approximate"),
        ("SSB,", ",", "row 2, publisher: '' is empty"),
        ("licence", "license", "column license is not known"),
        ("licence", "license", "column licence is missing"),
    ],
)
def test_faults_have_their_row(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = tmp_path / "sources.csv"
    write_sources(path, [SOURCE])
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    rows, faults = read_sources(path)
    assert rows == ()
    assert any(sentence in str(fault) for fault in faults), [str(fault) for fault in faults]


def test_a_source_tells_all_that_is_wrong_with_it() -> None:
    with pytest.raises(InputError) as told:
        Source("", " ", "", "20261122", "x", "", "", "good")  # type: ignore[arg-type]
    assert [fault.key for fault in told.value.faults] == [
        "id", "publisher", "sha256", "retrieved", "quality"
    ]  # fmt: skip
