"""Files out of a zip archive: read by an allow-list, under caps, never unpacked to disk."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Final

from navplan.errors import Fault, raise_faults
from navplan.nouns.archives import (
    BROKEN,
    MAX_MEMBERS,
    leads_out,
    read_member,
    stored_path,
    unread,
)

MAX_TOTAL_BYTES: Final = 2**30


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
                parts = stored_path(member)
                if member.is_dir() or not parts or not parts[-1].lower().endswith(tuple(suffixes)):
                    continue
                left = most_bytes - sum(map(len, contents.values()))
                problem = _problem(member, parts) or (
                    "stands in the archive more than once." if parts[-1] in contents else ""
                )
                content = None if problem else read_member(archive, member, room=left)
                if content is None:
                    problem = problem or "unpacks to more than is read."
                    remedy = "Do not use this file; run fetch with --update."
                    faults.append(Fault(where, member.orig_filename[:80], problem, remedy))
                    continue
                contents[parts[-1]] = content
    except BROKEN as error:
        problem = f"is no zip file that can be read ({error})."
        faults.append(Fault(where, "", problem, "Run fetch with --update."))
    if not contents and not faults:
        problem = f"holds no file that ends in {' or '.join(sorted(suffixes))}."
        faults.append(Fault(where, "", problem, "Order it in another format."))
    raise_faults(faults)
    return dict(sorted(contents.items()))


def _problem(member: zipfile.ZipInfo, parts: tuple[str, ...]) -> str:
    return "is a path out of the archive." if leads_out(parts) else unread(member)[0]
