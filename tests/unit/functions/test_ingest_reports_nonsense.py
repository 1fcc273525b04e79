"""The reports queue takes whatever devices, or an older release, can have written: nothing fails but what is ours."""

import json
from typing import Any, Final

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.keys import Key
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.table import Table, to_attributes
from edgeflow.domain.deployments import DeploymentStatus
from ingest_reports.app import handler
from tests.support.history import ENTRY
from tests.support.lambda_events import failed, queue_event
from tests.support.nonsense import BODIES, JSON_VALUES, damaged
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import AT, DEP, FLOW, a_deployment, a_target, put_flow

pytestmark = pytest.mark.slow

NOON_MS: Final = 1_771_675_200_000
GOOD, ODD = "dev_good", "dev_odd"
"""A device that reports as it should, and one that writes what it likes."""
RUNS: Final = {
    "flow_id": FLOW,
    "version": 2,
    "sha256": "ab" * 32,
    "slot": "blue",
    "live": True,
    "health": "unhealthy",
    "since": "2026-02-21T12:00:00Z",
    "nodes": [{"node_id": "n1", "health": "unhealthy", "error": "no answer"}],
    "messages_per_minute": 3.5,
    "dropped": 1,
    "activity": [{"node_id": "n1", "received_per_minute": 1, "sent_per_minute": 1}],
}
HEALTH: Final = {
    "schema": "edgeflow.health/1",
    "sent_at": "2026-02-21T12:00:00Z",
    "sequence": NOON_MS,
    "epoch": "epoch-0001",
    "agent_version": "1.0.0",
    "flows": [RUNS],
    "vitals": {"uptime": 5, "memory_total": 10**9},
    "kind": "health",
    "device_id": ODD,
    "received_at": NOON_MS,
}
JOB: Final = {
    "eventType": "JOB_EXECUTION",
    "jobId": f"{DEP}-w00001-0000",
    "thingArn": f"arn:aws:iot:us-east-1:123456789012:thing/{ODD}",
    "operation": "succeeded",
    "status": "SUCCEEDED",
    "statusDetails": {
        "step": "done",
        "reason": "unhealthy",
        "message": "it did not go well",
        "runs_version": "2",
        "sequence": str(NOON_MS),
        "epoch": "epoch-0001",
    },
    "timestamp": NOON_MS // 1_000,
    "kind": "job_execution",
}
PRESENCE: Final = {
    "clientId": ODD,
    "timestamp": NOON_MS,
    "eventType": "disconnected",
    "clientInitiatedDisconnect": False,
    "principalIdentifier": "a" * 64,
    "versionNumber": 3,
    "kind": "presence",
}
ABSENCE: Final = {"kind": "absence", "device_id": ODD, "connection": 3, "at_ms": NOON_MS}


@st.composite
def inside(draw: st.DrawFn, message: dict[str, Any], name: str) -> dict[str, Any]:
    """Draw a message that is damaged in one of its parts."""
    part = draw(damaged(message[name]))
    return message | {name: part}


WRITTEN: Final = st.one_of(
    BODIES,
    *(damaged(message, keep=("kind", "device_id")) for message in (HEALTH, JOB, PRESENCE, ABSENCE)),
    *(damaged(message) for message in (JOB, PRESENCE)),
    inside(JOB, "statusDetails"),
    inside(HEALTH, "vitals"),
    damaged(RUNS).map(lambda runs: HEALTH | {"flows": [runs]}),
    JSON_VALUES.map(lambda value: HEALTH | {"flows": [RUNS, value]}),
    st.sampled_from([HEALTH, JOB, PRESENCE, ABSENCE]),
)


@pytest.fixture
def devices(table: Table, dead_letters: str) -> DeviceStore:
    """Two registered devices, and a deployment at work on the odd one."""
    store = DeviceStore(table)
    for device_id in (GOOD, ODD):
        store.begin(device_id, attempt="1", at=AT, dead_before=AT, by="operator")
        store.finish(device_id, f"arn:aws:iot:us-east-1:123456789012:cert/{device_id}", attempt="1")
    put_flow(table)
    DeploymentStore(table).create(a_deployment(status=DeploymentStatus.RUNNING), entry=ENTRY)
    targets = TargetStore(table)
    targets.add(DEP, a_target(ODD), created_at=AT)
    targets.mark_deploying(DEP, [ODD], wave=1, at=AT)
    InstallStore(table).claim(ODD, FLOW, DEP)
    return store


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(WRITTEN, min_size=1, max_size=6), number=st.integers(0, 10**9))
def test_whatever_a_device_writes_fails_nothing_and_the_reports_beside_it_count(
    devices: DeviceStore, written: list[str | dict[str, Any]], number: int
) -> None:
    before = devices.get(GOOD).report
    sequence = before.sequence + 2 if before is not None else number
    good = HEALTH | {"device_id": GOOD, "flows": []}
    batch = [good | {"sequence": sequence}, *written, good | {"sequence": sequence + 1}]
    assert failed(handler(queue_event(batch), FakeContext())) == []
    report = devices.get(GOOD).report
    assert report is not None
    assert report.sequence == sequence + 1


def test_a_report_of_as_many_bytes_as_aws_iot_takes_fits_an_item(devices: DeviceStore) -> None:
    busy = [{"node_id": f"{n:x}", "received_per_minute": 9e15, "sent_per_minute": 9e15} for n in range(20)]
    flows = [RUNS | {"flow_id": f"flow_{n}", "nodes": [], "activity": busy} for n in range(56)]
    body = HEALTH | {"flows": flows}
    event = queue_event([body])
    assert 120_000 < len(event["Records"][0]["body"]) < 131_072
    assert failed(handler(event, FakeContext())) == []
    report = devices.get(ODD).report
    assert report is not None
    assert len(report.flows) == 56


STORED: Final = {
    "device": keys.device_key(ODD),
    "deployment": keys.deployment_key(DEP),
    "target": keys.target_key(DEP, ODD),
    "install": keys.install_key(ODD, FLOW),
}
"""What the messages of the odd device are written to, or measured by."""
OF_THE_KEY: Final = {"pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "lsi1sk"}


def spoil(table: Table, key: Key) -> list[dict[str, Any]]:
    """Return copies of a stored item, each with a map in the place of one attribute."""
    item = table.get(key)
    assert item is not None
    whole = to_attributes(item)
    return [whole | {name: {"M": {"odd": {"S": "?"}}}} for name in sorted(set(whole) - OF_THE_KEY)]


def unkept(output: str) -> int:
    """Return how many messages a function said that it dropped for a stored record."""
    told = [json.loads(line) for line in output.splitlines() if "UnkeptReports" in line]
    return sum(int(sum(each["UnkeptReports"])) for each in told)


@pytest.mark.parametrize("kind", STORED)
def test_a_stored_record_that_cannot_be_read_fails_no_message_and_the_reports_beside_it_count(
    devices: DeviceStore, table: Table, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    connected = PRESENCE | {"eventType": "connected", "versionNumber": 4}
    spoiled = spoil(table, STORED[kind])
    for number, item in enumerate(spoiled):
        boto3.client("dynamodb").put_item(TableName=table.name, Item=item)
        good = HEALTH | {"device_id": GOOD, "flows": [], "sequence": NOON_MS + number}
        batch = [HEALTH, JOB, PRESENCE, connected, ABSENCE, good]
        assert failed(handler(queue_event(batch), FakeContext())) == []
        report = devices.get(GOOD).report
        assert report is not None
        assert report.sequence == NOON_MS + number
    # Only a job's end needs a record of another, its deployment's; what is said of a device is written unread.
    assert (unkept(capsys.readouterr().out) > 0) == (kind == "deployment")
