"""The functions behind queues and streams, over moto, each with the settings it has in the template."""

from collections.abc import Iterator

import boto3
import pytest

from edgeflow.adapters.table import Table
from tests.support.aws import BUCKET_NAME, TABLE_NAME
from tests.support.composition import forget
from tests.support.permissions import by_its_role

ACCOUNT = "123456789012"
PREFIX = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:edgeflow-"


@pytest.fixture(autouse=True)
def _each_by_its_role(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold what a handler that a test module has imported asks of AWS to the role of its function."""
    for name, value in list(vars(request.module).items()):
        if getattr(value, "__name__", "") == "handler" and value.__module__.endswith(".app"):
            monkeypatch.setattr(request.module, name, by_its_role(value))


@pytest.fixture
def dead_letters(table: Table, bucket: str, signing_key: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The settings of every function; returns the address of the queue that records are set aside in."""
    sqs = boto3.client("sqs")
    aside = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    settings = {
        "TABLE_NAME": TABLE_NAME,
        "ARTIFACT_BUCKET": BUCKET_NAME,
        "DEAD_LETTER_QUEUE_URL": aside,
        "REPORTS_QUEUE_URL": sqs.create_queue(QueueName="reports")["QueueUrl"],
        "DROP_OFF_SECONDS": "300",
        "DEVICE_POLICY_NAME": "edgeflow-device",
        "STATE_MACHINE_ARN_PREFIX": PREFIX,
        "EVENT_BUS_NAME": "default",
        "JOB_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/jobs",
        "HEALTH_WINDOW_SECONDS": "30",
        "WATCH_SECONDS": "60",
        "ORDER_SIGNING_KEY": signing_key,
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    forget()
    yield aside
    forget()
