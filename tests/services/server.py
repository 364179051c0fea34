"""Services on loopback that speak their documents, and fail as services do.

``Server({"ssb": ssb.answer})`` answers below ``http://127.0.0.1:PORT/ssb``. An answer function gets
a `Request` whose path begins after the service's id, and gives a `Reply`.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

SLOW_S = 30.0
"""A slow service says nothing for so long, or until the server stops [s]."""


@dataclass(frozen=True)
class Request:
    """What a client asked; names of headers in small letters."""

    method: str
    path: str
    params: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    service: str = ""

    def json(self) -> Any:
        """The body as a document."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What the service says.

    Replies of status 200 to GET carry an ETag of their content and are given in ranges; a header
    of the reply (also an empty one) goes before, so ``{"ETag": ""}`` makes them unresumable.
    """

    content: bytes = b""
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    """Time the content takes to go out."""


Answer = Callable[[Request], Reply]
Trouble = int | str | Reply
_PIECES = 32
TROUBLES = ("half", "garbage", "slow", "empty", "drop")


def json_reply(document: object, status: int = 200) -> Reply:
    return Reply(json.dumps(document, ensure_ascii=False).encode(), status=status)


class Server:
    """The services of a test, as a context manager.

    Parameters
    ----------
    services : mapping
        Id of the service → what answers for it.
    """

    def __init__(self, services: Mapping[str, Answer]) -> None:
        self._services = dict(services)
        self._troubles: dict[str, deque[Trouble]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._errors: list[Exception] = []
        self.asked: list[Request] = []

    def __enter__(self) -> Self:
        self._http = _Http(self)
        # the default of half a second is waited for at every stop
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        if error is None and self._errors:  # a made-up service that fails is no passing test
            raise self._errors[0]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def mirrors(self) -> dict[str, str]:
        """Id of the service → its address here."""
        return {name: f"{self.address}/{name}" for name in self._services}

    def trouble(self, service_id: str, *what: Trouble) -> None:
        """Queue faults for the next answers of a service, one each.

        An int is a status, a `Reply` is given as it is; ``half``: the connection closes half way;
        ``garbage``: no JSON; ``slow``: nothing is said; ``empty``: 200 without content;
        ``drop``: the connection closes without an answer.
        """
        for one in what:
            if isinstance(one, str) and one not in TROUBLES:
                raise ValueError(one)
        with self._lock:
            self._troubles[service_id].extend(what)

    def asked_of(self, service_id: str) -> list[Request]:
        """What was asked of one service."""
        return [request for request in self.asked if request.service == service_id]

    def _take(self, request: Request) -> tuple[Reply, str]:
        """The reply, and what is done to it on its way."""
        with self._lock:
            self.asked.append(request)
            queue = self._troubles[request.service]
            trouble = queue.popleft() if queue else ""
        if isinstance(trouble, Reply):
            return trouble, ""
        if isinstance(trouble, int):
            return json_reply({"title": f"status {trouble}"}, trouble), ""
        if trouble == "garbage":
            return Reply(b"<html>Logg inn</html>", kind="text/html"), ""
        if trouble == "empty":
            return Reply(), ""
        if request.service not in self._services:
            return Reply(b"no such service", 404, "text/plain"), ""
        try:
            return self._services[request.service](request), trouble
        except Exception as error:  # noqa: BLE001 - told where the test ends
            self._errors.append(error)
            return Reply(repr(error).encode(), 500, "text/plain"), ""


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, server: Server) -> None:
        self.of = server
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        _, service, *rest = parts.path.split("/", 2)
        request = Request(
            method=self.command,
            path="/" + unquote(rest[0] if rest else ""),
            params=parse_qs(parts.query, keep_blank_values=True),
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            headers={name.lower(): value for name, value in self.headers.items()},
            service=service,
        )
        reply, trouble = self.server.of._take(request)
        self.close_connection = True
        if trouble == "slow":
            self.server.of._stopping.wait(SLOW_S)
            return
        if trouble == "drop":
            return
        status, headers, content = _ranged(request, reply)
        self.send_response(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        if trouble == "half":
            content = content[: len(content) // 2]
        step = len(content) // _PIECES + 1 if reply.seconds else max(1, len(content))
        for start in range(0, len(content), step):
            self.wfile.write(content[start : start + step])
            self.server.of._stopping.wait(reply.seconds / _PIECES)


def _ranged(request: Request, reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content, of the range asked for where there is one."""
    headers = {"Content-Type": reply.kind, "Content-Length": str(len(reply.content))}
    if reply.status != 200 or request.method != "GET":
        return reply.status, headers | reply.headers, reply.content
    headers["ETag"] = f'"{hashlib.sha256(reply.content).hexdigest()[:16]}"'
    headers |= reply.headers
    etag = headers["ETag"]
    if etag and request.headers.get("if-none-match") == etag:
        return 304, {"ETag": etag}, b""
    asked = request.headers.get("range", "")
    if not asked.startswith("bytes=") or not etag:
        return 200, headers, reply.content
    if request.headers.get("if-range", etag) != etag:
        return 200, headers, reply.content
    start, whole = int(asked.removeprefix("bytes=").split("-")[0]), len(reply.content)
    if start >= whole:
        return 416, {"Content-Range": f"bytes */{whole}", "Content-Length": "0"}, b""
    headers["Content-Range"] = f"bytes {start}-{whole - 1}/{whole}"
    headers["Content-Length"] = str(whole - start)
    return 206, headers, reply.content[start:]
