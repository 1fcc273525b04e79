"""``gpio_out``: drives a GPIO line by what messages say."""

from functools import partial
from typing import Final

from pydantic import JsonValue

from edge_agent.flows.builtin.gpio import GpioError, Lines, OutputHold
from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Outcome, Schedule
from edge_agent.flows.builtin.nodes.gpio_line import find_line, open_lines
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.gpio_out import GpioOutKind, GpioOutSettings
from edgeflow.contract.nodes.paths import NothingThereError

TURN_SECONDS: Final = 1.0
"""How often the node looks whether its flow is live, and takes the line or lets go of it."""
LET_GO_SECONDS: Final = 3.0
"""After the flow was told to stand by; by then the version that is live now has taken the line over."""


class GpioOutNode(GpioOutKind, Node[GpioOutSettings]):
    """Drives its line while the flow is live.

    A flow that stands by does not take the line. One that is switched to takes it over from the version that was live
    before, which lets go a little later, so the level stays what it is in between. A pulse that the node began, it ends
    even while its flow stands by: what it switched on must not stay on.
    """

    def __init__(self, settings: GpioOutSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._line = find_line(settings, environment)
        self._lines: Lines | None = None
        self._schedule: Schedule | None = None
        self._handle: OutputHold | None = None
        self._muted_since: float | None = None
        self._pulse = 0  # the number of the last level that was set: a pulse ends its own alone
        self._pulse_is_on = False

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  there is no output
        """Take the line, if the flow is live.

        Raises:
            NodeError: the agent has no GPIO, or the device no such line, or it is taken.
        """
        self._schedule = schedule
        self._lines = open_lines()
        self._take_turn()
        schedule.every(TURN_SECONDS, self._take_turn)

    def receive(self, message: Message) -> Outcome | None:
        """Drive the line; while the flow stands by, only look whether the message says how.

        Raises:
            NodeError: the message says neither true nor false, or the line cannot be driven.
        """
        level = self._level(message.payload)
        if self.environment.context.muted():
            return None
        self._take_turn()
        self._set(level=level)
        self._pulse += 1
        pulse = self.settings.pulse
        self._pulse_is_on = level and pulse is not None
        if level and pulse is not None and self._schedule is not None:
            self._schedule.after(pulse / 1_000, partial(self._end_pulse, self._pulse))
        return Outcome.DONE

    def stop(self) -> None:
        """Give the line back, at its safe level when no other version of the flow holds it."""
        self._let_go()

    def _level(self, payload: JsonValue) -> bool:
        try:
            value = self.settings.property_.find(payload)
        except NothingThereError as error:
            raise NodeError(str(error)) from None
        if not isinstance(value, bool | int | float) or value not in {0, 1}:
            message = "A message's value is neither true, false, 1 nor 0, so it sets no level."
            raise NodeError(message)
        return bool(value)

    def _take_turn(self) -> None:
        if self._lines is None:
            return
        if not self.environment.context.muted():
            self._muted_since = None
            if self._handle is None:
                self._handle = self._open(self._lines)
            return
        now = self.environment.now()
        if self._muted_since is None:
            self._muted_since = now
        elif now - self._muted_since >= LET_GO_SECONDS and not self._pulse_is_on:
            self._let_go()

    def _open(self, lines: Lines) -> OutputHold:
        initial = self.settings.initial
        if initial is None and not lines.drives(self._line):
            initial = False
        try:
            return lines.open_output(
                self._line, self.settings.drive, high=self._wire(initial), safe=self._wire(self.settings.safe)
            )
        except GpioError as error:
            raise NodeError(str(error)) from None
        except OSError as error:
            raise NodeError(self._gone(error)) from error

    def _wire(self, level: bool | None) -> bool | None:  # noqa: FBT001  a level
        return None if level is None else level != self.settings.active_low

    def _set(self, *, level: bool) -> None:
        if self._handle is None:
            return
        try:
            self._handle.set(high=level != self.settings.active_low)
        except OSError as error:
            self._handle.discard()
            self._handle = None  # the line is taken anew with the next turn
            raise NodeError(self._gone(error)) from error

    def _end_pulse(self, number: int) -> None:
        if number == self._pulse and self._pulse_is_on:
            self._pulse_is_on = False
            if self._handle is not None and self._handle.decided_last:
                self._set(level=False)

    def _let_go(self) -> None:
        handle, self._handle = self._handle, None
        if handle is None:
            return
        try:
            try:
                if self._pulse_is_on and handle.decided_last:
                    handle.set(high=self.settings.active_low)
            finally:
                self._pulse_is_on = False
                handle.close(high=self._wire(self.settings.safe))
        except OSError as error:
            raise NodeError(self._gone(error)) from error

    def _gone(self, error: OSError) -> str:
        return f"The line {self._line} cannot be driven any more: {error.strerror or error}."
