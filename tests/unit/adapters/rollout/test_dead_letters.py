"""Records that are set aside: which one, and what is wrong with it."""

import json

import boto3
import pytest

from edgeflow.adapters.rollout.dead_letters import MAX_FAULT_LENGTH, DeadLetterQueue
from edgeflow.domain.errors import Unavailable
from edgeflow.use_cases.rollout.set_aside import SetAside


def test_somebody_can_find_the_record_by_what_is_kept(aws: None) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="aside")["QueueUrl"]
    DeadLetterQueue(sqs, queue_url=url).keep(SetAside(record="7", pk="DEP#dep_1", fault="x" * 5_000))
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"record": "7", "pk": "DEP#dep_1", "fault": "x" * MAX_FAULT_LENGTH}


def test_what_cannot_be_kept_now_is_an_error_so_that_the_record_comes_again(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = boto3.client("sqs")

    def throttled(**_: object) -> None:
        raise sqs.exceptions.ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "SendMessage")

    monkeypatch.setattr(sqs, "send_message", throttled)
    with pytest.raises(Unavailable):
        DeadLetterQueue(sqs, queue_url="https://queue.test").keep(SetAside(record="7", pk="DEP#dep_1", fault="x"))
