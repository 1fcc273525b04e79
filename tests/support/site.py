"""A small web site on loopback that answers as a test says."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_JOIN_SECONDS: Final = 10
_MOST_SECONDS: Final = 60
_DRIP_SECONDS: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


class Site:
    """Answers by path, else with 200 and ``{"ok": true}``; remembers what it was asked.

    An answer is a status and a body; the body of a redirect is where it leads. A path in ``silent`` is never answered,
    and one in ``dripping`` gets a body without an end, a byte at a time. Below ``/echo/`` the answer repeats all that
    was asked.
    """

    def __init__(self) -> None:
        """Listen on a free port."""
        self.asked: list[Asked] = []
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.silent: set[str] = set()
        self.dripping: set[str] = set()
        self.closing = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                site.asked.append(
                    Asked(method=self.command, path=self.path, body=body, headers=dict(self.headers.items()))
                )
                if self.path in site.silent:
                    site.closing.wait(_MOST_SECONDS)
                    return
                if self.path in site.dripping:
                    self.drip()
                    return
                if self.path.startswith("/echo/"):
                    said = json.dumps({"path": self.path, "headers": dict(self.headers.items())}).encode()
                    site.answers[self.path.partition("?")[0]] = (200, said)
                status, answer = site.answers.get(self.path.partition("?")[0], (200, b'{"ok": true}'))
                self.send_response(status)
                if status in {301, 302, 307, 308}:
                    self.send_header("Location", answer.decode())
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def drip(self) -> None:
                self.send_response(200)
                self.end_headers()
                while not site.closing.wait(_DRIP_SECONDS):
                    self.wfile.write(b" ")

            do_POST = do_GET  # noqa: N815  the library's naming

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def serving() -> Iterator[Site]:
    """Serve a site until the block is left."""
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.closing.set()
        made.server.shutdown()
        made.server.server_close()
        thread.join(_JOIN_SECONDS)
