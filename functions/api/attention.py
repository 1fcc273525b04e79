"""What a request brings and its route does not look at is refused: who sends it means something by it."""

import re
from collections.abc import Iterator
from typing import Any, Final, Protocol

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from api.paths import Takes, taken_by
from api.problems import UnsupportedMediaType
from edgeflow.contract.echo import quoted, shortened
from edgeflow.domain.errors import Fault, InvalidRequest

CONDITIONS: Final = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")
_JSON: Final = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json *(?:; *charset *= *\"?utf-8\"? *)?", re.IGNORECASE)


class _Next(Protocol):
    def __call__(self, app: APIGatewayRestResolver) -> Response[Any]: ...


def refuse_what_is_not_looked_at(app: APIGatewayRestResolver, next_middleware: _Next) -> Response[Any]:
    """Let a request through that brings nothing but what its route looks at; a middleware of powertools.

    Raises:
        NotFoundError: there is no such path.
        UnsupportedMediaType: its body says that it is something else than JSON.
        InvalidRequest: a parameter, a body or a condition that the route does not take; all are listed.
    """
    event = app.current_event
    takes = taken_by(event.path).get(event.http_method)
    if takes is None:  # such as a path with a slash at its end
        raise NotFoundError
    faults = list(_not_looked_at(event, takes))
    if faults:
        raise InvalidRequest(faults)
    if takes.body:
        _refuse_other_types(event)
    return next_middleware(app)


def _not_looked_at(event: APIGatewayProxyEvent, takes: Takes) -> Iterator[Fault]:
    if not takes.query:
        for name in event.resolved_query_string_parameters or {}:
            yield Fault(shortened(name), "unknown parameter; none is taken here")
    if not takes.body and (event.body or "").strip():
        yield Fault("", "no body is taken here; send the request without one")
    for name in CONDITIONS:
        if name not in takes.conditions and event.headers.get(name) is not None:
            here = f"; {' and '.join(takes.conditions)} is" if takes.conditions else ""
            yield Fault(name, f"is not looked at here{here}; send the request without it")


def _refuse_other_types(event: APIGatewayProxyEvent) -> None:
    stated = event.headers.get("Content-Type")
    if stated is not None and not _JSON.fullmatch(stated.strip()):
        message = f"the body must be JSON in UTF-8, but its Content-Type is {quoted(stated)}; send application/json"
        raise UnsupportedMediaType(message)
