"""Which executions and jobs there may be of a deployment whose record cannot be read."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edgeflow.domain.jobs import MAX_JOB_TARGETS, ReturnJob, WaveJob
from edgeflow.domain.remains import Remains


def jobs(**known: Any) -> list[WaveJob | ReturnJob]:  # noqa: ANN401  fields of Remains
    return list(Remains(deployment_id="dep_1", **known).jobs())


def wave_job(wave: int, chunk: int) -> WaveJob:
    return WaveJob(deployment_id="dep_1", wave=wave, chunk=chunk)


def test_the_current_wave_and_the_next_may_have_jobs_and_those_before_were_closed() -> None:
    planned = {1: 5, 2: MAX_JOB_TARGETS + 1, 3: 1, 4: 7}
    assert jobs(planned=planned, current_wave=2) == [wave_job(2, 0), wave_job(2, 1), wave_job(3, 0)]
    assert Remains(deployment_id="dep_1", current_wave=2).waves_at_work == (2, 3)


def test_a_switch_has_jobs_for_as_many_as_were_staged() -> None:
    assert jobs(planned={1: MAX_JOB_TARGETS + 1}, current_wave=2) == [wave_job(2, 0), wave_job(2, 1)]


def test_each_group_of_the_newest_rollback_may_have_jobs() -> None:
    found = jobs(returns={1: 1, 0: MAX_JOB_TARGETS + 1}, rollbacks=2, current_wave=5)
    assert found == [
        ReturnJob(deployment_id="dep_1", attempt=2, group=group, chunk=chunk)
        for group, chunk in [(0, 0), (0, 1), (1, 0)]
    ]


def test_the_next_rollback_may_have_begun_before_anything_was_written_of_it() -> None:
    assert [list(Remains(deployment_id="dep_1", rollbacks=known).attempts) for known in (0, 1, 2)] == [
        [1],
        [1, 2],
        [2, 3],
    ]


@given(size=st.integers(0, 2_000))
def test_there_is_a_job_for_each_target_and_none_without(size: int) -> None:
    found = jobs(planned={1: size}, current_wave=1)
    found = [job for job in found if isinstance(job, WaveJob) and job.wave == 1]
    assert (len(found) - 1) * MAX_JOB_TARGETS < size <= len(found) * MAX_JOB_TARGETS or not (size or found)
