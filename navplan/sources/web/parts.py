"""Large files: what has come stays, and the rest is asked for where the service has the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx

from navplan.sources.web import refusals
from navplan.sources.web.cache import Cache, Entry
from navplan.sources.web.clock import Clock
from navplan.sources.web.retries import PassingError
from navplan.sources.web.sending import Ask, Sender, etag_of

_RANGE: Final = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", re.ASCII)
_STEP_BYTES: Final = 50_000_000
"""One sentence of progress in so many bytes."""


@dataclass(frozen=True)
class Note:
    """What is known of a file under way; lies beside its part.

    Parameters
    ----------
    mark : str
        Strong ETag, or Last-Modified, that tells whether the service still has the same; empty
        where it gives none, so that one starts from the beginning.
    etag : str
        As given, strong or weak; may be empty.
    whole : int
        Size of the file [bytes]; -1 where the service does not say.
    kind : str
        Content type.
    started : str
        When the file began to come, ISO 8601 with time zone.
    """

    mark: str
    etag: str
    whole: int
    kind: str
    started: str


@dataclass(frozen=True)
class Download:
    """A file to get.

    Parameters
    ----------
    key : str
        Of what is asked for, in the cache.
    ask : Ask
        The request for the whole of it.
    kept : Entry or None
        What the cache has of it, perhaps of an earlier state.
    """

    key: str
    ask: Ask
    kept: Entry | None


def size_of(part: Path) -> int:
    """Say how much of a file has come.

    Parameters
    ----------
    part : Path
        Its part.

    Returns
    -------
    int
        Bytes; zero where there is none.
    """
    return part.stat().st_size if part.exists() else 0


def fill(
    download: Download,
    *,
    cache: Cache,
    sender: Sender,
    clock: Clock,
    tell: Callable[[str], None],
) -> Entry:
    """Get a file, or what is left of it, in one try.

    Parameters
    ----------
    download : Download
        The file.
    cache : Cache
        Where it is kept.
    sender : Sender
        Sends the request.
    clock : Clock
        Says when it came.
    tell : callable
        Gets sentences of progress.

    Returns
    -------
    Entry
        The whole file in the cache.

    Raises
    ------
    FetchError
        If it is refused or too large.
    PassingError
        If it broke off; what has come stays.
    """
    part, ask = cache.part(download.key), download.ask
    note = _read(part)
    have = size_of(part) if note is not None else 0
    if note is not None and have and have == note.whole:
        came = datetime.fromisoformat(note.started)  # killed before it was put in its place
    else:
        conditions, accepted = _conditions(note, have, download.kept)
        headers = ask.headers | {"Accept-Encoding": "identity"} | conditions
        with sender.answer(replace(ask, headers=headers), accepted=accepted) as response:
            status = response.status_code
            if status == httpx.codes.NOT_MODIFIED and download.kept is not None:
                return cache.confirm(download.key, download.kept, clock.now())
            if status == httpx.codes.OK:
                note, have = _begin(part, response, ask, clock), 0
            elif note is None or not _continues(response, have, note):
                part.unlink(missing_ok=True)
                raise PassingError(refusals.changed_meanwhile(ask.asked))
            with part.open("ab") as file:
                for piece in sender.pieces(ask, response):
                    file.write(piece)
                    before, have = have, have + len(piece)
                    if before // _STEP_BYTES != have // _STEP_BYTES:
                        tell(_progress(ask, have, note.whole))
        if not have:
            raise PassingError(refusals.empty(ask.asked))
        if note.whole not in {-1, have}:
            raise PassingError(refusals.broken_off(ask.asked))
        came = clock.now()
    entry = cache.keep_part(download.key, kind=note.kind, etag=note.etag, now=came)
    _beside(part).unlink(missing_ok=True)
    return entry


def _conditions(
    note: Note | None, have: int, kept: Entry | None
) -> tuple[dict[str, str], frozenset[int]]:
    """Headers that ask for no more than is missing, and the answers they may bring."""
    if note is not None and note.mark and have:
        return {"Range": f"bytes={have}-", "If-Range": note.mark}, frozenset({200, 206, 416})
    if kept is not None and kept.etag:
        return {"If-None-Match": kept.etag}, frozenset({200, 304})
    return {}, frozenset({200})


def _begin(part: Path, response: httpx.Response, ask: Ask, clock: Clock) -> Note:
    headers = response.headers
    packed = headers.get("Content-Encoding", "identity").lower() != "identity"
    length = headers.get("Content-Length", "")
    whole = int(length) if length.isascii() and length.isdigit() and not packed else -1
    if whole > ask.most_bytes:
        raise refusals.too_large(ask.asked, ask.most_bytes)
    etag = etag_of(response)
    mark = (etag if _strong(etag) else headers.get("Last-Modified", "")) if whole >= 0 else ""
    kind = headers.get("Content-Type", "")
    part.write_bytes(b"")  # before the note: never the old bytes under the new mark
    note = Note(mark, etag, whole, kind, clock.now().isoformat(timespec="microseconds"))
    draft = _beside(part).with_suffix(".draft")
    draft.write_text(json.dumps(asdict(note)), encoding="utf-8")
    draft.replace(_beside(part))
    return note


def _continues(response: httpx.Response, have: int, note: Note) -> bool:
    """Whether an answer is the rest of the same file."""
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status_code != httpx.codes.PARTIAL_CONTENT or found is None:
        return False
    name = "ETag" if _strong(note.mark) else "Last-Modified"
    same = response.headers.get(name) == note.mark
    packed = response.headers.get("Content-Encoding", "identity").lower() != "identity"
    return same and not packed and (int(found[1]), int(found[2])) == (have, note.whole)


def _strong(etag: str) -> bool:
    return etag.startswith('"')


def _progress(ask: Ask, have: int, whole: int) -> str:
    of = f" of {whole / 1e6:,.0f}" if whole > 0 else ""
    return f"{ask.asked}: {have / 1e6:,.0f}{of} MB."


def _beside(part: Path) -> Path:
    return part.with_suffix(".json")


def _read(part: Path) -> Note | None:
    """Read the note beside a part; None where it is not there or damaged."""
    try:
        note = Note(**json.loads(_beside(part).read_bytes()))
        aware = datetime.fromisoformat(note.started).tzinfo is not None
    except (OSError, ValueError, TypeError):
        return None
    texts = all(isinstance(text, str) for text in (note.mark, note.etag, note.kind))
    return note if aware and texts and type(note.whole) is int else None
