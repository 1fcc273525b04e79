"""Stops running executions: AWS Step Functions deletes no state machine before its last execution has ended."""

from collections.abc import Callable
from typing import Final

from botocore.exceptions import ClientError

from operations.clients import Clients, code_of
from operations.errors import NotFinished
from operations.stack import Stack
from operations.waiting import Clock, rounds

_CAUSE: Final = "The stack is torn down"
_EVERY_SECONDS: Final = 3
_AT_MOST_SECONDS: Final = 120


def running(clients: Clients, stack: Stack) -> list[str]:
    """Return the ARNs of all executions of the stack's state machines that run."""
    pages = clients("stepfunctions").get_paginator("list_executions")
    found = []
    for machine in stack.of_kind("AWS::StepFunctions::StateMachine"):
        try:
            for page in pages.paginate(stateMachineArn=machine.physical_id, statusFilter="RUNNING"):
                found += [each["executionArn"] for each in page["executions"]]
        except ClientError as error:
            if code_of(error) != "StateMachineDoesNotExist":
                raise
    return found


def stop(clients: Clients, stack: Stack, clock: Clock, say: Callable[[str], None]) -> None:
    """Stop what runs, and what that starts in its turn (a rollback), until nothing does.

    Raises:
        NotFinished: executions still ran after two minutes.
    """
    client = clients("stepfunctions")
    for _ in rounds(clock, every=_EVERY_SECONDS, at_most=_AT_MOST_SECONDS):
        arns = running(clients, stack)
        if not arns:
            return
        say(f"Stopping {len(arns)} running executions")
        for arn in arns:
            try:
                client.stop_execution(executionArn=arn, cause=_CAUSE)
            except ClientError as error:
                if code_of(error) != "ExecutionDoesNotExist":
                    raise
    message = f"Executions of {stack.name} go on being started. See who starts them, then run this again."
    raise NotFinished(message)
