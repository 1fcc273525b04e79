"""``switch`` is a function with an output for each port."""

from collections.abc import Mapping
from typing import Any, Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import PATHS, place, script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.switch import DEFAULT_KEYS, SwitchKind, SwitchSettings


def choose_port(settings: SwitchSettings, variables: Mapping[str, Any]) -> str:
    """Return the script that sends a message to a port."""
    rules = [
        {
            "operator": rule.operator,
            "value": rule.value if rule.variable is None else variables[rule.variable],
            "port": rule.port,
        }
        for rule in settings.rules
    ]
    return script(
        "switch",
        libraries=[PATHS],
        path=None if settings.property_ is None else place(settings.property_),
        keys=[*DEFAULT_KEYS],
        rules=[*rules],
        otherwise=settings.otherwise,
    )


def translate(draft: Draft, node: Node) -> None:
    """Put the function."""
    settings = SwitchSettings.model_validate(node.config)
    outputs = max(SwitchKind.ports(settings)) + 1
    text = choose_port(settings, draft.variables)
    item = items.function(draft.name.item(node.id), title_of(node), text, outputs=outputs)
    draft.put(node, item, wires=draft.wires_of(node, outputs))


TRANSLATION: Final = Translation(translate)
