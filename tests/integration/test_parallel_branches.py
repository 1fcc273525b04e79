"""A Parallel ends with the first of its branches that fails: the local cloud does so, the bare emulator does not."""

import json
import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from localcloud.clients import root_client
from localcloud.settings import REGION, Settings

SOON_SECONDS: Final = 1
LATE_SECONDS: Final = 3_600
LONG_ENOUGH_SECONDS: Final = 8
RUNNING: Final = "RUNNING"

pytestmark = pytest.mark.timeout(180)


def test_a_delay_that_is_over_ends_the_watch_beside_it(local_cloud: Settings) -> None:
    race = Race.begin(local_cloud, delay=SOON_SECONDS)
    token = race.token()
    assert race.outcome() == ("SUCCEEDED", {"Error": "Over", "Cause": "the time"})
    assert race.entered() == ["Both", "Delay", "Watch", "Over", "Decided"]
    with pytest.raises(ClientError, match=r"TaskDoesNotExist|TaskTimedOut"):
        race.states.send_task_success(taskToken=token, output="{}")


def test_an_answer_ends_the_delay_beside_it(local_cloud: Settings) -> None:
    race = Race.begin(local_cloud, delay=LATE_SECONDS)
    race.states.send_task_success(taskToken=race.token(), output=json.dumps({"wave": 1}))
    assert race.outcome() == ("SUCCEEDED", {"Error": "Answered", "Cause": '{"wave":1}'})
    assert race.entered() == ["Both", "Delay", "Watch", "Answered", "Decided"]


def test_bare_emulator_still_needs_the_patch(bare: Settings) -> None:
    race = Race.begin(bare, delay=SOON_SECONDS)
    race.token()
    status, _ = race.outcome()
    assert status == RUNNING, (
        "MiniStack ends a Parallel with its first branch that fails by itself now: "
        "delete localcloud/parallel_branches.py, its call in localcloud/launcher.py, and this test."
    )


@dataclass(frozen=True)
class Race:
    """An execution in which a delay and an answer are waited for side by side."""

    settings: Settings
    queue_url: str
    execution: str

    @classmethod
    def begin(cls, settings: Settings, *, delay: int) -> "Race":
        name = f"race-{uuid4().hex[:8]}"
        queue = client(settings, "sqs").create_queue(QueueName=name)["QueueUrl"]
        states = client(settings, "stepfunctions")
        machine = states.create_state_machine(
            name=name, definition=json.dumps(definition(queue)), roleArn=role(settings, name)
        )["stateMachineArn"]
        given = json.dumps({"delay": delay})
        execution = states.start_execution(stateMachineArn=machine, name="once", input=given)["executionArn"]
        return cls(settings, queue, execution)

    @property
    def states(self) -> Any:  # noqa: ANN401  a client of any service
        return client(self.settings, "stepfunctions")

    def token(self) -> str:
        """Take the message whose answer is waited for."""
        end = time.monotonic() + LONG_ENOUGH_SECONDS
        while time.monotonic() < end:
            answer = client(self.settings, "sqs").receive_message(QueueUrl=self.queue_url, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                return str(json.loads(message["Body"])["task_token"])
        pytest.fail("no message came")

    def outcome(self) -> tuple[str, Any]:
        """Return status and output, after long enough for any end; what runs still is stopped."""
        end = time.monotonic() + LONG_ENOUGH_SECONDS
        while (seen := self._seen())["status"] == RUNNING and time.monotonic() < end:
            client(self.settings, "sqs").receive_message(QueueUrl=self.queue_url, WaitTimeSeconds=1)  # the pause
        if seen["status"] == RUNNING:
            self.states.stop_execution(executionArn=self.execution)
        return seen["status"], json.loads(seen.get("output", "null"))

    def entered(self) -> list[str]:
        """Return the states that were entered, those of branches among them; two that begin at once by their names."""
        events = self.states.get_execution_history(executionArn=self.execution, maxResults=100)["events"]
        names = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
        return [*names[:1], *sorted(names[1:3]), *names[3:]]

    def _seen(self) -> dict[str, Any]:
        seen: dict[str, Any] = self.states.describe_execution(executionArn=self.execution)
        return seen


def definition(queue_url: str) -> dict[str, Any]:
    delay = {
        "Delay": {"Type": "Wait", "SecondsPath": "$.delay", "Next": "Over"},
        "Over": {"Type": "Fail", "Error": "Over", "Cause": "the time"},
    }
    watch = {
        "Watch": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": queue_url, "MessageBody": {"task_token.$": "$$.Task.Token"}},
            "TimeoutSeconds": LATE_SECONDS,
            "Next": "Answered",
        },
        "Answered": {"Type": "Fail", "Error": "Answered", "CausePath": "States.JsonToString($)"},
    }
    return {
        "StartAt": "Both",
        "States": {
            "Both": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "Delay", "States": delay}, {"StartAt": "Watch", "States": watch}],
                "Catch": [{"ErrorEquals": ["Over", "Answered"], "Next": "Decided"}],
                "End": True,
            },
            "Decided": {"Type": "Pass", "End": True},
        },
    }


def role(settings: Settings, name: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:{REGION}:*:{name}"}
    iam = client(settings, "iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="send", PolicyDocument=policy(allow))
    return str(made)


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def client(settings: Settings, service: str) -> Any:  # noqa: ANN401  a client of any service
    return root_client(service, settings.endpoint_url)
