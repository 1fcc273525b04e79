"""What a user may do, by the groups of the user pool, whatever scopes a browser asked for.

API Gateway holds every token to its scopes. A token that a client got for itself is held to nothing else. A user's
token is held here to the groups of its user as well: a browser asks for all scopes, whoever signs in.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, Protocol

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from api.operations.operation import Scope
from api.paths import taken_by
from api.problems import Forbidden
from api.requests import claims_of
from edgeflow.contract.echo import shortened

_BETWEEN: Final = re.compile(r"[\s,]+")


class Group(StrEnum):
    """A group of the user pool. template.yaml makes them; a test compares."""

    VIEWER = "viewer"
    AUTHOR = "author"
    OPERATOR = "operator"


RIGHTS: Final[Mapping[Group, frozenset[Scope]]] = {
    Group.VIEWER: frozenset({Scope.READ}),
    Group.AUTHOR: frozenset({Scope.READ, Scope.FLOWS}),
    Group.OPERATOR: frozenset({Scope.READ, Scope.DEPLOY}),
}
"""Who is in several groups has the rights of all of them."""


class _Next(Protocol):
    def __call__(self, app: APIGatewayRestResolver) -> Response[Any]: ...


def refuse_who_has_no_right(app: APIGatewayRestResolver, next_middleware: _Next) -> Response[Any]:
    """Let a request through whose caller may make it; a middleware of powertools.

    Raises:
        Forbidden: the token is a user's, and none of the user's groups has the right; or there is no token at all.
    """
    operation = taken_by(app.current_event.path).get(app.current_event.http_method)
    if operation is not None and operation.scope is not None:
        _check(claims_of(app.current_event), operation.scope)
    return next_middleware(app)


def _check(claims: Mapping[str, Any], scope: Scope) -> None:
    if not claims:
        message = "the request came without a token that API Gateway has checked"
        raise Forbidden(message)
    if _is_a_client(claims):
        return
    groups = groups_of(claims)
    if any(scope in RIGHTS[group] for group in groups):
        return
    needed = " or ".join(group for group in Group if scope in RIGHTS[group])
    user = shortened(str(claims.get("username") or claims.get("cognito:username") or "this user"))
    among = f"only in {' and '.join(groups)}" if groups else "in none of the groups of this API"
    message = f"this needs the group {needed}; {user} is {among}. Whoever administers the user pool can change that"
    raise Forbidden(message)


def _is_a_client(claims: Mapping[str, Any]) -> bool:
    """Tell whether a client has got the token for itself (client credentials): it is the subject, and no user is named.

    Whatever is not surely that is a user's, and needs a group.
    """
    named = any(name == "username" or name.startswith("cognito:") for name in claims)
    return not named and bool(claims.get("sub")) and claims.get("sub") == claims.get("client_id")


def groups_of(claims: Mapping[str, Any]) -> list[Group]:
    """Return the groups that a token's claims name, those that this API knows; none when they cannot be read.

    API Gateway hands a list over as one text. The authorizers of REST APIs write ``viewer,author``, those of HTTP APIs
    and the local cloud ``[viewer author]``. Cognito lets no white space into a group's name.
    """
    told = claims.get("cognito:groups")
    if isinstance(told, str):
        bare = told[1:-1] if told.startswith("[") and told.endswith("]") else told
        told = _BETWEEN.split(bare)
    return [group for group in Group if isinstance(told, list) and group.value in told]
