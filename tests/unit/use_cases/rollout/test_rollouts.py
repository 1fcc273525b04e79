"""Whole rollouts, operation by operation: what ends how, and what each device is told."""

from dataclasses import replace

import pytest

from edgeflow.contract.job import Operation
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)


def test_zero_failures_completes() -> None:
    cloud = Cloud(running_world(3, batch_size=2))
    assert cloud.plan(DEPLOYMENT)["waves"] == 2
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    deploy_wave(cloud, 2, dev_003="SUCCEEDED")
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.COMPLETED
    assert cloud.world.answers["token-2"] == {
        "wave": 2,
        "total": 1,
        "succeeded": 1,
        "failed": 0,
        "tolerated": 0,
        "settled": True,
        "breached": False,
    }
    assert all(install.claimed_by is None for install in cloud.world.installs.values())


def test_failures_within_the_threshold_end_failed_and_roll_nothing_back() -> None:
    cloud = Cloud(running_world(2, batch_size=2, threshold=50))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="FAILED")
    assert cloud.world.answers["token-1"]["breached"] is False
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.FAILED
    assert "dev_002" in cloud.world.deployments[DEPLOYMENT].status_reason


def test_a_device_whose_version_before_does_not_run_either_is_told_to_run_it() -> None:
    cloud = Cloud(running_world(1, batch_size=1))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "FAILED", job_id=wave_job(1), reason="unhealthy", holds_version="1")
    cloud.tally_all()
    target, install = cloud.world.targets[DEPLOYMENT, "dev_001"], cloud.world.installs["dev_001", FLOW]
    assert (target.runs_version, install.version) == (None, 1), "no later rollback takes the flow off"
    assert cloud.plan_rollback(rollback_request())["total"] == 1
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    document = cloud.world.documents[return_job(1)]
    assert (document.operation, document.version) == (Operation.APPLY, 1)


def test_a_breach_in_wave_2_skips_wave_3_and_returns_what_changed() -> None:
    cloud = Cloud(running_world(6, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    deploy_wave(cloud, 2, dev_003="FAILED")
    assert cloud.world.answers["token-2"]["breached"] is True
    plan = cloud.plan_rollback(rollback_request())
    assert plan["total"] == 2  # dev_003 went back by itself, dev_004 never took its job up
    assert cloud.world.jobs[wave_job(2)]["dev_004"].status == "CANCELED"
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    document = cloud.world.documents[return_job(1)]
    assert (document.operation, document.version, document.health_check) == (Operation.APPLY, 1, None)
    for device in ("dev_001", "dev_002"):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.tally_all()
    assert cloud.world.answers["token-r"]["settled"] is True
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK
    assert cloud.world.statuses(DEPLOYMENT) == {
        "dev_001": "rolled_back",
        "dev_002": "rolled_back",
        "dev_003": "rolled_back",
        "dev_004": "skipped",
        "dev_005": "skipped",
        "dev_006": "skipped",
    }
    assert cloud.world.targets[DEPLOYMENT, "dev_003"].reason == "unknown"
    assert {install.version for install in cloud.world.installs.values()} == {1}


def test_a_flow_that_was_not_there_before_is_removed() -> None:
    cloud = Cloud(running_world(1, batch_size=1, version_before=None))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert cloud.world.documents[return_job(1)].operation is Operation.REMOVE
    assert f"rolling:{DEPLOYMENT}" in cloud.world.stopped


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


def test_a_device_removed_after_planning_fails_and_the_rest_of_its_chunk_is_deployed() -> None:
    cloud = Cloud(running_world(2, batch_size=2, threshold=50))
    cloud.plan(DEPLOYMENT)
    cloud.world.registered.remove("dev_001")
    deploy_wave(cloud, 1, dev_002="SUCCEEDED")
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "failed", "dev_002": "success"}
    assert set(cloud.world.jobs[wave_job(1)]) == {"dev_002"}


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


def test_starting_names_the_devices_that_another_deployment_holds() -> None:
    world = running_world(2, status=DeploymentStatus.PENDING)
    world.deployments["dep_2"] = replace(world.deployments[DEPLOYMENT], id="dep_2", status=DeploymentStatus.RUNNING)
    world.installs["dev_002", FLOW] = Install(device_id="dev_002", version=1, claimed_by="dep_2")
    with pytest.raises(Conflict, match="dep_2 is deploying this flow to dev_002"):
        Cloud(world).start(DEPLOYMENT, by=ME)
    assert world.deployments[DEPLOYMENT].status is DeploymentStatus.PENDING


def test_a_device_that_another_deployment_changed_since_is_left_alone() -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    cloud.world.installs["dev_002", FLOW] = Install(device_id="dev_002", version=7, deployment_id="dep_2")
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 1
    target = cloud.world.targets[DEPLOYMENT, "dev_002"]
    assert (target.status.value, target.reason) == ("success", "moved_on")
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="60")
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK
    assert "left alone" in cloud.world.deployments[DEPLOYMENT].status_reason


def test_a_dispatch_message_that_comes_after_a_rollback_began_starts_nothing() -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    assert cloud.world.jobs == {}
    assert set(cloud.world.statuses(DEPLOYMENT).values()) == {"skipped"}


def test_a_deployment_rolled_back_while_it_is_planned_stops_and_gives_up_its_claims() -> None:
    cloud = Cloud(running_world(2))
    cloud.rollback(DEPLOYMENT, by=ME)
    assert cloud.plan(DEPLOYMENT)["outcome"] == "stopped"
    assert all(install.claimed_by is None for install in cloud.world.installs.values())


@pytest.mark.parametrize(
    "status", [DeploymentStatus.PENDING, DeploymentStatus.CANCELLING, DeploymentStatus.ROLLED_BACK]
)
def test_what_cannot_be_rolled_back_is_refused(status: DeploymentStatus) -> None:
    cloud = Cloud(running_world(1, status=status))
    with pytest.raises(Conflict):
        cloud.rollback(DEPLOYMENT, by=ME)
    assert not cloud.world.executions


@pytest.mark.parametrize("devices", [99, 100, 101, 250])
def test_a_wave_is_dispatched_in_jobs_of_at_most_100_devices(devices: int) -> None:
    cloud = Cloud(running_world(devices, batch_size=devices))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    sizes = [len(executions) for executions in cloud.world.jobs.values()]
    assert sum(sizes) == devices
    assert max(sizes) <= 100
    assert len(sizes) == -(-devices // 100)
