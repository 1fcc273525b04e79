"""``change`` is a function that applies the rules."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import JsonValue

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import PATHS, TEXTS, place, script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.change import (
    MAX_TEXT_LENGTH,
    ChangeRule,
    ChangeSettings,
    DeleteRule,
    MoveRule,
    ReplaceRule,
    SetRule,
)


def apply_rules(settings: ChangeSettings, variables: Mapping[str, Any]) -> str:
    """Return the script that sends messages on with the rules applied."""
    rules = [_rule(rule, variables) for rule in settings.rules]
    return script("change", libraries=[PATHS, TEXTS], rules=rules, maxText=MAX_TEXT_LENGTH)


def _rule(rule: ChangeRule, variables: Mapping[str, Any]) -> JsonValue:
    told: dict[str, JsonValue] = {"action": rule.action, "path": place(rule.property_)}
    match rule:
        case SetRule(from_=origin) if origin is not None:
            return told | {"action": "copy", "from": place(origin), "optional": rule.optional}
        case SetRule():
            return told | {"value": rule.value if rule.variable is None else variables[rule.variable]}
        case DeleteRule():
            return told
        case MoveRule():
            return told | {"to": place(rule.to), "optional": rule.optional}
        case ReplaceRule():
            fault = (
                f"With {rule.search!r} replaced, a message's text would have more than {MAX_TEXT_LENGTH} characters."
            )
            texts = {"search": rule.search, "replacement": rule.replacement, "tooLong": fault}
            return told | texts | {"optional": rule.optional}


def translate(draft: Draft, node: Node) -> None:
    """Put the function."""
    text = apply_rules(ChangeSettings.model_validate(node.config), draft.variables)
    item = items.function(draft.name.item(node.id), title_of(node), text, outputs=1)
    draft.put(node, item, wires=draft.wires_of(node, 1))


TRANSLATION: Final = Translation(translate)
