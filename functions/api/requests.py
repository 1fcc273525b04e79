"""Reading requests: parameters, headers, who calls. Every fault of a request is found before it is refused."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import BaseModel, ValidationError

from api.bodies import refusal
from api.headers import joined
from edgeflow.contract.echo import shortened
from edgeflow.contract.history.details import Actor
from edgeflow.contract.rest.paging import read_cursor
from edgeflow.domain import history
from edgeflow.domain.errors import Fault, InvalidRequest

_SEQUENCE: Final = re.compile(r"[1-9][0-9]{0,9}")
_ETAG: Final = re.compile(r'"(\d{1,15})"')

_Model = TypeVar("_Model", bound=BaseModel)


def read_query(event: APIGatewayProxyEvent, model: type[_Model]) -> _Model:
    """Return the request's query parameters as a ``model``.

    Raises:
        InvalidRequest: an unknown parameter, one given twice, or a value that does not fit; all are listed.
    """
    given: Mapping[str, list[str]] = event.resolved_query_string_parameters or {}
    faults = [Fault(shortened(name), "given more than once") for name, values in given.items() if len(values) > 1]
    try:
        query = model.model_validate({name: values[0] for name, values in given.items() if values})
    except ValidationError as error:
        refused = refusal(error, model)
        # One that is a list is named as a whole: in an address its values have no places.
        named: dict[str, str] = {}
        for fault in refused.faults:
            named.setdefault(fault.pointer.removeprefix("/").partition("/")[0], fault.message)
        told = [Fault(name, sentence) for name, sentence in named.items()]
        raise InvalidRequest(faults + told, more=refused.more) from None
    if faults:
        raise InvalidRequest(faults)
    return query


def read_position(name: str, cursor: str | None, filters: Mapping[str, str | None] | None = None) -> str | None:
    """Return the position a list goes on from. Raises InvalidRequest when the cursor is not of this list."""
    if cursor is None:
        return None
    try:
        return read_cursor(name, cursor, filters)
    except ValueError as error:
        raise InvalidRequest([Fault("cursor", str(error))]) from None


def read_sequence(name: str, cursor: str | None) -> int:
    """Return the number that such a list goes on after, 0 at its beginning. Raises as ``read_position``."""
    position = read_position(name, cursor)
    if position is None:
        return 0
    if not _SEQUENCE.fullmatch(position):
        raise InvalidRequest([Fault("cursor", "is not one that this list gave; start over without one")])
    return int(position)


def etag(revision: int) -> str:
    """Return the ETag of a revision."""
    return f'"{revision}"'


def if_match(event: APIGatewayProxyEvent) -> frozenset[int] | None:
    """Return the revisions that ``If-Match`` allows; None when there is no such header, or it allows any.

    A tag that is not ours matches nothing, as RFC 9110 has it, and weak tags never match.
    """
    header = joined(event, "If-Match")
    if header is None or header.strip() == "*":
        return None
    tags = (_ETAG.fullmatch(tag.strip()) for tag in header.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)


def none_match(event: APIGatewayProxyEvent, tag: str) -> bool:
    """Tell whether ``If-None-Match`` lets what has this ETag be sent: the caller does not have it yet."""
    header = joined(event, "If-None-Match") or ""
    tags = {each.strip().removeprefix("W/") for each in header.split(",")}
    return tag not in tags and "*" not in tags


def caller(event: APIGatewayProxyEvent) -> str:
    """Return who calls, as the token says: a user's name, or the client that acts for itself."""
    claims = _claims(event)
    return claims.get("username") or claims.get("client_id") or claims.get("sub") or "unknown"


def actor(event: APIGatewayProxyEvent) -> Actor:
    """Return who calls, as histories tell it: by name, and by the token's ``sub``, which nobody else ever gets."""
    return history.caller(caller(event), subject=_claims(event).get("sub"))


def caller_scope(event: APIGatewayProxyEvent) -> str:
    """Return what tells this caller from every other: one's idempotency keys are no business of another's."""
    claims = _claims(event)
    return f"{claims.get('client_id', '')}/{claims.get('sub', '')}"


def claims_of(event: APIGatewayProxyEvent) -> Mapping[str, Any]:
    """Return what the token says, as API Gateway's authorizer hands it over; empty where there was none."""
    authorizer = event["requestContext"].get("authorizer") or {}
    claims = authorizer.get("claims") or {}
    return claims if isinstance(claims, dict) else {}


def _claims(event: APIGatewayProxyEvent) -> dict[str, str]:
    return {name: value for name, value in claims_of(event).items() if isinstance(value, str)}
