"""Who calls: profiles, and the environment before them."""

import json
from pathlib import Path

import httpx
import pytest

from tests.support.handler_transport import URL, HandlerTransport
from tests.unit.cli.conftest import TOKEN_URL, CommandLine, with_pool

SIGN_IN = ("login", "--url", URL, "--token-url", TOKEN_URL, "--client-id", "id")


@pytest.fixture
def transport() -> HandlerTransport:
    """The way to an API that has nothing."""
    return with_pool(HandlerTransport(None))


def _file(tmp_path: Path) -> Path:
    return tmp_path / ".config" / "edgeflow" / "profiles.json"


def _sent(transport: HandlerTransport) -> list[str]:
    return [request.headers["Authorization"] for request in transport.requests if request.url.host == "api.test"]


def test_signing_in_is_kept_for_its_owner_alone(
    nobody: CommandLine, transport: HandlerTransport, tmp_path: Path
) -> None:
    said = nobody(*SIGN_IN, typed="secret\n")
    assert said.code == 0, said.err
    assert "signed in to" in said.out
    assert "secret\n" not in said.out
    assert _file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert _file(tmp_path).parent.stat().st_mode & 0o777 == 0o700
    transport.requests.clear()
    assert nobody("flows", "list", "--json").document == {"flows": []}
    assert _sent(transport) == ["Bearer granted"]
    assert len(transport.requests) == 1, "the token is kept"


def test_a_token_that_is_over_is_renewed_and_kept(
    nobody: CommandLine, transport: HandlerTransport, tmp_path: Path
) -> None:
    nobody.environ["EDGEFLOW_CLIENT_SECRET"] = "secret"
    assert nobody(*SIGN_IN).code == 0
    del nobody.environ["EDGEFLOW_CLIENT_SECRET"]
    kept = json.loads(_file(tmp_path).read_text())
    kept["profiles"]["default"]["token"] = {"access_token": "old", "expires_at": 1}
    _file(tmp_path).write_text(json.dumps(kept))
    assert nobody("flows", "list").code == 0
    assert _sent(transport)[-1] == "Bearer granted"
    assert json.loads(_file(tmp_path).read_text())["profiles"]["default"]["token"]["access_token"] == "granted"


def test_what_does_not_work_is_not_kept(nobody: CommandLine, transport: HandlerTransport, tmp_path: Path) -> None:
    said = nobody(*SIGN_IN, typed="wrong\n")
    assert said.code == 1
    assert "invalid_client" in said.err
    pool = transport.on_way
    transport.on_way = lambda request: pool(request) or httpx.Response(403, json={"message": "Forbidden"})
    said = nobody(*SIGN_IN, typed="secret\n")
    assert said.code == 1
    assert "Forbidden (HTTP 403)" in said.err
    assert not _file(tmp_path).exists()


def test_profiles_are_apart(nobody: CommandLine, tmp_path: Path) -> None:
    nobody.environ["XDG_CONFIG_HOME"] = str(tmp_path / "xdg")
    assert nobody(*SIGN_IN, "--profile", "prod", "--json", typed="secret\n").document["profile"] == "prod"
    assert (tmp_path / "xdg" / "edgeflow" / "profiles.json").exists()
    assert nobody("flows", "list", "--profile", "prod").code == 0
    said = nobody("flows", "list")
    assert said.code == 1
    assert said.err == (
        "edgeflow: nobody has signed in yet: run `edgeflow login`, or set EDGEFLOW_URL and EDGEFLOW_TOKEN\n"
    )


def test_a_profile_that_others_can_read_is_not_used(nobody: CommandLine, tmp_path: Path) -> None:
    nobody(*SIGN_IN, typed="secret\n")
    _file(tmp_path).chmod(0o644)
    said = nobody("flows", "list")
    assert said.code == 1
    assert f"chmod 600 {_file(tmp_path)}" in said.err


def test_a_profile_that_is_damaged_is_named(nobody: CommandLine, tmp_path: Path) -> None:
    nobody(*SIGN_IN, typed="secret\n")
    _file(tmp_path).write_text("{")
    said = nobody("flows", "list")
    assert said.code == 1
    assert "it is not what `edgeflow login` wrote" in said.err


def test_the_environment_comes_first(nobody: CommandLine, transport: HandlerTransport) -> None:
    nobody(*SIGN_IN, typed="secret\n")
    nobody.environ["EDGEFLOW_TOKEN"] = "mine"
    assert nobody("flows", "list").code == 0
    assert _sent(transport)[-1] == "Bearer mine"


def test_a_profiles_secrets_are_not_for_another_stack(nobody: CommandLine, transport: HandlerTransport) -> None:
    nobody(*SIGN_IN, typed="secret\n")
    transport.requests.clear()
    nobody.environ["EDGEFLOW_URL"] = "https://other.test/api/v1"
    said = nobody("flows", "list")
    assert said.code == 1
    assert "EDGEFLOW_URL is set, so set EDGEFLOW_TOKEN as well" in said.err
    assert transport.requests == []


def test_a_pipeline_needs_no_file(nobody: CommandLine, transport: HandlerTransport, tmp_path: Path) -> None:
    nobody.environ |= {
        "EDGEFLOW_URL": URL,
        "EDGEFLOW_TOKEN_URL": TOKEN_URL,
        "EDGEFLOW_CLIENT_ID": "id",
        "EDGEFLOW_CLIENT_SECRET": "secret",
    }
    assert nobody("flows", "list").code == 0
    assert _sent(transport) == ["Bearer granted"]
    assert not _file(tmp_path).exists()


@pytest.mark.parametrize("url", ["http://api.example.com/api/v1", "api.example.com"])
def test_an_address_that_cannot_be_right_is_wrong_usage(nobody: CommandLine, url: str) -> None:
    nobody.environ |= {"EDGEFLOW_URL": url, "EDGEFLOW_TOKEN": "token"}
    assert nobody("flows", "list").code == 2
