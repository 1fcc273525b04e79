"""The custom resource answers CloudFormation whatever happens: one that stays silent hangs the stack for an hour."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from edgeflow.adapters.custom_resource import UnansweredError
from iot_job_events.app import PHYSICAL_ID, handler
from tests.support.cloudformation import CloudFormation, Context, listening

ON = {"JOB": {"Enabled": True}, "JOB_EXECUTION": {"Enabled": True}}


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    with listening() as taker:
        yield taker


@pytest.fixture
def iot(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """AWS IoT, which expects what the test says (moto has no event configurations)."""
    client = boto3.client("iot", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
    with Stubber(client) as stubber:
        yield stubber


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_events_are_turned_on_and_success_is_answered(
    cloudformation: CloudFormation, iot: Stubber, request_type: str
) -> None:
    iot.add_response("update_event_configurations", {}, {"eventConfigurations": ON})
    handler(cloudformation.event(request_type), Context())
    iot.assert_no_pending_responses()
    (answer,) = cloudformation.answers
    assert answer == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": PHYSICAL_ID,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Resource",
    }


def test_delete_leaves_the_events_on(cloudformation: CloudFormation, iot: Stubber) -> None:
    handler(cloudformation.event("Delete", PhysicalResourceId="given"), Context())
    iot.assert_no_pending_responses()  # and a call would have failed: none is expected
    (answer,) = cloudformation.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "given")


def test_a_failure_is_answered_with_its_reason_and_where_to_read_on(
    cloudformation: CloudFormation, iot: Stubber
) -> None:
    iot.add_client_error("update_event_configurations", "AccessDeniedException", "not allowed")
    handler(cloudformation.event("Create"), Context())
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "not allowed" in answer["Reason"]
    assert Context.log_stream_name in answer["Reason"]


def test_an_answer_that_is_not_taken_fails_the_invocation(cloudformation: CloudFormation, iot: Stubber) -> None:
    iot.add_response("update_event_configurations", {}, {"eventConfigurations": ON})
    cloudformation.status = 403
    with pytest.raises(UnansweredError):
        handler(cloudformation.event("Create"), Context())
