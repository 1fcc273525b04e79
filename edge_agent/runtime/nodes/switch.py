"""``switch``: sends a message on by the value it carries."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, FiniteFloat, JsonValue, model_validator

from edge_agent.runtime.messages import Message
from edge_agent.runtime.nodes.base import Emit, Node, NodeEnvironment, NodeError, NodeSettings, Schedule
from edge_agent.runtime.paths import NothingThereError, PathSetting
from edgeflow.contract.flow import VariableName

Operator = Literal[">", ">=", "<", "<=", "==", "!="]
Scalar = bool | int | FiniteFloat | str | None
Port = Annotated[int, Field(ge=0, le=63)]

DEFAULT_VARIABLE: Final = "threshold"
DEFAULT_KEYS: Final = ("temperature", "value")
"""Where the value is looked for in a payload when the settings name no property; the first one found counts."""

_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class Rule(NodeSettings):
    """A comparison with a fixed value or a flow variable, and the port for messages that it holds for."""

    operator: Operator
    value: Scalar = None
    variable: VariableName | None = None
    port: Port = 0

    @model_validator(mode="after")
    def _compares_with_one_thing(self) -> Self:
        if ("value" in self.model_fields_set) == (self.variable is not None):
            message = "a rule needs a value or a variable, and not both"
            raise ValueError(message)
        if self.variable is None and self.operator in _ORDERED and not _has_order(self.value):
            message = f"{self.operator} compares with a number or a string"
            raise ValueError(message)
        return self


class SwitchSettings(NodeSettings):
    """Which value is compared, the rules in order, and the port for messages that no rule holds for."""

    property_: PathSetting | None = Field(default=None, alias="property")
    rules: list[Rule] = Field(
        default_factory=lambda: [Rule(operator=">", variable=DEFAULT_VARIABLE)], min_length=1, max_length=64
    )
    otherwise: Port | None = None


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A rule with its variable read."""

    operator: str
    value: Any
    port: int


class SwitchNode(Node[SwitchSettings]):
    """Sends each message to the port of the first rule that holds, else to ``otherwise``, else nowhere."""

    settings_type: ClassVar[type[NodeSettings]] = SwitchSettings

    def __init__(self, settings: SwitchSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._comparisons: Sequence[_Comparison] = ()

    @classmethod
    def ports(cls, settings: SwitchSettings) -> frozenset[int]:
        """Return the ports that the rules and ``otherwise`` name."""
        otherwise = () if settings.otherwise is None else (settings.otherwise,)
        return frozenset((*(rule.port for rule in settings.rules), *otherwise))

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
        if rule.operator in _ORDERED and not _has_order(value):
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
    if not _has_order(value) or isinstance(value, str) != isinstance(comparison.value, str):
        wanted = "string" if isinstance(comparison.value, str) else "number"
        message = f"A message's value is no {wanted}, so {comparison.operator} cannot compare it."
        raise NodeError(message)
    return _ORDERED[comparison.operator](value, comparison.value)


def _has_order(value: object) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _equal(left: object, right: object) -> bool:
    # Python takes true for 1; JSON does not.
    return isinstance(left, bool) == isinstance(right, bool) and left == right
