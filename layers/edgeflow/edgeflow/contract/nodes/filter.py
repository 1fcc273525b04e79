"""``filter``: lets a message pass only when its value changed, by enough or by little enough."""

from typing import ClassVar, Final, Literal, Self

from pydantic import Field, FiniteFloat, JsonValue, model_validator

from edgeflow.contract.json_values import is_number
from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.paths import WHOLE_PAYLOAD, PathSetting

MAX_KEYS: Final = 1_000
"""Values of ``by`` that are told apart; of more, the one not heard of for longest is forgotten."""
ROUNDING: Final = 1e-12
"""Share of a value by which two may differ through arithmetic alone: 0.3 - 0.2 is a little less than 0.1."""


class FilterSettings(NodeSettings):
    """Which value is looked at, what counts as a change, and with what it is compared."""

    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")
    by: PathSetting | None = None
    mode: Literal["change", "deadband", "narrowband"] = "change"
    band: FiniteFloat | None = Field(default=None, gt=0)
    percent: bool = False
    compare_with: Literal["passed", "received"] = "passed"
    initial: JsonValue = None
    pass_first: bool = True

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        fault = None
        has_initial = "initial" in self.model_fields_set
        if (self.band is None) != (self.mode == "change"):
            fault = "deadband and narrowband need a band, and change takes none"
        elif self.percent and self.band is None:
            fault = "percent says how band is meant, so it needs one"
        elif has_initial and not self.pass_first:
            fault = "with an initial value there is no first message to hold back; leave out pass_first"
        elif has_initial and self.band is not None and not is_number(self.initial):
            fault = "with a band the initial value is a number"
        if fault is not None:
            raise ValueError(fault)
        return self


class FilterKind(NodeKind[FilterSettings]):
    """``filter``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = FilterSettings
