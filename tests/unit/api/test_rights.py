"""Who may do what: users by their groups, on every route; clients by their scopes alone, which API Gateway looks at."""

from typing import Any, Final

import pytest

from api.operations.operation import Scope
from api.paths import ROUTES
from api.rights import RIGHTS, Group, groups_of
from tests.support.rest import Rest

ALL_SCOPES: Final = " ".join(["openid", *Scope])
EACH: Final = [
    (method, path, operation.scope)
    for path, methods in ROUTES.items()
    for method, operation in methods.items()
    if operation.scope is not None
]
CLIENT: Final = {"sub": "client-1", "client_id": "client-1", "scope": ALL_SCOPES, "token_use": "access"}
MAY: Final = {
    "viewer": {"edgeflow/read"},
    "author": {"edgeflow/read", "edgeflow/flows"},
    "operator": {"edgeflow/read", "edgeflow/deploy"},
}


def _user(groups: object = None, **others: object) -> dict[str, Any]:
    """Return the claims of the token that a browser got, with all scopes."""
    claims = {"sub": "user-1", "client_id": "console", "username": "alice", "scope": ALL_SCOPES} | others
    return claims if groups is None else claims | {"cognito:groups": groups}


def _asked(method: str, route: str, claims: dict[str, Any]) -> Any:  # noqa: ANN401  an answer of tests.support.rest
    ids = {"<flow_id>": "flow_1", "<deployment_id>": "dep_1", "<device_id>": "nobody", "<version>": "1"}
    for name, value in ids.items():
        route = route.replace(name, value)
    return Rest(claims=claims)(method, route)


def _is_forbidden(method: str, route: str, claims: dict[str, Any]) -> bool:
    answer = _asked(method, route, claims)
    assert answer.status < 500, answer.text
    return bool(answer.status == 403)


@pytest.mark.parametrize("group", MAY)
def test_a_user_may_what_the_group_may_and_nothing_else(rest: Rest, machines: None, group: str) -> None:
    refused = {(method, path): _is_forbidden(method, path, _user(group)) for method, path, _ in EACH}
    assert refused == {(method, path): scope not in MAY[group] for method, path, scope in EACH}


def test_who_is_in_several_groups_may_what_any_of_them_may(rest: Rest, machines: None) -> None:
    assert not [path for method, path, _ in EACH if _is_forbidden(method, path, _user("author,operator"))]


def test_a_user_without_a_group_may_nothing(rest: Rest) -> None:
    for method, path, _ in EACH:
        answer = _asked(method, path, _user())
        assert (answer.status, answer.body["code"], answer.body["errors"]) == (403, "forbidden", []), path
        assert "alice is in none of the groups" in answer.body["detail"]


def test_a_client_that_acts_for_itself_is_held_to_its_scopes_alone(rest: Rest, machines: None) -> None:
    assert not [path for method, path, _ in EACH if _is_forbidden(method, path, CLIENT)]


def test_a_refusal_says_which_group_is_needed_and_which_are_there(rest: Rest) -> None:
    answer = _asked("POST", "/v1/deployments", _user("[viewer author]"))
    assert answer.body["detail"] == (
        "this needs the group operator; alice is only in viewer and author. "
        "Whoever administers the user pool can change that"
    )
    assert "viewer or author or operator" in _asked("GET", "/v1/flows", _user()).body["detail"]


@pytest.mark.parametrize(
    "claims",
    [
        _user("operators"),
        _user("OPERATOR"),
        _user("not-operator"),
        _user("[operator"),
        _user("operator]"),
        _user("viewer.operator"),
        _user(""),
        _user("[]"),
        _user(["operators", 7]),
        _user({"operator": True}),
        _user(7),
        _user(username="operator"),
        _user(scope=f"{ALL_SCOPES} operator"),
        _user(groups_of_mine="operator"),
        {"sub": "user-1", "client_id": "console", "scope": ALL_SCOPES},
        {"sub": "console", "client_id": "console", "username": "console", "scope": ALL_SCOPES},
        {"sub": "console", "client_id": "console", "username": "", "scope": ALL_SCOPES},
        {"sub": "console", "client_id": "console", "cognito:groups": "viewer", "scope": ALL_SCOPES},
        {"sub": "", "client_id": "", "scope": ALL_SCOPES},
        {"cognito:username": "alice", "aud": "console", "token_use": "id"},
        {"scope": ALL_SCOPES},
        {},
    ],
)
def test_claims_made_by_hand_give_no_right_that_no_group_gives(rest: Rest, claims: dict[str, Any]) -> None:
    assert _is_forbidden("POST", "/v1/deployments", claims)
    assert _is_forbidden("POST", "/v1/flows", claims)


def test_a_list_of_groups_is_read_however_it_is_handed_over() -> None:
    for told in ("viewer,operator", "[viewer operator]", "viewer, operator", ["viewer", "operator", 7]):
        assert groups_of({"cognito:groups": told}) == [Group.VIEWER, Group.OPERATOR]


def test_what_is_refused_is_refused_before_anything_else_is_looked_at(rest: Rest) -> None:
    answer = Rest(claims=_user("viewer"))("POST", "/v1/flows", "{", query={"colour": "red"})
    assert answer.status == 403


def test_what_tells_of_the_api_alone_needs_no_group(rest: Rest) -> None:
    assert Rest(claims={})("GET", "/v1/openapi.json").status == 200


def test_rights_are_those_that_are_written_here() -> None:
    assert {group.value: {scope.value for scope in scopes} for group, scopes in RIGHTS.items()} == MAY
