"""A device that is gone for too long while a deployment counts on it: when that is so, by what AWS IoT told."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from edgeflow.domain.clock import shifted
from edgeflow.domain.devices import Device, Presence

STILL_ON_ITS_WAY: Final = timedelta(seconds=10)
"""A health report that AWS IoT took in this soon after a disconnection may have been sent before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A device is gone since this disconnection; the two numbers tell it from every other one (see ``Presence``)."""

    device_id: str
    connection: int
    at_ms: int

    @classmethod
    def of(cls, device: Device) -> "Absence | None":
        """Return the absence that lasts by what is known now; None while the device is connected, or never told."""
        presence = device.presence
        return None if presence is None or presence.connected else cls.since(presence)

    @classmethod
    def since(cls, disconnection: Presence) -> "Absence":
        """Return the absence that begins with a disconnection."""
        return cls(device_id=disconnection.device_id, connection=disconnection.connection, at_ms=disconnection.at_ms)

    @property
    def began(self) -> datetime:
        """The moment of the disconnection, as AWS IoT saw it."""
        return datetime.fromtimestamp(self.at_ms / 1_000, UTC)

    def lasts(self, device: Device) -> bool:
        """Tell whether the device is still gone since this very disconnection.

        A health report that came well after it says that the device is back, and that the event of it was lost.
        """
        if Absence.of(device) != self:
            return False
        return device.reported_at is None or device.reported_at < shifted(self.began, STILL_ON_ITS_WAY)
