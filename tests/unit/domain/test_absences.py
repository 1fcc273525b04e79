"""Since when a device is gone, and what ends that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edgeflow.contract.wire import MAX_MILLISECONDS
from edgeflow.domain.absences import STILL_ON_ITS_WAY, Absence
from edgeflow.domain.clock import milliseconds
from edgeflow.domain.devices import Device, DeviceState, Presence

LEFT = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
DISCONNECTED = Presence(device_id="dev_1", connected=False, connection=3, at_ms=milliseconds(LEFT))
GONE = Device(id="dev_1", state=DeviceState.REGISTERED, attempt="1", connected=False, presence=DISCONNECTED)
ABSENCE = Absence(device_id="dev_1", connection=3, at_ms=milliseconds(LEFT))


def test_a_device_is_absent_since_its_disconnection() -> None:
    assert Absence.of(GONE) == Absence.since(DISCONNECTED) == ABSENCE
    assert ABSENCE.began == LEFT


@pytest.mark.parametrize("presence", [None, replace(DISCONNECTED, connected=True)])
def test_a_device_that_is_connected_or_was_never_heard_of_is_not_absent(presence: Presence | None) -> None:
    device = replace(GONE, presence=presence)
    assert Absence.of(device) is None
    assert not ABSENCE.lasts(device)


@pytest.mark.parametrize(
    "presence",
    [replace(DISCONNECTED, connection=4), replace(DISCONNECTED, at_ms=DISCONNECTED.at_ms + 1)],
    ids=["another_connection", "another_moment"],
)
def test_a_later_disconnection_is_another_absence(presence: Presence) -> None:
    assert ABSENCE.lasts(GONE)
    assert not ABSENCE.lasts(replace(GONE, presence=presence))


@pytest.mark.parametrize(
    ("after", "lasts"),
    [
        (-timedelta(hours=1), True),
        (STILL_ON_ITS_WAY - timedelta(milliseconds=1), True),
        (STILL_ON_ITS_WAY, False),
        (timedelta(hours=1), False),
    ],
)
def test_a_report_that_came_well_after_it_ends_an_absence(after: timedelta, *, lasts: bool) -> None:
    assert ABSENCE.lasts(replace(GONE, reported_at=LEFT + after)) is lasts


def test_an_absence_at_the_end_of_all_years_harms_nobody() -> None:
    far = replace(DISCONNECTED, at_ms=MAX_MILLISECONDS)
    assert Absence.since(far).lasts(replace(GONE, presence=far, reported_at=LEFT))
