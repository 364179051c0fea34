"""Zip archives made by others: a member is read under caps or not at all, never unpacked to disk.

An archive may hold paths that lead out of it, links, and little that unpacks to very much. Who
reads one goes by an allow-list of names, refuses names that stand twice (the last would win in
silence), and takes contents from `read_member` only.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO, Final

MAX_MEMBERS: Final = 10_000
MAX_RATIO: Final = 200
"""Most that a member may unpack to, in times its packed size; small ones may unpack to more."""
BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
"""What a damaged archive makes the standard library raise."""

_SMALL_BYTES: Final = 2**20
_CHUNK_BYTES: Final = 2**20
_ENCRYPTED: Final = 0x1
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def stored_path(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """Split a member's name as it is stored.

    Parameters
    ----------
    member : ZipInfo
        Of an archive.

    Returns
    -------
    tuple of str
        Folders and name; empty for a nameless member.
    """
    # zipfile's own name is cut where a NUL stands
    return PurePosixPath(member.orig_filename.replace("\\", "/")).parts


def leads_out(path: tuple[str, ...]) -> bool:
    """Whether a stored path leads out of the archive.

    Parameters
    ----------
    path : tuple of str
        From `stored_path`.

    Returns
    -------
    bool
        True for ``/x``, ``C:x`` and whatever goes up by ``..``.
    """
    return bool(path) and (path[0].startswith("/") or ".." in path or ":" in path[0])


def unread(member: zipfile.ZipInfo) -> tuple[str, str]:
    """Say why a member cannot be read, whatever it holds.

    Parameters
    ----------
    member : ZipInfo
        Of an archive.

    Returns
    -------
    str
        The problem; empty where there is none.
    str
        What to do.
    """
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted.", "Give one without a password."
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, not a file.", "Put the file itself into the zip."
    if member.compress_type not in _PACKED:
        problem = f"is packed in a way that is not read (method {member.compress_type})."
        return problem, "Make the zip anew with the usual method, deflate."
    return "", ""


def most_unpacked(member: zipfile.ZipInfo) -> int:
    """Say how much a member may unpack to, going by its packed size.

    Parameters
    ----------
    member : ZipInfo
        Of an archive.

    Returns
    -------
    int
        Bytes.
    """
    return max(_SMALL_BYTES, MAX_RATIO * member.compress_size)


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, room: int) -> bytes | None:
    """Read a member that `unread` has nothing against.

    Parameters
    ----------
    archive : ZipFile
        Open for reading.
    member : ZipInfo
        Of it.
    room : int
        Most it may take [bytes].

    Returns
    -------
    bytes or None
        The content; None where it is more than there is room for, or than `most_unpacked`.
    """
    with archive.open(member) as source:
        return read_capped(source, min(room, most_unpacked(member)))


def read_capped(source: IO[bytes], most: int) -> bytes | None:
    """Read a file in pieces, since sizes that are told may lie.

    Parameters
    ----------
    source : file
        Open for reading.
    most : int
        Most that is read [bytes].

    Returns
    -------
    bytes or None
        The content; None where it is more.
    """
    pieces: list[bytes] = []
    size = 0
    while piece := source.read(_CHUNK_BYTES):
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
    return b"".join(pieces)
