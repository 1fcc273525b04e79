"""Rollouts on the local cloud: what all that use a stack have, and what tests look for behind it."""

from typing import Any, Final

from deployed.flows import FALLS_ILL, GOOD, NEEDS_DHT11, OTHER_SENSOR
from deployed.operator import ENDED, Operator, runs
from deployed.waiting import eventually
from localcloud.stack import Stack

__all__ = [
    "ENDED",
    "FALLS_ILL",
    "GOOD",
    "LATE",
    "NEEDS_DHT11",
    "OTHER_SENSOR",
    "SLOW",
    "Operator",
    "began",
    "eventually",
    "jobs_of",
    "reconcile",
    "runs",
    "states_entered",
    "wave_execution",
]

LATE: Final = "late_"
"""What is cancelled of devices whose names begin so ends 20 s later in the tests' local cloud."""
SLOW: Final = f"{LATE}slow_"
"""Of these AWS IoT detaches certificates later, lists what was, and refuses each of their jobs twice."""


def jobs_of(stack: Stack, deployment_id: str, device: str) -> list[str]:
    """Return the ids of the deployment's jobs that a device was ever given."""
    pages = stack.client("iot").get_paginator("list_job_executions_for_thing").paginate(thingName=device)
    job_ids: list[str] = [summary["jobId"] for page in pages for summary in page["executionSummaries"]]
    return [job_id for job_id in job_ids if job_id.startswith(deployment_id)]


def states_entered(stack: Stack, arn: str) -> list[str]:
    """Return the names of the states that an execution went through, in order."""
    pages = stack.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    events: list[dict[str, Any]] = [event for page in pages for event in page["events"]]
    return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]


def reconcile(stack: Stack) -> dict[str, Any]:
    """Let the safety net do a round, as its schedule would."""
    return stack.reconcile()


def began(stack: Stack, arn: str) -> bool:
    """Tell whether there is such an execution."""
    states = stack.client("stepfunctions")
    try:
        states.describe_execution(executionArn=arn)
    except states.exceptions.ExecutionDoesNotExist:
        return False
    return True


def wave_execution(arn: str, wave: int) -> str:
    """Return the ARN of the execution that the one of a strategy starts for a wave."""
    machine, _, name = arn.rpartition(":")
    stack = machine.rpartition(":")[2].partition("-")[0]
    return f"{machine.rpartition(':')[0]}:{stack}-deploy-wave:{name}-wave-{wave}"
