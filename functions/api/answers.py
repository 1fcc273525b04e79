"""Answers: a status, headers, a JSON body, and what of it must not be kept."""

import base64
import json
import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import BaseModel

from api.requests import none_match

_TAG_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers. Fields of ``secret`` are told once and never kept."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    secret: dict[str, Any] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """Return what may be kept to be said again.

        The body is compressed: with a flow of the greatest size, its escaped text would not fit into one
        DynamoDB item (400 KB), and JSON compressed and in base 64 is never much longer than it was.
        """
        packed = base64.b64encode(zlib.compress(_json(self.body).encode())).decode()
        return {"status": self.status, "headers": self.headers, "body": packed}

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> "Answer":
        """Return the answer that was kept.

        Raises:
            LookupError, TypeError, ValueError, zlib.error: it is not what was kept.
        """
        body = json.loads(zlib.decompress(base64.b64decode(kept["body"])))
        if not isinstance(body, dict):
            message = "the body is no JSON object"
            raise TypeError(message)
        status = HTTPStatus(int(kept["status"]))
        if status >= HTTPStatus.MULTIPLE_CHOICES:  # only a success is ever kept
            message = f"the status is {status}"
            raise ValueError(message)
        headers = {str(name): str(value) for name, value in dict(kept["headers"]).items()}
        return cls(status, body, headers)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def respond(answer: Answer, *, headers: dict[str, str] | None = None) -> Response[str]:
    """Return the answer as HTTP."""
    return Response(
        status_code=answer.status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **answer.headers, **(headers or {})},
        body=_json({**answer.body, **answer.secret}),
    )


def ok(view: BaseModel, *, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response[str]:
    """Return a view as HTTP."""
    return respond(Answer(status, view.model_dump(mode="json"), headers or {}))


def unless_known(
    event: APIGatewayProxyEvent, view: BaseModel, *, headers: dict[str, str] | None = None
) -> Response[str]:
    """Return a view as HTTP, with an ETag made of what it says; or 304 where the caller says that it has the same."""
    body = view.model_dump(mode="json")
    tag = f'"{sha256(_json(body).encode()).hexdigest()[:_TAG_LENGTH]}"'
    if not none_match(event, tag):
        return empty(HTTPStatus.NOT_MODIFIED, headers={"ETag": tag, **(headers or {})})
    return respond(Answer(HTTPStatus.OK, body, {"ETag": tag}), headers=headers)


def empty(status: int = HTTPStatus.NO_CONTENT, *, headers: dict[str, str] | None = None) -> Response[str]:
    """Return an answer without a body."""
    return Response(status_code=status, content_type=None, headers=headers or {}, body="")
