"""Removing a device: its certificates first, so that it is locked out at once."""

from dataclasses import dataclass

from edgeflow.domain.deployments import UNFINISHED, list_some
from edgeflow.domain.errors import CannotBeRead, Conflict, NotFound
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.devices.ports import ClaimHolders, DeviceRecords, IotRegistry


@dataclass(frozen=True, slots=True)
class RemoveDevice:
    """Take a device out of AWS IoT and out of the table. Repeatable until it is done."""

    devices: DeviceRecords
    iot: IotRegistry
    deployments: ClaimHolders

    def __call__(self, device_id: str) -> None:
        """Remove it, whatever its record holds: what that does not name, AWS IoT does.

        Raises:
            NotFound: there is no such device.
            Conflict: an unfinished deployment claims it, or certificates of other makers are on its thing.
        """
        if not self.devices.exists(device_id):
            message = f"there is no device {device_id}"
            raise NotFound(message)
        holders = sorted({holder for holder in self._holders(device_id) if self._is_unfinished(holder)})
        if holders:
            message = (
                f"device {device_id} is part of unfinished deployments: {list_some(holders)}; "
                "wait for them to end, or roll them back"
            )
            raise Conflict(message)
        on_record = self.devices.begin_removal(device_id)
        for arn in sorted(on_record | self.iot.certificates_of(device_id)):
            self.iot.withdraw(device_id, arn)
        self.iot.delete_thing(device_id)
        self.devices.delete(device_id)

    def _holders(self, device_id: str) -> list[str]:
        installs = self.devices.installs(device_id)
        return [
            install.claimed_by for install in installs if not isinstance(install, Unreadable) and install.claimed_by
        ]

    def _is_unfinished(self, deployment_id: str) -> bool:
        """Tell whether a deployment is to be waited for; one that cannot be read is not, for nobody knows its end."""
        try:
            return self.deployments.get(deployment_id).status in UNFINISHED
        except (NotFound, CannotBeRead):
            return False
