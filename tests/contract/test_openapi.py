"""docs/openapi.json is what the code says today, in OpenAPI 3.1, and refuses no body that the API takes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.bodies import read_json_text
from api.operations.operation import Operation
from api.paths import ROUTES
from api.problems import MalformedRequest
from edgeflow.contract.rest import deployments
from edgeflow.contract.rest.problem import Code
from edgeflow.domain.errors import InvalidRequest
from openapi.examples import REQUESTS
from openapi.files import contents
from openapi.refusals import ADVICE
from tests.support.mutations import mutations
from tests.support.openapi import DOCUMENT, OPERATIONS, body_validator, check_answer, validator

ROOT = Path(__file__).parents[2]
WITH_BODIES = [
    operation
    for methods in ROUTES.values()
    for operation in methods.values()
    if operation.body is not None and operation.id != "patchFlow"  # it is read together with a flow: tests/unit/api
]


@pytest.mark.parametrize("path", sorted(contents(ROOT)))
def test_what_is_made_of_the_document_is_current(path: str) -> None:
    # `make openapi` writes it.
    assert (ROOT / path).read_text(encoding="utf-8") == contents(ROOT)[path]


@pytest.mark.slow
def test_it_is_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_has_every_route_and_no_other() -> None:
    told = {
        (method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item if method != "parameters"
    }
    there = {
        (method, path.replace("<", "{").replace(">", "}")) for path, methods in ROUTES.items() for method in methods
    }
    assert told == there
    assert len(OPERATIONS) == len(there)  # no id twice


def test_there_is_advice_for_every_code() -> None:
    assert set(ADVICE) == set(Code)


def test_every_example_is_what_its_schema_says() -> None:
    checked = 0
    for schema, examples in _contents():
        for name, example in examples.items():
            fault = next(validator(schema).iter_errors(example["value"]), None)
            assert fault is None, f"{name}: {fault}"
            checked += 1
    assert checked > 40


def _contents() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for operation in OPERATIONS.values():
        parts = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in [part["content"] for part in parts if "content" in part]:
            for kind, told in content.items():
                assert kind != "application/json" or told["examples"], operation["operationId"]
                yield told["schema"], told.get("examples", {})
    for response in DOCUMENT["components"]["responses"].values():
        for told in response["content"].values():
            yield told["schema"], told.get("examples", {})


@pytest.mark.parametrize("operation", WITH_BODIES, ids=lambda operation: operation.id)
@pytest.mark.slow
def test_a_body_that_the_document_refuses_is_refused(operation: Operation) -> None:
    says = body_validator(operation.id)
    refused = 0
    for example in REQUESTS[operation.id].values():
        assert _takes(operation, example["value"]), "an example is refused"
        for body in mutations(example["value"]):
            if not says.is_valid(body):
                refused += 1
                assert not _takes(operation, body), json.dumps(body)[:500]
    assert refused > 10


def _takes(operation: Operation, body: Any) -> bool:  # noqa: ANN401  JSON can be anything
    told = read_json_text(json.dumps(body))
    model: Any = deployments.create_model(body) if operation.id == "createDeployment" else operation.body
    try:
        told.read_as(model)
    except (InvalidRequest, MalformedRequest):
        return False
    return True


@pytest.mark.parametrize(
    ("status", "text"),
    [(200, '{"flows": 1, "next_cursor": null}'), (418, "{}"), (200, "{}"), (422, '{"title": "A"}')],
)
def test_an_answer_that_is_not_in_the_document_fails_a_test(status: int, text: str) -> None:
    kind = "application/json" if status == 200 else "application/problem+json"
    with pytest.raises(AssertionError):
        check_answer("GET", "/v1/flows", status, {"Content-Type": kind}, text)
