"""Reading requests: bodies, parameters, headers, who calls. Every fault of a request is found before it is refused."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn, TypeVar

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import BaseModel, ValidationError

from api.problems import BodyTooLarge, MalformedRequest
from edgeflow.contract.rest.events import Actor
from edgeflow.contract.rest.paging import read_cursor
from edgeflow.contract.rest.problem import faults_of
from edgeflow.domain import history
from edgeflow.domain.errors import Fault, InvalidRequest

MAX_BODY_BYTES: Final = 2 * 1024 * 1024  # 10,000 device ids of 128 characters fit
MAX_DEPTH: Final = 64
_SEQUENCE: Final = re.compile(r"[1-9]\d{0,9}")
_ETAG: Final = re.compile(r'"(\d{1,15})"')

_Model = TypeVar("_Model", bound=BaseModel)


def read_body(event: APIGatewayProxyEvent, model: type[_Model]) -> _Model:
    """Return the request's JSON body as a ``model``, read strictly: no type is guessed from another.

    Raises:
        BodyTooLarge: it has more than ``MAX_BODY_BYTES`` bytes.
        MalformedRequest: it is no JSON.
        InvalidRequest: it is not what the model says; every fault is listed.
    """
    text = body_text(event)
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise InvalidRequest([Fault(fault.pointer, fault.detail) for fault in faults_of(error, model)]) from None


def body_text(event: APIGatewayProxyEvent) -> str:
    """Return the body, which is JSON that can be stored and written again. Raises as ``read_body``."""
    try:
        text = event.decoded_body or ""
    except ValueError as error:
        message = "the body is not UTF-8"
        raise MalformedRequest(message) from error
    if len(text.encode(errors="surrogatepass")) > MAX_BODY_BYTES:
        message = f"the body has more than {MAX_BODY_BYTES} bytes"
        raise BodyTooLarge(message)
    if not text.strip():
        message = "a JSON body is required"
        raise MalformedRequest(message)
    _check_json(text)
    return text


def _check_json(text: str) -> None:
    try:
        document = json.loads(text, object_pairs_hook=_each_key_once, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        document = None
        too_deep = True
    except ValueError as error:
        message = f"the body is not JSON: {error}"
        raise MalformedRequest(message) from error
    else:
        too_deep = any(depth > MAX_DEPTH for depth, _ in _walk(document))
    if too_deep:
        message = f"the body is nested deeper than {MAX_DEPTH} levels"
        raise MalformedRequest(message)
    try:
        for _, value in _walk(document):
            if isinstance(value, str):
                value.encode()
    except UnicodeEncodeError as error:
        message = "the body holds half of a surrogate pair; write such characters whole"
        raise MalformedRequest(message) from error


def _walk(document: object) -> Iterator[tuple[int, object]]:
    """Yield every value and key of a document with its depth, without recursion."""
    pending: list[tuple[int, object]] = [(1, document)]
    while pending:
        depth, value = pending.pop()
        yield depth, value
        if isinstance(value, dict):
            pending.extend((depth + 1, entry) for pair in value.items() for entry in pair)
        elif isinstance(value, list):
            pending.extend((depth + 1, entry) for entry in value)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the key {twice!r} is given twice"
        raise ValueError(message)
    return document


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON number"
    raise ValueError(message)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        message = f"the number {text[:40]} is too big"
        raise ValueError(message)
    return number


def read_query(event: APIGatewayProxyEvent, model: type[_Model]) -> _Model:
    """Return the request's query parameters as a ``model``.

    Raises:
        InvalidRequest: an unknown parameter, one given twice, or a value that does not fit; all are listed.
    """
    given: Mapping[str, list[str]] = event.resolved_query_string_parameters or {}
    faults = [Fault(name, "given more than once") for name, values in given.items() if len(values) > 1]
    try:
        query = model.model_validate({name: values[0] for name, values in given.items() if values})
    except ValidationError as error:
        faults += [Fault(fault.pointer.removeprefix("/"), fault.detail) for fault in faults_of(error, model)]
        raise InvalidRequest(faults) from None
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
    """Return the sequence a list of events goes on after, 0 at its beginning. Raises as ``read_position``."""
    position = read_position(name, cursor)
    if position is None:
        return 0
    if not _SEQUENCE.fullmatch(position):
        raise InvalidRequest([Fault("cursor", "is not one that a list of events gave; start over without one")])
    return int(position)


def etag(revision: int) -> str:
    """Return the ETag of a revision."""
    return f'"{revision}"'


def if_match(event: APIGatewayProxyEvent) -> frozenset[int] | None:
    """Return the revisions that ``If-Match`` allows; None when there is no such header, or it allows any.

    A tag that is not ours matches nothing, as RFC 9110 has it, and weak tags never match.
    """
    header = event.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    tags = (_ETAG.fullmatch(tag.strip()) for tag in header.split(",")[:20])
    return frozenset(int(tag[1]) for tag in tags if tag)


def none_match(event: APIGatewayProxyEvent, revision: int) -> bool:
    """Tell whether ``If-None-Match`` lets this revision be sent: the caller does not have it yet."""
    header = event.headers.get("If-None-Match", "")
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag(revision) not in tags and "*" not in tags


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


def _claims(event: APIGatewayProxyEvent) -> dict[str, str]:
    authorizer = event["requestContext"].get("authorizer") or {}
    claims = authorizer.get("claims") or {}
    return {name: value for name, value in claims.items() if isinstance(value, str)}
