"""``catch`` is Node-RED's own, for the items of the nodes that are meant, and a function that says what happened."""

from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import STEP, Draft, Translation, title_of
from edge_agent.flows.node_red.monitor import keeper_of
from edge_agent.flows.node_red.nodes.status import meant_items
from edge_agent.flows.node_red.scripts import script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.catch import CAUGHT, CatchSettings


def translate(draft: Draft, node: Node) -> None:
    """Put both when all other nodes are there."""
    draft.finally_(lambda: _put(draft, node))


def _put(draft: Draft, node: Node) -> None:
    settings = CatchSettings.model_validate(node.config)
    scope = meant_items(draft, node, settings.nodes)
    if settings.handled:
        draft.taken_care_of.update(scope)
    teller = draft.name.item(node.id)
    listener = items.catch(draft.name.item(node.id, "listener"), title_of(node), sorted(scope))
    draft.put(node, listener, wires=[[teller]])

    def put_teller() -> None:  # when it is known what other catch nodes take care of
        text = script(
            "catch",
            caught=CAUGHT,
            owners=scope,
            # Node-RED takes every failure that a catch node hears of for taken care of, and we do not.
            unhealthy=[*sorted(scope.keys() - draft.taken_care_of)],
        )
        keeper = keeper_of(draft.name, "catch")
        item = items.function(teller, title_of(node), text, outputs=2)
        draft.put(node, item, wires=[*draft.wires_of(node, 1), [keeper]], at=STEP)

    draft.finally_(put_teller)


TRANSLATION: Final = Translation(translate)
