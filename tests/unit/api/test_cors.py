"""Which pages may read answers: those of the origin that the stack names, and no other."""

import re
from pathlib import Path

import pytest

from api.cors import EXPOSED
from api.paths import ROUTES
from tests.support.openapi import DOCUMENT, OPERATIONS
from tests.support.rest import Rest

ORIGIN = "https://console.example.com"
FROM_IT = {"Origin": ORIGIN}
TEMPLATE = (Path(__file__).parents[3] / "template.yaml").read_text(encoding="utf-8")


@pytest.fixture
def _named(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGIN", ORIGIN)


@pytest.mark.usefixtures("_named")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/flows", 200),
        ("HEAD", "/v1/flows", 200),
        ("POST", "/v1/flows", 400),
        ("GET", "/v1/flows/flow_1", 404),
        ("POST", "/v1/flows/flow_1", 405),
        ("DELETE", "/v1/devices/dev_404", 404),
        ("GET", "/v1/openapi.json", 200),
    ],
)
def test_the_origin_may_read_every_answer_and_its_headers(rest: Rest, method: str, path: str, status: int) -> None:
    answer = rest(method, path, headers=FROM_IT)
    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Expose-Headers"] == "Allow, ETag, Idempotency-Replayed, Location, Retry-After"
    assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.usefixtures("_named")
@pytest.mark.parametrize("origin", [None, "https://evil.example.com", f"{ORIGIN}.evil.com", "null", "none", "*"])
def test_no_other_origin_may(rest: Rest, origin: str | None) -> None:
    answer = rest("GET", "/v1/flows", headers={} if origin is None else {"origin": origin})
    assert answer.status == 200
    assert [name for name in answer.headers if name.startswith("Access-Control")] == []
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", [ORIGIN, "none", "null", ""])
def test_where_no_origin_is_named_nobody_may(rest: Rest, origin: str) -> None:
    answer = rest("GET", "/v1/flows", headers={"Origin": origin})
    assert {name for name in answer.headers if name.startswith("Access-Control") or name == "Vary"} == set()


def test_each_header_of_the_document_may_be_sent_and_read() -> None:
    """The preflight is API Gateway's, so what it allows is in template.yaml."""
    (allowed,) = re.findall(r"""AllowHeaders: "'(.+)'\"""", TEMPLATE)
    parameters = [each for operation in OPERATIONS.values() for each in operation.get("parameters", ())]
    sent = {each["name"] for each in parameters if each["in"] == "header"}
    assert set(allowed.split(",")) == sent | {"Authorization", "Content-Type"}
    assert set(DOCUMENT["components"]["headers"]) <= set(EXPOSED)
    (methods,) = re.findall(r"""AllowMethods: "'(.+)'\"""", TEMPLATE)
    declared: set[str] = {method for each in ROUTES.values() for method in each}
    assert set(methods.split(",")) == declared | {"HEAD"}
