"""``switch``: sends a message on by the value it carries."""

import operator
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from edgeflow.contract.flow import VariableName
from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.paths import PathSetting

Operator = Literal[">", ">=", "<", "<=", "==", "!="]
Scalar = bool | int | FiniteFloat | str | None
Port = Annotated[int, Field(ge=0, le=63)]
DEFAULT_VARIABLE: Final = "threshold"
DEFAULT_KEYS: Final = ("temperature", "value")
"""Where the value is looked for in a payload when the settings name no property; the first one found counts."""
ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
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
        if self.variable is None and self.operator in ORDERED and not has_order(self.value):
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


def has_order(value: object) -> bool:
    """Tell whether a value comes before or after others of its kind: a number or a string does."""
    return isinstance(value, int | float | str) and not isinstance(value, bool)


class SwitchKind(NodeKind[SwitchSettings]):
    """``switch``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = SwitchSettings

    @classmethod
    def ports(cls, settings: SwitchSettings) -> frozenset[int]:
        """Return the ports that the rules and ``otherwise`` name."""
        otherwise = () if settings.otherwise is None else (settings.otherwise,)
        return frozenset((*(rule.port for rule in settings.rules), *otherwise))
