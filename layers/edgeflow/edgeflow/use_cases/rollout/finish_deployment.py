"""Giving up what a deployment has claimed, then writing how it ended: the same for a rollout and for its rollback."""

from collections.abc import Iterable
from dataclasses import dataclass

from edgeflow.domain.deployments import Deployment, DeploymentStatus, Target
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.history import Entry
from edgeflow.use_cases.rollout.claims import Claims
from edgeflow.use_cases.rollout.ports import Deployments, TargetLists


@dataclass(frozen=True, slots=True)
class FinishDeployment:
    """Write the end of a deployment that has one of the ``allowed`` statuses. Repeatable."""

    deployments: Deployments
    manifests: TargetLists
    claims: Claims

    def __call__(
        self,
        deployment: Deployment,
        targets: list[Target],
        *,
        allowed: Iterable[DeploymentStatus],
        to: DeploymentStatus,
        reason: str,
        entry: Entry,
    ) -> DeploymentStatus:
        """Return the status that the deployment has then: ``to``, unless somebody else has ended it.

        ``targets`` are all that were planned; ``entry`` tells the history how it ended.
        """
        # The list as asked for, too: planning may have claimed devices and died before it wrote targets.
        devices = dict.fromkeys([*self._asked_for(deployment.id), *(target.device_id for target in targets)])
        self.claims.release(deployment.id, deployment.flow_id, devices)
        ended = self.deployments.finish(deployment.id, allowed=allowed, to=to, reason=reason, at=entry.at, entry=entry)
        return (ended or self.deployments.get(deployment.id)).status

    def _asked_for(self, deployment_id: str) -> list[str]:
        """Return the list of targets; of one that cannot be read nothing was planned that is not among the targets."""
        try:
            return self.manifests.read(deployment_id)
        except CannotBeRead:
            return []
