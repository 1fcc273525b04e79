"""The product page's requests, as printed there, by curl against the local cloud.

Only the identifiers that the cloud gives out stand in for the page's: ``flow_abc123`` and ``dep_xyz789``.
"""

import json
import subprocess
from typing import Any

import pytest

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.product_page import CREATE_DEPLOYMENT, CREATE_FLOW, DEPLOYMENT_STATUS
from tests.support.rollouts import Operator

PAGE_DEVICES = ["dev_001", "dev_002", "dev_003"]


def curl(stack: Stack, method: str, path: str, body: str | None = None) -> Any:  # noqa: ANN401  JSON can be anything
    """Send one request as somebody at a shell would; the path is the page's, from ``/api`` on."""
    address = stack.api_url.removesuffix("/api/v1") + path
    command = ["curl", "--silent", "--show-error", "--fail-with-body", "--max-time", "40", "-X", method, address]
    command += ["-H", f"Authorization: Bearer {stack.token()}", "-H", "Content-Type: application/json"]
    command += ["-d", body] if body is not None else []
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  built above
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else None


@pytest.fixture
def page_devices(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401  a running fleet
    """The page's three devices, running."""
    fleet = Fleet(stack, tmp_path_factory.mktemp("page"))
    fleet.register(PAGE_DEVICES)
    fleet.start(PAGE_DEVICES)
    yield fleet
    fleet.stop()


def test_the_page_from_top_to_bottom(stack: Stack, operator: Operator, page_devices: Fleet) -> None:
    flow = curl(stack, "POST", "/api/v1/flows", CREATE_FLOW)
    assert flow["status"] == "draft"
    flow_path = f"/api/v1/flows/{flow['id']}"
    updated = json.loads(CREATE_FLOW) | {"description": "Monitor temperature and send alerts by MQTT"}
    assert curl(stack, "PUT", flow_path, json.dumps(updated))["description"] == updated["description"]
    assert curl(stack, "POST", f"{flow_path}/publish")["status"] == "published"
    assert flow["id"] in [found["id"] for found in curl(stack, "GET", "/api/v1/flows")["flows"]]

    deployment = curl(stack, "POST", "/api/v1/deployments", CREATE_DEPLOYMENT.replace("flow_abc123", flow["id"]))
    assert deployment["status"] == "pending"
    path = f"/api/v1/deployments/{deployment['id']}"
    assert curl(stack, "POST", f"{path}/start")["status"] == "running"
    told = curl(stack, "GET", path)
    page = json.loads(DEPLOYMENT_STATUS)
    assert set(page) <= set(told)
    assert {type(told[key]) for key in page if key != "targets"} <= {str, int}
    assert [target["device_id"] for target in told["targets"]] == [each["device_id"] for each in page["targets"]]
    assert {"device_id", "status"} <= set(told["targets"][0])
    assert curl(stack, "POST", f"{path}/pause")["status"] == "paused"
    assert curl(stack, "POST", f"{path}/rollback")["status"] == "rolling_back"
    assert operator.until(deployment["id"], {"rolled_back"})["status"] == "rolled_back"
    assert deployment["id"] in [found["id"] for found in curl(stack, "GET", "/api/v1/deployments")["deployments"]]
    curl(stack, "DELETE", flow_path)
