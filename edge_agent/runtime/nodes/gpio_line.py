"""What ``gpio_in`` and ``gpio_out`` share: which line, and how its levels are meant."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from edge_agent.runtime import gpio
from edge_agent.runtime.nodes.base import NodeEnvironment, NodeError, NodeSettings

DEFAULT_CHIP: Final = "/dev/gpiochip0"
CHIP_PATTERN: Final = r"^/dev/gpiochip\d{1,3}$"

Chip = Annotated[str, StringConstraints(pattern=CHIP_PATTERN)]
LineId = Annotated[int, Field(ge=0, le=1_023)] | Annotated[str, StringConstraints(min_length=1, max_length=31)]
"""A line's number on its chip or its name; the kernel's names have at most 31 bytes."""


class GpioSettings(NodeSettings):
    """The line, and whether low means true."""

    line: LineId
    chip: Chip | None = None
    active_low: bool = False


def find_line(settings: GpioSettings, environment: NodeEnvironment) -> gpio.Line:
    """Return the line on its chip: the settings' chip, the device's ``gpio_chip``, or the first."""
    chip = settings.chip or environment.context.hardware.get("gpio_chip") or DEFAULT_CHIP
    return gpio.Line(str(chip), settings.line)


def open_lines() -> gpio.SharedLines:
    """Return the device's lines.

    Raises:
        NodeError: the agent was installed without GPIO.
    """
    try:
        return gpio.device_lines()
    except gpio.GpioError as error:
        raise NodeError(str(error)) from None
