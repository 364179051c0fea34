"""Office tables as they are sent; offices, streets and numbers are made up."""

from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from navplan.errors import InputError
from navplan.sources.office_addresses import read_address
from navplan.sources.office_headings import HEADINGS, columns_meant, plain
from navplan.sources.office_tables import OfficeTable, read_offices
from navplan.tables import HOURS

HEADER = "enhetNr,navn,gatenavn,husnummer,husbokstav,postnummer,poststed"
ROW = "1299,NAV Prøvevik,Prøvegata,8,B,5999,Prøvevik"


def write(folder: Path, text: str | bytes, name: str = "kontor.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder: Path, text: str | bytes, **options: object) -> OfficeTable:
    return read_offices(write(folder, text), crs="EPSG:25833", **options)  # type: ignore[arg-type]


def faults_of(path: Path, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_offices(path, crs="EPSG:25833", **options)  # type: ignore[arg-type]
    assert all(fault.remedy for fault in caught.value.faults)
    return [f"{fault.key}: {fault.problem}" for fault in caught.value.faults]


def test_a_table_of_addresses_is_ready_to_be_geocoded(tmp_path: Path) -> None:
    offices = read(tmp_path, f"{HEADER}\n{ROW}\n")
    row = offices.table.loc["1299"]
    assert row[["name", "kind", "street", "number", "letter", "postcode", "place"]].tolist() == [
        "NAV Prøvevik", "office", "Prøvegata", "8", "B", "5999", "Prøvevik",
    ]  # fmt: skip
    assert row["address"] == "Prøvegata 8B, 5999 Prøvevik"
    assert row["step_free"] == "unknown"
    assert offices.table.crs.to_epsg() == 25833
    assert list(offices.unplaced.index) == ["1299"]
    assert offices.notices == ()


def test_headings_are_read_in_both_languages(tmp_path: Path) -> None:
    norwegian = read(
        tmp_path,
        "Enhetsnummer;Navn;Besøksadresse;Breddegrad;Lengdegrad;Trinnfri inngang;Mandag;Merknad\n"
        "1299;NAV Prøvevik;Prøvegata 8 b, 5999 Prøvevik;60,39;5,33;Ja;kl. 10-14;ny\n",
    )
    english = read(
        tmp_path,
        "office_nr,name,visiting address,latitude,longitude,step-free,monday\n"
        '1299,NAV Prøvevik,"Prøvegata 8B, 5999 Prøvevik",60.39,5.33,yes,10:00-14:00\n',
    )
    pd.testing.assert_frame_equal(pd.DataFrame(norwegian.table), pd.DataFrame(english.table))
    pd.testing.assert_frame_equal(norwegian.hours, english.hours)
    assert norwegian.hours.values.tolist() == [["1299", "mon", "10:00", "14:00"]]
    assert english.notices == ()
    assert norwegian.notices == (
        "kontor.csv: the columns are split by semicolons; read so.",
        "kontor.csv: columns not read: Merknad.",
        "kontor.csv: row 2: lon has a decimal comma; read so.",
        "kontor.csv: row 2: lat has a decimal comma; read so.",
    )
    point = english.table.geometry.iloc[0]
    # Bergen lies at about -32 km east, 6 733 km north in zone 33.
    assert point.distance(Point(-32_000, 6_734_000)) < 3_000


def test_latin_1_is_read_with_a_notice(tmp_path: Path) -> None:
    offices = read(tmp_path, f"{HEADER}\n{ROW}\n".encode("latin-1"))
    assert offices.table.loc["1299", "name"] == "NAV Prøvevik"
    assert offices.notices == (
        "kontor.csv: is not UTF-8; read as Western European (Latin-1) letters.",
    )


def test_letters_that_cannot_be_told_are_refused(tmp_path: Path) -> None:
    mac = f"{HEADER}\n{ROW}\n".encode("mac-roman")  # ø is ¿ in Windows-1252
    assert "is not UTF-8" in faults_of(write(tmp_path, mac))[0]
    twice = f"{HEADER}\n{ROW}\n".encode().decode("latin-1").encode()
    assert "broken by an earlier program" in faults_of(write(tmp_path, twice))[0]
    assert "UTF-16" in faults_of(write(tmp_path, f"{HEADER}\n{ROW}\n".encode("utf-16")))[0]


def test_zeros_that_a_spreadsheet_dropped_are_put_back(tmp_path: Path) -> None:
    offices = read(tmp_path, "enhetNr,navn,gate,postnr,kommune\n312,NAV Ett,Gata 1,150,301\n")
    assert offices.table.index.tolist() == ["0312"]
    assert offices.table.iloc[0][["postcode", "kommune"]].tolist() == ["0150", "0301"]
    assert offices.notices == tuple(
        f"kontor.csv: row 2: {key} had lost its leading zeros; they are put back."
        for key in ("enhetNr", "postcode", "kommune")
    )


def test_old_kommune_numbers(tmp_path: Path) -> None:
    text = "enhetNr,navn,gate,kommune\n1299,A,Gata 1,1201\n1298,B,Gata 2,4601\n"
    offices = read(tmp_path, text, renumbered={"1201": ["4601"]})
    assert offices.table["kommune"].tolist() == ["4601", "4601"]
    assert offices.notices == ("kontor.csv: row 2: kommune 1201 is an old number; 4601 is used.",)
    split = write(tmp_path, "enhetNr,navn,gate,kommune\n1299,A,Gata 1,1850\n")
    said = faults_of(split, renumbered={"1850": ["1806", "1875"]})
    assert said == ["row 2, kommune: kommune 1850 is an old number; it became 1806, 1875."]


@pytest.mark.parametrize(
    ("columns", "values", "said"),
    [
        ("enhetNr", "12x9", "row 2, enhetNr: '12x9' is no enhetNr."),
        ("enhetNr", "", "row 2, enhetNr: is empty; a value is needed."),
        ("enhetNr", "12999", "row 2, enhetNr: '12999' is no enhetNr."),
        ("enhetNr", "1299.5", "row 2, enhetNr: '1299.5' is no enhetNr."),
        ("enhetNr,postnr", "1299,59", "0059"),
        ("enhetNr,postnr", "1299,N-5999", "row 2, postcode: 'N-5999' is no postcode."),
        ("enhetNr,husnummer", "1299,åtte", "row 2, number: 'åtte' is no house number."),
        ("enhetNr,husnummer", "1299,9", "row 2, number: the street says 1, the column 9."),
        ("enhetNr,type", "1299,butikk", "row 2, kind: 'butikk' is no kind of office."),
        ("enhetNr,status", "1299,kanskje", "row 2, status: 'kanskje' is no status."),
        ("enhetNr,trinnfri", "1299,litt", "row 2, step_free: 'litt' is neither yes nor no."),
        ("enhetNr,kommune", "1299,Bergen", "row 2, kommune: 'Bergen' is no number."),
        ("enhetNr,x,y", "1299,,6700000", "row 2, x: is empty, but the other is not."),
        ("enhetNr,x,y", "1299,ti,6700000", "row 2, x: 'ti' is no number."),
        ("enhetNr,x,y", "1299,nan,6700000", "row 2, x: 'nan' is no number."),
        ("enhetNr,x,y", '1299,"262,123",6700000', "row 2, x: '262,123' can be read in two ways."),
        ("enhetNr,lon,lat", "1299,60.4,5.3", "row 2: 60.4, 5.3 in EPSG:4326: the two coordinates"),
        ("enhetNr,x,y", "1299,5.3,60.4", "row 2: 5.3, 60.4 in EPSG:25833: these are degrees"),
        ("enhetNr,lon,lat", "1299,262123,6700000", "these are metres, but the file says degrees"),
        ("enhetNr,x,y", "1299,262123.5,1700000", "row 2: 262123.5, 1700000 in EPSG:25833 lies out"),
        ("enhetNr,mandag", "1299,14-10", "row 2, mon: '14-10' are no opening hours."),
        ("enhetNr,mandag", "1299,10-25", "row 2, mon: '10-25' are no opening hours."),
        ("enhetNr,mandag", "1299,formiddag", "row 2, mon: 'formiddag' are no opening hours."),
        ("enhetNr,publikumsmottak", "1299,litt", "publikumsmottak: 'litt' is neither yes nor no."),
        ("id", "nav 1", "row 2, id: 'nav 1' holds a space."),
    ],
)
def test_each_fault_says_where_and_what(
    tmp_path: Path, columns: str, values: str, said: str
) -> None:
    path = write(tmp_path, f"{columns},navn,gate\n{values},A,Gata 1\n")
    if said == "0059":  # a short postcode is one that lost its zeros
        assert read_offices(path, crs="EPSG:25833").table["postcode"].tolist() == [said]
        return
    faults = faults_of(path)
    assert len(faults) == 1
    assert said in faults[0]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("navn,gate", "no column says which office"),
        ("enhetNr,gate", "no column holds the name"),
        ("enhetNr,navn", "nothing says where offices lie"),
        ("enhetNr,navn,gate,lon", "one of lon and lat is missing"),
        ("enhetNr,navn,gate,adresse", "both whole and as street"),
        ("enhetNr,navn,gate,vei", "gate and vei mean the same"),
        ("enhetNr,id,navn,gate", "both id and enhetNr"),
        ("enhetNr,navn,navn,gate", "stands more than once"),
    ],
)
def test_headings_that_do_not_do(tmp_path: Path, header: str, said: str) -> None:
    path = write(tmp_path, f"{header}\n{','.join('1' for _ in header.split(','))}\n")
    assert any(said in fault for fault in faults_of(path))


def test_all_faults_come_together_and_none_is_lost(tmp_path: Path) -> None:
    text = f"{HEADER}\n{ROW}\n{ROW}\n1x,B,Gata,2,,1,S\n1298,,,,,,\n"
    assert faults_of(write(tmp_path, text)) == [
        "row 3: the id '1299' stands in row 2 already.",
        "row 4, enhetNr: '1x' is no enhetNr.",
        "row 5, name: is empty; a value is needed.",
        "row 5: has neither an address nor a position.",
    ]


def test_closed_offices_and_those_without_reception_are_left_out(tmp_path: Path) -> None:
    text = "enhetNr,navn,gate,status,publikumsmottak\n"
    text += "1299,A,Gata 1,Aktiv,ja\n1298,B,Gata 2,Nedlagt,ja\n1297,C,Gata 3,Aktiv,nei\n"
    offices = read(tmp_path, text)
    assert offices.table.index.tolist() == ["1299"]
    assert offices.notices == (
        "kontor.csv: row 3: 1298 B is closed down; left out.",
        "kontor.csv: row 4: 1297 C has no public reception; left out.",
    )
    assert "without sheets" in faults_of(write(tmp_path, text), sheet="Kontor")[0]
    assert "holds no office" in faults_of(write(tmp_path, f"{HEADER}\n"))[0]


def test_hours_fit_the_hours_table(tmp_path: Path) -> None:
    text = "enhetNr,navn,gate,mandag,tirsdag,onsdag,torsdag,fredag\n"
    text += "1299,A,Gata 1,10.00–12.00 og 13.00–15.00,stengt,Kun timeavtale,1000-1430,9 til 24\n"
    offices = read(tmp_path, text)
    assert offices.hours.values.tolist() == [
        ["1299", "mon", "10:00", "12:00"],
        ["1299", "mon", "13:00", "15:00"],
        ["1299", "thu", "10:00", "14:30"],
        ["1299", "fri", "09:00", "24:00"],
    ]
    assert "by appointment" in offices.notices[0]
    checked = offices.hours.assign(source="s", date="2026", quality="official")
    HOURS.validate(checked)


def test_spaces_between_thousands_and_metres_of_another_zone(tmp_path: Path) -> None:
    text = "enhetNr;navn;x;y\n1299;A;297 000,5;6 700 000\n"
    offices = read(tmp_path, text, xy_crs="EPSG:25832")
    assert offices.table.geometry.x.iloc[0] == pytest.approx(-30_000, abs=5_000)
    assert "row 2: x has a decimal comma; read so." in offices.notices[1]
    assert "row 2: y has spaces between thousands; read so." in offices.notices[2]


def test_positions_may_be_given_for_some(tmp_path: Path) -> None:
    text = "enhetNr,navn,gate,lon,lat\n1299,A,Gata 1,5.3,60.4\n1298,B,Gata 2,,\n"
    offices = read(tmp_path, text)
    assert offices.table.geometry.isna().tolist() == [False, True]
    assert offices.unplaced.index.tolist() == ["1298"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Prøvegata 8", ("Prøvegata", "8", "", "", "")),
        ("Prøvegata 8b", ("Prøvegata", "8", "B", "", "")),
        ("Prøvegata 8 B, 0999 Nord Vik", ("Prøvegata", "8", "B", "0999", "Nord Vik")),
        ("Prøvegata 8, 2. etasje", ("Prøvegata", "8", "", "", "")),
        ("7. juni plass 1", ("7. juni plass", "1", "", "", "")),
        ("Rådhuset, 5999 Vik", ("Rådhuset", "", "", "5999", "Vik")),
        ("Rogn senter, 2. etasje", ("Rogn senter", "", "", "", "")),
        ("5999 Vik", ("", "", "", "5999", "Vik")),
        ("", ("", "", "", "", "")),
        ("Prøvegata 5-7", ("Prøvegata", "5", "", "", "")),
        ("Postboks 12, 5999 Vik", ("", "", "", "5999", "Vik")),
    ],
)
def test_addresses_are_taken_apart(text: str, parts: tuple[str, ...]) -> None:
    found = read_address(text)
    assert (found.street, found.number, found.letter, found.postcode, found.place) == parts
    assert bool(found.notice) == ("-" in text or "Postboks" in text)


@given(
    st.from_regex(r"[A-ZÆØÅ][a-zæøå]{2,12}(gata|vegen| torg)", fullmatch=True),
    st.integers(1, 9999),
    st.sampled_from(["", "A", "B", "Ø"]),
    st.from_regex(r"\d{4}", fullmatch=True).filter(str.isascii),
)
def test_a_written_address_comes_back(street: str, number: int, letter: str, post: str) -> None:
    found = read_address(f"{street} {number}{letter}, {post} Vik")
    assert str(found) == f"{street} {number}{letter}, {post} Vik"
    assert (found.street, found.number, found.letter) == (street, str(number), letter)


def test_no_heading_means_two_things() -> None:
    words = [word for words in HEADINGS.values() for word in words]
    assert len(words) == len(set(words))
    assert words == [plain(word) for word in words]
    assert columns_meant(["Enhet-Nr.", "HUS_BOKSTAV", "annet"]) == (
        {"enhet": [0], "letter": [1]},
        ["annet"],
    )


def test_a_layer_of_points(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"enhetNr": [1299.0, 312.0], "navn": ["A", "B"], "adresse": ["Gata 1", None], "x": [0, 0]},
        geometry=[Point(5.3, 60.4), Point(5.4, 60.4)],
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / "kontor.gpkg")
    offices = read_offices(tmp_path / "kontor.gpkg", crs="EPSG:25833")
    assert offices.table.index.tolist() == ["1299", "0312"]
    assert offices.table["street"].tolist() == ["Gata", ""]
    expected = frame.to_crs("EPSG:25833").geometry
    assert offices.table.geometry.reset_index(drop=True).geom_equals_exact(expected, 1e-6).all()
    assert "feature 2: enhetNr had lost" in offices.notices[0]
    wrong = frame.set_geometry([Point(60.4, 5.3), Point(5.4, 60.4)])
    wrong.to_file(tmp_path / "swapped.gpkg")
    assert "swapped" in faults_of(tmp_path / "swapped.gpkg")[0]


# Excel


def workbook(folder: Path, rows: list[list[object]], name: str = "kontor.xlsx") -> Path:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed (extra excel)")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / name)
    return folder / name


XLSX_HEADER: list[object] = ["enhetNr", "navn", "gatenavn", "husnummer", "postnummer", "mandag"]


def test_excel_gives_what_csv_gives(tmp_path: Path) -> None:
    rows = [XLSX_HEADER, [1299, "NAV Prøvevik", "Gata", 8, 150, "10-14"], [None] * 6]
    from_excel = read_offices(workbook(tmp_path, rows), crs="EPSG:25833")
    text = f"{','.join(map(str, XLSX_HEADER))}\n1299,NAV Prøvevik,Gata,8,150,10-14\n"
    from_csv = read(tmp_path, text)
    pd.testing.assert_frame_equal(pd.DataFrame(from_excel.table), pd.DataFrame(from_csv.table))
    pd.testing.assert_frame_equal(from_excel.hours, from_csv.hours)
    assert from_excel.notices == (
        "kontor.xlsx: row 2: postcode had lost its leading zeros; they are put back.",
    )


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (dt.datetime(2026, 3, 1), "row 2, column D: is a date or a duration"),  # noqa: DTZ001
        ("=1/0", "row 2, column D: is a formula whose value was never stored"),
        ("#N/A", "row 2, column D: holds the error #N/A."),
        (8.5, "row 2, number: '8.5' is no house number."),
    ],
)
def test_cells_that_cannot_be_told(tmp_path: Path, cell: object, said: str) -> None:
    path = workbook(tmp_path, [XLSX_HEADER, [1299, "A", "Gata", cell, "5999", None]])
    (fault,) = faults_of(path)
    assert said in fault


def test_of_a_formula_the_stored_value_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, [XLSX_HEADER, [1299, "A", "Gata", "=4+4", "5999", None]])
    stored = tmp_path / "stored.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stored, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(b"<v></v>", b"<v>8</v>").replace(b"<v />", b"<v>8</v>")
            new.writestr(name, content)
    assert read_offices(stored, crs="EPSG:25833").table["number"].tolist() == ["8"]


def test_sheets_by_name_and_hidden_ones(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed (extra excel)")
    book = openpyxl.Workbook()
    book.active.append(["noe", "annet"])
    book.active.sheet_state = "hidden"
    second = book.create_sheet("Kontor")
    for row in (XLSX_HEADER, [1299, "A", "Gata", 1, "5999", None]):
        second.append(row)
    book.create_sheet("Tom")
    path = tmp_path / "kontor.xlsx"
    book.save(path)
    assert read_offices(path, crs="EPSG:25833").table.index.tolist() == ["1299"]
    assert len(read_offices(path, crs="EPSG:25833", sheet="Kontor").table) == 1
    assert "no sheet 'Nei'; it has Kontor, Tom" in faults_of(path, sheet="Nei")[0]
    assert "the sheet is empty" in faults_of(path, sheet="Tom")[0]


def test_a_column_without_a_heading(tmp_path: Path) -> None:
    path = workbook(tmp_path, [[*XLSX_HEADER, None], [1299, "A", "Gata", 1, "5999", None, "x"]])
    assert "row 1, column 7: has no heading." in faults_of(path)


def rezip(path: Path, target: Path, extra: dict[str, bytes]) -> Path:
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, extra.get(name, old.read(name)))
        for name in extra.keys() - set(old.namelist()):
            new.writestr(name, extra[name])
    return target


def test_workbooks_that_are_not_opened(tmp_path: Path) -> None:
    sound = workbook(tmp_path, [XLSX_HEADER, [1299, "A", "Gata", 1, "5999", None]])
    macros = rezip(sound, tmp_path / "m.xlsm", {"xl/vbaProject.bin": b"x"})
    assert "holds macros" in faults_of(macros)[0]
    bomb = rezip(sound, tmp_path / "b.xlsx", {"xl/media/a.bin": b"\0" * 20_000_000})
    assert "unpacks to 20 MB" in faults_of(bomb)[0]
    entities = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    doctype = rezip(sound, tmp_path / "d.xlsx", {"xl/workbook.xml": entities})
    assert "defines entities" in faults_of(doctype)[0]
    broken = rezip(sound, tmp_path / "s.xlsx", {"xl/worksheets/sheet1.xml": b"<worksheet"})
    assert "cannot be read as a workbook" in faults_of(broken)[0]
    half = tmp_path / "half.xlsx"
    half.write_bytes(sound.read_bytes()[:-200])
    assert "is damaged" in faults_of(half)[0]
    with zipfile.ZipFile(sound) as archive:
        member = archive.getinfo("xl/workbook.xml")
    content = bytearray(sound.read_bytes())
    start = member.header_offset + 30 + len(member.filename)
    content[start : start + member.compress_size] = b"\xff" * member.compress_size
    half.write_bytes(content)
    assert "is damaged" in faults_of(half)[0]
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "x")
    assert "is no Excel workbook" in faults_of(other)[0]
    old = write(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old.xls")
    assert "old format (.xls) or locked by a password" in faults_of(old)[0]
    assert "no such file" in faults_of(tmp_path / "none.xlsx")[0]
    named = tmp_path / "named.csv"
    shutil.copy(sound, named)
    assert "is a workbook or zip file" in faults_of(named)[0]


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path, [XLSX_HEADER])
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    assert "needs the package openpyxl" in faults_of(path)[0]
