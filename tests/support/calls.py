"""An address that writes down what is sent to it, so that a test sees what a flow did to the world."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class CallsHeard:
    """Answers every POST with 200; use it as a context."""

    def __init__(self) -> None:
        """Take a free port."""
        self._lock = threading.Lock()
        self._bodies: list[str] = []
        heard = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Write the body down."""
                body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                heard.note(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def bodies(self) -> list[str]:
        """Return what came, in order."""
        with self._lock:
            return list(self._bodies)

    def note(self, body: str) -> None:
        """Write a body down."""
        with self._lock:
            self._bodies.append(body)

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._bodies.clear()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
