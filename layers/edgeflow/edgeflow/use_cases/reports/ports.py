"""What taking in the words of devices needs of the outside, beside what rollouts need."""

from datetime import timedelta
from typing import Protocol

from edgeflow.contract.report import HealthReport
from edgeflow.domain.absences import Absence
from edgeflow.domain.order import Said


class HealthReports(Protocol):
    """The newest report of each device."""

    def record_report(self, device_id: str, report: HealthReport, said: Said, *, received_at: str) -> bool:
        """Keep the newest report. False: it is no later than the one there, or the device is not registered."""


class ReportsQueue(Protocol):
    """A reminder of devices that are gone."""

    def look_again(self, absence: Absence, *, after: timedelta) -> None:
        """Have the absence looked at when this time is over, or earlier."""
