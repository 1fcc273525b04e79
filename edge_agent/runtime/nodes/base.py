"""What a node type is made of."""

from edge_agent.flows.builtin.nodes.base import AsyncNode, Emit, Node, NodeEnvironment, NodeError, Outcome, Schedule
from edgeflow.contract.nodes.base import Interval, NodeSettings

__all__ = [
    "AsyncNode",
    "Emit",
    "Interval",
    "Node",
    "NodeEnvironment",
    "NodeError",
    "NodeSettings",
    "Outcome",
    "Schedule",
]
