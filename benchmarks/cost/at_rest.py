"""1,000 devices at rest for a month: connected, their flows healthy, no deployment open.

The function that takes reports in runs in this process, on a table in memory; what it asks of DynamoDB is counted.
How long it runs on AWS is not: that, and how many messages Lambda takes from a queue at a time, are named below.
"""

import json
import logging
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from unittest import mock

import boto3
from moto import mock_aws

from benchmarks.cost.meter import Meter
from benchmarks.cost.prices import Bill, Item
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.table import Table
from edgeflow.bootstrap.clients import table as functions_table
from edgeflow.contract.report import FlowHealth, Health, HealthReport, NodeActivity, Slot, Vitals
from ingest_reports.app import handler
from tests.support.aws import FAKE_CREDENTIALS, TABLE_NAME, create_table
from tests.support.composition import forget
from tests.support.lambda_events import queue_event
from tests.support.rest import FakeContext

DEVICES: Final = 1_000
DAYS: Final = 30
SAMPLE: Final = 20
"""Devices whose reports are really taken in."""
INTERVAL: Final = timedelta(minutes=15)
"""Of reports at rest: the agent's setting ``health_interval``."""
MEMORY_GB: Final = 0.5
MESSAGE_SECONDS: Final = 0.010
"""Of taking in one report, most of it DynamoDB's answer. Assumed, not measured on AWS."""
BATCH_SECONDS: Final = 0.005
LOG_BYTES_A_BATCH: Final = 1_500
"""What Lambda writes of each invocation, and the function's metrics."""
WINDOW_SECONDS: Final = 60
POLLERS: Final = 5
"""Lambda takes messages by five at first, each of which gathers a batch of its own."""
RECEIVED_AT_ONCE: Final = 10
"""Messages of one request to SQS, received and deleted; the most there can be. AWS does not say how many it is."""

_NOON: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)


def at_rest(*, received_at_once: int = RECEIVED_AT_ONCE) -> Bill:
    """Return what the fleet adds to the price of the stack."""
    reports = DEVICES * DAYS * (timedelta(days=1) // INTERVAL)
    batches = DAYS * 86_400 // WINDOW_SECONDS * POLLERS
    units = counted_reports()
    quantities = {
        Item.CONNECTION_MINUTES: DEVICES * DAYS * 24 * 60,
        Item.RULES: reports,
        Item.ACTIONS: reports,
        Item.QUEUE_REQUESTS: reports + 2 * reports / received_at_once,
        Item.INVOCATIONS: batches,
        Item.GB_SECONDS: MEMORY_GB * (reports * MESSAGE_SECONDS + batches * BATCH_SECONDS),
        Item.LOG_GB: batches * LOG_BYTES_A_BATCH / 1e9,
        Item.WRITES: units[Item.WRITES] / SAMPLE * reports,
        Item.READS: units[Item.READS] / SAMPLE * reports,
    }
    return Bill(f"{DEVICES:,} devices at rest, a month", {item: each for item, each in quantities.items() if each})


@cache
def counted_reports() -> Counter[Item]:
    """Take in one more report of each device of a sample, without news; returns what was asked of DynamoDB."""
    settings = FAKE_CREDENTIALS | {
        "TABLE_NAME": TABLE_NAME,
        "REPORTS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/none",
        "DROP_OFF_SECONDS": "300",
        "DEVICE_POLICY_NAME": "edgeflow-device",
        "STATE_MACHINE_ARN_PREFIX": "arn:aws:states:us-east-1:123456789012:stateMachine:edgeflow-",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_METRICS_DISABLED": "true",
    }
    with mock.patch.dict(os.environ, settings), mock_aws():
        client = boto3.client("dynamodb")
        create_table(client)
        store = DeviceStore(Table(client, TABLE_NAME))
        names = [f"dev_{number:03d}" for number in range(SAMPLE)]
        for name in names:
            store.begin(name, attempt="1", at=_NOON.isoformat(), dead_before="", by="operator")
            store.finish(name, f"arn:aws:iot:us-east-1:123456789012:cert/{name}", attempt="1")
        forget()
        try:
            _take_in(names, sequence=1)
            meter = Meter(TABLE_NAME)
            with meter.on(functions_table()._client):  # noqa: SLF001  what it is asked for is what costs
                _take_in(names, sequence=2)
        finally:
            forget()
    return meter.counted


def report(sequence: int) -> dict[str, Any]:
    """Return what a device with two flows of five nodes says, all healthy."""
    activity = tuple(
        NodeActivity(node_id=f"node_{number}", received_per_minute=6.0 + number, sent_per_minute=5.9)
        for number in range(5)
    )
    flows = tuple(
        FlowHealth(
            flow_id=f"flow_01hx{number}w3q8z5k2m7c4t9r6b1n",
            version=3 + number,
            sha256=f"{number}f" * 32,
            slot=Slot.BLUE,
            health=Health.HEALTHY,
            since=_NOON - timedelta(days=3),
            messages_per_minute=29.5,
            dropped=0,
            activity=activity,
        )
        for number in range(2)
    )
    vitals = Vitals(
        uptime=864_000.5 + sequence,
        agent_uptime=863_990.25 + sequence,
        load=0.17,
        memory_total=1_021_906_944,
        memory_available=612_335_616,
        agent_memory=58_720_256,
        disk_total=31_268_536_320,
        disk_free=21_474_836_480,
        temperature=47.2,
    )
    told = HealthReport(
        sent_at=_NOON + sequence * INTERVAL,
        sequence=sequence,
        epoch="7f1c0f0e9b2d4c55",
        agent_version="1.0.0",
        flows=flows,
        vitals=vitals,
    )
    return told.model_dump(mode="json", by_alias=True)


def _take_in(names: list[str], *, sequence: int) -> None:
    received_at = int((_NOON + sequence * INTERVAL).timestamp() * 1_000)
    bodies: list[str | dict[str, Any]] = [
        json.dumps(report(sequence) | {"kind": "health", "device_id": name, "received_at": received_at})
        for name in names
    ]
    logging.disable(logging.INFO)
    try:
        answer = handler(queue_event(bodies), FakeContext())
    finally:
        logging.disable(logging.NOTSET)
    if answer["batchItemFailures"]:
        raise AssertionError(answer)
