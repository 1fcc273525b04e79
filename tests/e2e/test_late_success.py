"""A device that was given up and succeeds all the same: it was reached, so it is told, and returned if need be."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from edgeflow.domain.clock import milliseconds, utc_now
from localcloud.stack import Stack
from tests.support.rollouts import GOOD, LATE, SLOW, Operator, eventually, runs

NEXT = GOOD | {"variables": [{"name": "colour", "type": "string", "value": "green"}]}


Begin = Callable[[str], tuple[Fleet, str]]


@pytest.fixture
def begin(stack: Stack, tmp_path: Path) -> Iterator[Begin]:
    """Runs a device whose name begins as asked, and so tells how late AWS IoT is with it."""
    fleet = Fleet(stack, tmp_path)

    def begun(prefix: str) -> tuple[Fleet, str]:
        name = f"{prefix}{uuid4().hex[:8]}"
        fleet.register([name])
        fleet.start([name])
        return fleet, name

    yield begun
    fleet.stop()


@pytest.fixture
def late(begin: Begin) -> tuple[Fleet, str]:
    """A device of which AWS IoT is slow to end what is cancelled."""
    return begin(LATE)


def waits_for(operator: Operator, flow_id: str, one: str, name: str) -> str:
    """Deploy the next version while a device is away, until nothing but it is waited for."""
    deployment_id = operator.create(flow_id, [one, name], strategy="all_at_once")
    operator.start(deployment_id)
    eventually(
        lambda: operator.statuses(deployment_id) == {one: "success", name: "deploying"}, seconds=40, what="one is away"
    )
    return deployment_id


def with_version_1(operator: Operator, devices: list[str]) -> str:
    flow_id = operator.flow(GOOD)
    assert operator.deploy(flow_id, devices, strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, NEXT)
    return flow_id


def execution(stack: Stack, deployment_id: str, device: str) -> dict[str, Any]:
    job_id = f"{deployment_id}-w00001-0000"
    found: dict[str, Any] = stack.client("iot").describe_job_execution(jobId=job_id, thingName=device)["execution"]
    return found


def test_a_device_that_takes_a_withdrawn_version_up_while_its_job_is_being_cancelled_is_returned(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str], late: tuple[Fleet, str]
) -> None:
    its_fleet, name = late
    flow_id = with_version_1(operator, [devices[1], name])
    its_fleet.stop([name])
    deployment_id = waits_for(operator, flow_id, devices[1], name)
    operator.rollback(deployment_id)
    assert execution(stack, deployment_id, name)["status"] == "QUEUED", "AWS IoT has not ended it"
    its_fleet.start([name])
    assert operator.ended(deployment_id)["status"] == "rolled_back"
    assert execution(stack, deployment_id, name)["status"] == "SUCCEEDED", "it took the withdrawn version up"
    assert operator.targets(deployment_id)[name]["status"] == "rolled_back"
    assert runs(its_fleet, flow_id, [name], 1)
    assert runs(fleet, flow_id, [devices[1]], 1)


def test_a_device_that_succeeds_when_the_rollback_is_over_is_returned_by_another_attempt(
    stack: Stack, operator: Operator, devices: list[str], late: tuple[Fleet, str]
) -> None:
    its_fleet, name = late
    flow_id = with_version_1(operator, [devices[1], name])
    its_fleet.stop([name])
    deployment_id = waits_for(operator, flow_id, devices[1], name)
    operator.rollback(deployment_id)
    assert operator.ended(deployment_id)["status"] == "rolled_back"
    target = operator.targets(deployment_id)[name]
    assert (target["status"], target["reason"], target["reached_late"]) == ("skipped", "cancelled", False)
    # As if AWS IoT had taken longer still: what the device would have reported, before it tells of its return.
    report = {
        "kind": "job_execution",
        "jobId": f"{deployment_id}-w00001-0000",
        "thingArn": f"arn:aws:iot:{stack.region}:{stack.account_id}:thing/{name}",
        "status": "SUCCEEDED",
        "timestamp": milliseconds(utc_now()) // 1_000 - 5,
        "statusDetails": {},
    }
    stack.client("sqs").send_message(QueueUrl=stack.outputs["ReportsQueueUrl"], MessageBody=json.dumps(report))
    eventually(
        lambda: operator.read(deployment_id)["status"] == "rolling_back", seconds=30, what="it is being returned"
    )
    its_fleet.start([name])
    ended = operator.ended(deployment_id)
    assert (ended["status"], ended["rollbacks"]) == ("rolled_back", 2)
    target = operator.targets(deployment_id)[name]
    assert (target["status"], target["reached_late"]) == ("rolled_back", True)
    told = [event.type for event in operator.events(deployment_id)]
    assert told.count("reached_late") == 1
    assert told.index("reached_late") < len(told) - told[::-1].index("rollback_started") - 1
    assert runs(its_fleet, flow_id, [name], 1)


def test_a_device_whose_job_is_made_after_its_rollout_was_stopped_is_returned(
    stack: Stack, operator: Operator, begin: Begin
) -> None:
    its_fleet, name = begin(SLOW)
    flow_id = with_version_1(operator, [name])
    its_fleet.stop([name])
    deployment_id = operator.create(flow_id, [name], strategy="all_at_once")
    operator.start(deployment_id)
    # AWS IoT refuses the job at first; who is quick comes before it.
    eventually(lambda: operator.statuses(deployment_id) == {name: "deploying"}, seconds=40, what="it is deploying")
    operator.rollback(deployment_id)

    def its_job_is_there() -> bool:
        with suppress(stack.client("iot").exceptions.ResourceNotFoundException):
            return bool(execution(stack, deployment_id, name)["status"] == "QUEUED")
        return False

    eventually(its_job_is_there, seconds=40, what="the job is made")
    its_fleet.start([name])
    eventually(
        lambda: execution(stack, deployment_id, name)["status"] == "SUCCEEDED",
        seconds=40,
        what="it took the withdrawn version up",
    )
    eventually(
        lambda: operator.targets(deployment_id)[name]["status"] == "rolled_back", seconds=60, what="it is returned"
    )
    assert operator.ended(deployment_id)["status"] == "rolled_back"
    assert runs(its_fleet, flow_id, [name], 1)
