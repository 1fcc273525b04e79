"""Closing a wave whose devices are waited for no longer: cancel its jobs, account for every device.

Also the place where lost events are made good: what IoT Jobs says of an execution counts, whether or
not its event ever arrived. Targets whose execution is still open are left alone for a while (see ``cancels``).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from edgeflow.contract.history.deployments import WaveClosed
from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import SETTLED, TargetStatus
from edgeflow.domain.errors import CannotBeRead, StillCancelling
from edgeflow.domain.history import Entry, Part, status_counts, system
from edgeflow.domain.jobs import WaveJob, chunked
from edgeflow.domain.waves import Awaits, Wave, WaveMark, wave_name
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from edgeflow.use_cases.rollout.cancels import NOT_ENDED_IN_TIME, Cancels, is_open, still_cancelling
from edgeflow.use_cases.rollout.ingest_execution import IngestExecution, ended_by_itself
from edgeflow.use_cases.rollout.mend_targets import MendTargets
from edgeflow.use_cases.rollout.ports import Deployments, JobExecution, RunningJobs, TargetOutcome, Targets, Waves
from edgeflow.use_cases.rollout.wave_members import enter_wave, members_of_wave, tolerated_in_wave


class CloseCause(StrEnum):
    """Why a wave is closed."""

    TIMEOUT = "timeout"
    """Its devices did not answer in time: those left have failed."""
    STOP = "stop"
    """The rollout stops here: those that never started are skipped, those at it are aborted."""


@dataclass(frozen=True, slots=True)
class CloseWave:
    """Close a deploying wave. Repeatable.

    Each way to close raises StillCancelling while AWS IoT has not ended all of what was cancelled; closing again helps.
    """

    deployments: Deployments
    targets: Targets
    waves: Waves
    jobs: RunningJobs
    ingest_execution: IngestExecution
    answer_wave: AnswerWave
    clock: Clock

    def __call__(
        self,
        deployment_id: str,
        wave: int,
        *,
        cause: CloseCause,
        task_token: str | None,
        asked_at: datetime | None = None,
    ) -> None:
        """Cancel a wave's jobs and settle its targets; then answer the token. Repeatable.

        ``asked_at`` is when its state began to wait; None: now.
        """
        name = wave_name(wave)
        deployment = self.deployments.get(deployment_id)
        if cause is CloseCause.TIMEOUT:
            members = enter_wave(self.targets, deployment, wave, at=timestamp(self.clock()))
        else:
            members = members_of_wave(self.targets, deployment, wave)
        # Opened here also when its dispatch message was never handled: somebody waits for the answer.
        damage: CannotBeRead | None = None
        try:
            self.waves.open(
                deployment_id,
                name,
                total=len(members),
                tolerated=tolerated_in_wave(self.targets, deployment, members),
                task_token=task_token,
                awaits=Awaits.SETTLEMENT,
                since=timestamp(asked_at or self.clock()),
            )
        except CannotBeRead as unreadable:
            damage = unreadable
        self.sweep(deployment_id, wave, cause=cause)
        if damage is not None and task_token is not None:
            raise damage  # nobody can tell how the wave went: the execution ends by its timeout, and is concluded
        self._answer(deployment_id, name)

    def all_at_work(self, deployment_id: str, *, cause: CloseCause) -> None:
        """Close every wave that has targets deploying; no execution waits for them any more.

        Also the one whose closing died before it was told of, although all its targets are accounted for.
        """
        targets = self._mend.all(deployment_id)
        at_work = {target.wave for target in targets if target.status is TargetStatus.DEPLOYING}
        current = self.deployments.get(deployment_id).current_wave
        opened = self._wave(deployment_id, wave_name(current))
        if opened is not None and opened.awaits is Awaits.SETTLEMENT and WaveMark.CLOSED not in opened.marks:
            at_work.add(current)
        waiting: StillCancelling | None = None
        for wave in sorted(at_work):
            try:
                if wave < current:
                    # It was closed long ago; one of its targets was damaged since, and its job tells how that ended.
                    self._settle(deployment_id, wave, cause=cause)
                else:
                    self(deployment_id, wave, cause=cause, task_token=None)
            except StillCancelling as still:
                waiting = still  # the jobs of the other waves are to be cancelled all the same
        if waiting is not None:
            raise waiting

    def sweep(self, deployment_id: str, wave: int, *, cause: CloseCause) -> None:
        """Cancel a wave's jobs and settle its targets, whoever waits for them. Repeatable."""
        members = self._settle(deployment_id, wave, cause=cause)
        self._tell_closed(deployment_id, wave, members, cause=cause)

    def _settle(self, deployment_id: str, wave: int, *, cause: CloseCause) -> list[str]:
        """Cancel a wave's jobs, account for each of its targets by them, and return its devices."""
        members = members_of_wave(self.targets, self.deployments.get(deployment_id), wave)
        waiting: list[str] = []
        for number, chunk in enumerate(chunked(members)):
            job = WaveJob(deployment_id=deployment_id, wave=wave, chunk=number)
            self.jobs.cancel(job.id)
            executions = self.jobs.executions(job.id)
            found = self._mend.many(deployment_id, chunk)
            left = [
                (device_id, executions.get(device_id))
                for device_id, target in found.items()
                if target.status not in SETTLED
            ]
            still_open = [device_id for device_id, execution in left if is_open(execution)]
            if still_open and self._cancels.waits_for(deployment_id, wave_name(wave)):
                waiting += still_open
                left = [(device_id, execution) for device_id, execution in left if not is_open(execution)]
            for_each(partial(self._account_for, job, cause), left)
        if waiting:
            raise still_cancelling(waiting)
        return members

    def _tell_closed(self, deployment_id: str, wave: int, members: list[str], *, cause: CloseCause) -> None:
        """Tell how the targets of a wave stand, now that each is accounted for; a wave that never opened has no end."""
        opened = self._wave(deployment_id, wave_name(wave))
        if opened is None or opened.total is None or WaveMark.CLOSED in opened.marks:
            return
        counts = status_counts(self._mend.many(deployment_id, members).values())
        details = WaveClosed(wave=wave, cause=cause.value, target_counts=counts)
        entry = Entry(at=timestamp(self.clock()), actor=system(Part.CLOSE_WAVE), details=details)
        self.waves.tell(deployment_id, opened.name, WaveMark.CLOSED, entry=entry)

    def _account_for(self, job: WaveJob, cause: CloseCause, left: tuple[str, JobExecution | None]) -> None:
        """Settle one device of a wave that is being closed, by what IoT Jobs says of it."""
        device_id, execution = left
        if execution is not None and ended_by_itself(execution):
            self.ingest_execution(job, execution)
            return
        outcome = self._abandoned(cause, started=execution is not None and execution.started)
        if is_open(execution):
            outcome = replace(outcome, message=f"{outcome.message}; {NOT_ENDED_IN_TIME}")
        self.targets.settle(job.deployment_id, device_id, outcome, wave=job.wave, at=timestamp(self.clock()))

    def _answer(self, deployment_id: str, name: str) -> None:
        wave = self._wave(deployment_id, name)
        if wave is not None:
            self.answer_wave(deployment_id, wave)

    def _wave(self, deployment_id: str, name: str) -> Wave | None:
        """Return a wave, if there is one that can be read: of another one there is nothing to tell."""
        try:
            return self.waves.get(deployment_id, name)
        except CannotBeRead:
            return None

    @property
    def _cancels(self) -> Cancels:
        return Cancels(self.waves, self.clock)

    @property
    def _mend(self) -> MendTargets:
        return MendTargets(self.targets, self.clock)

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
