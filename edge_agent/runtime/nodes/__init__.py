"""The node types that this agent knows. A new type is one module here and one line in ``NODE_TYPES``."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from edge_agent.runtime.nodes.base import Node
from edge_agent.runtime.nodes.change import ChangeNode
from edge_agent.runtime.nodes.debug import DebugNode
from edge_agent.runtime.nodes.delay import DelayNode
from edge_agent.runtime.nodes.dht import DhtNode
from edge_agent.runtime.nodes.expression import ExpressionNode
from edge_agent.runtime.nodes.file import FileNode
from edge_agent.runtime.nodes.filter import FilterNode
from edge_agent.runtime.nodes.gpio_in import GpioInNode
from edge_agent.runtime.nodes.gpio_out import GpioOutNode
from edge_agent.runtime.nodes.inject import InjectNode
from edge_agent.runtime.nodes.mqtt_out import MqttOutNode
from edge_agent.runtime.nodes.switch import SwitchNode
from edge_agent.runtime.nodes.template import TemplateNode

NODE_TYPES: Final[Mapping[str, type[Node[Any]]]] = MappingProxyType(
    {
        "change": ChangeNode,
        "debug": DebugNode,
        "delay": DelayNode,
        "dht": DhtNode,
        "expression": ExpressionNode,
        "file": FileNode,
        "filter": FilterNode,
        "gpio_in": GpioInNode,
        "gpio_out": GpioOutNode,
        "inject": InjectNode,
        "mqtt_out": MqttOutNode,
        "switch": SwitchNode,
        "template": TemplateNode,
    }
)
"""Class by the ``type`` that a flow's node names."""
