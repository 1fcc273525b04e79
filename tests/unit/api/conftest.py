"""The API over moto, with nothing left from the test before."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from api import idempotency
from edgeflow.adapters.table import Table
from tests.support.api_world import POLICY_NAME, PREFIX, Remembered, create_machines, create_things, register, settings
from tests.support.composition import forget
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest

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
    queue = boto3.client("sqs").create_queue(QueueName="dispatch")["QueueUrl"]
    for name, value in settings(bucket, signing_key, queue).items():
        monkeypatch.setenv(name, value)
    boto3.client("iot").create_policy(policyName=POLICY_NAME, policyDocument="{}")
    _forget()
    yield Rest()
    _forget()


@pytest.fixture
def machines(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack's state machines, which start and do nothing."""
    monkeypatch.setenv("STATE_MACHINE_ARN_PREFIX", PREFIX)
    create_machines()


@pytest.fixture(scope="session")
def remembered() -> dict[str, Remembered]:
    """What ``flow_id`` wrote, by the flow's id, once it was made."""
    return {}


@pytest.fixture
def flow_id(rest: Rest, bucket: str, remembered: dict[str, Remembered]) -> str:
    """A published flow, and three registered devices."""
    for flow_id, world in remembered.items():
        world.write(bucket)
        create_things(DEVICES)
        return flow_id
    flow = rest("POST", "/v1/flows", CREATE_FLOW).body
    assert rest("POST", f"/v1/flows/{flow['id']}/publish").status == 200
    register(DEVICES)
    remembered[flow["id"]] = Remembered.of(bucket)
    return str(flow["id"])
