"""Winding a cancelled deployment down: what carries it forward is stopped, what is queued is cancelled."""

from dataclasses import dataclass

from edgeflow.contract.history.details import Actor
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.history import Part, system
from edgeflow.use_cases.rollout.conclude_rollout import ConcludeRollout
from edgeflow.use_cases.rollout.executions import stop_rollout
from edgeflow.use_cases.rollout.ports import Deployments, Workflows

_BY_ITSELF = system(Part.WIND_DOWN)


@dataclass(frozen=True, slots=True)
class WindDown:
    """Wind down one deployment. Repeatable; one that is not being cancelled is left alone."""

    deployments: Deployments
    workflows: Workflows
    conclude_rollout: ConcludeRollout

    def __call__(self, deployment_id: str, *, by: Actor = _BY_ITSELF) -> DeploymentStatus:
        """Return the deployment's status then.

        Raises:
            NotFound: there is no such deployment.
            Unavailable: AWS throttles; the message comes again.
        """
        deployment = self.deployments.get(deployment_id)
        if deployment.status is not DeploymentStatus.CANCELLING:
            return deployment.status
        stop_rollout(deployment, self.workflows, reason=deployment.status_reason)
        return self.conclude_rollout.cancelled(deployment_id, by=by)
