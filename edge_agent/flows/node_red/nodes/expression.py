"""``expression`` is a function that evaluates by the JSONata that Node-RED has."""

from collections.abc import Mapping
from typing import Any, Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import PATHS, TEXTS, place, script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.expression import ExpressionSettings


def evaluate(settings: ExpressionSettings, variables: Mapping[str, Any]) -> str:
    """Return the script that sends on what the expression makes of a payload."""
    from edge_agent.flows.language import expressions  # noqa: PLC0415  it is large, and only needed here

    return script(
        "expression",
        libraries=[PATHS, TEXTS],
        text=settings.expression,
        path=place(settings.property_),
        variables=dict(variables),
        maxSeconds=expressions.MAX_SECONDS,
        maxDepth=expressions.MAX_DEPTH,
        maxItems=expressions.MAX_ITEMS,
        maxText=expressions.MAX_TEXT,
        maxWork=expressions.MAX_WORK,
        maxDistinct=expressions.MAX_DISTINCT,
        maxTimestamp=expressions.MAX_TIMESTAMP,
        maxTimestampParts=expressions.MAX_TIMESTAMP_PARTS,
    )


def translate(draft: Draft, node: Node) -> None:
    """Put the function."""
    text = evaluate(ExpressionSettings.model_validate(node.config), draft.variables)
    item = items.function(draft.name.item(node.id), title_of(node), text, outputs=1)
    draft.put(node, item, wires=draft.wires_of(node, 1))


TRANSLATION: Final = Translation(translate)
