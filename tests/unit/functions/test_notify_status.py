"""functions/notify_status as Lambda calls it, with EventBridge and SQS of moto: what a rule's queue gets."""

import json
from typing import Any

import boto3
import pytest

from edgeflow.contract.events import EVENT_SOURCE, STATUS_CHANGED
from edgeflow.domain.deployments import DeploymentStatus
from notify_status.app import handler
from tests.support.composition import forget
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import DEP
from tests.unit.adapters.rollout.deployment_records import record, unreadable

RUNNING, FAILED, COMPLETED = DeploymentStatus.RUNNING, DeploymentStatus.FAILED, DeploymentStatus.COMPLETED


def messages(queue_url: str) -> list[dict[str, Any]]:
    answer = boto3.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


@pytest.fixture
def dead_letters(aws: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The function's settings; its dead-letter queue's address."""
    url = boto3.client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"]
    monkeypatch.setenv("EVENT_BUS_NAME", "default")
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", url)
    forget()
    return url


@pytest.fixture
def failures(aws: None) -> str:
    """A queue behind a rule for deployments that failed."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    url = sqs.create_queue(QueueName="failures")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": [EVENT_SOURCE], "detail-type": [STATUS_CHANGED], "detail": {"status": ["failed"]}}
    events.put_rule(Name="failures", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="failures", Targets=[{"Id": "queue", "Arn": arn}])
    return url


def test_a_rule_gets_the_changes_it_asks_for(dead_letters: str, failures: str) -> None:
    records = [record(RUNNING, COMPLETED, "1"), record(RUNNING, RUNNING, "2"), record(RUNNING, FAILED, "3")]
    assert handler({"Records": records}, FakeContext()) == {"batchItemFailures": []}
    (heard,) = messages(failures)
    assert heard["detail"]["deployment_id"] == DEP
    assert heard["detail"]["previous_status"] == "running"
    assert messages(dead_letters) == []


def test_what_cannot_be_read_is_set_aside_and_the_rest_is_told(dead_letters: str, failures: str) -> None:
    records = [unreadable("1", status="exploded"), record(RUNNING, FAILED, "2")]
    assert handler({"Records": records}, FakeContext()) == {"batchItemFailures": []}
    assert len(messages(failures)) == 1
    (kept,) = messages(dead_letters)
    assert (kept["record"], kept["pk"]) == ("1", f"DEP#{DEP}")
    assert "exploded" in kept["fault"]
