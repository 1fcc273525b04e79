"""``status`` is a function that looks what the monitor keeps, whenever that changes, and tells what is new in it."""

from collections.abc import Collection
from typing import Final

from pydantic import JsonValue

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Owner, Translation, title_of
from edge_agent.flows.node_red.monitor import CONTEXT_KEY
from edge_agent.flows.node_red.scripts import script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.status import StatusSettings


def meant_items(draft: Draft, node: Node, meant: Collection[str] | None) -> dict[str, JsonValue]:
    """Return the id and the label of the owner of each item that is meant, by the item; all others' when absent."""

    def is_meant(owner: Owner) -> bool:
        return owner.node_id != node.id and (meant is None or owner.node_id in meant)

    return {item_id: [owner.node_id, owner.label] for item_id, owner in draft.owners.items() if is_meant(owner)}


def translate(draft: Draft, node: Node) -> None:
    """Put the function when all other nodes are there; the monitor leads to it."""
    draft.finally_(lambda: _put(draft, node))


def _put(draft: Draft, node: Node) -> None:
    settings = StatusSettings.model_validate(node.config)
    text = script(
        "status",
        key=CONTEXT_KEY,
        owners=meant_items(draft, node, settings.nodes),
        mayBeOffline=[*sorted(draft.may_be_offline)],
    )
    item_id = draft.name.item(node.id)
    draft.put(node, items.function(item_id, title_of(node), text, outputs=1), wires=draft.wires_of(node, 1))
    draft.told_of_health.append(item_id)


TRANSLATION: Final = Translation(translate)
