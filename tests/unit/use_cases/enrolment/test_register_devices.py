"""Registering many devices: as fast as AWS IoT allows, in time, and each answered whatever became of the others."""

from threading import Event

import boto3
import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.devices import Certificate
from edgeflow.domain.errors import Unavailable
from edgeflow.use_cases.enrolment import register_devices
from edgeflow.use_cases.enrolment.announce_device import AnnounceDevice, Announcement
from edgeflow.use_cases.enrolment.register_device import RegisterDevice, Registration
from edgeflow.use_cases.enrolment.register_devices import (
    CERTIFICATES_A_SECOND,
    SECONDS_TO_ANSWER,
    SECONDS_TO_END,
    Outcome,
    RegisterDevices,
    Wanted,
)
from tests.support.clock import FixedClock
from tests.support.waiting import wait_for

POLICY_NAME = "edgeflow-device"
SECONDS = 29.0


class QuickRegistry(AwsIotRegistry):
    """The registry over moto, but for making keys, which takes a twentieth of a second; some devices are trouble."""

    def __init__(self) -> None:
        """Work, unless a device is called for trouble."""
        super().__init__(boto3.client("iot"), POLICY_NAME)
        self.made = 0
        self.never = Event()

    def create_thing(self, device_id: str) -> None:
        """As the registry; throttled, faulty, or without an end for devices that are called so."""
        if device_id.startswith("throttled"):
            message = "AWS IoT is too busy"
            raise Unavailable(message)
        if device_id.startswith("faulty"):
            raise ZeroDivisionError
        if device_id.startswith("hangs"):
            self.never.wait(60)
            message = "AWS IoT did not answer"
            raise Unavailable(message)
        super().create_thing(device_id)

    def create_certificate(self, csr: str | None) -> Certificate:
        """Make up a certificate."""
        self.made += 1
        return Certificate(
            arn=f"arn:aws:iot:us-east-1:1:cert/{self.made}", pem="PEM", private_key=None if csr else "KEY"
        )

    def authorise(self, device_id: str, certificate_arn: str) -> None:
        """Let it in, as far as anybody knows."""

    def withdraw(self, device_id: str, certificate_arn: str) -> None:
        """Forget a certificate that was made up."""


class Timer:
    """Time that goes on only where somebody sleeps."""

    def __init__(self) -> None:
        """Start at 0."""
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds so far."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture
def registry(table: Table) -> QuickRegistry:
    """The registry."""
    return QuickRegistry()


@pytest.fixture
def register(table: Table, clock: FixedClock, registry: QuickRegistry) -> RegisterDevices:
    """The operation, over time that a test moves."""
    timer = Timer()
    one = RegisterDevice(DeviceStore(table), registry, clock)
    announce = AnnounceDevice(EnrolmentStore(table), registry, clock, "template")
    return RegisterDevices(one, announce, monotonic=timer, sleep=timer.sleep)


def _kinds(outcomes: list[Outcome]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def test_each_device_is_answered_whatever_became_of_the_others(register: RegisterDevices) -> None:
    names = ["good_1", "throttled", "faulty", "good_2"]
    wanted = [Wanted(device_id=name) for name in names] + [Wanted(device_id="expected", claim=True)]
    outcomes = register(wanted, seconds=SECONDS, caller="operator")
    assert _kinds(outcomes) == ["Registration", "Unavailable", "ZeroDivisionError", "Registration", "Announcement"]
    assert [each.device_id for each in outcomes if isinstance(each, Registration | Announcement)] == [
        "good_1",
        "good_2",
        "expected",
    ]


def test_sending_all_again_registers_what_is_missing_and_nothing_twice(
    register: RegisterDevices, registry: QuickRegistry
) -> None:
    first = [Wanted(device_id=name) for name in ("a", "b")]
    register(first, seconds=SECONDS, caller="operator")
    again = register([*first, Wanted(device_id="c")], seconds=SECONDS, caller="operator")
    assert _kinds(again) == ["Conflict", "Conflict", "Registration"]
    assert registry.made == 3


@pytest.mark.slow
def test_certificates_are_made_no_faster_than_aws_allows_and_the_rest_is_not_begun(
    register: RegisterDevices, registry: QuickRegistry, table: Table
) -> None:
    seconds = SECONDS_TO_ANSWER + SECONDS_TO_END + 2
    room = 2 * CERTIFICATES_A_SECOND + 1  # the first needs no wait
    wanted = [Wanted(device_id=f"dev_{number:04d}") for number in range(room + 5)]
    outcomes = register(wanted, seconds=seconds, caller="operator")
    done = [isinstance(outcome, Registration) for outcome in outcomes]
    assert registry.made == done.count(True)
    assert room - 1 <= registry.made <= room  # a tenth of a second is no sum of powers of two
    assert done == sorted(done, reverse=True)
    for outcome in outcomes[registry.made :]:
        assert isinstance(outcome, Unavailable)
        assert "send this line again" in str(outcome)
    assert not any(DeviceStore(table).exists(device.device_id) for device in wanted[registry.made :])


@pytest.mark.slow
def test_devices_that_get_no_certificate_wait_for_none(register: RegisterDevices) -> None:
    wanted = [Wanted(device_id=f"dev_{number:04d}", claim=True) for number in range(60)]
    outcomes = register(wanted, seconds=SECONDS, caller="operator")
    assert _kinds(outcomes) == ["Announcement"] * 60


@pytest.mark.slow
def test_a_device_that_does_not_end_holds_up_no_answer(
    table: Table, clock: FixedClock, registry: QuickRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_devices, "SECONDS_TO_END", 0.5)
    one = RegisterDevice(DeviceStore(table), registry, clock)
    announce = AnnounceDevice(EnrolmentStore(table), registry, clock, "template")
    wanted = [Wanted(device_id="hangs"), Wanted(device_id="good", claim=True)]
    outcomes = RegisterDevices(one, announce)(wanted, seconds=SECONDS_TO_ANSWER + 1, caller="operator")
    registry.never.set()
    wait_for(lambda: not DeviceStore(table).exists("hangs") or None, what="the end of the try", seconds=10)
    assert _kinds(outcomes) == ["Unavailable", "Announcement"]
    assert "not finished in time" in str(outcomes[0])
