"""``gpio_in``: sends a message when a GPIO line changes."""

from typing import Final

from edge_agent.flows.builtin.gpio import GpioError, InputHold, InputSetup, Lines
from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.builtin.nodes.gpio_line import find_line, open_lines
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.gpio_in import GpioInKind, GpioInSettings
from edgeflow.contract.wording import counted

POLL_SECONDS: Final = 0.05
"""How often the kernel is asked for edges, which it keeps meanwhile; a thread for each line would take more memory."""
REOPEN_SECONDS: Final = 5.0


class GpioInNode(GpioInKind, Node[GpioInSettings]):
    """Sends true or false with each edge. A line that fails while the flow runs is opened again when it can be."""

    def __init__(self, settings: GpioInSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._line = find_line(settings, environment)
        self._emit: Emit | None = None
        self._lines: Lines | None = None
        self._handle: InputHold | None = None
        self._next_number: int | None = None
        self._reopen_at = 0.0
        self._fault = ""
        self._level_is_due = settings.at_start

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Take the line, tell its level, and look for edges from now on.

        Raises:
            NodeError: the agent has no GPIO, or the device no such line, or it is taken.
        """
        self._emit = emit
        self._lines = open_lines()
        self._handle = self._open(self._lines)
        schedule.every(POLL_SECONDS, self._poll)

    def stop(self) -> None:
        """Give the line back."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _open(self, lines: Lines) -> InputHold:
        setup = InputSetup(bias=self.settings.bias, debounce=self.settings.debounce)
        try:
            return lines.open_input(self._line, setup)
        except GpioError as error:
            self._fault = str(error)
            raise NodeError(self._fault) from None

    def _poll(self) -> None:
        if self._lines is None:
            return
        if self._handle is None:
            if self.environment.now() < self._reopen_at:
                raise NodeError(self._fault)
            self._reopen_at = self.environment.now() + REOPEN_SECONDS
            self._handle = self._open(self._lines)
        try:
            edges = self._handle.edges()
            level = self._handle.level() if self._level_is_due else None
        except OSError as error:
            self._lose(error)
            raise NodeError(self._fault) from error
        missed = 0
        for edge in edges:
            if self._next_number is not None:
                missed += max(0, edge.number - self._next_number)
            self._next_number = edge.number + 1
            if self.settings.edge in {"both", "rising" if edge.high != self.settings.active_low else "falling"}:
                self._send(high=edge.high)
        if level is not None:
            self._level_is_due = False
            self._send(high=level)
        if missed:
            lost = counted(missed, "edge", "was", "were")
            message = f"The line {self._line} changes faster than this device keeps up: {lost} lost."
            raise NodeError(message)

    def _lose(self, error: OSError) -> None:
        self._fault = f"The line {self._line} cannot be read any more: {error.strerror or error}."
        if self._handle is not None:
            self._handle.close()
        self._handle = None
        self._next_number = None
        self._reopen_at = self.environment.now() + REOPEN_SECONDS

    def _send(self, *, high: bool) -> None:
        if self._emit is not None:
            metadata = {"line": str(self.settings.line), "chip": self._line.chip}
            level = high != self.settings.active_low
            self._emit(Message(payload=level, source=self.environment.node_id, metadata=metadata))
