"""Planning: every device is claimed or refused, and what was planned too late is taken back."""

from dataclasses import replace

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.use_cases.devices.ports import Install
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    deploy_wave,
    running_world,
)


def test_a_device_removed_before_the_start_fails_without_holding_up_its_wave() -> None:
    world = running_world(2, batch_size=2, threshold=50)
    world.registered.remove("dev_002")
    cloud = Cloud(world)
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    assert world.targets[DEPLOYMENT, "dev_002"].reason == "device_gone"
    assert world.answers["token-1"] == {
        "wave": 1,
        "total": 2,
        "succeeded": 1,
        "failed": 1,
        "tolerated": 1,
        "settled": True,
        "breached": False,
    }


def test_devices_held_by_another_deployment_fail_the_plan_and_are_named() -> None:
    world = running_world(2)
    world.deployments["dep_2"] = replace(world.deployments[DEPLOYMENT], id="dep_2")
    world.installs["dev_002", FLOW] = Install(device_id="dev_002", version=1, claimed_by="dep_2")
    cloud = Cloud(world)
    assert cloud.plan(DEPLOYMENT)["outcome"] == "refused"
    ended = world.deployments[DEPLOYMENT]
    assert ended.status is DeploymentStatus.FAILED
    assert "dep_2" in ended.status_reason
    assert "dev_002" in ended.status_reason
    assert world.installs["dev_001", FLOW].claimed_by is None
    assert world.installs["dev_002", FLOW].claimed_by == "dep_2"


def test_a_claim_that_a_finished_deployment_left_behind_is_taken_over() -> None:
    world = running_world(1)
    world.deployments["dep_2"] = replace(world.deployments[DEPLOYMENT], id="dep_2", status=DeploymentStatus.ROLLED_BACK)
    world.installs["dev_001", FLOW] = Install(device_id="dev_001", version=1, claimed_by="dep_2")
    assert Cloud(world).plan(DEPLOYMENT)["outcome"] == "planned"
    assert world.installs["dev_001", FLOW].claimed_by == DEPLOYMENT


def test_a_deployment_rolled_back_while_it_is_planned_stops_and_gives_up_its_claims() -> None:
    cloud = Cloud(running_world(2))
    cloud.rollback(DEPLOYMENT, by=ME)
    assert cloud.plan(DEPLOYMENT)["outcome"] == "stopped"
    assert all(install.claimed_by is None for install in cloud.world.installs.values())
