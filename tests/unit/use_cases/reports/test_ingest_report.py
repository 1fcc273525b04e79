"""What a device says of its job is written once, and nothing that cannot be is believed."""

from dataclasses import replace

import pytest

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
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

CLAIMED = 999


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "REJECTED"])
def test_a_version_that_never_was_is_not_believed(status: str) -> None:
    cloud = Cloud(running_world(2, batch_size=2, threshold=50))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_002="SUCCEEDED")
    cloud.report("dev_001", status, job_id=wave_job(1), runs_version=str(CLAIMED))
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert target.runs_version is None
    assert "version 999, which was never published" in str(target.message)
    install = cloud.world.installs["dev_001", FLOW]
    assert install.version == (2 if status == "SUCCEEDED" else 1)
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    cloud.rollback(DEPLOYMENT, by=ME)
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 2, "it is returned by a job"
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert set(cloud.world.jobs[return_job(1)]) == {"dev_001", "dev_002"}


def test_a_version_that_never_was_holds_no_rollback_up() -> None:
    world = running_world(3, batch_size=3)
    world.installs["dev_002", FLOW] = replace(world.installs["dev_002", FLOW], version=CLAIMED)  # believed long ago
    cloud = Cloud(world)
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED", dev_003="SUCCEEDED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    for device in ("dev_001", "dev_003"):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.tally_all()
    assert cloud.world.answers["token-r"]["settled"] is True, "nobody waits for the device"
    stuck = cloud.world.targets[DEPLOYMENT, "dev_002"]
    assert (stuck.status, stuck.reason) == (TargetStatus.ROLLBACK_FAILED, Reason.NO_SUCH_VERSION)
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.FAILED
    assert "nobody can tell what dev_002 ran before" in cloud.world.deployments[DEPLOYMENT].status_reason


def a_wave_at_work(devices: int = 2, batch_size: int = 1) -> Cloud:
    """Return a rollout whose first wave has been dispatched, and whose second one waits; all ran version 1."""
    cloud = Cloud(running_world(devices, batch_size=batch_size))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    return cloud


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "REJECTED", "TIMED_OUT"])
@pytest.mark.parametrize(
    ("device", "job_id"),
    [
        ("dev_009", wave_job(1)),
        ("dev_001", wave_job(2)),
        ("dev_001", wave_job(1, chunk=1)),
        ("dev_002", wave_job(2)),
        ("dev_002", wave_job(2, chunk=9999)),
        ("dev_001", return_job(1)),
    ],
    ids=["no target", "another wave", "surplus chunk", "too early", "surplus chunk too early", "no rollback"],
)
def test_a_job_that_the_rollout_never_planned_changes_nothing(status: str, device: str, job_id: str) -> None:
    cloud = a_wave_at_work()
    cloud.world.installs["dev_009", FLOW] = replace(cloud.world.installs["dev_001", FLOW], device_id="dev_009")
    targets, installs = dict(cloud.world.targets), dict(cloud.world.installs)
    assert not cloud.report(device, status, job_id=job_id)
    assert (cloud.world.targets, cloud.world.installs) == (targets, installs)


@pytest.mark.parametrize("chunk", [1, 2])
def test_a_wave_has_as_many_chunks_as_its_devices_fill(chunk: int) -> None:
    cloud = a_wave_at_work(101, batch_size=101)
    assert cloud.report("dev_101", "SUCCEEDED", job_id=wave_job(1, chunk), runs_version="2") == (chunk == 1)


def test_a_rejection_settles_the_target_and_changes_nothing_of_what_is_known_to_run() -> None:
    cloud = a_wave_at_work()
    before = cloud.world.installs["dev_001", FLOW]
    assert cloud.report("dev_001", "REJECTED", job_id=wave_job(1), reason="order_untrusted")
    assert cloud.world.targets[DEPLOYMENT, "dev_001"].status is TargetStatus.FAILED
    assert cloud.world.installs["dev_001", FLOW] == before


@pytest.mark.parametrize(
    ("device", "job_id"),
    [("dev_001", f"{DEPLOYMENT}-r001-0000-0001"), ("dev_001", return_job(1, 1)), ("dev_002", return_job(1))],
    ids=["surplus chunk", "another group", "not in the plan"],
)
def test_of_a_rollback_those_in_its_plan_are_heard_alone(device: str, job_id: str) -> None:
    cloud = a_wave_at_work()
    cloud.report("dev_001", "FAILED", job_id=wave_job(1), runs_version="2")
    cloud.tally_all()
    cloud.plan_rollback(rollback_request())
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert list(cloud.world.jobs[return_job(1)]) == ["dev_001"]
    targets = dict(cloud.world.targets)
    assert not cloud.report(device, "REJECTED", job_id=job_id, sequence="9")
    assert cloud.world.targets == targets
    assert cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
