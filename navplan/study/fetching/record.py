"""What a fetch wrote into a study: told from the planner's own files, and replaced as a whole."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from navplan.errors import Fault, InputError, raise_faults
from navplan.nouns.source import Source
from navplan.sources.ledger import read_sources, write_sources
from navplan.sources.writing import writing

RECORD: Final = "fetched.json"
LEDGER: Final = "sources.csv"
_PARTIAL: Final = ".fetch-"
_PARTS: Final = "version 1"
"""Under another key the parts may be told otherwise."""


@dataclass(frozen=True)
class Made:
    """What a part of a fetch came to, beside the files it wrote.

    Parameters
    ----------
    sources : tuple of Source
        What the files rest on.
    notices : tuple of str
        What a reader of the numbers must know.
    """

    sources: tuple[Source, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A part that was fetched before.

    Parameters
    ----------
    asked : str
        Digest of what was asked for.
    files : mapping of str to str
        Name → sha256 of the file as it was written.
    sources : tuple of str
        Ids of its sources.
    notices : tuple of str
        What was told.
    begun : mapping of str to str
        As `files`, of a writing that may not have come to its end.
    """

    asked: str
    files: Mapping[str, str]
    sources: tuple[str, ...]
    notices: tuple[str, ...] = ()
    begun: Mapping[str, str] = field(default_factory=dict)


def read_record(folder: Path) -> dict[str, Part]:
    """Read what earlier fetches wrote.

    Parameters
    ----------
    folder : Path
        The study's folder.

    Returns
    -------
    dict of str to Part
        By part; empty where nothing was fetched.

    Raises
    ------
    InputError
        If the record cannot be read.
    """
    path = folder / RECORD
    if not path.is_file():
        return {}
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(name): Part(
                asked=str(part["asked"]),
                files=dict(part["files"]),
                sources=tuple(part["sources"]),
                notices=tuple(part["notices"]),
                begun=dict(part.get("begun", {})),
            )
            for name, part in raw[_PARTS].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"cannot be read ({str(error)[:80]}); it tells which files a fetch wrote."
        remedy = "Move it and the fetched files away, and fetch again."
        raise_faults([Fault(RECORD, "", problem, remedy)])
        raise


def own_files(folder: Path, names: Iterable[str], part: Part | None) -> list[str]:
    """Find the files that no fetch wrote, or that were changed since.

    Parameters
    ----------
    folder : Path
        The study's folder.
    names : iterable of str
        Files of a part.
    part : Part or None
        What was fetched before.

    Returns
    -------
    list of str
    """
    return [
        name
        for name in names
        if (folder / name).exists()
        and (
            part is None
            or sha256(folder / name) not in {part.files.get(name), part.begun.get(name)}
        )
    ]


def is_done(folder: Path, names: Iterable[str], part: Part | None, asked: str) -> bool:
    """Tell whether a part's files are there as they were written, for what is asked for now.

    Parameters
    ----------
    folder : Path
        The study's folder.
    names : iterable of str
        Files of the part.
    part : Part or None
        What was fetched before.
    asked : str
        Digest of what is asked for.

    Returns
    -------
    bool
    """
    return (
        part is not None
        and part.asked == asked
        and all(
            (folder / name).is_file() and sha256(folder / name) == part.files.get(name)
            for name in names
        )
    )


def put(
    folder: Path, name: str, files: Iterable[str], make: Callable[[Path], Made], asked: str
) -> Made:
    """Make a part and put it in place, so that a kill at any moment leaves nothing broken.

    Files are made in a folder beside those of the study. The record then says what is to come,
    so that a file moved into place by a fetch that was killed is known for a fetched one.

    Parameters
    ----------
    folder : Path
        The study's folder.
    name : str
        Name of the part.
    files : iterable of str
        Its files.
    make : callable
        Writes them into the folder it is given.
    asked : str
        Digest of what was asked for.

    Returns
    -------
    Made
        What `make` came to.

    Raises
    ------
    InputError
        Of `make`; or if there is no room or no right to write.
    """
    _sweep(folder)
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=_PARTIAL))
    try:
        made = _made(draft, make)
        digests = {file: sha256(draft / file) for file in files}
        record = read_record(folder)
        before = record.get(name, Part("", {}, ()))
        begun = replace(before, asked="", begun={**before.begun, **digests})
        _write_record(folder, draft, {**record, name: begun})
        for file in digests:
            with writing(folder / file):
                (draft / file).replace(folder / file)
        ids = tuple(dict.fromkeys(source.id for source in made.sources))
        record = {**record, name: Part(asked, digests, ids, made.notices)}
        _write_ledger(folder, draft, record, made.sources)
        _write_record(folder, draft, record)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return made


def _made(draft: Path, make: Callable[[Path], Made]) -> Made:
    """What `make` came to; its faults name the study's folder, since the draft is gone by then."""
    try:
        return make(draft)
    except InputError as error:
        there, here = str(draft), str(draft.parent)
        raise_faults(replace(f, problem=f.problem.replace(there, here)) for f in error.faults)
        raise


def read_ledger(folder: Path) -> tuple[Source, ...]:
    """Read a study's ledger of sources.

    Parameters
    ----------
    folder : Path
        The study's folder.

    Returns
    -------
    tuple of Source
        Empty where there is none.

    Raises
    ------
    InputError
        With the faults of its rows.
    """
    path = folder / LEDGER
    if not path.is_file():
        return ()
    rows, faults = read_sources(path)
    raise_faults(faults)
    return rows


def read_fetched(
    folder: Path, parts: Iterable[str] | None = None
) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Read what fetched files rest on.

    Parameters
    ----------
    folder : Path
        The study's folder.
    parts : iterable of str, optional
        Those that ``[fetch]`` names now: the files of others have become the planner's own. All
        that were fetched unless told.

    Returns
    -------
    tuple of Source
        The ledger's rows of these parts.
    tuple of str
        What a reader of the numbers must know.

    Raises
    ------
    InputError
        If ledger or record cannot be read.
    """
    record = read_record(folder)
    named = [record[name] for name in (record if parts is None else parts) if name in record]
    used = {i for part in named for i in part.sources}
    sources = tuple(source for source in read_ledger(folder) if source.id in used)
    return sources, tuple(dict.fromkeys(text for part in named for text in part.notices))


def sha256(path: Path) -> str:
    """Digest a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Hexadecimal.
    """
    if not path.is_file():  # a folder of the planner's own
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_ledger(
    folder: Path, draft: Path, record: Mapping[str, Part], new: Iterable[Source]
) -> None:
    known = {source.id: source for source in (*read_ledger(folder), *new)}
    used = [i for part in record.values() for i in part.sources]
    with writing(folder / LEDGER):
        write_sources(draft / LEDGER, [known[i] for i in sorted(set(used)) if i in known])
        (draft / LEDGER).replace(folder / LEDGER)


def _write_record(folder: Path, draft: Path, record: Mapping[str, Part]) -> None:
    parts = {
        name: {
            "asked": part.asked,
            "files": dict(part.files),
            "sources": list(part.sources),
            "notices": list(part.notices),
            **({"begun": dict(part.begun)} if part.begun else {}),
        }
        for name, part in sorted(record.items())
    }
    text = json.dumps({_PARTS: parts}, indent=1, ensure_ascii=False)
    with writing(folder / RECORD):
        (draft / RECORD).write_text(text + "\n", encoding="utf-8")
        (draft / RECORD).replace(folder / RECORD)


def _sweep(folder: Path) -> None:
    """Remove what killed fetches left; only one fetch of a study runs at a time."""
    for left in folder.glob(f"{_PARTIAL}*"):
        shutil.rmtree(left, ignore_errors=True)
