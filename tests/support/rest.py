"""Calling functions/api the way API Gateway does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from api.app import Handler
from api.apps import deployments, devices, flows, reading
from tests.support.openapi import check_answer
from tests.support.permissions import acting_as

CALLER = "operator-client"
HANDLERS = {
    "reading": reading.handler,
    "flows": flows.handler,
    "deployments": deployments.handler,
    "devices": devices.handler,
}
"""By the name of the module in ``api.apps``."""


def app_for(method: str, path: str) -> str:
    """Return the name of the function that a route goes to: what reads to one, what changes to that of its subject."""
    subject = path.removeprefix("/api").removeprefix("/v1/").partition("/")[0]
    return subject if method not in {"GET", "HEAD"} and subject in HANDLERS else "reading"


def handler_for(method: str, path: str) -> Handler:
    """Return the entry point of the function that a route goes to."""
    return HANDLERS[app_for(method, path)]


class FakeContext(LambdaContext):
    """The few things of Lambda's context that are read."""

    def __init__(self) -> None:
        """Name the function as Lambda would."""
        self._function_name = "api"
        self._memory_limit_in_mb = 512
        self._invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:api"
        self._aws_request_id = "request-1"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Return plenty."""
        return 29_000


@dataclass(frozen=True)
class RestAnswer:
    """What the function answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:  # noqa: ANN401  JSON can be anything
        """The body, read."""
        return json.loads(self.text)

    @property
    def faults(self) -> dict[str, str]:
        """A problem's faults: detail by pointer."""
        return {fault["pointer"]: fault["detail"] for fault in self.body["errors"]}


def claims_of_a_client(client: str) -> dict[str, Any]:
    """Return what API Gateway tells of the access token that a client of Cognito got for itself."""
    return {"sub": client, "client_id": client, "scope": "edgeflow/flows"}


def event_of(
    method: str,
    path: str,
    body: str | None,
    *,
    query: Mapping[str, list[str]],
    headers: Mapping[str, list[str]],
    authorizer: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a request as API Gateway hands it to the function, with the claims of a token."""
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": dict(headers),
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": dict(query) or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": "request-1",
            "stage": "api",
            "httpMethod": method,
            "authorizer": dict(authorizer),
        },
        "body": body,
        "isBase64Encoded": False,
    }


class Rest:
    """A client of the handler, which holds each answer to the API's document.

    ``prefix`` is what comes before ``/v1`` in the event's path.
    """

    def __init__(self, prefix: str = "", caller: str = CALLER, claims: Mapping[str, Any] | None = None) -> None:
        """Call as this client of Cognito, for itself; or with a token of these claims."""
        self._prefix = prefix
        self._authorizer = {"claims": claims_of_a_client(caller) if claims is None else dict(claims)}

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str | list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> RestAnswer:
        """Send one request; a body that is no string is sent as JSON."""
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        event = event_of(
            method,
            self._prefix + path,
            text,
            query={name: value if isinstance(value, list) else [value] for name, value in (query or {}).items()},
            headers={name: [value] for name, value in {"Content-Type": "application/json", **(headers or {})}.items()},
            authorizer=self._authorizer,
        )
        with acting_as(f"Api{app_for(method, path).title()}Function"):
            answer = handler_for(method, path)(event, FakeContext())
        headers_out = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        check_answer(method, self._prefix + path, answer["statusCode"], headers_out, answer["body"])
        return RestAnswer(answer["statusCode"], headers_out, answer["body"])
