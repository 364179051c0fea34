"""Who answers, on which terms, and how an answer lies in the cache."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import quote, urlencode

from navplan.errors import FetchError
from navplan.nouns.source import Source
from navplan.units import Quality

Params = Mapping[str, str | Sequence[str]]

_ID: Final = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
_MOST_DIGITS: Final = 100
_HALF_CHARACTER: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_PATH_SIGNS: Final = "/:@!$&'()*+,;=~"


@dataclass(frozen=True)
class Service:
    """A publisher's service: its address, its terms, the pace it allows.

    Parameters
    ----------
    id : str
        Short name in small letters, for example ``"ssb"``.
    publisher : str
        Who answers for the figures.
    address : str
        Base address, https, without a slash at the end.
    licence : str
        Terms of use.
    attribution : str
        What must stand where the figures are shown.
    calls : int, optional
        Most calls in any window of `window_s`; no limit unless told.
    window_s : float, optional
        Length of that window [s].
    quality : {"official", "approximate", "assumption"}, optional
        Of what the service gives.
    silence_s : float, optional
        Longest time the service may say nothing [s].
    """

    id: str
    publisher: str
    address: str
    licence: str
    attribution: str
    calls: int | None = None
    window_s: float = 60.0
    quality: Quality = "official"
    silence_s: float = 60.0

    def __post_init__(self) -> None:
        if _ID.fullmatch(self.id) is None:
            raise ValueError(f"{self.id!r} is no short name in small letters")
        if not self.address.startswith("https://") or self.address.endswith("/"):
            raise ValueError(f"{self.address!r} is no https address without a slash at the end")
        if (self.calls is not None and self.calls < 1) or not 0 < self.window_s < math.inf:
            raise ValueError(f"{self.calls} calls in {self.window_s} s is no pace")
        if not 0 < self.silence_s < math.inf:
            raise ValueError(f"{self.silence_s} s is no time to wait")

    def url(self, path: str, params: Params | None = None) -> str:
        """Give the whole address of a request.

        Parameters
        ----------
        path : str
            Below the service's address.
        params : mapping, optional
            Name → value, or several values.

        Returns
        -------
        str
            With the parameters in the order of their names.

        Raises
        ------
        FetchError
            As `below`.
        """
        return self.address + below(path, params)


def below(path: str, params: Params | None = None) -> str:
    """Give what follows a service's address in a request.

    Parameters
    ----------
    path : str
        Below the service's address.
    params : mapping, optional
        Name → value, or several values.

    Returns
    -------
    str
        Begins with a slash; every sign with a meaning of its own is written as %XX.

    Raises
    ------
    FetchError
        If the path leads up (``..``), out of the service; parts of it may be what it gave out.
    """
    if not {".", ".."}.isdisjoint(path.split("/")):
        raise FetchError(f"{path[:80]!r} is no path below a service; it is not asked for.")
    place = "/" + quote(path.lstrip("/"), safe=_PATH_SIGNS)
    query = urlencode(sorted((params or {}).items()), doseq=True, quote_via=quote)
    return f"{place}?{query}" if query else place


@dataclass(frozen=True)
class Fetched:
    """An answer, whole, in the cache.

    Parameters
    ----------
    path : Path
        The content; to be read only, its name says nothing.
    source : Source
        Where it came from.
    kind : str
        Content type as the service gave it, for example ``"application/json; charset=utf-8"``.
    """

    path: Path
    source: Source
    kind: str

    def bytes(self) -> bytes:
        """Give the content."""
        return self.path.read_bytes()

    def text(self) -> str:
        """Give the content as text, by the charset the service named, else UTF-8.

        Raises
        ------
        FetchError
            If it is no such text.
        """
        message = Message()
        message["content-type"] = self.kind
        charset = message.get_content_charset("utf-8")
        try:
            return self.bytes().decode("utf-8-sig" if charset == "utf-8" else charset)
        except (ValueError, LookupError):  # whatever a service calls a charset
            self._refuse(f"text ({charset[:20]})")

    def json(self) -> Any:
        """Give the content as a document.

        Raises
        ------
        FetchError
            If it is no JSON.
        """
        try:
            return parse_json(self.bytes())
        except ValueError:
            self._refuse("JSON")

    def _refuse(self, form: str) -> NoReturn:
        raise FetchError(
            f"What {self.source.publisher} gave for {self.source.address} is no {form}; it begins "
            f"{beginning(self.bytes())}.",
            "The service may have changed: tell those who look after navplan.",
        )


def parse_json(content: bytes) -> Any:
    """Read a document strictly.

    Parameters
    ----------
    content : bytes
        UTF-8, 16 or 32.

    Returns
    -------
    object
        The document.

    Raises
    ------
    ValueError
        If it is no JSON (NaN and infinity are none), nested too deeply to be read, holds a number
        too large to be one or half of a character, which no file could take.
    """
    try:
        document = json.loads(
            content, parse_constant=_no_number, parse_float=_finite, parse_int=_whole
        )
        if _HALF_CHARACTER.search(content):
            json.dumps(document, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    return document


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        _no_number(f"{text[:20]}…")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _no_number(text[:20])
    return number


def beginning(content: bytes, *, most: int = 80) -> str:
    """Show how a content begins, on one line.

    Parameters
    ----------
    content : bytes
        Anything.
    most : int, optional
        Characters shown.

    Returns
    -------
    str
        In quotes, without control characters.
    """
    text = " ".join(content[: 4 * most].decode("utf-8", errors="replace").split())
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return f"“{shown[:most]}{'…' if len(shown) > most else ''}”"
