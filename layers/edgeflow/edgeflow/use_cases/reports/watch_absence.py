"""A device that drops off for too long after it succeeded, while its deployment still goes on, has failed after all.

Nothing polls: a disconnection sends one message that comes back when the time is over. Most messages find
the device connected again and do nothing.
"""

from dataclasses import dataclass
from datetime import timedelta

from edgeflow.domain.absences import Absence
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.devices import Device
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.devices.ports import Connections
from edgeflow.use_cases.reports.fail_late import FailLate
from edgeflow.use_cases.reports.ports import ReportsQueue


@dataclass(frozen=True, slots=True)
class WatchAbsence:
    """Look again at a device that is gone, when it has been gone for ``allowed``; zero turns this off."""

    devices: Connections
    reports_queue: ReportsQueue
    fail_late: FailLate
    clock: Clock
    allowed: timedelta

    def begin(self, device_id: str, *, after_ms: int = 0) -> bool:
        """Watch a device that is gone, since ``after_ms`` or later, if a deployment holds a claim on it. Repeatable.

        To be called after each record that could matter: a disconnection, and a success, which can be told
        after the disconnection that it came before. False: there is nothing to watch.
        """
        if not self.allowed:
            return False
        device = self._find(device_id)
        absence = Absence.of(device) if device is not None else None
        if absence is None or absence.at_ms < after_ms or not self._claimants(device_id):
            return False
        self._look_later(absence)
        return True

    def __call__(self, absence: Absence) -> list[str]:
        """Look at a device again; returns the deployments whose target it failed. Too early: looks again later."""
        device = self._find(absence.device_id)
        if not self.allowed or device is None or not absence.lasts(device):
            return []
        claimants = self._claimants(absence.device_id)
        if claimants and self._left(absence) > timedelta():
            self._look_later(absence)
            return []
        since = timestamp(absence.began)
        return [each for each in claimants if self.fail_late.dropped_off(each, absence.device_id, since=since)]

    def _find(self, device_id: str) -> Device | None:
        """Return the device, if anything is known of it: nobody can tell that one that cannot be read is gone."""
        try:
            return self.devices.find(device_id)
        except CannotBeRead:
            return None

    def _claimants(self, device_id: str) -> list[str]:
        """Return the unfinished deployments that may change the device."""
        installs = self.devices.installs(device_id)
        claims = {install.claimed_by for install in installs if not isinstance(install, Unreadable)}
        return sorted(deployment_id for deployment_id in claims if deployment_id is not None)

    def _left(self, absence: Absence) -> timedelta:
        return absence.began + self.allowed - self.clock()

    def _look_later(self, absence: Absence) -> None:
        self.reports_queue.look_again(absence, after=max(self._left(absence), timedelta()))
