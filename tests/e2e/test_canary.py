"""Canary, for real: a few devices first, a watched wait, then the rest; and devices that fall ill while others wait."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.rollouts import FALLS_ILL, GOOD, Operator, eventually, runs, states_entered


def test_the_rest_follows_the_canaries(stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]) -> None:
    flow_id = operator.flow()
    ended = operator.deploy(
        flow_id, devices[:4], strategy="canary", canary_percentage=25, canary_delay="2s", timeout="60s"
    )
    assert ended["status"] == "completed", ended["status_reason"]
    waves = {device: target["wave"] for device, target in operator.targets(ended["id"]).items()}
    assert waves == {devices[0]: 1, devices[1]: 2, devices[2]: 2, devices[3]: 2}
    story = states_entered(stack, ended["execution"]["arn"])
    assert [story.count(name) for name in ("DeployCanaries", "WaitCanaryDelay", "DelayOver", "DeployRest")] == [1] * 4
    assert runs(fleet, flow_id, devices[:4], 1)


def test_a_canary_that_falls_ill_in_the_wait_returns_everything_within_seconds(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow(GOOD)
    few = devices[1:5]
    assert operator.deploy(flow_id, few, strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, FALLS_ILL)
    deployment_id = operator.create(flow_id, few, strategy="canary", canary_percentage=25, canary_delay="10m")
    operator.start(deployment_id)
    eventually(
        lambda: operator.statuses(deployment_id)[few[0]] == "success", seconds=30, what="the canary has succeeded"
    )
    succeeded = time.monotonic()
    ended = operator.ended(deployment_id, seconds=40)
    reacted_in = time.monotonic() - succeeded
    assert ended["status"] == "rolled_back", ended["status_reason"]
    assert reacted_in < 30, f"the delay is ten minutes, the reaction took {reacted_in:.0f} s"
    targets = operator.targets(deployment_id)
    assert (targets[few[0]]["status"], targets[few[0]]["reason"]) == ("rolled_back", "unhealthy")
    assert {targets[device]["status"] for device in few[1:]} == {"skipped"}
    assert runs(fleet, flow_id, few, 1)


@pytest.fixture
def forgetful(stack: Stack, tmp_path: Path) -> Iterator[Fleet]:
    """A fleet of one device, whose numbers go on from those that a clock ahead by an hour had left on its disk."""
    fleet = Fleet(stack, tmp_path)
    name = f"forgetful_{uuid4().hex[:8]}"
    fleet.register([name])
    _data(fleet, name).mkdir(parents=True)
    (_data(fleet, name) / "sequence").write_text(str(int((time.time() + 3_600) * 1_000)))
    fleet.start([name])
    yield fleet
    fleet.stop()


def _data(fleet: Fleet, device: str) -> Path:
    return fleet.config(device).data_directory


def test_a_canary_that_had_a_clock_ahead_and_lost_its_data_folder_is_heard_when_it_falls_ill(
    operator: Operator, fleet: Fleet, forgetful: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow(GOOD)
    (canary,) = forgetful.running(flow_id)
    few = [canary, *devices[1:4]]
    assert operator.deploy(flow_id, few, strategy="all_at_once")["status"] == "completed"
    forgetful.stop([canary])
    shutil.rmtree(_data(forgetful, canary))
    forgetful.start([canary])
    operator.next_version(flow_id, FALLS_ILL)
    deployment_id = operator.create(flow_id, few, strategy="canary", canary_percentage=25, canary_delay="10m")
    operator.start(deployment_id)
    ended = operator.ended(deployment_id, seconds=50)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    targets = operator.targets(deployment_id)
    assert (targets[canary]["status"], targets[canary]["reason"]) == ("rolled_back", "unhealthy")
    assert {targets[device]["status"] for device in few[1:]} == {"skipped"}
    assert runs(forgetful, flow_id, [canary], 1)
    assert runs(fleet, flow_id, few[1:], 1)


def test_a_device_that_falls_ill_in_a_batch_delay_ends_the_delay(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow(GOOD)
    few = devices[1:5]
    operator.deploy(flow_id, few, strategy="all_at_once")
    operator.next_version(flow_id, FALLS_ILL)
    deployment_id = operator.create(flow_id, few, batch_size=2, batch_delay="10m")
    operator.start(deployment_id)
    ended = operator.ended(deployment_id, seconds=50)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    assert {operator.statuses(deployment_id)[device] for device in few[2:]} == {"skipped"}
    assert runs(fleet, flow_id, few, 1)
