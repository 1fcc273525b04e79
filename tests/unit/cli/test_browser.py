"""``edgeflow login --browser``: a browser that goes to the pool's page and comes back, and those that do not."""

import socket
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from edgeflow.cli.browser import PORTS, sign_in
from edgeflow.cli.errors import CommandFailed
from localcloud.settings import ROOT
from tests.support.handler_transport import URL, HandlerTransport
from tests.unit.cli.conftest import TOKEN_URL, CommandLine

SIGN_IN = ("login", "--browser", "--url", URL, "--token-url", TOKEN_URL, "--client-id", "command-line")


@pytest.fixture
def transport() -> HandlerTransport:
    """The way to an API that has nothing, and to a pool that renews one user's tokens."""
    made = HandlerTransport(None)

    def pool(request: httpx.Request) -> httpx.Response | None:
        if request.url != TOKEN_URL:
            return None
        form = {name: values[0] for name, values in parse_qs(request.read().decode()).items()}
        match form:
            case {"grant_type": "authorization_code", "code": "good", "client_id": "command-line"}:
                told = {"access_token": "first", "expires_in": 900, "refresh_token": "next"}
                return httpx.Response(200, json=told)
            case {"grant_type": "refresh_token", "refresh_token": "next", "client_id": "command-line"}:
                return httpx.Response(200, json={"access_token": "second", "expires_in": 900})
            case _:
                return httpx.Response(400, json={"error": "invalid_grant"})

    made.on_way = pool
    return made


def _comes_back(**query: str) -> Callable[[str], httpx.Response]:
    """Return a browser whose user has signed in; first it asks for an icon, and another page sends it there, too."""

    def browser(url: str) -> httpx.Response:
        asked = dict(parse_qsl(urlsplit(url).query))
        back = asked["redirect_uri"].replace("localhost", "127.0.0.1")
        assert httpx.get(f"{back}favicon.ico").status_code == HTTPStatus.NOT_FOUND
        for forged in ("é", "of another sign-in", ""):
            httpx.get(back, params={"state": forged, "code": "forged"})
        return httpx.get(back, params={"state": asked["state"], **query})

    return browser


def _sent(transport: HandlerTransport) -> list[str]:
    return [request.headers["Authorization"] for request in transport.requests if request.url.host == "api.test"]


def test_who_has_signed_in_stays_so_by_what_renews_the_token(
    nobody: CommandLine, transport: HandlerTransport, tmp_path: Path
) -> None:
    nobody.open_browser = _comes_back(code="good")
    said = nobody(*SIGN_IN)
    assert said.code == 0, said.err
    assert "where none opens, go to https://pool.test/oauth2/authorize?" in said.err
    assert "signed in to" in said.out
    path = tmp_path / ".config" / "edgeflow" / "profiles.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert nobody("flows", "list").code == 0
    path.write_text(path.read_text().replace('"expires_at": ', '"expires_at": -'))
    assert nobody("flows", "list").code == 0
    assert _sent(transport) == ["Bearer first", "Bearer first", "Bearer second"]
    assert "second" in path.read_text()


def test_a_sign_in_that_is_over_says_how_to_begin_anew(
    nobody: CommandLine, transport: HandlerTransport, tmp_path: Path
) -> None:
    nobody.open_browser = _comes_back(code="good")
    assert nobody(*SIGN_IN).code == 0
    path = tmp_path / ".config" / "edgeflow" / "profiles.json"
    path.write_text(path.read_text().replace('"expires_at": ', '"expires_at": -').replace('"next"', '"old"'))
    said = nobody("flows", "list")
    assert said.code == 1
    assert "edgeflow login --browser" in said.err


def test_a_client_s_id_without_a_secret_is_not_passed_by(nobody: CommandLine, transport: HandlerTransport) -> None:
    nobody.open_browser = _comes_back(code="good")
    assert nobody(*SIGN_IN).code == 0
    nobody.environ["EDGEFLOW_CLIENT_ID"] = "another"
    said = nobody("flows", "list")
    assert (said.code, "set EDGEFLOW_CLIENT_SECRET as well" in said.err) == (1, True), said.err
    assert len(_sent(transport)) == 1


@pytest.mark.parametrize("query", [{"code": "bad"}, {"error": "access_denied"}])
def test_a_sign_in_that_is_refused_keeps_nothing(nobody: CommandLine, tmp_path: Path, query: dict[str, str]) -> None:
    nobody.open_browser = _comes_back(**query)
    said = nobody(*SIGN_IN)
    assert said.code == 1
    assert said.err.count("\n") == 2, "where to go, and why it failed"
    assert not (tmp_path / ".config").exists()


def test_nobody_who_signs_in_is_waited_for_no_longer() -> None:
    with pytest.raises(CommandFailed, match="nobody has signed in"):
        sign_in(TOKEN_URL, "command-line", open_browser=lambda _: False, say=lambda _: None, ports=(0,), seconds=0.01)


def test_ports_that_are_all_taken_are_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [server.getsockname()[1] for server in (one, other)]
        with pytest.raises(CommandFailed, match=f"{ports[0]}, {ports[1]} are all taken"):
            sign_in(TOKEN_URL, "command-line", open_browser=lambda _: False, say=lambda _: None, ports=ports)


def test_the_pool_sends_browsers_to_just_these_ports() -> None:
    addresses = ", ".join(f'"http://localhost:{port}/"' for port in PORTS)
    assert f"CallbackURLs: [{addresses}]" in (ROOT / "template.yaml").read_text(encoding="utf-8")
