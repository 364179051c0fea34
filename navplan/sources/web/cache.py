"""Answers kept by what was asked, contents kept once by their sha256.

``answers/KEY/SHA256.json`` says what came, when and from where; ``contents/SHA256`` is what came;
``parts/KEY.part`` a download under way. Everything appears under its name only when it is whole,
and a content that does not fit its sha256 any more is taken for not there. Names are made of
digests alone: nothing a service says decides where something is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Final

import platformdirs

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DRAFT_S: Final = 86_400.0
_PART_S: Final = 30 * 86_400.0
"""Age at which what a killed process left is nobody's any more [s]."""


@dataclass(frozen=True)
class Entry:
    """What the cache knows of an answer.

    Parameters
    ----------
    sha256 : str
        Of its content.
    retrieved : str
        When the content first came, ISO 8601 with time zone.
    checked : str
        When the service last said that this is what it has.
    kind : str
        Content type.
    etag : str
        The service's mark of this content; empty where it gave none.
    """

    sha256: str
    retrieved: str
    checked: str
    kind: str
    etag: str

    @property
    def day(self) -> str:
        """When the content first came, ``YYYY-MM-DD``."""
        return self.retrieved[:10]


class Cache:
    """A folder of answers; safe for several processes, and for one that is killed.

    Parameters
    ----------
    folder : Path
        Made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._answers = folder / "answers"
        self._contents = folder / "contents"
        self._parts = folder / "parts"

    def content(self, entry: Entry) -> Path:
        """Say where an answer's content lies.

        Parameters
        ----------
        entry : Entry
            One that `find` gave.

        Returns
        -------
        Path
            To be read only.
        """
        return self._contents / entry.sha256

    def part(self, key: str) -> Path:
        """Say where a download under way lies.

        Parameters
        ----------
        key : str
            Of what was asked.

        Returns
        -------
        Path
            In a folder that is there.
        """
        self._parts.mkdir(parents=True, exist_ok=True)
        return self._parts / f"{key}.part"

    def entries(self, key: str) -> list[Entry]:
        """List all that ever came in answer to something.

        Parameters
        ----------
        key : str
            Of what was asked.

        Returns
        -------
        list of Entry
            Last checked first; their contents may be gone.
        """
        found = [_entry(path) for path in (self._answers / key).glob("*.json")]
        return sorted((e for e in found if e is not None), key=lambda e: e.checked, reverse=True)

    def find(self, key: str, sha256: str | None = None) -> Entry | None:
        """Find an answer whose content is there and whole.

        Parameters
        ----------
        key : str
            Of what was asked.
        sha256 : str, optional
            The content wanted; the one last checked unless told.

        Returns
        -------
        Entry or None
            None where there is none.
        """
        for entry in self.entries(key):
            if sha256 not in {None, entry.sha256}:
                continue
            content = self.content(entry)
            try:
                if sha256_of(content) == entry.sha256:
                    return entry
                content.unlink(missing_ok=True)
            except OSError:
                continue
        return None

    def keep(self, key: str, content: bytes, *, kind: str, etag: str, now: datetime) -> Entry:
        """Keep a content in answer to something.

        Parameters
        ----------
        key : str
            Of what was asked.
        content : bytes
            The whole of it.
        kind : str
            Content type.
        etag : str
            The service's mark of it; may be empty.
        now : datetime
            With a time zone.

        Returns
        -------
        Entry
            What `find` will give.
        """
        digest = hashlib.sha256(content).hexdigest()
        self._write(self._contents / digest, content)
        return self._note(key, digest, kind=kind, etag=etag, now=now)

    def keep_part(self, key: str, *, kind: str, etag: str, now: datetime) -> Entry:
        """Keep what lies in `part` in answer to something.

        Parameters
        ----------
        key : str
            Of what was asked.
        kind : str
            Content type.
        etag : str
            The service's mark of it; may be empty.
        now : datetime
            With a time zone.

        Returns
        -------
        Entry
            What `find` will give.
        """
        part = self.part(key)
        part.touch()  # however long it lay here, it is not left over
        digest = sha256_of(part)
        # The entry first: killed between the two, the part is still there to go on with.
        entry = self._note(key, digest, kind=kind, etag=etag, now=now)
        self._contents.mkdir(parents=True, exist_ok=True)
        part.replace(self._contents / digest)
        return entry

    def confirm(self, key: str, entry: Entry, now: datetime) -> Entry:
        """Note that the service still has what was kept.

        Parameters
        ----------
        key : str
            Of what was asked.
        entry : Entry
            What was kept.
        now : datetime
            With a time zone.

        Returns
        -------
        Entry
            With the new time.
        """
        return self._note(key, entry.sha256, kind=entry.kind, etag=entry.etag, now=now)

    def _note(self, key: str, digest: str, *, kind: str, etag: str, now: datetime) -> Entry:
        path = self._answers / key / f"{digest}.json"
        before = _entry(path)
        checked = now.isoformat(timespec="microseconds")
        # The first day stays, so that what is written from the cache again is the same again.
        retrieved = checked if before is None else before.retrieved
        entry = Entry(digest, retrieved, checked, kind, etag)
        self._write(path, json.dumps(asdict(entry), indent=1).encode())
        return entry

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._parts.mkdir(parents=True, exist_ok=True)
        self._sweep()
        handle, name = tempfile.mkstemp(dir=self._parts, prefix="new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what killed processes left; younger files may be another process at work."""
        for pattern, most in (("new-*", _DRAFT_S), ("*.part", _PART_S)):
            for path in self._parts.glob(pattern):
                try:
                    if time.time() - path.stat().st_mtime > most:
                        path.unlink()
                except OSError:  # another process was quicker
                    continue


def cache_folder() -> Path:
    """Say where answers are kept unless told otherwise.

    Returns
    -------
    Path
        What ``NAVPLAN_CACHE`` names, else a folder of the user's cache.
    """
    named = os.environ.get("NAVPLAN_CACHE", "")
    if named:
        return Path(named).expanduser().resolve()
    return Path(platformdirs.user_cache_dir("navplan", appauthor=False)) / "web"


def sha256_of(path: Path) -> str:
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
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entry(path: Path) -> Entry | None:
    """Read an entry; None where it is not there, damaged or not of this content."""
    try:
        found = json.loads(path.read_bytes())
        entry = Entry(**{field.name: found[field.name] for field in fields(Entry)})
        for time_ in (entry.retrieved, entry.checked):
            if datetime.fromisoformat(time_).tzinfo is None:
                return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    texts = all(isinstance(value, str) for value in asdict(entry).values())
    whole = texts and _DIGEST.fullmatch(entry.sha256) and entry.sha256 == path.stem
    return entry if whole else None
