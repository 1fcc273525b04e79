"""GPIO lines by libgpiod: the kernel's character devices ``/dev/gpiochip*``.

Imported only where a flow has such a node. The package ``gpiod`` is an extra of its own, for only Linux boards have a
use for it.
"""

import errno
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Final

from edge_agent.flows.builtin.gpio import (
    MAX_EDGES,
    Drive,
    Edge,
    GpioError,
    GpioLines,
    InputLine,
    InputSetup,
    Line,
    OutputLine,
)

if TYPE_CHECKING:
    from gpiod import EdgeEvent, LineRequest, LineSettings

CONSUMER: Final = "edgeflow-agent"
"""What ``gpioinfo`` names as the user of a line."""

_REMEDIES: Final = {
    errno.ENOENT: "this device has no such chip; gpiodetect lists those it has",
    errno.ENODEV: "this device has no such chip; gpiodetect lists those it has",
    errno.EACCES: "the agent may not use it; add its user to the group that owns the device, often gpio",
    errno.EPERM: "the agent may not use it; add its user to the group that owns the device, often gpio",
    errno.EBUSY: "something else uses it; gpioinfo says what",
    errno.EINVAL: "the chip has no such line, or cannot set it up so; gpioinfo lists its lines",
}


def load_driver() -> GpioLines:
    """Return the driver.

    Raises:
        GpioError: the package is not installed.
    """
    try:
        import gpiod  # noqa: PLC0415  an extra
    except ImportError:
        message = "The agent was installed without GPIO; install it with the extra gpio: pip install '.[agent,gpio]'."
        raise GpioError(message) from None
    return GpiodLines(gpiod)


class GpiodLines:
    """Opens lines by the package ``gpiod``, version 2."""

    def __init__(self, gpiod: ModuleType) -> None:
        self._gpiod = gpiod

    def open_input(self, line: Line, setup: InputSetup) -> InputLine:
        """See :meth:`GpioLines.open_input`."""
        return _GpiodInput(self._request(line, self.input_settings(setup)), line)

    def open_output(self, line: Line, drive: Drive, *, high: bool) -> OutputLine:
        """See :meth:`GpioLines.open_output`."""
        return _GpiodOutput(self._request(line, self.output_settings(drive, high=high)), line)

    def input_settings(self, setup: InputSetup) -> "LineSettings":
        """Return the library's settings for a line that is read."""
        kinds = self._gpiod.line
        settings: LineSettings = self._gpiod.LineSettings(
            direction=kinds.Direction.INPUT,
            edge_detection=kinds.Edge.BOTH,
            bias=kinds.Bias[setup.bias.upper()],
            debounce_period=timedelta(milliseconds=setup.debounce),
        )
        return settings

    def output_settings(self, drive: Drive, *, high: bool) -> "LineSettings":
        """Return the library's settings for a line that is driven."""
        kinds = self._gpiod.line
        settings: LineSettings = self._gpiod.LineSettings(
            direction=kinds.Direction.OUTPUT,
            drive=kinds.Drive[drive.upper()],
            output_value=kinds.Value(high),
        )
        return settings

    def _request(self, line: Line, settings: "LineSettings") -> "LineRequest":
        try:
            request: LineRequest = self._gpiod.request_lines(
                line.chip, {line.line: settings}, consumer=CONSUMER, event_buffer_size=MAX_EDGES
            )
        except OSError as error:
            remedy = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
            message = f"The line {line} cannot be used: {remedy}."
            raise GpioError(message) from error
        except ValueError as error:  # the library says this of a name or number that the chip lacks
            message = f"The line {line} cannot be used: {_REMEDIES[errno.EINVAL]}."
            raise GpioError(message) from error
        return request


class _GpiodInput:
    def __init__(self, request: "LineRequest", line: Line) -> None:
        self._request = request
        self._line = line.line

    def level(self) -> bool:
        return bool(self._request.get_value(self._line))

    def edges(self) -> list[Edge]:
        events: list[EdgeEvent] = []
        # A line that never rests must not keep the flow here.
        while len(events) < MAX_EDGES and self._request.wait_edge_events(0):
            events += self._request.read_edge_events()
        return [Edge(high=event.event_type is event.Type.RISING_EDGE, number=event.line_seqno) for event in events]

    def close(self) -> None:
        self._request.release()


class _GpiodOutput:
    def __init__(self, request: "LineRequest", line: Line) -> None:
        self._request = request
        self._line = line.line

    def set(self, *, high: bool) -> None:
        from gpiod.line import Value  # noqa: PLC0415  an extra

        self._request.set_value(self._line, Value(high))

    def close(self) -> None:
        self._request.release()
