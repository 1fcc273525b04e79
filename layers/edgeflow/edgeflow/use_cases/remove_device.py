"""Removing a device: its certificates first, so that it is locked out at once."""

from dataclasses import dataclass

from edgeflow.domain.deployments import UNFINISHED, list_some
from edgeflow.domain.errors import Conflict, NotFound
from edgeflow.use_cases.ports import Deployments
from edgeflow.use_cases.ports_devices import DeviceRecords, IotRegistry


@dataclass(frozen=True, slots=True)
class RemoveDevice:
    """Take a device out of AWS IoT and out of the table. Repeatable until it is done."""

    devices: DeviceRecords
    iot: IotRegistry
    deployments: Deployments

    def __call__(self, device_id: str) -> None:
        """Remove it.

        Raises:
            NotFound: there is no such device.
            Conflict: an unfinished deployment claims it, or certificates of other makers are on its thing.
        """
        if self.devices.find(device_id) is None:
            message = f"there is no device {device_id}"
            raise NotFound(message)
        holders = sorted({holder for holder in self._holders(device_id) if self._is_unfinished(holder)})
        if holders:
            message = (
                f"device {device_id} is part of unfinished deployments: {list_some(holders)}; "
                "wait for them to end, or roll them back"
            )
            raise Conflict(message)
        device = self.devices.begin_removal(device_id)
        for arn in sorted(device.certificate_arns):
            self.iot.withdraw(device_id, arn)
        self.iot.delete_thing(device_id)
        self.devices.delete(device_id)

    def _holders(self, device_id: str) -> list[str]:
        return [install.claimed_by for install in self.devices.installs(device_id) if install.claimed_by]

    def _is_unfinished(self, deployment_id: str) -> bool:
        try:
            return self.deployments.get(deployment_id).status in UNFINISHED
        except NotFound:
            return False
