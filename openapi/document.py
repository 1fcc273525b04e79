"""The API's document (OpenAPI 3.1), composed of what the operations declare and of the models that they name."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.operations.operation import Operation, Scope
from api.paths import BASE_PATH, ROUTES
from edgeflow.contract.rest.lines import JSON_LINES, LineRefused
from edgeflow.contract.rest.problem import Problem
from openapi.examples import ANSWERS, REQUESTS
from openapi.headers import ANSWERED, IN_PATHS, SENT
from openapi.refusals import refusals_of
from openapi.schemas import Schema, Use, merge_patch_of, schemas_of, without_null

SCOPES: Final[Mapping[Scope, str]] = {
    Scope.READ: "Read flows, deployments and devices",
    Scope.FLOWS: "Author, publish and archive flows",
    Scope.DEPLOY: "Create and steer deployments, register and remove devices",
}
"""As template.yaml describes them; a test compares."""

_TAGS: Final = {
    "flows": "Graphs of nodes: drafts, and the versions that are published of them",
    "node-types": "What nodes of flows can be, and the settings of each",
    "deployments": "Rollouts of flows to devices, and removals from them",
    "devices": "The fleet",
    "api": "This document",
}
_LINES: Final = {
    "type": "string",
    "description": "JSON lines: a document such as that of `application/json` in each, at most 1,000 of them",
}
_LINES_ANSWERED: Final = {
    "type": "string",
    "description": "JSON lines: for each line, in order, its number as `line` and its `status`; with 201 what one "
    "request would have been answered, otherwise what the schema `LineRefused` says",
}
_GATEWAY_PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "What API Gateway itself answers, before a request gets to EdgeFlow.",
    "properties": {name: {"type": "string"} for name in ("type", "title", "code", "detail", "request_id")},
    "required": ["type", "title", "code", "detail", "request_id"],
}
_DESCRIPTION: Final = """\
Deploys flows to fleets of edge devices: all at once, in batches, to canaries first, or blue-green.

What an operation does not look at is refused with 422, not ignored: unknown keys and parameters, a body where none is
taken, an `Idempotency-Key` with another method than `POST`.
Lists are paged: `next_cursor` of an answer goes on from there, as `cursor`, with the same filters; null is the end.
docs/api.md explains what this document cannot say."""


def document() -> dict[str, Any]:
    """Return the document."""
    schemas, components = schemas_of(dict(_uses()))
    components["GatewayProblem"] = _GATEWAY_PROBLEM
    schemas["patchFlow.body"] = merge_patch_of(schemas["patchFlow.body"], components)
    responses: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for path, methods in ROUTES.items():
        item: dict[str, Any] = {"parameters": list(_in_path(path))} if "<" in path else {}
        for method, operation in methods.items():
            refusals, made = refusals_of(path, operation)
            responses |= made
            item[method.lower()] = _operation(path, operation, schemas, components) | {
                "responses": _success(operation, schemas) | refusals
            }
        paths[path.replace("<", "{").replace(">", "}")] = item
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "EdgeFlow",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": BASE_PATH, "description": "The stack that this document comes from"}],
        "tags": [{"name": name, "description": description} for name, description in _TAGS.items()],
        "paths": paths,
        "components": {
            "responses": dict(sorted(responses.items())),
            "headers": ANSWERED,
            "securitySchemes": {"operators": _security_scheme()},
        },
    }
    whole["components"]["schemas"] = dict(sorted(_reached(whole, components).items()))
    return whole


def _uses() -> Iterator[tuple[str, Use]]:
    for methods in ROUTES.values():
        for operation in methods.values():
            if operation.body is not None:
                yield f"{operation.id}.body", Use(operation.body, "validation")
            if operation.query is not None:
                yield f"{operation.id}.query", Use(operation.query, "validation")
            if operation.answer is not None:
                yield f"{operation.id}.answer", Use(operation.answer, "serialization")
    yield "problem", Use(Problem, "serialization")
    yield "line", Use(LineRefused, "serialization")


def _operation(
    path: str, operation: Operation, schemas: Mapping[str, Schema], components: Mapping[str, Schema]
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [path.split("/")[2] if operation.scope else "api"],
        "security": [{"operators": [operation.scope.value]}] if operation.scope else [],
    }
    parameters = list(_in_query(operation, schemas, components))
    sent = [*operation.conditions, *(["Idempotency-Key"] if operation.once else [])]
    parameters += [SENT[name] for name in sent]
    if parameters:
        told["parameters"] = parameters
    if operation.body is not None:
        told["requestBody"] = {
            "required": not operation.body_may_be_left_out,
            "content": {
                kind: {"schema": _LINES}
                if kind in JSON_LINES
                else {"schema": schemas[f"{operation.id}.body"], "examples": REQUESTS[operation.id]}
                for kind in operation.body_types
            },
        }
    return told


def _in_path(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"<(\w+)>", path):
        yield {"name": name, "in": "path", "required": True, **IN_PATHS[name]}


def _in_query(
    operation: Operation, schemas: Mapping[str, Schema], components: Mapping[str, Schema]
) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    name = schemas[f"{operation.id}.query"]["$ref"].rpartition("/")[2]
    for parameter, schema in components[name]["properties"].items():
        told = without_null(schema)
        description = told.pop("description", None)
        yield (
            {"name": parameter, "in": "query"}
            | ({"description": description} if description else {})
            | ({"style": "form", "explode": False} if told.get("type") == "array" else {})
            | {"schema": told}
        )


def _success(operation: Operation, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Done" if operation.answer is None else operation.summary}
    names = [
        name
        for name, comes in (
            ("ETag", operation.tagged),
            ("Location", operation.located),
            ("Idempotency-Replayed", operation.once),
        )
        if comes
    ]
    if names:
        told["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if operation.answer is not None:
        told["content"] = {
            operation.answer_type: {
                "schema": schemas[f"{operation.id}.answer"],
                "examples": ANSWERS[operation.answer],
            }
        }
    found = {str(int(operation.status)): told}
    if JSON_LINES[0] in operation.body_types:
        found["200"] = {
            "description": "An answer for each line",
            "content": {JSON_LINES[0]: {"schema": _LINES_ANSWERED}},
        }
    if "If-None-Match" in operation.conditions:
        tag = {"ETag": {"$ref": "#/components/headers/ETag"}}
        found["304"] = {"description": "The answer would be the one with this `ETag`", "headers": tag}
    return found


def _security_scheme() -> dict[str, Any]:
    return {
        "type": "oauth2",
        "description": "An access token of the stack's Cognito user pool. The stack's output `TokenUrl` is the address "
        "to get one from; the one here is an example.",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "https://edgeflow-123456789012.auth.us-east-1.amazoncognito.com/oauth2/token",
                "scopes": {scope.value: description for scope, description in SCOPES.items()},
            }
        },
    }


def _reached(whole: dict[str, Any], components: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the schemas that the document refers to, directly or by others; ``LineRefused`` it names in words."""
    found: dict[str, Schema] = {}
    waiting = [*_referred(whole), "LineRefused"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = components[name]
            waiting += _referred(components[name])
    return found


def _referred(part: Any) -> Iterator[str]:  # noqa: ANN401  JSON can be anything
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
        for value in part.values():
            yield from _referred(value)
    elif isinstance(part, list):
        for value in part:
            yield from _referred(value)
