"""Orders to our own function, as it reads them, and when they come back."""

import json
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from dispatch_wave.commands import COMMAND
from edgeflow.adapters.deployments.dispatch_queue import SqsDispatchQueue
from edgeflow.domain.history import caller
from tests.unit.adapters.builders import AT, DEP

ME = caller("me", subject="sub-of-me")


@pytest.fixture
def sent(aws: None, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every call that is made to SQS."""
    del aws
    calls: list[dict[str, Any]] = []
    client = boto3.client("sqs")
    monkeypatch.setattr(client, "send_message", lambda **call: calls.append(call))
    monkeypatch.setattr(client, "change_message_visibility", lambda **call: calls.append(call))
    return calls


@pytest.fixture
def queue(sent: list[dict[str, Any]]) -> SqsDispatchQueue:
    """The queue."""
    del sent
    return SqsDispatchQueue(boto3.client("sqs"), queue_url="https://queue.test")


def test_orders_are_commands_that_the_function_knows(queue: SqsDispatchQueue, sent: list[dict[str, Any]]) -> None:
    queue.wind_down(DEP)
    queue.give_up(DEP, "dev_001", by=ME, asked_at=AT, after=timedelta(seconds=4.2))
    wind_down, give_up = (COMMAND.validate_json(call["MessageBody"]).model_dump(mode="json") for call in sent)
    assert (wind_down["command"], wind_down["deployment_id"]) == ("wind_down", DEP)
    assert (give_up["command"], give_up["device_id"]) == ("give_up", "dev_001")
    assert datetime.fromisoformat(give_up["asked_at"]) == datetime.fromisoformat(AT)
    assert give_up["by"] == ME.model_dump()
    assert [call["DelaySeconds"] for call in sent] == [0, 5], "whole seconds, and never too early"


def test_an_order_goes_back_as_it_came(queue: SqsDispatchQueue, sent: list[dict[str, Any]]) -> None:
    order = json.dumps({"command": "wind_down", "deployment_id": DEP, "new": "of a later release"})
    queue.again(order, after=timedelta(seconds=5))
    assert [(call["MessageBody"], call["DelaySeconds"]) for call in sent] == [(order, 5)]


def test_what_failed_comes_again_soon_and_then_less_and_less_soon(
    queue: SqsDispatchQueue, sent: list[dict[str, Any]]
) -> None:
    for deliveries in (0, 1, 2, 3, 6, 100):
        queue.sooner("receipt", deliveries=deliveries)
    assert [call["VisibilityTimeout"] for call in sent] == [10, 10, 20, 40, 300, 300]
