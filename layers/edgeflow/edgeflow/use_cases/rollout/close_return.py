"""Closing a rollback attempt whose devices are waited for no longer: cancel its jobs, account for every device."""

from dataclasses import dataclass

from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.errors import CannotBeRead, NotFound
from edgeflow.domain.waves import Awaits, rollback_wave_name
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from edgeflow.use_cases.rollout.cancels import NOT_ENDED_IN_TIME, Cancels, is_open, still_cancelling
from edgeflow.use_cases.rollout.ingest_execution import IngestExecution, ended_by_itself
from edgeflow.use_cases.rollout.ports import RunningJobs, TargetOutcome, Targets, Waves
from edgeflow.use_cases.rollout.return_groups import chunks_of_returns


@dataclass(frozen=True, slots=True)
class CloseReturn:
    """Close a rollback's only wave: who has not returned by now has failed to. Repeatable."""

    targets: Targets
    waves: Waves
    jobs: RunningJobs
    ingest_execution: IngestExecution
    answer_wave: AnswerWave
    clock: Clock

    def __call__(self, deployment_id: str, attempt: int, *, task_token: str | None) -> None:
        """Cancel the attempt's jobs and settle its targets; then answer the token.

        Raises:
            NotFound: the attempt has no plan.
            CannotBeRead: its wave's record is damaged.
            StillCancelling: AWS IoT has not ended all of what was cancelled; closing again helps.
        """
        name = rollback_wave_name(attempt)
        wave = self.waves.get(deployment_id, name)
        if wave is None or wave.total is None:
            message = f"deployment {deployment_id} has no plan of rollback attempt {attempt}"
            raise NotFound(message)
        self.waves.open(
            deployment_id,
            name,
            total=wave.total,
            tolerated=0,
            task_token=task_token,
            awaits=Awaits.SETTLEMENT,
            since=wave.since,
        )
        waiting = self._settle(deployment_id, attempt)
        if waiting:
            raise still_cancelling(waiting)
        self._answer(deployment_id, name)

    def _settle(self, deployment_id: str, attempt: int) -> list[str]:
        """Cancel the jobs and account for each device by them; returns those whose execution is still waited for."""
        cancels = Cancels(self.waves, self.clock)
        waiting: list[str] = []
        for job, returns in chunks_of_returns(deployment_id, attempt, self.targets.returns(deployment_id, attempt)):
            self.jobs.cancel(job.id)
            executions = self.jobs.executions(job.id)
            for entry in returns:
                execution = executions.get(entry.device_id)
                if execution is not None and ended_by_itself(execution):
                    self.ingest_execution(job, execution)
                elif is_open(execution) and cancels.waits_for(deployment_id, rollback_wave_name(attempt)):
                    waiting.append(entry.device_id)
                else:
                    outcome = _did_not_return(ended=not is_open(execution))
                    at = timestamp(self.clock())
                    self.targets.settle_return(deployment_id, entry.device_id, outcome, attempt=attempt, at=at)
        return waiting

    def _answer(self, deployment_id: str, name: str) -> None:
        try:
            wave = self.waves.get(deployment_id, name)
        except CannotBeRead:
            return  # damaged since it was opened: nobody can tell how it went, so its execution runs out of time
        if wave is not None:
            self.answer_wave(deployment_id, wave)


def _did_not_return(*, ended: bool) -> TargetOutcome:
    return TargetOutcome(
        status=TargetStatus.ROLLBACK_FAILED,
        reason=Reason.TIMED_OUT.value,
        message="the device did not return to the version before in time" + ("" if ended else f"; {NOT_ENDED_IN_TIME}"),
    )
