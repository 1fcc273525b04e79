"""The job document a device receives, and what it says of its progress.

``edgeflow.job/1`` is delivered by AWS IoT Jobs (document at most 32 KiB). Progress goes back as the
job execution's ``statusDetails``: at most 10 string values of at most 1,024 characters.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from edgeflow.contract.flow import MAX_ARTIFACT_BYTES
from edgeflow.contract.ids import DeploymentId, Epoch, FlowId, Sha256
from edgeflow.contract.reasons import Reason
from edgeflow.contract.signing import ArtifactSignature, SignedOrder
from edgeflow.contract.wire import Count, Moment, VersionNumber

JOB_SCHEMA: Final = "edgeflow.job/1"

MAX_DETAIL_LENGTH = 1_024  # AWS IoT: statusDetails value
MAX_HEALTH_WINDOW_SECONDS = 3_600
MIN_WATCH_SECONDS: Final = 10
MAX_WATCH_SECONDS: Final = 900

_REASONS = frozenset(reason.value for reason in Reason)


class Operation(StrEnum):
    """What a job asks of a device."""

    APPLY = "apply"
    """Run this version now, in place of the one before; go back by itself when it is not healthy."""
    STAGE = "stage"
    """Run this version in the idle slot with its outputs muted, beside the live one."""
    ACTIVATE = "activate"
    """Switch traffic to the slot that holds this version; the other slot stays warm, muted, as the standby."""
    REMOVE = "remove"
    """Stop the flow in both slots and forget it."""


class ArtifactIdentity(BaseModel):
    """What a flow's bytes must be, and who says so. ``size`` is in bytes.

    Versions that were published before there were signatures have none.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    sha256: Sha256
    size: int = Field(gt=0, le=MAX_ARTIFACT_BYTES)
    signature: ArtifactSignature | None = None


class Artifact(ArtifactIdentity):
    """The same, and where the bytes are."""

    url: str = Field(min_length=1, max_length=8_192)


class HealthCheck(BaseModel):
    """How long a new version must run healthily, in seconds, before the device may report success."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    window_seconds: float = Field(ge=0, le=MAX_HEALTH_WINDOW_SECONDS, allow_inf_nan=False)


class Watch(BaseModel):
    """How often a device reports its health, at least, while the deployment is open, and when that ends.

    ``until`` is by the cloud's clock. It holds also after the job has ended, and after a restart.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    every_seconds: float = Field(default=60, ge=MIN_WATCH_SECONDS, le=MAX_WATCH_SECONDS, allow_inf_nan=False)
    until: Moment


class JobDocument(BaseModel):
    """One order to one device. Unknown keys are ignored, so that later clouds can add to it.

    ``version`` and ``artifact`` belong to ``apply`` and ``stage``; ``activate`` names the version whose slot takes
    over, and with an ``artifact`` a device that has lost that slot applies the version instead of failing
    ``not_staged``; ``remove`` needs neither. ``clear_standby`` goes with ``activate``: the other slot is emptied
    after the switch, also when the version is live already, as a rollback wants it. Without ``health_check``
    success is reported at once. Without ``watch`` the device reports its health as often as at rest.

    ``order`` says the same once more, signed (``edgeflow.contract.order``). A device that was given keys of orders goes
    by that alone, and takes no more than the artifact's ``url`` from the rest; the rest is for those that were not.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    schema_: Literal["edgeflow.job/1"] = Field(default=JOB_SCHEMA, alias="schema")
    operation: Operation
    deployment_id: DeploymentId
    flow_id: FlowId
    version: VersionNumber | None = None
    artifact: Artifact | None = None
    health_check: HealthCheck | None = None
    watch: Watch | None = None
    clear_standby: bool = False
    order: SignedOrder | None = None

    @model_validator(mode="after")
    def _operation_has_what_it_needs(self) -> Self:
        match self.operation:
            case Operation.APPLY | Operation.STAGE:
                if self.version is None or self.artifact is None:
                    message = f"{self.operation} needs version and artifact"
                    raise ValueError(message)
            case Operation.ACTIVATE:
                if self.version is None:
                    message = "activate needs version"
                    raise ValueError(message)
            case Operation.REMOVE:
                pass
        return self


class Step(StrEnum):
    """How far a device got with a job; the last one named when it fails says where."""

    ACCEPTED = "accepted"
    DOWNLOAD = "download"
    ACTIVATE = "activate"
    HEALTH_CHECK = "health_check"
    REVERT = "revert"
    DONE = "done"


class StatusDetails(BaseModel):
    """What a device says with a job's status. On the wire every value is a string.

    ``runs_version`` is the version of the flow that really runs on the device when the job's end is told, absent when
    none does. ``holds_version`` is the one that it is to run then, also where it cannot; agents of before do not say
    it. ``sequence`` grows with every activation on the device (milliseconds since 1970, never going
    back), so that late reports can be told from new ones, as long as the device keeps its data folder; ``epoch`` is
    the id of that folder.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    step: Step = Step.DONE
    reason: Reason | None = None
    message: str = ""
    runs_version: VersionNumber | None = None
    holds_version: VersionNumber | None = None
    sequence: Count = 0
    epoch: Epoch | None = None

    @field_validator("reason", mode="before")
    @classmethod
    def _unknown_code_is_kept_apart(cls, value: object) -> object:
        if isinstance(value, str) and value not in _REASONS:
            return Reason.UNKNOWN  # a newer agent may know codes that this cloud does not
        return value

    @field_validator("message", mode="before")
    @classmethod
    def _fits_the_wire(cls, value: object) -> object:
        return value[:MAX_DETAIL_LENGTH] if isinstance(value, str) else value

    @classmethod
    def from_wire(cls, details: Mapping[str, object]) -> Self:
        """Read a ``statusDetails`` map; values that make no sense are left out, for the status itself still counts."""
        try:
            return cls.model_validate(details)
        except ValidationError as error:
            senseless = {fault["loc"][0] for fault in error.errors()}
            return cls.model_validate({key: value for key, value in details.items() if key not in senseless})

    def to_wire(self) -> dict[str, str]:
        """Return the ``statusDetails`` map: strings only, absent values left out."""
        return {
            key: str(value) for key, value in self.model_dump(mode="json", exclude_none=True).items() if value != ""
        }
