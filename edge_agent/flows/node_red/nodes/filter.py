"""``filter`` is a function that remembers."""

from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import PATHS, place, script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.filter import MAX_KEYS, ROUNDING, FilterSettings


def pass_changes(settings: FilterSettings) -> str:
    """Return the script that sends messages on whose value changed."""
    has_initial = "initial" in settings.model_fields_set
    return script(
        "filter",
        libraries=[PATHS],
        path=place(settings.property_),
        by=None if settings.by is None else place(settings.by),
        mode=settings.mode,
        band=settings.band,
        percent=settings.percent,
        comparesWithPassed=settings.compare_with == "passed",
        initial={"value": settings.initial} if has_initial else None,
        passFirst=settings.pass_first,
        maxKeys=MAX_KEYS,
        rounding=ROUNDING,
    )


def translate(draft: Draft, node: Node) -> None:
    """Put the function."""
    text = pass_changes(FilterSettings.model_validate(node.config))
    item = items.function(draft.name.item(node.id), title_of(node), text, outputs=1)
    draft.put(node, item, wires=draft.wires_of(node, 1))


TRANSLATION: Final = Translation(translate)
