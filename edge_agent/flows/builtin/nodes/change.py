"""``change``: sets, deletes, moves and replaces what a message carries."""

from collections.abc import Callable, Sequence

from pydantic import JsonValue

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.change import (
    MAX_TEXT_LENGTH,
    ChangeKind,
    ChangeRule,
    ChangeSettings,
    DeleteRule,
    MoveRule,
    ReplaceRule,
    SetRule,
)
from edgeflow.contract.nodes.paths import NothingThereError, PathError

Change = Callable[[JsonValue], JsonValue]
"""Returns a payload with one rule applied; raises NodeError or PathError."""


class ChangeNode(ChangeKind, Node[ChangeSettings]):
    """Sends each message on with its rules applied, or not at all when one of them cannot be.

    Messages are shared, so the payload is never changed in place: what a rule touches is copied.
    """

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
        self._emit(message.carrying(payload, self.environment.node_id))

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
