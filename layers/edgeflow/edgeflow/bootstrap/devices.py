"""What operators do with devices."""

from edgeflow.adapters.devices.fleet_store import FleetStore
from edgeflow.bootstrap import stores
from edgeflow.bootstrap.clients import table
from edgeflow.bootstrap.registry import iot_registry
from edgeflow.domain.clock import utc_now
from edgeflow.use_cases.devices.count_devices import CountDevices
from edgeflow.use_cases.devices.read_devices import ReadDevices
from edgeflow.use_cases.devices.remove_device import RemoveDevice


def count_devices() -> CountDevices:
    """Return the count of the fleet."""
    return CountDevices(FleetStore(table()), utc_now)


def remove_device() -> RemoveDevice:
    """Return the operation that removes a device."""
    return RemoveDevice(stores.devices(), iot_registry(), stores.deployments())


def read_devices() -> ReadDevices:
    """Return the reads behind ``GET /v1/devices…``."""
    return ReadDevices(stores.devices())
