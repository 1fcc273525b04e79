"""API Gateway before functions/api in this process, over HTTP on loopback: for tools that want an address.

It refuses tokens as API Gateway does, and hands everything else to the handler, also what no route takes.
"""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from api.paths import BASE_PATH, taken_by
from edgeflow.contract.rest.problem import PROBLEM_CONTENT_TYPE
from localcloud.settings import HOST
from tests.support.rest import CALLER, FakeContext, claims_of_a_client, event_of, handler_for

TOKEN: Final = "the-right-token"


class Gateway:
    """``with Gateway() as gateway:`` answers at ``gateway.url`` until the end of the block."""

    def __init__(self) -> None:
        """Take a port; nothing is answered yet."""
        self._server = _Server()
        self._thread = threading.Thread(target=self._server.serve_forever, name="gateway", daemon=True)

    @property
    def url(self) -> str:
        """The address of the stage, which comes before ``/v1``."""
        return f"http://{HOST}:{self._server.server_address[1]}{BASE_PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Request)
        self.turn = threading.Lock()
        """One request after the other: a Lambda function's process answers one at a time."""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_one_request(self) -> None:
        """Take any method, also one that nobody has heard of."""
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline:
            self.close_connection = True
        elif self.parse_request():
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with self.server.turn:
                answer = self._answer(body)
            self._send(answer)

    def _answer(self, body: bytes) -> dict[str, Any]:
        asked = urlsplit(self.path)
        path = asked.path.removeprefix(BASE_PATH)
        operation = taken_by(path).get("GET" if self.command == "HEAD" else self.command)
        public = operation is not None and operation.scope is None
        if not public and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _refused()
        event = event_of(
            self.command,
            path,
            body.decode(errors="replace") or None,
            query=parse_qs(asked.query, keep_blank_values=True),
            headers={name: self.headers.get_all(name) or [] for name in self.headers},
            authorizer={"claims": claims_of_a_client(CALLER)},
        )
        return handler_for(self.command, path)(event, FakeContext())

    def _send(self, answer: dict[str, Any]) -> None:
        body = (answer["body"] or "").encode()
        self.send_response(answer["statusCode"])
        for name, values in answer["multiValueHeaders"].items():
            for value in values:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the library
        """Say nothing."""


def _refused() -> dict[str, Any]:
    told = {
        "type": "urn:edgeflow:problem:gateway",
        "title": "Refused by the gateway",
        "code": "gateway",
        "detail": "Unauthorized",
        "request_id": "request-1",
    }
    return {
        "statusCode": int(HTTPStatus.UNAUTHORIZED),
        "multiValueHeaders": {"Content-Type": [PROBLEM_CONTENT_TYPE], "WWW-Authenticate": ["Bearer"]},
        "body": json.dumps(told),
    }
