"""A wave's timeout comes from its state machine's input: the local cloud honours that, the bare emulator does not."""

import json
import time
from typing import Any, Final

import pytest

from localcloud.clients import root_client
from localcloud.settings import REGION, Settings

TIMEOUT_SECONDS: Final = 1
LONG_ENOUGH_SECONDS: Final = 6
RUNNING: Final = "RUNNING"

pytestmark = pytest.mark.timeout(180)


def test_local_cloud_ends_a_wait_at_the_timeout_that_the_input_names(local_cloud: Settings) -> None:
    assert outcome(local_cloud) == ("SUCCEEDED", {"timed_out": True})


def test_bare_emulator_still_needs_the_patch(bare: Settings) -> None:
    status, _ = outcome(bare)
    assert status == RUNNING, (
        "MiniStack honours TimeoutSecondsPath by itself now: "
        "delete localcloud/callback_timeouts.py, its call in localcloud/launcher.py, and this test."
    )


def outcome(settings: Settings) -> tuple[str, Any]:
    """Run a state that waits for a token nobody answers; status and output, after long enough to time out."""
    queue = client(settings, "sqs").create_queue(QueueName="unanswered")["QueueUrl"]
    states = client(settings, "stepfunctions")
    machine = states.create_state_machine(
        name="waits", definition=json.dumps(definition(queue)), roleArn=role(settings)
    )["stateMachineArn"]
    execution = states.start_execution(
        stateMachineArn=machine, name="once", input=json.dumps({"plan": {"timeout_seconds": TIMEOUT_SECONDS}})
    )["executionArn"]
    end = time.monotonic() + LONG_ENOUGH_SECONDS
    while (seen := states.describe_execution(executionArn=execution))["status"] == RUNNING and time.monotonic() < end:
        client(settings, "sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1)  # the pause between two looks
    if seen["status"] == RUNNING:
        states.stop_execution(executionArn=execution)
    return seen["status"], json.loads(seen.get("output", "null"))


def definition(queue_url: str) -> dict[str, Any]:
    return {
        "StartAt": "Wait",
        "States": {
            "Wait": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": {"QueueUrl": queue_url, "MessageBody": {"task_token.$": "$$.Task.Token"}},
                "TimeoutSecondsPath": "$.plan.timeout_seconds",
                "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "TimedOut"}],
                "End": True,
            },
            "TimedOut": {"Type": "Pass", "Result": {"timed_out": True}, "End": True},
        },
    }


def role(settings: Settings) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:{REGION}:*:unanswered"}
    iam = client(settings, "iam")
    made = iam.create_role(RoleName="waits", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="waits", PolicyName="send", PolicyDocument=policy(allow))
    return str(made)


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def client(settings: Settings, service: str) -> Any:  # noqa: ANN401  a client of any service
    return root_client(service, settings.endpoint_url)
