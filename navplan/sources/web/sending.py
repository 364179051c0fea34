"""One request and its answer: sent on where that is safe, read up to a limit, unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final

import httpx

from navplan.errors import FetchError
from navplan.sources.web import refusals
from navplan.sources.web.addresses import redirected
from navplan.sources.web.clock import Clock
from navplan.sources.web.pacing import Pacer
from navplan.sources.web.retries import PassingError, pause_asked
from navplan.sources.web.service import Service

MOST_REDIRECTS: Final = 5
MOST_SECONDS: Final = 600.0
"""An answer that is still dripping in after so long is given up [s]."""

_MOST_REFUSAL_BYTES: Final = 65_536
_PIECE: Final = 65_536
_CONNECT_S: Final = 10.0
_MOST_ETAG: Final = 256


@dataclass(frozen=True)
class Ask:
    """A request as it goes out.

    Parameters
    ----------
    service : Service
        Whose pace is kept.
    url : str
        Whole address, at the service or its mirror.
    asked : str
        What is asked of whom, the beginning of every message.
    most_bytes : int
        Largest answer, packed and unpacked [bytes].
    headers : dict, optional
        Of the request.
    body : bytes, optional
        Makes it a POST.
    most_s : float, optional
        Longest time the content may take [s].
    """

    service: Service
    url: str
    asked: str
    most_bytes: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    most_s: float = MOST_SECONDS


class Sender:
    """Sends requests, one at a time.

    Parameters
    ----------
    clock : Clock
        What waiting goes by.
    pacer : Pacer
        Keeps every service's pace.
    timeout_s : float or None
        Longest silence of every service [s]; None for each service's own.

    Raises
    ------
    FetchError
        If the environment names a proxy or certificates that cannot be used.
    """

    def __init__(self, clock: Clock, pacer: Pacer, timeout_s: float | None) -> None:
        self._clock = clock
        self._pacer = pacer
        self._timeout_s = timeout_s
        try:
            self._client = httpx.Client(
                follow_redirects=False,
                headers={"User-Agent": f"navplan/{version('navplan')}"},
            )
        except OSError as error:
            raise refusals.unusable_certificates(error) from error
        except (ValueError, httpx.InvalidURL, ImportError) as error:
            raise refusals.unusable_proxy() from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @contextmanager
    def answer(self, ask: Ask, *, accepted: AbstractSet[int]) -> Iterator[httpx.Response]:
        """Send a request and hand out the answer, its content unread.

        Parameters
        ----------
        ask : Ask
            The request.
        accepted : set of int
            Statuses the caller knows what to do with.

        Yields
        ------
        Response
            For `pieces`; troubles on reading it are turned into errors here.

        Raises
        ------
        FetchError
            If it is refused.
        PassingError
            If another try may help.
        """
        try:
            with self._pacer.call(ask.service), self._sent(ask) as response:
                if response.status_code not in accepted:
                    raise self._refused(ask, response)
                yield response
        except httpx.HTTPError as error:
            trouble, passing = refusals.of_trouble(ask.asked, error)
            raise (PassingError(trouble) if passing else trouble) from error
        except httpx.InvalidURL as error:
            raise FetchError(f"{ask.asked}: its address cannot be read ({error}).") from error

    @contextmanager
    def _sent(self, ask: Ask) -> Iterator[httpx.Response]:
        url, method, body = ask.url, "GET" if ask.body is None else "POST", ask.body
        silence_s = ask.service.silence_s if self._timeout_s is None else self._timeout_s
        timeout = httpx.Timeout(silence_s, connect=min(silence_s, _CONNECT_S))
        for _ in range(MOST_REDIRECTS + 1):
            with self._client.stream(
                method, url, content=body, headers=ask.headers, timeout=timeout
            ) as response:
                if not response.has_redirect_location:
                    yield response
                    return
                url = redirected(url, response.headers["Location"], ask.asked)
                if response.status_code == httpx.codes.SEE_OTHER:
                    method, body = "GET", None
        raise FetchError(f"{ask.asked}: it sends on from address to address without end.")

    def _refused(self, ask: Ask, response: httpx.Response) -> Exception:
        body = b""
        try:
            for piece in _unpacked(ask, response):
                body += piece
                if len(body) >= _MOST_REFUSAL_BYTES:
                    break
        except (FetchError, PassingError):
            body = b""  # the status says enough
        error = refusals.of_status(ask.asked, response.status_code, body)
        if response.status_code not in refusals.PASSING:
            return error
        pause = pause_asked(response.headers.get("Retry-After"), self._clock.now())
        often = response.status_code == httpx.codes.TOO_MANY_REQUESTS
        if pause is None and often and ask.service.calls is not None:
            pause = ask.service.window_s  # others behind the same address used up this window
        return PassingError(error, wait_s=pause)

    def pieces(self, ask: Ask, response: httpx.Response) -> Iterator[bytes]:
        """Read the content of an answer, unpacked, up to the limit.

        Parameters
        ----------
        ask : Ask
            The request.
        response : Response
            Of `answer`.

        Yields
        ------
        bytes
            The content in order.

        Raises
        ------
        FetchError
            If it is too large, or packed in a way that was not asked for.
        PassingError
            If it is damaged or takes too long.
        """
        until = self._clock.monotonic() + ask.most_s
        size = 0
        for piece in _unpacked(ask, response):
            size += len(piece)
            if size > ask.most_bytes:
                raise refusals.too_large(ask.asked, ask.most_bytes)
            if self._clock.monotonic() > until:
                raise PassingError(refusals.too_slow(ask.asked))
            yield piece


def etag_of(response: httpx.Response) -> str:
    """Read a service's mark of a content.

    Parameters
    ----------
    response : Response
        Its answer.

    Returns
    -------
    str
        Empty where there is none, or none that can be sent back.
    """
    etag = response.headers.get("ETag", "")
    return etag if etag.isascii() and etag.isprintable() and len(etag) <= _MOST_ETAG else ""


def _unpacked(ask: Ask, response: httpx.Response) -> Iterator[bytes]:
    """Unpack in pieces of bounded size, so that a small answer cannot fill the memory."""
    packing = response.headers.get("Content-Encoding", "identity").lower()
    if packing == "identity":
        yield from response.iter_raw()
        return
    if packing not in {"gzip", "x-gzip"}:
        raise FetchError(f"{ask.asked}: the answer is packed as {packing!r}, not asked for.")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        for raw in response.iter_raw():
            left = raw
            while left and not unpacker.eof:
                yield unpacker.decompress(left, _PIECE)
                left = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise PassingError(refusals.damaged(ask.asked)) from error
    if not unpacker.eof:
        raise PassingError(refusals.damaged(ask.asked))
