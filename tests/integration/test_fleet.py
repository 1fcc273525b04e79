"""Many devices on the deployed stack: registered by lines, found by what they run, counted, and edited flows."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.table import Table
from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.contract.rest.merge_patch import MERGE_PATCH_CONTENT_TYPE
from edgeflow.domain.devices import Presence
from edgeflow.domain.order import Said
from localcloud.stack import Stack
from tests.support.rollouts import GOOD, Operator, eventually

NOON: Final = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
AT: Final = "2026-02-21T12:00:00.000Z"
LINES: Final = {"Content-Type": "application/jsonl"}


@pytest.fixture
def name() -> str:
    """What the ids of this test's devices begin with."""
    return f"Bulk-{uuid4().hex[:8]}"


@pytest.fixture
def devices(operator: Operator, name: str) -> Iterator[list[str]]:
    """Twenty devices with certificates, and twenty that are announced, registered by lines."""
    ids = [f"{name}-{number:02d}" for number in range(40)]
    lines = [{"device_id": each, "enrolment": "claim" if each > f"{name}-19" else "certificate"} for each in ids]
    answers = _register(operator, lines)
    assert [(each["line"], each["status"]) for each in answers] == [(number, 201) for number in range(1, 41)]
    assert len({each["private_key"] for each in answers if "private_key" in each}) == 20
    yield ids
    for device_id in ids:
        eventually(lambda each=device_id: _is_removed(operator, each), seconds=30, what=f"{device_id} is removed")  # type: ignore[misc]


def _is_removed(operator: Operator, device_id: str) -> bool:
    return operator.rest.send("DELETE", f"/devices/{device_id}").status_code in {204, 404}


def _register(operator: Operator, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = operator.rest.send("POST", "/devices", "".join(f"{json.dumps(line)}\n" for line in lines), headers=LINES)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def _found(operator: Operator, name: str, **query: str) -> list[str]:
    parameters = "&".join(f"{key}={value}" for key, value in {"text": name.lower(), **query}.items())
    return [str(each["device_id"]) for each in operator.rest.every("devices", f"/devices?{parameters}")]


def test_devices_registered_by_lines_are_found_and_counted(
    stack: Stack, operator: Operator, name: str, devices: list[str]
) -> None:
    again = _register(operator, [{"device_id": devices[0]}, {"device_id": devices[39], "enrolment": "claim"}])
    assert [each["status"] for each in again] == [409, 201]
    flow_id = f"flow_{uuid4().hex}"
    store = DeviceStore(Table(stack.client("dynamodb"), stack.outputs["TableName"]))
    for number, health in enumerate((Health.HEALTHY, Health.UNHEALTHY, Health.HEALTHY)):
        flow = FlowHealth(
            flow_id=flow_id, version=number + 1, sha256="ab" * 32, slot=Slot.BLUE, health=health, since=NOON
        )
        report = HealthReport(sent_at=NOON, sequence=1, agent_version=f"bulk {name}", flows=(flow,))
        said = Said(epoch=None, sequence=1, received_ms=1)
        assert store.record_report(devices[number], report, said, received_at=AT)
        presence = Presence(device_id=devices[number], connected=number > 0, connection=1, at_ms=1)
        assert store.record_presence(presence, at=AT)

    assert _found(operator, name) == devices
    assert _found(operator, name, connected="unknown", health="unknown") == devices[3:]
    assert _found(operator, name, connected="false") == devices[:1]
    assert _found(operator, name, flow_id=flow_id) == devices[:3]
    assert _found(operator, name, flow_id=flow_id, version="3", connected="true") == devices[2:3]
    assert _found(operator, name, flow_id=flow_id, health="unhealthy") == devices[1:2]
    assert _found(operator, name, agent_version=f"bulk {name}", health="healthy") == [devices[0], devices[2]]

    first = operator.rest.call("GET", "/devices/summary")["counted_at"]

    def counted() -> bool:
        count = operator.rest.call("GET", "/devices/summary")
        # Only the flows that most devices run are listed, and other tests have some.
        listed = {each["version"]: each["health"] for each in count["flows"] if each["flow_id"] == flow_id}
        ill = listed.get(2, {"unhealthy": 1})["unhealthy"]
        return bool(count["complete"]) and count["counted_at"] != first and bool(ill == 1)

    eventually(counted, seconds=45, what="a count that is newer than the reports")


def test_a_flow_is_sent_back_as_it_was_read_and_patched(operator: Operator) -> None:
    flow_id = operator.rest.call("POST", "/flows", {"name": "Test flow", "definition": GOOD})["id"]
    flow = operator.rest.call("GET", f"/flows/{flow_id}")
    sent_back = operator.rest.call("PUT", f"/flows/{flow_id}", flow)
    assert sent_back["definition"] == flow["definition"]
    patch = {"description": "patched", "definition": {"connections": []}}
    headers = {"Content-Type": MERGE_PATCH_CONTENT_TYPE}
    patched = operator.rest.call("PATCH", f"/flows/{flow_id}", json.dumps(patch), headers=headers)
    assert patched["definition"] == flow["definition"] | {"connections": []}
    assert patched["description"] == "patched"
    operator.rest.call("DELETE", f"/flows/{flow_id}")
