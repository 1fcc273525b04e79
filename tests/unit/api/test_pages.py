"""Every list of the API is paged alike: each entry once, in order, whatever the limit, and no empty page at the end."""

import importlib
from collections.abc import Mapping
from pkgutil import iter_modules
from typing import Any, Final

import pytest
from pydantic import BaseModel

from edgeflow.bootstrap import rollout
from edgeflow.contract import rest as rest_models
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest
from tests.unit.api.conftest import DEVICES

pytestmark = pytest.mark.slow

LISTS: Final = {
    "/v1/flows": "flows",
    "/v1/flows/{flow}/versions": "versions",
    "/v1/flows/{flow}/events": "events",
    "/v1/devices": "devices",
    "/v1/deployments": "deployments",
    "/v1/deployments/{deployment}/targets": "targets",
    "/v1/deployments/{deployment}/events": "events",
}
"""Every route that lists, and what its answer calls the entries."""


@pytest.fixture
def ids(rest: Rest, machines: None, flow_id: str) -> Mapping[str, str]:
    """Three entries at least in each list; returns the ids that the routes are filled in with."""
    for _ in range(2):
        rest("POST", "/v1/flows", CREATE_FLOW)
        rest("POST", f"/v1/flows/{flow_id}/draft")
        rest("POST", f"/v1/flows/{flow_id}/publish")
    order = {"flow_id": flow_id, "strategy": "rolling", "target_devices": DEVICES}
    deployment_id, *_ = [rest("POST", "/v1/deployments", order).body["id"] for _ in range(3)]
    rest("POST", f"/v1/deployments/{deployment_id}/start")
    rollout.plan_rollout()(deployment_id)
    return {"flow": flow_id, "deployment": deployment_id}


def pages(rest: Rest, path: str, key: str, limit: int) -> list[list[dict[str, Any]]]:
    """Return all pages of a list."""
    found: list[list[dict[str, Any]]] = []
    query = {"limit": str(limit)}
    while True:
        answer = rest("GET", path, query=query).body
        found.append(answer[key])
        if answer["next_cursor"] is None:
            return found
        query["cursor"] = answer["next_cursor"]


@pytest.mark.parametrize("route", LISTS)
def test_a_list_in_pages_is_the_whole_list(rest: Rest, ids: Mapping[str, str], route: str) -> None:
    path, key = route.format(**ids), LISTS[route]
    (whole,) = pages(rest, path, key, 100)
    assert len(whole) >= 3
    for limit in {1, 2, len(whole) - 1, len(whole), len(whole) + 1}:
        found = pages(rest, path, key, limit)
        assert [entry for page in found for entry in page] == whole
        assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
        assert found[-1], f"the last of pages of {limit} is not empty"


def test_every_list_is_looked_at() -> None:
    modules = [
        importlib.import_module(f"{rest_models.__name__}.{found.name}") for found in iter_modules(rest_models.__path__)
    ]
    models = {
        model
        for module in modules
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and "next_cursor" in model.model_fields
    }
    assert len(models) == len(LISTS), "each list has a model of its pages"
