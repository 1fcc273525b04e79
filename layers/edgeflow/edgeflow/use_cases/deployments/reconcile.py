"""The safety net: compare unfinished deployments with what AWS says, and repair what lost events left behind.

In a run without faults it finds nothing. It repeats nothing that the machines do: each repair is an
operation of theirs, which is safe to do twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, Deployment, DeploymentFilter, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, Damaged, StillCancelling
from edgeflow.domain.history import Part, system
from edgeflow.domain.unreadable import Unreadable
from edgeflow.domain.waves import rollback_wave_name, wave_name
from edgeflow.use_cases.deployments.resume_deployment import ResumeDeployment
from edgeflow.use_cases.deployments.start_deployment import StartDeployment
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from edgeflow.use_cases.rollout.conclude_rollback import ConcludeRollback, RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import ConcludeRollout, RolloutEnd
from edgeflow.use_cases.rollout.executions import ROLLBACK_MACHINE, rollback_name, stop_rollout
from edgeflow.use_cases.rollout.ports import Deployments, Targets, Waves, Workflows
from edgeflow.use_cases.rollout.recover_reports import RecoverReports
from edgeflow.use_cases.rollout.rollback_deployment import RollbackDeployment
from edgeflow.use_cases.rollout.wind_down import WindDown

RUNNING: Final = "RUNNING"  # Step Functions: an execution's status
_PAGE: Final = 100
_BY: Final = system(Part.RECONCILE)


@dataclass(slots=True)
class Repairs:
    """What was found and mended. All zero in a run without faults."""

    looked_at: int = 0
    started: list[str] = field(default_factory=list)
    """Deployments that were to run, or to roll back, and had no execution."""
    concluded: list[str] = field(default_factory=list)
    """Deployments whose execution had ended without concluding them."""
    answered: list[str] = field(default_factory=list)
    """Deployments whose execution waited for a wave that was decided."""
    reports: int = 0
    """Reports of devices that had never arrived."""
    unreadable: list[str] = field(default_factory=list)
    """Deployments with a record that cannot be read, or a token that AWS refuses, which are left as they are."""

    @property
    def total(self) -> int:
        """How many things were mended."""
        return len(self.started) + len(self.concluded) + len(self.answered) + self.reports


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Look at every unfinished deployment. What is younger than ``grace`` is left to the events on their way."""

    deployments: Deployments
    targets: Targets
    waves: Waves
    workflows: Workflows
    start: StartDeployment
    resume: ResumeDeployment
    rollback: RollbackDeployment
    wind_down: WindDown
    recover_reports: RecoverReports
    conclude_rollout: ConcludeRollout
    conclude_rollback: ConcludeRollback
    answer_wave: AnswerWave
    clock: Clock
    grace: timedelta

    def __call__(self) -> Repairs:
        """Repair what there is to repair, and say what that was."""
        repairs = Repairs()
        for deployment in self._unfinished():
            repairs.looked_at += 1
            try:
                self._look_at(deployment, repairs)
            except (CannotBeRead, Damaged):
                repairs.unreadable.append(deployment.id)
            except StillCancelling:
                continue  # the next round looks again, unless whoever closes it is quicker
        return repairs

    def _look_at(self, deployment: Deployment | Unreadable, repairs: Repairs) -> None:
        if isinstance(deployment, Unreadable):
            raise CannotBeRead(deployment)
        if deployment.status is DeploymentStatus.ROLLING_BACK:
            self._rolling_back(deployment, repairs)
        elif deployment.status is DeploymentStatus.CANCELLING:
            self._cancelling(deployment, repairs)
        else:
            self._rolling_out(deployment, repairs)

    def _unfinished(self) -> Iterator[Deployment | Unreadable]:
        statuses = ACTIVE | {DeploymentStatus.CANCELLING, DeploymentStatus.ROLLING_BACK}
        after: str | None = None
        while True:
            page, after = self.deployments.page(
                limit=_PAGE, after=after, wanted=DeploymentFilter(statuses=frozenset(statuses))
            )
            yield from page
            if after is None:
                break

    def _rolling_out(self, deployment: Deployment, repairs: Repairs) -> None:
        if not deployment.execution_started:
            if deployment.status is DeploymentStatus.RUNNING and self._is_old(deployment.started_at):
                self._start(deployment, repairs)
            return
        arn = self.workflows.execution_arn(deployment.strategy.machine, deployment.id)
        ended = self._ended(arn)
        if ended is not None:
            # Read again: it may have been concluded, or rolled back, since the list was read.
            if self.deployments.get(deployment.id).status in ACTIVE:
                cause = f"its execution ended ({ended}) without concluding it"
                stop_rollout(deployment, self.workflows, reason=cause)  # what it had started may go on without it
                self.conclude_rollout(deployment.id, RolloutEnd.BROKEN, cause=cause, by=_BY)
                repairs.concluded.append(deployment.id)
            return
        if deployment.status is DeploymentStatus.RUNNING and deployment.resume_token is not None:
            self.resume.wake(deployment)  # whoever resumed it died before the execution was told
            repairs.answered.append(deployment.id)
        repairs.reports += sum(
            self.recover_reports.of_wave(deployment.id, wave, before=self._long_ago())
            for wave in self._overdue_waves(deployment)
        )
        self._answer(deployment, wave_name(deployment.current_wave), repairs)

    def _cancelling(self, deployment: Deployment, repairs: Repairs) -> None:
        if self._is_old(deployment.cancel_asked_at):
            self.wind_down(deployment.id, by=_BY)
            repairs.concluded.append(deployment.id)

    def _rolling_back(self, deployment: Deployment, repairs: Repairs) -> None:
        attempt = deployment.rollbacks
        arn = self.workflows.execution_arn(ROLLBACK_MACHINE, rollback_name(deployment.id, attempt))
        if self.workflows.state(arn) is None:
            self.rollback.execute(deployment)  # whoever asked for it died before the execution began
            repairs.started.append(deployment.id)
            return
        ended = self._ended(arn)
        if ended is not None:
            if self.deployments.get(deployment.id).status is DeploymentStatus.ROLLING_BACK:
                cause = f"its execution ended ({ended}) without concluding it"
                self.conclude_rollback(deployment.id, attempt, RollbackEnd.BROKEN, cause=cause, by=_BY)
                repairs.concluded.append(deployment.id)
            return
        repairs.reports += self.recover_reports.of_return(deployment.id, attempt, before=self._long_ago())
        self._answer(deployment, rollback_wave_name(attempt), repairs)

    def _start(self, deployment: Deployment, repairs: Repairs) -> None:
        try:
            self.start(deployment.id, by=_BY)
        except Conflict:
            return  # somebody else was quicker
        repairs.started.append(deployment.id)

    def _answer(self, deployment: Deployment, name: str, repairs: Repairs) -> None:
        wave = self.waves.get(deployment.id, name)
        if wave is None or wave.result() is None:
            return
        ends = [target.finished_at for target in self._targets(deployment) if target.finished_at is not None]
        if all(self._is_old(end) for end in ends) and self.answer_wave(deployment.id, wave):
            repairs.answered.append(deployment.id)

    def _overdue_waves(self, deployment: Deployment) -> list[int]:
        """Return the waves with targets that have been deploying for longer than the grace."""
        return sorted(
            {
                target.wave
                for target in self._targets(deployment)
                if target.status is TargetStatus.DEPLOYING and self._is_old(target.started_at)
            }
        )

    def _targets(self, deployment: Deployment) -> Iterator[Target]:
        """Yield the targets that can be read; the others are mended when their wave closes."""
        for target in self.targets.all(deployment.id):
            if not isinstance(target, Unreadable):
                yield target

    def _ended(self, execution_arn: str) -> str | None:
        """Return how an execution ended, once that is old enough; None while it runs, or may be concluding."""
        state = self.workflows.state(execution_arn)
        if state is None:
            return "it is not known any more"
        if state.status == RUNNING or not self._is_old(state.ended_at):
            return None
        return state.status

    def _is_old(self, moment: str | None) -> bool:
        return moment is not None and moment <= self._long_ago()

    def _long_ago(self) -> str:
        return timestamp(self.clock() - self.grace)
