"""Refusals that pass by themselves say when to try again; others do not, for trying again would change nothing."""

import json
from datetime import UTC, datetime

import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.table import Table
from tests.support.rest import Rest
from tests.unit.api.conftest import order


def test_a_registration_that_is_under_way_says_when_to_look_again(rest: Rest, table: Table) -> None:
    now = datetime.now(UTC).isoformat()
    DeviceStore(table).begin("dev_001", attempt="another", at=now, dead_before="", by="somebody")
    refused = rest("POST", "/v1/devices", {"device_id": "dev_001"})
    assert (refused.status, refused.body["code"]) == (409, "conflict")
    assert "another request is registering device dev_001" in refused.body["detail"]
    assert refused.headers["Retry-After"] == "60"


def test_a_line_of_many_tells_the_same_without_a_header(rest: Rest, table: Table) -> None:
    now = datetime.now(UTC).isoformat()
    DeviceStore(table).begin("dev_001", attempt="another", at=now, dead_before="", by="somebody")
    answer = rest("POST", "/v1/devices", '{"device_id": "dev_001"}\n', headers={"Content-Type": "application/jsonl"})
    told = json.loads(answer.text)
    assert (answer.status, told["status"], told["code"]) == (200, 409, "conflict")


@pytest.mark.usefixtures("machines")
def test_what_does_not_pass_by_itself_says_nothing_of_trying_again(rest: Rest, flow_id: str) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id))
    refused = rest("POST", f"/v1/deployments/{made.body['id']}/pause")
    assert (refused.status, refused.body["code"]) == (409, "conflict")
    assert "Retry-After" not in refused.headers
