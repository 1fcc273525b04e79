"""Where the GPIO lines of the device are open: a process that does nothing else, for the workers of all flows.

When a worker is gone, however it ended, its lines go back, and outputs to their safe level.
"""

import errno
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from edge_agent.flows.builtin.gpio import GpioError, InputHandle, InputSetup, Line, Lines, OutputHandle, SharedLines

_log = logging.getLogger(__name__)

Call = Mapping[str, Any]


class LineKeeper:
    """Does what workers ask for; each is known by a number, and each of its handles by another."""

    def __init__(self, lines: Callable[[], Lines]) -> None:
        """Open lines by what ``lines`` returns. Raises GpioError when asked and there are none."""
        self._lines = lines
        self._handles: dict[int, dict[int, InputHandle | OutputHandle]] = {}
        self._last = 0
        self._calls: Final[Mapping[str, Callable[[int, Call], Any]]] = {
            "open_input": self._open_input,
            "open_output": self._open_output,
            "drives": lambda _, call: self._shared().drives(_line(call)),
            "level": lambda worker, call: self._input(worker, call).level(),
            "edges": lambda worker, call: [[each.high, each.number] for each in self._input(worker, call).edges()],
            "close_input": lambda worker, call: self._input(worker, call, last=True).close(),
            "decided_last": lambda worker, call: self._output(worker, call).decided_last,
            "set": lambda worker, call: self._output(worker, call).set(high=call["high"]),
            "close_output": lambda worker, call: self._output(worker, call, last=True).close(high=call["high"]),
            "discard": lambda worker, call: self._output(worker, call, last=True).discard(),
        }

    def do(self, worker: int, name: str, call: Call) -> dict[str, Any]:
        """Do a call of a worker's; returns ``value``, or ``gpio_error``, or ``errno`` and ``error``."""
        try:
            return {"value": self._calls[name](worker, call)}
        except GpioError as error:
            return {"gpio_error": str(error)}
        except OSError as error:
            return {"errno": error.errno or errno.EIO, "error": error.strerror or str(error)}

    def forget(self, worker: int) -> None:
        """Take back what a worker held that is gone."""
        for handle in self._handles.pop(worker, {}).values():
            try:
                if isinstance(handle, InputHandle):
                    handle.close()
                else:
                    handle.abandon()
            except OSError as error:
                _log.warning("a line of a worker that is gone cannot be given back: %s", error)

    def _shared(self) -> SharedLines:
        lines = self._lines()
        if not isinstance(lines, SharedLines):
            message = "the lines are not open in this process"
            raise TypeError(message)
        return lines

    def _open_input(self, worker: int, call: Call) -> int:
        setup = InputSetup(bias=call["bias"], debounce=call["debounce"])
        return self._keep(worker, self._shared().open_input(_line(call), setup))

    def _open_output(self, worker: int, call: Call) -> int:
        handle = self._shared().open_output(_line(call), call["drive"], high=call["high"], safe=call["safe"])
        return self._keep(worker, handle)

    def _keep(self, worker: int, handle: InputHandle | OutputHandle) -> int:
        self._last += 1
        self._handles.setdefault(worker, {})[self._last] = handle
        return self._last

    def _input(self, worker: int, call: Call, *, last: bool = False) -> InputHandle:
        handle = self._find(worker, call, last=last)
        if isinstance(handle, InputHandle):
            return handle
        raise OSError(errno.ENODEV, "The line is not open any more")

    def _output(self, worker: int, call: Call, *, last: bool = False) -> OutputHandle:
        handle = self._find(worker, call, last=last)
        if isinstance(handle, OutputHandle):
            return handle
        raise OSError(errno.ENODEV, "The line is not open any more")

    def _find(self, worker: int, call: Call, *, last: bool) -> InputHandle | OutputHandle | None:
        held = self._handles.get(worker, {})
        return held.pop(call["handle"], None) if last else held.get(call["handle"])


def _line(call: Call) -> Line:
    return Line(call["chip"], call["line"])
