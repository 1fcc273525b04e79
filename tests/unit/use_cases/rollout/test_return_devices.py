"""Returning: each device is told to run what it ran before, or to remove what it did not have."""

from edgeflow.contract.job import Operation
from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import TargetStatus
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


def test_a_flow_that_was_not_there_before_is_removed() -> None:
    cloud = Cloud(running_world(1, batch_size=1, version_before=None))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert cloud.world.documents[return_job(1)].operation is Operation.REMOVE
    assert f"rolling:{DEPLOYMENT}" in cloud.world.stopped


def test_devices_whose_job_somebody_else_has_created_are_not_waited_for() -> None:
    cloud = Cloud(running_world(1, batch_size=1))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    cloud.world.foreign_jobs.add(return_job(1))
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    cloud.tally_all()
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (target.status, target.reason) == (TargetStatus.ROLLBACK_FAILED, Reason.ORDER_UNTRUSTED)
    assert cloud.world.answers["token-r"]["settled"] is True
