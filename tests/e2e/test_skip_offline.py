"""Devices that are switched off while others are deployed to, and are reached when they are back."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from deployed.rest import ProblemError
from localcloud.stack import Stack
from tests.support.rollouts import Operator, eventually, runs

CONFLICT = 409


@pytest.fixture
def coming_and_going(stack: Stack, operator: Operator, tmp_path: Path) -> Iterator[tuple[Fleet, str]]:
    """A device that has been connected, and was stopped; the test starts it."""
    fleet = Fleet(stack, tmp_path)
    name = f"coming_{uuid4().hex[:8]}"
    fleet.register([name])
    fleet.start([name])
    operator.until_connected([name])
    fleet.stop([name])
    operator.until_connected([name], connected=False)
    yield fleet, name
    fleet.stop()


def test_a_canary_that_is_switched_off_holds_nobody_back_and_is_reached_by_retry(
    operator: Operator, fleet: Fleet, devices: list[str], coming_and_going: tuple[Fleet, str]
) -> None:
    its_fleet, name = coming_and_going
    few = [name, *devices[1:5]]
    operator.until_connected(devices[1:5])
    flow_id = operator.flow()
    config = {"canary_percentage": 40, "canary_delay": "2s", "timeout": "10m", "offline": "skip"}
    ended = operator.deploy(flow_id, few, strategy="canary", **config)
    assert ended["status"] == "failed"
    assert f"1 of 5 targets was skipped as offline: {name}" in ended["status_reason"]
    assert ended["config"]["offline"] == "skip"
    target = operator.targets(ended["id"])[name]
    assert (target["status"], target["reason"], target["wave"]) == ("skipped", "offline", 1)
    assert {operator.statuses(ended["id"])[device] for device in devices[1:5]} == {"success"}
    assert runs(fleet, flow_id, devices[1:5], 1)
    its_fleet.start([name])
    operator.until_connected([name])
    assert runs(its_fleet, flow_id, [name], None), "a device that comes back runs nothing stale"
    retry = operator.retry(ended["id"], only=["offline"])
    assert (retry["total_targets"], retry["config"]["offline"]) == (1, "skip")
    again = operator.ended(retry["id"])
    assert again["status"] == "completed", again["status_reason"]
    assert runs(its_fleet, flow_id, [name], 1)


def test_without_any_canary_the_rest_waits_until_one_is_back(
    operator: Operator, fleet: Fleet, devices: list[str], coming_and_going: tuple[Fleet, str]
) -> None:
    its_fleet, name = coming_and_going
    operator.until_connected(devices[1:4])
    flow_id = operator.flow()
    config = {"canary_percentage": 25, "canary_delay": "0s", "offline": "skip"}
    deployment_id = operator.create(flow_id, [name, *devices[1:4]], strategy="canary", **config)
    operator.start(deployment_id)
    paused = operator.until(deployment_id, {"paused"})
    assert paused["status_reason"].startswith(f"the one canary is not connected ({name})")
    assert set(operator.statuses(deployment_id).values()) == {"pending"}
    its_fleet.start([name])
    operator.until_connected([name])
    operator.resume(deployment_id)
    ended = operator.ended(deployment_id)
    assert ended["status"] == "completed", ended["status_reason"]
    assert runs(its_fleet, flow_id, [name], 1)
    assert runs(fleet, flow_id, devices[1:4], 1)


def test_whoever_is_asleep_is_reached_when_its_turn_comes_later(
    operator: Operator, devices: list[str], coming_and_going: tuple[Fleet, str]
) -> None:
    its_fleet, name = coming_and_going
    operator.until_connected(devices[1:3])
    flow_id = operator.flow()
    few = [*devices[1:3], name]
    deployment_id = operator.create(flow_id, few, batch_size=2, batch_delay="10m", offline="skip")
    operator.start(deployment_id)
    eventually(
        lambda: {operator.statuses(deployment_id)[device] for device in devices[1:3]} == {"success"},
        seconds=40,
        what="the first batch is through",
    )
    its_fleet.start([name])
    operator.until_connected([name])
    eventually(lambda: _is_promoted(operator, deployment_id), seconds=30, what="the wait has begun, and was ended")
    ended = operator.ended(deployment_id)
    assert ended["status"] == "completed", "the look is at the beginning of each wave, not of the deployment"
    assert runs(its_fleet, flow_id, [name], 1)


def _is_promoted(operator: Operator, deployment_id: str) -> bool:
    try:
        operator.promote(deployment_id)
    except ProblemError as refused:
        if refused.status != CONFLICT:
            raise
        return False
    return True
