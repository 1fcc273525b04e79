"""``filter``: lets a message pass only when its value changed, by enough or by little enough."""

from collections import OrderedDict

from pydantic import JsonValue

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.language.messages import Message
from edge_agent.flows.language.values import fingerprint
from edgeflow.contract.nodes.filter import MAX_KEYS, ROUNDING, FilterKind, FilterSettings
from edgeflow.contract.nodes.paths import NothingThereError, PayloadPath

Remembered = str | int | float
"""A number, or with ``mode`` ``change`` the value's fingerprint."""


class FilterNode(FilterKind, Node[FilterSettings]):
    """Reports by exception: sends a message on, unchanged, when its value changed."""

    def __init__(self, settings: FilterSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._last: OrderedDict[str, Remembered] = OrderedDict()
        has_initial = "initial" in settings.model_fields_set
        self._initial = self._remembered(settings.initial) if has_initial else None

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  it has no timer
        """Remember the output."""
        self._emit = emit

    def receive(self, message: Message) -> None:
        """Send the message on if its value changed.

        Raises:
            NodeError: the message has no such value, or one without the order that a band needs.
        """
        if self._emit is None:
            return
        key = self._key(message.payload)
        value = self._remembered(_find(self.settings.property_, message.payload))
        last = self._last.get(key, self._initial)
        passes = self.settings.pass_first if last is None else self._passes(last, value)
        if passes or last is None or self.settings.compare_with == "received":
            self._remember(key, value)
        if passes:
            self._emit(message)

    def _key(self, payload: JsonValue) -> str:
        path = self.settings.by
        return "" if path is None else fingerprint(_find(path, payload))

    def _remembered(self, value: JsonValue) -> Remembered:
        if self.settings.mode == "change":
            return fingerprint(value)
        if not isinstance(value, int | float) or isinstance(value, bool):
            message = f"A message's value is no number, which {self.settings.mode} needs."
            raise NodeError(message)
        return value

    def _remember(self, key: str, value: Remembered) -> None:
        self._last[key] = value
        self._last.move_to_end(key)
        if len(self._last) > MAX_KEYS:
            self._last.popitem(last=False)

    def _passes(self, last: Remembered, value: Remembered) -> bool:
        band = self.settings.band
        if band is None or isinstance(last, str) or isinstance(value, str):
            return last != value
        width = abs(last) * band / 100 if self.settings.percent else band
        change = abs(value - last)
        rounding = ROUNDING * max(abs(last), abs(value))
        if self.settings.mode == "narrowband":
            return change <= width + rounding
        return change > 0 and change >= width - rounding


def _find(path: PayloadPath, payload: JsonValue) -> JsonValue:
    try:
        return path.find(payload)
    except NothingThereError as error:
        raise NodeError(str(error)) from None
