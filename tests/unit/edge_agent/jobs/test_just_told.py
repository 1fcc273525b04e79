"""A job that the cloud offers once more, right after its end was told, and a new one under its name."""

from datetime import timedelta
from pathlib import Path

import pytest

from edge_agent.jobs.just_told import CATCHES_UP, JustTold
from tests.support.clock import FixedClock
from tests.unit.edge_agent.device import JOB, REMOVE, Device, Power, apply

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("later", "is_told"),
    [
        (timedelta(), True),
        (CATCHES_UP - timedelta(seconds=1), True),
        (CATCHES_UP, False),
        (timedelta(seconds=-1), False),
    ],
)
def test_a_job_is_the_one_that_was_just_told_for_a_time(later: timedelta, *, is_told: bool) -> None:
    clock = FixedClock()
    told = JustTold(clock)
    assert JOB not in told
    told.note(JOB)
    clock.now += later
    assert (JOB in told) is is_told
    assert "another" not in told


def test_a_job_that_takes_the_name_of_one_that_was_told_does_not_hold_up_the_others_for_ever(tmp_path: Path) -> None:
    device = Device(tmp_path, Power()).pin()
    device.install(1)
    device.clock = clock = FixedClock()
    device.boot()
    device.cloud.executions[JOB] = ["QUEUED", dict(REMOVE)]
    device.engine.work()
    assert device.cloud.status() == "REJECTED"
    device.cloud.executions = {JOB: ["QUEUED", dict(REMOVE)]}
    device.cloud.queue(apply(2), "of_the_stack")
    device.engine.work()
    assert device.cloud.status("of_the_stack") == "QUEUED", "it may be the one that was told, by a cloud that is late"
    clock.now += CATCHES_UP
    device.engine.work()
    assert (device.cloud.status(), device.cloud.status("of_the_stack")) == ("REJECTED", "SUCCEEDED")
