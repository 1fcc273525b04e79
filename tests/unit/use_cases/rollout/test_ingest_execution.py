"""An execution that has ended is taken in as its event would have been."""

import pytest

from edgeflow.domain.jobs import parse_job_id
from edgeflow.use_cases.rollout.ingest_execution import IngestExecution, ended_by_itself
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, Cloud, running_world, wave_job
from tests.unit.use_cases.memory import MOMENT
from tests.unit.use_cases.memory_aws import MemoryJobs


def execution(status: str, updated_at: str | None = None) -> JobExecution:
    return JobExecution(device_id="dev_001", status=status, started=True, updated_at=updated_at)


@pytest.mark.parametrize(
    ("status", "by_itself"),
    [("SUCCEEDED", True), ("FAILED", True), ("TIMED_OUT", True), ("REMOVED", True), ("CANCELED", False)],
)
def test_only_what_we_cancelled_did_not_end_by_itself(status: str, by_itself: bool) -> None:  # noqa: FBT001
    assert ended_by_itself(execution(status)) is by_itself


@pytest.mark.parametrize("updated_at", [None, "2026-02-21T12:00:00.000Z"])
def test_it_is_taken_in_once_with_the_details_that_the_device_left(updated_at: str | None) -> None:
    cloud = Cloud(running_world(1))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.world.job_details[wave_job(1), "dev_001"] = {"runs_version": "2", "sequence": "7"}
    job = parse_job_id(wave_job(1))
    assert job is not None
    ingest = IngestExecution(MemoryJobs(cloud.world), cloud.ingest, lambda: MOMENT)
    assert ingest(job, execution("SUCCEEDED", updated_at))
    assert not ingest(job, execution("SUCCEEDED", updated_at))
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "success"}
    install = cloud.world.installs["dev_001", FLOW]
    assert (install.version, install.said and install.said.received_ms) == (2, int(MOMENT.timestamp() * 1_000))
