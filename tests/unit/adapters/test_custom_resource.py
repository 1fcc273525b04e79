"""Answers of custom resources: CloudFormation hears of every end, and an answer that it does not take is an error."""

from collections.abc import Iterator
from typing import Any

import pytest

from edgeflow.adapters.custom_resource import MAX_REASON_LENGTH, UnansweredError, answer
from tests.support.cloudformation import CloudFormation, listening


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    """CloudFormation, which listens."""
    with listening() as taker:
        yield taker


def event(cloudformation: CloudFormation, **more: str) -> dict[str, Any]:
    ids = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Thing"}
    return {"ResponseURL": cloudformation.url, **ids, **more}


def test_a_failure_is_told_with_as_much_of_its_reason_as_is_taken(cloudformation: CloudFormation) -> None:
    answer(event(cloudformation), "mine", "")
    answer(event(cloudformation), "mine", "x" * 5_000)
    assert [(told["Status"], told["Reason"]) for told in cloudformation.answers] == [
        ("SUCCESS", ""),
        ("FAILED", "x" * MAX_REASON_LENGTH),
    ]
    assert {(told["StackId"], told["RequestId"], told["LogicalResourceId"]) for told in cloudformation.answers} == {
        ("stack", "request", "Thing")
    }


def test_a_resource_keeps_the_id_that_it_has(cloudformation: CloudFormation) -> None:
    answer(event(cloudformation), "mine", "")
    answer(event(cloudformation, PhysicalResourceId="older"), "mine", "")
    assert [told["PhysicalResourceId"] for told in cloudformation.answers] == ["mine", "older"]


@pytest.mark.parametrize("status", [201, 403, 500])
def test_an_answer_that_is_not_taken_is_an_error(cloudformation: CloudFormation, status: int) -> None:
    cloudformation.status = status
    with pytest.raises(UnansweredError):
        answer(event(cloudformation), "mine", "")
