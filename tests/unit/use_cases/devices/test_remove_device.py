"""Removing a device: its certificates first, whoever made them, and nothing of others."""

import boto3
import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.table import Table
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.devices.remove_device import RemoveDevice
from edgeflow.use_cases.enrolment.allow_provisioning import (
    Refusal,
)
from edgeflow.use_cases.enrolment.register_device import RegisterDevice
from tests.support.clock import FixedClock
from tests.unit.use_cases.enrolment.conftest import DEVICE, Cloud
from tests.unit.use_cases.enrolment.registries import FailingRegistry, Interrupted, Killed, certificates, registry

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("connected", [False, True])
def test_removing_revokes_what_was_given_out(cloud: Cloud, connected: bool) -> None:  # noqa: FBT001
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    certificate = str(cloud.claim())
    if connected:
        cloud.connected(certificate)
    cloud.remove(DEVICE)
    assert cloud.store.find(DEVICE) is None
    assert cloud.iot.list_certificates()["certificates"] == []
    assert cloud.iot.list_things()["things"] == []
    assert cloud.claim() is Refusal.UNKNOWN


def test_a_registration_that_died_can_be_removed(devices: DeviceStore, table: Table, clock: FixedClock) -> None:
    dying = RegisterDevice(devices, FailingRegistry(Killed(), after="authorise"), clock)
    with pytest.raises(Killed):
        dying("dev_001", csr=None, caller="operator")
    RemoveDevice(devices, registry(), DeploymentStore(table))("dev_001")
    assert certificates() == []
    assert devices.find("dev_001") is None


@pytest.mark.parametrize("step", ["withdraw", "delete_thing"])
def test_a_removal_that_failed_is_completed_by_the_next(
    devices: DeviceStore, table: Table, clock: FixedClock, step: str
) -> None:
    RegisterDevice(devices, registry(), clock)("dev_001", csr=None, caller="operator")
    deployments = DeploymentStore(table)
    failing = RemoveDevice(devices, FailingRegistry(Interrupted("busy"), after=step), deployments)
    with pytest.raises(Interrupted):
        failing("dev_001")
    assert devices.page(limit=10) == ([], None)
    with pytest.raises(Conflict, match="being removed"):
        RegisterDevice(devices, registry(), clock)("dev_001", csr=None, caller="operator")

    RemoveDevice(devices, registry(), deployments)("dev_001")
    assert devices.find("dev_001") is None
    assert certificates() == []


def test_a_thing_with_a_certificate_of_somebody_else_is_not_deleted(
    devices: DeviceStore, table: Table, clock: FixedClock
) -> None:
    RegisterDevice(devices, registry(), clock)("dev_001", csr=None, caller="operator")
    iot = boto3.client("iot")
    foreign = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
    iot.attach_thing_principal(thingName="dev_001", principal=foreign)
    remove = RemoveDevice(devices, registry(), DeploymentStore(table))
    with pytest.raises(Conflict, match="did not make"):
        remove("dev_001")
    iot.detach_thing_principal(thingName="dev_001", principal=foreign)
    remove("dev_001")
    assert certificates() == [foreign]
