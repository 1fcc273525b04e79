"""AWS IoT's word on who is connected, kept newest first whatever the order of arrival."""

from dataclasses import dataclass
from datetime import UTC, datetime

from edgeflow.domain.clock import timestamp
from edgeflow.domain.devices import Presence
from edgeflow.use_cases.ports_devices import DeviceRecords


@dataclass(frozen=True, slots=True)
class IngestPresence:
    """Take in one presence event."""

    devices: DeviceRecords

    def __call__(self, presence: Presence) -> bool:
        """Keep it. False: it changed nothing (a repeat, too late, or of an unknown device)."""
        at = timestamp(datetime.fromtimestamp(presence.at_ms / 1_000, UTC))
        return self.devices.record_presence(presence, at=at)
