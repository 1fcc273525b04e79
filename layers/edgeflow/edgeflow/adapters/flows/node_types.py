"""The list of node types, in the file that ``make node-types`` writes and the layer carries."""

from importlib import resources

from edgeflow.contract.rest.node_types import NodeTypeList


class NodeTypeFile:
    """Reads ``node_types.json`` beside this module; implements ``NodeTypes``."""

    def all(self) -> NodeTypeList:
        """See the port."""
        content = resources.files("edgeflow.adapters.flows").joinpath("node_types.json").read_bytes()
        return NodeTypeList.model_validate_json(content)
