"""Requests and answers of ``/v1/deployments``.

What is read back shows every setting of the strategy with its default filled in. Where an answer's value may be null it
is not known yet, or does not apply.
"""

from typing import Annotated, Any, Final, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from edgeflow.contract.ids import MAX_VERSION, DeviceId, FlowReference, GroupName
from edgeflow.contract.rest.settings import (
    MAX_TARGET_DEVICES,
    AllAtOnceSettings,
    BlueGreenSettings,
    CanarySettings,
    RollingSettings,
)
from edgeflow.contract.rest.unreadable import UnreadableDeployment, UnreadableTarget
from edgeflow.contract.rest.waits import TargetWaitView, WaitView

MAX_TARGET_GROUPS: Final = 20


def _only_of_what_is_deployed(version: int | None, info: ValidationInfo) -> int | None:
    if version is not None and info.data.get("action") == "remove":
        message = "a flow is removed whatever version of it a device has; leave flow_version out"
        raise ValueError(message)
    return version


def _with_underscores(value: object) -> object:
    return value.replace("-", "_") if isinstance(value, str) else value


def _in_both_spellings(*names: str) -> WithJsonSchema:
    """Tell readers of the schema that hyphens will do."""
    spellings = dict.fromkeys(spelling for name in names for spelling in (name, name.replace("_", "-")))
    return WithJsonSchema({"type": "string", "enum": list(spellings)})


ActionName = Literal["deploy", "remove"]
"""What a deployment does with the flow on each target: let it run a version, or take it off."""


class _Create(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    flow_id: Annotated[FlowReference, Field(description="The flow: its id, or `slug:` and its slug")]
    action: Annotated[
        ActionName,
        Field(description="`deploy`: the targets run a version of the flow; `remove`: the flow is taken off them"),
    ] = "deploy"
    flow_version: Annotated[
        Annotated[StrictInt, Field(ge=1, le=MAX_VERSION)] | None,
        AfterValidator(_only_of_what_is_deployed),
        Field(description="A published version; null: the newest. Refused where `action` is `remove`"),
    ] = None
    target_groups: Annotated[
        tuple[GroupName, ...],
        Field(
            max_length=MAX_TARGET_GROUPS, description="Names of AWS IoT thing groups; unknown ones are refused by name"
        ),
    ] = ()
    target_devices: Annotated[
        tuple[DeviceId, ...],
        Field(
            max_length=MAX_TARGET_DEVICES,
            validate_default=True,
            description="Ids of devices; unknown ones are refused by name",
        ),
    ] = ()

    @field_validator("target_devices")
    @classmethod
    def _some_target(cls, devices: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # Groups that are faulty themselves are absent here: they have been told of already.
        if not devices and info.data.get("target_groups") == ():
            message = "name at least one device here, or one group in target_groups"
            raise ValueError(message)
        return devices


_HOW: Final = Field(description="By which strategy; hyphens will do")
_CONFIG: Final = Field(description="The strategy's settings; those that are left out have their defaults")


class CreateAllAtOnce(_Create):
    """Body of ``POST /v1/deployments`` for all-at-once."""

    strategy: Annotated[
        Literal["all_at_once"], BeforeValidator(_with_underscores), _in_both_spellings("all_at_once"), _HOW
    ]
    config: Annotated[AllAtOnceSettings, _CONFIG] = AllAtOnceSettings()


class CreateRolling(_Create):
    """Body of ``POST /v1/deployments`` for rolling."""

    strategy: Annotated[Literal["rolling"], BeforeValidator(_with_underscores), _in_both_spellings("rolling"), _HOW]
    config: Annotated[RollingSettings, _CONFIG] = RollingSettings()


class CreateCanary(_Create):
    """Body of ``POST /v1/deployments`` for canary."""

    strategy: Annotated[Literal["canary"], BeforeValidator(_with_underscores), _in_both_spellings("canary"), _HOW]
    config: Annotated[CanarySettings, _CONFIG] = CanarySettings()


class CreateBlueGreen(_Create):
    """Body of ``POST /v1/deployments`` for blue-green."""

    strategy: Annotated[
        Literal["blue_green"], BeforeValidator(_with_underscores), _in_both_spellings("blue_green"), _HOW
    ]
    config: Annotated[BlueGreenSettings, _CONFIG] = BlueGreenSettings()


CreateDeployment = CreateAllAtOnce | CreateRolling | CreateCanary | CreateBlueGreen

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

    accept_failures: Annotated[
        StrictBool,
        Field(description="Go on although a wave exceeded its threshold; its failures are tolerated from then on"),
    ] = False


RetryOnly = Literal["failed", "offline"]


def _each_once(kinds: tuple[RetryOnly, ...]) -> tuple[RetryOnly, ...]:
    if len(set(kinds)) < len(kinds):
        message = "name each kind once"
        raise ValueError(message)
    return kinds


class RetryDeployment(BaseModel):
    """Body of ``POST /v1/deployments/{deployment_id}/retry``, which may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    only: Annotated[
        Annotated[tuple[RetryOnly, ...], Field(min_length=1, max_length=2), AfterValidator(_each_once)] | None,
        Field(
            description="Which targets to deploy to: those that failed, those that were skipped as offline; "
            "without it all of a deployment that was rolled back, else both kinds"
        ),
    ] = None


class TargetView(BaseModel):
    """One device of a deployment, as REST shows it. ``waits_for`` is null unless it is deploying."""

    device_id: Annotated[str, Field(description="The device")]
    status: Annotated[str, Field(description="Where the device is; one of those that the filter `status` knows")]
    wave: Annotated[int | None, Field(description="Its wave, from 1; null until it is in one")]
    reason: Annotated[str | None, Field(description="A stable code, such as `timed_out`")]
    message: Annotated[str | None, Field(description="The reason as a sentence")]
    version_before: Annotated[int | None, Field(description="The version that it ran before")]
    reached_late: Annotated[
        bool,
        Field(
            description="Whether it succeeded after the cloud had given it up: it took the version up (or removed "
            "the flow), whatever its status is"
        ),
    ] = False
    started_at: Annotated[str | None, Field(description="When it was told")]
    finished_at: Annotated[str | None, Field(description="When it was done with it")]
    waits_for: Annotated[TargetWaitView | None, Field(description="What it is at; null unless it is `deploying`")]


class ExecutionView(BaseModel):
    """Where to watch the state machine at work."""

    arn: Annotated[str, Field(description="Its ARN")]
    console_url: Annotated[str, Field(description="Its address in the AWS console")]


class DeploymentSummary(BaseModel):
    """A deployment without its targets.

    ``target_counts`` counts targets by the status they ended in, and those that are staged; the rest are ``open``.
    ``flow_version`` is null where ``action`` is ``remove``. ``total_targets`` is null until the groups of a deployment
    are resolved, which its start does.
    """

    id: Annotated[str, Field(description="By which it is named")]
    flow_id: Annotated[str, Field(description="The id of its flow")]
    action: Annotated[str, Field(description="`deploy` or `remove`")]
    flow_version: Annotated[
        int | None, Field(description="The version that it deploys; null where `action` is `remove`")
    ]
    strategy: Annotated[str, Field(description="By which it goes, with underscores")]
    config: Annotated[dict[str, Any], Field(description="Every setting of the strategy")]
    status: Annotated[str, Field(description="Where it is; one of those that the filter `status` knows")]
    status_reason: Annotated[str, Field(description="Why, in a sentence")]
    target_groups: Annotated[list[str], Field(description="The groups that were named")]
    total_targets: Annotated[
        int | None, Field(description="How many devices; null until its groups are resolved, which its start does")
    ]
    completed_targets: Annotated[int, Field(description="How many of them succeeded")]
    failed_targets: Annotated[int, Field(description="How many of them failed, or did not return in a rollback")]
    target_counts: Annotated[
        dict[str, int],
        Field(description="Targets by the status they ended in, and those that are staged; the rest are `open`"),
    ]
    waves: Annotated[int, Field(description="How many waves it has; 0 until they are planned")]
    current_wave: Annotated[int, Field(description="The wave that was begun last; 0 before the first")]
    rollbacks: Annotated[int, Field(description="How many rollbacks were begun")]
    retry_of: Annotated[str | None, Field(description="The deployment that this one retries")]
    retried_by: Annotated[str | None, Field(description="The deployment that retries this one")]
    created_at: Annotated[str, Field(description="When it was created")]
    created_by: Annotated[str, Field(description="By whom")]
    started_at: Annotated[str | None, Field(description="When it was started")]
    finished_at: Annotated[str | None, Field(description="When it ended")]


class ListedDeployment(DeploymentSummary):
    """A deployment in a list. ``target`` is null in lists that are not of one device."""

    target: Annotated[
        TargetView | UnreadableTarget | None,
        Field(description="The device that the list was asked for by `device_id`; null in every other list"),
    ] = None


class DeploymentView(DeploymentSummary):
    """A deployment. ``targets`` is at most a first page of them; ``targets_cursor`` goes on from there.

    ``waits_for`` is null when it has ended.
    """

    waits_for: Annotated[WaitView | None, Field(description="What it waits for; null when it has ended")]

    targets: Annotated[list[TargetView | UnreadableTarget], Field(description="A first page of its targets, at most")]
    targets_cursor: Annotated[
        str | None, Field(description="Where the list of targets goes on from there; null is the end")
    ]
    execution: Annotated[ExecutionView | None, Field(description="The state machine's execution")]
    rollback_execution: Annotated[ExecutionView | None, Field(description="That of its last rollback")]


class DeploymentPage(BaseModel):
    """Answer of ``GET /v1/deployments``, in the order that was asked for."""

    deployments: list[ListedDeployment | UnreadableDeployment]
    next_cursor: str | None


class TargetPage(BaseModel):
    """Answer of ``GET /v1/deployments/{deployment_id}/targets``, by device id."""

    targets: list[TargetView | UnreadableTarget]
    next_cursor: str | None
