"""GPIO lines: what a driver offers, and how the flows of one device share the lines.

The kernel gives a line to one user. But two versions of a flow run beside each other, one live and one standing by, and
both read the line, or one takes it over from the other. So the lines are opened once for the whole device, in a process
of their own, and nodes get handles (:func:`device_lines`).
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeVar

Bias = Literal["as_is", "disabled", "pull_up", "pull_down"]
Drive = Literal["push_pull", "open_drain", "open_source"]

MAX_EDGES: Final = 1_024
"""Edges that the kernel keeps, and each node in turn, until they are read."""


class GpioError(Exception):
    """A line cannot be used; the message is a sentence that names the remedy."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: the chip's device, such as ``"/dev/gpiochip0"``, and the line's number or name on it."""

    chip: str
    line: int | str

    def __str__(self) -> str:
        return f"{self.line} of {self.chip}"


@dataclass(frozen=True, slots=True)
class Edge:
    """A change of level: to high or to low, and its number, which grows by one with each of the line's edges."""

    high: bool
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSetup:
    """How a line is read. ``debounce`` is in milliseconds: a shorter change is none."""

    bias: Bias = "as_is"
    debounce: int = 0


class InputLine(Protocol):
    """A line that is read; true is high on the wire. Methods raise OSError when the line is gone."""

    def level(self) -> bool:
        """Return the level now."""
        ...

    def edges(self) -> list[Edge]:
        """Return the edges since the last call, without waiting for any."""
        ...

    def close(self) -> None:
        """Give the line back."""
        ...


class OutputLine(Protocol):
    """A line that is driven; true is high on the wire. Methods raise OSError when the line is gone."""

    def set(self, *, high: bool) -> None:
        """Drive the line."""
        ...

    def close(self) -> None:
        """Give the line back."""
        ...


class GpioLines(Protocol):
    """What nodes ask of a driver. Both methods raise GpioError when the device has no such line, or it is taken."""

    def open_input(self, line: Line, setup: InputSetup) -> InputLine:
        """Take a line to read it; edges of both kinds are kept from now on."""
        ...

    def open_output(self, line: Line, drive: Drive, *, high: bool) -> OutputLine:
        """Take a line and drive it to this level."""
        ...


class InputHold(Protocol):
    """One node's view of a line that is read; see :class:`InputHandle`."""

    def level(self) -> bool:
        """Return the level now. Raises OSError."""
        ...

    def edges(self) -> list[Edge]:
        """Return the edges since the last call; the oldest of too many are left out. Raises OSError."""
        ...

    def close(self) -> None:
        """Give the line back when no other node reads it."""
        ...


class OutputHold(Protocol):
    """One node's hold on a line that is driven; see :class:`OutputHandle`."""

    @property
    def decided_last(self) -> bool:
        """Whether the line's level is this handle's doing."""
        ...

    def set(self, *, high: bool) -> None:
        """Drive the line. Raises OSError."""
        ...

    def close(self, *, high: bool | None) -> None:
        """Give the line back when no other node holds it, first at this level unless None. Raises OSError."""
        ...

    def discard(self) -> None:
        """Give the line back as it is when no other node holds it."""
        ...


class Lines(Protocol):
    """The lines of the device, as nodes see them; see :class:`SharedLines`."""

    def open_input(self, line: Line, setup: InputSetup) -> InputHold:
        """Return a handle that sees the edges from now on. Raises GpioError."""
        ...

    def drives(self, line: Line) -> bool:
        """Tell whether some node drives the line."""
        ...

    def open_output(self, line: Line, drive: Drive, *, high: bool | None, safe: bool | None = None) -> OutputHold:
        """Return a handle. ``safe`` is the level that a node's end brings which it cannot bring itself."""
        ...


class SharedLines:
    """The lines that are open, each with its handles. Thread-safe: each flow has a thread of its own."""

    def __init__(self, driver: GpioLines) -> None:
        self._driver = driver
        self._lock = threading.RLock()
        self._inputs: dict[Line, _Input] = {}
        self._outputs: dict[Line, _Output] = {}

    def open_input(self, line: Line, setup: InputSetup) -> "InputHandle":
        """Return a handle that sees the edges from now on.

        Raises:
            GpioError: there is no such line, it is taken, or another version of the flow reads it in another way.
        """
        with self._lock:
            shared = self._inputs.get(line)
            if shared is None:
                self._refuse(line in self._outputs, f"The line {line} is an output of another node; use another line.")
                shared = self._inputs[line] = _Input(self._driver.open_input(line, setup), setup)
            self._refuse(
                shared.setup != setup,
                f"The line {line} is read with another bias or debounce by a version of the flow that runs beside this "
                f"one; apply the new version in its place instead of staging it.",
            )
            handle = InputHandle(self._lock, shared, forget=lambda: _forget(self._inputs, line, shared))
            shared.handles.append(handle)
            return handle

    def drives(self, line: Line) -> bool:
        """Tell whether some node drives the line."""
        with self._lock:
            return line in self._outputs

    def open_output(self, line: Line, drive: Drive, *, high: bool | None, safe: bool | None = None) -> "OutputHandle":
        """Return a handle; the line has this level then, or with None the one it had, which is low for a new one.

        ``safe`` is the level that :meth:`OutputHandle.abandon` brings, None for none.

        Raises:
            GpioError: there is no such line, it is taken, or another version of the flow drives it in another way.
            OSError: the line is gone.
        """
        with self._lock:
            shared = self._outputs.get(line)
            if shared is None:
                self._refuse(line in self._inputs, f"The line {line} is an input of another node; use another line.")
                opened = self._driver.open_output(line, drive, high=bool(high))
                shared = self._outputs[line] = _Output(opened, drive)
            self._refuse(
                shared.drive != drive,
                f"The line {line} has another drive in a version of the flow that runs beside this one; "
                f"apply the new version in its place instead of staging it.",
            )
            handle = OutputHandle(self._lock, shared, forget=lambda: _forget(self._outputs, line, shared), safe=safe)
            if not shared.handles:
                shared.last_user = handle
            elif high is not None:
                handle.set(high=high)
            shared.handles.append(handle)
            return handle

    @staticmethod
    def _refuse(refused: bool, message: str) -> None:  # noqa: FBT001  the condition
        if refused:
            raise GpioError(message)


class InputHandle:
    """One node's view of a line that is read."""

    def __init__(self, lock: threading.RLock, shared: "_Input", forget: Callable[[], None]) -> None:
        self._lock = lock
        self._shared = shared
        self._forget = forget
        self._edges: deque[Edge] = deque(maxlen=MAX_EDGES)

    def level(self) -> bool:
        """Return the level now. Raises OSError."""
        with self._lock:
            return self._shared.line.level()

    def edges(self) -> list[Edge]:
        """Return the edges since the last call; the oldest of too many are left out. Raises OSError."""
        with self._lock:
            try:
                new = self._shared.line.edges()
            except OSError:
                self._forget()  # who opens the line again gets a new one
                raise
            for edge in new:
                for handle in self._shared.handles:
                    handle._edges.append(edge)  # noqa: SLF001  of its own class
            edges = list(self._edges)
            self._edges.clear()
            return edges

    def close(self) -> None:
        """Give the line back when no other node reads it."""
        with self._lock:
            self._shared.handles.remove(self)
            if not self._shared.handles:
                self._forget()
                self._shared.line.close()


class OutputHandle:
    """One node's hold on a line that is driven."""

    def __init__(
        self, lock: threading.RLock, shared: "_Output", forget: Callable[[], None], *, safe: bool | None = None
    ) -> None:
        self._safe = safe
        self._lock = lock
        self._shared = shared
        self._forget = forget

    @property
    def decided_last(self) -> bool:
        """Whether the line's level is this handle's doing."""
        return self._shared.last_user is self

    def set(self, *, high: bool) -> None:
        """Drive the line. Raises OSError."""
        with self._lock:
            try:
                self._shared.line.set(high=high)
            except OSError:
                self._forget()  # who opens the line again gets a new one
                raise
            self._shared.last_user = self

    def close(self, *, high: bool | None) -> None:
        """Give the line back when no other node holds it, first at this level unless None. Raises OSError."""
        with self._lock:
            try:
                if high is not None and self._shared.handles == [self]:
                    self._shared.line.set(high=high)
            finally:
                self.discard()

    def abandon(self) -> None:
        """Give the line back for a node that is gone, at its safe level when no other holds it. Raises OSError."""
        self.close(high=self._safe)

    def discard(self) -> None:
        """Give the line back as it is when no other node holds it."""
        with self._lock:
            self._shared.handles.remove(self)
            if not self._shared.handles:
                self._forget()
                self._shared.line.close()


class _Input:
    def __init__(self, line: InputLine, setup: InputSetup) -> None:
        self.line = line
        self.setup = setup
        self.handles: list[InputHandle] = []


class _Output:
    def __init__(self, line: OutputLine, drive: Drive) -> None:
        self.line = line
        self.drive = drive
        self.handles: list[OutputHandle] = []
        self.last_user: OutputHandle | None = None


_Shared = TypeVar("_Shared")


def _forget(lines: dict[Line, _Shared], line: Line, shared: _Shared) -> None:
    if lines.get(line) is shared:
        del lines[line]


_device: Lines | None = None
_device_lock: Final = threading.Lock()


def use_lines(lines: Lines | None) -> None:
    """Let these be the lines of this device, as they are opened elsewhere; None: those of this process again."""
    global _device  # noqa: PLW0603  see device_lines
    with _device_lock:
        _device = lines


def device_lines() -> Lines:
    """Return the lines of this device, the same for all that runs in this process.

    Raises:
        GpioError: the agent was installed without the package that drives them.
    """
    global _device  # noqa: PLW0603  the lines are one device's, and so is the agent's process
    with _device_lock:
        if _device is None:
            from edge_agent.flows.builtin.gpiod_lines import load_driver  # noqa: PLC0415  only where a flow needs it

            _device = SharedLines(load_driver())
        return _device
