"""Stands where Node-RED's admin API should be, and answers as a test tells it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from edge_agent.flows.node_red.client import Item

TAB: Final[Item] = {"id": "t", "type": "tab"}
FLOWS: Final = json.dumps({"flows": [TAB], "rev": "r1"}).encode()


@dataclass
class StandIn:
    """Answers with what it is told to; keeps what it was asked."""

    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    hangs: threading.Event | None = None
    url: str = ""

    def answer(self, request: str, status: int, body: bytes) -> None:
        """Answer this request, such as ``GET /flows``, so."""
        self.answers[request] = (status, body)


@contextmanager
def stand_in_for_node_red() -> Iterator[StandIn]:
    """Something that listens where a Node-RED should be."""
    made = StandIn(answers={"GET /flows": (200, FLOWS), "POST /flows": (200, b'{"rev": "r2"}')})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer."""
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked = f"{self.command} {self.path}"
            made.asked.append((asked, dict(self.headers), body))
            if made.hangs is not None:
                made.hangs.wait(10)
            status, content = made.answers[asked]
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            """Answer."""
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield made
    finally:
        if made.hangs is not None:
            made.hangs.set()
        server.shutdown()
        server.server_close()
