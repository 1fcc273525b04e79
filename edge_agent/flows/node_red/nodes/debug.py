"""``debug`` shows payloads in the editor's sidebar."""

from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Translation, title_of
from edgeflow.contract.flow import Node


def translate(draft: Draft, node: Node) -> None:
    """Put a ``debug`` node."""
    draft.put(node, items.debug(draft.name.item(node.id), title_of(node)), wires=[])


TRANSLATION: Final = Translation(translate, frozenset({"debug"}))
