"""``delay`` is a function with timers; Node-RED ends them when it stops the function."""

from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import PATHS, place, script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.delay import DelaySettings


def hold_up(settings: DelaySettings) -> str:
    """Return the script that sends messages on later."""
    shortest = settings.time.total_seconds() * 1_000
    longest = shortest if settings.at_most is None else settings.at_most.total_seconds() * 1_000
    return script(
        "delay",
        libraries=[PATHS],
        shortest=shortest,
        longest=longest,
        spacing=shortest / settings.messages if settings.mode == "rate" else None,
        drops=settings.excess == "drop",
        keep=settings.keep,
        reset=None if settings.reset is None else place(settings.reset),
    )


def translate(draft: Draft, node: Node) -> None:
    """Put the function."""
    text = hold_up(DelaySettings.model_validate(node.config))
    item = items.function(draft.name.item(node.id), title_of(node), text, outputs=1)
    draft.put(node, item, wires=draft.wires_of(node, 1))


TRANSLATION: Final = Translation(translate)
