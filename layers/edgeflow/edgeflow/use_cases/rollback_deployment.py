"""Rolling a deployment back because an operator asks for it."""

from dataclasses import dataclass

from edgeflow.contract.rest.events import Actor, RollbackRequested, RollbackStarted
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import CAN_ROLL_BACK, Deployment, DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.domain.history import Entry, Part, system
from edgeflow.use_cases.executions import ROLLBACK_MACHINE, rollback_name
from edgeflow.use_cases.plan_rollback import Origin
from edgeflow.use_cases.ports import Deployments, Workflows


@dataclass(frozen=True, slots=True)
class RollbackDeployment:
    """Start the rollback machine, then mark the deployment. In this order nothing is left rolling back by nobody.

    Who asked for it is told first: the machine may be quicker than this, and knows nobody.
    """

    deployments: Deployments
    workflows: Workflows
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor) -> Deployment:
        """Return the deployment, rolling back.

        Raises:
            NotFound: there is no such deployment.
            Conflict: there is nothing to roll back, it is under way, or it is done.
            Unavailable: the execution could not be started now; try again.
        """
        deployment = self.deployments.get(deployment_id)
        if deployment.status not in CAN_ROLL_BACK or deployment.never_started:
            raise Conflict(_why_not(deployment))
        attempt = deployment.rollbacks + 1
        reason = f"rollback asked for by {by}"
        payload = {
            "deployment_id": deployment_id,
            "attempt": attempt,
            "origin": Origin.OPERATOR.value,
            "reason": reason,
        }
        at = timestamp(self.clock())
        asked = Entry(at=at, actor=by, details=RollbackRequested(attempt=attempt))
        self.deployments.request_rollback(deployment_id, attempt=attempt, entry=asked)
        arn = self.workflows.start(ROLLBACK_MACHINE, rollback_name(deployment_id, attempt), payload)
        started = RollbackStarted(attempt=attempt, origin=Origin.OPERATOR.value)
        return self.deployments.begin_rollback(
            deployment_id,
            attempt=attempt,
            execution_arn=arn,
            reason=reason,
            entry=Entry(at=at, actor=system(Part.PLAN_ROLLBACK), details=started),
        )


def _why_not(deployment: Deployment) -> str:
    match deployment.status:
        case DeploymentStatus.PENDING:
            return "the deployment has not started: there is nothing to roll back"
        case DeploymentStatus.CANCELLING:
            return "the deployment is being cancelled; roll it back as soon as it is cancelled"
        case DeploymentStatus.CANCELLED:
            return "the deployment was cancelled before it started: there is nothing to roll back"
        case DeploymentStatus.ROLLING_BACK:
            return "the deployment is rolling back already"
        case _:
            return "the deployment is rolled back already"
