"""The API over moto, with nothing left from the test before."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from api import idempotency
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.table import Table
from tests.support.aws import TABLE_NAME
from tests.support.composition import forget
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest

POLICY_NAME = "edgeflow-device"
ACCOUNT = "123456789012"
PREFIX = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:edgeflow-"
DEVICES = ["dev_001", "dev_002", "dev_003"]


def order(flow_id: str, **changes: object) -> dict[str, Any]:
    """Return the body that creates a deployment to all devices."""
    return {"flow_id": flow_id, "strategy": "rolling", "target_devices": DEVICES} | changes


def _forget() -> None:
    forget()
    for made in vars(idempotency).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()


@pytest.fixture
def rest(table: Table, bucket: str, signing_key: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rest]:
    """A client of the API."""
    environment = {
        "TABLE_NAME": TABLE_NAME,
        "ARTIFACT_BUCKET": bucket,
        "DEVICE_POLICY_NAME": POLICY_NAME,
        "ARTIFACT_SIGNING_KEY": signing_key,
        "PROVISIONING_TEMPLATE": "edgeflow",
        "HEALTH_WINDOW_SECONDS": "30",
        "LONG_POLLS": "2",
        "JOB_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/jobs",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    queue = boto3.client("sqs").create_queue(QueueName="dispatch")["QueueUrl"]
    monkeypatch.setenv("DISPATCH_QUEUE_URL", queue)
    boto3.client("iot").create_policy(policyName=POLICY_NAME, policyDocument="{}")
    _forget()
    yield Rest()
    _forget()


@pytest.fixture
def machines(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack's state machines, which start and do nothing."""
    monkeypatch.setenv("STATE_MACHINE_ARN_PREFIX", PREFIX)
    client = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    for name in ("all-at-once", "rolling", "canary", "blue-green", "rollback"):
        role = f"arn:aws:iam::{ACCOUNT}:role/machine"
        client.create_state_machine(name=f"edgeflow-{name}", definition=definition, roleArn=role)


@pytest.fixture
def flow_id(rest: Rest) -> str:
    """A published flow, and three registered devices."""
    flow = rest("POST", "/v1/flows", CREATE_FLOW).body
    assert rest("POST", f"/v1/flows/{flow['id']}/publish").status == 200
    _register(DEVICES)
    return str(flow["id"])


def _register(device_ids: list[str]) -> None:
    """Register devices as the API does, but for their certificates: to make a key takes a twentieth of a second."""
    iot = boto3.client("iot")
    devices = DeviceStore(Table(boto3.client("dynamodb"), TABLE_NAME))
    for device_id in device_ids:
        iot.create_thing(thingName=device_id)
        devices.begin(device_id, attempt="first", at="2026-02-21T12:00:00Z", dead_before="", by="operator")
        devices.finish(device_id, f"arn:aws:iot:us-east-1:{ACCOUNT}:cert/{device_id}", attempt="first")
