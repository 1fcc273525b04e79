"""What each type of event says of a deployment."""

from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict

from edgeflow.contract.history.details import Details

MAX_NAMED_TARGETS: Final = 100
"""Targets that an end names; ``GET /v1/deployments/{id}/targets`` has all of them."""


class DeploymentCreated(Details):
    """With its settings, every default filled in. ``total_targets`` is null until its groups are resolved.

    ``flow_version`` is null where ``action`` is ``remove``; histories of before there were removals have no ``action``.
    """

    type: ClassVar[str] = "created"

    flow_id: str
    action: Literal["deploy", "remove"] = "deploy"
    flow_version: int | None
    strategy: str
    config: dict[str, Any]
    total_targets: int | None
    target_groups: list[str]
    retry_of: str | None


class TargetsResolved(Details):
    """Its groups were resolved, and the list of its targets is frozen."""

    type: ClassVar[str] = "targets_resolved"

    total_targets: int


class Started(Details):
    """It began to run."""

    type: ClassVar[str] = "started"


class WavesPlanned(Details):
    """Every device was claimed, and the targets were split into waves."""

    type: ClassVar[str] = "waves_planned"

    total_targets: int
    waves: int


class WaveStarted(Details):
    """Jobs are being created for its targets, of which more than ``tolerated`` may not fail.

    ``offline`` of them were skipped, for they were not connected. Events of before that could be have none.
    """

    type: ClassVar[str] = "wave_started"

    wave: int
    total: int
    tolerated: int
    offline: int = 0


class WaveClosed(Details):
    """Nobody waits for its devices any longer; all of them are accounted for. ``cause``: its timeout, or a stop."""

    type: ClassVar[str] = "wave_closed"

    wave: int
    cause: Literal["timeout", "stop"]
    target_counts: dict[str, int]


class WaveEnded(Details):
    """It was decided: all its targets have ended, or (``settled`` is false) so many failed that nothing can mend it."""

    type: ClassVar[str] = "wave_ended"

    wave: int
    total: int
    failed: int
    tolerated: int
    settled: bool
    breached: bool
    target_counts: dict[str, int]


class Breached(Details):
    """More of a wave's targets failed than are tolerated; it may have ended well before, and fallen ill since."""

    type: ClassVar[str] = "breached"

    wave: int
    total: int
    failed: int
    tolerated: int
    failure_threshold: int


class BreachAccepted(Details):
    """An operator goes on after a breach: so many failures of that wave are tolerated from now on."""

    type: ClassVar[str] = "breach_accepted"

    wave: int
    tolerated: int


class Paused(Details):
    """No new wave starts; ``cause`` is an operator, a breach without automatic rollback, or canaries all offline."""

    type: ClassVar[str] = "paused"

    cause: Literal["operator", "breach", "offline"]


class Resumed(Details):
    """It goes on."""

    type: ClassVar[str] = "resumed"


class CancelRequested(Details):
    """An operator stopped it where it is: nothing goes forward any more, and nothing goes back."""

    type: ClassVar[str] = "cancel_requested"


class Promoted(Details):
    """An operator ended the watched wait after this wave before its time."""

    type: ClassVar[str] = "promoted"

    wave: int


class TargetGivenUp(Details):
    """An operator gave up on one device of a wave: it counts as failed, and nobody waits for it."""

    type: ClassVar[str] = "target_given_up"

    wave: int
    device_id: str


class ReachedLate(Details):
    """A device succeeded after the cloud had given it up: it runs the version, whatever its target's status is.

    ``version`` is None where the flow was to be removed.
    """

    type: ClassVar[str] = "reached_late"

    wave: int
    device_id: str
    version: int | None


class ReturnedLate(Details):
    """A device returned to the version before after this rollback attempt had counted it as one that did not."""

    type: ClassVar[str] = "returned_late"

    attempt: int
    device_id: str


class Retried(Details):
    """Targets that it did not reach, or not well, are deployed to once more, by the deployment named here."""

    type: ClassVar[str] = "retried"

    deployment_id: str


class RollbackRequested(Details):
    """An operator asked for a rollback."""

    type: ClassVar[str] = "rollback_requested"

    attempt: int


class RollbackStarted(Details):
    """Nothing goes forward any more."""

    type: ClassVar[str] = "rollback_started"

    attempt: int
    origin: Literal["operator", "breach", "late_success"]


class RollbackPlanned(Details):
    """How many devices get a job, went back by themselves, and are left alone for another deployment changed them."""

    type: ClassVar[str] = "rollback_planned"

    attempt: int
    jobs: int
    returned_already: int
    moved_on: int


class DeploymentDeleted(Details):
    """It had not started, or could not be read, and was removed with all its targets; its history stays."""

    type: ClassVar[str] = "deleted"


class NamedTarget(BaseModel):
    """A target that failed, or did not return."""

    model_config = ConfigDict(frozen=True)

    device_id: str
    wave: int
    status: str
    reason: str | None


class _Ended(Details):
    """Of all its targets, how many have each status and each reason; at most 100 of those that failed are named.

    ``attempt`` is the rollback that has ended, null when it was the rollout.
    """

    attempt: int | None
    target_counts: dict[str, int]
    reason_counts: dict[str, int]
    failed_targets: list[NamedTarget]


class Completed(_Ended):
    """Every target succeeded."""

    type: ClassVar[str] = "completed"


class Failed(_Ended):
    """It ended otherwise, or some devices did not return; ``status_reason`` says why."""

    type: ClassVar[str] = "failed"


class Cancelled(_Ended):
    """An operator stopped it where it was; its devices keep what they run."""

    type: ClassVar[str] = "cancelled"


class RolledBack(_Ended):
    """Its devices run what they ran before."""

    type: ClassVar[str] = "rolled_back"


DeploymentDetails = (
    DeploymentCreated
    | TargetsResolved
    | Started
    | WavesPlanned
    | WaveStarted
    | WaveClosed
    | WaveEnded
    | Breached
    | BreachAccepted
    | Paused
    | Resumed
    | Promoted
    | TargetGivenUp
    | CancelRequested
    | ReachedLate
    | ReturnedLate
    | Retried
    | RollbackRequested
    | RollbackStarted
    | RollbackPlanned
    | Completed
    | Failed
    | Cancelled
    | RolledBack
    | DeploymentDeleted
)
