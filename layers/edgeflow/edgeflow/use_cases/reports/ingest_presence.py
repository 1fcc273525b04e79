"""AWS IoT's word on who is connected, kept newest first whatever the order of arrival."""

from dataclasses import dataclass
from datetime import UTC, datetime

from edgeflow.domain.clock import timestamp
from edgeflow.domain.devices import Presence
from edgeflow.use_cases.devices.ports import Connections
from edgeflow.use_cases.enrolment.confirm_certificate import ConfirmCertificate
from edgeflow.use_cases.reports.watch_absence import WatchAbsence


@dataclass(frozen=True, slots=True)
class IngestPresence:
    """Take in one presence event."""

    devices: Connections
    watch_absence: WatchAbsence
    confirm_certificate: ConfirmCertificate | None = None
    """What a connection with a new certificate does; None where nobody enrols."""

    def __call__(self, presence: Presence) -> bool:
        """Keep it. False: it changed nothing (a repeat, too late, or of an unknown device)."""
        at = timestamp(datetime.fromtimestamp(presence.at_ms / 1_000, UTC))
        if presence.connected and presence.certificate_id and self.confirm_certificate is not None:
            # First, for only a registered device has a presence; and also when it is no news, as below.
            self.confirm_certificate(presence.device_id, presence.certificate_id)
        changed = self.devices.record_presence(presence, at=at)
        if not presence.connected:
            # Also when it is no news: an event that comes again after the function died was not seen to the end.
            self.watch_absence.begin(presence.device_id)
        return changed
