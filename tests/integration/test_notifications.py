"""Status events on the local cloud: a rule and a queue get every status of a deployment, each once."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from deployed.rest import Rest
from edgeflow.contract.events import EVENT_SOURCE, STATUS_CHANGED, DeploymentStatusChanged
from localcloud.stack import Stack
from tests.support.rollouts import Operator, eventually


@pytest.fixture
def queue_url(stack: Stack) -> Iterator[str]:
    """A queue behind a rule for our events."""
    name = f"heard-{uuid4().hex[:8]}"
    sqs, events = stack.client("sqs"), stack.client("events")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": [EVENT_SOURCE], "detail-type": [STATUS_CHANGED]}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    yield url
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)
    sqs.delete_queue(QueueUrl=url)


def test_every_status_is_told_once(stack: Stack, queue_url: str, tmp_path: Path) -> None:
    device = f"asleep_{uuid4().hex[:8]}"
    Fleet(stack, tmp_path).register([device])
    rest = Rest(stack)
    operator = Operator(rest)
    ended = operator.deploy(operator.flow(), [device], strategy="all_at_once", timeout="3s")
    rest.close()
    heard: dict[str, DeploymentStatusChanged] = {}
    sqs = stack.client("sqs")

    def listen() -> bool:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            event = DeploymentStatusChanged.model_validate(json.loads(message["Body"])["detail"])
            if event.deployment_id == ended["id"]:
                heard[event.id] = event
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return len(heard) >= len(story_told)

    story_told = ["pending", "running", "rolling_back", "rolled_back"]
    eventually(listen, seconds=30, what="every status was heard")
    story = sorted(heard.values(), key=lambda event: event.sequence)
    assert [event.status for event in story] == story_told
    assert [event.previous_status for event in story] == [None, "pending", "running", "rolling_back"]
    assert story[-1].status_reason == ended["status_reason"]
