"""``inject`` is Node-RED's own."""

from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Translation, title_of
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.inject import InjectSettings


def translate(draft: Draft, node: Node) -> None:
    """Put an ``inject`` node."""
    settings = InjectSettings.model_validate(node.config)
    repeat = None if settings.interval is None else settings.interval.total_seconds()
    payload = items.as_json(settings.payload)
    item = items.inject(draft.name.item(node.id), title_of(node), payload, once=settings.once, repeat=repeat)
    draft.put(node, item, wires=draft.wires_of(node, 1))


TRANSLATION: Final = Translation(translate, frozenset({"inject"}))
