"""The kinds of tasks: a function that is called, a message whose answer is waited for, an execution that is started.

Each has a deadline, what is tried again, and where its errors go.
"""

from typing import Any, Final

from statemachines import retries
from statemachines.asl import State
from statemachines.retries import Retry

A_CALL: Final = 60
"""Seconds for one call of an AWS service."""
A_FUNCTION: Final = 930
"""Seconds for a function: the 900 that AWS Lambda gives at the longest, and the way there."""
CLOSING: Final = 3_600
"""Seconds in which a wave is closed, by messages that may come again."""
A_YEAR: Final = 31_536_000
"""Seconds for which a person may leave a deployment paused."""
A_MACHINE: Final = A_YEAR + 5 * 86_400
"""Seconds for another machine, which has deadlines itself."""

CONTROL: Final = frozenset({"await_resume", "watch_waves"})
"""Commands that are carried out in a moment; in their own queue no backlog of waves is before them."""

STARTED_BY: Final = {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"}
BROKEN: Final = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "ConcludeBroken"}
"""Whatever nothing else catches: the machine says so, and raises the alarm."""


def invoke(
    comment: str,
    function: str,
    payload: dict[str, Any],
    *,
    answer: list[str],
    to: str,
    retry: Retry,
    then: str,
    broken: str = "ConcludeBroken",
) -> State:
    """Return a call of a function, of whose answer these members are kept at the path ``to``."""
    return {
        "Type": "Task",
        "Comment": comment,
        "Resource": "arn:aws:states:::lambda:invoke",
        "TimeoutSeconds": A_FUNCTION,
        "Parameters": {
            "FunctionName": f"${{{function}Arn}}",
            "Payload": {"deployment_id.$": "$.deployment_id", **payload},
        },
        "ResultSelector": {f"{name}.$": f"$.Payload.{name}" for name in answer},
        "ResultPath": to,
        "Retry": retry,
        "Catch": [{**BROKEN, "Next": broken}],
        "Next": then,
    }


def conclude_rollout(comment: str, payload: dict[str, Any], *, then: str, broken: str = "ConcludeBroken") -> State:
    """Return the call that writes how a deployment has ended."""
    return invoke(
        comment,
        "ConcludeRolloutFunction",
        payload,
        answer=["status"],
        to="$.concluded",
        retry=retries.CONCLUDING,
        then=then,
        broken=broken,
    )


def conclude_rollback(comment: str, payload: dict[str, Any], *, then: str, broken: str = "ConcludeBroken") -> State:
    """Return the call that writes how one attempt to roll a deployment back has ended."""
    return invoke(
        comment,
        "ConcludeRollbackFunction",
        {"attempt.$": "$.attempt", **payload},
        answer=["status"],
        to="$.concluded",
        retry=retries.CONCLUDING_RETURN,
        then=then,
        broken=broken,
    )


def ask(
    comment: str,
    command: str,
    payload: dict[str, Any],
    *,
    timeout: int | str,
    to: str,
    then: str,
    catch: list[dict[str, Any]] | None = None,
) -> State:
    """Return a message to the dispatch function whose token somebody answers; ``timeout``: seconds, or their path."""
    deadline = {"TimeoutSecondsPath": timeout} if isinstance(timeout, str) else {"TimeoutSeconds": timeout}
    return {
        "Type": "Task",
        "Comment": comment,
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {
            "QueueUrl": f"${{{'Control' if command in CONTROL else 'Dispatch'}QueueUrl}}",
            "MessageBody": {
                "command": command,
                **payload,
                "deployment_id.$": "$.deployment_id",
                "task_token.$": "$$.Task.Token",
            },
        },
        **deadline,
        "ResultPath": to,
        "Retry": retries.SENDING,
        **({"Catch": catch} if catch else {}),
        "Next": then,
    }


def run(
    comment: str, machine: str, name: str, given: dict[str, Any], *, answer: dict[str, Any], to: str, then: str
) -> State:
    """Return an execution of another machine, under this name, that is waited for."""
    return {
        "Type": "Task",
        "Comment": comment,
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "TimeoutSeconds": A_MACHINE,
        "Parameters": {
            "StateMachineArn": f"${{{machine}StateMachineArn}}",
            "Name.$": name,
            "Input": {"deployment_id.$": "$.deployment_id", **given, **STARTED_BY},
        },
        "ResultSelector": answer,
        "ResultPath": to,
        "Retry": retries.STARTING,
        "Catch": [BROKEN],
        "Next": then,
    }
