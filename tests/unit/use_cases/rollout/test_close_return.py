"""A rollback that is waited for no longer: its jobs are cancelled, and each of its devices is accounted for."""

from datetime import timedelta

import pytest

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import NotFound, StillCancelling
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
)
from tests.unit.use_cases.memory import MOMENT


def returning() -> Cloud:
    """A deployment of one device, which has been told to return."""
    cloud = Cloud(running_world(1, batch_size=1))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    return cloud


def test_a_rollback_that_a_device_did_not_follow_ends_failed_and_can_be_tried_again() -> None:
    cloud = Cloud(running_world(1, batch_size=1))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    cloud.tally_all()
    assert cloud.world.answers["token-rc"]["failed"] == 1
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.FAILED
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=2))
    cloud.return_devices(DEPLOYMENT, 2, "token-r2")
    cloud.report("dev_001", "SUCCEEDED", job_id=return_job(2), runs_version="1", sequence="90")
    cloud.tally_all()
    assert cloud.world.answers["token-r2"]["succeeded"] == 1
    assert cloud.conclude_rollback(DEPLOYMENT, 2, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK


def test_closing_takes_in_a_return_whose_event_was_lost() -> None:
    cloud = returning()
    cloud.world.jobs[return_job(1)]["dev_001"] = JobExecution(device_id="dev_001", status="SUCCEEDED", started=True)
    cloud.world.job_details[return_job(1), "dev_001"] = {"sequence": "9", "runs_version": "1"}
    cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    cloud.tally_all()
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "rolled_back"}
    assert cloud.world.installs["dev_001", FLOW].version == 1
    assert cloud.world.answers["token-rc"]["succeeded"] == 1


def test_closing_waits_until_what_was_cancelled_has_ended_but_not_for_ever() -> None:
    cloud = returning()
    at_work = JobExecution(device_id="dev_001", status="IN_PROGRESS", started=True)
    cloud.world.still_cancelling[return_job(1)] = {"dev_001": at_work}
    for seconds in (0, 59):
        cloud.now = MOMENT + timedelta(seconds=seconds)
        with pytest.raises(StillCancelling):
            cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
        assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "success"}, "it has not failed to return yet"
    cloud.now = MOMENT + timedelta(seconds=60)
    cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (target.status.value, target.reason) == ("rollback_failed", "timed_out")
    assert str(target.message).endswith("; AWS IoT had not ended its job 60 s after that was cancelled")


def test_an_attempt_that_was_never_planned_cannot_be_closed() -> None:
    cloud = returning()
    with pytest.raises(NotFound, match="no plan of rollback attempt 2"):
        cloud.close_return(DEPLOYMENT, 2, task_token="token-rc")
