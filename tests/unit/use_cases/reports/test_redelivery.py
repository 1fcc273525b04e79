"""Delivered twice, or killed at any moment and delivered again: what devices, and AWS IoT on their behalf, say."""

import pytest

from edgeflow.domain.absences import Absence
from edgeflow.domain.deployments import TargetStatus
from edgeflow.use_cases.rollout.close_wave import CloseCause
from tests.unit.use_cases.cloud import DEPLOYMENT, return_job, wave_job
from tests.unit.use_cases.redelivery import (
    GONE,
    Operation,
    blue_green,
    cancelled,
    dispatched,
    gone_for_too_long,
    killed_at_any_moment,
    late_success,
    not_returned_in_time,
    one_wave_over,
    prepared,
    redelivered,
    removal,
    rollback_ended,
    rolled_back_without_one,
)

OPERATIONS: dict[str, Operation] = {
    "ingest_success": (
        dispatched,
        lambda cloud: cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2"),
    ),
    "ingest_failure": (
        dispatched,
        lambda cloud: cloud.report("dev_001", "FAILED", job_id=wave_job(1), reason="unhealthy", runs_version="1"),
    ),
    "ingest_disconnection": (one_wave_over, lambda cloud: cloud.ingest_presence(GONE)),
    "watch_absence": (gone_for_too_long, lambda cloud: cloud.watch_absence(Absence.since(GONE))),
    "ingest_staged": (
        blue_green(dispatched),
        lambda cloud: cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="1"),
    ),
    "late_success_of_what_was_cancelled": (cancelled, late_success),
    "late_success_during_the_rollback": (rolled_back_without_one, late_success),
    "late_success_after_the_rollback": (rollback_ended, late_success),
    "late_return": (
        not_returned_in_time,
        lambda cloud: cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="11"),
    ),
    "ingest_removed": (removal(dispatched), lambda cloud: cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1))),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_delivered_twice_changes_nothing(name: str) -> None:
    redelivered(OPERATIONS[name])


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.slow
def test_killed_at_any_moment_and_delivered_again_changes_nothing(name: str) -> None:
    killed_at_any_moment(OPERATIONS[name])


def test_a_report_that_comes_after_the_wave_timed_out_changes_no_target() -> None:
    cloud = prepared(dispatched)
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    assert cloud.world.statuses(DEPLOYMENT)["dev_001"] == "failed"
    assert not cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (target.status, target.reason) == (TargetStatus.FAILED, "timed_out")
