"""Planning a rollback: which devices return to which version, and which are left alone."""

from edgeflow.contract.job import Operation
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)


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
