"""The API's document, as whoever calls the API reads it."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from api.operations.operation import HTML
from api.paths import taken_by
from edgeflow.contract.rest.lines import JSON_LINES

DOCUMENT: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8")
)
OPERATIONS: Final[dict[str, dict[str, Any]]] = {
    operation["operationId"]: operation
    for item in DOCUMENT["paths"].values()
    for method, operation in item.items()
    if method != "parameters"
}


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Return what validates by a schema of the document."""
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def body_validator(operation_id: str) -> Draft202012Validator:
    """Return what validates the JSON bodies of requests of an operation."""
    content = OPERATIONS[operation_id]["requestBody"]["content"]
    return validator(content["application/json"]["schema"])


def check_answer(method: str, path: str, status: int, headers: dict[str, str], text: str) -> None:
    """Hold an answer to the document. Raises AssertionError where the document says something else.

    HEAD is answered as GET, without the body.
    """
    operation = taken_by(path).get("GET" if method == "HEAD" else method)
    if operation is None:
        assert status in {404, 405}, f"{method} {path}: {status}, and the document has no such operation"
        return
    told = OPERATIONS[operation.id]["responses"].get(str(status))
    assert told is not None, f"{operation.id}: the document has no {status}: {text[:300]}"
    response = _resolved(told)
    missing = {name for name in _always(response) if name not in headers}
    assert not missing, f"{operation.id}: {status} without {missing}"
    content = response.get("content")
    if content is None or method == "HEAD":
        assert text == "", f"{operation.id}: {status} with a body"
        return
    kind = headers["Content-Type"].partition(";")[0]
    assert kind in content, f"{operation.id}: {status} as {kind}"
    if kind == JSON_LINES[0]:
        _check_lines(operation.id, text)
        return
    if kind == HTML:
        assert text.startswith("<!doctype html>")
        return
    fault = next(_answer_validator(operation.id, status, kind).iter_errors(json.loads(text)), None)
    assert fault is None, f"{operation.id}: {status} at {fault.json_path}: {fault.message[:300]}"


def _check_lines(operation_id: str, text: str) -> None:
    for line in map(json.loads, text.removesuffix("\n").split("\n") if text else []):
        if line["status"] == 201:
            _answer_validator(operation_id, 201, "application/json").validate(line)
        else:
            _named("LineRefused").validate(line)


def _resolved(response: dict[str, Any]) -> dict[str, Any]:
    reference = response.get("$ref")
    if reference is None:
        return response
    found: dict[str, Any] = DOCUMENT["components"]["responses"][reference.rpartition("/")[2]]
    return found


def _always(response: dict[str, Any]) -> set[str]:
    """Return the headers that such an answer always has."""
    return set(response.get("headers", {})) & {"ETag", "Location"}


@cache
def _answer_validator(operation_id: str, status: int, kind: str) -> Draft202012Validator:
    told = _resolved(OPERATIONS[operation_id]["responses"][str(status)])
    return validator(told["content"][kind]["schema"])


@cache
def _named(schema: str) -> Draft202012Validator:
    return validator({"$ref": f"#/components/schemas/{schema}"})
