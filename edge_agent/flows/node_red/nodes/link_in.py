"""``link_in`` is Node-RED's own."""

from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Translation, title_of
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.link import LinkSettings


def translate(draft: Draft, node: Node) -> None:
    """Put a ``link in`` node; those that lead to it name it."""
    item_id = draft.name.item(node.id)
    draft.put(node, items.link_in(item_id, title_of(node)), wires=draft.wires_of(node, 1))
    draft.link_ends[item_id] = LinkSettings.model_validate(node.config).joins(draft.flow_id)


TRANSLATION: Final = Translation(translate, frozenset({"link in"}))
