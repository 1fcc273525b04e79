"""Reading devices."""

from dataclasses import dataclass

from edgeflow.domain.devices import Device, RunningFlow, running_flows
from edgeflow.domain.fleet import ANY_DEVICE, DeviceFilter
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.devices.ports import DeviceRecords


@dataclass(frozen=True, slots=True)
class ReadDevices:
    """Look at devices."""

    devices: DeviceRecords

    def one(self, device_id: str) -> tuple[Device, list[RunningFlow | Unreadable]]:
        """Return a device and the flows it runs, by flow; the records that cannot be read last.

        Raises:
            NotFound: there is no such device.
            CannotBeRead: its own record, or its newest report, is damaged.
        """
        device = self.devices.get(device_id)
        installs = self.devices.installs(device_id)
        unreadable = [install for install in installs if isinstance(install, Unreadable)]
        installed = [install for install in installs if not isinstance(install, Unreadable)]
        return device, [*running_flows(device.report, installed), *unreadable]

    def page(
        self, *, limit: int, after: str | None = None, wanted: DeviceFilter = ANY_DEVICE
    ) -> tuple[list[Device | Unreadable], str | None]:
        """Return devices that are wanted by id, and the id to go on from; the page may be short."""
        return self.devices.page(limit=limit, after=after, wanted=wanted)
