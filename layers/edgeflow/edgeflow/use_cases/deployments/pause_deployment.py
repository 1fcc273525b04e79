"""Pausing a deployment: no new wave starts; devices already told finish."""

from dataclasses import dataclass

from edgeflow.contract.history.deployments import Paused
from edgeflow.contract.history.details import Actor
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.history import Entry
from edgeflow.use_cases.rollout.ports import Deployments


@dataclass(frozen=True, slots=True)
class PauseDeployment:
    """Pause; the execution sees it at its next gate and waits there, which costs nothing."""

    deployments: Deployments
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor) -> Deployment:
        """Return the paused deployment.

        Raises:
            NotFound: there is no such deployment.
            Conflict: it is not running.
        """
        at = timestamp(self.clock())
        return self.deployments.change_status(
            deployment_id,
            allowed={DeploymentStatus.RUNNING},
            to=DeploymentStatus.PAUSED,
            reason=f"paused by {by}; devices already told finish",
            at=at,
            entry=Entry(at=at, actor=by, details=Paused(cause="operator")),
        )
