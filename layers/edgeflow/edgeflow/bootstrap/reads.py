"""What operators read of flows, deployments, devices and their histories."""

import time

from edgeflow.adapters.deployments.device_deployment_store import DeviceDeploymentStore
from edgeflow.adapters.devices.fleet_store import FleetStore
from edgeflow.adapters.flows.node_types import NodeTypeFile
from edgeflow.adapters.history.history_store import HistoryStore
from edgeflow.bootstrap import bucket, stores
from edgeflow.bootstrap.clients import table
from edgeflow.domain.clock import utc_now
from edgeflow.use_cases.deployments.await_status import AwaitStatus
from edgeflow.use_cases.deployments.read_deployments import ReadDeployments
from edgeflow.use_cases.deployments.read_device_deployments import ReadDeviceDeployments
from edgeflow.use_cases.deployments.read_waits import ReadWaits
from edgeflow.use_cases.devices.count_devices import CountDevices
from edgeflow.use_cases.devices.read_devices import ReadDevices
from edgeflow.use_cases.flows.read_flows import ReadFlows
from edgeflow.use_cases.flows.read_node_types import ReadNodeTypes
from edgeflow.use_cases.history.read_history import ReadHistory


def read_flows() -> ReadFlows:
    """Return the reads behind ``GET /v1/flows…``."""
    return ReadFlows(stores.flows(), bucket.artifacts())


def read_node_types() -> ReadNodeTypes:
    """Return the read behind ``GET /v1/node-types``."""
    return ReadNodeTypes(NodeTypeFile())


def read_deployments() -> ReadDeployments:
    """Return the reads behind ``GET /v1/deployments…``."""
    return ReadDeployments(stores.deployments(), stores.targets(), bucket.manifests())


def read_device_deployments() -> ReadDeviceDeployments:
    """Return the reads behind ``GET /v1/deployments?device_id=…``."""
    return ReadDeviceDeployments(DeviceDeploymentStore(table()), stores.targets(), read_waits())


def await_status() -> AwaitStatus:
    """Return the long poll of ``GET /v1/deployments/{deployment_id}``."""
    return AwaitStatus(stores.deployments(), stores.waiting_places(), utc_now, time.sleep)


def read_waits() -> ReadWaits:
    """Return the look at what deployments and targets wait for."""
    return ReadWaits(stores.waves(), stores.targets(), stores.devices(), utc_now)


def read_devices() -> ReadDevices:
    """Return the reads behind ``GET /v1/devices…``."""
    return ReadDevices(stores.devices())


def count_devices() -> CountDevices:
    """Return the count of the fleet behind ``GET /v1/devices/summary``."""
    return CountDevices(FleetStore(table()), utc_now)


def read_history() -> ReadHistory:
    """Return the reads behind ``GET …/events``."""
    return ReadHistory(HistoryStore(table()), stores.deployments(), stores.flows())
