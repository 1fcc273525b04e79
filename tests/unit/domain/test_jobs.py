"""Job ids and chunks."""

from hypothesis import given
from hypothesis import strategies as st

from edgeflow.domain.jobs import MAX_JOB_ID_LENGTH, MAX_JOB_TARGETS, ReturnJob, WaveJob, chunked, parse_job_id

DEPLOYMENT = "dep_" + "Z" * 26


@given(wave=st.integers(1, 10_000), chunk=st.integers(0, 100))
def test_a_wave_job_is_read_back_from_its_id(wave: int, chunk: int) -> None:
    job = WaveJob(deployment_id=DEPLOYMENT, wave=wave, chunk=chunk)
    assert parse_job_id(job.id) == job
    assert len(job.id) <= MAX_JOB_ID_LENGTH


@given(attempt=st.integers(1, 999), group=st.integers(0, 9_999), chunk=st.integers(0, 9_999))
def test_a_return_job_is_read_back_from_its_id(attempt: int, group: int, chunk: int) -> None:
    job = ReturnJob(deployment_id=DEPLOYMENT, attempt=attempt, group=group, chunk=chunk)
    assert parse_job_id(job.id) == job
    assert len(job.id) <= MAX_JOB_ID_LENGTH


@given(st.text(max_size=70))
def test_jobs_of_others_are_not_ours(job_id: str) -> None:
    assert parse_job_id("x" + job_id) is None


@given(st.lists(st.integers(), max_size=350))
def test_chunks_hold_everything_once_and_never_more_than_a_job_takes(items: list[int]) -> None:
    chunks = [list(chunk) for chunk in chunked(items)]
    assert [item for chunk in chunks for item in chunk] == items
    assert all(0 < len(chunk) <= MAX_JOB_TARGETS for chunk in chunks)
