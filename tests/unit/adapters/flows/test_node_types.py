"""The list of node types is in the package that the layer carries."""

from importlib import resources

from edgeflow.adapters.flows.node_types import NodeTypeFile
from edgeflow.contract.rest.node_types import NodeTypeList


def test_it_is_the_file_beside_the_module_whole() -> None:
    read = NodeTypeFile().all()
    written = resources.files("edgeflow.adapters.flows").joinpath("node_types.json").read_bytes()
    assert read == NodeTypeList.model_validate_json(written)
    assert len(read.node_types) > 10
