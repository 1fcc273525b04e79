"""The node types that flows can name: the settings, input and outputs of each, whichever runtime they run on.

A new type of ours is one module here, one beside each runtime's others, and one line in the table of each.
"""

from typing import Any, Final

from edge_agent.flows.language.nodes.kind import NodeKind
from edge_agent.flows.language.nodes.registry import NodeTypes

_HERE: Final = "edge_agent.flows.language.nodes"

NODE_KINDS: Final[NodeTypes[NodeKind[Any]]] = NodeTypes(
    NodeKind,
    {
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
        "status": f"{_HERE}.status:StatusKind",
        "switch": f"{_HERE}.switch:SwitchKind",
        "template": f"{_HERE}.template:TemplateKind",
    },
)
"""Kind by the ``type`` that a flow's node names; those that packages bring are the built-in runtime's alone."""
