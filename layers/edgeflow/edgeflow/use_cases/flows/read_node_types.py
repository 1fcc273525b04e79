"""Reading which types of node there are, for whoever draws flows."""

from dataclasses import dataclass

from edgeflow.contract.rest.node_types import NodeTypeList
from edgeflow.use_cases.flows.ports import NodeTypes


@dataclass(frozen=True, slots=True)
class ReadNodeTypes:
    """Show every type of node that EdgeFlow knows."""

    node_types: NodeTypes

    def __call__(self) -> NodeTypeList:
        """Return them, by name."""
        return self.node_types.all()
