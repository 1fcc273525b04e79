"""``template`` is a function that the template is compiled to."""

from collections.abc import Mapping
from typing import Any, Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import PATHS, TEMPLATES, TEXTS, place, script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.template import TemplateSettings


def fill_in(settings: TemplateSettings, variables: Mapping[str, Any]) -> str:
    """Return the script that sends on the filled in template."""
    from edge_agent.flows.language import templates  # noqa: PLC0415  as above
    from edge_agent.flows.node_red.template_script import compile_template  # noqa: PLC0415  Jinja only where it is needed

    return compile_template(settings.template) + script(
        "template",
        libraries=[PATHS, TEXTS, TEMPLATES],
        path=place(settings.property_),
        isJson=settings.format == "json",
        variables=dict(variables),
        maxSeconds=templates.MAX_SECONDS,
        maxOutput=templates.MAX_OUTPUT,
        maxRepeats=templates.MAX_REPEATS,
        maxDigits=templates.MAX_DIGITS,
    )


def translate(draft: Draft, node: Node) -> None:
    """Put the function."""
    text = fill_in(TemplateSettings.model_validate(node.config), draft.variables)
    item = items.function(draft.name.item(node.id), title_of(node), text, outputs=1)
    draft.put(node, item, wires=draft.wires_of(node, 1))


TRANSLATION: Final = Translation(translate)
