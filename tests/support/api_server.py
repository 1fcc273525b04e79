"""The API's handler behind a port on loopback, for programs of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from tests.support.rest import Rest


@contextmanager
def serving(rest: Rest, before: Callable[[str, str], None] = lambda _method, _path: None) -> Iterator[str]:
    """Serve one request after the other; yields the address. ``before`` is told of each: its method and path."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            before(self.command, address.path)
            headers = {name.title(): value for name, value in self.headers.items()}
            answer = rest(self.command, address.path, body or None, query=parse_qs(address.query), headers=headers)
            content = answer.text.encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  as http.server names them

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api/v1"
        finally:
            server.shutdown()
            thread.join(timeout=10)
