"""The jobs of a rollback's plan: one version a group, at most as many devices a job as AWS IoT takes."""

from edgeflow.domain.deployments import Return, TargetStatus
from edgeflow.domain.jobs import MAX_JOB_TARGETS
from edgeflow.use_cases.rollout.return_groups import chunks_of_returns, no_such_version, nothing_to_return_to

GROUPS = {0: MAX_JOB_TARGETS + 1, 1: MAX_JOB_TARGETS, 2: 1}


def test_each_device_is_in_one_job_of_its_group() -> None:
    plan = [
        Return(device_id=f"dev_{group}_{number:03d}", group=group, version_before=group)
        for group, devices in GROUPS.items()
        for number in range(devices)
    ]
    chunks = list(chunks_of_returns("dep_1", 1, plan))
    assert [(job.group, job.chunk, len(chunk)) for job, chunk in chunks] == [
        (0, 0, MAX_JOB_TARGETS),
        (0, 1, 1),
        (1, 0, MAX_JOB_TARGETS),
        (2, 0, 1),
    ]
    assert [entry for _, chunk in chunks for entry in chunk] == plan
    assert len({job.id for job, _ in chunks}) == len(chunks)
    assert [job.id for job, _ in chunks_of_returns("dep_1", 1, plan)] == [job.id for job, _ in chunks], "as before"


def test_without_a_plan_there_is_no_job() -> None:
    assert list(chunks_of_returns("dep_1", 1, [])) == []


def test_who_cannot_return_has_not_returned_and_was_not_asked() -> None:
    for outcome, reason in ((no_such_version(7), "no_such_version"), (nothing_to_return_to(), "unreadable_record")):
        assert (outcome.status, outcome.reason) == (TargetStatus.ROLLBACK_FAILED, reason)
        assert "nothing was sent to it" in str(outcome.message)
