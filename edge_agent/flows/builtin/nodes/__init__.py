"""The node types that the built-in runtime runs, each in a module of its own; ``NODE_TYPES`` names them all."""

from typing import Any, Final

from edge_agent.flows.builtin.nodes.base import Node
from edge_agent.flows.language.nodes.registry import NodeTypes

_HERE: Final = "edge_agent.flows.builtin.nodes"
ENTRY_POINTS: Final = "edgeflow.nodes"
"""Group in which a package names its node types: ``type = "package.module:Class"``."""

NODE_TYPES: Final[NodeTypes[Node[Any]]] = NodeTypes(
    Node,
    {
        "catch": f"{_HERE}.catch:CatchNode",
        "change": f"{_HERE}.change:ChangeNode",
        "debug": f"{_HERE}.debug:DebugNode",
        "delay": f"{_HERE}.delay:DelayNode",
        "dht": f"{_HERE}.dht:DhtNode",
        "expression": f"{_HERE}.expression:ExpressionNode",
        "file": f"{_HERE}.file:FileNode",
        "filter": f"{_HERE}.filter:FilterNode",
        "gpio_in": f"{_HERE}.gpio_in:GpioInNode",
        "gpio_out": f"{_HERE}.gpio_out:GpioOutNode",
        "http_request": f"{_HERE}.http_request:HttpRequestNode",
        "inject": f"{_HERE}.inject:InjectNode",
        "link_in": f"{_HERE}.link:LinkInNode",
        "link_out": f"{_HERE}.link:LinkOutNode",
        "mqtt_in": f"{_HERE}.mqtt_in:MqttInNode",
        "mqtt_out": f"{_HERE}.mqtt_out:MqttOutNode",
        "status": f"{_HERE}.status:StatusNode",
        "switch": f"{_HERE}.switch:SwitchNode",
        "template": f"{_HERE}.template:TemplateNode",
    },
    brought_by=ENTRY_POINTS,
)
"""Class by the ``type`` that a flow's node names; packages bring more by the entry points ``edgeflow.nodes``."""
