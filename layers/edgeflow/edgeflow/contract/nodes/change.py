"""``change``: sets, deletes, moves and replaces what a message carries."""

import json
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from edgeflow.contract.flow import VariableName
from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.paths import WHOLE_PAYLOAD, PathSetting

MAX_RULES: Final = 64
MAX_SEARCH_LENGTH: Final = 1_024
MAX_TEXT_LENGTH: Final = 128 * 1024
"""Characters that a replaced text may have: more could not be published anyway (AWS IoT: the largest MQTT message)."""


class SetRule(NodeSettings):
    """Puts a value, a flow variable or a copy of another place at ``property``."""

    action: Literal["set"]
    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")
    value: JsonValue = None
    variable: VariableName | None = None
    from_: PathSetting | None = Field(default=None, alias="from")
    optional: bool = False

    @field_validator("value")
    @classmethod
    def _is_json(cls, value: JsonValue) -> JsonValue:
        json.dumps(value, allow_nan=False)  # Python would take NaN for JSON; raises ValueError
        return value

    @model_validator(mode="after")
    def _takes_it_from_one_place(self) -> Self:
        if ("value" in self.model_fields_set) + (self.variable is not None) + (self.from_ is not None) != 1:
            message = "set needs one of value, variable and from"
            raise ValueError(message)
        return self


class DeleteRule(NodeSettings):
    """Takes out what is at ``property``, if anything."""

    action: Literal["delete"]
    property_: PathSetting = Field(alias="property")


class MoveRule(NodeSettings):
    """Takes the value at ``property`` to another place; within one object that renames it."""

    action: Literal["move"]
    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")
    to: PathSetting
    optional: bool = False

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.to.steps == self.property_.steps:
            message = "move needs two places"
            raise ValueError(message)
        return self


class ReplaceRule(NodeSettings):
    """Replaces a piece of the text at ``property``, wherever it occurs."""

    action: Literal["replace"]
    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")
    search: str = Field(min_length=1, max_length=MAX_SEARCH_LENGTH)
    replacement: str = Field(default="", max_length=MAX_SEARCH_LENGTH)
    optional: bool = False


ChangeRule = Annotated[SetRule | DeleteRule | MoveRule | ReplaceRule, Field(discriminator="action")]


class ChangeSettings(NodeSettings):
    """The rules, applied in order."""

    rules: list[ChangeRule] = Field(min_length=1, max_length=MAX_RULES)


class ChangeKind(NodeKind[ChangeSettings]):
    """``change``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = ChangeSettings
