"""Starting a deployment."""

from dataclasses import dataclass
from typing import Final

from edgeflow.contract.history.deployments import Started, TargetsResolved
from edgeflow.contract.history.details import Actor, Details
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentAction, DeploymentStatus
from edgeflow.domain.errors import Conflict, Unavailable
from edgeflow.domain.flows import FlowState
from edgeflow.domain.history import Entry
from edgeflow.use_cases.deployments.ports import DeploymentRecords, Manifests
from edgeflow.use_cases.deployments.resolve_targets import ResolveTargets
from edgeflow.use_cases.flows.ports import DeployableFlows
from edgeflow.use_cases.rollout.claims import Claims, describe_conflicts
from edgeflow.use_cases.rollout.executions import begin_rollout, refuse_what_is_over
from edgeflow.use_cases.rollout.ports import Workflows

_MAX_LOOKS: Final = 8


@dataclass(frozen=True, slots=True)
class StartDeployment:
    """Start. What an earlier call left half done is completed by the next one; of what runs it changes nothing else.

    It never goes on with what somebody paused: a start that is sent again, by whatever lost its answer, must not.
    """

    deployments: DeploymentRecords
    manifests: Manifests
    resolve_targets: ResolveTargets
    flows: DeployableFlows
    claims: Claims
    workflows: Workflows
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor) -> Deployment:
        """Return the deployment as it stands then; ``by`` is who asked for it.

        Raises:
            NotFound: there is no such deployment.
            Conflict: its status does not allow it, another deployment holds some of its devices, or its groups do not
                come to targets.
            Unavailable: the execution could not be started now; starting again goes on.
        """
        for _ in range(_MAX_LOOKS):
            deployment = self.deployments.get(deployment_id)
            match deployment.status:
                case DeploymentStatus.PENDING:
                    self._refuse_archived(deployment)
                    self._settle_targets(deployment, by=by)
                    marked = self._mark(deployment_id, by=by)
                    if marked is not None:
                        return begin_rollout(marked, self.deployments, self.workflows)
                case DeploymentStatus.RUNNING:
                    return begin_rollout(deployment, self.deployments, self.workflows)
                case DeploymentStatus.PAUSED:
                    message = "the deployment is paused: resume goes on with it"
                    raise Conflict(message)
                case _:
                    refuse_what_is_over(deployment.status)
        message = "the deployment's status changes too fast; try again"
        raise Unavailable(message)

    def _refuse_archived(self, deployment: Deployment) -> None:
        if deployment.action is DeploymentAction.REMOVE:
            return  # what is not deployed any more may still have to come off devices
        if self.flows.get(deployment.flow_id).state is FlowState.ARCHIVED:
            message = f"flow {deployment.flow_id} was archived since; restore it to deploy it"
            raise Conflict(message)

    def _settle_targets(self, deployment: Deployment, *, by: Actor) -> None:
        """Resolve the groups and freeze what they come to, unless an earlier call did; refuse devices held by others.

        A call that is refused freezes nothing: the next one sees the groups as they are then.
        """
        targets = self.resolve_targets(deployment)
        conflicts = self.claims.conflicts(deployment.id, deployment.flow_id, targets)
        if conflicts:
            raise Conflict(describe_conflicts(conflicts))
        if not deployment.resolved:
            frozen = self.manifests.freeze(deployment.id, targets)
            entry = self._entry(by, TargetsResolved(total_targets=len(frozen)))
            self.deployments.resolved(deployment.id, total=len(frozen), entry=entry)

    def _mark(self, deployment_id: str, *, by: Actor) -> Deployment | None:
        """Let it run; returns the deployment. None: it is not pending any more."""
        entry = self._entry(by, Started())
        try:
            return self.deployments.change_status(
                deployment_id,
                allowed={DeploymentStatus.PENDING},
                to=DeploymentStatus.RUNNING,
                reason=f"started by {by}",
                at=entry.at,
                entry=entry,
            )
        except Conflict:
            return None

    def _entry(self, by: Actor, details: Details) -> Entry:
        return Entry(at=timestamp(self.clock()), actor=by, details=details)
