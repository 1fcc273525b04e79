"""Every route wants a token, and its own scope in it, but those that tell of the API alone. Users need a group, too."""

import secrets
from collections.abc import Callable

import pytest
import requests

from api.operations.operation import Scope
from api.paths import ROUTES as PATHS
from api.rights import RIGHTS, Group
from deployed.rest import TIMEOUT_SECONDS, Rest
from localcloud.stack import Stack
from tests.support.sign_in import user_token

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


CALLBACK = "http://localhost:5173/"


@pytest.fixture(scope="module")
def token_of(stack: Stack) -> Callable[[list[Group]], str]:
    """Makes a user who is in these groups, and signs in as a browser does, with every scope."""
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="browser",
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", *SCOPES],
        CallbackURLs=[CALLBACK],
        SupportedIdentityProviders=["COGNITO"],
    )["UserPoolClient"]["ClientId"]

    def make(groups: list[Group]) -> str:
        name, password = f"user-{secrets.token_hex(4)}", f"Aa1!{secrets.token_urlsafe(12)}"
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
        for group in groups:
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=group)
        return user_token(stack, client_id, CALLBACK, name=name, password=password)

    return make


@pytest.mark.parametrize("groups", [[], *([group] for group in Group), [Group.AUTHOR, Group.OPERATOR]], ids=str)
def test_a_user_with_every_scope_is_held_to_the_group(
    stack: Stack, token_of: Callable[[list[Group]], str], groups: list[Group]
) -> None:
    header = {"Authorization": f"Bearer {token_of(groups)}"}
    rights = {scope for group in groups for scope in RIGHTS[group]}
    one_of_each = {scope: (method, path) for method, path, scope in ROUTES}
    for scope, (method, path) in one_of_each.items():
        address = stack.api_url + route(path)
        answer = requests.request(method, address, json=None, headers=header, timeout=TIMEOUT_SECONDS)
        assert (answer.status_code == 403) == (scope not in rights), answer.text
        if answer.status_code == 403:
            assert answer.json()["code"] == "forbidden"
