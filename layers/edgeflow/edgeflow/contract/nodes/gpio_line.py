"""What ``gpio_in`` and ``gpio_out`` share: which line, and how its levels are meant."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from edgeflow.contract.nodes.base import NodeSettings

CHIP_PATTERN: Final = r"^/dev/gpiochip\d{1,3}$"
Chip = Annotated[str, StringConstraints(pattern=CHIP_PATTERN)]
LineId = Annotated[int, Field(ge=0, le=1_023)] | Annotated[str, StringConstraints(min_length=1, max_length=31)]
"""A line's number on its chip or its name; the kernel's names have at most 31 bytes."""


class GpioSettings(NodeSettings):
    """The line, and whether low means true."""

    line: LineId
    chip: Chip | None = None
    active_low: bool = False
