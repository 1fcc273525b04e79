"""Telling the world when a deployment's status changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from edgeflow.contract.events import DeploymentStatusChanged
from edgeflow.domain.deployments import Deployment, DeploymentStatus, TargetStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """One change of a deployment as the table's stream tells it. ``sequence`` grows within a deployment."""

    deployment: Deployment
    previous: DeploymentStatus | None
    sequence: str
    occurred_at: str


class EventBus(Protocol):
    """Where events go."""

    def publish(self, events: Sequence[DeploymentStatusChanged]) -> None:
        """Publish all of them. Raises Unavailable when some could not be: then all come again."""


@dataclass(frozen=True, slots=True)
class NotifyStatus:
    """Publish one event for each change. A change that comes again has the same id again."""

    bus: EventBus

    def __call__(self, changes: Iterable[StatusChange]) -> int:
        """Publish these changes; returns how many there were."""
        events = [_event(change) for change in changes]
        if events:
            self.bus.publish(events)
        return len(events)


def _event(change: StatusChange) -> DeploymentStatusChanged:
    deployment = change.deployment
    counts = deployment.counts
    return DeploymentStatusChanged(
        id=f"{deployment.id}:{change.sequence}",
        sequence=change.sequence,
        occurred_at=change.occurred_at,
        deployment_id=deployment.id,
        flow_id=deployment.flow_id,
        flow_version=deployment.artifact.version,
        strategy=deployment.strategy.value,
        status=deployment.status.value,
        previous_status=change.previous.value if change.previous is not None else None,
        status_reason=deployment.status_reason,
        total_targets=deployment.total_targets,
        completed_targets=counts.get(TargetStatus.SUCCESS, 0),
        failed_targets=counts.get(TargetStatus.FAILED, 0) + counts.get(TargetStatus.ROLLBACK_FAILED, 0),
        rollbacks=deployment.rollbacks,
        retry_of=deployment.retry_of,
        execution_arn=deployment.execution_arn,
        rollback_execution_arn=deployment.rollback_execution_arn,
    )
