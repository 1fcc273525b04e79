"""What each operation can be refused with: by the code of the problem, and by API Gateway before it gets here."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from api.operations.operation import Operation, Scope
from api.problems import problem, status_of
from edgeflow.contract.rest.problem import PROBLEM_CONTENT_TYPE, Code
from openapi.schemas import small

ADVICE: Final[Mapping[Code, str]] = {
    Code.MALFORMED_REQUEST: "send JSON: each key once, nested at most 64 deep, numbers that a double holds",
    Code.FORBIDDEN: "`detail` names the group that may; whoever administers the user pool adds users to it",
    Code.NOT_FOUND: "look at the address",
    Code.METHOD_NOT_ALLOWED: "`Allow` names the methods",
    Code.CONFLICT: "`detail` says which state is in the way; one with a `Retry-After` passes by itself",
    Code.UNREADABLE_RECORD: "a stored record that is needed is damaged; `detail` says which, and what removes it",
    Code.IDEMPOTENCY_KEY_IN_USE: "the first request is not answered yet; try again after `Retry-After` seconds",
    Code.PRECONDITION_FAILED: "read it again",
    Code.BODY_TOO_LARGE: "a body has at most 2 MiB and 294,912 values",
    Code.UNSUPPORTED_MEDIA_TYPE: "send JSON as `Content-Type: application/json`",
    Code.INVALID_REQUEST: "mend what `errors` lists",
    Code.IDEMPOTENCY_KEY_REUSED: "the key came with another body before; make a new one",
    Code.INTERNAL: "look for `request_id` in the logs",
    Code.TOO_MANY_WAIT: "as many wait as may at once; try again after `Retry-After` seconds, or without `wait`",
    Code.UNAVAILABLE: "try again after `Retry-After` seconds",
}
"""What to do about each."""

AGAIN_LATER: Final = frozenset({Code.CONFLICT, Code.IDEMPOTENCY_KEY_IN_USE, Code.TOO_MANY_WAIT, Code.UNAVAILABLE})
"""They come with a ``Retry-After``; conflicts do so where they pass by themselves."""

GATEWAY: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.UNAUTHORIZED: "The token is missing, forged, too old or without the scope",
    HTTPStatus.FORBIDDEN: "API Gateway lets the request through to nobody",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests at once; try again in a second",
    HTTPStatus.BAD_GATEWAY: "The function behind API Gateway did not answer; try again",
    HTTPStatus.GATEWAY_TIMEOUT: "The function behind API Gateway took longer than 29 s; see what became of it",
}
"""What API Gateway answers by itself."""


_RETRY_AFTER: Final = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}


def codes_of(path: str, operation: Operation) -> Iterator[Code]:
    """Yield the codes of all problems that an operation can answer with."""
    yield from (Code.INVALID_REQUEST, Code.INTERNAL, Code.UNAVAILABLE)
    if operation.body is not None:
        yield from (Code.MALFORMED_REQUEST, Code.BODY_TOO_LARGE, Code.UNSUPPORTED_MEDIA_TYPE)
    if operation.scope is not None:
        yield Code.FORBIDDEN
    if operation.waits:
        yield Code.TOO_MANY_WAIT
    changes = operation.scope not in {Scope.READ, None}
    if "<" in path or operation.body is not None:
        yield Code.NOT_FOUND
    if "<" in path or changes:
        yield Code.UNREADABLE_RECORD
    if changes:
        yield Code.CONFLICT
    if "If-Match" in operation.conditions:
        yield Code.PRECONDITION_FAILED
    if operation.once:
        yield from (Code.IDEMPOTENCY_KEY_REUSED, Code.IDEMPOTENCY_KEY_IN_USE)


def by_status(path: str, operation: Operation) -> dict[HTTPStatus, list[Code]]:
    """Return those codes by the status that they come with, in the order of both."""
    order = list(Code)
    found: dict[HTTPStatus, list[Code]] = defaultdict(list)
    for code in sorted(codes_of(path, operation), key=lambda code: (status_of(code), order.index(code))):
        found[status_of(code)].append(code)
    return dict(found)


def refusals_of(path: str, operation: Operation) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an operation's refusals by status, as references, and the components that they refer to."""
    of_ours = by_status(path, operation)
    components = {_name(codes): _response(codes) for codes in of_ours.values()}
    references = {str(int(status)): _reference(_name(codes)) for status, codes in of_ours.items()}
    for status, sentence in GATEWAY.items():
        if operation.scope is None and status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            continue
        if status in of_ours:
            name = _name(of_ours[status])
            components[name] = _or_of_the_gateway(components[name], sentence)
            continue
        name = "Gateway" + status.phrase.replace(" ", "")
        components[name] = {"description": sentence, "content": _content("GatewayProblem")}
        if status is HTTPStatus.TOO_MANY_REQUESTS:
            components[name]["headers"] = _RETRY_AFTER
        references[str(int(status))] = _reference(name)
    return dict(sorted(references.items())), components


def _name(codes: list[Code]) -> str:
    return "Or".join(code.replace("-", " ").title().replace(" ", "") for code in codes)


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{name}"}


def _content(model: str) -> dict[str, Any]:
    return {PROBLEM_CONTENT_TYPE: {"schema": {"$ref": f"#/components/schemas/{model}"}}}


def _response(codes: list[Code]) -> dict[str, Any]:
    content = _content("Problem")
    content[PROBLEM_CONTENT_TYPE]["examples"] = {code.value: {"value": _example(code)} for code in codes}
    response: dict[str, Any] = {
        "description": "\n\n".join(f"`{code}`: {ADVICE[code]}." for code in codes),
        "content": content,
    }
    if AGAIN_LATER & set(codes):
        response["headers"] = _RETRY_AFTER
    return response


def _or_of_the_gateway(response: Mapping[str, Any], sentence: str) -> dict[str, Any]:
    """Return a response that API Gateway can give as well, in a shape of its own."""
    schemas = [{"$ref": f"#/components/schemas/{model}"} for model in ("Problem", "GatewayProblem")]
    content = {**response["content"][PROBLEM_CONTENT_TYPE], "schema": {"anyOf": schemas}}
    description = f"{response['description']}\n\n`gateway`: {small(sentence)}."
    return {**response, "description": description, "content": {PROBLEM_CONTENT_TYPE: content}}


def _example(code: Code) -> Any:  # noqa: ANN401  JSON can be anything
    """Return a problem as the API itself writes it."""
    return json.loads(problem(code, ADVICE[code], request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef").body or "")
