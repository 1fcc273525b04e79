"""What a request brings and its route does not look at is refused: who sends it means something by it."""

from collections.abc import Iterator
from typing import Any, Final, Protocol

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from api.headers import IDEMPOTENCY_KEY
from api.operations.operation import Operation
from api.paths import taken_by
from edgeflow.contract.echo import shortened
from edgeflow.domain.errors import Fault, InvalidRequest

CONDITIONS: Final = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")


class _Next(Protocol):
    def __call__(self, app: APIGatewayRestResolver) -> Response[Any]: ...


def refuse_what_is_not_looked_at(app: APIGatewayRestResolver, next_middleware: _Next) -> Response[Any]:
    """Let a request through that brings nothing but what its route looks at; a middleware of powertools.

    Raises:
        NotFoundError: there is no such path.
        InvalidRequest: a parameter, a body, a condition or a key that the route does not take; all are listed.
    """
    event = app.current_event
    takes = taken_by(event.path).get(event.http_method)
    if takes is None:  # powertools takes more characters for an id than any has
        raise NotFoundError
    faults = list(_not_looked_at(event, takes))
    if faults:
        raise InvalidRequest(faults)
    return next_middleware(app)


def _not_looked_at(event: APIGatewayProxyEvent, takes: Operation) -> Iterator[Fault]:
    if takes.query is None:
        for name in event.resolved_query_string_parameters or {}:
            yield Fault(shortened(name), "unknown parameter; none is taken here")
    if takes.body is None and (event.body or "").strip():
        yield Fault("", "no body is taken here; send the request without one")
    for name in CONDITIONS:
        if name not in takes.conditions and event.headers.get(name) is not None:
            here = f"; {' and '.join(takes.conditions)} is" if takes.conditions else ""
            yield Fault(name, f"is not looked at here{here}; send the request without it")
    if not takes.once and event.headers.get(IDEMPOTENCY_KEY) is not None:
        message = "is for POST, and not looked at with any other method; send the request without it"
        yield Fault(IDEMPOTENCY_KEY, message)
