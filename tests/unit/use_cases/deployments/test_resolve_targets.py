"""Thing groups as targets: resolved when the deployment starts, frozen, and refused when they come to no sane list."""

from dataclasses import replace

import pytest

from edgeflow.contract.history.deployments import TargetsResolved
from edgeflow.contract.rest.settings import MAX_TARGET_DEVICES
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.domain.strategies import MAX_WAVES
from edgeflow.use_cases.deployments.ports import Manifest
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from tests.unit.use_cases.cloud import DEPLOYMENT, ME, Cloud, deploy_wave, running_world
from tests.unit.use_cases.memory import Died

EXECUTION = f"rolling:{DEPLOYMENT}"


def pending(*devices: str, batch_size: int = 10, **groups: list[str]) -> Cloud:
    """A deployment that waits to be started, to these devices and groups; all devices are registered."""
    world = running_world(0, batch_size=batch_size, status=DeploymentStatus.PENDING)
    del world.manifests[DEPLOYMENT]
    world.groups = dict(groups)
    world.asked[DEPLOYMENT] = Manifest(devices=devices, groups=tuple(groups))
    world.deployments[DEPLOYMENT] = replace(world.deployments[DEPLOYMENT], target_groups=tuple(groups))
    world.registered = {*devices, *(member for members in groups.values() for member in members)}
    return Cloud(world)


def refusal(cloud: Cloud) -> str:
    """Start it, which is refused; nothing may be left of that. Returns the sentence."""
    with pytest.raises(Conflict) as refused:
        cloud.start(DEPLOYMENT, by=ME)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.PENDING
    assert cloud.world.manifests == {}
    assert cloud.world.executions == {}
    return str(refused.value)


def test_devices_come_in_the_order_given_then_members_by_id_and_each_once() -> None:
    cloud = pending("dev_9", "dev_2", north=["dev_5", "dev_2", "dev_5"], south=["dev_4", "dev_9", "dev_5"])
    started = cloud.start(DEPLOYMENT, by=ME)
    assert cloud.world.manifests[DEPLOYMENT] == ["dev_9", "dev_2", "dev_4", "dev_5"]
    assert (started.status, started.total_targets, started.resolved) == (DeploymentStatus.RUNNING, 4, True)
    resolved, begun = cloud.world.history[DEPLOYMENT]
    assert (resolved.details, resolved.actor) == (TargetsResolved(total_targets=4), ME)
    assert (begun.type, begun.status) == ("started", "running")


def test_who_joins_or_leaves_a_group_later_changes_nothing() -> None:
    cloud = pending(north=["dev_1", "dev_2"])
    cloud.start(DEPLOYMENT, by=ME)
    cloud.world.groups["north"] = ["dev_2", "dev_3"]
    cloud.world.registered.add("dev_3")
    cloud.plan(DEPLOYMENT)
    assert set(cloud.world.statuses(DEPLOYMENT)) == {"dev_1", "dev_2"}


def test_who_joins_before_the_start_is_a_target() -> None:
    cloud = pending(north=["dev_1"])
    cloud.world.groups["north"].append("dev_2")
    cloud.world.registered.add("dev_2")
    assert cloud.start(DEPLOYMENT, by=ME).total_targets == 2


def test_every_group_that_is_gone_or_empty_is_named() -> None:
    cloud = pending("dev_1", north=["dev_2"], east=["dev_3"], south=[], west=["dev_4"])
    del cloud.world.groups["north"], cloud.world.groups["west"]
    assert refusal(cloud) == "there is no thing group north, west any more; nobody is in thing group south"


def test_members_that_are_not_registered_are_named() -> None:
    cloud = pending(north=["dev_1", "camera_1", "camera_2"])
    cloud.world.registered -= {"camera_1", "camera_2"}
    assert "not registered: camera_1, camera_2;" in refusal(cloud)
    cloud.world.groups["north"] = ["dev_1"]
    assert cloud.start(DEPLOYMENT, by=ME).total_targets == 1


def test_exactly_10_000_targets_start_and_one_more_is_refused() -> None:
    members = [f"dev_{number:05d}" for number in range(1, MAX_TARGET_DEVICES)]
    whole = pending("first", batch_size=MAX_TARGET_DEVICES, north=members)
    assert whole.start(DEPLOYMENT, by=ME).total_targets == MAX_TARGET_DEVICES
    assert "more than 10000 targets" in refusal(pending("first", "second", north=members))


def test_more_waves_than_one_execution_can_do_are_refused() -> None:
    members = [f"dev_{number:05d}" for number in range(MAX_WAVES + 1)]
    assert "a batch_size of at least 2" in refusal(pending(batch_size=1, north=members))


def test_a_device_that_another_deployment_holds_freezes_nothing() -> None:
    cloud = pending(north=["dev_1", "dev_2"])
    other = replace(cloud.world.deployments[DEPLOYMENT], id="dep_other", status=DeploymentStatus.RUNNING)
    cloud.world.deployments["dep_other"] = replace(other, target_groups=())
    cloud.world.manifests["dep_other"] = ["dev_2"]
    cloud.plan("dep_other")
    with pytest.raises(Conflict, match="dep_other is deploying this flow to dev_2"):
        cloud.start(DEPLOYMENT, by=ME)
    assert DEPLOYMENT not in cloud.world.manifests


def test_a_start_killed_at_any_moment_is_completed_by_the_next_one() -> None:
    whole = pending("dev_9", north=["dev_1", "dev_2"])
    whole.start(DEPLOYMENT, by=ME)
    moments = whole.world.steps
    for moment in range(1, moments + 1):
        cloud = pending("dev_9", north=["dev_1", "dev_2"])
        cloud.world.die_at = moment
        with pytest.raises(Died):
            cloud.start(DEPLOYMENT, by=ME)
        cloud.world.die_at = None
        frozen = cloud.world.manifests.get(DEPLOYMENT)
        if frozen is not None:  # then nobody looks at the group again
            cloud.world.groups.clear()
        cloud.start(DEPLOYMENT, by=ME)
        assert cloud.world.manifests == whole.world.manifests, f"killed at moment {moment} of {moments}"
        assert cloud.world.deployments == whole.world.deployments
        assert set(cloud.world.executions) == {EXECUTION}


def test_a_retry_goes_to_failed_members_only_and_looks_at_no_group() -> None:
    cloud = pending(north=["dev_1", "dev_2", "dev_3"])
    cloud.start(DEPLOYMENT, by=ME)
    cloud.plan(DEPLOYMENT)
    rules = replace(cloud.world.deployments[DEPLOYMENT].rules, failure_threshold=50)
    cloud.world.deployments[DEPLOYMENT] = replace(cloud.world.deployments[DEPLOYMENT], rules=rules)
    deploy_wave(cloud, 1, dev_1="SUCCEEDED", dev_2="FAILED", dev_3="SUCCEEDED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    cloud.world.groups.clear()
    retry = cloud.retry(DEPLOYMENT, by=ME)
    assert (cloud.world.manifests[retry.id], retry.target_groups, retry.total_targets) == (["dev_2"], (), 1)
