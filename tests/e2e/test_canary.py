"""Canary, for real: a few devices first, a watched wait, then the rest; and devices that fall ill while others wait."""

import time

from localcloud.fleet import Fleet
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
    assert [story.count(name) for name in ("DeployWave", "WatchCanaries", "GoOnWithTheRest")] == [2, 1, 1]
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
