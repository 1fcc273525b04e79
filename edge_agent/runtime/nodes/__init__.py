"""The node types that this agent knows. A new type of ours is one module here and one line in ``NODE_TYPES``."""

from typing import Final

from edge_agent.runtime.nodes.registry import NodeTypes

_HERE: Final = "edge_agent.runtime.nodes"

NODE_TYPES: Final = NodeTypes(
    {
        "catch": f"{_HERE}.catch:CatchNode",
        "debug": f"{_HERE}.debug:DebugNode",
        "dht": f"{_HERE}.dht:DhtNode",
        "http_request": f"{_HERE}.http_request:HttpRequestNode",
        "inject": f"{_HERE}.inject:InjectNode",
        "link_in": f"{_HERE}.link:LinkInNode",
        "link_out": f"{_HERE}.link:LinkOutNode",
        "mqtt_in": f"{_HERE}.mqtt_in:MqttInNode",
        "mqtt_out": f"{_HERE}.mqtt_out:MqttOutNode",
        "status": f"{_HERE}.status:StatusNode",
        "switch": f"{_HERE}.switch:SwitchNode",
    }
)
"""Class by the ``type`` that a flow's node names; packages bring more by the entry points ``edgeflow.nodes``."""
