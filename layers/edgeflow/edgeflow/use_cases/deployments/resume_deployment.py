"""Going on with a paused deployment."""

from dataclasses import dataclass
from typing import Final

from edgeflow.contract.history.deployments import BreachAccepted, Resumed
from edgeflow.contract.history.details import Actor, Details
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import Conflict, Unavailable
from edgeflow.domain.history import Entry
from edgeflow.use_cases.deployments.ports import DeploymentRecords
from edgeflow.use_cases.rollout.executions import begin_rollout, refuse_what_is_over
from edgeflow.use_cases.rollout.ports import Waves, Workflows

_MAX_LOOKS: Final = 8


@dataclass(frozen=True, slots=True)
class ResumeDeployment:
    """Go on. What an earlier call left half done is completed by the next one; of what runs it changes nothing else."""

    deployments: DeploymentRecords
    waves: Waves
    workflows: Workflows
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor, accept_failures: bool = False) -> Deployment:
        """Return the deployment, running. ``accept_failures`` takes the failures of a breach as tolerated.

        Raises:
            NotFound: there is no such deployment.
            Conflict: it is not paused, or a wave has breached and nobody accepts that.
            CannotBeRead: the deployment's record, or its wave's, is damaged.
            Damaged: Step Functions cannot read the token that is kept.
            Unavailable: Step Functions throttles; resuming again goes on.
        """
        for _ in range(_MAX_LOOKS):
            deployment = self.deployments.get(deployment_id)
            match deployment.status:
                case DeploymentStatus.PAUSED:
                    self._accept_breach(deployment, by=by, accept_failures=accept_failures)
                    marked = self._mark(deployment_id, by=by)
                    if marked is not None:
                        return self.wake(marked)
                case DeploymentStatus.RUNNING:
                    return self.wake(deployment)
                case DeploymentStatus.PENDING:
                    message = "the deployment has not started: there is nothing to go on with; start begins it"
                    raise Conflict(message)
                case _:
                    refuse_what_is_over(deployment.status)
        message = "the deployment's status changes too fast; try again"
        raise Unavailable(message)

    def wake(self, deployment: Deployment) -> Deployment:
        """Wake the execution of a deployment that runs, if it still waits to be resumed; returns the deployment.

        A pause that comes in between is safe: an execution that is woken looks at the status before its next wave.
        """
        if deployment.resume_token is None:
            return begin_rollout(deployment, self.deployments, self.workflows)
        self.workflows.answer(deployment.resume_token, {"resumed": True})
        return self.deployments.resumed(deployment.id, deployment.resume_token)

    def _accept_breach(self, deployment: Deployment, *, by: Actor, accept_failures: bool) -> None:
        """Take the failures of a breach as tolerated, if whoever goes on after it says so."""
        name = deployment.breached_wave
        if name is None or deployment.rules.auto_rollback:
            return
        if not accept_failures:
            message = (
                f"wave {int(name)} exceeded its failure threshold; resume with"
                ' {"accept_failures": true} goes on all the same, rollback returns every device'
            )
            raise Conflict(message)
        wave = self.waves.get(deployment.id, name)
        breach = wave.breach() if wave is not None else None
        if breach is not None:
            self.waves.tolerate(deployment.id, name, breach.failed)
        # An earlier call that died in between has raised the number already.
        tolerated = breach.failed if breach is not None else (wave.tolerated if wave is not None else 0)
        details = BreachAccepted(wave=int(name), tolerated=tolerated)
        self.deployments.accept_breach(deployment.id, entry=self._entry(by, details))

    def _mark(self, deployment_id: str, *, by: Actor) -> Deployment | None:
        """Let it run; returns the deployment. None: it is not paused any more."""
        entry = self._entry(by, Resumed())
        try:
            return self.deployments.change_status(
                deployment_id,
                allowed={DeploymentStatus.PAUSED},
                to=DeploymentStatus.RUNNING,
                reason=f"resumed by {by}",
                at=entry.at,
                entry=entry,
            )
        except Conflict:
            return None

    def _entry(self, by: Actor, details: Details) -> Entry:
        return Entry(at=timestamp(self.clock()), actor=by, details=details)
