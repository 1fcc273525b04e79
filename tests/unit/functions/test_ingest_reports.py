"""functions/ingest_reports as Lambda calls it: what devices write that makes no sense is dropped and counted."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import boto3
import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.table import Table
from ingest_reports.app import handler
from tests.support.aws import REGION, TABLE_NAME
from tests.support.composition import forget
from tests.support.rest import FakeContext

NOON_MS: Final = 1_771_675_200_000
DEEP: Final = "[" * 100_000 + "]" * 100_000


def health(**changes: object) -> dict[str, Any]:
    """Return a message of the health rule."""
    report = {
        "schema": "edgeflow.health/1",
        "sent_at": "2026-02-21T12:00:00Z",
        "sequence": 1,
        "agent_version": "1.0.0",
        "flows": [],
    }
    return report | changes | {"kind": "health", "device_id": "dev_001", "received_at": NOON_MS}


def presence(**changes: object) -> dict[str, Any]:
    """Return a message of the presence rule."""
    event = {"clientId": "dev_001", "eventType": "connected", "timestamp": NOON_MS, "versionNumber": 1}
    return event | changes | {"kind": "presence"}


def job_event(**changes: object) -> dict[str, Any]:
    """Return a message of the rule for job executions."""
    event = {
        "jobId": "dep_1-w00001-0000",
        "thingArn": f"arn:aws:iot:{REGION}:123456789012:thing/dev_001",
        "operation": "succeeded",
        "status": "SUCCEEDED",
        "statusDetails": {},
        "timestamp": NOON_MS // 1_000,
    }
    return event | changes | {"kind": "job_execution"}


@pytest.fixture
def devices(table: Table, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeviceStore]:
    """The function's settings, and the store with one registered device."""
    queue = boto3.client("sqs").create_queue(QueueName="reports")["QueueUrl"]
    for name, value in {
        "TABLE_NAME": TABLE_NAME,
        "REPORTS_QUEUE_URL": queue,
        "DROP_OFF_SECONDS": "300",
        "DEVICE_POLICY_NAME": "edgeflow-device",
        "STATE_MACHINE_ARN_PREFIX": "arn:aws:states:us-east-1:123456789012:stateMachine:edgeflow-",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    forget()
    store = DeviceStore(table)
    store.begin("dev_001", attempt="1", dead_before=AT, at=AT, by="operator")
    store.finish("dev_001", f"arn:aws:iot:{REGION}:123456789012:cert/1", attempt="1")
    yield store
    forget()


def take_in(*bodies: str | dict[str, Any]) -> list[str]:
    """Hand over a batch; returns the ids of the messages that failed, which are their positions."""
    records = [
        {
            "messageId": str(number),
            "body": body if isinstance(body, str) else json.dumps(body),
            "eventSource": "aws:sqs",
            "attributes": {},
            "messageAttributes": {},
        }
        for number, body in enumerate(bodies)
    ]
    failures = handler({"Records": records}, FakeContext())["batchItemFailures"]
    return [str(failure["itemIdentifier"]) for failure in failures]


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str]) -> Callable[[str], int]:
    """Sums a metric over what the function has written so far."""
    written: list[str] = []

    def total(name: str) -> int:
        written.extend(capsys.readouterr().out.splitlines())
        blobs = [json.loads(line) for line in written if line.startswith("{")]
        values = [blob[name] for blob in blobs if name in blob]
        return int(sum(sum(value) if isinstance(value, list) else value for value in values))

    return total


AT: Final = "2026-02-21T12:00:00.000Z"
RUBBISH: Final[dict[str, str | dict[str, Any]]] = {
    "nothing": "",
    "no JSON": "hello",
    "a list": "[]",
    "a number": "7",
    "deep": DEEP,
    "deep inside a report": json.dumps(health(extra="HERE")).replace('"HERE"', DEEP),
    "a lone surrogate, escaped": '{"kind": "health", "device_id": "\\ud800"}',
    "a lone surrogate": '{"kind": "health", "device_id": "\ud800"}',
    "an unknown kind": {"kind": "firmware", "device_id": "dev_001"},
    "no kind": {"device_id": "dev_001"},
    "too long": health(extra="x" * 200_000),
    "a name that is no device's": health() | {"device_id": "../dev_001"},
    "received in the year 3000": health() | {"received_at": 32_503_680_000_001},
    "received before 1970": health() | {"received_at": -1},
    "a sequence of 31 digits": health(sequence=10**30),
    "a sequence of 43 digits": health(sequence=10**42),
    "a moment before the year 1": health(sent_at="0001-01-01T00:00:00+23:59"),
    "another schema": health(schema="edgeflow.health/9"),
    "a presence of no time": presence(timestamp=10**30),
    "a presence that is endless": json.dumps(presence(timestamp="HERE")).replace('"HERE"', "1e999"),
    "a connection number of 43 digits": presence(versionNumber=10**42),
    "a presence of another kind": presence(eventType="moved"),
    "a client with a long name": presence(clientId="x" * 600),
    "a job event of no time": job_event(timestamp=10**30),
    "a job event of no thing": job_event(thingArn="arn:aws:iot:us-east-1:123456789012:thing/"),
    "an absence of no time": {"kind": "absence", "device_id": "dev_001", "connection": 1, "at_ms": 10**30},
}


@pytest.mark.parametrize("name", RUBBISH)
@pytest.mark.slow
def test_what_cannot_be_read_is_dropped_and_counted_and_holds_up_nothing(
    devices: DeviceStore, counted: Callable[[str], int], name: str
) -> None:
    assert take_in(health(sequence=1), RUBBISH[name], health(sequence=2)) == []
    assert counted("UnreadableReports") == 1
    report = devices.get("dev_001").report
    assert report is not None
    assert report.sequence == 2


def test_a_measure_without_sense_is_left_out_and_counted(devices: DeviceStore, counted: Callable[[str], int]) -> None:
    body = json.dumps(health(vitals={"uptime": 5, "load": "HERE"})).replace('"HERE"', "1e999")
    assert take_in(body) == []
    assert (counted("SenselessMeasures"), counted("UnreadableReports")) == (1, 0)
    report = devices.get("dev_001").report
    assert report is not None
    assert report.vitals is not None
    assert (report.vitals.uptime, report.vitals.load) == (5, None)


def test_a_client_that_was_not_let_in_is_counted_apart(devices: DeviceStore, counted: Callable[[str], int]) -> None:
    assert take_in(presence(eventType="connect_failed"), presence(clientId="console 7")) == []
    assert (counted("ConnectionsRefused"), counted("UnreadableReports")) == (1, 0)
    assert devices.get("dev_001").connected is None


@pytest.mark.parametrize("details", [None, [], "done", {"sequence": "9" * 400, "runs_version": "one", "step": []}])
def test_details_that_make_no_sense_keep_no_end_from_being_taken_in(
    devices: DeviceStore, counted: Callable[[str], int], details: object
) -> None:
    assert take_in(job_event(statusDetails=details)) == []
    assert counted("UnreadableReports") == 0


def test_a_failure_of_ours_comes_again(devices: DeviceStore) -> None:
    boto3.client("dynamodb").delete_table(TableName=TABLE_NAME)
    assert take_in(health(), "rubbish") == ["0"]
