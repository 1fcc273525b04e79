"""``link_out`` is a function that counts a message's links, and Node-RED's own ``link out``."""

from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import STEP, Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.link import HOPS, MAX_HOPS, LinkSettings


def translate(draft: Draft, node: Node) -> None:
    """Put both; where the second one leads depends on the other tabs (:func:`links.joined`)."""
    settings = LinkSettings.model_validate(node.config)
    sender = draft.name.item(node.id, "sender")
    text = script("link_out", hops=HOPS, maxHops=MAX_HOPS)
    draft.put(node, items.function(draft.name.item(node.id), title_of(node), text, outputs=1), wires=[[sender]])
    draft.put(node, items.link_out(sender, title_of(node)), wires=[], at=STEP)
    draft.silenced.add(sender)
    draft.link_ends[sender] = settings.joins(draft.flow_id)


TRANSLATION: Final = Translation(translate, frozenset({"link out"}))
