"""Registering and removing when something fails half-way: nothing leaks, and trying again completes it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import boto3
import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.adapters.table import Table
from edgeflow.domain.errors import Conflict, NotFound, Unavailable, UnderWay
from edgeflow.use_cases.devices.remove_device import RemoveDevice
from edgeflow.use_cases.enrolment.register_device import LEASE, RegisterDevice, Registration
from tests.support.clock import FixedClock
from tests.unit.use_cases.enrolment.registries import (
    POLICY_NAME,
    FailingRegistry,
    Interrupted,
    Killed,
    certificates,
    registry,
)


def _at_once(calls: list[Callable[[], object]]) -> list[object]:
    """Return what each call returned or raised, all of them begun at the same moment."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        gate.wait(timeout=30)
        try:
            return call()
        except Exception as error:  # noqa: BLE001  the test looks at what it is
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.parametrize("step", ["create_thing", "create_certificate", "authorise"])
def test_a_failed_registration_leaves_nothing(devices: DeviceStore, clock: FixedClock, step: str) -> None:
    failing = RegisterDevice(devices, FailingRegistry(Interrupted("busy"), before=step), clock)
    with pytest.raises(Interrupted):
        failing("dev_001", csr=None, caller="operator")
    assert certificates() == []
    assert boto3.client("iot").list_things()["things"] == []
    assert devices.find("dev_001") is None


@pytest.mark.parametrize("step", ["create_thing", "authorise"])
@pytest.mark.slow
def test_a_registration_that_died_is_completed_by_the_next(devices: DeviceStore, clock: FixedClock, step: str) -> None:
    dying = RegisterDevice(devices, FailingRegistry(Killed(), after=step), clock)
    with pytest.raises(Killed):
        dying("dev_001", csr=None, caller="operator")
    assert devices.missing(["dev_001"]) == ["dev_001"]
    with pytest.raises(NotFound):
        devices.get("dev_001")

    with pytest.raises(UnderWay, match="at this moment"):  # for all that is known, the first is still at work
        RegisterDevice(devices, registry(), clock)("dev_001", csr=None, caller="operator")
    clock.now += LEASE + timedelta(milliseconds=1)
    made = RegisterDevice(devices, registry(), clock)("dev_001", csr=None, caller="operator")
    assert certificates() == [made.certificate.arn]
    assert devices.get("dev_001").certificate_arns == {made.certificate.arn}
    assert devices.missing(["dev_001"]) == []


@pytest.mark.slow
def test_a_try_that_was_overtaken_gives_way(devices: DeviceStore, clock: FixedClock) -> None:
    winner: list[str] = []

    class Overtaken(AwsIotRegistry):
        def authorise(self, device_id: str, certificate_arn: str) -> None:
            super().authorise(device_id, certificate_arn)
            clock.now += LEASE + timedelta(milliseconds=1)
            made = RegisterDevice(devices, registry(), clock)(device_id, csr=None, caller="second")
            winner.append(made.certificate.arn)

    slow = RegisterDevice(devices, Overtaken(boto3.client("iot"), POLICY_NAME), clock)
    with pytest.raises(Conflict):
        slow("dev_001", csr=None, caller="first")
    assert certificates() == winner
    assert devices.get("dev_001").registered_by == "second"
    assert boto3.client("iot").list_thing_principals(thingName="dev_001")["principals"] == winner


@pytest.mark.slow
def test_a_thing_that_got_another_attribute_is_still_ours(
    devices: DeviceStore, table: Table, clock: FixedClock
) -> None:
    register = RegisterDevice(devices, registry(), clock)
    register("dev_001", csr=None, caller="operator")
    iot = boto3.client("iot")
    iot.update_thing(thingName="dev_001", attributePayload={"attributes": {"hall": "north"}, "merge": True})
    RemoveDevice(devices, registry(), DeploymentStore(table))("dev_001")
    assert iot.list_things()["things"] == []
    assert certificates() == []
    register("dev_001", csr=None, caller="operator")


@pytest.mark.parametrize("attributes", [{}, {"hall": "north"}, {"managed_by": "somebody"}])
def test_a_thing_that_we_did_not_make_is_left_alone(
    devices: DeviceStore, clock: FixedClock, attributes: dict[str, str]
) -> None:
    iot = boto3.client("iot")
    iot.create_thing(thingName="dev_001", attributePayload={"attributes": attributes})
    with pytest.raises(Conflict):
        RegisterDevice(devices, registry(), clock)("dev_001", csr=None, caller="operator")
    registry().delete_thing("dev_001")
    assert iot.describe_thing(thingName="dev_001")["attributes"] == attributes


@pytest.mark.slow
def test_of_registrations_at_once_one_is_made(devices: DeviceStore, clock: FixedClock) -> None:
    for number in range(5):
        name = f"dev_{number:03}"
        register = RegisterDevice(devices, registry(), clock)
        outcomes = _at_once([partial(register, name, csr=None, caller="operator")] * 20)
        (made,) = [outcome for outcome in outcomes if isinstance(outcome, Registration)]
        # Whoever comes while it is made is told to ask again, whoever comes after it that the device is there.
        others = {type(outcome) for outcome in outcomes} - {Registration}
        assert others <= {UnderWay, Conflict}
        principals = boto3.client("iot").list_thing_principals(thingName=name)["principals"]
        assert principals == [made.certificate.arn]
        assert devices.get(name).current_certificate == made.certificate.arn
    assert len(certificates()) == 5


@pytest.mark.slow
def test_registrations_and_removals_at_once_leave_a_whole_device_or_none(
    devices: DeviceStore, table: Table, clock: FixedClock
) -> None:
    register = partial(RegisterDevice(devices, registry(), clock), "dev_001", csr=None, caller="operator")
    remove = partial(RemoveDevice(devices, registry(), DeploymentStore(table)), "dev_001")
    for _ in range(5):
        outcomes = _at_once([register, remove] * 8)
        expected = Registration | Conflict | NotFound | Unavailable | None
        assert [outcome for outcome in outcomes if not isinstance(outcome, expected)] == []
        record = devices.find("dev_001")
        if record is None:
            assert certificates() == []
        else:
            assert set(certificates()) <= record.certificate_arns
            remove()
        assert boto3.client("iot").list_things()["things"] == []


@pytest.mark.parametrize("gone", ["certificate", "thing"])
def test_a_registration_whose_certificate_or_thing_is_gone_gives_way(
    devices: DeviceStore, clock: FixedClock, gone: str
) -> None:
    class Meeting(AwsIotRegistry):
        def authorise(self, device_id: str, certificate_arn: str) -> None:
            if gone == "certificate":
                super().withdraw(device_id, certificate_arn)
            else:
                super().delete_thing(device_id)
            super().authorise(device_id, certificate_arn)

    with pytest.raises(Conflict, match="at the same moment"):
        RegisterDevice(devices, Meeting(boto3.client("iot"), POLICY_NAME), clock)("dev_001", csr=None, caller="first")
    assert certificates() == []
    assert devices.find("dev_001") is None
