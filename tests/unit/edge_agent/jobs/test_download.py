"""Downloads from a real HTTP server on loopback, which answers as a test tells it."""

import contextlib
import threading
import tracemalloc
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from edge_agent.jobs.download import MAX_SECONDS, TRIES, AddressRefused, Downloader, DownloadFailed
from edge_agent.jobs.health_window import Cancelled
from edgeflow.contract.job import Artifact
from edgeflow.contract.reasons import Reason
from tests.unit.edge_agent.device import artifact_bytes, sha256

CONTENT = artifact_bytes(1)
Reply = tuple[Any, ...]
"""Status, body, the length that the header promises, and further headers as pairs."""


class Server(HTTPServer):
    """Gives its replies one after another, the last one again and again."""

    replies: list[Reply]
    asked: int = 0
    drip: threading.Event | None = None
    """Two bytes are sent one by one, and the rest when this is set."""
    wanted: list[tuple[str | None, str | None]]
    """``Range`` and ``If-Range`` of each request."""


class Handler(BaseHTTPRequestHandler):
    """Answers GET."""

    server: Server

    def do_GET(self) -> None:
        """Give the next reply."""
        status, body, promised, *headers = self.server.replies[min(self.server.asked, len(self.server.replies) - 1)]
        self.server.asked += 1
        self.server.wanted.append((self.headers.get("Range"), self.headers.get("If-Range")))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the client has read enough
            if self.server.drip is not None:
                for byte in body[:2]:  # and nothing more, until the test is over
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                self.server.drip.wait(5)
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


Serve = Callable[..., tuple[Server, Artifact]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers, and end them after the test."""
    servers: list[tuple[Server, Thread]] = []

    def start(*replies: Reply, size: int = len(CONTENT)) -> tuple[Server, Artifact]:
        server = Server(("127.0.0.1", 0), Handler)
        server.replies = list(replies)
        server.wanted = []
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        url = f"http://127.0.0.1:{server.server_port}/artifact"
        return server, Artifact(url=url, sha256=sha256(1), size=size)

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join(5)
        server.server_close()


def good() -> Reply:
    return 200, CONTENT, len(CONTENT)


def download(artifact: Artifact) -> tuple[bytes, list[float]]:
    """Download without waiting; returns the bytes and the pauses."""
    pauses: list[float] = []
    return Downloader(pauses.append, timeout=5)(artifact), pauses


def refusal(artifact: Artifact) -> DownloadFailed:
    with pytest.raises(DownloadFailed) as refused:
        download(artifact)
    return refused.value


def test_the_bytes_are_returned(serve: Serve) -> None:
    server, artifact = serve(good())
    assert download(artifact) == (CONTENT, [])
    assert server.asked == 1


def test_a_server_in_trouble_is_asked_again_with_growing_pauses(serve: Serve) -> None:
    _, artifact = serve((503, b"", 0), (500, b"", 0), good())
    content, pauses = download(artifact)
    assert content == CONTENT
    assert len(pauses) == 2
    assert pauses[0] < pauses[1] * 2


def test_a_download_that_breaks_off_is_tried_again(serve: Serve) -> None:
    server, artifact = serve((200, CONTENT[:20], len(CONTENT)), good())
    assert download(artifact)[0] == CONTENT
    assert server.asked == 2, "a server that knows no ranges starts over"


def test_tries_are_bounded(serve: Serve) -> None:
    server, artifact = serve((503, b"", 0))
    assert refusal(artifact).reason is Reason.DOWNLOAD_FAILED
    assert server.asked == TRIES


@pytest.mark.parametrize("status", [400, 403, 404, 410, 416])
def test_an_answer_that_will_not_change_ends_it_at_once(serve: Serve, status: int) -> None:
    server, artifact = serve((status, b"", 0))
    assert str(status) in str(refusal(artifact))
    assert server.asked == 1


def test_other_bytes_are_refused(serve: Serve) -> None:
    other = CONTENT[:-1] + b" "
    _, artifact = serve((200, other, len(other)))
    assert refusal(artifact).reason is Reason.CHECKSUM_MISMATCH


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_another_size_is_refused(serve: Serve, size: int) -> None:
    _, artifact = serve(good(), size=size)
    assert refusal(artifact).reason is Reason.SIZE_MISMATCH


def test_more_than_there_should_be_is_not_read_whole(serve: Serve) -> None:
    huge = CONTENT + b" " * 5_000_000
    _, artifact = serve((200, huge, len(huge)))
    assert refusal(artifact).reason is Reason.SIZE_MISMATCH


def test_only_http_is_fetched() -> None:
    artifact = Artifact(url="file:///etc/passwd", sha256=sha256(1), size=1)
    assert refusal(artifact).reason is Reason.DOWNLOAD_FAILED


def test_nobody_there(serve: Serve) -> None:
    artifact = Artifact(url="http://127.0.0.1:9/", sha256=sha256(1), size=1)
    assert refusal(artifact).reason is Reason.DOWNLOAD_FAILED


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:port/", "http://127.0.0.1/\u00fc", "http://a b/"])
def test_an_address_that_makes_no_sense(url: str) -> None:
    artifact = Artifact(url=url, sha256=sha256(1), size=1)
    assert refusal(artifact).reason is Reason.DOWNLOAD_FAILED


def test_a_length_that_is_no_number(serve: Serve) -> None:
    _, artifact = serve((200, CONTENT, "many"))
    assert refusal(artifact).reason is Reason.DOWNLOAD_FAILED


def broken_off(length: int, etag: str = '"v1"') -> Reply:
    """Return the first bytes, of an answer that promises all."""
    return 200, CONTENT[:length], len(CONTENT), ("ETag", etag)


def rest(start: int, *, total: int | str = len(CONTENT), etag: str = '"v1"', content: bytes = CONTENT) -> Reply:
    """Return what is missing."""
    span = f"bytes {start}-{len(CONTENT) - 1}/{total}"
    return 206, content[start:], len(content) - start, ("Content-Range", span), ("ETag", etag)


def test_a_download_goes_on_where_it_broke_off(serve: Serve) -> None:
    server, artifact = serve(broken_off(20), (206, CONTENT[20:30], len(CONTENT) - 20, *rest(20)[3:]), rest(30))
    assert download(artifact)[0] == CONTENT
    assert server.wanted == [(None, None), ("bytes=20-", '"v1"'), ("bytes=30-", '"v1"')]


def test_a_weak_etag_promises_nothing(serve: Serve) -> None:
    server, artifact = serve(broken_off(20, 'W/"v1"'), rest(20, etag=""))
    assert download(artifact)[0] == CONTENT
    assert server.wanted[1] == ("bytes=20-", None)


@pytest.mark.parametrize(
    "answer",
    [
        rest(21),
        rest(20, total=7),
        rest(20, etag='"v2"'),
        (206, CONTENT[20:], len(CONTENT) - 20),
        (206, CONTENT[20:], len(CONTENT) - 20, ("Content-Range", "pages 1-2/3")),
        (416, b"", 0),
    ],
)
def test_an_answer_that_is_not_the_rest_is_not_put_to_it(serve: Serve, answer: Reply) -> None:
    server, artifact = serve(broken_off(20), answer, good())
    assert download(artifact)[0] == CONTENT
    assert server.wanted[2] == (None, None), "from the start"


def test_pieces_that_do_not_fit_together_are_fetched_once_more_as_a_whole(serve: Serve) -> None:
    other = bytes(reversed(CONTENT))
    server, artifact = serve((200, other[:20], len(other), ("ETag", '"v1"')), rest(20), good())
    assert download(artifact)[0] == CONTENT
    assert server.asked == 3


def test_an_address_that_is_refused_may_go_well_when_it_is_fresh(serve: Serve) -> None:
    _, artifact = serve((403, b"<Error><Code>AccessDenied</Code></Error>", 40))
    assert isinstance(refusal(artifact), AddressRefused)


def test_a_server_that_drips_is_given_up_in_time(serve: Serve) -> None:
    server, artifact = serve(broken_off(20))
    now = [0.0]

    def pause(_: float) -> None:
        now[0] += MAX_SECONDS

    with pytest.raises(DownloadFailed):
        Downloader(pause, timeout=5, monotonic=lambda: now[0])(artifact)
    assert server.asked == 2


@pytest.mark.slow
def test_a_server_that_sends_byte_by_byte_holds_up_neither_the_deadline_nor_a_cancel(serve: Serve) -> None:
    gate = threading.Event()
    server, artifact = serve(good())
    server.drip = gate
    asked = 0

    def still_wanted() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Cancelled

    try:
        with pytest.raises(Cancelled):
            Downloader(lambda _: None, timeout=5)(artifact, still_wanted)
    finally:
        gate.set()
    assert server.asked == 1


def test_who_does_not_want_it_any_more_is_heard_between_pieces(serve: Serve) -> None:
    server, artifact = serve(good())
    asked = 0

    def still_wanted() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        Downloader(lambda _: None, timeout=5)(artifact, still_wanted)
    assert server.asked == 1


def test_a_redirect_to_another_scheme_is_not_followed(serve: Serve) -> None:
    _, artifact = serve((302, b"", 0, ("Location", "file:///etc/passwd")))
    assert refusal(artifact).reason is Reason.DOWNLOAD_FAILED


def test_memory_is_bounded_by_the_promised_size(serve: Serve) -> None:
    huge = b"x" * 50_000_000
    _, artifact = serve((200, huge, len(huge)))
    tracemalloc.start()
    try:
        assert refusal(artifact).reason is Reason.SIZE_MISMATCH
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 5_000_000


def test_trusted_certificates_are_loaded_by_a_download_not_by_the_agents_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under Python 3.12 and later an opener has them, and they take a MiB."""
    asked: list[object] = []
    monkeypatch.setattr(urllib.request, "build_opener", lambda *ways: asked.append(ways))
    Downloader(lambda _: None)
    assert asked == []
