"""The ports of devices, in memory."""

from collections.abc import Iterable
from datetime import timedelta

from edgeflow.domain.absences import Absence
from edgeflow.domain.devices import Device, DeviceState, InstalledFlow, Presence
from edgeflow.domain.unreadable import Unreadable
from tests.unit.use_cases.memory import Port, port_call


class MemoryConnections(Port):
    """See ports.Connections."""

    @port_call
    def find(self, device_id: str) -> Device | None:
        if device_id not in self.world.registered:
            return None
        return Device(
            id=device_id,
            state=DeviceState.REGISTERED,
            attempt="1",
            presence=self.world.presences.get(device_id),
            reported_at=self.world.reported_at.get(device_id),
        )

    @port_call
    def installs(self, device_id: str) -> list[InstalledFlow | Unreadable]:
        return [
            InstalledFlow(
                flow_id=flow_id,
                version=install.version,
                deployment_id=install.deployment_id,
                claimed_by=install.claimed_by,
            )
            for (owner, flow_id), install in self.world.installs.items()
            if owner == device_id
        ]

    @port_call
    def record_presence(self, presence: Presence, *, at: str) -> bool:  # noqa: ARG002  the moment is in the event
        known = self.world.presences.get(presence.device_id)
        if known is not None and (known.at_ms, known.connected) >= (presence.at_ms, presence.connected):
            return False
        self.world.presences[presence.device_id] = presence
        return True


class MemoryReports(Port):
    """See ports.Reports."""

    @port_call
    def many(self, device_ids: Iterable[str]) -> dict[str, Device | Unreadable]:
        return {
            device_id: Device(
                id=device_id,
                state=DeviceState.REGISTERED,
                attempt="1",
                presence=self.world.presences.get(device_id),
                connected=self._connected(device_id),
                report=self.world.reports.get(device_id),
                reported_at=self.world.reported_at.get(device_id),
            )
            for device_id in device_ids
            if device_id in self.world.registered
        }

    def _connected(self, device_id: str) -> bool | None:
        presence = self.world.presences.get(device_id)
        return None if presence is None else presence.connected


class MemoryReportsQueue(Port):
    """See ports.ReportsQueue."""

    @port_call
    def look_again(self, absence: Absence, *, after: timedelta) -> None:
        assert after >= timedelta()
        self.world.reminders.add(absence)
