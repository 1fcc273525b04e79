"""Ending a wave whose devices are waited for no longer: cancel its jobs, account for every device.

Also the place where lost events are made good: what IoT Jobs says of an execution counts, whether or
not its event ever arrived.
"""

from dataclasses import dataclass
from enum import StrEnum

from edgeflow.contract.job import StatusDetails
from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import SETTLED, TargetStatus
from edgeflow.domain.jobs import ReturnJob, WaveJob, chunked
from edgeflow.domain.waves import Awaits, rollback_wave_name, wave_name
from edgeflow.use_cases.answer_wave import answer_if_decided
from edgeflow.use_cases.ingest_report import CANCELED, IngestReport, JobReport
from edgeflow.use_cases.ports import JobExecution, Jobs, TargetOutcome, Targets, Waves, Workflows
from edgeflow.use_cases.return_groups import chunks_of_returns


class CloseCause(StrEnum):
    """Why a wave is closed."""

    TIMEOUT = "timeout"
    """Its devices did not answer in time: those left have failed."""
    STOP = "stop"
    """The rollout stops here: those that never started are skipped, those at it are aborted."""


@dataclass(frozen=True, slots=True)
class CloseWave:
    """Close a deploying wave, or a rollback's only wave."""

    targets: Targets
    waves: Waves
    jobs: Jobs
    workflows: Workflows
    ingest: IngestReport
    clock: Clock

    def wave(self, deployment_id: str, wave: int, *, cause: CloseCause, task_token: str | None) -> None:
        """Cancel a wave's jobs and settle its targets; then answer the token. Repeatable."""
        name = wave_name(wave)
        self._await_settlement(deployment_id, name, task_token)
        members = self.targets.members(deployment_id, wave)
        for number, chunk in enumerate(chunked(members)):
            job = WaveJob(deployment_id=deployment_id, wave=wave, chunk=number)
            executions = self._cancel(job)
            found = self.targets.many(deployment_id, chunk)
            for device_id, target in found.items():
                if target.status in SETTLED:
                    continue
                execution = executions.get(device_id)
                if execution is not None and execution.status != CANCELED:
                    self._ingest_missed(job, execution)
                    continue
                outcome = self._abandoned(cause, started=execution is not None and execution.started)
                self.targets.settle(deployment_id, device_id, outcome, at=timestamp(self.clock()))
        self._answer(deployment_id, name)

    def rollback(self, deployment_id: str, attempt: int, *, task_token: str | None) -> None:
        """Cancel a rollback's jobs and settle its targets as failed to return; then answer the token. Repeatable."""
        name = rollback_wave_name(attempt)
        self._await_settlement(deployment_id, name, task_token)
        for job, returns in chunks_of_returns(deployment_id, attempt, self.targets.returns(deployment_id, attempt)):
            executions = self._cancel(job)
            for entry in returns:
                execution = executions.get(entry.device_id)
                if execution is not None and execution.status != CANCELED:
                    self._ingest_missed(job, execution)
                    continue
                outcome = TargetOutcome(
                    status=TargetStatus.ROLLBACK_FAILED,
                    reason=Reason.TIMED_OUT.value,
                    message="the device did not return to the version before in time",
                )
                self.targets.settle_return(
                    deployment_id, entry.device_id, outcome, attempt=attempt, at=timestamp(self.clock())
                )
        self._answer(deployment_id, name)

    def _await_settlement(self, deployment_id: str, name: str, task_token: str | None) -> None:
        wave = self.waves.get(deployment_id, name)
        if wave is None or wave.total is None:
            return  # never dispatched: nobody waits for it
        self.waves.open(
            deployment_id,
            name,
            total=wave.total,
            tolerated=wave.tolerated,
            task_token=task_token,
            awaits=Awaits.SETTLEMENT,
        )

    def _answer(self, deployment_id: str, name: str) -> None:
        wave = self.waves.get(deployment_id, name)
        if wave is not None:
            answer_if_decided(wave, self.workflows)

    def _cancel(self, job: WaveJob | ReturnJob) -> dict[str, JobExecution]:
        self.jobs.cancel(job.id)
        return self.jobs.executions(job.id)

    def _ingest_missed(self, job: WaveJob | ReturnJob, execution: JobExecution) -> None:
        details = StatusDetails.model_validate(self.jobs.details(job.id, execution.device_id))
        self.ingest(
            JobReport(
                job=job,
                device_id=execution.device_id,
                status=execution.status,
                details=details,
                at_ms=int(self.clock().timestamp() * 1_000),
            )
        )

    def _abandoned(self, cause: CloseCause, *, started: bool) -> TargetOutcome:
        match cause, started:
            case CloseCause.TIMEOUT, _:
                doing = "had begun, but did not finish" if started else "did not take up its job"
                return TargetOutcome(
                    status=TargetStatus.FAILED,
                    reason=Reason.TIMED_OUT.value,
                    message=f"the device {doing} before the wave's timeout",
                    reached=started,
                )
            case CloseCause.STOP, True:
                return TargetOutcome(
                    status=TargetStatus.FAILED,
                    reason=Reason.ABORTED.value,
                    message="the rollout stopped while the device was at work",
                )
            case _:
                return TargetOutcome(
                    status=TargetStatus.SKIPPED,
                    reason=Reason.CANCELLED.value,
                    message="the rollout stopped before the device took up its job",
                    reached=False,
                )
