"""What is found to be wrong with the clock of a device."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge_agent.doctor.clock import kernel_is_synchronised
from edge_agent.doctor.finding import Level
from tests.unit.edge_agent.doctor.examined_device import Dated, Device, Serve

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(1970, 1, 1, 0, 3, tzinfo=UTC), "which cannot be"),
        (datetime(2106, 2, 7, tzinfo=UTC), "which cannot be"),
        (datetime(2026, 1, 2, tzinfo=UTC), "before the device's certificate was made"),
    ],
)
def test_a_clock_that_cannot_be_right(device: Device, now: datetime, said: str) -> None:
    device.sources = replace(device.sources, now=lambda: now)
    found = device.fault("clock")
    assert (found.level, said in found.sentence) == ("fail", True)


@pytest.mark.parametrize(("answer", "said"), [(False, "nobody synchronises"), (None, "does not say")])
def test_a_clock_that_nobody_corrects(device: Device, answer: bool | None, said: str) -> None:  # noqa: FBT001  an answer
    device.sources = replace(device.sources, is_synchronised=lambda: answer)
    found = device.fault("time_sync")
    assert (found.level, said in found.sentence) == ("warn", True)


def test_the_kernel_says_whether_somebody_corrects_its_clock() -> None:
    assert kernel_is_synchronised() in {True, False}


@pytest.mark.parametrize(("ahead", "said"), [(-timedelta(hours=1), "ahead of"), (timedelta(hours=1), "behind")])
def test_a_clock_that_is_not_the_endpoints(
    device: Device, serve: Serve, dated: type[Dated], ahead: timedelta, said: str
) -> None:
    serve()
    dated.ahead = ahead
    found = device.fault("clock_offset")
    assert found.level is Level.FAIL
    assert f"s {said} the endpoint's" in found.sentence


def test_an_endpoint_that_tells_no_time_is_no_fault_of_the_device(device: Device, serve: Serve) -> None:
    serve()
    assert device.fault("clock_offset").level is Level.WARN
