"""Deploying once more to the targets of a deployment that failed, and to no others."""

from dataclasses import dataclass

from edgeflow.contract.rest.events import Actor, Retried
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus, TargetStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, NotFound
from edgeflow.domain.history import Entry
from edgeflow.domain.ids import new_deployment_id
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.create_deployment import created
from edgeflow.use_cases.ports import Deployments, Manifests, Targets
from edgeflow.use_cases.start_deployment import StartDeployment


@dataclass(frozen=True, slots=True)
class RetryDeployment:
    """Create a deployment of the same version, by the same strategy and settings, and start it. Once a deployment.

    The new one's id is noted at the old one first. So a call that died half-way is completed by the next
    one, and two clicks make one retry.
    """

    deployments: Deployments
    targets: Targets
    manifests: Manifests
    start: StartDeployment
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor) -> Deployment:
        """Return the new deployment, running.

        Raises:
            NotFound: there is no such deployment.
            Conflict: it has not failed, none of its targets has, it was retried before, or the retry cannot start.
            Unavailable: the retry could not be started now; starting it goes on.
        """
        failed = self.deployments.get(deployment_id)
        if failed.status is not DeploymentStatus.FAILED:
            message = f"the deployment is {failed.status}; only one that has failed can be retried"
            raise Conflict(message)
        devices = self._failed_devices(deployment_id)
        if not devices:
            message = "no target of the deployment has failed; create a new deployment for those that were skipped"
            raise Conflict(message)
        retry_id = self._reserve(deployment_id, by=by)
        retry = self._find(retry_id) or self._create(failed, retry_id, devices, by=by)
        if retry.status is not DeploymentStatus.PENDING:
            message = f"the deployment was retried already, by {retry_id}"
            raise Conflict(message)
        return self.start(retry_id, by=by)

    def _reserve(self, deployment_id: str, *, by: Actor) -> str:
        now = self.clock()
        retry_id = new_deployment_id(now)
        entry = Entry(at=timestamp(now), actor=by, details=Retried(deployment_id=retry_id))
        return self.deployments.reserve_retry(deployment_id, retry_id, entry=entry)

    def _failed_devices(self, deployment_id: str) -> list[str]:
        # Of a target that cannot be read nobody knows that it succeeded.
        failed = [
            target.id if isinstance(target, Unreadable) else target.device_id
            for target in self.targets.all(deployment_id)
            if isinstance(target, Unreadable) or target.status in {TargetStatus.FAILED, TargetStatus.ROLLBACK_FAILED}
        ]
        try:
            in_order = self.manifests.read(deployment_id)
        except CannotBeRead:
            return failed
        wanted = set(failed)
        return [device_id for device_id in in_order if device_id in wanted]

    def _find(self, deployment_id: str) -> Deployment | None:
        try:
            return self.deployments.get(deployment_id)
        except NotFound:
            return None

    def _create(self, failed: Deployment, retry_id: str, devices: list[str], *, by: Actor) -> Deployment:
        retry = Deployment(
            id=retry_id,
            flow_id=failed.flow_id,
            artifact=failed.artifact,
            strategy=failed.strategy,
            rules=failed.rules,
            status=DeploymentStatus.PENDING,
            status_reason=f"retry of {failed.id}",
            total_targets=len(devices),
            created_at=timestamp(self.clock()),
            created_by=by.name,
            retry_of=failed.id,
        )
        self.manifests.write(retry_id, devices)
        self.deployments.create(retry, entry=Entry(at=retry.created_at, actor=by, details=created(retry)))
        return retry
