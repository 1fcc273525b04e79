"""Enrolment over moto: the operations, and what AWS IoT does between them."""

from typing import Final

import boto3
import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.table import Table
from edgeflow.use_cases.devices.remove_device import RemoveDevice
from edgeflow.use_cases.enrolment.allow_provisioning import (
    AllowProvisioning,
    ProvisioningRequest,
    Refusal,
)
from edgeflow.use_cases.enrolment.announce_device import AnnounceDevice
from edgeflow.use_cases.enrolment.confirm_certificate import ConfirmCertificate
from edgeflow.use_cases.enrolment.register_device import RegisterDevice
from tests.support.clock import FixedClock

POLICY_NAME: Final = "edgeflow-device"
DEVICE: Final = "dev_001"


class Cloud:
    """The operations over moto, and what AWS IoT does between them."""

    def __init__(self, table: Table, clock: FixedClock) -> None:
        """Start with the device policy alone."""
        self.iot = boto3.client("iot")
        self.iot.create_policy(policyName=POLICY_NAME, policyDocument="{}")
        self.registry = AwsIotRegistry(self.iot, POLICY_NAME)
        self.clock = clock
        self.store = EnrolmentStore(table)
        self.announce = AnnounceDevice(self.store, self.registry, clock, "edgeflow")
        self.register = RegisterDevice(DeviceStore(table), self.registry, clock)
        self.remove = RemoveDevice(DeviceStore(table), self.registry, DeploymentStore(table))
        self.allow = AllowProvisioning(self.store, clock)
        self.confirm = ConfirmCertificate(self.store, self.registry)

    def signed(self) -> str:
        """A certificate that nobody has a use for yet."""
        return self.iot.create_keys_and_certificate(setAsActive=False)["certificateArn"]

    def provision(self, presented: str, client_id: str, device_id: str = DEVICE) -> str | Refusal:
        """Do what AWS IoT does of a RegisterThing: ask the hook, then apply the template."""
        certificate = self.signed()
        refusal = self.allow(
            ProvisioningRequest(device_id=device_id, certificate=certificate, client_id=client_id, presented=presented)
        )
        if refusal is not None:
            return refusal
        self.registry.authorise(device_id, certificate)
        return certificate

    def claim(self, device_id: str = DEVICE) -> str | Refusal:
        return self.provision("arn:aws:iot:us-east-1:123456789012:cert/claim", f"claim.{device_id}", device_id)

    def rotate(self, presented: str) -> str | Refusal:
        return self.provision(presented, DEVICE)

    def connected(self, certificate: str) -> bool:
        return self.confirm(DEVICE, certificate.rpartition("/")[2])

    def good(self) -> set[str]:
        """Every certificate of the device that would let somebody in."""
        principals = self.iot.list_thing_principals(thingName=DEVICE)["principals"]
        return {arn for arn in principals if self._status(arn) == "ACTIVE"}

    def _status(self, arn: str) -> str:
        described = self.iot.describe_certificate(certificateId=arn.rpartition("/")[2])
        return str(described["certificateDescription"]["status"])


@pytest.fixture
def cloud(table: Table, clock: FixedClock) -> Cloud:
    """A cloud without devices."""
    return Cloud(table, clock)


@pytest.fixture
def enrolled(cloud: Cloud) -> str:
    """The certificate of a device that has enrolled by claim and connected."""
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    certificate = cloud.claim()
    assert isinstance(certificate, str)
    assert cloud.connected(certificate)
    return certificate


@pytest.fixture
def devices(table: Table) -> DeviceStore:
    """The store of devices, with the device policy in IoT."""
    boto3.client("iot").create_policy(policyName=POLICY_NAME, policyDocument="{}")
    return DeviceStore(table)
