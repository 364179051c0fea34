"""Files out of a zip archive: read by an allow-list, under caps, never unpacked to disk."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import IO, Final

from navplan.errors import Fault, raise_faults

MAX_TOTAL_BYTES: Final = 2**30
MAX_RATIO: Final = 200
MAX_MEMBERS: Final = 10_000
_SMALL_BYTES: Final = 2**20
_CHUNK_BYTES: Final = 2**20
_ENCRYPTED: Final = 0x1
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
"""What a damaged archive makes the standard library raise."""


def read_members(
    path: Path, *, suffixes: Collection[str], where: str = "", most_bytes: int = MAX_TOTAL_BYTES
) -> dict[str, bytes]:
    """Read the members of an archive whose names end as told.

    Parameters
    ----------
    path : Path
        Zip file.
    suffixes : collection of str
        Endings in small letters, for example ``{".geojson"}``; other members are passed over.
    where : str
        What the archive is called in faults; its file name unless told.
    most_bytes : int
        Most that all members may take together, unpacked [bytes].

    Returns
    -------
    dict
        Name, without folders, → content, in the order of names.

    Raises
    ------
    InputError
        Naming every member that is encrypted, a link, a path out of the archive, doubled or packed
        beyond the caps; or if the archive is damaged or holds no such member.
    """
    where = where or path.name
    faults: list[Fault] = []
    contents: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                problem = f"holds {len(members):,} files; up to {MAX_MEMBERS:,} are read."
                faults.append(Fault(where, "", problem, "Do not use it."))
                members = []
            for member in members:
                # the name as stored: zipfile cuts what stands behind a NUL
                parts = PurePosixPath(member.orig_filename.replace("\\", "/")).parts
                if member.is_dir() or not parts or not parts[-1].lower().endswith(tuple(suffixes)):
                    continue
                left = most_bytes - sum(map(len, contents.values()))
                problem = _problem(member, parts) or (
                    "stands in the archive more than once." if parts[-1] in contents else ""
                )
                content = None if problem else _content(archive, member, left)
                if content is None:
                    problem = problem or "unpacks to more than is read."
                    remedy = "Do not use this file; run fetch with --update."
                    faults.append(Fault(where, member.orig_filename[:80], problem, remedy))
                    continue
                contents[parts[-1]] = content
    except _BROKEN as error:
        problem = f"is no zip file that can be read ({error})."
        faults.append(Fault(where, "", problem, "Run fetch with --update."))
    if not contents and not faults:
        problem = f"holds no file that ends in {' or '.join(sorted(suffixes))}."
        faults.append(Fault(where, "", problem, "Order it in another format."))
    raise_faults(faults)
    return dict(sorted(contents.items()))


def _problem(member: zipfile.ZipInfo, parts: tuple[str, ...]) -> str:
    if parts[0].startswith("/") or ".." in parts or ":" in parts[0]:
        return "is a path out of the archive."
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted."
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, not a file."
    if member.compress_type not in _PACKED:
        return f"is packed in a way that is not read (method {member.compress_type})."
    return ""


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes | None:
    """The member's content, or nothing where it is more than allowed; told sizes may lie."""
    most = min(left, max(_SMALL_BYTES, MAX_RATIO * member.compress_size))
    with archive.open(member) as source:
        return _capped(source, most)


def _capped(source: IO[bytes], most: int) -> bytes | None:
    pieces: list[bytes] = []
    size = 0
    while piece := source.read(_CHUNK_BYTES):
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
    return b"".join(pieces)
