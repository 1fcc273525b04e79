"""Reports that never arrived are found with AWS IoT Jobs; whatever else is under way is left alone."""

from dataclasses import replace

import pytest

from edgeflow.domain.deployments import TargetStatus
from edgeflow.use_cases.rollout.plan_rollback import Origin
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    ME,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)

NOON = "2026-02-21T12:00:00.000Z"
A_SECOND_BEFORE = "2026-02-21T11:59:59.000Z"


def dispatched() -> Cloud:
    """A deployment whose first wave, of two devices, was dispatched."""
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    return cloud


def set_execution(
    cloud: Cloud, job_id: str, *, status: str = "SUCCEEDED", at: str | None = NOON, runs_version: str = "2"
) -> None:
    """Have the first device's part of a job stand so, without an event."""
    execution = JobExecution(device_id="dev_001", status=status, started=True, updated_at=at)
    cloud.world.jobs[job_id]["dev_001"] = execution
    cloud.world.job_details[job_id, "dev_001"] = {"sequence": "9", "runs_version": runs_version}


def test_a_lost_report_is_taken_in_once_and_the_device_at_work_is_left_alone() -> None:
    cloud = dispatched()
    set_execution(cloud, wave_job(1))
    assert cloud.recover_reports.of_wave(DEPLOYMENT, 1, before=NOON) == 1
    assert cloud.recover_reports.of_wave(DEPLOYMENT, 1, before=NOON) == 0
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "success", "dev_002": "deploying"}
    assert cloud.world.cancelled == set()


@pytest.mark.parametrize(
    ("status", "at"),
    [
        ("SUCCEEDED", "2026-02-21T12:00:00.001Z"),  # its event may still be on its way
        ("SUCCEEDED", None),
        ("IN_PROGRESS", A_SECOND_BEFORE),
        ("CANCELED", A_SECOND_BEFORE),  # whoever cancelled it writes the target, with the reason
    ],
)
def test_what_no_event_is_missing_of_is_left_alone(status: str, at: str | None) -> None:
    cloud = dispatched()
    set_execution(cloud, wave_job(1), status=status, at=at)
    assert cloud.recover_reports.of_wave(DEPLOYMENT, 1, before=NOON) == 0
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "deploying", "dev_002": "deploying"}


def test_a_target_that_has_settled_is_not_asked_about_again() -> None:
    cloud = dispatched()
    failed = replace(cloud.world.targets[DEPLOYMENT, "dev_001"], status=TargetStatus.FAILED)
    cloud.world.targets[DEPLOYMENT, "dev_001"] = failed
    set_execution(cloud, wave_job(1))
    assert cloud.recover_reports.of_wave(DEPLOYMENT, 1, before=NOON) == 0


def test_a_lost_return_is_taken_in_once_and_none_that_may_be_on_its_way() -> None:
    cloud = Cloud(running_world(1, batch_size=1))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    set_execution(cloud, return_job(1), runs_version="1")
    assert cloud.recover_reports.of_return(DEPLOYMENT, 1, before=A_SECOND_BEFORE) == 0
    assert cloud.recover_reports.of_return(DEPLOYMENT, 1, before=NOON) == 1
    assert cloud.recover_reports.of_return(DEPLOYMENT, 1, before=NOON) == 0
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "rolled_back"}
