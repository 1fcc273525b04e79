"""Telling the world when a deployment's status changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edgeflow.contract.events import MAX_REASON_LENGTH, DeploymentStatusChanged
from edgeflow.domain.deployments import Deployment, DeploymentStatus, TargetStatus
from edgeflow.use_cases.rollout.set_aside import DeadLetters, SetAside


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """One change of a deployment as the table's stream tells it. ``record`` is the record's number in the stream."""

    record: str
    event: DeploymentStatusChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """What became of a batch. From the record ``left`` on it has to come again; None: all of it is done."""

    published: int
    set_aside: int
    left: str | None


class EventBus(Protocol):
    """Where events go."""

    def publish(self, events: Sequence[DeploymentStatusChanged]) -> int:
        """Publish them in order; returns how many went out before the first that did not, all when none was left out.

        Raises:
            Unavailable: not even the first could be published.
        """


@dataclass(frozen=True, slots=True)
class NotifyStatus:
    """Publish one event for each change. A change that comes again has the same id again."""

    bus: EventBus
    dead_letters: DeadLetters

    def __call__(self, records: Sequence[StatusChange | SetAside]) -> Notified:
        """Publish the changes of a batch, and set aside what cannot be read, up to the first change that is left out.

        Raises:
            Unavailable: nothing was published; the whole batch has to come again.
        """
        changes = [record for record in records if isinstance(record, StatusChange)]
        published = self.bus.publish([change.event for change in changes]) if changes else 0
        left = changes[published].record if published < len(changes) else None
        set_aside = 0
        for record in records:
            if record.record == left:
                break  # what comes behind it comes again with it
            if isinstance(record, SetAside):
                self.dead_letters.keep(record)
                set_aside += 1
        return Notified(published=published, set_aside=set_aside, left=left)


def status_changed(
    deployment: Deployment, *, previous: DeploymentStatus | None, sequence: str, occurred_at: str
) -> DeploymentStatusChanged:
    """Return the event of a change; ``sequence`` grows within a deployment when it is compared as a string.

    Raises:
        ValueError, TypeError: the deployment holds what no event can say.
    """
    counts = deployment.counts
    return DeploymentStatusChanged(
        id=f"{deployment.id}:{sequence}",
        sequence=sequence,
        occurred_at=occurred_at,
        deployment_id=deployment.id,
        flow_id=deployment.flow_id,
        action=deployment.action.value,
        flow_version=deployment.version,
        strategy=deployment.strategy.value,
        status=deployment.status.value,
        previous_status=previous.value if previous is not None else None,
        status_reason=deployment.status_reason[:MAX_REASON_LENGTH],
        total_targets=deployment.total_targets,
        completed_targets=counts.get(TargetStatus.SUCCESS, 0),
        failed_targets=counts.get(TargetStatus.FAILED, 0) + counts.get(TargetStatus.ROLLBACK_FAILED, 0),
        rollbacks=deployment.rollbacks,
        retry_of=deployment.retry_of,
        execution_arn=deployment.execution_arn,
        rollback_execution_arn=deployment.rollback_execution_arn,
    )
