"""How a rollback ends: why it was begun stays, and each device says what it came to."""

from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    ME,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
)
from tests.unit.use_cases.rollout.ill_reports import ill_report
from tests.unit.use_cases.rollout.rolled_back import breached, completed, rolled_back


def test_why_it_rolled_back_by_itself_stays_with_its_counts() -> None:
    cloud = breached()
    cause = "wave 2 of 2: 1 of 2 devices failed (unhealthy: dev_003), more than the 20% allowed"
    assert cloud.world.deployments[DEPLOYMENT].status_reason == cause
    assert rolled_back().world.deployments[DEPLOYMENT].status_reason == (
        f"{cause}; 3 devices returned to what they ran before; dev_003 failed as unhealthy: the job ended FAILED"
    )


def test_a_device_that_fell_ill_later_is_named_in_the_cause() -> None:
    cloud = Cloud(running_world(4, batch_size=2, threshold=0))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.fail_late("dev_002", ill_report(version=2, sequence=9))
    cloud.tally_all()
    cloud.plan_rollback(rollback_request())
    cause = "wave 1 of 2: 1 of 2 devices failed (unhealthy: dev_002), and none may"
    assert cloud.world.deployments[DEPLOYMENT].status_reason == cause


def test_who_asked_for_it_stays() -> None:
    cloud = completed()
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    for device in ("dev_001", "dev_002"):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)
    assert cloud.world.deployments[DEPLOYMENT].status_reason == (
        "rollback asked for by me; 2 devices returned to what they ran before"
    )


def test_a_device_that_returns_at_a_second_try_does_not_say_why_it_did_not_at_the_first() -> None:
    cloud = breached()
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.FAILED
    stuck = cloud.world.targets[DEPLOYMENT, "dev_002"]
    assert (stuck.status, stuck.reason) == (TargetStatus.ROLLBACK_FAILED, "timed_out")
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=2))
    cloud.return_devices(DEPLOYMENT, 2, "token-r2")
    for device in list(cloud.world.jobs[return_job(2)]):
        cloud.report(device, "SUCCEEDED", job_id=return_job(2), runs_version="1", sequence="11")
    assert cloud.conclude_rollback(DEPLOYMENT, 2, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK
    returned = cloud.world.targets[DEPLOYMENT, "dev_002"]
    assert (returned.status, returned.reason, returned.message) == (TargetStatus.ROLLED_BACK, None, None)
    failed = cloud.world.targets[DEPLOYMENT, "dev_003"]
    assert (failed.status, failed.reason) == (TargetStatus.ROLLED_BACK, "unhealthy"), "why it had failed stays"
