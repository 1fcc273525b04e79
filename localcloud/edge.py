"""A reverse proxy before the local cloud: it notes every call that goes through it, and lets rules interfere.

    functions, agents ──> Edge ──> the local cloud
                           │
                           rules: refuse, hold back, deliver twice, kill the caller (localcloud/edge_rules.py)

Without rules everything passes as it is, with the host name that the caller signed. It listens on loopback only.
"""

import http.client
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol, Self
from urllib.parse import urlsplit

from localcloud.calls import Call, application, recognise
from localcloud.settings import HOST

UPSTREAM_SECONDS: Final = 120
_OF_THIS_CONNECTION: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that a proxy does not pass on (RFC 9110, 7.6.1)."""


class CutOff(Exception):
    """The caller gets no answer: its connection is closed."""


@dataclass(frozen=True)
class Answer:
    """What a caller is answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Rule(Protocol):
    """Interferes with some of the calls."""

    def treat(self, call: Call, pass_on: Callable[[], Answer]) -> Answer:
        """Answer a call, by ``pass_on`` as the cloud does; may be called from several threads at once.

        Raises:
            CutOff: the caller is to get no answer.
        """


class Edge:
    """The proxy. ``with Edge(…) as edge:`` runs it; ``with edge.under(rule):`` lets a rule interfere."""

    def __init__(self, upstream: str) -> None:
        """Take calls for the cloud at ``upstream``, such as ``http://127.0.0.1:4566``; nothing runs yet."""
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or HOST, parts.port or 80)
        self._rules: tuple[Rule, ...] = ()
        self._calls: list[tuple[Call, int | None]] = []
        self._lock = threading.Lock()
        self._server = _Server((HOST, 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, name="edge", daemon=True)

    @property
    def url(self) -> str:
        """The address to give to callers, as ``AWS_ENDPOINT_URL`` or as ``http_proxy``."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @contextmanager
    def under(self, *rules: Rule) -> Iterator[None]:
        """Let these rules interfere meanwhile; the first of them sees a call first."""
        with self._lock:
            self._rules = (*rules, *self._rules)
        try:
            yield
        finally:
            with self._lock:
                self._rules = tuple(rule for rule in self._rules if rule not in rules)

    def calls(self, name: str = "", *, caller: str = "") -> list[tuple[Call, int | None]]:
        """Return the calls that were answered, in order, with the status; None where the caller got no answer.

        ``name`` (such as ``iot:CreateJob``) and ``caller`` choose among them.
        """
        with self._lock:
            calls = list(self._calls)
        return [(call, status) for call, status in calls if name in {"", call.name} and caller in {"", call.caller}]

    def forget(self) -> None:
        """Forget the calls so far."""
        with self._lock:
            self._calls.clear()

    def handle(self, call: Call, headers: Message) -> Answer | None:
        """Answer one call, by the rules; None: the caller gets no answer."""
        with self._lock:
            rules = self._rules

        def treat(number: int) -> Answer:
            if number == len(rules):
                return self._pass_on(call, headers)
            return rules[number].treat(call, lambda: treat(number + 1))

        try:
            answer: Answer | None = treat(0)
        except (CutOff, OSError, http.client.HTTPException):
            answer = None
        with self._lock:
            self._calls.append((call, answer.status if answer is not None else None))
        return answer

    def _pass_on(self, call: Call, headers: Message) -> Answer:
        connection = http.client.HTTPConnection(*self._upstream, timeout=UPSTREAM_SECONDS)
        try:
            connection.putrequest(call.method, call.target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if name.lower() not in {*_OF_THIS_CONNECTION, "expect"}:
                    connection.putheader(name, value)
            connection.endheaders(call.body)
            response = connection.getresponse()
            body = response.read()
            kept = tuple(pair for pair in response.getheaders() if pair[0].lower() not in _OF_THIS_CONNECTION)
            return Answer(response.status, kept, body)
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], edge: Edge) -> None:
        self.edge = edge
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  socketserver's signature
        """Say nothing of a broken connection: a caller that was killed leaves one."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        # Headers and body are two writes: without this, each answer waits for the caller's delayed acknowledgement.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Say nothing: the calls are kept."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name.startswith("do_"):  # every method is passed on
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = self.path
        if not target.startswith("/"):  # asked as a forward proxy, with the whole address
            parts = urlsplit(target)
            target = parts._replace(scheme="", netloc="").geturl() or "/"
        service, operation = recognise(self.command, target, self.headers, body)
        call = Call(
            service=service,
            operation=operation,
            caller=application(self.headers),
            method=self.command,
            target=target,
            body=body,
            address=self.client_address,
            at=time.monotonic(),
        )
        answer = self.server.edge.handle(call, self.headers)
        if answer is None:
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        headers = [pair for pair in answer.headers if self.command == "HEAD" or pair[0].lower() != "content-length"]
        for name, value in headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
