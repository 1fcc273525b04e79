"""Recovering the reports of devices that never arrived, while their wave or rollback still waits for them.

Only the reconciler does this. Whoever closes a wave asks AWS IoT Jobs as well, but cancels what has not ended.
"""

from dataclasses import dataclass

from edgeflow.domain.deployments import SETTLED
from edgeflow.domain.jobs import WaveJob, chunked
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.rollout.ingest_execution import IngestExecution, ended_by_itself
from edgeflow.use_cases.rollout.ports import Deployments, JobExecution, JobExecutions, Targets
from edgeflow.use_cases.rollout.return_groups import chunks_of_returns
from edgeflow.use_cases.rollout.wave_members import members_of_wave


@dataclass(frozen=True, slots=True)
class RecoverReports:
    """Take in what AWS IoT Jobs knows and no event has told. Cancels nothing, settles nothing else. Repeatable.

    ``before`` (ISO 8601 UTC) is the moment up to which an execution has ended for long enough that its event should
    have come.
    """

    deployments: Deployments
    targets: Targets
    jobs: JobExecutions
    ingest_execution: IngestExecution

    def of_wave(self, deployment_id: str, wave: int, *, before: str) -> int:
        """Recover the reports of a wave's devices; returns how many.

        Raises:
            NotFound, CannotBeRead: there is no such deployment, or its record is damaged.
        """
        recovered = 0
        members = members_of_wave(self.targets, self.deployments.get(deployment_id), wave)
        for number, chunk in enumerate(chunked(members)):
            job = WaveJob(deployment_id=deployment_id, wave=wave, chunk=number)
            executions = self.jobs.executions(job.id)
            for device_id, target in self.targets.many(deployment_id, chunk).items():
                if isinstance(target, Unreadable) or target.status in SETTLED:
                    continue
                execution = executions.get(device_id)
                if execution is not None and _ended_before(execution, before):
                    recovered += self.ingest_execution(job, execution)
        return recovered

    def of_return(self, deployment_id: str, attempt: int, *, before: str) -> int:
        """Recover the reports of the devices that a rollback attempt returns; returns how many."""
        recovered = 0
        for job, returns in chunks_of_returns(deployment_id, attempt, self.targets.returns(deployment_id, attempt)):
            executions = self.jobs.executions(job.id)
            for entry in returns:
                execution = executions.get(entry.device_id)
                if execution is not None and _ended_before(execution, before):
                    recovered += self.ingest_execution(job, execution)
        return recovered


def _ended_before(execution: JobExecution, moment: str) -> bool:
    """Tell whether the execution ended by itself, long enough ago that its event should have come."""
    return ended_by_itself(execution) and execution.updated_at is not None and execution.updated_at <= moment
