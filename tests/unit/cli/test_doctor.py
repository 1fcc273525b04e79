"""``edgeflow doctor`` and ``edgeflow logout``."""

import base64
import json

import httpx
import pytest

from edgeflow.client.auth import SCOPES
from edgeflow.client.checks import API_VERSION
from tests.support.handler_transport import HandlerTransport
from tests.unit.cli.conftest import TOKEN_URL, CommandLine

NOON = "Sat, 21 Feb 2026 12:00:00 GMT"


def _token(*scopes: str) -> str:
    claims = json.dumps({"scope": " ".join(scopes), "exp": 1_771_678_800}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.sig"


def _checks(edgeflow: CommandLine) -> tuple[int, dict[str, bool | None]]:
    said = edgeflow("doctor", "--json")
    return said.code, {each["check"]: each["ok"] for each in said.document["checks"]}


def _at(transport: HandlerTransport, date: str, release: str) -> None:
    def about(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("/openapi.json"):
            return None
        return httpx.Response(200, json={"info": {"version": release}}, headers={"Date": date}, request=request)

    transport.on_way = about


def test_all_is_well(edgeflow: CommandLine, transport: HandlerTransport) -> None:
    edgeflow.environ["EDGEFLOW_TOKEN"] = _token(*SCOPES)
    said = edgeflow("doctor")
    assert said.code == 0, said.out
    assert "it is taken and ends at 2026-02-21T13:00:00Z" in said.out
    assert f"ok  scopes   {', '.join(SCOPES)}\n" in said.out
    assert all(each.method == "GET" for each in transport.requests)


def test_each_thing_that_is_not_well_is_named(alone: CommandLine) -> None:
    alone.environ["EDGEFLOW_TOKEN"] = _token("edgeflow/read")
    _at(alone.transport, NOON, "9.0.0")
    code, checks = _checks(alone)
    assert code == 1
    assert checks == {"API": True, "version": False, "clock": False, "token": True, "scopes": False}
    assert "edgeflow/flows, edgeflow/deploy missing" in alone("doctor").out


@pytest.mark.parametrize("seconds", [60, 61])
def test_a_clock_may_be_a_minute_off(alone: CommandLine, seconds: int) -> None:
    alone.at = 1_771_675_200 + seconds
    _at(alone.transport, NOON, API_VERSION)
    assert _checks(alone)[1]["clock"] is (seconds == 60)


def test_a_token_that_is_not_taken_or_not_read(edgeflow: CommandLine, transport: HandlerTransport) -> None:
    assert _checks(edgeflow)[1]["scopes"] is None, "an opaque token says nothing of scopes"

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/flows"):
            return httpx.Response(401, json={"message": "Unauthorized"}, request=request)
        return None

    transport.on_way = refuse
    code, checks = _checks(edgeflow)
    assert (code, checks["token"]) == (1, False)


def test_an_api_that_is_not_there_is_the_first_thing_told(alone: CommandLine) -> None:
    alone.transport.on_way = lambda request: httpx.Response(403, json={"message": "Forbidden"}, request=request)
    assert _checks(alone) == (1, {"API": False})


def test_logging_out_forgets_the_secret(nobody: CommandLine) -> None:
    assert _checks(nobody) == (1, {"sign-in": False})
    signed_in = nobody(
        *("login", "--url", "https://api.test/api/v1", "--token-url", TOKEN_URL, "--client-id", "id"), typed="secret\n"
    )
    assert signed_in.code == 0, signed_in.err
    assert _checks(nobody)[1]["token"] is True
    assert nobody("logout").out == "the profile 'default' is forgotten\n"
    assert _checks(nobody) == (1, {"sign-in": False})
    assert nobody("logout", "--json").document == {"profile": "default", "removed": False}
