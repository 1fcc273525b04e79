"""What operators do with devices."""

from edgeflow.bootstrap import stores
from edgeflow.bootstrap.registry import iot_registry
from edgeflow.use_cases.devices.remove_device import RemoveDevice


def remove_device() -> RemoveDevice:
    """Return the operation that removes a device."""
    return RemoveDevice(stores.devices(), iot_registry(), stores.deployments())
