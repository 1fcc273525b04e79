"""Requests and answers of ``/v1/deployments``.

Every strategy has its own set of settings; one it does not have is refused by name. What is read back
shows every setting with its default filled in, durations in their shortest form. Where an answer's value may
be null it is not known yet, or does not apply.
"""

from datetime import timedelta
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from edgeflow.contract.durations import format_duration, parse_duration
from edgeflow.contract.ids import MAX_VERSION, DeviceId, FlowReference, GroupName
from edgeflow.contract.job import MAX_HEALTH_WINDOW_SECONDS
from edgeflow.contract.rest.unreadable import UnreadableDeployment, UnreadableTarget
from edgeflow.contract.rest.waits import TargetWaitView, WaitView

MAX_TARGET_DEVICES: Final = 10_000
MAX_TARGET_GROUPS: Final = 20
MAX_DURATION: Final = timedelta(days=7)
MIN_TIMEOUT: Final = timedelta(seconds=1)
MIN_HEALTH_WINDOW: Final = timedelta(seconds=1)
MAX_HEALTH_WINDOW: Final = timedelta(seconds=MAX_HEALTH_WINDOW_SECONDS)


def _read_duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        message = "a duration is a string such as '90s', '5m' or '1h30m'"
        raise ValueError(message)  # noqa: TRY004  pydantic reports ValueError as a fault of the field
    return parse_duration(value)


Duration = Annotated[timedelta, BeforeValidator(_read_duration), PlainSerializer(format_duration, return_type=str)]
Timeout = Annotated[Duration, Field(ge=MIN_TIMEOUT, le=MAX_DURATION)]
Delay = Annotated[Duration, Field(ge=timedelta(0), le=MAX_DURATION)]


def _only_where_health_is_checked(window: timedelta | None, info: ValidationInfo) -> timedelta | None:
    if window is not None and info.data.get("health_check") is False:
        message = "nobody looks at health where health_check is false; leave health_window out, or health_check on"
        raise ValueError(message)
    return window


def _only_of_what_is_deployed(version: int | None, info: ValidationInfo) -> int | None:
    if version is not None and info.data.get("action") == "remove":
        message = "a flow is removed whatever version of it a device has; leave flow_version out"
        raise ValueError(message)
    return version


HealthWindow = Annotated[
    Annotated[Duration, Field(ge=MIN_HEALTH_WINDOW, le=MAX_HEALTH_WINDOW)] | None,
    AfterValidator(_only_where_health_is_checked),
]
"""How long a new version must run healthily on a device; None: the stack's ``HealthWindowSeconds``.

What is read back is null where health is not checked, and in deployments of before it could be set.
"""


Offline = Literal["wait", "skip"]
"""What is done about a device that is not connected when its wave begins.

``wait``: its job waits for it, and it has failed at the wave's timeout. ``skip``: it gets no job, and is no failure.
"""


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _with_underscores(value: object) -> object:
    return value.replace("-", "_") if isinstance(value, str) else value


def _in_both_spellings(*names: str) -> WithJsonSchema:
    """Tell readers of the schema that hyphens will do."""
    spellings = dict.fromkeys(spelling for name in names for spelling in (name, name.replace("_", "-")))
    return WithJsonSchema({"type": "string", "enum": list(spellings)})


class AllAtOnceSettings(_Settings):
    """Every target in one wave; any failure breaches."""

    timeout: Timeout = timedelta(minutes=30)
    auto_rollback: StrictBool = True
    health_check: StrictBool = True
    health_window: HealthWindow = None
    offline: Offline = "wait"


class RollingSettings(_Settings):
    """Batches in sequence, a wait between them, a threshold on each.

    ``failure_threshold`` is a percentage of one batch that must be *exceeded* to breach; devices that were skipped as
    offline are not in it.
    """

    batch_size: Annotated[StrictInt, Field(ge=1, le=MAX_TARGET_DEVICES)] = 10
    batch_delay: Delay = timedelta(minutes=5)
    failure_threshold: Annotated[StrictInt, Field(ge=0, le=100)] = 20
    timeout: Timeout = timedelta(minutes=30)
    auto_rollback: StrictBool = True
    health_check: StrictBool = True
    health_window: HealthWindow = None
    offline: Offline = "wait"


class CanarySettings(_Settings):
    """A percentage of the targets first, a watched wait, then the rest; any failure breaches.

    ``canary_percentage`` of the targets, rounded up and at least one, are the canaries: the first ones named.
    """

    canary_percentage: Annotated[StrictInt, Field(ge=1, le=100)] = 10
    canary_delay: Delay = timedelta(minutes=30)
    timeout: Timeout = timedelta(hours=2)
    auto_rollback: StrictBool = True
    health_check: StrictBool = True
    health_window: HealthWindow = None
    offline: Offline = "wait"


class BlueGreenSettings(_Settings):
    """Every target staged in its idle slot, a watched wait, then the switch of all of them; any failure breaches.

    ``timeout`` is for the staging and for the switch, each.
    """

    switch_delay: Delay = timedelta(minutes=10)
    timeout: Timeout = timedelta(hours=1)
    auto_rollback: StrictBool = True
    health_check: StrictBool = True
    health_window: HealthWindow = None
    offline: Offline = "wait"


ActionName = Literal["deploy", "remove"]
"""What a deployment does with the flow on each target: let it run a version, or take it off."""


class _Create(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    flow_id: FlowReference
    action: ActionName = "deploy"
    flow_version: Annotated[
        Annotated[StrictInt, Field(ge=1, le=MAX_VERSION)] | None, AfterValidator(_only_of_what_is_deployed)
    ] = None
    target_groups: Annotated[tuple[GroupName, ...], Field(max_length=MAX_TARGET_GROUPS)] = ()
    target_devices: Annotated[tuple[DeviceId, ...], Field(max_length=MAX_TARGET_DEVICES, validate_default=True)] = ()

    @field_validator("target_devices")
    @classmethod
    def _some_target(cls, devices: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # Groups that are faulty themselves are absent here: they have been told of already.
        if not devices and info.data.get("target_groups") == ():
            message = "name at least one device here, or one group in target_groups"
            raise ValueError(message)
        return devices


class CreateAllAtOnce(_Create):
    """Body of ``POST /v1/deployments`` for all-at-once."""

    strategy: Annotated[Literal["all_at_once"], BeforeValidator(_with_underscores), _in_both_spellings("all_at_once")]
    config: AllAtOnceSettings = AllAtOnceSettings()


class CreateRolling(_Create):
    """Body of ``POST /v1/deployments`` for rolling."""

    strategy: Annotated[Literal["rolling"], BeforeValidator(_with_underscores), _in_both_spellings("rolling")]
    config: RollingSettings = RollingSettings()


class CreateCanary(_Create):
    """Body of ``POST /v1/deployments`` for canary."""

    strategy: Annotated[Literal["canary"], BeforeValidator(_with_underscores), _in_both_spellings("canary")]
    config: CanarySettings = CanarySettings()


class CreateBlueGreen(_Create):
    """Body of ``POST /v1/deployments`` for blue-green."""

    strategy: Annotated[Literal["blue_green"], BeforeValidator(_with_underscores), _in_both_spellings("blue_green")]
    config: BlueGreenSettings = BlueGreenSettings()


CreateDeployment = CreateAllAtOnce | CreateRolling | CreateCanary | CreateBlueGreen
Settings = AllAtOnceSettings | RollingSettings | CanarySettings | BlueGreenSettings

StatusName = Literal[
    "pending",
    "running",
    "paused",
    "completed",
    "failed",
    "cancelling",
    "cancelled",
    "rolling_back",
    "rolled_back",
]
_STRATEGIES = Literal["all_at_once", "rolling", "canary", "blue_green"]
StrategyName = Annotated[_STRATEGIES, BeforeValidator(_with_underscores), _in_both_spellings(*get_args(_STRATEGIES))]


_MAX_SETTINGS: Final = 100
"""No strategy has as many."""


class CreateUnknown(_Create):
    """What a body is read as whose strategy we do not have: it never passes, and names all its other faults as well."""

    strategy: StrategyName
    config: Annotated[dict[str, Any], Field(max_length=_MAX_SETTINGS)] = {}


def create_model(body: object) -> type[CreateDeployment | CreateUnknown]:
    """Return the model that reads this body, by its ``strategy``."""
    strategy = _with_underscores(body.get("strategy")) if isinstance(body, dict) else None
    match strategy:
        case "all_at_once":
            return CreateAllAtOnce
        case "rolling":
            return CreateRolling
        case "canary":
            return CreateCanary
        case "blue_green":
            return CreateBlueGreen
        case _:
            return CreateUnknown


def known(body: CreateDeployment | CreateUnknown) -> CreateDeployment:
    """Return a body whose strategy is one of ours; one of :class:`CreateUnknown` never got this far."""
    if isinstance(body, CreateUnknown):
        message = f"strategy {body.strategy!r} has no model of its own"
        raise TypeError(message)
    return body


class ResumeDeployment(BaseModel):
    """Body of ``POST /v1/deployments/{deployment_id}/resume``, which may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accept_failures: StrictBool = False
    """Go on although a wave exceeded its threshold; its failures are tolerated from then on."""


RetryOnly = Literal["failed", "offline"]


def _each_once(kinds: tuple[RetryOnly, ...]) -> tuple[RetryOnly, ...]:
    if len(set(kinds)) < len(kinds):
        message = "name each kind once"
        raise ValueError(message)
    return kinds


class RetryDeployment(BaseModel):
    """Body of ``POST /v1/deployments/{deployment_id}/retry``, which may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    only: Annotated[tuple[RetryOnly, ...], Field(min_length=1, max_length=2), AfterValidator(_each_once)] | None = None
    """Which targets to deploy to: those that failed, and those that were skipped because they were offline.

    Without it all of a deployment that was rolled back, else both kinds.
    """


class TargetView(BaseModel):
    """One device of a deployment, as REST shows it. ``waits_for`` is null unless it is deploying."""

    device_id: str
    status: str
    wave: int | None
    reason: str | None
    message: str | None
    version_before: int | None
    reached_late: bool = False
    """It succeeded after the cloud had given it up: it took the version up, whatever its status is."""
    started_at: str | None
    finished_at: str | None
    waits_for: TargetWaitView | None


class ExecutionView(BaseModel):
    """Where to watch the state machine at work."""

    arn: str
    console_url: str


class DeploymentSummary(BaseModel):
    """A deployment in a list.

    ``target_counts`` counts targets by the status they ended in, and those that are staged; the rest are ``open``.
    ``flow_version`` is null where ``action`` is ``remove``. ``total_targets`` is null until the groups of a deployment
    are resolved, which its start does.
    """

    id: str
    flow_id: str
    action: str
    flow_version: int | None
    strategy: str
    config: dict[str, Any]
    status: str
    status_reason: str
    target_groups: list[str]
    total_targets: int | None
    completed_targets: int
    failed_targets: int
    target_counts: dict[str, int]
    waves: int
    current_wave: int
    rollbacks: int
    retry_of: str | None
    retried_by: str | None
    created_at: str
    created_by: str
    started_at: str | None
    finished_at: str | None


class DeploymentView(DeploymentSummary):
    """A deployment. ``targets`` is at most a first page of them; ``targets_cursor`` goes on from there.

    ``waits_for`` is null when it has ended.
    """

    waits_for: WaitView | None

    targets: list[TargetView | UnreadableTarget]
    targets_cursor: str | None
    execution: ExecutionView | None
    rollback_execution: ExecutionView | None


class DeploymentPage(BaseModel):
    """Answer of ``GET /v1/deployments``, in the order that was asked for."""

    deployments: list[DeploymentSummary | UnreadableDeployment]
    next_cursor: str | None


class TargetPage(BaseModel):
    """Answer of ``GET /v1/deployments/{deployment_id}/targets``, by device id."""

    targets: list[TargetView | UnreadableTarget]
    next_cursor: str | None
