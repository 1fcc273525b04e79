"""Ending a batch, canary or switch delay now, because an operator has seen enough."""

from dataclasses import dataclass

from edgeflow.contract.history.deployments import Promoted
from edgeflow.contract.history.details import Actor
from edgeflow.contract.wording import counted
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.domain.history import Entry
from edgeflow.domain.waves import Wave, wave_name
from edgeflow.use_cases.deployments.ports import DeploymentRecords
from edgeflow.use_cases.rollout.ports import Waves, Workflows
from edgeflow.use_cases.rollout.watch_waves import WatchWaves


@dataclass(frozen=True, slots=True)
class PromoteDeployment:
    """Wake the execution that waits after a wave. Repeatable while the next wave has not begun."""

    deployments: DeploymentRecords
    waves: Waves
    workflows: Workflows
    watch_waves: WatchWaves
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor) -> Deployment:
        """Return the deployment, of which the next wave begins.

        Raises:
            NotFound: there is no such deployment.
            Conflict: no such wait is under way; the sentence says what is waited for.
            CannotBeRead: the deployment's record, or its wave's, is damaged.
            Damaged: Step Functions cannot read the token that is kept; the wait runs out by itself.
            Unavailable: Step Functions throttles; promoting again goes on.
        """
        deployment = self.deployments.get(deployment_id)
        wave = self.waves.get(deployment_id, wave_name(deployment.current_wave))
        tally = wave.tally() if wave is not None else None
        token = deployment.watch_token
        if deployment.status is not DeploymentStatus.RUNNING or token is None or tally is None:
            raise Conflict(_waits_for(deployment, wave))
        breach = self.watch_waves.known_breach(deployment)
        if breach is not None:
            message = f"wave {breach.number} exceeded its failure threshold, which ends the wait by itself"
            raise Conflict(message)
        # The history first: what follows from the answer comes after it there.
        entry = Entry(at=timestamp(self.clock()), actor=by, details=Promoted(wave=deployment.current_wave))
        promoted = self.deployments.promote(deployment_id, token, entry=entry)
        if promoted is None:
            raise Conflict(_waits_for(self.deployments.get(deployment_id), wave))
        self.workflows.answer(token, tally.to_output())
        return promoted


def _waits_for(deployment: Deployment, wave: Wave | None) -> str:
    """Say what is waited for in place of a delay."""
    match deployment.status:
        case DeploymentStatus.RUNNING if deployment.current_wave == 0:
            waits_for = "its first wave begins by itself as soon as it is planned"
        case DeploymentStatus.RUNNING:
            tally = wave.tally() if wave is not None else None
            left = tally.total - tally.ended if tally is not None else 0
            waits_for = f"wave {deployment.current_wave} waits for {counted(left, 'device')} to report"
            if left == 0:
                waits_for = f"wave {deployment.current_wave} is over, and what follows it begins by itself"
        case DeploymentStatus.PENDING:
            waits_for = "it waits to be started"
        case DeploymentStatus.PAUSED:
            waits_for = "it is paused, and waits to be resumed"
        case _:
            waits_for = f"the deployment is {deployment.status}"
    return f"no delay between waves is under way: {waits_for}"
