"""A wave that is waited for no longer: its jobs are cancelled, and each of its devices is accounted for."""

from datetime import timedelta

import pytest

from edgeflow.domain.errors import StillCancelling
from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, Cloud, rollback_request, running_world, wave_job
from tests.unit.use_cases.memory import MOMENT


def test_devices_that_never_answer_time_out_are_cancelled_and_count_as_failed() -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.world.jobs[wave_job(1)]["dev_001"] = JobExecution(device_id="dev_001", status="IN_PROGRESS", started=True)
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.tally_all()
    assert cloud.world.answers["token-c"] == {
        "wave": 1,
        "total": 2,
        "succeeded": 0,
        "failed": 2,
        "tolerated": 0,
        "settled": True,
        "breached": True,
    }
    reached = {device: target.reached for (_, device), target in cloud.world.targets.items()}
    assert reached == {"dev_001": True, "dev_002": False}
    assert cloud.plan_rollback(rollback_request())["total"] == 1  # the one that had begun may have changed


def test_a_wave_whose_dispatch_message_was_lost_still_times_out() -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.tally_all()
    assert cloud.world.answers["token-c"]["failed"] == 2


def test_closing_takes_in_a_report_whose_event_was_lost() -> None:
    cloud = Cloud(running_world(1, batch_size=1))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.world.jobs[wave_job(1)]["dev_001"] = JobExecution(device_id="dev_001", status="SUCCEEDED", started=True)
    cloud.world.job_details[wave_job(1), "dev_001"] = {"sequence": "5", "runs_version": "2"}
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "success"}
    assert cloud.world.installs["dev_001", FLOW].version == 2


@pytest.mark.parametrize(("status", "reached"), [("QUEUED", False), ("IN_PROGRESS", True)])
def test_closing_waits_until_what_was_cancelled_has_ended_but_not_for_ever(status: str, reached: bool) -> None:  # noqa: FBT001
    cloud = Cloud(running_world(1, batch_size=1))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    execution = JobExecution(device_id="dev_001", status=status, started=reached)
    cloud.world.still_cancelling[wave_job(1)] = {"dev_001": execution}
    for seconds in (0, 59):
        cloud.now = MOMENT + timedelta(seconds=seconds)
        with pytest.raises(StillCancelling):
            cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
        assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "deploying"}
    cloud.now = MOMENT + timedelta(seconds=60)
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (target.status.value, target.reason, target.reached) == ("failed", "timed_out", reached)
    assert str(target.message).endswith("; AWS IoT had not ended its job 60 s after that was cancelled")
