"""EdgeFlow's node types that have a translation to Node-RED, each in a module that is named after it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge_agent.node_red.draft import Translation
from edge_agent.node_red.nodes import change, debug, delay, dht, expression, inject, mqtt_out, switch, template
from edge_agent.node_red.nodes import filter as filter_

TRANSLATIONS: Final[Mapping[str, Translation]] = MappingProxyType({
    "change": change.TRANSLATION,
    "debug": debug.TRANSLATION,
    "delay": delay.TRANSLATION,
    "dht": dht.TRANSLATION,
    "expression": expression.TRANSLATION,
    "filter": filter_.TRANSLATION,
    "inject": inject.TRANSLATION,
    "mqtt_out": mqtt_out.TRANSLATION,
    "switch": switch.TRANSLATION,
    "template": template.TRANSLATION,
})  # fmt: skip
"""By the type's name."""
