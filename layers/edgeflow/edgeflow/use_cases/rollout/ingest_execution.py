"""Taking in how a device ended its job, by what AWS IoT Jobs knows of it: its own event may never have arrived."""

from dataclasses import dataclass
from datetime import datetime

from edgeflow.contract.job import StatusDetails
from edgeflow.domain.clock import Clock, milliseconds
from edgeflow.domain.jobs import ReturnJob, WaveJob
from edgeflow.use_cases.reports.ingest_report import ENDED_BY_ITSELF, IngestReport, JobReport
from edgeflow.use_cases.rollout.ports import JobExecution, JobExecutions


def ended_by_itself(execution: JobExecution) -> bool:
    """Tell whether the execution ended otherwise than by being cancelled."""
    return execution.status in ENDED_BY_ITSELF


@dataclass(frozen=True, slots=True)
class IngestExecution:
    """Take in an execution that has ended by itself, with the details that the device left. Repeatable."""

    jobs: JobExecutions
    ingest: IngestReport
    clock: Clock

    def __call__(self, job: WaveJob | ReturnJob, execution: JobExecution) -> bool:
        """Take it in as its event would have been; tells whether that changed anything."""
        details = StatusDetails.from_wire(self.jobs.details(job.id, execution.device_id))
        updated_at = execution.updated_at
        at = datetime.fromisoformat(updated_at) if updated_at is not None else self.clock()
        return self.ingest(
            JobReport(
                job=job,
                device_id=execution.device_id,
                status=execution.status,
                details=details,
                at_ms=milliseconds(at),
            )
        )
