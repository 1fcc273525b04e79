"""EdgeFlow's node types that have a translation to Node-RED, each in a module that is named after it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge_agent.node_red.draft import Translation
from edge_agent.node_red.nodes import debug, dht, inject, mqtt_out, switch

TRANSLATIONS: Final[Mapping[str, Translation]] = MappingProxyType({
    "debug": debug.TRANSLATION,
    "dht": dht.TRANSLATION,
    "inject": inject.TRANSLATION,
    "mqtt_out": mqtt_out.TRANSLATION,
    "switch": switch.TRANSLATION,
})  # fmt: skip
"""By the type's name."""
