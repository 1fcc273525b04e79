"""Reading devices."""

from dataclasses import dataclass

from edgeflow.domain.devices import Device, RunningFlow, running_flows
from edgeflow.use_cases.ports_devices import DeviceRecords


@dataclass(frozen=True, slots=True)
class ReadDevices:
    """Look at devices."""

    devices: DeviceRecords

    def one(self, device_id: str) -> tuple[Device, list[RunningFlow]]:
        """Return a device and the flows it runs. Raises NotFound."""
        device = self.devices.get(device_id)
        return device, running_flows(device.report, self.devices.installs(device_id))

    def page(self, *, limit: int, after: str | None = None) -> tuple[list[Device], str | None]:
        """Return devices by id, and the id to go on from."""
        return self.devices.page(limit=limit, after=after)
