"""Registering and removing when something fails half-way: nothing leaks, and trying again completes it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import boto3
import pytest
from botocore.stub import Stubber

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.adapters.table import Table
from edgeflow.domain.devices import Certificate, Endpoint
from edgeflow.domain.errors import Conflict, NotFound, Unavailable
from edgeflow.use_cases.devices.remove_device import RemoveDevice
from edgeflow.use_cases.enrolment.register_device import LEASE, RegisterDevice, Registration
from tests.support.clock import FixedClock

POLICY_NAME = "edgeflow-device"


class Interrupted(Unavailable):
    """AWS fails at a step."""


class Killed(BaseException):
    """The function dies at a step, so that not even its clean-up runs to the end."""


class FailingRegistry(AwsIotRegistry):
    """The real registry over moto, with a fault before or after one of its steps."""

    def __init__(self, error: BaseException, before: str = "", after: str = "") -> None:
        """Raise ``error`` around the step named."""
        super().__init__(boto3.client("iot"), POLICY_NAME)
        self._error = error
        self._before = before
        self._after = after

    def create_thing(self, device_id: str) -> None:
        """As the registry, or fail."""
        self._step("create_thing", lambda: super(FailingRegistry, self).create_thing(device_id))

    def create_certificate(self, csr: str | None) -> Certificate:
        """As the registry, or fail."""
        made: list[Certificate] = []
        create = super().create_certificate
        self._step("create_certificate", lambda: made.append(create(csr)))
        return made[0]

    def authorise(self, device_id: str, certificate_arn: str) -> None:
        """As the registry, or fail."""
        self._step("authorise", lambda: super(FailingRegistry, self).authorise(device_id, certificate_arn))

    def withdraw(self, device_id: str, certificate_arn: str) -> None:
        """As the registry, or fail; a killed function withdraws nothing."""
        self._step("withdraw", lambda: super(FailingRegistry, self).withdraw(device_id, certificate_arn))

    def delete_thing(self, device_id: str) -> None:
        """As the registry, or fail."""
        self._step("delete_thing", lambda: super(FailingRegistry, self).delete_thing(device_id))

    def _step(self, name: str, call: Callable[[], None]) -> None:
        if isinstance(self._error, Killed) and name in {"withdraw", "delete_thing"}:
            raise self._error
        if name == self._before:
            raise self._error
        call()
        if name == self._after:
            raise self._error


@pytest.fixture
def devices(table: Table) -> DeviceStore:
    """The store of devices, with the device policy in IoT."""
    boto3.client("iot").create_policy(policyName=POLICY_NAME, policyDocument="{}")
    return DeviceStore(table)


def _registry() -> AwsIotRegistry:
    return AwsIotRegistry(boto3.client("iot"), POLICY_NAME)


def _certificates() -> list[str]:
    return [certificate["certificateArn"] for certificate in boto3.client("iot").list_certificates()["certificates"]]


@pytest.mark.parametrize("step", ["create_thing", "create_certificate", "authorise"])
def test_a_failed_registration_leaves_nothing(devices: DeviceStore, clock: FixedClock, step: str) -> None:
    failing = RegisterDevice(devices, FailingRegistry(Interrupted("busy"), before=step), clock)
    with pytest.raises(Interrupted):
        failing("dev_001", csr=None, caller="operator")
    assert _certificates() == []
    assert boto3.client("iot").list_things()["things"] == []
    assert devices.find("dev_001") is None


@pytest.mark.parametrize("step", ["create_thing", "authorise"])
def test_a_registration_that_died_is_completed_by_the_next(devices: DeviceStore, clock: FixedClock, step: str) -> None:
    dying = RegisterDevice(devices, FailingRegistry(Killed(), after=step), clock)
    with pytest.raises(Killed):
        dying("dev_001", csr=None, caller="operator")
    assert devices.missing(["dev_001"]) == ["dev_001"]
    with pytest.raises(NotFound):
        devices.get("dev_001")

    with pytest.raises(Conflict, match="at this moment"):  # for all that is known, the first is still at work
        RegisterDevice(devices, _registry(), clock)("dev_001", csr=None, caller="operator")
    clock.now += LEASE + timedelta(milliseconds=1)
    made = RegisterDevice(devices, _registry(), clock)("dev_001", csr=None, caller="operator")
    assert _certificates() == [made.certificate.arn]
    assert devices.get("dev_001").certificate_arns == {made.certificate.arn}
    assert devices.missing(["dev_001"]) == []


def test_a_registration_that_died_can_be_removed(devices: DeviceStore, table: Table, clock: FixedClock) -> None:
    dying = RegisterDevice(devices, FailingRegistry(Killed(), after="authorise"), clock)
    with pytest.raises(Killed):
        dying("dev_001", csr=None, caller="operator")
    RemoveDevice(devices, _registry(), DeploymentStore(table))("dev_001")
    assert _certificates() == []
    assert devices.find("dev_001") is None


@pytest.mark.parametrize("step", ["withdraw", "delete_thing"])
def test_a_removal_that_failed_is_completed_by_the_next(
    devices: DeviceStore, table: Table, clock: FixedClock, step: str
) -> None:
    RegisterDevice(devices, _registry(), clock)("dev_001", csr=None, caller="operator")
    deployments = DeploymentStore(table)
    failing = RemoveDevice(devices, FailingRegistry(Interrupted("busy"), after=step), deployments)
    with pytest.raises(Interrupted):
        failing("dev_001")
    assert devices.page(limit=10) == ([], None)
    with pytest.raises(Conflict, match="being removed"):
        RegisterDevice(devices, _registry(), clock)("dev_001", csr=None, caller="operator")

    RemoveDevice(devices, _registry(), deployments)("dev_001")
    assert devices.find("dev_001") is None
    assert _certificates() == []


def test_a_try_that_was_overtaken_gives_way(devices: DeviceStore, clock: FixedClock) -> None:
    winner: list[str] = []

    class Overtaken(AwsIotRegistry):
        def authorise(self, device_id: str, certificate_arn: str) -> None:
            super().authorise(device_id, certificate_arn)
            clock.now += LEASE + timedelta(milliseconds=1)
            made = RegisterDevice(devices, _registry(), clock)(device_id, csr=None, caller="second")
            winner.append(made.certificate.arn)

    slow = RegisterDevice(devices, Overtaken(boto3.client("iot"), POLICY_NAME), clock)
    with pytest.raises(Conflict):
        slow("dev_001", csr=None, caller="first")
    assert _certificates() == winner
    assert devices.get("dev_001").registered_by == "second"
    assert boto3.client("iot").list_thing_principals(thingName="dev_001")["principals"] == winner


def test_a_thing_that_got_another_attribute_is_still_ours(
    devices: DeviceStore, table: Table, clock: FixedClock
) -> None:
    register = RegisterDevice(devices, _registry(), clock)
    register("dev_001", csr=None, caller="operator")
    iot = boto3.client("iot")
    iot.update_thing(thingName="dev_001", attributePayload={"attributes": {"hall": "north"}, "merge": True})
    RemoveDevice(devices, _registry(), DeploymentStore(table))("dev_001")
    assert iot.list_things()["things"] == []
    assert _certificates() == []
    register("dev_001", csr=None, caller="operator")


@pytest.mark.parametrize("attributes", [{}, {"hall": "north"}, {"managed_by": "somebody"}])
def test_a_thing_that_we_did_not_make_is_left_alone(
    devices: DeviceStore, clock: FixedClock, attributes: dict[str, str]
) -> None:
    iot = boto3.client("iot")
    iot.create_thing(thingName="dev_001", attributePayload={"attributes": attributes})
    with pytest.raises(Conflict):
        RegisterDevice(devices, _registry(), clock)("dev_001", csr=None, caller="operator")
    _registry().delete_thing("dev_001")
    assert iot.describe_thing(thingName="dev_001")["attributes"] == attributes


def test_a_thing_with_a_certificate_of_somebody_else_is_not_deleted(
    devices: DeviceStore, table: Table, clock: FixedClock
) -> None:
    RegisterDevice(devices, _registry(), clock)("dev_001", csr=None, caller="operator")
    iot = boto3.client("iot")
    foreign = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
    iot.attach_thing_principal(thingName="dev_001", principal=foreign)
    remove = RemoveDevice(devices, _registry(), DeploymentStore(table))
    with pytest.raises(Conflict, match="did not make"):
        remove("dev_001")
    iot.detach_thing_principal(thingName="dev_001", principal=foreign)
    remove("dev_001")
    assert _certificates() == [foreign]


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


def test_of_registrations_at_once_one_is_made(devices: DeviceStore, clock: FixedClock) -> None:
    for number in range(5):
        name = f"dev_{number:03}"
        register = RegisterDevice(devices, _registry(), clock)
        outcomes = _at_once([partial(register, name, csr=None, caller="operator")] * 20)
        (made,) = [outcome for outcome in outcomes if isinstance(outcome, Registration)]
        assert {type(outcome) for outcome in outcomes} == {Registration, Conflict}
        principals = boto3.client("iot").list_thing_principals(thingName=name)["principals"]
        assert principals == [made.certificate.arn]
        assert devices.get(name).current_certificate == made.certificate.arn
    assert len(_certificates()) == 5


def test_registrations_and_removals_at_once_leave_a_whole_device_or_none(
    devices: DeviceStore, table: Table, clock: FixedClock
) -> None:
    register = partial(RegisterDevice(devices, _registry(), clock), "dev_001", csr=None, caller="operator")
    remove = partial(RemoveDevice(devices, _registry(), DeploymentStore(table)), "dev_001")
    for _ in range(5):
        outcomes = _at_once([register, remove] * 8)
        expected = Registration | Conflict | NotFound | Unavailable | None
        assert [outcome for outcome in outcomes if not isinstance(outcome, expected)] == []
        record = devices.find("dev_001")
        if record is None:
            assert _certificates() == []
        else:
            assert set(_certificates()) <= record.certificate_arns
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
    assert _certificates() == []
    assert devices.find("dev_001") is None


def test_the_address_of_aws_iot_is_asked_for_once(devices: DeviceStore, clock: FixedClock) -> None:
    client = boto3.client("iot")
    asked: list[str] = []
    client.meta.events.register("before-call.iot.DescribeEndpoint", lambda **_: asked.append("endpoint"))
    register = RegisterDevice(devices, AwsIotRegistry(client, POLICY_NAME), clock)
    made = [register(device_id, csr=None, caller="operator") for device_id in ("dev_001", "dev_002")]
    assert (len({each.mqtt_endpoint for each in made}), asked) == (1, ["endpoint"])


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        ("a1-ats.iot.eu-central-1.amazonaws.com", Endpoint(host="a1-ats.iot.eu-central-1.amazonaws.com", port=8883)),
        ("127.0.0.1:18883", Endpoint(host="127.0.0.1", port=18883)),
    ],
)
def test_devices_connect_to_the_port_of_aws_iot_unless_the_endpoint_names_another(
    address: str, endpoint: Endpoint
) -> None:
    client = boto3.client("iot", region_name="eu-central-1")
    with Stubber(client) as stubber:
        stubber.add_response("describe_endpoint", {"endpointAddress": address}, {"endpointType": "iot:Data-ATS"})
        assert AwsIotRegistry(client, POLICY_NAME).endpoint() == endpoint
