"""Every error as one RFC 9457 problem. What is not ours to explain is logged, and told as 500 without details."""

from http import HTTPStatus
from typing import Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)

from api.paths import methods_of
from edgeflow.contract.rest.problem import PROBLEM_CONTENT_TYPE, Code, Problem, ProblemFault
from edgeflow.domain.errors import (
    CannotBeRead,
    Conflict,
    Fault,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    Unavailable,
)

_RETRY: Final = {"Retry-After": "2"}

_STATUS: Final = {
    Code.MALFORMED_REQUEST: HTTPStatus.BAD_REQUEST,
    Code.INVALID_REQUEST: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Code.CONFLICT: HTTPStatus.CONFLICT,
    Code.UNREADABLE_RECORD: HTTPStatus.CONFLICT,
    Code.PRECONDITION_FAILED: HTTPStatus.PRECONDITION_FAILED,
    Code.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.IDEMPOTENCY_KEY_REUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.IDEMPOTENCY_KEY_IN_USE: HTTPStatus.CONFLICT,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_TITLE: Final = {
    Code.MALFORMED_REQUEST: "The request cannot be read",
    Code.INVALID_REQUEST: "The request breaks a rule",
    Code.NOT_FOUND: "Not found",
    Code.METHOD_NOT_ALLOWED: "Method not allowed",
    Code.CONFLICT: "The present state does not allow this",
    Code.UNREADABLE_RECORD: "A stored record cannot be read",
    Code.PRECONDITION_FAILED: "Changed in the meantime",
    Code.BODY_TOO_LARGE: "The body is too large",
    Code.IDEMPOTENCY_KEY_REUSED: "Idempotency key used for another request",
    Code.IDEMPOTENCY_KEY_IN_USE: "A request with this idempotency key is in progress",
    Code.UNAVAILABLE: "Try again",
    Code.INTERNAL: "Internal error",
}


class MalformedRequest(Exception):
    """The request cannot be read at all."""


class BodyTooLarge(Exception):
    """The body is larger than any request of this API."""


def problem(
    code: Code,
    detail: str,
    *,
    request_id: str | None,
    faults: list[Fault] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[str]:
    """Return the answer that tells of an error."""
    status = _STATUS[code]
    body = Problem(
        type=f"urn:edgeflow:problem:{code}",
        title=_TITLE[code],
        status=status,
        code=code,
        detail=detail,
        errors=[ProblemFault(pointer=fault.pointer, detail=fault.message) for fault in faults or []],
        request_id=request_id,
    )
    return Response(
        status_code=status,
        content_type=PROBLEM_CONTENT_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
        body=body.model_dump_json(exclude_none=True),
    )


_SIMPLE: Final[dict[type[Exception], Code]] = {
    MalformedRequest: Code.MALFORMED_REQUEST,
    BodyTooLarge: Code.BODY_TOO_LARGE,
    NotFound: Code.NOT_FOUND,
    Conflict: Code.CONFLICT,
    CannotBeRead: Code.UNREADABLE_RECORD,
    PreconditionFailed: Code.PRECONDITION_FAILED,
}


def register_problems(app: APIGatewayRestResolver, logger: Logger, metrics: Metrics) -> None:
    """Teach the app how each error is told."""

    def request_id() -> str | None:
        return app.current_event.request_context.request_id

    def simple(error: Exception) -> Response[str]:
        return problem(_SIMPLE[type(error)], str(error), request_id=request_id())

    def invalid(error: InvalidRequest) -> Response[str]:
        count = len(error.faults)
        detail = "one fault was found" if count == 1 else f"{count} faults were found"
        return problem(Code.INVALID_REQUEST, f"{detail}; see errors", request_id=request_id(), faults=error.faults)

    def busy(error: Exception) -> Response[str]:
        logger.warning("an AWS service is not available", exc_info=error)
        detail = str(error) if isinstance(error, Unavailable) else "DynamoDB does not answer; try again"
        return problem(Code.UNAVAILABLE, detail, request_id=request_id(), headers=_RETRY)

    def key_reused(_: IdempotencyValidationError) -> Response[str]:
        detail = "this Idempotency-Key came with another body before; make a new key for a new request"
        return problem(Code.IDEMPOTENCY_KEY_REUSED, detail, request_id=request_id())

    def key_in_use(_: IdempotencyAlreadyInProgressError) -> Response[str]:
        detail = "the first request with this Idempotency-Key is not answered yet; try again in a moment"
        return problem(Code.IDEMPOTENCY_KEY_IN_USE, detail, request_id=request_id(), headers=_RETRY)

    def no_route(_: NotFoundError) -> Response[str]:
        method, path = app.current_event.http_method, app.current_event.path
        allowed = methods_of(path)
        if not allowed:
            return problem(Code.NOT_FOUND, f"there is nothing at {path}", request_id=request_id())
        detail = f"{path} does not take {method}; it takes {', '.join(allowed)}"
        headers = {"Allow": ", ".join(allowed)}
        return problem(Code.METHOD_NOT_ALLOWED, detail, request_id=request_id(), headers=headers)

    def unexpected(error: Exception) -> Response[str]:
        logger.error("unexpected error", exc_info=error)
        metrics.add_metric(name="UnexpectedErrors", unit=MetricUnit.Count, value=1)
        detail = "something went wrong on our side; the request_id finds it in the logs"
        return problem(Code.INTERNAL, detail, request_id=request_id())

    app.exception_handler(list(_SIMPLE))(simple)
    app.exception_handler(InvalidRequest)(invalid)
    app.exception_handler([Unavailable, IdempotencyPersistenceLayerError])(busy)
    app.exception_handler(IdempotencyValidationError)(key_reused)
    app.exception_handler(IdempotencyAlreadyInProgressError)(key_in_use)
    app.exception_handler(NotFoundError)(no_route)
    app.exception_handler(Exception)(unexpected)
