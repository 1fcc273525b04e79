"""A deployment and its targets: what they are, and which status may follow which.

    pending → running ⇄ paused → completed | failed | cancelling → cancelled | rolling_back → rolled_back

A pending one is cancelled at once. What has ended (completed, failed, cancelled) may still be rolled back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import bound
from edgeflow.domain.flows import Signature
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy


class DeploymentAction(StrEnum):
    """What a deployment does with its flow on each target."""

    DEPLOY = "deploy"
    """Let it run a version."""
    REMOVE = "remove"
    """Take the flow off, whatever version of it runs there."""


class DeploymentStatus(StrEnum):
    """Where a deployment stands, as the product's page names it; the others are ours."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLING = "cancelling"
    """Nothing goes forward any more; what is under way is being stopped."""
    CANCELLED = "cancelled"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"


class TargetStatus(StrEnum):
    """Where one device of a deployment stands."""

    PENDING = "pending"
    DEPLOYING = "deploying"
    STAGED = "staged"
    """Runs in the idle slot, muted, and waits for the switch; only blue-green."""
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"


ACTIVE: Final = frozenset({DeploymentStatus.RUNNING, DeploymentStatus.PAUSED})
"""Waves may be dispatched."""
CAN_ROLL_BACK: Final = ACTIVE | {
    DeploymentStatus.COMPLETED,
    DeploymentStatus.FAILED,
    DeploymentStatus.CANCELLED,
    DeploymentStatus.ROLLED_BACK,
}
"""What is rolled back already is only for devices that took the version up after the rollback had passed them by."""
CAN_RETRY: Final = frozenset({DeploymentStatus.FAILED, DeploymentStatus.ROLLED_BACK})
UNFINISHED: Final = ACTIVE | {DeploymentStatus.PENDING, DeploymentStatus.CANCELLING, DeploymentStatus.ROLLING_BACK}
"""These hold claims on devices and keep their flow from being deleted."""

SETTLED: Final = frozenset(TargetStatus) - {TargetStatus.PENDING, TargetStatus.DEPLOYING}
"""Statuses that are counted; nobody waits for the job of a target in one of them any longer."""
UNBEGUN: Final = frozenset({TargetStatus.PENDING, TargetStatus.STAGED})
"""The next thing to happen to such a target is up to the cloud."""
RETURNED: Final = frozenset({TargetStatus.ROLLED_BACK, TargetStatus.ROLLBACK_FAILED})
"""Statuses that belong to a rollback attempt, not to the wave that deployed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A published version's bytes: where (by SHA-256), how many, and their signature as that version."""

    version: int
    sha256: str
    size: int
    signature: Signature | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentFilter:
    """Which deployments are looked for; None is any, and an empty set of statuses as well."""

    statuses: frozenset[DeploymentStatus] = frozenset()
    flow_id: str | None = None
    strategy: Strategy | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    """Created before this moment, in UTC as ``created_from``."""

    def matches(self, deployment: "Deployment") -> bool:
        """Tell whether it is one of them."""
        return (
            (not self.statuses or deployment.status in self.statuses)
            and self.flow_id in {None, deployment.flow_id}
            and self.strategy in {None, deployment.strategy}
            and (self.created_from is None or deployment.created_at >= bound(self.created_from))
            and (self.created_to is None or deployment.created_at < bound(self.created_to))
        )


ANY_DEPLOYMENT: Final = DeploymentFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One rollout of one flow version to a list of devices, or of its removal from them. Times are ISO 8601 UTC."""

    id: str
    flow_id: str
    artifact: Artifact | None
    """Of the version that is deployed; None: the flow is removed."""
    strategy: Strategy
    rules: RolloutRules
    status: DeploymentStatus
    status_reason: str
    total_targets: int
    """0 until its groups are resolved."""
    created_at: str
    created_by: str
    started_at: str | None = None
    finished_at: str | None = None
    cancel_asked_at: str | None = None
    """Of a deployment that was under way then."""
    waves: int = 0
    current_wave: int = 0
    rollbacks: int = 0
    counts: Mapping[TargetStatus, int] = field(default_factory=dict)
    execution_arn: str | None = None
    execution_started: bool = False
    rollback_execution_arn: str | None = None
    target_groups: tuple[str, ...] = ()
    """AWS IoT thing groups whose members are targets; resolved and frozen when it starts."""
    retry_of: str | None = None
    """The deployment of whose targets this one deploys to some or all once more."""
    retried_by: str | None = None
    resume_token: str | None = None
    changed_at: str | None = None
    """When the newest event of its history was written; None in records of before that was kept."""
    watch_token: str | None = None
    """Of the execution that waits after the current wave, to be woken by a breach, or by whoever promotes."""
    watched_since: str | None = None
    """When the wait of ``watch_token`` began."""
    promoted_token: str | None = None
    """Of the last wait that an operator has ended."""
    breached_wave: str | None = None
    """Name of a wave that breached, and that nobody has accepted so far."""

    @property
    def action(self) -> DeploymentAction:
        """What it does with the flow on each target."""
        return DeploymentAction.REMOVE if self.artifact is None else DeploymentAction.DEPLOY

    @property
    def version(self) -> int | None:
        """The version that a target runs when it has succeeded; None: it does not have the flow any more."""
        return None if self.artifact is None else self.artifact.version

    @property
    def resolved(self) -> bool:
        """Its targets are known: it names devices alone, or its groups have been resolved."""
        return not self.target_groups or self.total_targets > 0

    @property
    def never_started(self) -> bool:
        """It was cancelled before anybody started it, and never will be."""
        return self.status is DeploymentStatus.CANCELLED and self.started_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One device of a deployment. ``version_before`` is None where the device did not run the flow."""

    device_id: str
    wave: int
    status: TargetStatus
    version_before: int | None = None
    version_before_known: bool = True
    """False: its record was damaged there, and nobody can tell what the device ran before."""
    reason: str | None = None
    message: str | None = None
    reached: bool = False
    """The device may have acted on its job."""
    reached_late: bool = False
    """It succeeded after the cloud had given it up: it took the version up, whatever its status is."""
    reported: bool = False
    """The device itself said how its job ended; ``runs_version`` is what it then ran."""
    runs_version: int | None = None
    rollback_attempt: int = 0
    started_at: str | None = None
    finished_at: str | None = None

    @property
    def had_nothing(self) -> bool:
        """The flow was to be removed, and the device did not have it: nothing was asked of it."""
        return self.status is TargetStatus.SUCCESS and self.reason == Reason.NOT_INSTALLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """One device in the frozen plan of a rollback; devices of one group return to the same version."""

    device_id: str
    group: int
    version_before: int | None
    known: bool = True
    """False: the plan is damaged there, and nobody can tell what the device is to return to."""


def list_some(names: list[str], limit: int = 10) -> str:
    """Write names for a sentence: the first ``limit`` of them, and how many more there are."""
    shown = ", ".join(names[:limit])
    more = len(names) - limit
    return f"{shown} and {more} more" if more > 0 else shown
