"""Where downloads let themselves be sent: never away from HTTPS."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_agent.jobs.download import Downloader, DownloadFailed
from edgeflow.contract.job import Artifact
from tests.unit.edge_agent.device import artifact_bytes, sha256
from tests.unit.edge_agent.keys import Authority


class _Server(http.server.ThreadingHTTPServer):
    leads_to = ""
    """Where it sends who asks; the artifact of version 1 when empty."""
    asked = 0


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.asked += 1
        body = b"" if self.server.leads_to else artifact_bytes(1)
        self.send_response(302 if self.server.leads_to else 200)
        if self.server.leads_to:
            self.send_header("Location", self.server.leads_to)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _serving(tls: ssl.SSLContext | None = None) -> Iterator[tuple[_Server, str]]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server, f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/artifact"
        server.shutdown()
        thread.join(5)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What makes a server one by HTTPS that the device believes."""
    authority = Authority(tmp_path / "keys")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("files"))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    return context


def _download(url: str) -> bytes:
    return Downloader(lambda _: None, timeout=5)(Artifact(url=url, sha256=sha256(1), size=len(artifact_bytes(1))))


@pytest.mark.parametrize("begins_by_tls", [True, False])
def test_a_redirect_to_https_is_followed(tls: ssl.SSLContext, *, begins_by_tls: bool) -> None:
    with _serving(tls) as (_, target), _serving(tls if begins_by_tls else None) as (first, url):
        first.leads_to = target
        assert _download(url) == artifact_bytes(1)


def test_a_redirect_from_https_to_http_is_not_followed(tls: ssl.SSLContext) -> None:
    with _serving() as (plain, target), _serving(tls) as (first, url):
        first.leads_to = target
        with pytest.raises(DownloadFailed, match="redirects"):
            _download(url)
        assert (first.asked, plain.asked) == (1, 0)


def test_what_came_to_https_does_not_go_back_to_http(tls: ssl.SSLContext) -> None:
    with _serving() as (plain, target), _serving(tls) as (second, middle), _serving() as (first, url):
        first.leads_to, second.leads_to = middle, target
        with pytest.raises(DownloadFailed, match="redirects"):
            _download(url)
        assert plain.asked == 0


def test_on_the_local_cloud_whose_addresses_are_http_redirects_to_http_are_followed() -> None:
    with _serving() as (_, target), _serving() as (first, url):
        first.leads_to = target
        assert _download(url) == artifact_bytes(1)
