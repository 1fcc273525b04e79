"""Processes that are measured: started, looked at, ended."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

PATIENCE_SECONDS: Final = 60.0
_END_SECONDS: Final = 20.0
_KIB: Final = 1024


class Listener:
    """Hears from what is measured: a GET of ``address`` with figures in its query."""

    def __init__(self) -> None:
        """Listen on a free port of loopback."""
        self._told = threading.Event()
        self._figures: dict[str, str] = {}
        self.at = 0.0
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.at = time.perf_counter()
                listener._figures = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
                listener._told.set()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def wait(self, process: "subprocess.Popen[bytes]") -> Mapping[str, str]:
        """Return the figures that came. Raises RuntimeError: the process ended, or nothing came in time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._told.wait(0.05):
            if process.poll() is not None or time.monotonic() > deadline:
                message = f"nothing was told; the process is {process.poll()}"
                raise RuntimeError(message)
        return self._figures

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def listening() -> Iterator[Listener]:
    """Listen until the block is left."""
    listener = Listener()
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def running(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program until the block is left; what it says goes to ``log``."""
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603  our own words
            command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(_END_SECONDS)
