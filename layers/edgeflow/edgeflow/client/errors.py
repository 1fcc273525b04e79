"""What can go wrong. Each message is a sentence for whoever called, and names a remedy where there is one.

EdgeFlowError
├── ApiError           the API refused, or failed
├── InvalidArgument    it was not even asked: what was given cannot be right
├── KeyLost            a device is registered, and the answer with its key did not arrive
├── SignInRefused      no access token is to be had
├── TimedOut           what was waited for did not happen in time
├── UnreadableAnswer   the answer is none that this release knows
└── Unreachable        no answer came
"""

from collections.abc import Sequence
from http import HTTPStatus

import httpx
from pydantic import BaseModel, ValidationError

from edgeflow.contract.rest.problem import ProblemFault

_TEXT_SHOWN = 200
_REMEDIES = {
    HTTPStatus.UNAUTHORIZED: "sign in again, and see that the client has the scope that the request needs",
    HTTPStatus.FORBIDDEN: "see that the address is right, and that the client may call it",
}


class EdgeFlowError(Exception):
    """Whatever this client raises."""


class InvalidArgument(EdgeFlowError):
    """What was given cannot be right, so nothing was sent."""


class KeyLost(EdgeFlowError):
    """A device is registered, but the one answer that held its private key was lost on the way."""


class SignInRefused(EdgeFlowError):
    """The token endpoint gives no access token for these credentials."""


class TimedOut(EdgeFlowError):
    """What was waited for has not happened in time. It was only waited for: it goes on."""


class UnreadableAnswer(EdgeFlowError):
    """The answer is none that this release of the client knows."""


class Unreachable(EdgeFlowError):
    """No answer came, however often it was tried. Whether the request was carried out is not known."""


class _Told(BaseModel):
    """What is read of a problem. Codes of a later release are taken too, and the ``message`` of API Gateway's own."""

    code: str | None = None
    title: str | None = None
    detail: str | None = None
    message: str | None = None
    errors: list[ProblemFault] = []
    more_errors: int | None = None
    request_id: str | None = None


class ApiError(EdgeFlowError):
    """The API answered with an error: the fields of its problem (RFC 9457), see docs/api.md.

    ``code`` is stable, such as ``conflict``; None where something on the way answered in its place. ``errors`` are the
    faults of the request, ``more_errors`` counts those that were left out. ``retry_after`` is in seconds, None where
    nothing was said.
    """

    def __init__(
        self,
        status: int,
        *,
        detail: str,
        code: str | None = None,
        title: str = "",
        errors: Sequence[ProblemFault] = (),
        more_errors: int = 0,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Keep what was answered."""
        super().__init__(_sentence(status, detail, errors, more_errors))
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.more_errors = more_errors
        self.request_id = request_id
        self.retry_after = retry_after


def api_error(answer: httpx.Response, retry_after: float | None) -> ApiError:
    """Return what an answer from 400 on says, whoever gave it."""
    told = _read(answer)
    return ApiError(
        answer.status_code,
        detail=told.detail or told.message or answer.text[:_TEXT_SHOWN].strip() or answer.reason_phrase,
        code=told.code,
        title=told.title or answer.reason_phrase,
        errors=told.errors,
        more_errors=told.more_errors or 0,
        request_id=told.request_id,
        retry_after=retry_after,
    )


def _read(answer: httpx.Response) -> _Told:
    try:
        return _Told.model_validate_json(answer.content)
    except ValidationError:  # of another's making
        return _Told()


def _sentence(status: int, detail: str, errors: Sequence[ProblemFault], more_errors: int) -> str:
    parts = [f"{fault.pointer or 'the body'}: {fault.detail}" for fault in errors]
    if more_errors:
        parts.append(f"and {more_errors} more")
    sentence = "; ".join(parts) if parts else detail
    remedy = _REMEDIES.get(HTTPStatus(status)) if status in HTTPStatus._value2member_map_ else None
    return f"{sentence} (HTTP {status})" + (f": {remedy}" if remedy else "")
