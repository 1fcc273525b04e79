"""Every error as one RFC 9457 problem. What is not ours to explain is logged, and told as 500 without details."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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

from api.paths import methods_of, taken_by
from edgeflow.adapters.readable import count_unreadable
from edgeflow.contract.echo import shortened
from edgeflow.contract.rest.problem import MAX_FAULTS_TOLD, PROBLEM_CONTENT_TYPE, Code, Problem, ProblemFault
from edgeflow.contract.wording import counted
from edgeflow.domain.errors import (
    CannotBeRead,
    Conflict,
    Damaged,
    Fault,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    TooManyWait,
    Unavailable,
    UnderWay,
)

_RETRY: Final = {"Retry-After": "2"}

MAX_PROBLEM_BYTES: Final = 64 * 1024
_MAX_FAULT_BYTES: Final = 48 * 1024
_MAX_DETAIL: Final = 2_000
_MAX_POINTER: Final = 512

_STATUS: Final = {
    Code.MALFORMED_REQUEST: HTTPStatus.BAD_REQUEST,
    Code.INVALID_REQUEST: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Code.CONFLICT: HTTPStatus.CONFLICT,
    Code.UNREADABLE_RECORD: HTTPStatus.CONFLICT,
    Code.PRECONDITION_FAILED: HTTPStatus.PRECONDITION_FAILED,
    Code.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Code.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.IDEMPOTENCY_KEY_REUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.IDEMPOTENCY_KEY_IN_USE: HTTPStatus.CONFLICT,
    Code.TOO_MANY_WAIT: HTTPStatus.TOO_MANY_REQUESTS,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_TITLE: Final = {
    Code.MALFORMED_REQUEST: "The request cannot be read",
    Code.INVALID_REQUEST: "The request breaks a rule",
    Code.FORBIDDEN: "Not allowed",
    Code.NOT_FOUND: "Not found",
    Code.METHOD_NOT_ALLOWED: "Method not allowed",
    Code.CONFLICT: "The present state does not allow this",
    Code.UNREADABLE_RECORD: "A stored record cannot be read",
    Code.PRECONDITION_FAILED: "Changed in the meantime",
    Code.UNSUPPORTED_MEDIA_TYPE: "The body is of another type",
    Code.BODY_TOO_LARGE: "The body is too large",
    Code.IDEMPOTENCY_KEY_REUSED: "Idempotency key used for another request",
    Code.IDEMPOTENCY_KEY_IN_USE: "A request with this idempotency key is in progress",
    Code.TOO_MANY_WAIT: "Too many wait at once",
    Code.UNAVAILABLE: "Try again",
    Code.INTERNAL: "Internal error",
}


class MalformedRequest(Exception):
    """The request cannot be read at all; where that is in certain places of its body, they are listed.

    ``more`` such places are not among ``faults``.
    """

    def __init__(self, message: str, faults: Iterable[Fault] = (), *, more: int = 0) -> None:
        super().__init__(message)
        self.faults = list(faults)
        self.more = more


class UnsupportedMediaType(Exception):
    """The body says that it is something else than JSON."""


class Forbidden(Exception):
    """The caller is known, and may not do this."""


class BodyTooLarge(Exception):
    """The body is larger than any request of this API."""


def problem(
    code: Code,
    detail: str,
    *,
    request_id: str | None,
    faults: Sequence[Fault] = (),
    more: int = 0,
    headers: dict[str, str] | None = None,
) -> Response[str]:
    """Return the answer that tells of an error, cut to a size that can be read: ``more`` faults are not among these."""
    status = _STATUS[code]
    told = _told(faults)
    left_out = more + len(faults) - len(told)
    body = Problem(
        type=f"urn:edgeflow:problem:{code}",
        title=_TITLE[code],
        status=status,
        code=code,
        detail=plain(detail, _MAX_DETAIL) + (f", which leave out {left_out} of them" if left_out else ""),
        errors=told,
        more_errors=left_out or None,
        request_id=request_id,
    )
    return Response(
        status_code=status,
        content_type=PROBLEM_CONTENT_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
        body=body.model_dump_json(exclude_none=True),
    )


def _told(faults: Sequence[Fault]) -> list[ProblemFault]:
    """Return the first faults: no more than can be read, and no more bytes than an answer may have."""
    told: list[ProblemFault] = []
    room = _MAX_FAULT_BYTES
    for fault in faults[:MAX_FAULTS_TOLD]:
        entry = ProblemFault(pointer=plain(fault.pointer, _MAX_POINTER), detail=plain(fault.message, _MAX_DETAIL))
        room -= len(entry.model_dump_json().encode())
        if room < 0:
            break
        told.append(entry)
    return told


def plain(text: str, limit: int) -> str:
    """Return a text that can be sent, whatever a request had in it."""
    return shortened(text, limit).encode(errors="backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of an error: ``more`` faults are not among these."""

    code: Code
    detail: str
    faults: Sequence[Fault] = ()
    more: int = 0


def told_of(error: BaseException) -> Told:
    """Return what is told of an error; of one that is not ours, that it is none of the caller's."""
    match error:
        case InvalidRequest():
            count = len(error.faults) + error.more
            detail = f"{'one fault was' if count == 1 else counted(count, 'fault', 'was', 'were')} found; see errors"
            return Told(Code.INVALID_REQUEST, detail, error.faults, error.more)
        case MalformedRequest():
            return Told(Code.MALFORMED_REQUEST, str(error), error.faults, error.more)
        case Unavailable():
            return Told(Code.UNAVAILABLE, str(error))
        case _ if isinstance(error, Exception) and type(error) in _SIMPLE:
            return Told(_SIMPLE[type(error)], str(error))
        case _:
            detail = "something went wrong on our side; the request_id finds it in the logs"
            return Told(Code.INTERNAL, detail)


def status_of(code: Code) -> HTTPStatus:
    """Return the HTTP status that goes with a code."""
    return _STATUS[code]


_SIMPLE: Final[dict[type[Exception], Code]] = {
    MalformedRequest: Code.MALFORMED_REQUEST,
    UnsupportedMediaType: Code.UNSUPPORTED_MEDIA_TYPE,
    BodyTooLarge: Code.BODY_TOO_LARGE,
    Forbidden: Code.FORBIDDEN,
    NotFound: Code.NOT_FOUND,
    Conflict: Code.CONFLICT,
    UnderWay: Code.CONFLICT,
    CannotBeRead: Code.UNREADABLE_RECORD,
    Damaged: Code.UNREADABLE_RECORD,
    PreconditionFailed: Code.PRECONDITION_FAILED,
}


def _count_damage(error: Exception, path: str) -> None:
    """Count what AWS found to be damaged. What cannot be read is counted where it is read."""
    if isinstance(error, Damaged):
        count_unreadable({"path": path, "fault": str(error)})


def register_problems(app: APIGatewayRestResolver, logger: Logger, metrics: Metrics) -> None:
    """Teach the app how each error is told."""

    def request_id() -> str | None:
        return app.current_event.request_context.request_id

    def ours(error: Exception) -> Response[str]:
        told = told_of(error)
        _count_damage(error, app.current_event.path)
        again = {"Retry-After": str(error.seconds)} if isinstance(error, UnderWay) else None
        return problem(
            told.code, told.detail, request_id=request_id(), faults=told.faults, more=told.more, headers=again
        )

    def busy(error: Exception) -> Response[str]:
        logger.warning("an AWS service is not available", exc_info=error)
        detail = str(error) if isinstance(error, Unavailable) else "DynamoDB does not answer; try again"
        return problem(Code.UNAVAILABLE, detail, request_id=request_id(), headers=_RETRY)

    def too_many_wait(error: TooManyWait) -> Response[str]:
        return problem(Code.TOO_MANY_WAIT, str(error), request_id=request_id(), headers=_RETRY)

    def key_reused(_: IdempotencyValidationError) -> Response[str]:
        detail = "this Idempotency-Key came with another body before; make a new key for a new request"
        return problem(Code.IDEMPOTENCY_KEY_REUSED, detail, request_id=request_id())

    def key_in_use(_: IdempotencyAlreadyInProgressError) -> Response[str]:
        detail = "the first request with this Idempotency-Key is not answered yet; try again in a moment"
        return problem(Code.IDEMPOTENCY_KEY_IN_USE, detail, request_id=request_id(), headers=_RETRY)

    def no_route(_: NotFoundError) -> Response[str]:
        method, path = app.current_event.http_method, shortened(app.current_event.path)
        allowed = taken_by(app.current_event.path)
        if not allowed or method in allowed:  # such as a name with characters that no name has
            return problem(Code.NOT_FOUND, f"there is nothing at {path}", request_id=request_id())
        methods = ", ".join(methods_of(allowed))
        detail = f"{path} does not take {method}; it takes {methods}"
        headers = {"Allow": methods}
        return problem(Code.METHOD_NOT_ALLOWED, detail, request_id=request_id(), headers=headers)

    def unexpected(error: Exception) -> Response[str]:
        logger.error("unexpected error", exc_info=error)
        metrics.add_metric(name="UnexpectedErrors", unit=MetricUnit.Count, value=1)
        return ours(error)

    app.exception_handler([*_SIMPLE, InvalidRequest])(ours)
    app.exception_handler([Unavailable, IdempotencyPersistenceLayerError])(busy)
    app.exception_handler(TooManyWait)(too_many_wait)
    app.exception_handler(IdempotencyValidationError)(key_reused)
    app.exception_handler(IdempotencyAlreadyInProgressError)(key_in_use)
    app.exception_handler(NotFoundError)(no_route)
    app.exception_handler(Exception)(unexpected)
