"""The browser's part in signing in: it is sent to the user pool's page, and heard when it comes back from there."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from typing import ClassVar, Final
from urllib.parse import parse_qsl, urlsplit

import httpx

from edgeflow.cli.errors import CommandFailed
from edgeflow.client import SignIn
from edgeflow.client.auth import Granted

PORTS: Final = (8976, 8977, 8978)
"""One of them must be free. The user pool sends a browser nowhere else, so template.yaml names them, too."""
WAIT_SECONDS: Final = 300.0
_QUIET_SECONDS: Final = 10.0
"""So long may a connection of the browser's say nothing; some are opened in case they are needed."""
_PAGE: Final = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>EdgeFlow</title>
<p>That is all here: the command line goes on, and says whether you are signed in. You can close this page.</p></html>
"""


def sign_in(
    token_url: str,
    client_id: str,
    *,
    open_browser: Callable[[str], object],
    say: Callable[[str], None],
    transport: httpx.BaseTransport | None = None,
    ports: Sequence[int] = PORTS,
    seconds: float = WAIT_SECONDS,
) -> Granted:
    """Let a user sign in, and return what that gives.

    Raises:
        CommandFailed: no port is free, or nobody has signed in within ``seconds``.
        InvalidArgument, SignInRefused, Unreachable: see SignIn.
    """
    with _listening(ports) as (address, heard):
        attempt = SignIn.begin(token_url, client_id, address)
        say(f"sign in with the browser on this machine; where none opens, go to {attempt.url}")
        open_browser(attempt.url)
        sent = _end_of(attempt, heard, seconds)
    return attempt.finish(sent, transport)


def _end_of(attempt: SignIn, heard: SimpleQueue[dict[str, str]], seconds: float) -> dict[str, str]:
    """Wait for the end of this sign-in, whoever else comes; those are of an earlier one, or of somebody else's page."""
    end = time.monotonic() + seconds
    try:
        while not attempt.is_end(sent := heard.get(timeout=max(0.0, end - time.monotonic()))):
            pass
    except Empty:
        message = f"nobody has signed in within {seconds / 60:g} min: run it again"
        raise CommandFailed(message) from None
    return sent


@contextmanager
def _listening(ports: Sequence[int]) -> Iterator[tuple[str, SimpleQueue[dict[str, str]]]]:
    """Listen on this machine alone; gives the address to come back to, and the queries that browsers came with."""
    heard: SimpleQueue[dict[str, str]] = SimpleQueue()

    class Handler(_Handler):
        queries = heard

    with _server(ports, Handler) as server:
        Thread(target=server.serve_forever, name="sign-in", daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}/", heard
        finally:
            server.shutdown()


def _server(ports: Sequence[int], handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    for port in ports:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError:
            continue
    message = f"the ports {', '.join(map(str, ports))} are all taken, and the browser has to come back to one of them"
    raise CommandFailed(message)


class _Handler(BaseHTTPRequestHandler):
    queries: ClassVar[SimpleQueue[dict[str, str]]]
    timeout = _QUIET_SECONDS

    def do_GET(self) -> None:
        """Take the query of whoever comes back from a sign-in; browsers ask for other things as well."""
        asked = urlsplit(self.path)
        query = dict(parse_qsl(asked.query))
        if asked.path != "/" or "state" not in query:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(_PAGE)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(_PAGE)
        finally:  # a browser that does not wait for the page has brought the code all the same
            self.queries.put(query)

    def log_message(self, *_: object) -> None:
        """Say nothing: the query has a code in it."""
