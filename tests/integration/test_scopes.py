"""Every operation of the API's document, with each kind of token: who gets past API Gateway, and who does not."""

import base64
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from api.operations.operation import Scope
from api.rights import RIGHTS, Group
from deployed.rest import TIMEOUT_SECONDS
from edgeflow.contract.rest.problem import PROBLEM_CONTENT_TYPE
from localcloud.settings import ROOT, Settings
from localcloud.stack import Stack
from tests.support.openapi import check_answer
from tests.support.sign_in import user_tokens

SCOPES: Final = [scope.value for scope in Scope]
CALLBACK: Final = "http://localhost:5173/"


@dataclass(frozen=True)
class Asked:
    """An operation of the document, at an address of what is not there. ``scope`` is None where none is needed."""

    id: str
    method: str
    path: str
    scope: str | None


def _operations() -> Iterator[Asked]:
    document = json.loads((ROOT / "functions/api/openapi.json").read_text(encoding="utf-8"))
    for path, item in document["paths"].items():
        examples = {each["name"]: each["example"] for each in item.get("parameters", ())}
        address = path.format(**{name: _nobody(example) for name, example in examples.items()})
        for method, operation in item.items():
            if method == "parameters":
                continue
            scopes = [scope for scheme in operation["security"] for scope in scheme["operators"]]
            assert len(scopes) <= 1, operation["operationId"]
            scope = scopes[0] if scopes else None
            yield Asked(operation["operationId"], method.upper(), address, scope)
            if method == "get":
                yield Asked(_head_of(operation["operationId"]), "HEAD", address, scope)


def _head_of(operation_id: str) -> str:
    return f"{operation_id}, its headers alone"


def _nobody(example: object) -> str:
    """Return an id of the same form that nothing has."""
    return f"{example}0nobody" if isinstance(example, str) else str(example)


OPERATIONS: Final = list(_operations())


class Tokens:
    """Access tokens of clients of some user pool, by their scopes."""

    def __init__(self, stack: Stack, pool: str, *scopes: str) -> None:
        """Make a client that may have these scopes."""
        made = stack.client("cognito-idp").create_user_pool_client(
            UserPoolId=pool,
            ClientName="another",
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=list(scopes),
        )["UserPoolClient"]
        self._address, self._auth = f"{stack.endpoint_url}/oauth2/token", (made["ClientId"], made["ClientSecret"])

    @cache  # noqa: B019  it lives as long as the module
    def of(self, *scopes: str) -> str:
        """Return one for these scopes."""
        told = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
        answer = requests.post(self._address, auth=self._auth, data=told, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token


@pytest.fixture(scope="module")
def another_pool(stack: Stack) -> Tokens:
    """Clients of a pool that is not the stack's, with scopes of the same names."""
    cognito = stack.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
    names = [{"ScopeName": scope.rpartition("/")[2], "ScopeDescription": "the same"} for scope in SCOPES]
    cognito.create_resource_server(UserPoolId=pool, Identifier="edgeflow", Name="EdgeFlow", Scopes=names)
    return Tokens(stack, pool, *SCOPES)


@pytest.fixture(scope="module")
def sign_in(stack: Stack) -> Callable[[list[Group]], Mapping[str, str]]:
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

    def make(groups: list[Group]) -> Mapping[str, str]:
        name, password = f"user-{secrets.token_hex(4)}", f"Aa1!{secrets.token_urlsafe(12)}"
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
        for group in groups:
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=group)
        return user_tokens(stack, client_id, CALLBACK, name=name, password=password)

    return make


@pytest.fixture(scope="module")
def signed(stack: Stack, local_cloud: Settings) -> Callable[..., str]:
    """Signs an operator's token anew, with other claims, by the pool's own key: all is right but those."""
    pool = stack.outputs["UserPoolId"]
    kept = local_cloud.data_dir / "state" / "cognito-pool-keys" / f"{pool}-access.pem"
    token = stack.token()
    key = load_pem_private_key(kept.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)

    def sign(**claims: object) -> str:
        header, payload, _ = token.split(".")
        content = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        told = f"{header}.{_encoded(json.dumps({**content, **claims}).encode())}"
        return f"{told}.{_encoded(key.sign(told.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    return sign


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


Kinds = Mapping[str, Callable[[str], str | None]]


@pytest.fixture(scope="module")
def refused(
    stack: Stack,
    another_pool: Tokens,
    sign_in: Callable[[list[Group]], Mapping[str, str]],
    signed: Callable[..., str],
) -> Kinds:
    """The tokens that let nobody in, each for an operation's scope."""
    own = Tokens(stack, stack.outputs["UserPoolId"], *SCOPES)
    of_everything = sign_in(list(Group))
    hour_ago = int(time.time()) - 3_600
    expired = signed(iat=hour_ago - 3_600, auth_time=hour_ago - 3_600, exp=hour_ago)
    one, other = (signed(jti=name) for name in ("one", "other"))
    forged = f"{one.rpartition('.')[0]}.{other.rpartition('.')[2]}"  # the signature of another one
    return {
        "none": lambda _: None,
        "nonsense": lambda _: "forged.token.here",
        "forged": lambda _: forged,
        "expired": lambda _: expired,
        "wrong scope": lambda scope: own.of(*(each for each in SCOPES if each != scope)),
        "another pool's client": lambda _: another_pool.of(*SCOPES),
        "id token": lambda _: of_everything["id_token"],
    }


@pytest.fixture(scope="module")
def taken(stack: Stack, signed: Callable[..., str]) -> Kinds:
    """The tokens that let their holder in."""
    other = {scope: Tokens(stack, stack.outputs["UserPoolId"], scope) for scope in SCOPES}
    again = signed(jti="again")  # so what is wrong with the expired one is its time alone
    return {
        "right scope": cache(stack.token),
        "another client of the pool": lambda scope: other[scope].of(scope),
        "signed by the pool": lambda _: again,
    }


def _answers(stack: Stack, kinds: Kinds, asked: list[Asked]) -> dict[tuple[str, str], requests.Response]:
    """Return the answer to each operation with each kind of token. Each is held to the API's document."""
    answers: dict[tuple[str, str], requests.Response] = {}
    with requests.Session() as session:
        for operation in asked:
            address = stack.api_url + operation.path.removeprefix("/v1")
            body: Any = None if operation.method in {"GET", "HEAD", "DELETE"} else {}
            for kind, token_for in kinds.items():
                token = token_for(operation.scope or SCOPES[0])
                headers = {} if token is None else {"Authorization": f"Bearer {token}"}
                answer = session.request(operation.method, address, json=body, headers=headers, timeout=TIMEOUT_SECONDS)
                check_answer(operation.method, operation.path, answer.status_code, dict(answer.headers), answer.text)
                answers[operation.id, kind] = answer
    return answers


NEED_TOKENS: Final = [operation for operation in OPERATIONS if operation.scope is not None]
PUBLIC: Final = [operation for operation in OPERATIONS if operation.scope is None]


def test_no_operation_lets_a_token_in_that_is_not_for_it(stack: Stack, refused: Kinds) -> None:
    answers = _answers(stack, refused, NEED_TOKENS)
    assert len(answers) == len(NEED_TOKENS) * len(refused) > 200
    assert {key: answer.status_code for key, answer in answers.items() if answer.status_code != 401} == {}


def test_the_scope_alone_is_enough_whichever_client_of_the_pool_has_it(stack: Stack, taken: Kinds) -> None:
    answers = _answers(stack, taken, NEED_TOKENS)
    assert len(answers) == len(NEED_TOKENS) * len(taken)
    told = {key: answer.status_code for key, answer in answers.items()}
    assert {key: status for key, status in told.items() if status in {401, 403} or status >= 500} == {}
    reads = [operation.id for operation in NEED_TOKENS if operation.method == "GET"]
    headers_alone = {each: answers[_head_of(each), "right scope"] for each in reads}
    assert {each: (answer.status_code, answer.text) for each, answer in headers_alone.items()} == {
        each: (told[each, "right scope"], "") for each in reads
    }


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/deployments", "GET, HEAD, OPTIONS, POST"),
        ("/deployments/dep_nobody/start", "OPTIONS, POST"),  # nothing can be read there
        ("/docs", "GET, HEAD, OPTIONS"),  # what can be read there is public
    ],
)
@pytest.mark.parametrize("method", ["PUT", "TRACE"])
def test_a_method_that_a_path_does_not_take_is_told_which_it_takes(
    stack: Stack, method: str, path: str, allowed: str
) -> None:
    header = {"Authorization": f"Bearer {stack.token(Scope.READ)}"}
    refused = requests.request(method, f"{stack.api_url}{path}", headers=header, timeout=TIMEOUT_SECONDS)
    assert (refused.status_code, refused.headers["Allow"]) == (405, allowed)
    assert refused.json()["code"] == "method-not-allowed"


def test_where_nothing_is_whoever_may_read_is_told_so(stack: Stack) -> None:
    address = f"{stack.api_url}/flows/flow_abc123/of/nothing"
    token = {"Authorization": f"Bearer {stack.token(Scope.READ)}"}
    answers = [requests.get(address, headers=header, timeout=TIMEOUT_SECONDS) for header in (token, {})]
    assert [answer.status_code for answer in answers] == [404, 401]
    assert {answer.headers["Content-Type"] for answer in answers} == {PROBLEM_CONTENT_TYPE}


def test_what_tells_of_the_api_alone_needs_no_token(stack: Stack, refused: Kinds) -> None:
    for key, answer in _answers(stack, refused, PUBLIC).items():
        assert answer.status_code == 200, key
        assert ("EdgeFlow" in answer.text) == (answer.request.method == "GET"), key


@pytest.mark.parametrize("groups", [[], *([group] for group in Group), [Group.AUTHOR, Group.OPERATOR]], ids=str)
def test_a_user_with_every_scope_is_held_to_the_group(
    stack: Stack, sign_in: Callable[[list[Group]], Mapping[str, str]], groups: list[Group]
) -> None:
    header = {"Authorization": f"Bearer {sign_in(groups)['access_token']}"}
    rights = {scope for group in groups for scope in RIGHTS[group]}
    one_of_each = {operation.scope: operation for operation in NEED_TOKENS if operation.method != "HEAD"}
    for scope, operation in one_of_each.items():
        address = stack.api_url + operation.path.removeprefix("/v1")
        answer = requests.request(operation.method, address, json=None, headers=header, timeout=TIMEOUT_SECONDS)
        assert (answer.status_code == 403) == (scope not in rights), answer.text
        if answer.status_code == 403:
            assert answer.json()["code"] == "forbidden"
