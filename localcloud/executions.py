"""A deployment's executions, state by state: what the AWS console shows of them, for the local cloud."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from deployed.rest import Rest
from localcloud.errors import LocalCloudError
from localcloud.stack import Stack

MAX_CAUSE: Final = 300
"""Characters that are shown of why an execution failed."""


@dataclass(frozen=True)
class Step:
    """One stay in a state; ``left`` is None while it lasts, and in an execution that ended there."""

    state: str
    entered: datetime
    left: datetime | None


@dataclass(frozen=True)
class Execution:
    """One execution; ``steps`` are in the order in which they were entered, ``comments`` those of the definition."""

    name: str
    machine: str
    status: str
    started: datetime
    cause: str
    steps: list[Step]
    comments: Mapping[str, str]


def newest_deployment(stack: Stack) -> str:
    """Return the id of the deployment that was created last.

    Raises:
        LocalCloudError: there is none.
    """
    rest = Rest(stack, "edgeflow/read")
    try:
        found = rest.call("GET", "/deployments?limit=1")["deployments"]
    finally:
        rest.close()
    if not found:
        message = "There is no deployment yet."
        raise LocalCloudError(message)
    return str(found[0]["id"])


def executions_of(stack: Stack, deployment_id: str) -> list[Execution]:
    """Return a deployment's executions, in the order in which they started: its own, its waves', its rollback's.

    Raises:
        LocalCloudError: it has none.
    """
    client = stack.client("stepfunctions")
    machines = client.get_paginator("list_state_machines").paginate()
    found = [
        _read(client, machine["name"], execution)
        for page in machines
        for machine in page["stateMachines"]
        for execution in _named_after(client, machine["stateMachineArn"], deployment_id)
    ]
    if not found:
        message = f"There is no execution of {deployment_id}. Was it started? See GET $API/deployments/{deployment_id}"
        raise LocalCloudError(message)
    return sorted(found, key=lambda execution: execution.started)


def steps(events: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Read the stays in states out of an execution's events, which are in order.

    A state that is entered several times at once (in a map or a parallel) is left first by who came first. What a
    parallel has begun is over when it is left itself: no event tells of the end of a Fail, nor of a branch that another
    one has ended.
    """
    found: list[Step] = []
    for event in events:
        if "stateEnteredEventDetails" in event:
            found.append(Step(event["stateEnteredEventDetails"]["name"], event["timestamp"], None))
        elif "stateExitedEventDetails" in event:
            name = event["stateExitedEventDetails"]["name"]
            place = next((i for i, step in enumerate(found) if (step.state, step.left) == (name, None)), None)
            if place is None:
                continue
            inner = range(place + 1, len(found)) if event["type"] == "ParallelStateExited" else ()
            for over in (place, *inner):
                if found[over].left is None:
                    found[over] = Step(found[over].state, found[over].entered, event["timestamp"])
    return found


def lines(execution: Execution) -> Iterator[str]:
    """Yield an execution as text: a heading, then a line for each step."""
    yield f"{execution.name} ({execution.machine}): {execution.status}"
    width = max((len(step.state) for step in execution.steps), default=0)
    for step in execution.steps:
        stay = f"{(step.left - step.entered).total_seconds():7.1f} s" if step.left else "      now"
        if step.left is None and execution.status != "RUNNING":
            stay = "    ended"
        said = execution.comments.get(step.state, "")
        yield f"  {step.entered:%H:%M:%S} {stay}  {step.state:<{width}}  {said}".rstrip()
    if execution.cause:
        yield f"  {execution.cause[:MAX_CAUSE]}"


def comments(definition: Mapping[str, Any]) -> dict[str, str]:
    """Return what a state machine's definition says of each of its states, those in maps and parallels too."""
    found: dict[str, str] = {}
    for name, state in definition["States"].items():
        found[name] = state.get("Comment", "")
        for inner in (state.get("Iterator"), state.get("ItemProcessor"), *state.get("Branches", [])):
            found |= comments(inner) if inner else {}
    return found


def _named_after(client: Any, machine: str, deployment_id: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    for page in client.get_paginator("list_executions").paginate(stateMachineArn=machine):
        for execution in page["executions"]:
            if execution["name"] == deployment_id or execution["name"].startswith(f"{deployment_id}-"):
                yield execution


def _read(client: Any, machine: str, listed: Mapping[str, Any]) -> Execution:  # noqa: ANN401  a client of Step Functions
    arn = listed["executionArn"]
    told = client.describe_execution(executionArn=arn)
    definition = client.describe_state_machine_for_execution(executionArn=arn)["definition"]
    pages = client.get_paginator("get_execution_history").paginate(executionArn=arn)
    return Execution(
        name=listed["name"],
        machine=machine,
        status=listed["status"],
        started=listed["startDate"],
        cause=": ".join(filter(None, (told.get("error"), told.get("cause")))),
        steps=steps(event for page in pages for event in page["events"]),
        comments=comments(json.loads(definition)),
    )
