"""Reading the list of node types: every type that a definition's settings are checked by, once."""

from edgeflow.adapters.flows.node_types import NodeTypeFile
from edgeflow.contract.nodes.kinds import KINDS
from edgeflow.use_cases.flows.read_node_types import ReadNodeTypes


def test_every_type_is_there_once_and_in_order() -> None:
    names = [each.type for each in ReadNodeTypes(NodeTypeFile())().node_types]
    assert names == sorted(set(names))
    assert set(KINDS) <= set(names)
