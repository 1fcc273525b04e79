"""Deploying once more to targets of a deployment that failed, or was rolled back."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, assert_never

from edgeflow.contract.history.deployments import Retried
from edgeflow.contract.history.details import Actor
from edgeflow.contract.reasons import Reason
from edgeflow.contract.rest.deployments import RetryOnly
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import CAN_RETRY, Deployment, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, NotFound
from edgeflow.domain.history import Entry
from edgeflow.domain.ids import new_deployment_id
from edgeflow.domain.rules import too_short_for_window
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.deployments.create_deployment import created
from edgeflow.use_cases.deployments.ports import DeploymentRecords, Manifests
from edgeflow.use_cases.deployments.start_deployment import StartDeployment
from edgeflow.use_cases.rollout.ports import Targets

_EITHER: Final[tuple[RetryOnly, ...]] = ("failed", "offline")
"""What a deployment that has failed is retried for."""


@dataclass(frozen=True, slots=True)
class RetryDeployment:
    """Create a deployment of the same version or removal, by the same strategy and settings, and start it. Only once.

    The new one's id is noted at the old one first. So a call that died half-way is completed by the next
    one, and two clicks make one retry.
    """

    deployments: DeploymentRecords
    targets: Targets
    manifests: Manifests
    start: StartDeployment
    clock: Clock
    stack: str
    """What the ids of its deployments begin with."""

    def __call__(self, deployment_id: str, *, by: Actor, only: Collection[RetryOnly] | None = None) -> Deployment:
        """Return the new deployment, running.

        Of what was rolled back nobody runs the version any more, so it goes to all targets, unless ``only`` names some;
        of what has failed it goes to those that failed, and to those that were skipped as offline.

        Raises:
            NotFound: there is no such deployment.
            Conflict: it has neither failed nor been rolled back, none of its targets is of the kinds asked for, its
                timeout leaves no time for its health window, it was retried before, or the retry cannot start.
            Unavailable: the retry could not be started now; starting it goes on.
        """
        failed = self.deployments.get(deployment_id)
        if failed.status not in CAN_RETRY:
            message = f"the deployment is {failed.status}; only one that has failed, or was rolled back, can be retried"
            raise Conflict(message)
        fault = too_short_for_window(failed.rules)
        if fault is not None:
            message = f"{fault}; create a new deployment, for a retry has the settings of the one before"
            raise Conflict(message)
        every = failed.status is DeploymentStatus.ROLLED_BACK and only is None
        devices = self._devices(deployment_id, only=None if every else (only or _EITHER))
        if not devices:
            raise Conflict(_nobody(only or _EITHER))
        retry_id = self._reserve(deployment_id, by=by)
        retry = self._find(retry_id) or self._create(failed, retry_id, devices, by=by)
        if retry.status is not DeploymentStatus.PENDING:
            message = f"the deployment was retried already, by {retry_id}"
            raise Conflict(message)
        return self.start(retry_id, by=by)

    def _reserve(self, deployment_id: str, *, by: Actor) -> str:
        now = self.clock()
        retry_id = new_deployment_id(now, self.stack)
        entry = Entry(at=timestamp(now), actor=by, details=Retried(deployment_id=retry_id))
        return self.deployments.reserve_retry(deployment_id, retry_id, entry=entry)

    def _devices(self, deployment_id: str, *, only: Collection[RetryOnly] | None) -> list[str]:
        found = [
            target.id if isinstance(target, Unreadable) else target.device_id
            for target in self.targets.all(deployment_id)
            if only is None or any(_is(kind, target) for kind in only)
        ]
        try:
            in_order = self.manifests.read(deployment_id)
        except CannotBeRead:
            return found
        wanted = set(found)
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


def _nobody(only: Collection[RetryOnly]) -> str:
    kinds = " or ".join({"failed": "has failed", "offline": "was skipped as offline"}[kind] for kind in sorted(only))
    return f"no target of the deployment {kinds}; create a new deployment for others that were skipped"


def _is(kind: RetryOnly, target: Target | Unreadable) -> bool:
    match kind:
        case "failed":
            return _has_failed(target)
        case "offline":
            return (
                isinstance(target, Target)
                and target.status is TargetStatus.SKIPPED
                and target.reason == Reason.OFFLINE.value
            )
        case _:
            assert_never(kind)


def _has_failed(target: Target | Unreadable) -> bool:
    """Tell whether a target failed, also one that has returned since: why it had failed stays with it."""
    if isinstance(target, Unreadable):
        return True  # nobody knows that it succeeded
    if target.status is TargetStatus.ROLLED_BACK:
        return target.reason not in {None, Reason.ABORTED.value}
    return target.status in {TargetStatus.FAILED, TargetStatus.ROLLBACK_FAILED}
