"""``switch``: sends a message on by the value it carries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.paths import NothingThereError
from edgeflow.contract.nodes.switch import DEFAULT_KEYS, ORDERED, Rule, SwitchKind, SwitchSettings, has_order


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A rule with its variable read."""

    operator: str
    value: Any
    port: int


class SwitchNode(SwitchKind, Node[SwitchSettings]):
    """Sends each message to the port of the first rule that holds, else to ``otherwise``, else nowhere."""

    def __init__(self, settings: SwitchSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._comparisons: Sequence[_Comparison] = ()

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  a switch has no timer
        """Read the variables that the rules name.

        Raises:
            NodeError: the flow has no such variable, or its value cannot be compared so.
        """
        self._emit = emit
        self._comparisons = tuple(self._read(rule) for rule in self.settings.rules)

    def receive(self, message: Message) -> None:
        """Compare the message's value and send the message on.

        Raises:
            NodeError: the message has no value that can be compared, and there is no ``otherwise`` for it.
        """
        if self._emit is None:
            return
        try:
            port = self._find_port(self._find_value(message.payload))
        except NodeError:
            if self.settings.otherwise is None:
                raise
            port = self.settings.otherwise
        if port is not None:
            self._emit(message, port=port)

    def _read(self, rule: Rule) -> _Comparison:
        name = rule.variable
        if name is None:
            return _Comparison(rule.operator, rule.value, rule.port)
        variables = self.environment.variables
        if name not in variables:
            message = (
                f"The flow has no variable {name!r} to compare with; "
                f"add one of type number to the flow's variables, or give the node rules with a value."
            )
            raise NodeError(message)
        value = variables[name]
        if rule.operator in ORDERED and not has_order(value):
            message = f"The variable {name!r} is neither a number nor a string, which {rule.operator} needs."
            raise NodeError(message)
        return _Comparison(rule.operator, value, rule.port)

    def _find_value(self, payload: JsonValue) -> JsonValue:
        path = self.settings.property_
        if path is None:
            if not isinstance(payload, dict):
                return payload
            for key in DEFAULT_KEYS:
                if key in payload:
                    return payload[key]
            message = (
                f"A message had none of {', '.join(DEFAULT_KEYS)}; name the value's place in the property setting."
            )
            raise NodeError(message)
        try:
            return path.find(payload)
        except NothingThereError as error:
            raise NodeError(str(error)) from None

    def _find_port(self, value: object) -> int | None:
        for comparison in self._comparisons:
            if _holds(comparison, value):
                return comparison.port
        return self.settings.otherwise


def _holds(comparison: _Comparison, value: object) -> bool:
    if comparison.operator == "==":
        return _equal(value, comparison.value)
    if comparison.operator == "!=":
        return not _equal(value, comparison.value)
    if not has_order(value) or isinstance(value, str) != isinstance(comparison.value, str):
        wanted = "string" if isinstance(comparison.value, str) else "number"
        message = f"A message's value is no {wanted}, so {comparison.operator} cannot compare it."
        raise NodeError(message)
    return ORDERED[comparison.operator](value, comparison.value)


def _equal(left: object, right: object) -> bool:
    # Python takes true for 1; JSON does not.
    return isinstance(left, bool) == isinstance(right, bool) and left == right
