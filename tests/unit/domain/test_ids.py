"""Ids, timestamps and durations."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.durations import format_duration, parse_duration
from edgeflow.contract.ids import DEPLOYMENT_ID_PATTERN, FLOW_ID_PATTERN
from edgeflow.domain.clock import timestamp
from edgeflow.domain.ids import new_deployment_id, new_flow_id
from edgeflow.domain.jobs import MAX_ATTEMPT, MAX_JOB_ID_LENGTH, MAX_WAVE, ReturnJob, WaveJob, parse_job_id

STACK = "5f3a9c01"
MOMENT = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)


def test_ids_match_their_patterns_and_never_repeat() -> None:
    ids = {new_deployment_id(MOMENT, STACK) for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(re.fullmatch(DEPLOYMENT_ID_PATTERN, each) for each in ids)
    assert re.fullmatch(FLOW_ID_PATTERN, new_flow_id(MOMENT))


def test_ids_sort_by_time() -> None:
    later = MOMENT + timedelta(milliseconds=1)
    assert new_flow_id(MOMENT) < new_flow_id(later)
    assert new_deployment_id(MOMENT, STACK) < new_deployment_id(later, STACK)


def test_every_job_of_a_deployment_is_named_by_its_stack_and_not_too_long() -> None:
    deployment_id = new_deployment_id(MOMENT, STACK)
    longest = ReturnJob(deployment_id=deployment_id, attempt=MAX_ATTEMPT, group=9_999, chunk=9_999)
    for job in (WaveJob(deployment_id=deployment_id, wave=MAX_WAVE, chunk=9_999), longest):
        assert job.id.startswith(f"dep_{STACK}")
        assert len(job.id) <= MAX_JOB_ID_LENGTH
        assert parse_job_id(job.id) == job


def test_timestamps_are_utc_with_milliseconds() -> None:
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=5)))
    assert timestamp(elsewhere) == "2026-02-21T12:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1h30m", 5_400), ("7d", 604_800), ("0s", 0), ("1d2h3m4s", 93_784)]
)
def test_durations_as_people_write_them(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "1.5h", "-5m", "30m1h", "5m5m", "9999999999d", "999999999d24h"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"90s|too long"):
        parse_duration(text)


@given(st.integers(0, 10_000_000))
def test_a_duration_is_read_back_as_it_was_written(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration
