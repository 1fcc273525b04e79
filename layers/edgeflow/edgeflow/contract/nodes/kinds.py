"""Every node type by the name that flows give it. None is loaded before it is wanted: few flows name more than some."""

import importlib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from edgeflow.contract.nodes.kind import NodeKind

_HERE: Final = "edgeflow.contract.nodes"

NATIVE_TYPE: Final = "node-red"
"""The type of a node whose settings hold what Node-RED exports."""

KINDS: Final[Mapping[str, str]] = MappingProxyType({
    "catch": f"{_HERE}.catch:CatchKind",
    "change": f"{_HERE}.change:ChangeKind",
    "debug": f"{_HERE}.debug:DebugKind",
    "delay": f"{_HERE}.delay:DelayKind",
    "dht": f"{_HERE}.dht:DhtKind",
    "expression": f"{_HERE}.expression:ExpressionKind",
    "file": f"{_HERE}.file:FileKind",
    "filter": f"{_HERE}.filter:FilterKind",
    "gpio_in": f"{_HERE}.gpio_in:GpioInKind",
    "gpio_out": f"{_HERE}.gpio_out:GpioOutKind",
    "http_request": f"{_HERE}.http_request:HttpRequestKind",
    "inject": f"{_HERE}.inject:InjectKind",
    "link_in": f"{_HERE}.link:LinkInKind",
    "link_out": f"{_HERE}.link:LinkOutKind",
    "mqtt_in": f"{_HERE}.mqtt_in:MqttInKind",
    "mqtt_out": f"{_HERE}.mqtt_out:MqttOutKind",
    NATIVE_TYPE: f"{_HERE}.node_red:NativeKind",
    "status": f"{_HERE}.status:StatusKind",
    "switch": f"{_HERE}.switch:SwitchKind",
    "template": f"{_HERE}.template:TemplateKind",
})  # fmt: skip
"""``module:Class`` by type. Types that packages bring to devices are not among them; only devices know those."""


@cache
def kind_of(name: str) -> type[NodeKind[Any]]:
    """Return what is known of a type. Raises KeyError: it is none of ours."""
    module, _, kind = KINDS[name].partition(":")
    found: type[NodeKind[Any]] = getattr(importlib.import_module(module), kind)
    return found
