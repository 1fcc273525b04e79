"""Histories: answers of ``GET /v1/deployments/{deployment_id}/events`` and ``GET /v1/flows/{flow_id}/events``.

An event is kept as it is shown, and never changed: to these models keys and types are only added. ``sequence`` orders
the events of one deployment or flow and grows with each of them; ``at`` is the clock of the part that wrote it.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from edgeflow.contract.rest.unreadable import UnreadableEvent

MAX_NAMED_TARGETS: Final = 100
"""Targets that an end names; ``GET /v1/deployments/{id}/targets`` has all of them."""


class Actor(BaseModel):
    """Who did it: a caller, by the token's ``sub`` and the name that ``created_by`` has, or a part of the system."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["caller", "system"]
    name: str
    subject: str | None = None

    def __str__(self) -> str:
        """Return the name, as sentences have it."""
        return self.name


class Details(BaseModel):
    """What one type of event says beside who, when and where the subject stands then."""

    model_config = ConfigDict(frozen=True)

    type: ClassVar[str]


# --- Deployments --------------------------------------------------------------------------------------------------


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


# --- Flows --------------------------------------------------------------------------------------------------------


class FlowCreated(Details):
    """As a draft."""

    type: ClassVar[str] = "created"

    name: str


class FlowUpdated(Details):
    """Its draft's content was replaced; ``changed`` names the parts that differ."""

    type: ClassVar[str] = "updated"

    changed: list[str]


class FlowPublished(Details):
    """The draft is frozen as this version, with the SHA-256 and the size (bytes) of what devices download."""

    type: ClassVar[str] = "published"

    version: int
    sha256: str
    size: int


class DraftOpened(Details):
    """The next draft, with the definition of this version."""

    type: ClassVar[str] = "draft_opened"

    from_version: int | None


class FlowArchived(Details):
    """Hidden, and no longer deployable."""

    type: ClassVar[str] = "archived"


class FlowRestored(Details):
    """Back as it was."""

    type: ClassVar[str] = "restored"


class FlowDeleted(Details):
    """With all its versions; its history stays."""

    type: ClassVar[str] = "deleted"


# --- Events and pages -----------------------------------------------------------------------------------------------

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
FlowDetails = FlowCreated | FlowUpdated | FlowPublished | DraftOpened | FlowArchived | FlowRestored | FlowDeleted


def _by_type(models: Any) -> Mapping[str, type[Details]]:  # noqa: ANN401  a union of models has no type of its own
    return {model.type: model for model in get_args(models)}


class _Event(BaseModel):
    """What every event has. ``details`` are read by the model that ``type`` names."""

    model_config = ConfigDict(frozen=True)

    details_by_type: ClassVar[Mapping[str, type[Details]]]

    sequence: int
    at: str
    type: str
    actor: Actor

    @model_validator(mode="before")
    @classmethod
    def _details_by_type(cls, told: Any) -> Any:  # noqa: ANN401  whatever was given
        match told:
            case {"type": str(name), "details": Mapping() as details} if name in cls.details_by_type:
                return {**told, "details": cls.details_by_type[name].model_validate(details)}
            case _:
                return told


class DeploymentEvent(_Event):
    """One event of a deployment. ``status`` and ``status_reason`` are the deployment's from then on."""

    details_by_type: ClassVar[Mapping[str, type[Details]]] = _by_type(DeploymentDetails)

    details: DeploymentDetails
    status: str
    status_reason: str


class FlowEvent(_Event):
    """One event of a flow. ``sequence`` is the flow's revision, its ETag, from then on; ``status`` is its state."""

    details_by_type: ClassVar[Mapping[str, type[Details]]] = _by_type(FlowDetails)

    details: FlowDetails
    status: str


class DeploymentEventPage(BaseModel):
    """Answer of ``GET /v1/deployments/{deployment_id}/events``, oldest first."""

    events: list[DeploymentEvent | UnreadableEvent]
    next_cursor: str | None


class FlowEventPage(BaseModel):
    """Answer of ``GET /v1/flows/{flow_id}/events``, oldest first."""

    events: list[FlowEvent | UnreadableEvent]
    next_cursor: str | None
