"""What ``gpio_in`` and ``gpio_out`` share: which line, and how its levels are meant."""

from typing import Final

from edge_agent.flows.builtin import gpio
from edge_agent.flows.builtin.nodes.base import NodeEnvironment, NodeError
from edgeflow.contract.nodes.gpio_line import GpioSettings

DEFAULT_CHIP: Final = "/dev/gpiochip0"


def find_line(settings: GpioSettings, environment: NodeEnvironment) -> gpio.Line:
    """Return the line on its chip: the settings' chip, the device's ``gpio_chip``, or the first."""
    chip = settings.chip or environment.context.hardware.get("gpio_chip") or DEFAULT_CHIP
    return gpio.Line(str(chip), settings.line)


def open_lines() -> gpio.Lines:
    """Return the device's lines.

    Raises:
        NodeError: the agent was installed without GPIO.
    """
    try:
        return gpio.device_lines()
    except gpio.GpioError as error:
        raise NodeError(str(error)) from None
