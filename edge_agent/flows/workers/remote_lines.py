"""GPIO lines that are opened in another process: what a worker's nodes have of them."""

from collections.abc import Callable, Mapping
from typing import Any

from edge_agent.flows.builtin.gpio import Drive, Edge, GpioError, InputSetup, Line

Ask = Callable[..., Any]
"""Has a call done where the lines are, by its name and its values; see :func:`value_of`."""


def value_of(answer: Mapping[str, Any]) -> Any:  # noqa: ANN401  what the call returns
    """Return what a call has returned, by :meth:`.lines.LineKeeper.do`. Raises GpioError, OSError."""
    if "gpio_error" in answer:
        raise GpioError(answer["gpio_error"])
    if "error" in answer:
        raise OSError(answer["errno"], answer["error"])
    return answer["value"]


class RemoteLines:
    """See :class:`edge_agent.flows.builtin.gpio.Lines`."""

    def __init__(self, ask: Ask) -> None:
        """Have all done by ``ask``."""
        self._ask = ask

    def open_input(self, line: Line, setup: InputSetup) -> "RemoteInput":
        """See Lines. Raises GpioError."""
        number = _opened(
            lambda: self._ask("open_input", chip=line.chip, line=line.line, bias=setup.bias, debounce=setup.debounce)
        )
        return RemoteInput(self._ask, number)

    def drives(self, line: Line) -> bool:
        """See Lines."""
        return bool(_opened(lambda: self._ask("drives", chip=line.chip, line=line.line)))

    def open_output(self, line: Line, drive: Drive, *, high: bool | None, safe: bool | None = None) -> "RemoteOutput":
        """See Lines. Raises GpioError, OSError."""
        number = self._ask("open_output", chip=line.chip, line=line.line, drive=drive, high=high, safe=safe)
        return RemoteOutput(self._ask, number)


def _opened(ask: Callable[[], Any]) -> Any:  # noqa: ANN401  what was asked for
    try:
        return ask()
    except OSError as error:
        raise GpioError(str(error)) from error


class RemoteInput:
    """See :class:`edge_agent.flows.builtin.gpio.InputHold`."""

    def __init__(self, ask: Ask, number: int) -> None:
        self._ask = ask
        self._number = number

    def level(self) -> bool:
        """See InputHold."""
        return bool(self._ask("level", handle=self._number))

    def edges(self) -> list[Edge]:
        """See InputHold."""
        return [Edge(high=high, number=number) for high, number in self._ask("edges", handle=self._number)]

    def close(self) -> None:
        """See InputHold."""
        self._ask("close_input", handle=self._number)


class RemoteOutput:
    """See :class:`edge_agent.flows.builtin.gpio.OutputHold`."""

    def __init__(self, ask: Ask, number: int) -> None:
        self._ask = ask
        self._number = number

    @property
    def decided_last(self) -> bool:
        """See OutputHold."""
        return bool(self._ask("decided_last", handle=self._number))

    def set(self, *, high: bool) -> None:
        """See OutputHold."""
        self._ask("set", handle=self._number, high=high)

    def close(self, *, high: bool | None) -> None:
        """See OutputHold."""
        self._ask("close_output", handle=self._number, high=high)

    def discard(self) -> None:
        """See OutputHold."""
        self._ask("discard", handle=self._number)
