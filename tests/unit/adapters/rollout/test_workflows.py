"""Executions of state machines: started once, stopped when there is something to stop, answered while they wait."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from edgeflow.adapters.rollout.workflows import StepFunctions
from edgeflow.domain.errors import Damaged, Unavailable
from edgeflow.use_cases.rollout.ports import ExecutionState
from tests.support.aws import REGION
from tests.unit.adapters.builders import DEP

if TYPE_CHECKING:
    from types_boto3_stepfunctions.client import SFNClient

ACCOUNT = "123456789012"
PREFIX = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:edgeflow-"
ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:edgeflow-rolling:{DEP}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/states"


@pytest.fixture
def client(aws: None) -> "SFNClient":
    """A client of Step Functions in moto."""
    return boto3.client("stepfunctions")


@pytest.fixture
def workflows(client: "SFNClient") -> StepFunctions:
    """The adapter under test."""
    return StepFunctions(client, state_machine_arn_prefix=PREFIX)


@pytest.fixture
def stub(client: "SFNClient") -> Iterator[Stubber]:
    """AWS's answers, in the order a test gives them; all of them are asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_starting_twice_makes_one_execution(workflows: StepFunctions, client: "SFNClient") -> None:
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    machine = client.create_state_machine(name="edgeflow-rolling", definition=definition, roleArn=ROLE)
    payload = {"deployment_id": DEP}
    assert workflows.start("rolling", DEP, payload) == ARN
    assert workflows.start("rolling", DEP, {"deployment_id": DEP, "said": "otherwise"}) == ARN
    assert workflows.execution_arn("rolling", DEP) == ARN
    executions = client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    assert [execution["executionArn"] for execution in executions] == [ARN]
    assert json.loads(client.describe_execution(executionArn=ARN)["input"]) == payload


def test_a_machine_that_does_not_exist_is_a_fault_of_the_template(workflows: StepFunctions) -> None:
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        workflows.start("rolling", DEP, {})


def test_stopping_says_why(workflows: StepFunctions, stub: Stubber) -> None:
    stub.add_response(
        "stop_execution",
        {"stopDate": 1_771_675_200},
        {"executionArn": ARN, "error": "EdgeFlow.Stopped", "cause": "rollback asked for by an operator"},
    )
    workflows.stop(ARN, "rollback asked for by an operator")


@pytest.mark.parametrize("code", ["ExecutionDoesNotExist", "ValidationException"])
def test_an_execution_that_has_ended_or_never_was_is_left_alone(
    workflows: StepFunctions, stub: Stubber, code: str
) -> None:
    stub.add_client_error("stop_execution", code)
    workflows.stop(ARN, "rollback")


def test_answering_gives_the_output(workflows: StepFunctions, stub: Stubber) -> None:
    stub.add_response("send_task_success", {}, {"taskToken": "token", "output": '{"resumed": true}'})
    assert workflows.answer("token", {"resumed": True}) is True


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist"])
def test_a_spent_token_is_nobodys(workflows: StepFunctions, stub: Stubber, code: str) -> None:
    stub.add_client_error("send_task_success", code)
    assert workflows.answer("token", {}) is False


@pytest.mark.parametrize("code", ["InvalidToken", "ValidationException"])
def test_a_token_that_cannot_be_read_is_a_fault_of_ours_and_is_not_told(
    workflows: StepFunctions, stub: Stubber, code: str
) -> None:
    stub.add_client_error("send_task_success", code, "Value 'secret' at 'taskToken' failed to satisfy constraint")
    with pytest.raises(Damaged, match=rf"\({code}\); cancel the deployment or roll it back") as refused:
        workflows.answer("secret", {})
    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("length", [0, 2_049])
def test_what_is_too_short_or_too_long_for_a_token_is_not_sent(workflows: StepFunctions, length: int) -> None:
    with pytest.raises(Damaged, match=rf"\({length} characters\)"):
        workflows.answer("t" * length, {})


@pytest.mark.parametrize("code", ["ThrottlingException", "ExecutionLimitExceeded", "KmsThrottlingException"])
def test_throttling_means_try_again(workflows: StepFunctions, stub: Stubber, code: str) -> None:
    for call in ("start_execution", "stop_execution", "send_task_success"):
        stub.add_client_error(call, code)
    with pytest.raises(Unavailable):
        workflows.start("rolling", DEP, {})
    with pytest.raises(Unavailable):
        workflows.stop(ARN, "rollback")
    with pytest.raises(Unavailable):
        workflows.answer("token", {})


def test_the_state_of_an_execution_that_runs_has_ended_or_never_was(
    workflows: StepFunctions, client: "SFNClient"
) -> None:
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}})
    client.create_state_machine(name="edgeflow-rolling", definition=definition, roleArn=ROLE)
    assert workflows.state(ARN) is None
    workflows.start("rolling", DEP, {})
    assert workflows.state(ARN) == ExecutionState(status="RUNNING")
    workflows.stop(ARN, "because")
    stopped = workflows.state(ARN)
    assert stopped is not None
    assert stopped.status == "ABORTED"
    assert stopped.ended_at is not None
