"""The node types that flows can name: the settings, input and outputs of each, whichever runtime they run on.

Their settings are models of the contract, by which the cloud checks them when a flow is published; here are the two
whose texts only a device can read. A new type of ours is one module in the contract, one beside each runtime's others,
and one line in the table of each.
"""

from typing import Any, Final

from edge_agent.flows.language.nodes.registry import NodeTypes
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.kinds import KINDS, NATIVE_TYPE

_HERE: Final = "edge_agent.flows.language.nodes"

NODE_KINDS: Final[NodeTypes[NodeKind[Any]]] = NodeTypes(
    NodeKind,
    {
        **{name: place for name, place in KINDS.items() if name != NATIVE_TYPE},
        "expression": f"{_HERE}.expression:CheckedExpressionKind",
        "template": f"{_HERE}.template:CheckedTemplateKind",
    },
)
"""Kind by the ``type`` that a flow's node names; those that packages bring are the built-in runtime's alone.

What a Node-RED alone runs, flows as it exports them, is not among them.
"""
