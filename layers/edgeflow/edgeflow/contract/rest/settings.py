"""The settings of each strategy: requests have those that are not to be the defaults, answers all of them.

Every strategy has its own set; one it does not have is refused by name. Durations are read back in their shortest form.
"""

from datetime import timedelta
from typing import Annotated, Final, Literal

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
)

from edgeflow.contract.durations import format_duration, parse_duration
from edgeflow.contract.job import MAX_HEALTH_WINDOW_SECONDS

MAX_TARGET_DEVICES: Final = 10_000
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


def _only_where_health_is_checked(window: timedelta | None, info: ValidationInfo) -> timedelta | None:
    if window is not None and info.data.get("health_check") is False:
        message = "nobody looks at health where health_check is false; leave health_window out, or health_check on"
        raise ValueError(message)
    return window


Duration = Annotated[timedelta, BeforeValidator(_read_duration), PlainSerializer(format_duration, return_type=str)]
Delay = Annotated[Duration, Field(ge=timedelta(0), le=MAX_DURATION)]

Timeout = Annotated[
    Duration,
    Field(
        ge=MIN_TIMEOUT,
        le=MAX_DURATION,
        description="The longest a wave may take; for blue-green the staging and the switch each",
    ),
]
AutoRollback = Annotated[
    StrictBool,
    Field(
        description="A breach rolls back by itself; false: the deployment is paused, or has failed if no wave is left"
    ),
]
HealthCheck = Annotated[
    StrictBool,
    Field(description="A device has succeeded only when the version ran healthily there for the `health_window`"),
]
HealthWindow = Annotated[
    Annotated[Duration, Field(ge=MIN_HEALTH_WINDOW, le=MAX_HEALTH_WINDOW)] | None,
    AfterValidator(_only_where_health_is_checked),
    Field(
        description="How long a new version must run healthily on a device; null: `HealthWindowSeconds` of the stack, "
        "`30s` as it comes"
    ),
]
"""What is read back is null where health is not checked, and in deployments of before it could be set."""
Offline = Annotated[
    Literal["wait", "skip"],
    Field(description="What is done about a device that is not connected when its wave begins"),
]
"""``wait``: its job waits for it, and it has failed at the wave's timeout.

``skip``: it gets no job, and is no failure.
"""


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AllAtOnceSettings(_Settings):
    """Every target in one wave; any failure breaches."""

    timeout: Timeout = timedelta(minutes=30)
    auto_rollback: AutoRollback = True
    health_check: HealthCheck = True
    health_window: HealthWindow = None
    offline: Offline = "wait"


class RollingSettings(_Settings):
    """Batches in sequence, a wait between them, a threshold on each.

    ``failure_threshold`` is a percentage of one batch that must be *exceeded* to breach; devices that were skipped as
    offline are not in it.
    """

    batch_size: Annotated[StrictInt, Field(ge=1, le=MAX_TARGET_DEVICES, description="Devices of a batch")] = 10
    batch_delay: Annotated[Delay, Field(description="The watched wait between batches")] = timedelta(minutes=5)
    failure_threshold: Annotated[
        StrictInt,
        Field(
            ge=0,
            le=100,
            description="Percent of a batch, without those skipped as offline, that must be exceeded to breach",
        ),
    ] = 20
    timeout: Timeout = timedelta(minutes=30)
    auto_rollback: AutoRollback = True
    health_check: HealthCheck = True
    health_window: HealthWindow = None
    offline: Offline = "wait"


class CanarySettings(_Settings):
    """A percentage of the targets first, a watched wait, then the rest; any failure breaches.

    ``canary_percentage`` of the targets, rounded up and at least one, are the canaries: the first ones named.
    """

    canary_percentage: Annotated[
        StrictInt,
        Field(
            ge=1, le=100, description="Percent of the targets that are canaries, rounded up: the first ones of the list"
        ),
    ] = 10
    canary_delay: Annotated[Delay, Field(description="The watched wait after the canaries")] = timedelta(minutes=30)
    timeout: Timeout = timedelta(hours=2)
    auto_rollback: AutoRollback = True
    health_check: HealthCheck = True
    health_window: HealthWindow = None
    offline: Offline = "wait"


class BlueGreenSettings(_Settings):
    """Every target staged in its idle slot, a watched wait, then the switch of all of them; any failure breaches.

    ``timeout`` is for the staging and for the switch, each.
    """

    switch_delay: Annotated[Delay, Field(description="The watched wait between staging and switch")] = timedelta(
        minutes=10
    )
    timeout: Timeout = timedelta(hours=1)
    auto_rollback: AutoRollback = True
    health_check: HealthCheck = True
    health_window: HealthWindow = None
    offline: Offline = "wait"


Settings = AllAtOnceSettings | RollingSettings | CanarySettings | BlueGreenSettings
