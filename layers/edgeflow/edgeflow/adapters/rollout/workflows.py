"""Step Functions: starting and stopping executions, and answering the states that wait."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from edgeflow.adapters.aws_errors import error_code, unavailable
from edgeflow.contract.wording import counted
from edgeflow.domain.clock import timestamp
from edgeflow.domain.errors import Damaged
from edgeflow.use_cases.rollout.ports import ExecutionState

if TYPE_CHECKING:
    from types_boto3_stepfunctions.client import SFNClient

MAX_CAUSE_LENGTH: Final = 32_768  # Step Functions: StopExecution cause
MAX_TOKEN_LENGTH: Final = 2_048  # Step Functions: SendTaskSuccess taskToken

_SERVICE: Final = "Step Functions"
_STOPPED_BY_US: Final = "EdgeFlow.Stopped"
_NOBODY_WAITS: Final = frozenset({"TaskTimedOut", "TaskDoesNotExist"})
_NO_TOKEN: Final = frozenset({"InvalidToken", "ValidationException"})
_ENDED_OR_UNKNOWN: Final = frozenset({"ExecutionDoesNotExist", "ValidationException"})


class StepFunctions:
    """Executions of the stack's state machines; implements ``Workflows``."""

    def __init__(self, client: "SFNClient", *, state_machine_arn_prefix: str) -> None:
        """Use the machines of this prefix, such as ``arn:aws:states:REGION:ACCOUNT:stateMachine:edgeflow-``."""
        self._client = client
        self._prefix = state_machine_arn_prefix

    def start(self, machine: str, name: str, payload: Mapping[str, object]) -> str:
        """Start an execution of this name, or find it started; returns its ARN.

        Names are ours alone, so one that is taken means that an earlier try went through.

        Raises:
            Unavailable: Step Functions throttles.
        """
        try:
            with unavailable(_SERVICE):
                answer = self._client.start_execution(
                    stateMachineArn=f"{self._prefix}{machine}", name=name, input=json.dumps(payload)
                )
        except ClientError as error:
            if error_code(error) == "ExecutionAlreadyExists":
                return self.execution_arn(machine, name)
            raise
        return answer["executionArn"]

    def execution_arn(self, machine: str, name: str) -> str:
        """Return the ARN an execution of this name has."""
        return f"{self._prefix.replace(':stateMachine:', ':execution:', 1)}{machine}:{name}"

    def state(self, execution_arn: str) -> ExecutionState | None:
        """Return where an execution stands; None when there is no such execution.

        Raises:
            Unavailable: Step Functions throttles.
        """
        try:
            with unavailable(_SERVICE):
                answer = self._client.describe_execution(executionArn=execution_arn)
        except ClientError as error:
            if error_code(error) == "ExecutionDoesNotExist":
                return None
            raise
        ended = answer.get("stopDate")
        return ExecutionState(status=answer["status"], ended_at=timestamp(ended) if ended is not None else None)

    def stop(self, execution_arn: str, reason: str) -> None:
        """Stop an execution; one that has ended, or never was, is left alone.

        Raises:
            Unavailable: Step Functions throttles.
        """
        try:
            with unavailable(_SERVICE):
                self._client.stop_execution(
                    executionArn=execution_arn, error=_STOPPED_BY_US, cause=reason[:MAX_CAUSE_LENGTH]
                )
        except ClientError as error:
            # ValidationException: it is not running any more; the request itself is ours, and well formed.
            if error_code(error) not in _ENDED_OR_UNKNOWN:
                raise

    def answer(self, task_token: str, output: Mapping[str, object]) -> bool:
        """Answer a waiting state. False: nobody waits for this token any more.

        Raises:
            Damaged: Step Functions cannot read the token; it is none of those that it gave us.
            Unavailable: Step Functions throttles.
        """
        if not 1 <= len(task_token) <= MAX_TOKEN_LENGTH:
            fault = counted(len(task_token), "character")
            raise _damaged(fault)
        try:
            with unavailable(_SERVICE):
                self._client.send_task_success(taskToken=task_token, output=json.dumps(output))
        except ClientError as error:
            if error_code(error) in _NOBODY_WAITS:
                return False
            if error_code(error) in _NO_TOKEN:
                # Without what Step Functions says: it repeats a token that has a wrong form.
                raise _damaged(error_code(error)) from None
            raise
        return True


def _damaged(fault: str) -> Damaged:
    message = (
        f"the task token that is kept of the deployment's execution cannot be read by Step Functions ({fault}); "
        "cancel the deployment or roll it back, which needs no token"
    )
    return Damaged(message)
