"""``change``: sets, deletes, moves and replaces what a message carries."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from edge_agent.runtime.messages import Message
from edge_agent.runtime.nodes.base import Emit, Node, NodeEnvironment, NodeError, NodeSettings, Schedule
from edge_agent.runtime.paths import WHOLE_PAYLOAD, NothingThereError, PathError, PathSetting
from edgeflow.contract.flow import VariableName

MAX_RULES: Final = 64
MAX_SEARCH_LENGTH: Final = 1_024
MAX_TEXT_LENGTH: Final = 128 * 1024
"""Characters that a replaced text may have: more could not be published anyway (AWS IoT: the largest MQTT message)."""

Change = Callable[[JsonValue], JsonValue]
"""Returns a payload with one rule applied; raises NodeError or PathError."""


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


class ChangeNode(Node[ChangeSettings]):
    """Sends each message on with its rules applied, or not at all when one of them cannot be.

    Messages are shared, so the payload is never changed in place: what a rule touches is copied.
    """

    settings_type: ClassVar[type[NodeSettings]] = ChangeSettings

    def __init__(self, settings: ChangeSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._changes: Sequence[Change] = ()

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  it has no timer
        """Read the variables that the rules name.

        Raises:
            NodeError: the flow has no such variable.
        """
        self._emit = emit
        self._changes = tuple(self._read(rule) for rule in self.settings.rules)

    def receive(self, message: Message) -> None:
        """Apply the rules and send the message on.

        Raises:
            NodeError: the message lacks what a rule needs.
        """
        if self._emit is None:
            return
        payload = message.payload
        for rule, change in zip(self.settings.rules, self._changes, strict=True):
            try:
                payload = change(payload)
            except PathError as error:
                optional = isinstance(error, NothingThereError) and not isinstance(rule, DeleteRule) and rule.optional
                if not optional:
                    raise NodeError(str(error)) from None
        self._emit(replace(message, payload=payload, source=self.environment.node_id))

    def _read(self, rule: ChangeRule) -> Change:
        place = rule.property_
        match rule:
            case SetRule(from_=origin) if origin is not None:
                return lambda payload: place.put(payload, origin.find(payload))
            case SetRule():
                value = self._value(rule)
                return lambda payload: place.put(payload, value)
            case DeleteRule():
                return place.remove
            case MoveRule(to=to):
                return lambda payload: to.put(place.remove(payload), place.find(payload))
            case ReplaceRule():
                return lambda payload: place.put(payload, _replaced(rule, place.find(payload)))

    def _value(self, rule: SetRule) -> JsonValue:
        name = rule.variable
        if name is None:
            return rule.value
        variables = self.environment.variables
        if name not in variables:
            message = f"The flow has no variable {name!r}; add it to the flow's variables, or give the rule a value."
            raise NodeError(message)
        value: JsonValue = variables[name]
        return value


def _replaced(rule: ReplaceRule, text: JsonValue) -> str:
    if not isinstance(text, str):
        message = f"A message's value at {rule.property_.text!r} is no text, so nothing in it can be replaced."
        raise NodeError(message)
    growth = len(rule.replacement) - len(rule.search)
    if len(text) + growth * text.count(rule.search) > MAX_TEXT_LENGTH:
        message = f"With {rule.search!r} replaced, a message's text would have more than {MAX_TEXT_LENGTH} characters."
        raise NodeError(message)
    return text.replace(rule.search, rule.replacement)
