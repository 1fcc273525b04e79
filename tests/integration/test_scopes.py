"""Every route wants a token, and its own scope in it, but those that tell of the API alone."""

import pytest
import requests

from api.operations.operation import Scope
from api.paths import ROUTES as PATHS
from localcloud.rest import TIMEOUT_SECONDS, Rest
from localcloud.stack import Stack

SCOPES = [scope.value for scope in Scope]
REFUSED = {401, 403}
PARAMETERS = {"<flow_id>": "flow_0", "<deployment_id>": "dep_0", "<device_id>": "nobody", "<version>": "1"}


def route(path: str) -> str:
    """Return a path of this route, after ``/v1``, for things that do not exist."""
    for parameter, value in PARAMETERS.items():
        path = path.replace(parameter, value)
    return path.removeprefix("/v1")


ROUTES = [
    (method, path, operation.scope)
    for path, methods in PATHS.items()
    for method, operation in methods.items()
    if operation.scope is not None
]
PUBLIC = [path for path, methods in PATHS.items() if any(operation.scope is None for operation in methods.values())]


@pytest.fixture(scope="module")
def callers(stack: Stack) -> dict[str, Rest]:
    """One caller for each scope, who lacks just that one, and one with each alone."""
    lacking = {f"without {scope}": Rest(stack, *(other for other in SCOPES if other != scope)) for scope in SCOPES}
    return lacking | {f"only {scope}": Rest(stack, scope) for scope in SCOPES}


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES)
def test_a_token_without_the_scope_is_refused(callers: dict[str, Rest], method: str, path: str, scope: str) -> None:
    answer = callers[f"without {scope}"].send(method, route(path), {})
    assert answer.status_code in REFUSED


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES)
def test_the_scope_alone_is_enough(callers: dict[str, Rest], method: str, path: str, scope: str) -> None:
    answer = callers[f"only {scope}"].send(method, route(path), {})
    assert answer.status_code not in REFUSED
    assert answer.status_code < 500


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in ROUTES])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer forged.token.here"}], ids=["none", "forged"])
def test_no_token_and_a_forged_one_are_refused(stack: Stack, method: str, path: str, header: dict[str, str]) -> None:
    address = stack.api_url + route(path)
    answer = requests.request(method, address, json={}, headers=header, timeout=TIMEOUT_SECONDS)
    assert answer.status_code in REFUSED


@pytest.mark.parametrize("path", PUBLIC)
def test_what_tells_of_the_api_alone_needs_no_token(stack: Stack, path: str) -> None:
    answer = requests.get(stack.api_url + route(path), timeout=TIMEOUT_SECONDS)
    assert answer.status_code == 200
    assert "EdgeFlow" in answer.text
