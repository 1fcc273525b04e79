"""Who did what, and when: what is written beside a change of a deployment or a flow, and never changed again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edgeflow.contract.history.deployments import (
    MAX_NAMED_TARGETS,
    Cancelled,
    Completed,
    Failed,
    NamedTarget,
    RolledBack,
)
from edgeflow.contract.history.details import Actor, Details
from edgeflow.domain.deployments import DeploymentStatus, Target, TargetStatus


class Part(StrEnum):
    """Parts of the system that act by themselves, by the names of their operations."""

    ANSWER_WAVE = "answer_wave"
    AWAIT_RESUME = "await_resume"
    CLOSE_WAVE = "close_wave"
    CONCLUDE_ROLLBACK = "conclude_rollback"
    CONCLUDE_ROLLOUT = "conclude_rollout"
    DISPATCH_WAVE = "dispatch_wave"
    INGEST_REPORT = "ingest_report"
    PLAN_ROLLBACK = "plan_rollback"
    PLAN_ROLLOUT = "plan_rollout"
    RECONCILE = "reconcile"
    WATCH_WAVES = "watch_waves"
    WIND_DOWN = "wind_down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened (``at``: ISO 8601 UTC). The history gives it its place in the sequence."""

    at: str
    actor: Actor
    details: Details


def system(part: Part) -> Actor:
    """Return a part of the system as the one who acts."""
    return Actor(kind="system", name=part.value)


def caller(name: str, *, subject: str | None = None) -> Actor:
    """Return the caller of the API as the one who acts; ``subject`` is the token's ``sub``."""
    return Actor(kind="caller", name=name, subject=subject)


_ENDS: Final = {
    DeploymentStatus.COMPLETED: Completed,
    DeploymentStatus.FAILED: Failed,
    DeploymentStatus.CANCELLED: Cancelled,
    DeploymentStatus.ROLLED_BACK: RolledBack,
}


def ended(status: DeploymentStatus, targets: Iterable[Target], *, attempt: int | None = None) -> Details:
    """Return how a deployment ended: with this status, its targets as they are then, by this attempt to roll back."""
    found = list(targets)
    unwell = [target for target in found if target.status in {TargetStatus.FAILED, TargetStatus.ROLLBACK_FAILED}]
    return _ENDS[status](
        attempt=attempt,
        target_counts=status_counts(found),
        reason_counts=dict(sorted(Counter(target.reason for target in found if target.reason).items())),
        failed_targets=[
            NamedTarget(device_id=target.device_id, wave=target.wave, status=target.status.value, reason=target.reason)
            for target in unwell[:MAX_NAMED_TARGETS]
        ],
    )


def status_counts(targets: Iterable[Target]) -> dict[str, int]:
    """Return how many of the targets have each status; statuses that none has are left out."""
    return dict(sorted(Counter(target.status.value for target in targets).items()))
