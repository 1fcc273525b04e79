"""``gpio_out``: drives a GPIO line by what messages say."""

from typing import ClassVar, Final, Literal

from pydantic import Field

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.gpio_line import GpioSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.paths import WHOLE_PAYLOAD, PathSetting

MIN_PULSE: Final = 10
MAX_PULSE: Final = 3_600_000  # an hour: longer ones belong to a flow that says when they end


class GpioOutSettings(GpioSettings):
    """How the line is driven, at first, with messages, and at last."""

    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")
    drive: Literal["push_pull", "open_drain", "open_source"] = "push_pull"
    pulse: int | None = Field(default=None, ge=MIN_PULSE, le=MAX_PULSE)
    initial: bool | None = None
    safe: bool | None = False


class GpioOutKind(NodeKind[GpioOutSettings]):
    """``gpio_out``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = GpioOutSettings

    @classmethod
    def ports(cls, settings: GpioOutSettings) -> frozenset[int]:  # noqa: ARG003  none, whatever the settings
        """Return no output."""
        return frozenset()

    @classmethod
    def seconds_to_fail(cls, settings: GpioOutSettings) -> float:
        """Return how long a pulse is, for its end can fail as well."""
        return 0.0 if settings.pulse is None else settings.pulse / 1_000
