"""What cannot be read on the local cloud: set aside by the streams' functions, dropped by that of the reports queue."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from localcloud.stack import Stack
from tests.support.rollouts import eventually

Look = Callable[[], bool]


def letters(stack: Stack, url: str, kept: list[dict[str, Any]]) -> Look:
    """Return a look that takes what is in a dead-letter queue: other tests hold that nothing is left there."""
    sqs = stack.client("sqs")

    def look() -> bool:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            kept.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bool(kept)

    return look


@pytest.mark.parametrize(
    ("output", "sort_key", "attributes"),
    [
        ("NotifyDeadLetterQueueUrl", "DEPLOYMENT", {"kind": {"S": "deployment"}, "status": {"S": "exploded"}}),
        ("TallyDeadLetterQueueUrl", "TARGET#dev_001", {"kind": {"S": "target"}, "status": {"S": "quarantined"}}),
    ],
)
def test_a_record_that_cannot_be_read_is_set_aside(
    stack: Stack, output: str, sort_key: str, attributes: dict[str, Any]
) -> None:
    dynamodb = stack.client("dynamodb")
    table = stack.outputs["TableName"]
    key = {"pk": {"S": f"DEP#dep_{uuid4().hex[:8]}"}, "sk": {"S": sort_key}}
    dynamodb.put_item(TableName=table, Item=key | attributes)
    kept: list[dict[str, Any]] = []
    try:
        eventually(letters(stack, stack.outputs[output], kept), seconds=30, what="the record was set aside")
    finally:
        dynamodb.delete_item(TableName=table, Key=key)
    assert [letter["pk"] for letter in kept] == [key["pk"]["S"]]
    assert kept[0]["fault"]


def test_messages_that_cannot_be_read_leave_the_reports_queue_for_good(stack: Stack) -> None:
    sqs = stack.client("sqs")
    url = stack.outputs["ReportsQueueUrl"]
    for body in ("hello", "[" * 500 + "]" * 500, '{"kind": "firmware"}', '{"kind": "presence", "eventType": "moved"}'):
        sqs.send_message(QueueUrl=url, MessageBody=body)

    def drained() -> bool:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return all(counts[name] == "0" for name in names)

    eventually(drained, seconds=30, what="the reports queue is empty, with nothing hidden that would come again")
    dead = stack.outputs["ReportsDeadLetterQueueUrl"]
    assert "Messages" not in sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10)
