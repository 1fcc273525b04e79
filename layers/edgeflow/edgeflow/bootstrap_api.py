"""The composition root of the API's flows and devices; its adapters, too, are made once per Lambda environment."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from edgeflow import bootstrap
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.fleet_store import FleetStore
from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.flows.artifact_store import ArtifactStore
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.flows.kms_signer import KmsSigner
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.domain.clock import utc_now
from edgeflow.settings import setting
from edgeflow.use_cases.deployments.read_waits import ReadWaits
from edgeflow.use_cases.devices.count_devices import CountDevices
from edgeflow.use_cases.devices.read_devices import ReadDevices
from edgeflow.use_cases.devices.remove_device import RemoveDevice
from edgeflow.use_cases.enrolment.announce_device import AnnounceDevice
from edgeflow.use_cases.enrolment.register_device import RegisterDevice
from edgeflow.use_cases.enrolment.register_devices import RegisterDevices
from edgeflow.use_cases.flows.archive_flow import ArchiveFlow
from edgeflow.use_cases.flows.create_flow import CreateFlow
from edgeflow.use_cases.flows.delete_flow import DeleteFlow
from edgeflow.use_cases.flows.draft_flow import DraftFlow
from edgeflow.use_cases.flows.publish_flow import PublishFlow
from edgeflow.use_cases.flows.read_flows import ReadFlows
from edgeflow.use_cases.flows.restore_flow import RestoreFlow
from edgeflow.use_cases.flows.update_flow import UpdateFlow

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient
    from types_boto3_kms.client import KMSClient
    from types_boto3_s3.client import S3Client

# API Gateway gives a request 29 s in all, so waiting long for one call is no use.
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=8)


@cache
def flow_store() -> FlowStore:
    """Return the store of flows."""
    return FlowStore(bootstrap.table())


@cache
def artifact_store() -> ArtifactStore:
    """Return the store of artifacts, in the bucket that ``ARTIFACT_BUCKET`` names."""
    client: S3Client = boto3.client("s3", config=_CONFIG)
    return ArtifactStore(client, setting("ARTIFACT_BUCKET"))


@cache
def signer() -> KmsSigner:
    """Return the signer of artifacts, with the key that ``ARTIFACT_SIGNING_KEY`` names."""
    client: KMSClient = boto3.client("kms", config=_CONFIG)
    return KmsSigner(client, setting("ARTIFACT_SIGNING_KEY"))


@cache
def device_store() -> DeviceStore:
    """Return the store of devices."""
    return DeviceStore(bootstrap.table())


@cache
def iot_registry() -> AwsIotRegistry:
    """Return AWS IoT's registry, with the policy that ``DEVICE_POLICY_NAME`` names."""
    many_at_once = _CONFIG.merge(Config(max_pool_connections=32))
    client: IoTClient = boto3.client("iot", config=many_at_once)
    return AwsIotRegistry(client, setting("DEVICE_POLICY_NAME"))


def create_flow() -> CreateFlow:
    """Build the use case."""
    return CreateFlow(flow_store(), utc_now)


def update_flow() -> UpdateFlow:
    """Build the use case."""
    return UpdateFlow(flow_store(), utc_now)


def publish_flow() -> PublishFlow:
    """Build the use case."""
    return PublishFlow(flow_store(), artifact_store(), signer(), utc_now)


def draft_flow() -> DraftFlow:
    """Build the use case."""
    return DraftFlow(flow_store(), utc_now)


def archive_flow() -> ArchiveFlow:
    """Build the use case."""
    return ArchiveFlow(flow_store(), utc_now)


def restore_flow() -> RestoreFlow:
    """Build the use case."""
    return RestoreFlow(flow_store(), utc_now)


def delete_flow() -> DeleteFlow:
    """Build the use case."""
    return DeleteFlow(flow_store(), device_store(), InstallStore(bootstrap.table()), utc_now)


def read_flows() -> ReadFlows:
    """Build the use case."""
    return ReadFlows(flow_store(), artifact_store())


def register_device() -> RegisterDevice:
    """Build the use case."""
    return RegisterDevice(device_store(), iot_registry(), utc_now)


def announce_device() -> AnnounceDevice:
    """Build the use case, for the template that ``PROVISIONING_TEMPLATE`` names."""
    store = EnrolmentStore(bootstrap.table())
    return AnnounceDevice(store, iot_registry(), utc_now, setting("PROVISIONING_TEMPLATE"))


def count_devices() -> CountDevices:
    """Build the use case."""
    return CountDevices(FleetStore(bootstrap.table()), utc_now)


def register_devices() -> RegisterDevices:
    """Build the use case."""
    return RegisterDevices(register_device(), announce_device())


def remove_device() -> RemoveDevice:
    """Build the use case."""
    return RemoveDevice(device_store(), iot_registry(), DeploymentStore(bootstrap.table()))


def read_devices() -> ReadDevices:
    """Build the use case."""
    return ReadDevices(device_store())


def read_waits() -> ReadWaits:
    """Build the use case."""
    return ReadWaits(WaveStore(bootstrap.table()), TargetStore(bootstrap.table()), device_store(), utc_now)
