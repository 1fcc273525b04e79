"""The adapter for libgpiod, against the real package: its settings, its errors, and the calls that it takes.

There is no GPIO chip on the machines that run these tests, so what a kernel answers is stood in for.
"""

import errno
import inspect
from datetime import timedelta
from types import ModuleType
from typing import Any
from unittest.mock import create_autospec

import gpiod
import pytest
from gpiod.line import Bias, Direction, Drive, Edge, Value
from gpiod.line_settings import _line_settings_to_ext

from edge_agent.flows.builtin.gpio import MAX_EDGES, GpioError, InputSetup, Line
from edge_agent.flows.builtin.gpio import Edge as SeenEdge
from edge_agent.flows.builtin.gpiod_lines import CONSUMER, GpiodLines, load_driver

LINE = Line("/dev/gpiochip0", 17)


class Package(ModuleType):
    """The real package, but for the one function that needs a chip: it notes its call, which has to fit the real."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__("gpiod")
        self.line, self.LineSettings = gpiod.line, gpiod.LineSettings
        self.failure = failure
        self.request = create_autospec(gpiod.LineRequest, instance=True)
        self.called: dict[str, Any] = {}

    def request_lines(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  as the package has it
        self.called = inspect.signature(gpiod.request_lines).bind(*arguments, **named).arguments
        if self.failure is not None:
            raise self.failure
        return self.request


def _lines(package: Package) -> GpiodLines:
    return GpiodLines(package)


@pytest.mark.parametrize("bias", ["as_is", "disabled", "pull_up", "pull_down"])
def test_the_library_takes_the_settings_of_an_input(bias: Any) -> None:  # noqa: ANN401  a literal
    settings = GpiodLines(gpiod).input_settings(InputSetup(bias=bias, debounce=20))
    assert settings == gpiod.LineSettings(
        direction=Direction.INPUT,
        edge_detection=Edge.BOTH,
        bias=Bias[bias.upper()],
        debounce_period=timedelta(milliseconds=20),
    )
    assert _line_settings_to_ext(settings) is not None


@pytest.mark.parametrize("drive", ["push_pull", "open_drain", "open_source"])
@pytest.mark.parametrize("high", [True, False])
def test_the_library_takes_the_settings_of_an_output(drive: Any, *, high: bool) -> None:  # noqa: ANN401  a literal
    settings = GpiodLines(gpiod).output_settings(drive, high=high)
    value = Value.ACTIVE if high else Value.INACTIVE
    assert settings == gpiod.LineSettings(direction=Direction.OUTPUT, drive=Drive[drive.upper()], output_value=value)
    assert _line_settings_to_ext(settings) is not None


def test_an_input_is_requested_read_and_released() -> None:
    package = Package()
    line = _lines(package).open_input(LINE, InputSetup())
    assert package.called["path"] == "/dev/gpiochip0"
    assert list(package.called["config"]) == [17]
    assert (package.called["consumer"], package.called["event_buffer_size"]) == (CONSUMER, MAX_EDGES)
    package.request.get_value.return_value = Value.ACTIVE
    assert line.level() is True
    events = [
        gpiod.EdgeEvent(kind.value, timestamp_ns=0, line_offset=17, global_seqno=9, line_seqno=number)
        for number, kind in enumerate([gpiod.EdgeEvent.Type.RISING_EDGE, gpiod.EdgeEvent.Type.FALLING_EDGE], start=1)
    ]
    package.request.wait_edge_events.side_effect = [True, True, False]
    package.request.read_edge_events.side_effect = [events[:1], events[1:]]
    assert line.edges() == [SeenEdge(high=True, number=1), SeenEdge(high=False, number=2)]
    line.close()
    package.request.release.assert_called_once_with()


def test_a_line_that_never_rests_does_not_keep_the_flow() -> None:
    package = Package()
    line = _lines(package).open_input(LINE, InputSetup())
    event = gpiod.EdgeEvent(gpiod.EdgeEvent.Type.RISING_EDGE.value, 0, 17, 1, 1)
    package.request.wait_edge_events.return_value = True
    package.request.read_edge_events.return_value = [event] * 100
    assert len(line.edges()) < MAX_EDGES + 100


def test_an_output_is_requested_driven_and_released() -> None:
    package = Package()
    line = _lines(package).open_output(Line("/dev/gpiochip0", "RELAY"), "push_pull", high=True)
    assert package.called["config"]["RELAY"].output_value is Value.ACTIVE
    line.set(high=False)
    package.request.set_value.assert_called_once_with("RELAY", Value.INACTIVE)
    line.close()
    package.request.release.assert_called_once_with()


@pytest.mark.parametrize(
    ("failure", "remedy"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file"), "no such chip; gpiodetect"),
        (PermissionError(errno.EACCES, "Permission denied"), "add its user to the group"),
        (OSError(errno.EBUSY, "Busy"), "something else uses it; gpioinfo"),
        (OSError(errno.EINVAL, "Invalid argument"), "the chip has no such line"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (ValueError("unknown line name: X"), "the chip has no such line"),
    ],
)
def test_a_line_that_cannot_be_taken_names_the_remedy(failure: Exception, remedy: str) -> None:
    with pytest.raises(GpioError, match=remedy):
        _lines(Package(failure)).open_input(LINE, InputSetup())


def test_the_real_package_says_that_there_is_no_chip() -> None:
    driver = load_driver()
    with pytest.raises(GpioError, match="no such chip"):
        driver.open_input(Line("/dev/gpiochip999", 0), InputSetup())
    with pytest.raises(GpioError, match="no such chip"):
        driver.open_output(Line("/dev/null", 0), "push_pull", high=False)
