"""``gpio_in``: sends a message when a GPIO line changes."""

from typing import ClassVar, Final, Literal

from pydantic import Field

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.gpio_line import GpioSettings
from edgeflow.contract.nodes.kind import NodeKind

MAX_DEBOUNCE: Final = 10_000


class GpioInSettings(GpioSettings):
    """Which changes count, and how the line is wired."""

    edge: Literal["both", "rising", "falling"] = "both"
    bias: Literal["as_is", "disabled", "pull_up", "pull_down"] = "as_is"
    debounce: int = Field(default=0, ge=0, le=MAX_DEBOUNCE)
    at_start: bool = True


class GpioInKind(NodeKind[GpioInSettings]):
    """``gpio_in``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = GpioInSettings
    takes_messages: ClassVar[bool] = False

    @classmethod
    def seconds_to_begin(cls, settings: GpioInSettings, *, switched: bool) -> float | None:  # noqa: ARG003  none repeats
        """Return 0 where it tells the level at its start; else edges decide."""
        return 0.0 if settings.at_start else None
