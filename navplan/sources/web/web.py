"""The one way to the network: asks politely, keeps every answer, and says plainly what failed."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from navplan.nouns.source import Source
from navplan.sources.web import refusals
from navplan.sources.web.addresses import base_of, checked_mirrors, route
from navplan.sources.web.cache import Cache, Entry
from navplan.sources.web.clock import Clock
from navplan.sources.web.locking import held
from navplan.sources.web.pacing import Pacer
from navplan.sources.web.parts import Download, fill, size_of
from navplan.sources.web.retries import PassingError, patiently
from navplan.sources.web.sending import Ask, Sender, etag_of
from navplan.sources.web.service import Fetched, Params, Service, below, parse_json

MOST_BYTES: Final = 50_000_000
FRESH: Final = timedelta(days=1)
"""An answer is asked for again when it is older, unless a study is pinned to it."""

_PROGRESS_BYTES: Final = 1_048_576
_SEED: Final = 1
_MOST_ADDRESS: Final = 160


class Web:
    """Services on the web, through a cache. For one thread.

    An answer comes from the cache where the study is pinned to it, where it is younger than a day
    (so a fetch that was killed goes on), and always when offline; otherwise the service is asked,
    at its own pace, up to five times with growing waits, and the answer is kept.

    Parameters
    ----------
    cache : Path
        Folder of the answers; made when needed.
    offline : bool, optional
        Nothing is asked; what is not in the cache is an error.
    mirrors : mapping, optional
        Service id → base address that stands in for the service's own; `mirrored` makes one for
        all.
    pins : mapping, optional
        Id of a source → the row a study was made with; `navplan.sources.ledger.pins_of` makes it.
        Another content is then an error.
    update : bool, optional
        Ask anew, whatever is pinned or in the cache.
    tell : callable, optional
        Gets a sentence of progress now and then.
    timeout_s : float, optional
        Longest silence of any service [s]; each service's own unless told.
    clock : Clock, optional
        What waiting goes by.

    Raises
    ------
    InputError
        If a mirror is no address.

    Notes
    -----
    Proxies and certificates are taken from the environment: ``HTTPS_PROXY``, ``SSL_CERT_FILE``.
    """

    def __init__(
        self,
        cache: Path,
        *,
        offline: bool = False,
        mirrors: Mapping[str, str] | None = None,
        pins: Mapping[str, Source] | None = None,
        update: bool = False,
        tell: Callable[[str], None] | None = None,
        timeout_s: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._folder = cache
        self._cache = Cache(cache)
        self._offline = offline
        self._mirrors = checked_mirrors(mirrors or {})
        self._pins = {} if update else dict(pins or {})
        self._tell = tell or _silent
        self._timeout_s = timeout_s
        self._clock = clock or Clock()
        self._dice = random.Random(_SEED)  # noqa: S311 - spreads waits, keeps no secret
        started = self._clock.now()
        self._fresh_since = started if update else started - FRESH
        self._used: dict[str, Source] = {}

    @property
    def used(self) -> tuple[Source, ...]:
        """Everything handed out so far, once each, in the order it was first asked for."""
        return tuple(self._used.values())

    @cached_property
    def _sender(self) -> Sender:
        return Sender(self._clock, Pacer(self._clock, self._tell), self._timeout_s)

    def close(self) -> None:
        """Close the connections; the next question opens them again."""
        if "_sender" in self.__dict__:
            self._sender.close()
            del self._sender

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def get(
        self,
        service: Service,
        path: str,
        *,
        params: Params | None = None,
        body: object | None = None,
        accept: str = "application/json",
        most_bytes: int = MOST_BYTES,
        name: str = "",
        always: bool = False,
    ) -> Fetched:
        """Ask a service something.

        For answers that fit into memory; for large files use `download`.

        Parameters
        ----------
        service : Service
            Who is asked.
        path : str
            Below the service's address.
        params : mapping, optional
            Name → value, or several values.
        body : object, optional
            Makes it a POST: bytes as they are, anything else as JSON.
        accept : str, optional
            Content type asked for; where it is JSON, another answer is an error.
        most_bytes : int, optional
            Largest answer, packed and unpacked [bytes].
        name : str, optional
            What is asked for, for the messages: ``"population of 1804"``.
        always : bool, optional
            Ask even where the cache has a fresh answer, for answers that hold for a short time.

        Returns
        -------
        Fetched
            The answer, not empty.

        Raises
        ------
        FetchError
            If the service cannot give it, or it is not what the study is pinned to.
        """
        content = None if body is None else _packed(body)
        address = service.url(path, params)
        key = _key(service, address, accept, content)
        asked = _asked(service, name, address)
        with self._keeping(asked):
            kept = None if always and not self._offline else self._kept(service, key)
            if kept is None:
                self._stay_online(asked)
                headers = {"Accept": accept, "Accept-Encoding": "gzip"}
                if content is not None:
                    sent = "application/json" if not isinstance(body, bytes) else "text/plain"
                    headers["Content-Type"] = f"{sent}; charset=utf-8"
                url = base_of(service, self._mirrors) + below(path, params)
                ask = Ask(service, url, asked, most_bytes, headers, content)
                self._tell(f"{asked}.")
                kept = self._patiently(partial(self._ask, key, ask))
            return self._hand_out(service, key, kept, address, asked)

    def download(
        self,
        service: Service,
        path: str | Callable[[], str],
        *,
        most_bytes: int,
        name: str = "",
        identity: str = "",
    ) -> Fetched:
        """Get a large file; what has come of it stays when it breaks off.

        Parameters
        ----------
        service : Service
            Who is asked.
        path : str or callable
            Below the service's address, or a whole https address that the service gave out: the
            service then gives publisher and terms only. A function is called where the file is
            not in the cache; for links that must be ordered first and live shortly.
        most_bytes : int
            Largest file [bytes].
        name : str, optional
            What is asked for, for the messages.
        identity : str, optional
            What tells this file from others where its address is another each time; needed where
            `path` is a function.

        Returns
        -------
        Fetched
            The file.

        Raises
        ------
        FetchError
            If the service cannot give it, or it is not what the study is pinned to.
        """
        if callable(path) and not identity:
            raise ValueError("a file whose address is not known needs an identity")
        fixed = service.address if callable(path) or identity else _whole(service, path)
        key = _key(service, fixed, identity, None)
        asked = _asked(service, name, fixed)
        with self._keeping(asked):
            kept = self._kept(service, key)
            if kept is None:
                self._stay_online(asked)
                part = self._cache.part(key)
                busy = f"{asked}: another navplan is at it; waiting for its end."
                # two would write into one part
                with held(part.with_suffix(".lock"), lambda: self._tell(busy)):
                    kept = self._kept(service, key)
                    if kept is None:
                        link = path() if callable(path) else path
                        ask = Ask(service, self._url(service, link, asked), asked, most_bytes)
                        self._tell(f"{asked}.")
                        kept = self._fill(Download(key, ask, self._cache.find(key)), part)
            return self._hand_out(service, key, kept, fixed, asked)

    def _url(self, service: Service, path: str, asked: str) -> str:
        if "://" in path:
            return route(service, path, self._mirrors, asked)
        return base_of(service, self._mirrors) + below(path)

    def _kept(self, service: Service, key: str) -> Entry | None:
        """What the cache gives without asking anybody."""
        pin = self._pins.get(_source_id(service, key))
        if pin is not None:
            kept = self._cache.find(key, pin.sha256)
            if kept is not None:
                return kept
        kept = self._cache.find(key)
        if kept is None or self._offline:
            return kept
        return kept if datetime.fromisoformat(kept.checked) >= self._fresh_since else None

    def _stay_online(self, asked: str) -> None:
        if self._offline:
            raise refusals.not_cached(asked)

    def _patiently(
        self, attempt: Callable[[], Entry], progress: Callable[[], int] = lambda: 0
    ) -> Entry:
        return patiently(
            attempt, clock=self._clock, dice=self._dice, tell=self._tell, progress=progress
        )

    def _fill(self, download: Download, part: Path) -> Entry:
        attempt = partial(
            fill,
            download,
            cache=self._cache,
            sender=self._sender,
            clock=self._clock,
            tell=self._tell,
        )
        return self._patiently(attempt, progress=lambda: size_of(part) // _PROGRESS_BYTES)

    def _ask(self, key: str, ask: Ask) -> Entry:
        kept = self._cache.find(key)
        known = kept is not None and bool(kept.etag) and ask.body is None
        headers = {"If-None-Match": kept.etag} if kept is not None and known else {}
        ask_now = replace(ask, headers=ask.headers | headers)
        accepted = {200, 204, 304} if known else {200, 204}
        with self._sender.answer(ask_now, accepted=accepted) as response:
            if kept is not None and response.status_code == httpx.codes.NOT_MODIFIED:
                return self._cache.confirm(key, kept, self._clock.now())
            content = b"".join(self._sender.pieces(ask, response))
        kind = response.headers.get("Content-Type", "")
        if not content.strip():
            raise PassingError(refusals.empty(ask.asked))
        if "json" in ask.headers["Accept"] and not _is_json(content):
            raise PassingError(refusals.no_json(ask.asked, kind, content))
        etag, now = etag_of(response), self._clock.now()
        return self._cache.keep(key, content, kind=kind, etag=etag, now=now)

    def _hand_out(
        self, service: Service, key: str, kept: Entry, address: str, asked: str
    ) -> Fetched:
        source = Source(
            id=_source_id(service, key),
            publisher=service.publisher,
            address=address,
            retrieved=kept.day,
            sha256=kept.sha256,
            licence=service.licence,
            attribution=service.attribution,
            quality=service.quality,
        )
        pin = self._pins.get(source.id)
        if pin is not None and pin.sha256 != source.sha256:
            raise refusals.not_pinned(asked, pin, source.sha256)
        self._used.setdefault(source.id, source)
        return Fetched(self._cache.content(kept), source, kept.kind)

    @contextmanager
    def _keeping(self, asked: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise refusals.not_kept(asked, str(self._folder), error) from error


def _silent(sentence: str) -> None:
    """Where nobody wants to know."""


def _asked(service: Service, name: str, address: str) -> str:
    shown = address if len(address) <= _MOST_ADDRESS else f"{address[:_MOST_ADDRESS]}…"
    what = f"{name} ({shown})" if name else shown
    return f"Asked {service.publisher} for {what}"


def _whole(service: Service, path: str) -> str:
    return path if "://" in path else service.url(path)


def _packed(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return text.encode()


def _key(service: Service, address: str, form: str, body: bytes | None) -> str:
    """Digest of what is asked, the same whatever mirror answers."""
    whole = json.dumps([service.id, address, form, body is None]).encode() + b"\n" + (body or b"")
    return hashlib.sha256(whole).hexdigest()


def _source_id(service: Service, key: str) -> str:
    return f"{service.id}-{key[:12]}"


def _is_json(content: bytes) -> bool:
    try:
        parse_json(content)
    except ValueError:
        return False
    return True
