"""Downloads from a real HTTP server on loopback, which answers as a test tells it."""

import contextlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from edge_agent.download import Downloader, DownloadFailed
from edgeflow.contract.job import Artifact
from edgeflow.contract.reasons import Reason
from tests.unit.edge_agent.device import artifact_bytes, sha256

CONTENT = artifact_bytes(1)
Reply = tuple[int, bytes, int | str]
"""Status, body, and the length that the header promises."""


class Server(HTTPServer):
    """Gives its replies one after another, the last one again and again."""

    replies: list[Reply]
    asked: int = 0


class Handler(BaseHTTPRequestHandler):
    """Answers GET."""

    server: Server

    def do_GET(self) -> None:
        """Give the next reply."""
        status, body, promised = self.server.replies[min(self.server.asked, len(self.server.replies) - 1)]
        self.server.asked += 1
        self.send_response(status)
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the client has read enough
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
    assert server.asked == 2


def test_tries_are_bounded(serve: Serve) -> None:
    server, artifact = serve((503, b"", 0))
    assert refusal(artifact).reason is Reason.DOWNLOAD_FAILED
    assert server.asked == 4


@pytest.mark.parametrize("status", [403, 404, 410])
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
