"""Zips and folders: what is read, and what is refused unread."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from navplan.errors import InputError
from navplan.network import gtfs_files, read_gtfs
from tests import town
from tests.gtfs_bus import bus_files, reader_of, rewritten


@pytest.fixture
def files():
    return bus_files()


@pytest.fixture
def read(tmp_path, files):
    return reader_of(files, tmp_path)


def test_an_unknown_file_is_named(files, read):
    files["frecuencias.txt"] = [["trip_id"]]
    assert "Left out: frecuencias.txt, which is not a file of GTFS." in read().notices


@pytest.mark.parametrize(
    "name", ["../stops.txt", "/etc/stops.txt", "a/../../stops.txt", "..\\stops.txt", "C:/stops.txt"]
)
def test_paths_out_of_the_archive_are_refused(tmp_path, files, name):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "stop_id\n")
    with pytest.raises(InputError, match="path out of the archive"):
        read_gtfs(path, town.DATE, crs=town.CRS)


def test_a_member_that_stands_twice_is_refused(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("stops.txt", "stop_id\n")
    with pytest.raises(InputError, match=r"stops.txt: stands in the archive more than once"):
        read_gtfs(path, town.DATE, crs=town.CRS)


def test_a_bomb_is_refused_unread(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "stops.txt", lambda b: b + b"\n" * 50_000_000)
    assert path.stat().st_size < 200_000
    with pytest.raises(InputError, match="more than a timetable does"):
        read_gtfs(path, town.DATE, crs=town.CRS)


def test_a_header_that_lies_about_the_size_is_found_out(tmp_path, files):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "stops.txt", lambda b: b + b"\n" * 3_000_000)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("stops.txt").file_size
    place = content.rfind(struct.pack("<I", size))  # in the central directory
    content[place : place + 4] = struct.pack("<I", 100)
    path.write_bytes(content)
    with pytest.raises(InputError, match="no zip file that can be read"):
        read_gtfs(path, town.DATE, crs=town.CRS)


def test_no_feed_at_all_is_refused(tmp_path):
    (tmp_path / "text.zip").write_text("no zip")
    (tmp_path / "empty").mkdir()
    (tmp_path / "deep" / "gtfs").mkdir(parents=True)
    (tmp_path / "deep" / "gtfs" / "stops.txt").write_text("stop_id\n")
    for name, word in (
        ("text.zip", "no zip file"),
        ("empty", "none of the tables"),
        ("deep", "sub-folder gtfs"),
        ("missing.zip", "there is no file or folder"),
    ):
        with pytest.raises(InputError, match=word):
            read_gtfs(tmp_path / name, town.DATE, crs=town.CRS)


def refused(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read_gtfs(path, town.DATE, crs=town.CRS)
    return str(error.value)


def unpacked(tmp_path, files) -> Path:
    """The feed as a folder."""
    with zipfile.ZipFile(town.write_gtfs(tmp_path / "feed.zip", files)) as source:
        source.extractall(tmp_path / "folder")
    return tmp_path / "folder"


def patched(path: Path, name: str, *, flags: int = 0, method: int | None = None) -> Path:
    """Change a member's entry in the central directory and before its bytes."""
    content = bytearray(path.read_bytes())
    for mark, at_flags, at_method, at_name in ((b"PK\1\2", 8, 10, 46), (b"PK\3\4", 6, 8, 30)):
        place = content.find(mark)
        while not content[place + at_name :].startswith(name.encode()):
            place = content.find(mark, place + 1)
        content[place + at_flags] |= flags
        if method is not None:
            content[place + at_method] = method
    path.write_bytes(content)
    return path


def test_an_encrypted_member_is_refused(tmp_path, files):
    path = patched(town.write_gtfs(tmp_path / "feed.zip", files), "stops.txt", flags=1)
    assert "stops.txt: is encrypted" in refused(path)


def test_an_unusual_packing_is_refused_by_name(tmp_path, files):
    path = patched(town.write_gtfs(tmp_path / "feed.zip", files), "stops.txt", method=12)
    assert "stops.txt: is packed in a way that is not read (method 12)" in refused(path)


def test_a_link_in_a_zip_is_refused(tmp_path, files):
    path = town.write_gtfs(
        tmp_path / "feed.zip", {n: r for n, r in files.items() if n != "stops.txt"}
    )
    link = zipfile.ZipInfo("stops.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/hosts")
    assert "stops.txt: is a link, not a file" in refused(path)


def test_a_zip_in_a_zip_is_named(tmp_path, files):
    inner = town.write_gtfs(tmp_path / "feed.zip", files)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(inner, "gtfs.zip")
    assert "holds no tables but another zip (gtfs.zip)" in refused(tmp_path / "outer.zip")


def test_a_zip_beside_the_tables_does_no_harm(tmp_path, files, read):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("older.zip", b"PK")
        archive.writestr("__MACOSX/._stops.txt", b"")
    assert read_gtfs(path, town.DATE, crs=town.CRS).notices == ()


def test_tables_in_a_folder_of_the_zip_are_pointed_at(tmp_path, files):
    with zipfile.ZipFile(tmp_path / "deep.zip", "w") as archive:
        archive.writestr("gtfs/stops.txt", "stop_id\n")
    assert "the tables lie in the sub-folder gtfs" in refused(tmp_path / "deep.zip")


def test_all_tables_together_have_a_limit(tmp_path, files, monkeypatch):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    monkeypatch.setattr(gtfs_files, "MAX_TOTAL_BYTES", 700)
    assert "past 512 MB a table or 0 MB in all" in refused(path)
    assert "past 512 MB a table or 0 MB in all" in refused(unpacked(tmp_path, files))


@pytest.mark.parametrize("as_folder", [False, True])
def test_a_table_has_a_limit(tmp_path, files, monkeypatch, as_folder):
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    monkeypatch.setattr(gtfs_files, "MAX_BYTES", 150)
    text = refused(unpacked(tmp_path, files) if as_folder else path)
    assert "stops.txt: takes the feed past" in text
    assert "routes.txt: takes" not in text


def test_no_more_than_the_limit_is_ever_unpacked(tmp_path, files, monkeypatch):
    """Whatever the directory says of a member's size, the bytes are counted as they come."""
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    rewritten(path, "stops.txt", lambda b: b + b"\n" * 60_000_000)
    taken = 0
    plain = zipfile.ZipExtFile.read

    def counted(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        nonlocal taken
        assert n is not None
        assert 0 < n <= 2**20
        piece = plain(self, n)
        taken += len(piece)
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    assert "more than a timetable does" in refused(path)
    assert taken < 20_000_000


def test_a_zip_of_countless_files_is_refused(tmp_path, monkeypatch, files):
    monkeypatch.setattr(gtfs_files, "MAX_MEMBERS", 5)
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    assert "holds 6 files, which no feed does" in refused(path)


def test_a_link_out_of_the_folder_is_refused(tmp_path, files):
    folder = unpacked(tmp_path, files)
    (folder / "stops.txt").rename(tmp_path / "elsewhere.txt")
    (folder / "stops.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert "stops.txt: is a link out of the folder" in refused(folder)
    (folder / "stops.txt").unlink()
    (tmp_path / "elsewhere.txt").rename(folder / "kept.txt")
    (folder / "stops.txt").symlink_to(folder / "kept.txt")
    assert len(read_gtfs(folder, town.DATE, crs=town.CRS).trips) == 1
    (tmp_path / "feed").symlink_to(folder)  # the folder itself may be named by a link
    assert len(read_gtfs(tmp_path / "feed", town.DATE, crs=town.CRS).trips) == 1


def test_what_is_no_file_in_a_folder_is_refused(tmp_path, files):
    folder = unpacked(tmp_path, files)
    for name in ("stops.txt", "routes.txt", "trips.txt"):
        (folder / name).unlink()
    os.mkfifo(folder / "stops.txt")
    (folder / "routes.txt").mkdir()
    (folder / "trips.txt").symlink_to(folder / "nowhere.txt")
    text = refused(folder)
    assert "stops.txt: is no file" in text
    assert "routes.txt: is no file" in text
    assert "trips.txt: cannot be read (No such file or directory)" in text


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_archive_is_refused_or_read_but_never_breaks(tmp_path, files, seed):
    rng = np.random.default_rng(seed)
    path = town.write_gtfs(tmp_path / "feed.zip", files)
    raw = bytearray(path.read_bytes())
    directory = raw.find(b"PK\1\2")
    for place in rng.integers(0 if seed % 2 else directory, len(raw), 3):
        raw[place] = int(rng.integers(0, 256))
    path.write_bytes(raw)
    with contextlib.suppress(InputError):
        assert len(read_gtfs(path, town.DATE, crs=town.CRS).trips) >= 1
