"""What went wrong between us and a service, as a sentence for a planner."""

from __future__ import annotations

import socket
import ssl
from typing import Final

import httpx

from navplan.errors import FetchError
from navplan.nouns.source import Source
from navplan.sources.web.service import beginning, parse_json

_TOLD: Final = ("title", "detail", "message", "error_description", "error", "beskrivelse")
_MOST_TOLD: Final = 300
_NETWORK: Final = (
    "Check the network; behind a proxy set HTTPS_PROXY, in a closed network name a mirror with "
    "--mirror. What was fetched before can be used with --offline."
)
_LATER: Final = "Run fetch again later: it goes on where it ended."
_OURS: Final = (
    "The service may have changed since this version of navplan: tell those who look after it."
)
_CERTIFICATE: Final = (
    "If your network puts its own certificate in between, set SSL_CERT_FILE to that certificate's "
    "file (your IT department has it)."
)
PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be over when one asks again."""

_STATUSES: Final = {
    400: ("it does not understand the question (status 400)", _OURS),
    401: ("it asks for a login (status 401)", _OURS),
    403: (
        "it refuses access (status 403)",
        "Your network or the service blocks the way: name a mirror with --mirror.",
    ),
    404: (
        "it has no such thing (status 404)",
        "Check codes and years in the study file; else the service may have moved it.",
    ),
    407: ("the proxy asks for a login (status 407)", "Set HTTPS_PROXY with name and password."),
    429: (
        "it has been asked too often (status 429)",
        "Somebody else behind the same address may be asking too. " + _LATER,
    ),
}


def of_status(asked: str, status: int, body: bytes) -> FetchError:
    """Say that a service refused.

    Parameters
    ----------
    asked : str
        What was asked of whom.
    status : int
        Of the answer.
    body : bytes
        The answer, or how it begins.

    Returns
    -------
    FetchError
        With the service's own words where it has some.
    """
    down = (f"it is out of order (status {status})", _LATER)
    other = down if status >= httpx.codes.INTERNAL_SERVER_ERROR else (f"status {status}", _OURS)
    problem, remedy = _STATUSES.get(status, other)
    own = _own_words(body)
    said = f" and says {own}" if own else ""
    return FetchError(f"{asked}: {problem}{said}.", remedy, status=status)


def _own_words(body: bytes) -> str:
    """Title and detail of an error document; nothing of a page made for browsers."""
    try:
        document = parse_json(body)
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return ""
    texts = [document[key] for key in _TOLD if isinstance(document.get(key), str)]
    told = ": ".join(dict.fromkeys(text.strip().rstrip(".") for text in texts if text.strip()))
    return beginning(told.encode(), most=_MOST_TOLD) if told else ""


def of_trouble(asked: str, error: httpx.HTTPError) -> tuple[FetchError, bool]:
    """Say that no answer came, or not the whole.

    Parameters
    ----------
    asked : str
        What was asked of whom.
    error : HTTPError
        What happened.

    Returns
    -------
    FetchError
        The sentence.
    bool
        Whether another try may help.
    """
    causes = _causes(error)
    secure = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if isinstance(secure, ssl.SSLCertVerificationError):
        problem = f"its certificate is not trusted ({secure.verify_message})"
        return FetchError(f"{asked}: {problem}; nothing was fetched.", _CERTIFICATE), False
    if secure is not None:
        problem = f"no secure connection could be made ({secure.reason or 'TLS'})."
        return FetchError(f"{asked}: {problem}", _NETWORK), True
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        host = error.request.url.host
        return FetchError(f"{asked}: the name {host} cannot be looked up.", _NETWORK), True
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError | httpx.ProxyError):
        reason = "it takes too long" if isinstance(error, httpx.TimeoutException) else str(error)
        return FetchError(f"{asked}: no connection could be made ({reason}).", _NETWORK), True
    if isinstance(error, httpx.TimeoutException):
        return FetchError(f"{asked}: no answer came in time.", _LATER), True
    return broken_off(asked), True


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found


def unusable_certificates(error: OSError) -> FetchError:
    """Say that the certificates the environment names cannot be read.

    Parameters
    ----------
    error : OSError
        Why not.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(
        "Nothing can be asked: the certificates that the environment names cannot be read "
        f"({error.strerror or error}).",
        "Correct SSL_CERT_FILE and SSL_CERT_DIR, or unset them.",
    )


def unusable_proxy() -> FetchError:
    """Say that the proxy the environment names is none; its address may hold a password.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(
        "Nothing can be asked: the proxy that the environment names is none that can be used.",
        "Write HTTPS_PROXY, HTTP_PROXY and ALL_PROXY like http://proxy.example.no:8080, or unset "
        "them.",
    )


def too_large(asked: str, most_bytes: int) -> FetchError:
    """Say that an answer is larger than it may be.

    Parameters
    ----------
    asked : str
        What was asked of whom.
    most_bytes : int
        What was allowed.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(
        f"{asked}: the answer is larger than {most_bytes / 1e6:,.3g} MB, more than is expected "
        "here; it was not kept.",
        "Ask for fewer kommuner or years at once.",
    )


def empty(asked: str) -> FetchError:
    """Say that an answer had no content.

    Parameters
    ----------
    asked : str
        What was asked of whom.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(f"{asked}: the answer came back empty.", _LATER)


def no_json(asked: str, kind: str, content: bytes) -> FetchError:
    """Say that an answer is not the document it should be.

    Parameters
    ----------
    asked : str
        What was asked of whom.
    kind : str
        Content type of the answer.
    content : bytes
        The answer.

    Returns
    -------
    FetchError
        The sentence.
    """
    shown = beginning(kind.encode(), most=40) if kind else "without a content type"
    return FetchError(
        f"{asked}: the answer is no JSON document ({shown}); it begins {beginning(content)}.",
        "It may be your network's login page: open the address in a browser, then run fetch again.",
    )


def broken_off(asked: str) -> FetchError:
    """Say that only a part of an answer came.

    Parameters
    ----------
    asked : str
        What was asked of whom.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(f"{asked}: the answer broke off half way.", _LATER)


def changed_meanwhile(asked: str) -> FetchError:
    """Say that the rest of a file is no more the rest of what came first.

    Parameters
    ----------
    asked : str
        What was asked of whom.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(f"{asked}: the file changed while it was fetched.", _LATER)


def damaged(asked: str) -> FetchError:
    """Say that an answer cannot be unpacked.

    Parameters
    ----------
    asked : str
        What was asked of whom.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(f"{asked}: the answer is damaged and cannot be unpacked.", _LATER)


def too_slow(asked: str) -> FetchError:
    """Say that an answer did not come to its end.

    Parameters
    ----------
    asked : str
        What was asked of whom.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(f"{asked}: the answer comes too slowly and was given up.", _LATER)


def not_kept(asked: str, folder: str, error: OSError) -> FetchError:
    """Say that an answer could not be written down.

    Parameters
    ----------
    asked : str
        What was asked of whom.
    folder : str
        Of the cache.
    error : OSError
        Why not.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(
        f"{asked}: the answer cannot be kept in {folder} ({error.strerror or error}).",
        "Make room there, or name another folder in NAVPLAN_CACHE.",
    )


def not_cached(asked: str) -> FetchError:
    """Say that something was never fetched and may not be now.

    Parameters
    ----------
    asked : str
        What would have been asked of whom.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(
        f"{asked}: it is not in the cache, and nothing is asked with --offline.",
        "Run fetch without --offline once, where there is a network.",
    )


def not_pinned(asked: str, pin: Source, now: str) -> FetchError:
    """Say that a service gives something else than a study is pinned to.

    Parameters
    ----------
    asked : str
        What was asked of whom.
    pin : Source
        What the study was made with.
    now : str
        sha256 of what there is.

    Returns
    -------
    FetchError
        The sentence.
    """
    return FetchError(
        f"{asked}: {pin.publisher} has changed this since {pin.retrieved}: pinned sha256 "
        f"{pin.sha256}, now {now}.",
        "Run fetch with --update to take the new; the study's files stay as they are until then.",
    )
