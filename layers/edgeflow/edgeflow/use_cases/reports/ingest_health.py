"""What a device says of its own health, kept newest first whatever the order of arrival."""

from dataclasses import dataclass
from datetime import datetime

from edgeflow.contract.report import HealthReport
from edgeflow.domain.clock import milliseconds, timestamp
from edgeflow.domain.order import Said
from edgeflow.use_cases.reports.fail_late import FailLate
from edgeflow.use_cases.reports.ports import HealthReports


@dataclass(frozen=True, slots=True)
class IngestHealth:
    """Take in one health report."""

    devices: HealthReports
    fail_late: FailLate

    def __call__(self, device_id: str, report: HealthReport, *, received_at: datetime) -> bool:
        """Keep the report. False: it changed nothing (a repeat, too late, or of an unknown device)."""
        said = Said(epoch=report.epoch, sequence=report.sequence, received_ms=milliseconds(received_at))
        # Targets first: a report that comes again after the function died is no news, but still looked at.
        self.fail_late(device_id, report, said)
        return self.devices.record_report(device_id, report, said, received_at=timestamp(received_at))
