"""The bytes of a feed's tables: encodings, quotes, blanks, rows of odd length."""

from __future__ import annotations

import contextlib

import numpy as np
import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.network import read_gtfs
from tests import town
from tests.gtfs_bus import bus_files, calls, reader_of, rewritten, row_of


@pytest.fixture
def files():
    return bus_files()


@pytest.fixture
def read(tmp_path, files):
    return reader_of(files, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b"\xef\xbb\xbf" + b,
        lambda b: b.replace(b"\n", b"\r\n"),
        lambda b: b.replace(b",", b" , "),
        lambda b: b.replace(b"trip_id", b'"trip_id"'),
        lambda b: b + b"\n\n",
    ],
    ids=["byte order mark", "CRLF", "blanks", "quotes", "empty lines"],
)
def test_harmless_bytes_change_nothing(tmp_path, files, read, change):
    plain = read()
    for name in ("stop_times.txt", "trips.txt"):
        path = rewritten(tmp_path / "feed.zip", name, change)
    found = read_gtfs(path, town.DATE, crs=town.CRS)
    pd.testing.assert_frame_equal(found.stop_times, plain.stop_times)
    assert found.notices == ()


def test_latin_1_is_read_with_a_notice(tmp_path, files):
    row_of(files, "stops.txt", "stop-11")[1] = "Åsane"
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "stops.txt", lambda b: b.decode().encode("latin-1"))
    found = read_gtfs(path, town.DATE, crs=town.CRS)
    assert found.stops.loc["stop-11", "name"] == "Åsane"
    assert any("Latin-1" in notice for notice in found.notices)


def test_rows_longer_and_shorter_than_the_header_are_told(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "routes.txt", lambda b: b.replace(b"r1,1,3", b"r1,1,3,9"))
    rewritten(path, "agency.txt", lambda b: b.replace(b",Europe/Oslo", b""))
    found = read_gtfs(path, town.DATE, crs=town.CRS)
    assert found.trips["route_type"].tolist() == [3]
    assert "routes.txt: 1 row with more cells than the header; cut." in found.notices
    told = "agency.txt: 1 cell missing at the end of rows; counted as empty."
    assert told in found.notices


def test_nul_bytes_are_refused(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "stops.txt", lambda b: b.decode().encode("utf-16-le"))
    with pytest.raises(InputError, match="NUL bytes"):
        read_gtfs(path, town.DATE, crs=town.CRS)


@pytest.mark.parametrize("seed", range(30))
def test_damaged_bytes_are_refused_or_read_but_never_break(tmp_path, files, seed):
    rng = np.random.default_rng(seed)
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    name = str(rng.choice(sorted(files)))

    def damage(content: bytes) -> bytes:
        raw = bytearray(content)
        for place in rng.integers(0, len(raw), 4):
            raw[place] = int(rng.integers(0, 256))
        start, length = rng.integers(0, len(raw)), rng.integers(0, 20)
        del raw[start : start + length]
        return bytes(raw)

    rewritten(path, name, damage)
    with contextlib.suppress(InputError):
        assert len(read_gtfs(path, town.DATE, crs=town.CRS).trips) >= 1


def changed(tmp_path, files, name, change):
    """Read the feed with the bytes of one table changed."""
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    return read_gtfs(rewritten(path, name, change), town.DATE, crs=town.CRS)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_text_is_refused_by_its_name(tmp_path, files, encoding):
    with pytest.raises(InputError, match=r"stops.txt: is UTF-16"):
        changed(tmp_path, files, "stops.txt", lambda b: b.decode().encode(encoding))


def test_a_quoted_name_may_hold_commas_quotes_and_line_ends(tmp_path, files):
    row_of(files, "stops.txt", "stop-11")[1] = 'Mid, "old"\ntown'
    found = changed(tmp_path, files, "stops.txt", lambda b: b)
    assert found.stops.loc["stop-11", "name"] == 'Mid, "old"\ntown'
    assert found.notices == ()


def test_rows_that_end_early_are_told_beside_quoted_commas(tmp_path, files):
    row_of(files, "stops.txt", "stop-11")[1] = "Mid, town"
    files["stops.txt"].append(["unused", "Unused"])
    found = changed(tmp_path, files, "stops.txt", lambda b: b)
    assert found.notices[0] == "stops.txt: 2 cells missing at the end of rows; counted as empty."


@pytest.mark.parametrize("rows", [0, 1], ids=["last table row", "before other rows"])
def test_a_quotation_mark_that_is_never_closed_is_refused(tmp_path, files, rows):
    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        place = len(lines) - 1 - rows
        lines[place] = lines[place].replace(b",stop", b',"stop')
        return b"".join(lines)

    with pytest.raises(InputError, match=r"stops.txt: a quotation mark is opened and never closed"):
        changed(tmp_path, files, "stops.txt", change)


def test_an_absurdly_long_cell_is_refused(tmp_path, files):
    noise = bytes(np.random.default_rng(1).integers(97, 123, 200_000).astype(np.uint8))

    def change(content: bytes) -> bytes:
        return content.replace(b"r1,1,3", b"r1," + noise + b",3,surplus")

    with pytest.raises(InputError, match=r"routes.txt: cannot be split into columns"):
        changed(tmp_path, files, "routes.txt", change)


def test_a_column_that_stands_twice_is_refused(tmp_path, files):
    for row in files["stops.txt"]:
        row.append(row[2])
    with pytest.raises(InputError, match="a column stands more than once"):
        changed(tmp_path, files, "stops.txt", lambda b: b)


def test_an_empty_table_has_no_rows(tmp_path, files):
    with pytest.raises(InputError, match=r"routes.txt: has no rows"):
        changed(tmp_path, files, "routes.txt", lambda _: b"\n \n")


@pytest.mark.parametrize("end", [b"\r", b"\r\n"])
def test_line_ends_of_other_systems_are_read(tmp_path, files, end):
    found = changed(tmp_path, files, "stop_times.txt", lambda b: b.replace(b"\n", end))
    assert [c[0] for c in calls(found)] == ["stop-31", "stop-11", "stop-02"]
