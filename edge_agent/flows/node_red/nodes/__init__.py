"""EdgeFlow's node types that have a translation to Node-RED, each in a module that is named after it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge_agent.flows.node_red.draft import Translation
from edge_agent.flows.node_red.nodes import (
    catch,
    change,
    debug,
    delay,
    dht,
    expression,
    http_request,
    inject,
    link_in,
    link_out,
    mqtt_in,
    mqtt_out,
    status,
    switch,
    template,
)
from edge_agent.flows.node_red.nodes import filter as filter_

TRANSLATIONS: Final[Mapping[str, Translation]] = MappingProxyType({
    "catch": catch.TRANSLATION,
    "change": change.TRANSLATION,
    "debug": debug.TRANSLATION,
    "delay": delay.TRANSLATION,
    "dht": dht.TRANSLATION,
    "expression": expression.TRANSLATION,
    "filter": filter_.TRANSLATION,
    "http_request": http_request.TRANSLATION,
    "inject": inject.TRANSLATION,
    "link_in": link_in.TRANSLATION,
    "link_out": link_out.TRANSLATION,
    "mqtt_in": mqtt_in.TRANSLATION,
    "mqtt_out": mqtt_out.TRANSLATION,
    "status": status.TRANSLATION,
    "switch": switch.TRANSLATION,
    "template": template.TRANSLATION,
})  # fmt: skip
"""By the type's name."""
