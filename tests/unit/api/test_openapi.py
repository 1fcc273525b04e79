"""Routes read requests by the models that the document shows, and take merge patches as it says."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from api.bodies import Body
from api.operations.operation import Operation
from api.paths import ROUTES
from api.routes.reading import deployments, devices, flows
from edgeflow.contract.rest import deployments as rest_deployments
from openapi.examples import REQUESTS
from tests.support.mutations import mutations
from tests.support.openapi import DOCUMENT, OPERATIONS, body_validator
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest

IDS = {"<flow_id>": "flow_1", "<deployment_id>": "dep_1", "<device_id>": "dev_001", "<version>": "1"}
EACH = [(method, path, operation) for path, methods in ROUTES.items() for method, operation in methods.items()]


@pytest.fixture
def read_by(monkeypatch: pytest.MonkeyPatch) -> list[type[BaseModel]]:
    """The models by which bodies and parameters have been read, in order."""
    seen: list[type[BaseModel]] = []
    read_as = Body.read_as

    def reads_body(body: Body, model: type[BaseModel]) -> BaseModel:
        seen.append(model)
        return read_as(body, model)

    def spied(read_query: Callable[..., Any]) -> Callable[..., Any]:
        def reads_query(event: Any, model: type[BaseModel]) -> Any:  # noqa: ANN401  as what it stands for
            seen.append(model)
            return read_query(event, model)

        return reads_query

    monkeypatch.setattr(Body, "read_as", reads_body)
    for module in (flows, deployments, devices):
        monkeypatch.setattr(module, "read_query", spied(module.read_query))
    return seen


@pytest.mark.slow
def test_each_request_is_read_by_the_models_that_are_declared(rest: Rest, read_by: list[type[BaseModel]]) -> None:
    made = rest("POST", "/v1/flows", CREATE_FLOW).body["id"]
    for method, path, operation in sorted(EACH, key=lambda each: each[0] == "DELETE"):
        read_by.clear()
        for name, value in {**IDS, "<flow_id>": made}.items():
            path = path.replace(name, value)  # noqa: PLW2901
        examples = REQUESTS.get(operation.id, {"none": {"value": None}})
        for example in examples.values():
            rest(method, path, example["value"])
        assert set(read_by) == _declared(operation), operation.id


def _declared(operation: Operation) -> set[type[BaseModel]]:
    if operation.id == "createDeployment":
        return {rest_deployments.create_model(example["value"]) for example in REQUESTS[operation.id].values()}
    return {model for model in (operation.body, operation.query) if model is not None}


@pytest.mark.slow
def test_a_merge_patch_that_the_document_refuses_is_refused(rest: Rest) -> None:
    flow = rest("POST", "/v1/flows", CREATE_FLOW).body
    says = body_validator("patchFlow")
    refused = 0
    for example in REQUESTS["patchFlow"].values():
        assert rest("PATCH", f"/v1/flows/{flow['id']}", example["value"]).status == 200
        for body in mutations(example["value"]):
            if not says.is_valid(body):
                refused += 1
                assert rest("PATCH", f"/v1/flows/{flow['id']}", body).status == 422, body
    assert refused > 10


def test_the_document_is_served_as_it_is_checked_in(rest: Rest) -> None:
    served = rest("GET", "/v1/openapi.json")
    assert served.body == DOCUMENT
    assert served.headers["Cache-Control"] == "public, max-age=300"
    assert rest("GET", "/v1/openapiXjson").status == 404


def test_the_page_loads_nothing_and_has_every_operation(rest: Rest) -> None:
    page = rest("GET", "/v1/docs")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.text
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|\ssrc=|\sstyle=", page.text)
    assert {href for href in re.findall(r'href="([^"]*)"', page.text) if not href.startswith("#")} == {"openapi.json"}
    ids = re.findall(r'\sid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    assert set(OPERATIONS) <= set(ids)
    assert {href[1:] for href in re.findall(r'href="(#[^"]*)"', page.text)} <= set(ids)


def test_the_page_allows_its_own_style_and_no_other(rest: Rest) -> None:
    page = rest("GET", "/v1/docs").text
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{allowed}'" in page
