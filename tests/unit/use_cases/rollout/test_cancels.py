"""Cancelled jobs are waited for until AWS IoT has ended them, for a minute from the first look."""

from datetime import timedelta

import pytest

from edgeflow.domain.clock import timestamp
from edgeflow.domain.unreadable import Kind
from edgeflow.use_cases.rollout.cancels import CANCELS_END_WITHIN, Cancels, is_open, may_still_end, still_cancelling
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.support.clock import FixedClock
from tests.unit.use_cases.cloud import DEPLOYMENT, running_world
from tests.unit.use_cases.memory_stores import MemoryWaves


@pytest.mark.parametrize(
    ("status", "open_"),
    [("QUEUED", True), ("IN_PROGRESS", True), ("CANCELED", False), ("SUCCEEDED", False), ("REMOVED", False)],
)
def test_what_a_device_may_still_take_up_or_end_is_open(status: str, open_: bool) -> None:  # noqa: FBT001
    assert is_open(JobExecution(device_id="dev_001", status=status, started=False)) is open_
    assert not is_open(None)


def test_exactly_at_the_limit_nothing_is_waited_for_any_longer(clock: FixedClock) -> None:
    cancelled_at = timestamp(clock())
    clock.advance(seconds=CANCELS_END_WITHIN.total_seconds() - 0.001)
    assert may_still_end(cancelled_at, clock)
    clock.advance(seconds=0.001)
    assert not may_still_end(cancelled_at, clock)


def test_the_first_look_sets_the_moment_and_later_ones_do_not_move_it(clock: FixedClock) -> None:
    cancels = Cancels(MemoryWaves(running_world(1)), clock)
    for _ in range(12):
        assert cancels.waits_for(DEPLOYMENT, "00001")
        clock.now += timedelta(seconds=5)
    assert not cancels.waits_for(DEPLOYMENT, "00001")


def test_where_nobody_can_tell_since_when_nothing_is_waited_for(clock: FixedClock) -> None:
    world = running_world(1)
    world.unreadable.add((Kind.WAVE, "00001"))
    assert not Cancels(MemoryWaves(world), clock).waits_for(DEPLOYMENT, "00001")


def test_the_error_says_how_many_are_open() -> None:
    assert "the cancelled jobs of 2 devices" in str(still_cancelling(["dev_001", "dev_002"]))
